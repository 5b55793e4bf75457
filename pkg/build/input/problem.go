package input

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one finding about an input file. A warning does not stop the
// work; anything else does.
type Problem struct {
	Pos     Pos
	Warning bool
	Text    string
}

// String returns the problem as one line: "file:3:7: text".
func (p Problem) String() string {
	if p.Warning {
		return p.Pos.String() + ": warning: " + p.Text
	}
	return p.Pos.String() + ": " + p.Text
}

// Problems collects findings, so that a user sees all of them at once. The
// zero value is empty and ready for use; it is not safe for concurrent use.
type Problems struct {
	list []Problem
	seen map[Problem]bool
}

// Errorf adds an error.
func (p *Problems) Errorf(pos Pos, format string, args ...any) {
	p.add(Problem{Pos: pos, Text: fmt.Sprintf(format, args...)})
}

// Warnf adds a warning.
func (p *Problems) Warnf(pos Pos, format string, args ...any) {
	p.add(Problem{Pos: pos, Warning: true, Text: fmt.Sprintf(format, args...)})
}

// add keeps one of several equal problems: an anchor that is used twice is
// read twice, and its mistakes are still one mistake.
func (p *Problems) add(problem Problem) {
	if p.seen[problem] {
		return
	}
	if p.seen == nil {
		p.seen = make(map[Problem]bool)
	}
	p.seen[problem] = true
	p.list = append(p.list, problem)
}

// Errors returns the number of errors.
func (p *Problems) Errors() int {
	n := 0
	for _, problem := range p.list {
		if !problem.Warning {
			n++
		}
	}
	return n
}

// Warnings returns the number of warnings.
func (p *Problems) Warnings() int { return len(p.list) - p.Errors() }

// All returns a copy of the problems, sorted by file, line and column; those
// of one position stay in the order in which they were found.
func (p *Problems) All() []Problem {
	all := slices.Clone(p.list)
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return all
}

// Err returns nil when there are no errors, and otherwise an *Error with all
// problems, warnings included.
func (p *Problems) Err() error {
	if p.Errors() == 0 {
		return nil
	}
	return &Error{Problems: p.All()}
}

// Error says that input cannot be used. It is distinct from other errors
// because a command answers it with the exit code for bad input.
type Error struct{ Problems []Problem }

// Error lists every problem, one per line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}
