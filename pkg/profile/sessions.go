package profile

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// sessions is what is remembered of traces until those of a session can be put together.
type sessions struct {
	ids    *sketch.Values // for their number
	all    *lowest[session]
	values *lowest[sessionValues] // of far fewer
	list   []keyValue             // scratch
}

// session is the traces of one; none of those that are too many.
type session struct {
	count  int
	traces []sessionTrace
}

// sessionTrace is a trace; answer is when its first root has ended, and link the number of
// the trace that it links to.
type sessionTrace struct{ number, start, end, answer, root, link uint64 }

// sessionValues is which values the traces of a session have; 0: several in one trace.
type sessionValues struct {
	traces int
	list   []keyValue
}

type keyValue struct{ key, value uint64 }

const (
	maxSession = 1024 // traces
	maxOrder   = 64   // roots
	traceKeys  = 32   // about how many keys a trace has
)

func (s *session) weight() int { return 1 + min(s.count, maxSession) }

// weight does not go by the list: which keys there is room for when a trace comes depends on the order.
func (s *sessionValues) weight() int { return 1 + traceKeys*s.traces }

func (s *sessions) init(o Options) {
	s.ids = sketch.NewValuesOf(1, 14)
	s.all = newLowest(o.Records, (*session).weight)
	s.values = newLowest(4*o.Records, (*sessionValues).weight)
}

// add remembers the trace under way, if it is of a session.
func (s *sessions) add(b *Builder, t *intake.Trace) {
	id := b.touched.session
	if id == 0 {
		return
	}
	s.ids.AddHash(id, otlp.KindBytes, nil, 1, 0)
	first, last := t.Spans[0].Start, uint64(0)
	for i := range t.Spans {
		first, last = min(first, t.Spans[i].Start), max(last, t.Spans[i].End)
	}
	root := b.tree.roots[0]
	x := sessionTrace{b.trace, first, last, t.Spans[root].End, b.tree.nodes[root].path, 0}
	if links := t.Spans[root].Links; len(links) > 0 {
		x.link = number(&links[0].TraceID)
	}
	s.put(id, x)
	if _, room := s.values.find(id); !room {
		return
	}
	s.list = s.list[:0]
	for _, k := range b.touched.keys {
		s.list = append(s.list, k.one())
	}
	for _, k := range b.touched.inTrace {
		s.list = append(s.list, k.one())
	}
	if b.touched.twice {
		s.list = once(s.list)
	}
	s.putValues(id, 1, s.list)
}

// once makes one of values of a key, of which there may be several where there is no room
// for it.
func once(list []keyValue) []keyValue {
	slices.SortFunc(list, func(a, b keyValue) int { return cmp.Compare(a.key, b.key) })
	out := list[:0]
	for _, x := range list {
		if n := len(out); n == 0 || out[n-1].key != x.key {
			out = append(out, x)
		} else if out[n-1].value != x.value {
			out[n-1].value = 0
		}
	}
	return out
}

// put adds a trace to a session.
func (s *sessions) put(id uint64, t sessionTrace) {
	s.putAll(id, 1, []sessionTrace{t})
}

// putAll adds traces, which are missing where they are too many.
func (s *sessions) putAll(id uint64, count int, traces []sessionTrace) {
	x, room := s.all.find(id)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = s.all.put(id, new(session))
	}
	before := x.weight()
	x.count += count
	x.traces = append(x.traces, traces...)
	if x.count > maxSession {
		x.traces = nil
	}
	s.all.grow(x.weight() - before)
}

// absorb adds what is remembered of other traces.
func (s *sessions) absorb(o *sessions) {
	s.ids.Merge(o.ids)
	s.all.join(o.all)
	s.values.join(o.values)
	for _, id := range o.all.sorted() {
		s.putAll(id, o.all.items[id].count, o.all.items[id].traces)
	}
	for _, id := range o.values.sorted() {
		s.putValues(id, o.values.items[id].traces, o.values.items[id].list)
	}
}

func (s *sessions) putValues(id uint64, traces int, list []keyValue) {
	x, room := s.values.find(id)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = s.values.put(id, new(sessionValues))
	}
	x.traces += traces
	x.list = append(x.list, list...)
	s.values.grow(traceKeys * traces)
}

// finish works out what sessions are like.
func (s *sessions) finish(o Options) Sessions {
	out := Sessions{
		Count:  uint64(len(s.all.items)),
		Traces: new(sketch.Numbers),
		Pauses: new(sketch.Numbers),
		Thinks: new(sketch.Numbers),
		Starts: sketch.NewWindows(traceWindows, traceShift),
	}
	orders, steps := newLowest[Order](o.Others, nil), newLowest[Step](o.Others, nil)
	for _, id := range s.all.sorted() {
		traces := s.all.items[id].traces
		if len(traces) == 0 {
			continue
		}
		slices.SortFunc(traces, func(a, b sessionTrace) int {
			return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.number, b.number))
		})
		out.Traces.Add(float64(len(traces)))
		out.Starts.Add(traces[0].start, 1)
		for i, t := range traces[1:] {
			think := float64(t.start - min(traces[i].answer, t.start))
			out.Pauses.Add(float64(t.start - min(traces[i].end, t.start)))
			out.Thinks.Add(think)
			stepOf(steps, &traces[i], &traces[i+1], think)
		}
		order(orders, traces)
	}
	if s.all.over {
		out.Count = s.ids.Distinct()
	}
	orders.trim()
	steps.trim()
	out.Orders, out.Steps = orders.items, steps.items
	return out
}

// stepOf counts that a trace of a session follows another one.
func stepOf(steps *lowest[Step], from, to *sessionTrace, think float64) {
	h := join(from.root, to.root)
	x, room := steps.find(h)
	if x == nil && !room {
		return
	}
	if x == nil {
		x = steps.put(h, &Step{From: from.root, To: to.root, Thinks: new(sketch.Numbers)})
	}
	x.Traces++
	if to.link != 0 && to.link == from.number {
		x.Linked++
	}
	x.Thinks.Add(think)
}

// order counts in which order a session has its traces.
func order(orders *lowest[Order], traces []sessionTrace) {
	var roots, counts []uint64
	h := uint64(0)
	for _, t := range traces {
		if n := len(roots); n > 0 && roots[n-1] == t.root {
			counts[n-1]++
		} else if n < maxOrder {
			roots, counts = append(roots, t.root), append(counts, 1)
			h = join(h, t.root)
		}
	}
	x, room := orders.find(h)
	if x == nil && room {
		x = orders.put(h, &Order{Roots: roots, Counts: make([]*sketch.Numbers, len(roots))})
		for i := range x.Counts {
			x.Counts[i] = new(sketch.Numbers)
		}
	}
	if x != nil {
		x.Sessions++
		for i, n := range counts {
			x.Counts[i].Add(float64(n))
		}
	}
}

// alike counts, by key, sessions with two traces or more that have it, and those of them
// in which all have the same value.
func (s *sessions) alike() map[uint64][2]uint64 {
	out := make(map[uint64][2]uint64)
	for _, id := range s.values.sorted() {
		list := s.values.items[id].list
		slices.SortFunc(list, func(a, b keyValue) int {
			return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value))
		})
		for i := 0; i < len(list); {
			end := i
			for end < len(list) && list[end].key == list[i].key {
				end++
			}
			if end-i > 1 {
				n := out[list[i].key]
				n[0]++
				if list[i].value != 0 && list[i].value == list[end-1].value {
					n[1]++
				}
				out[list[i].key] = n
			}
			i = end
		}
	}
	return out
}
