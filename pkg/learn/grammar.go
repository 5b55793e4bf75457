package learn

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// grammar is what a profile says of trees of spans, without what too few traces have.
type grammar struct {
	p     *profile.Profile
	k     uint64 // traces that something needs to be said
	byID  map[profile.ClassID]*class
	paths map[uint64]*path
	order []*path // by spans, then service and name
	edges map[edge]uint64
	left  left
}

// left counts what is left out for being in too few traces.
type left struct {
	classes, spans       uint64 // no trace has them any more
	plans, planSpans     uint64 // spans that do something rare: taken for the nearest
	otherSpans, cutSpans uint64 // taken for a mixture; below themselves
	edgeSpans            uint64 // that call what too few traces call from there
	roots                uint64 // spans that begin traces, as too few of their like do
}

// path is the classes that differ in their outcome alone.
type path struct {
	id      uint64
	classes []*class // that are kept, by spans
	spans   uint64
	roots   uint64
	callers int  // places that name it
	retried bool // it is called again
}

// class is a profile.Class that enough traces have.
type class struct {
	*profile.Class
	id    profile.ClassID
	path  *path
	plans []*plan // by spans
	said  []*plan // as which they are written; nil: as they are
}

// plan is what spans of a class do: groups of children, one after the other.
type plan struct {
	spans, traces uint64
	groups        [][]run
	lasts         lasts
	mixed         bool // of what is too rare to be said by itself: each run is there or not

	productions []uint64 // of which it is made, by their hashes
}

// run is children of a class.
type run struct {
	class        *class
	async, after bool
	together     bool // several of them run at the same time
	counts       *sketch.Numbers
	wait         *sketch.Numbers // ns, of what is after: since the end of the span
	share        float64         // of spans that have any; 1 of all plans but mixed ones
	retry        *retry          // the class is that of the last attempt; nil: there are no others
}

func newGrammar(p *profile.Profile, k uint64) *grammar {
	g := &grammar{p: p, k: max(k, 1), byID: make(map[profile.ClassID]*class), paths: make(map[uint64]*path)}
	ids := slices.Sorted(maps.Keys(p.Classes))
	for _, id := range ids {
		c := p.Classes[id]
		if c.Traces < g.k {
			g.left.classes++
			g.left.spans += c.Spans
			continue
		}
		at := g.paths[c.Path]
		if at == nil {
			at = &path{id: c.Path}
			g.paths[c.Path] = at
		}
		x := &class{Class: c, id: id, path: at}
		at.classes = append(at.classes, x)
		at.spans += c.Spans
		at.roots += c.Roots
		g.byID[id] = x
	}
	g.sort()
	for _, at := range g.order {
		if at.roots < g.k { // that it begins traces is not said either
			g.left.roots += at.roots
			at.roots = 0
		}
	}
	g.findEdges()
	for _, at := range g.order {
		for _, c := range at.classes {
			g.plan(c)
		}
	}
	return g
}

func (g *grammar) sort() {
	for _, id := range slices.Sorted(maps.Keys(g.paths)) {
		at := g.paths[id]
		slices.SortStableFunc(at.classes, func(a, b *class) int {
			return cmp.Or(cmp.Compare(b.Spans, a.Spans), cmp.Compare(a.Outcome, b.Outcome), cmp.Compare(a.id, b.id))
		})
		g.order = append(g.order, at)
	}
	slices.SortStableFunc(g.order, func(a, b *path) int {
		x, y := a.classes[0], b.classes[0]
		return cmp.Or(cmp.Compare(b.spans, a.spans), cmp.Compare(x.Service, y.Service), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Kind, y.Kind))
	})
}

// entry reports whether a class enters a service.
func (c *class) entry() bool { return c.Above == 0 }

// failed reports whether spans of the class end with an error.
func (c *class) failed() bool { return c.Outcome != "" }

// stand returns the class that stands for one: itself, or where too few traces have it the
// most frequent one that differs in the outcome alone; nil where there is none.
func (g *grammar) stand(id profile.ClassID) *class {
	if x := g.byID[id]; x != nil {
		return x
	}
	c := g.p.Classes[id]
	if c == nil {
		return nil
	}
	if at := g.paths[c.Path]; at != nil {
		return at.classes[0]
	}
	return nil
}

// plan finds what a class does. What too few traces do is taken for the nearest of what is
// kept; where that would be much, it is a plan of its own that mixes all of it, if that is of
// enough traces.
func (g *grammar) plan(c *class) {
	var rare []*plan
	all := make(map[string]*plan)
	seen := uint64(0)
	for _, id := range slices.Sorted(maps.Keys(c.Productions)) {
		p := c.Productions[id]
		x := g.read(c, p)
		x.productions = []uint64{id}
		seen += p.Spans
		if y := all[x.key()]; y != nil {
			y.merge(x)
			continue
		}
		all[x.key()] = x
	}
	g.loosen(all)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if x := all[key]; x.traces >= g.k {
			c.plans = append(c.plans, x)
		} else {
			rare = append(rare, x)
		}
	}
	slices.SortStableFunc(c.plans, func(a, b *plan) int { return cmp.Compare(b.spans, a.spans) })
	mass, traces := uint64(0), uint64(0)
	for _, x := range rare {
		mass += x.spans
		traces += x.traces
	}
	switch {
	case mass == 0:
	case len(c.plans) > 0 && (traces < g.k || float64(mass) <= float64(mostMoved*float64(c.Spans))):
		g.left.plans += uint64(len(rare))
		g.left.planSpans += mass
		for _, x := range rare {
			nearest(c.plans, x).add(x)
		}
	default:
		g.left.otherSpans += mass
		c.plans = append(c.plans, mixture(rare))
	}
	if len(c.plans) == 0 {
		c.plans = []*plan{{spans: c.Spans, traces: c.Traces, lasts: lasts{own: c.Own, duration: c.Duration, covered: new(sketch.Numbers)}}}
	}
}

