package stats

import (
	"strings"
	"unicode/utf8"
)

// width is that of a line, in columns.
const width = 100

// table is rows of cells below heads. The first column is as wide as there is room
// for, and cut beyond; cells of the others are aligned by their heads: one that
// begins with "<" stands for text, which begins at the left.
type table struct {
	heads  []string
	rows   [][]string
	middle bool // the first column is cut in the middle: what differs is at the end
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

// write writes the table, indented.
func (t *table) write(b *strings.Builder) {
	if len(t.rows) == 0 {
		return
	}
	widths := make([]int, len(t.heads))
	left := make([]bool, len(t.heads))
	heads := make([]string, len(t.heads))
	for i, h := range t.heads {
		heads[i], left[i] = strings.CutPrefix(h, "<")
		widths[i] = utf8.RuneCountInString(heads[i])
	}
	left[0] = true
	for _, r := range t.rows {
		for i, c := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	rest := width - 2
	for _, w := range widths[1:] {
		rest -= w + 2
	}
	widths[0] = min(widths[0], max(rest, 16))
	for _, r := range append([][]string{heads}, t.rows...) {
		line := "  "
		for i, c := range r {
			if i > 0 {
				line += "  "
			}
			if i == 0 && t.middle {
				c = cutMiddle(c, widths[i])
			}
			c = cut(c, widths[i])
			pad := strings.Repeat(" ", max(widths[i]-utf8.RuneCountInString(c), 0))
			if left[i] {
				line += c + pad
			} else {
				line += pad + c
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// cut returns a text of at most so many characters, which ends in "..." where some
// are left out.
func cut(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	r := []rune(s)
	return string(r[:max(most-3, 0)]) + "..."
}

// cutMiddle is cut for a text whose end matters as much as its start.
func cutMiddle(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	head := max(most-3, 0) * 2 / 5
	return string(r[:head]) + "..." + string(r[len(r)-max(most-3-head, 0):])
}

// wrap breaks a text at spaces into lines of so many characters, as many as there may
// be; where it is longer, the last ends in "...".
func wrap(s string, most, lines int) (out []string) {
	for utf8.RuneCountInString(s) > most && len(out) < lines-1 {
		r := []rune(s)
		at := most
		for at > 0 && r[at] != ' ' {
			at--
		}
		if at == 0 {
			at = most
		}
		out, s = append(out, strings.TrimRight(string(r[:at]), " ")), strings.TrimLeft(string(r[at:]), " ")
	}
	return append(out, cut(s, most))
}
