package learn

import (
	"cmp"
	"maps"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// step is what a session may have at a place: traces of one path.
type step struct {
	path     *path
	sessions uint64 // that have it
	counts   *sketch.Numbers
	orders   map[int]bool // that have it
}

// putSession writes what a session asks for: one request of all that begin traces, where
// there are no sessions; the orders that enough sessions have, each by itself; and what the
// rest has, in an order of its own.
func (w *writer) putSession(m *node) {
	kept, rest := w.orders()
	switch {
	case len(kept)+len(rest) == 0:
		w.put(m, "session", w.anyRoot(), "What is asked for, each in a trace of its own.")
	case len(kept) == 1 && len(rest) == 0:
		w.put(m, "session", w.inOrder(kept[0]), "What a session asks for: each item is a request, and a trace of its own.")
	case len(kept) == 0:
		w.put(m, "session", w.mixed(rest), "What a session asks for: each item is a request, and a trace of its own.")
	default:
		w.put(m, "sessions", w.visits(kept, rest), "What a session may ask for: each request is a trace of its own.")
	}
}

func (w *writer) put(m *node, key string, x *node, about string) {
	x.above = about
	m.put(key, x)
}

// maxVisits is how many orders of sessions are written, and mostMixed the share of sessions
// up to which others are taken for the nearest of them.
const (
	maxVisits = 60
	mostMixed = 0.02
)

// orders returns the orders of traces that are written by themselves, and the others.
func (w *writer) orders() (kept, rest []*profile.Order) {
	total, mass := uint64(0), uint64(0)
	var all []*profile.Order
	for _, h := range slices.Sorted(maps.Keys(w.g.p.Sessions.Orders)) {
		if o := w.known(w.g.p.Sessions.Orders[h]); len(o.Roots) > 0 {
			all = append(all, o)
			total += o.Sessions
		}
	}
	slices.SortStableFunc(all, func(a, b *profile.Order) int { return cmp.Compare(b.Sessions, a.Sessions) })
	for _, o := range all {
		if o.Sessions >= w.g.k && len(kept) < maxVisits {
			kept = append(kept, o)
		} else {
			rest = append(rest, o)
			mass += o.Sessions
		}
	}
	if len(kept) > 0 && float64(mass) <= float64(mostMixed*float64(total)) {
		return kept, nil
	}
	if w.level > 0 || float64(mass) > float64(mostDiverse*float64(total)) {
		return nil, all
	}
	return kept, rest
}

// mostDiverse is the share of sessions with rare orders from which on none is written by
// itself.
const mostDiverse = 0.8

// known returns an order without what is not written; what then follows its like is one.
func (w *writer) known(o *profile.Order) *profile.Order {
	out := &profile.Order{Sessions: o.Sessions}
	for i, id := range o.Roots {
		at := w.g.paths[id]
		if at == nil || w.operations[at] == nil || at.roots == 0 || w.sent[at] {
			continue
		}
		counts := new(sketch.Numbers)
		if i < len(o.Counts) {
			counts.Merge(o.Counts[i])
		}
		out.Roots, out.Counts = append(out.Roots, id), append(out.Counts, counts)
	}
	return out
}

// visits writes each of several orders with its weight, and the rest as one.
func (w *writer) visits(kept, rest []*profile.Order) *node {
	total, mass := uint64(0), uint64(0)
	for _, o := range kept {
		total += o.Sessions
	}
	for _, o := range rest {
		mass += o.Sessions
	}
	out := list()
	add := func(n uint64, requests *node) {
		x := mapping().set("weight", raw(digits(float64(100*float64(n)/float64(total+mass)), 4)))
		x.beside = text.Counted(n, "session")
		x.put("requests", requests)
		out.items = append(out.items, x)
	}
	for _, o := range kept {
		add(o.Sessions, w.inOrder(o))
	}
	if mass > 0 {
		add(mass, w.mixed(rest))
	}
	return out
}

// inOrder writes the requests of an order, all of which are there.
func (w *writer) inOrder(o *profile.Order) *node {
	out := list()
	for i, id := range o.Roots {
		s := &step{path: w.g.paths[id], sessions: o.Sessions, counts: o.Counts[i]}
		x := w.request([]*step{s}, o.Sessions, i > 0)
		if x.beside = ""; len(x.entries) == 1 && x.entries[0].key == "call" {
			x = x.entries[0].value
		}
		out.items = append(out.items, x)
	}
	return out
}

// mixed writes the requests of several orders: each item is there or not, whatever else is.
func (w *writer) mixed(orders []*profile.Order) *node {
	steps, total := w.steps(orders)
	out := list()
	for i := 0; i < len(steps); {
		n := 1
		for i+n < len(steps) && exclusive(steps[i:i+n], steps[i+n]) {
			n++
		}
		out.items = append(out.items, w.request(steps[i:i+n], total, i > 0))
		i += n
	}
	w.always(out)
	return out
}

// anyRoot is one request, of all that begin traces.
func (w *writer) anyRoot() *node {
	either := list()
	total := uint64(0)
	for _, at := range w.g.order {
		if w.operations[at] != nil && !w.sent[at] {
			total += at.roots
		}
	}
	for _, at := range w.g.order {
		if at.roots == 0 || w.operations[at] == nil || w.sent[at] {
			continue
		}
		for _, x := range w.root(at) {
			either.items = append(either.items, x.node(total))
		}
	}
	if len(either.items) == 1 {
		only := either.items[0]
		only.entries = slices.DeleteFunc(only.entries, func(e entry) bool { return e.key == "weight" })
		return list(only)
	}
	return list(mapping().set("one_of", either))
}

// begun is a way to begin a trace.
type begun struct {
	call, variant string
	traces        uint64
}

func (b *begun) node(total uint64) *node {
	x := mapping().with("call", b.call)
	if b.variant != "" {
		x.with("variant", b.variant)
	}
	x.put("weight", raw(digits(float64(100*float64(b.traces)/float64(total)), 4)))
	x.beside = text.Counted(b.traces, "trace")
	return x
}

// root returns the ways to begin a trace with an operation: one, where its variants are
// drawn as they are anyway, and else one for each.
func (w *writer) root(at *path) (out []begun) {
	op := w.operations[at]
	w.asked[at] = true
	name := op.service.name + "." + op.key
	if at.roots == at.spans || len(op.variants) == 1 {
		return []begun{{call: name, traces: at.roots}}
	}
	for _, v := range op.variants {
		if v.class.Roots > 0 {
			n := uint64(float64(float64(v.class.Roots) * float64(v.spans) / float64(v.class.Spans)))
			out = append(out, begun{name, v.name, max(n, 1)})
		}
	}
	return out
}

// steps finds what sessions have, in an order in which most of them have it.
func (w *writer) steps(orders []*profile.Order) (steps []*step, total uint64) {
	for i, o := range orders {
		total += o.Sessions
		if len(steps) <= maxSteps {
			steps = w.align(steps, o, i)
		}
	}
	all := slices.Clone(steps)
	steps = slices.DeleteFunc(steps, func(s *step) bool { return s.sessions < w.g.k })
	if len(steps) == 0 {
		slices.SortStableFunc(all, func(a, b *step) int { return cmp.Compare(b.sessions, a.sessions) })
		return all[:1], total
	}
	return steps, total
}

// maxSteps is from how many items of a session on no more orders are looked at.
const maxSteps = 80

// align adds an order to the steps: what it has in common with them, as much as can be, is
// counted there, and what it has besides gets steps of its own.
func (w *writer) align(steps []*step, o *profile.Order, number int) []*step {
	n, m := len(steps), len(o.Roots)
	long := make([][]int, n+1)
	for i := range long {
		long[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			long[i][j] = max(long[i+1][j], long[i][j+1])
			if steps[i].path.id == o.Roots[j] {
				long[i][j] = long[i+1][j+1] + 1
			}
		}
	}
	var out []*step
	i := 0
	for j := 0; j < m; {
		switch {
		case i < n && steps[i].path.id == o.Roots[j] && long[i][j] == long[i+1][j+1]+1:
			steps[i].add(o, j, number)
			out = append(out, steps[i])
			i, j = i+1, j+1
		case i < n && long[i+1][j] >= long[i][j+1]:
			out = append(out, steps[i])
			i++
		default:
			s := &step{path: w.g.paths[o.Roots[j]], counts: new(sketch.Numbers), orders: make(map[int]bool)}
			s.add(o, j, number)
			out = append(out, s)
			j++
		}
	}
	return append(out, steps[i:]...)
}

func (s *step) add(o *profile.Order, at, number int) {
	s.sessions += o.Sessions
	s.orders[number] = true
	if at < len(o.Counts) {
		s.counts.Merge(o.Counts[at])
	}
}

// exclusive reports whether no session has a step beside one of the others, and neither
// comes several times.
func exclusive(steps []*step, s *step) bool {
	for _, x := range append(slices.Clone(steps), s) {
		if _, high := x.counts.Bounds(); high > 1 {
			return false
		}
	}
	return !slices.ContainsFunc(steps, func(x *step) bool {
		for i := range s.orders { // order-free: whether there is one
			if x.orders[i] {
				return true
			}
		}
		return x.path == s.path
	})
}

// request writes an item of a session: one step, or one of several. later says that it is
// not the first item.
func (w *writer) request(steps []*step, total uint64, later bool) *node {
	out := mapping()
	sum := uint64(0)
	for _, s := range steps {
		sum += s.sessions
	}
	var ways []begun
	for _, s := range steps {
		for _, b := range w.root(s.path) {
			b.traces = max(1, uint64(float64(float64(b.traces)*float64(s.sessions)/float64(s.path.roots))))
			ways = append(ways, b)
		}
	}
	if len(ways) == 1 {
		out.with("call", ways[0].call)
		if ways[0].variant != "" {
			out.with("variant", ways[0].variant)
		}
	} else {
		either := list()
		for i := range ways {
			x := ways[i].node(max(sum, 1))
			x.beside = ""
			either.items = append(either.items, x)
		}
		out.put("one_of", either)
	}
	if n := w.count(steps[0].counts); n != nil {
		out.put("count", n)
	}
	w.putFollowing(out, steps, later)
	if share := float64(sum) / float64(total); share < 0.999 {
		out.put("probability", raw(digits(share, 3)))
	}
	out.beside = text.Counted(sum, "session")
	return out
}

// always has one request at least be there in each session, the one that most have, since
// there are none without any.
func (w *writer) always(items *node) {
	probability := func(x *node) float64 {
		for _, e := range x.entries {
			if e.key == "probability" {
				return number(e.value.text)
			}
		}
		return 1
	}
	best := items.items[0]
	for _, x := range items.items {
		if probability(x) > probability(best) {
			best = x
		}
	}
	best.entries = slices.DeleteFunc(best.entries, func(e entry) bool { return e.key == "probability" })
}
