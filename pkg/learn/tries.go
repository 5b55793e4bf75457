package learn

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// attempts are calls of one path that stand one after the other in a plan: those that fail, and
// the last one, which may fail as well.
type attempts struct {
	to       *path
	first, n int       // groups of the plan
	last     *class    // of the last attempt
	again    []float64 // by how many attempts there are before it, of the spans of the plan
}

// maxAttempts is how many attempts of a call there are at most for them to be told as such.
const maxAttempts = 20

// attempts returns where the spans of a plan call something until it succeeds, or once where
// they do not call it again. ok is false for what is also called again after it has succeeded.
func (x *plan) attempts(visit func(a attempts, ok bool)) {
	if x.mixed {
		return
	}
	for i := 0; i < len(x.groups); i++ {
		to := onePath(x.groups[i])
		if to == nil {
			continue
		}
		a, good := attempts{to: to, first: i, again: []float64{1}}, true
		for ; i < len(x.groups) && onePath(x.groups[i]) == to; i++ {
			r := &x.groups[i][0]
			good = good && (a.last == nil || a.last.failed())
			_, most := r.counts.Bounds()
			good = good && most <= maxAttempts && (most <= 1 || r.class.failed())
			a.last = r.class
			if a.n++; good {
				a.again = after(a.again, r)
			}
		}
		a.again = a.again[1:] // what is counted is all of them
		visit(a, good)
		i--
	}
}

// onePath is the path of which a group is, one after the other; nil where it is of several, or
// where nobody waits.
func onePath(runs []run) *path {
	if r := &runs[0]; len(runs) == 1 && !r.together && r.waited() && r.share >= 1 {
		return r.class.path
	}
	return nil
}

// after returns how many attempts there have been after some more of them.
func after(before []float64, r *run) []float64 {
	out := make([]float64, len(before)+1)
	r.counts.Each(func(low, _ float64, n uint64) {
		more := int(math.Ceil(low))
		for len(out) < len(before)+more {
			out = append(out, 0)
		}
		for i, share := range before {
			out[i+more] += float64(share * float64(n) / float64(r.counts.Count()))
		}
	})
	return out
}

// tries is how attempts of a call go: how many come to be the first, the second and so on, and
// how many of these succeed.
type tries struct {
	to         *path
	made, good []float64
	traces     []float64 // in which there are so many
	unlike     bool      // it is called again after it has succeeded, too
}

// triesOf finds what spans of a path call again when it has failed, and only then.
func (g *grammar) triesOf(at *path) (out []*tries) {
	by := make(map[*path]*tries)
	for _, c := range at.classes {
		for _, p := range c.plans {
			p.attempts(func(a attempts, ok bool) {
				t := by[a.to]
				if t == nil {
					t = &tries{to: a.to}
					by[a.to] = t
					out = append(out, t)
				}
				t.add(p, &a, ok)
			})
		}
	}
	k := float64(g.k)
	out = slices.DeleteFunc(out, func(t *tries) bool { return t.unlike || len(t.traces) < 2 || t.traces[1] < k || t.good[0] < k })
	for _, t := range out {
		for t.traces[len(t.traces)-1] < k { // that there are more is not said
			t.made, t.good, t.traces = t.made[:len(t.made)-1], t.good[:len(t.good)-1], t.traces[:len(t.traces)-1]
		}
	}
	slices.SortStableFunc(out, func(a, b *tries) int { return cmp.Compare(b.made[0], a.made[0]) })
	return out
}

func (t *tries) add(p *plan, a *attempts, ok bool) {
	if !ok {
		t.unlike = true
		return
	}
	for i, share := range a.again {
		for len(t.made) <= i {
			t.made, t.good, t.traces = append(t.made, 0), append(t.good, 0), append(t.traces, 0)
		}
		n := float64(share * float64(p.spans))
		for k := range i + 1 {
			t.made[k] += n
			t.traces[k] += float64(share * float64(p.traces))
		}
		if !a.last.failed() {
			t.good[i] += n
		}
	}
}

// tried says how attempts of what is called again go, of all spans of a path.
func (w *writer) tried(at *path) string {
	var lines []string
	for _, t := range w.g.triesOf(at) {
		var said []string
		for i, made := range t.made {
			said = append(said, fmt.Sprintf("%s %s of %s", ordinal(i+1), text.Grouped(uint64(math.Round(t.good[i]))), text.Grouped(uint64(math.Round(made)))))
		}
		lines = append(lines, fmt.Sprintf("Attempts of %s that are ok: %s.", w.spanName(t.to.classes[0]), strings.Join(said, ", ")))
	}
	return strings.Join(lines, "\n")
}

// ordinal is a number of up to maxAttempts that says which of several.
func ordinal(n int) string {
	switch n {
	case 1:
		return "1st"
	case 2:
		return "2nd"
	case 3:
		return "3rd"
	}
	return fmt.Sprint(n, "th")
}
