package input

import "strconv"

// File is an input file: its bytes, and the name that messages show.
type File struct {
	Name string
	Data []byte
}

// Pos is a position in an input file. Line and Column count from 1; a zero
// Line means the file as a whole.
type Pos struct {
	File         string
	Line, Column int
}

// String returns file:line:column, or the file alone.
func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}
