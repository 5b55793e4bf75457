package distance

import (
	"fmt"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// common is how many traces of a shape there are before the other side should have one.
const commonShape = 10

// shapes returns the traces by shape of both sides. Where one does not keep all of its
// shapes, those are compared whose hashes are so low that both keep them, and the others
// are one.
func shapes(x, y *view) (a, b map[uint64]uint64, names map[uint64]string) {
	bound := min(shapeBound(x.p), shapeBound(y.p))
	names = make(map[uint64]string)
	of := func(p *profile.Profile) map[uint64]uint64 {
		all := make(map[uint64]uint64)
		for h, s := range p.Shapes {
			if h > bound {
				all[0] += s.Traces
				continue
			}
			all[h] += s.Traces
			names[h] = s.Text
		}
		if p.Left.Traces > 0 {
			all[0] += p.Left.Traces
		}
		return all
	}
	return of(x.p), of(y.p), names
}

// shapeBound returns the greatest hash up to which all shapes are kept.
func shapeBound(p *profile.Profile) uint64 {
	if !p.Left.Shapes || len(p.Shapes) == 0 {
		return 1<<64 - 1
	}
	return slices.Max(slices.Collect(maps.Keys(p.Shapes)))
}

// named turns hashes into names: the text, with the hash where two have the same.
func named(x, y map[uint64]uint64, names map[uint64]string) (a, b map[string]uint64) {
	times := make(map[string]int)
	for _, text := range names {
		times[text]++
	}
	of := func(all map[uint64]uint64) map[string]uint64 {
		out := make(map[string]uint64)
		for h, n := range all {
			name := names[h]
			switch {
			case h == 0 && name == "":
				name = "all others"
			case times[name] > 1:
				name = fmt.Sprintf("%s #%x", name, h>>40)
			}
			out[name] += n
		}
		return out
	}
	return of(x), of(y)
}

func shapeTV(_ *comparison, x, y *view) found {
	a, b, names := shapes(x, y)
	return tv(named(a, b, names))
}

// shapeCoverage is the share of traces of one side whose shape is common there and absent
// on the other: the greater of both ways.
func shapeCoverage(_ *comparison, x, y *view) found {
	a, b, names := shapes(x, y)
	p, q := named(a, b, names)
	t := tally(p, q)
	f := found{n: uint64(t.a + t.b)}
	if t.a == 0 || t.b == 0 {
		return f
	}
	var left, right float64
	for i, name := range t.names {
		// Common by what is to be expected of the other side, which may have fewer traces.
		switch {
		case t.y[i] == 0 && min(t.x[i], t.x[i]*t.b/t.a) >= commonShape:
			left += t.x[i] / t.a
			f.worst = append(f.worst, Worst{name, round(t.x[i] / t.a), uint64(t.x[i])})
		case t.x[i] == 0 && min(t.y[i], t.y[i]*t.a/t.b) >= commonShape:
			right += t.y[i] / t.b
			f.worst = append(f.worst, Worst{name, round(t.y[i] / t.b), uint64(t.y[i])})
		}
	}
	f.value = max(left, right)
	slices.SortStableFunc(f.worst, func(p, q Worst) int { return int(q.N) - int(p.N) })
	f.worst = f.worst[:min(len(f.worst), maxWorst)]
	return f
}

func operationTV(_ *comparison, x, y *view) found {
	return tv(spansByOperation(x), spansByOperation(y))
}

func spansByOperation(v *view) map[string]uint64 {
	all := make(map[string]uint64)
	for name, o := range v.ops {
		all[name] = o.Spans
	}
	return all
}

// edge is what children have in common.
type edge struct {
	children uint64
	counts   *sketch.Numbers
}

// edges returns the children of a profile by their parent's operation and their own, and
// by whether they run after each other, beside others, or with nobody waiting.
func edges(v *view) map[string]*edge {
	all := make(map[string]*edge)
	at := func(name string) *edge {
		e := all[name]
		if e == nil {
			e = &edge{counts: new(sketch.Numbers)}
			all[name] = e
		}
		return e
	}
	for _, name := range v.names {
		o := v.ops[name]
		if o.roots > 0 {
			at("root of a trace > " + name).children += o.roots
		}
		for _, c := range o.classes {
			for _, h := range slices.Sorted(maps.Keys(c.Productions)) {
				for _, g := range c.Productions[h].Groups {
					for i := range g {
						e := at(name + " > " + v.of[g[i].Class] + how(g, &g[i]))
						e.counts.Merge(g[i].Counts)
						e.children += total(g[i].Counts)
					}
				}
			}
		}
	}
	return all
}

// how says how children of a run stand to others.
func how(g profile.Group, r *profile.Run) string {
	switch {
	case r.After:
		return ", afterwards"
	case r.Async:
		return ", not waited for"
	case len(g) > 1 || r.Together:
		return ", in parallel"
	}
	return ""
}

// total returns the sum of numbers, which are small and whole.
func total(s *sketch.Numbers) uint64 { return uint64(s.Mean()*float64(s.Count()) + 0.5) }

func edgeTV(_ *comparison, x, y *view) found {
	of := func(v *view) map[string]uint64 {
		all := make(map[string]uint64)
		for name, e := range edges(v) {
			all[name] = e.children
		}
		return all
	}
	return tv(of(x), of(y))
}

func repeatsKS(_ *comparison, x, y *view) found {
	a, b := edges(x), edges(y)
	var ps parts
	for name, e := range a {
		if o := b[name]; o != nil && e.counts.Count() > 0 && o.counts.Count() > 0 { // of others edge_tv tells
			ps = append(ps, byKS(name, e.counts, o.counts))
		}
	}
	return ps.mean()
}

// The distributions over traces.
func spansOf(t *profile.Traces) *sketch.Numbers   { return t.Spans }
func depthOf(t *profile.Traces) *sketch.Numbers   { return t.Depth }
func widthOf(t *profile.Traces) *sketch.Numbers   { return t.Width }
func rootsOf(t *profile.Traces) *sketch.Numbers   { return t.Roots }
func secondsOf(t *profile.Traces) *sketch.Numbers { return t.Seconds }

// ofTraces compares a distribution over traces.
func ofTraces(of func(*profile.Traces) *sketch.Numbers) func(*comparison, *view, *view) found {
	return func(_ *comparison, x, y *view) found { return ks(of(&x.p.Traces), of(&y.p.Traces)) }
}

// links compares how many roots of an operation have links.
func links(_ *comparison, x, y *view) found {
	var ps parts
	each(x, y, func(name string, a, b *Operation) {
		if a != nil && b != nil && a.roots > 0 && b.roots > 0 { // of others edge_tv tells
			ps = append(ps, byShares(name, [2]float64{float64(a.linked), float64(b.linked)}, [2]float64{float64(a.roots), float64(b.roots)}))
		}
	})
	return ps.mean()
}

// parallelism compares how long children last by how long any is under way.
func parallelism(_ *comparison, x, y *view) found {
	of := func(v *view) float64 {
		if c := v.p.Traces.Covered.Float(); c > 0 {
			return v.p.Traces.Busy.Float() / c
		}
		return 0
	}
	if of(x)+of(y) == 0 {
		return found{} // no span has children
	}
	return whole(relative(of(x), of(y)), 0, x.p.Traces.Count+y.p.Traces.Count)
}
