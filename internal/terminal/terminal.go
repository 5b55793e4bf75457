// Package terminal tells whether a writer is a terminal and how wide that is, and has
// the line on it that says how far a program is.
//
//	var line terminal.Line
//	if terminal.Is(stderr) {
//		line.Show(stderr, "2 of 10 segments")
//	}
//	line.Clear(stderr)
//
// A character device is not always one: /dev/null is none.
package terminal

import (
	"io"
	"os"
	"strconv"
)

// usual is the width of a terminal that does not know its own.
const usual = 80

// Width returns how many columns the terminal w has, and false when w is no
// terminal that can overwrite a line. The variable COLUMNS counts where the
// terminal does not know.
func Width(w io.Writer) (columns int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || os.Getenv("TERM") == "dumb" {
		return 0, false
	}
	columns, ok = size(f)
	if ok && columns <= 0 {
		columns = usual
		if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
			columns = n
		}
	}
	return columns, ok
}

// Is reports whether w is a terminal that can overwrite a line.
func Is(w io.Writer) bool {
	_, ok := Width(w)
	return ok
}
