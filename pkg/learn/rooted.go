package learn

import (
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// rootedApart is how far numbers that spans of a trace share may seem to be apart from those of
// all of them, beside what chance explains.
const rootedApart = 0.05

// findRooted finds the numbers that spans of a trace have alike, as how many items a batch has:
// each root has its own, since what traces are about differs by it.
func (w *writer) findRooted() {
	w.rooted = make(map[classKey]*sharedValue)
	above := w.above()
	for _, key := range slices.Sorted(maps.Keys(w.g.p.Keys)) {
		k := w.g.p.Keys[key]
		if w.shared[key] != nil || slices.Contains(ofOutcomes, key) || k.Traces < w.g.k || !mostAlike(k.Alike, k.Traces) {
			continue
		}
		var order []*path
		all := make(map[*path][]*class) // by root
		for c := range w.g.classes() {
			if root := rootOf(above, c.path); root != nil && numeric(c.Attributes[key]) {
				if all[root] == nil {
					order = append(order, root)
				}
				all[root] = append(all[root], c)
			}
		}
		for _, root := range order {
			w.rootedOf(root, key, all[root])
		}
	}
}

// above returns which path calls each, of those that one alone calls.
func (w *writer) above() map[*path]*path {
	out := make(map[*path]*path)
	several := make(map[*path]bool)
	for c, from := range w.callers { // order-free: those that several call are not kept
		to := c.path
		for _, x := range from {
			several[to] = several[to] || out[to] != nil && out[to] != x.class.path
			out[to] = x.class.path
		}
	}
	maps.DeleteFunc(out, func(to, _ *path) bool { return several[to] })
	return out
}

// rootOf returns the path that traces begin with of which a path is a part; nil: there is none
// that all begin with.
func rootOf(above map[*path]*path, at *path) *path {
	for range maxDeep {
		if at.roots > 0 || above[at] == nil {
			break
		}
		at = above[at]
	}
	if at.roots == 0 {
		return nil
	}
	return at
}

// maxDeep bounds how deep a path is.
const maxDeep = 1000

// numeric reports whether all values of an attribute are numbers of one type.
func numeric(a *profile.Attribute) bool {
	return a != nil && a.Present > 0 && (a.Kinds[otlp.KindInt] == a.Present || a.Kinds[otlp.KindDouble] == a.Present)
}

// rootedOf notes the value that classes below a root share; those whose numbers are others have
// their own.
func (w *writer) rootedOf(root *path, key string, classes []*class) {
	if _, ok := w.behind[root.id]; ok {
		return // traces that go on have the values of the one before
	}
	together := merged(key, classes)
	var alike []*class
	for _, c := range classes {
		if a := c.Attributes[key]; sketch.KS(a.Numbers, together.Numbers) <= rootedApart+float64(1.36/math.Sqrt(float64(a.Present))) {
			alike = append(alike, c)
		}
	}
	together = merged(key, alike)
	if float64(together.Present) <= float64((1+2*mostDiffer)*float64(together.Traces)) {
		return
	}
	name, ok := w.policy.Key(key, together.Traces)
	spec := w.policy.Values(key, together, together.Traces)
	if !ok || spec.How != privacy.Categorical && spec.How != privacy.Numbers {
		return
	}
	s := &sharedValue{name: w.newValue(name), spec: spec, values: together.Values}
	for _, c := range alike {
		w.rooted[classKey{c, key}] = s
	}
}

// merged is an attribute of all of some classes, of which a trace has one value.
func merged(key string, classes []*class) *profile.Attribute {
	out := &profile.Attribute{Numbers: new(sketch.Numbers)}
	for _, c := range classes {
		a := c.Attributes[key]
		out.Present, out.Traces = out.Present+a.Present, max(out.Traces, a.Traces)
		for kind, n := range a.Kinds {
			out.Kinds[kind] += n
		}
		out.Numbers.Merge(a.Numbers)
		if out.Values == nil {
			out.Values = a.Values.Clone()
		} else {
			out.Values.Merge(a.Values)
		}
	}
	return out
}

// rootedBy writes that an attribute of a class is the number that spans of its trace share; nil:
// they share none, or some of its spans have numbers of their own.
func (w *writer) rootedBy(c *class, key string, own *sketch.Numbers) *node {
	s := w.rooted[classKey{c, key}]
	if s == nil || own != nil {
		return nil
	}
	return w.use(s)
}
