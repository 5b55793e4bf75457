package learn

import (
	"maps"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// following is what traces of a path have to do with those before them in their sessions.
type following struct {
	continues bool // they are of the same request
	linked    bool // their roots link to them
}

// nearlyAll is the share of traces from which on they are all taken to be the same, and
// atOnce how soon, in ns, after the one before a trace begins that continues its request.
const (
	nearlyAll = 0.98
	atOnce    = 1e6
)

// findFollowing finds the paths whose traces link to the ones before them in the session,
// and of these those that always begin at once: several traces of one request.
func (w *writer) findFollowing() {
	type counts struct {
		traces, linked uint64
		pauses         *sketch.Numbers
	}
	all := make(map[uint64]*counts)
	for _, h := range slices.Sorted(maps.Keys(w.g.p.Sessions.Steps)) {
		s := w.g.p.Sessions.Steps[h]
		x := all[s.To]
		if x == nil {
			x = &counts{pauses: new(sketch.Numbers)}
			all[s.To] = x
		}
		x.traces += s.Traces
		x.linked += s.Linked
		x.pauses.Merge(s.Thinks)
	}
	w.behind = make(map[uint64]following)
	for to, x := range all { // order-free: each alone
		if x.traces >= w.g.k && float64(x.linked) >= float64(nearlyAll*float64(x.traces)) {
			w.behind[to] = following{linked: true, continues: x.pauses.Quantile(nearlyAll) <= atOnce}
		}
	}
}

// putFollowing says of an item of a session what it has to do with the one before it, where
// that is the same for all that it may be. The first one has only itself before it, where it is
// there several times.
func (w *writer) putFollowing(item *node, steps []*step, later bool) {
	f := w.behind[steps[0].path.id]
	for _, s := range steps {
		if w.behind[s.path.id] != f || w.queues[s.path] != nil { // messages link to who sent them
			return
		}
	}
	if !later && !slices.ContainsFunc(item.entries, func(e entry) bool { return e.key == "count" }) {
		return
	}
	if f.continues && later {
		item.put("continues", raw("true"))
	}
	if f.linked {
		item.put("linked", raw("true"))
	}
}

// thinks are the pauses between requests.
func (w *writer) thinks() *sketch.Numbers {
	out := new(sketch.Numbers)
	left := false
	for _, h := range slices.Sorted(maps.Keys(w.g.p.Sessions.Steps)) {
		s := w.g.p.Sessions.Steps[h]
		if w.behind[s.To].continues {
			left = true
		} else {
			out.Merge(s.Thinks)
		}
	}
	if !left {
		return w.g.p.Sessions.Thinks
	}
	return out
}

// single is the share of sessions of several traces that are one request; 0 where no request
// is of several traces.
func (w *writer) single() float64 {
	one, all := uint64(0), uint64(0)
	for _, o := range w.g.p.Sessions.Orders { // order-free: whole numbers are added up
		if _, most := o.Counts[0].Bounds(); len(o.Roots) < 2 && most < 2 {
			continue
		}
		all += o.Sessions
		if w.oneRequest(o) {
			one += o.Sessions
		}
	}
	if one == 0 {
		return 0
	}
	return float64(one) / float64(all)
}

// oneRequest reports whether sessions of an order are one request of several traces.
func (w *writer) oneRequest(o *profile.Order) bool {
	for i, root := range o.Roots {
		_, most := o.Counts[i].Bounds()
		if (i > 0 || most > 1) && !w.behind[root].continues {
			return false
		}
	}
	return true
}
