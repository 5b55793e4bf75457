package learn

import (
	"cmp"
	"maps"
	"slices"
)

// leastLoose is the share of the spans with a child that it has to outlive for nobody to wait
// for it: whether one ends before its parent is chance then, and no plan.
const leastLoose = 0.05

// loosen makes plans alike that differ in whether children that nobody waits for happened to
// end before their parent: these are async in all of them.
func (g *grammar) loosen(all map[string]*plan) {
	loose := g.loose(all)
	if len(loose) == 0 {
		return
	}
	pure := make(map[string]*plan) // in which all of these outlived their parent, by content
	keys := slices.Sorted(maps.Keys(all))
	for _, key := range keys {
		if x := all[key]; !x.waitsFor(loose) {
			if is := x.content(loose, true); pure[is] == nil || pure[is].spans < x.spans {
				pure[is] = x
			}
		}
	}
	for _, key := range keys {
		x := all[key]
		if !x.waitsFor(loose) {
			continue
		}
		delete(all, key)
		if like := pure[x.content(loose, true)]; like != nil {
			like.take(x)
			continue
		}
		x.letGo(loose)
		if same := all[x.key()]; same != nil {
			same.merge(x)
		} else {
			all[x.key()] = x
		}
	}
	// They make nothing longer: so long as without them. Of what ended before its parent time
	// was taken for what the parent waits for.
	for _, key := range slices.Sorted(maps.Keys(all)) {
		x := all[key]
		is := x.content(loose, false)
		if is == x.content(loose, true) {
			continue
		}
		was := x.lasts
		if without := pure[is]; without != nil {
			x.lasts = newLasts()
			x.lasts.merge(&without.lasts)
		} else if is == "" { // all is their own time
			x.lasts = newLasts()
			x.lasts.merge(&lasts{was.duration, was.duration, nil})
		}
	}
}

// loose returns the children that outlive their parent often enough, but not always.
func (g *grammar) loose(all map[string]*plan) map[*class]bool {
	type count struct{ spans, outlive, traces uint64 }
	counts := make(map[*class]*count)
	for _, x := range all { // order-free: sums
		seen, async := make(map[*class]bool), make(map[*class]bool)
		for _, r := range x.flat() {
			seen[r.class] = true
			async[r.class] = async[r.class] || r.async
		}
		for c := range seen { // order-free: sums
			n := counts[c]
			if n == nil {
				n = new(count)
				counts[c] = n
			}
			n.spans += x.spans
			if async[c] {
				n.outlive += x.spans
				n.traces += x.traces
			}
		}
	}
	loose := make(map[*class]bool)
	for c, n := range counts { // order-free: a set
		if n.outlive < n.spans && n.traces >= g.k && float64(n.outlive) >= float64(leastLoose*float64(n.spans)) {
			loose[c] = true
		}
	}
	return loose
}

// waitsFor reports whether any of these children ended before the parent.
func (x *plan) waitsFor(loose map[*class]bool) bool {
	return slices.ContainsFunc(x.flat(), func(r run) bool { return loose[r.class] && r.waited() })
}

// content tells plans apart by what there is, in whatever order and groups: with those
// that nobody waits for or without.
func (x *plan) content(loose map[*class]bool, with bool) string {
	var keys []string
	for _, r := range x.flat() {
		if loose[r.class] && !r.after {
			if !with {
				continue
			}
			r.async = true
		}
		r.together = false
		keys = append(keys, r.key())
	}
	slices.SortFunc(keys, cmp.Compare[string])
	var b []byte
	for _, k := range keys {
		b = append(b, k...)
	}
	return string(b)
}

// take counts spans of a plan of the same content as if they did this.
func (x *plan) take(o *plan) {
	x.add(o)
	used := make(map[*class]int)
	for _, r := range o.flat() {
		skip := used[r.class]
		used[r.class]++
		for i := range x.groups {
			for j := range x.groups[i] {
				if to := &x.groups[i][j]; to.class == r.class {
					if skip == 0 {
						to.counts.Merge(r.counts)
						to.wait.Merge(r.wait)
					}
					skip--
				}
			}
		}
	}
}

// letGo makes groups of their own of these children, each before the group that it was in.
func (x *plan) letGo(loose map[*class]bool) {
	var groups [][]run
	for _, runs := range x.groups {
		var rest []run
		for _, r := range runs {
			if loose[r.class] && r.waited() {
				r.async = true
				groups = append(groups, []run{r})
			} else {
				rest = append(rest, r)
			}
		}
		if len(rest) > 0 {
			groups = append(groups, rest)
		}
	}
	x.groups = groups
}