// mostMoved is the share of a class that may be taken for something that it is not.
const mostMoved = 0.02

// read returns a production with what stands for its classes.
func (g *grammar) read(c *class, p *profile.Production) *plan {
	x := &plan{spans: p.Spans, traces: p.Traces, lasts: newLasts()}
	x.lasts.merge(&lasts{p.Own, p.Duration, p.Covered})
	for _, group := range p.Groups {
		var runs []run
		for _, r := range group {
			child := g.stand(r.Class)
			if child == nil {
				continue
			}
			if child.path == c.path {
				g.left.cutSpans += p.Spans
				continue
			}
			if child.entry() && g.edges[edge{c.path.id, child.path.id}] < g.k {
				g.left.edgeSpans += p.Spans
				continue
			}
			counts, wait := new(sketch.Numbers), new(sketch.Numbers)
			counts.Merge(r.Counts)
			wait.Merge(r.Wait)
			runs = append(runs, run{class: child, async: r.Async, after: r.After, together: r.Together, counts: counts, wait: wait, share: 1})
		}
		if len(runs) > 0 {
			x.groups = append(x.groups, runs)
		}
	}
	return x
}

// key is equal for plans with the same groups of the same classes.
func (x *plan) key() string {
	var b []byte
	for _, group := range x.groups {
		for _, r := range group {
			b = append(b, r.key()...)
			b = append(b, ',')
		}
		b = append(b, ';')
	}
	return string(b)
}

func (r *run) key() string {
	b := make([]byte, 0, 10)
	for shift := 0; shift < 64; shift += 8 {
		b = append(b, byte(uint64(r.class.id)>>shift))
	}
	b = append(b, flag(r.async), flag(r.after), flag(r.together))
	if r.retry != nil {
		b = strconv.AppendInt(b, int64(r.retry.number), 10)
	}
	return string(b)
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// merge adds a plan with the same key.
func (x *plan) merge(o *plan) {
	x.add(o)
	for i := range x.groups {
		for j := range x.groups[i] {
			x.groups[i][j].counts.Merge(o.groups[i][j].counts)
			x.groups[i][j].wait.Merge(o.groups[i][j].wait)
		}
	}
}

// add counts spans that do something else as if they did this.
func (x *plan) add(o *plan) {
	x.spans += o.spans
	x.traces += o.traces
	x.productions = append(x.productions, o.productions...)
	x.lasts.merge(&o.lasts)
}

// flat returns the runs of a plan, one after the other.
func (x *plan) flat() []run { return slices.Concat(x.groups...) }

// classes are those of all paths, in the order of these.
func (g *grammar) classes() iter.Seq[*class] {
	return func(yield func(*class) bool) {
		for _, at := range g.order {
			for _, c := range at.classes {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// runs is what spans of a path do, in all ways that they go.
func (at *path) runs() iter.Seq[run] {
	return func(yield func(run) bool) {
		for _, c := range at.classes {
			for _, p := range c.plans {
				for _, r := range p.flat() {
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

// nearest is the plan from which the fewest runs have to be added or taken away.
func nearest(plans []*plan, x *plan) *plan {
	best, least := plans[0], -1
	for _, p := range plans {
		if d := distance(p.flat(), x.flat()); least < 0 || d < least {
			best, least = p, d
		}
	}
	return best
}

// distance is how many runs have to be added and taken away to make one of the other.
func distance(a, b []run) int {
	before := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for i := range a {
		for j := range b {
			if a[i].class == b[j].class {
				row[j+1] = before[j] + 1
			} else {
				row[j+1] = max(before[j+1], row[j])
			}
		}
		before, row = row, before
	}
	return len(a) + len(b) - 2*before[len(b)]
}

// mixture makes one plan of many: each class of children at its mean place, as often as it
// is there, whatever else is. It is parallel where most of the spans with more than one
// child have some that run together.
func mixture(plans []*plan) *plan {
	out := &plan{lasts: newLasts(), mixed: true}
	type seen struct {
		run
		spans, place float64
	}
	var order []*seen
	by := make(map[string]*seen)
	together, several := uint64(0), uint64(0)
	for _, x := range plans {
		out.add(x)
		runs := x.flat()
		once := make(map[string]bool)
		for i, r := range runs {
			s := by[r.key()]
			if s == nil {
				s = &seen{run: run{class: r.class, async: r.async, after: r.after, together: r.together, counts: new(sketch.Numbers), wait: new(sketch.Numbers)}}
				by[r.key()] = s
				order = append(order, s)
			}
			s.counts.Merge(r.counts)
			s.wait.Merge(r.wait)
			if !once[r.key()] {
				s.spans += float64(x.spans)
				s.place += float64(float64(x.spans) * float64(i) / float64(len(runs)))
			}
			once[r.key()] = true
		}
		if len(runs) > 1 {
			several += x.spans
			if len(x.groups) < len(runs) {
				together += x.spans
			}
		}
	}
	slices.SortStableFunc(order, func(a, b *seen) int { return cmp.Compare(float64(a.place*b.spans), float64(b.place*a.spans)) })
	for _, s := range order {
		s.share = float64(s.spans / float64(out.spans))
		if 2*together > several && len(out.groups) > 0 {
			out.groups[0] = append(out.groups[0], s.run)
		} else {
			out.groups = append(out.groups, []run{s.run})
		}
	}
	return out
}
