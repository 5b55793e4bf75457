package learn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// node is a piece of a YAML file: a scalar, a mapping or a list, with what is said of it.
type node struct {
	text    string  // of a scalar, as it is written
	entries []entry // of a mapping
	items   []*node // of a list
	list    bool
	above   string // comment on lines of its own before it
	beside  string // comment at the end of its first line
}

type entry struct {
	key   string // as it is written
	value *node
}

// lineWidth is how long a line may be that holds more than a scalar.
const lineWidth = 110

func mapping() *node { return &node{entries: []entry{}} }

func list(items ...*node) *node { return &node{items: items, list: true} }

// word is a scalar that is text.
func word(s string) *node { return &node{text: quoted(s)} }

// raw is a scalar as it is written: a number, true or false.
func raw(s string) *node { return &node{text: s} }

// put adds a key.
func (n *node) put(key string, value *node) *node {
	n.entries = append(n.entries, entry{quoted(key), value})
	return value
}

// listed returns the items of the list of a key, as they are written.
func (n *node) listed(key string) (out []string) {
	for _, e := range n.entries {
		if e.key == key {
			for _, x := range e.value.items {
				out = append(out, x.text)
			}
		}
	}
	return out
}

// putRaw adds a key as it is written, such as a number.
func (n *node) putRaw(key string, value *node) {
	n.entries = append(n.entries, entry{key, value})
}

// plain matches text that means itself in YAML, in lists in brackets too. That it is no
// number and no word with a meaning is looked at besides.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_./+*-]*( [A-Za-z0-9_./+*-]+)*$`)

// meaningful are words that YAML readers take for something else than text.
var meaningful = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity"}

// quoted returns text as a scalar.
func quoted(s string) string {
	if plain.MatchString(s) && !slices.Contains(meaningful, strings.ToLower(s)) {
		return s
	}
	return strconv.QuoteToASCII(strings.ToValidUTF8(s, "\ufffd"))
}

func (n *node) scalar() bool { return n.entries == nil && !n.list }

// said reports comments on what is within.
func (n *node) said() bool {
	for _, e := range n.entries {
		if e.value.above+e.value.beside != "" || e.value.said() {
			return true
		}
	}
	for _, x := range n.items {
		if x.above+x.beside != "" || x.said() {
			return true
		}
	}
	return false
}

// flow returns the node in one line.
func (n *node) flow() string {
	var b strings.Builder
	n.inline(&b)
	return b.String()
}

func (n *node) inline(b *strings.Builder) {
	switch {
	case n.list:
		b.WriteByte('[')
		for i, x := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			x.inline(b)
		}
		b.WriteByte(']')
	case n.scalar():
		b.WriteString(n.text)
	default:
		b.WriteByte('{')
		for i, e := range n.entries {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(e.key)
			b.WriteString(": ")
			e.value.inline(b)
		}
		b.WriteByte('}')
	}
}

// oneLine reports whether the node stands in one line after so many bytes.
func (n *node) oneLine(before int) bool {
	if n.scalar() || len(n.entries)+len(n.items) == 0 {
		return true
	}
	numbers := n.list && !slices.ContainsFunc(n.items, func(x *node) bool { return !x.scalar() })
	return !n.said() && (numbers || before+len(n.flow()) <= lineWidth)
}

// write appends the node as a block, each line after so many spaces.
func (n *node) write(b *strings.Builder, indent int) {
	for _, e := range n.entries {
		comment(b, e.value.above, indent)
		pad(b, indent)
		b.WriteString(e.key)
		b.WriteByte(':')
		e.value.after(b, indent, len(e.key)+1+indent)
	}
	for _, x := range n.items {
		comment(b, x.above, indent)
		pad(b, indent)
		b.WriteByte('-')
		if x.oneLine(indent+2) || x.list {
			x.after(b, indent, indent+1)
			continue
		}
		var inner strings.Builder
		if x.beside != "" {
			b.WriteString(" # " + x.beside + "\n")
			pad(b, indent+1)
		}
		x.write(&inner, indent+2)
		b.WriteString(inner.String()[indent+1:])
	}
}

// after appends the node after its key or dash, which began at indent.
func (n *node) after(b *strings.Builder, indent, before int) {
	end := func() {
		if n.beside != "" {
			b.WriteString(" # " + n.beside)
		}
		b.WriteByte('\n')
	}
	if n.oneLine(before + 1) {
		b.WriteByte(' ')
		b.WriteString(n.flow())
		end()
		return
	}
	end()
	n.write(b, indent+2)
}

func comment(b *strings.Builder, text string, indent int) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		pad(b, indent)
		b.WriteString(strings.TrimRight("# "+line, " "))
		b.WriteByte('\n')
	}
}

func pad(b *strings.Builder, n int) {
	for range n {
		b.WriteByte(' ')
	}
}
