package scenario

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// pace reads how late what comes at a pace is, and how many are due at once.
func (l *loader) pace(x input.Map, out *arrivals.Model) {
	if n := x.Int("together", 1, 1, arrivals.MaxTogether); n > 1 {
		out.Together = uint64(n)
	}
	n := x.Get("late")
	switch {
	case n == nil:
	case n.Kind == input.Mapping:
		out.Late = l.lateness(n)
	default:
		if by, ok := l.lateBy(n); ok {
			out.Late = []arrivals.Late{{By: by, Weight: arrivals.Million}}
		}
	}
}

// lateBy reads a time that is so many times the mean distance of iterations.
func (l *loader) lateBy(n *input.Node) (uint64, bool) {
	v, ok := n.Within(l.p, 0, arrivals.MaxLate/arrivals.Million)
	return millionths(v), ok
}

// lateness reads a mapping of times to how many are up to that late. It has no order, so they
// get one.
func (l *loader) lateness(n *input.Node) (out []arrivals.Late) {
	section, ok := n.Map(l.p)
	if !ok {
		return nil
	}
	taken := make(map[uint64]input.Pos)
	for _, e := range section.Entries() {
		by, ok := l.lateBy(e.Name)
		if !ok {
			continue
		}
		if first, twice := taken[by]; twice {
			l.p.Errorf(e.Pos, "%s: %s is there twice; the first is at %s", n.Path(), input.Quote(e.Key), first)
			continue
		}
		taken[by] = e.Pos
		weight, ok := e.Value.Within(l.p, 0, arrivals.MaxRate/arrivals.Million)
		switch w := millionths(weight); {
		case !ok:
		case w == 0:
			e.Value.Fail(l.p, "%v is no weight: want a millionth at least", weight)
		default:
			out = append(out, arrivals.Late{By: by, Weight: w})
		}
	}
	switch {
	case len(section.Entries()) == 0:
		n.Fail(l.p, "says nothing: want times to weights")
	case len(out) > arrivals.MaxLateness:
		n.Fail(l.p, "%d times, want at most %d", len(out), arrivals.MaxLateness)
	}
	slices.SortFunc(out, func(a, b arrivals.Late) int { return cmp.Compare(a.By, b.By) })
	return out
}
