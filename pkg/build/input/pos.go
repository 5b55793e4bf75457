// Package input reads YAML files into nodes with positions, within limits that
// hostile files cannot pass, and collects what is wrong with them: every
// problem at once, each with its place, what was found, what is allowed and
// the nearest valid name. Nothing is decoded into structs, so no key is
// ignored by accident.
package input

import "strconv"

// File is an input file: its bytes, and the name that messages show.
type File struct {
	Name string
	Data []byte
	Err  error // why there are no bytes; Load tells it
	// Base is what a file that says "extends: bundled" is laid over; nil: it may not.
	Base *File
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
