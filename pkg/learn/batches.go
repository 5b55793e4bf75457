package learn

import (
	"maps"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// maxAlone is of how many paths that send to one destination it is found out how many of
// their messages are consumed together.
const maxAlone = 8

// apart adds the paths whose messages are consumed in other traces. How many are consumed
// together is said by who consumes them, so that it is to be found out who sends in which
// batches: as many as come of that have to be those that there are.
func (q *queue) apart(alone []*path, below map[*path]map[uint64]uint64, out map[*path]*sender) map[*path]*sender {
	var to []*path
	there := make(map[uint64]uint64) // consumptions in traces of their own, by their batch
	for _, at := range q.consumers {
		all := at.batches()
		for n, k := range below[at] { // order-free: each is by itself
			all[n] -= min(k, all[n])
		}
		if at.roots == 0 {
			continue
		}
		if len(to) > 0 && !about(sum(all), sum(there)) {
			return nil
		}
		to, there = append(to, at), all
	}
	switch {
	case len(to) == 0 && len(alone) == 0:
		return out
	case len(to) == 0 || len(alone) == 0 || len(alone) > maxAlone:
		return nil
	}
	best, off := q.assign(alone, there)
	if off > float64(0.05*float64(sum(there))) {
		return nil
	}
	for i, at := range alone {
		out[at] = &sender{to: to, batch: best[i]}
	}
	return out
}

func sum(m map[uint64]uint64) (n uint64) {
	for _, k := range m { // order-free: a sum
		n += k
	}
	return n
}

// assign gives each path one of the batches that there are, so that what comes of it is the
// least off.
func (q *queue) assign(alone []*path, there map[uint64]uint64) (best []uint64, off float64) {
	var sizes []uint64
	for _, n := range slices.Sorted(maps.Keys(there)) {
		if float64(there[n]) > float64(0.001*float64(sum(there))) {
			sizes = append(sizes, n)
		}
	}
	if len(sizes) > 4 {
		return make([]uint64, len(alone)), math.Inf(1)
	}
	off = math.Inf(1)
	chosen := make([]uint64, len(alone))
	var try func(i int)
	try = func(i int) {
		if i < len(alone) {
			for _, n := range sizes {
				chosen[i] = n
				try(i + 1)
			}
			return
		}
		d := 0.0
		for _, n := range sizes {
			made := 0.0
			for k, at := range alone {
				if chosen[k] == n {
					made += float64(at.spans) / float64(n)
				}
			}
			d += math.Abs(made - float64(there[n]))
		}
		if d < off {
			best, off = slices.Clone(chosen), d
		}
	}
	try(0)
	return best, off
}

// batches has each of what sends messages together be one call: it leaves out the spans of
// a batch before the last one, and counts batches where messages were.
func (g *grammar) batches(senders map[*path]*sender, before map[*path]bool) {
	for _, at := range g.order {
		for _, c := range at.classes {
			for _, p := range c.plans {
				for i := range p.groups {
					p.groups[i] = slices.DeleteFunc(p.groups[i], func(r run) bool { return before[r.class.path] })
					for k := range p.groups[i] {
						r := &p.groups[i][k]
						if s := senders[r.class.path]; s != nil && !s.below && s.batch > 1 {
							r.counts, r.together = divided(r.counts, s.batch), false
						}
					}
				}
				p.groups = slices.DeleteFunc(p.groups, func(runs []run) bool { return len(runs) == 0 })
			}
		}
	}
}

// divided is numbers by another, whole ones and at least 1.
func divided(s *sketch.Numbers, by uint64) *sketch.Numbers {
	out := new(sketch.Numbers)
	s.Each(func(low, high float64, n uint64) {
		out.AddN(max(1, math.Round(math.Ceil(low)/float64(by))), n)
	})
	return out
}
