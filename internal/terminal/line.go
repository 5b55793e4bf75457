package terminal

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Line is a line on a terminal that is overwritten. The zero value has nothing on it.
type Line struct {
	shown int // columns
}

// Show puts text in place of what was shown before. It is cut to what there is room
// for: a line as wide as the terminal makes some go on to the next one.
func (l *Line) Show(w io.Writer, text string) {
	if columns, ok := Width(w); ok {
		text = fit(text, columns-1)
		l.shown = min(l.shown, max(columns-1, 0))
	}
	// Blanks hide what the line before had more.
	fmt.Fprintf(w, "\r%-*s", l.shown, text)
	l.shown = utf8.RuneCountInString(text)
}

// Clear takes away what is shown, so that what is printed next has the line.
func (l *Line) Clear(w io.Writer) {
	if l.shown > 0 {
		fmt.Fprintf(w, "\r%s\r", strings.Repeat(" ", l.shown))
		l.shown = 0
	}
}

// Leave leaves what is shown where it is, and goes on to the next line.
func (l *Line) Leave(w io.Writer) {
	if l.shown > 0 {
		fmt.Fprintln(w)
		l.shown = 0
	}
}

// fit cuts a line to a number of columns.
func fit(line string, columns int) string {
	columns = max(columns, 0)
	for i := range line {
		if columns == 0 {
			return line[:i]
		}
		columns--
	}
	return line
}
