package input

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// Problem is one finding about an input file. A warning does not stop the
// work; anything else does.
type Problem struct {
	Pos      Pos
	Warning  bool
	Text     string
	Rule     string // the rule that is broken, for reports; empty: input in general
	WeaverID string // what OpenTelemetry Weaver calls such a finding; empty: it has no name for it
}

// maxLine is how many bytes of a problem's text are shown.
const maxLine = 2000

// String returns the problem as one line that is fit for a terminal:
// "file:3:7: text".
func (p Problem) String() string {
	kind := ": "
	if p.Warning {
		kind = ": warning: "
	}
	return text.Clean(p.Pos.String()) + kind + text.Line(p.Text, maxLine)
}

// maxKept is how many errors, and how many warnings, are kept. Further ones
// are counted: a file can be wrong in a hundred thousand places.
const maxKept = 1000

// Problems collects findings, so that a user sees all of them at once. The
// zero value is empty and ready for use; it is not safe for concurrent use.
type Problems struct {
	list             []Problem
	seen             map[Problem]bool
	errors, warnings int
	repeated         int // errors that were added again
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
		if !problem.Warning {
			p.repeated++
		}
		return
	}
	count := &p.errors
	if problem.Warning {
		count = &p.warnings
	}
	*count++
	if *count > maxKept {
		return
	}
	if p.seen == nil {
		p.seen = make(map[Problem]bool)
	}
	p.seen[problem] = true
	p.list = append(p.list, problem)
}

// Add adds problems that were found apart.
func (p *Problems) Add(problems ...Problem) {
	for _, problem := range problems {
		p.add(problem)
	}
}

// Join adds all problems of another list, those too that it only counts.
func (p *Problems) Join(other *Problems) {
	p.Add(other.list...)
	kept := other.Warnings()
	for _, problem := range other.list {
		if problem.Warning {
			kept--
		}
	}
	p.warnings += kept
	p.errors += other.errors + other.warnings - len(other.list) - kept
	p.repeated += other.repeated
}

// Replace puts what f makes of each problem that is kept in its place.
func (p *Problems) Replace(f func(Problem) Problem) {
	clear(p.seen)
	for i, problem := range p.list {
		p.list[i] = f(problem)
		p.seen[p.list[i]] = true
	}
}

// Errors returns the number of errors, of which equal ones are one.
func (p *Problems) Errors() int { return p.errors }

// Found returns how many errors were found, equal ones each time. What was read while
// it stayed the same is sound, also where its mistakes would have been said before.
func (p *Problems) Found() int { return p.errors + p.repeated }

// Warnings returns the number of warnings.
func (p *Problems) Warnings() int { return p.warnings }

// First returns at most n problems for people to read, as All does, and how
// many there are beyond them. Errors come before warnings when there is no room
// for all.
func (p *Problems) First(n int) (shown []Problem, more int) {
	shown = p.All()
	more = p.errors + p.warnings - len(shown)
	if left := len(shown) - n; left > 0 {
		kept := shown[:0]
		warnings := max(0, n-min(p.errors, maxKept))
		room := n - warnings
		for _, problem := range shown {
			switch {
			case problem.Warning && warnings > 0:
				warnings--
			case !problem.Warning && room > 0:
				room--
			default:
				continue
			}
			kept = append(kept, problem)
		}
		shown, more = kept, more+left
	}
	return shown, more
}

// All returns a copy of the problems that were kept, sorted by file, line and column; those
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

// Err returns nil when there are no errors, and otherwise an *Error with the
// problems, warnings included.
func (p *Problems) Err() error {
	if p.Errors() == 0 {
		return nil
	}
	return &Error{Problems: p.All(), More: p.errors + p.warnings - len(p.list)}
}

// AddErr adds the problems of an *Error, as Err returned it, and returns any
// other error.
func (p *Problems) AddErr(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	p.Add(e.Problems...)
	p.errors += e.More
	return nil
}

// Error says that input cannot be used. It is distinct from other errors
// because a command answers it with the exit code for bad input.
type Error struct {
	Problems []Problem
	More     int // problems that were counted and not kept
}

// Error lists the problems, one per line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, problem := range e.Problems {
		lines[i] = problem.String()
	}
	if e.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", e.More))
	}
	return strings.Join(lines, "\n")
}
