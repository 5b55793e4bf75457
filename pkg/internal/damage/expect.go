package damage

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Class is what became of an item, as who compares has to call it.
type Class string

// The classes.
const (
	Lost        Class = "lost"
	LostUnknown Class = "lost_unknown"
	Refused     Class = "refused"
	// Which of the items of a request are lost, and which the refused ones, nobody
	// can know: so many of each.
	LostOrRefused    Class = "lost or refused"
	Duplicated       Class = "duplicated"
	Altered          Class = "altered"
	Moved            Class = "moved"
	MadeUp           Class = "made_up"
	Reordered        Class = "reordered"
	Late             Class = "late"
	SplitTraces      Class = "split_traces"      // Item is some span of the trace
	IncompleteTraces Class = "incomplete_traces" // likewise
)

// Expectation is one thing that must be found.
type Expectation struct {
	Class   Class
	Signal  otlp.Signal // for MadeUp, which has no Item
	Item    *Item
	Count   int    // copies beyond the first, for Duplicated; lost ones of the request, for LostOrRefused
	Path    string // for Altered: of the field, or of the one that it is part of
	Kind    Kind   // that led to it; None where that is several
	Message int    // for MadeUp: where it arrived
	Place   int    // for MadeUp: in the message
}

// Known is what is known besides what was sent and what arrived.
type Known struct {
	Fates    bool // of requests: a ledger
	Arrivals bool // when messages arrived: with the ledger, what is late
}

// trail is what became of one item.
type trail struct {
	item   *Item
	copies []place
}

// place is where a copy arrived.
type place struct {
	*piece
	message, position int
	late              bool
}

// the returns the copy most like what was sent.
func (t *trail) the() place {
	for _, c := range t.copies {
		if !c.altered {
			return c
		}
	}
	return t.copies[0]
}

// Expect returns what must be found, in the order of what was sent.
func (r *Result) Expect(k Known) (all []Expectation) {
	trails := make(map[*Item]*trail)
	for i, m := range r.messages {
		for j, p := range m.pieces {
			if p.item == nil {
				all = append(all, Expectation{Class: MadeUp, Signal: m.signal, Kind: MakeUp, Message: i, Place: j})
				continue
			}
			t := trails[p.item]
			if t == nil {
				t = &trail{item: p.item}
				trails[p.item] = t
			}
			t.copies = append(t.copies, place{p, i, j, m.late})
		}
	}
	done := make(map[*Item]Did)
	for _, d := range r.List {
		done[d.Item] = d
	}
	for _, req := range r.requests {
		class, count := req.absent(trails, k)
		for _, p := range req.pieces {
			did := done[p.item]
			if t := trails[p.item]; t != nil {
				all = append(all, t.arrived(did, k)...)
			} else {
				all = append(all, Expectation{Class: class, Item: p.item, Count: count, Kind: did.Kind})
			}
		}
	}
	return append(all, r.traces(trails, k)...)
}

// absent returns what is said of the items of a request of which there is no copy: of
// LostOrRefused, how many are lost.
func (r *request) absent(trails map[*Item]*trail, k Known) (c Class, lost int) {
	absent := 0
	for _, p := range r.pieces {
		if trails[p.item] == nil {
			absent++
		}
	}
	switch {
	case !k.Fates || r.fate == accepted:
		return Lost, 0
	case r.fate == unknown:
		return LostUnknown, 0
	case r.fate == failed || absent <= r.refused:
		return Refused, 0
	}
	return LostOrRefused, absent - r.refused
}

// arrived returns what is said of an item and its copies.
func (t *trail) arrived(did Did, k Known) (all []Expectation) {
	the := t.the()
	add := func(c Class, count int) {
		all = append(all, Expectation{Class: c, Item: t.item, Count: count, Path: did.Path, Kind: did.Kind})
	}
	if len(t.copies) > 1 {
		add(Duplicated, len(t.copies)-1)
	}
	if the.altered {
		add(Altered, 1)
	}
	if did.Kind == MoveResource || did.Kind == MoveScope {
		add(Moved, 1)
	}
	if the.late && k.Arrivals && k.Fates {
		add(Late, 1)
	}
	return all
}

// group is a trace of one signal.
type group struct {
	signal  otlp.Signal
	first   *Item
	sent    map[uint64]bool // requests
	order   map[*Item]int   // of what was sent
	lost    bool            // some item of it
	arrived []*trail
}

// traces returns what is said of the order of items and of whole traces.
func (r *Result) traces(trails map[*Item]*trail, k Known) (all []Expectation) {
	for _, g := range r.groups(trails, k) {
		slices.SortStableFunc(g.arrived, func(a, b *trail) int {
			x, y := a.the(), b.the()
			return cmp.Or(x.message-y.message, x.position-y.position)
		})
		greatest := -1
		in := make(map[int]bool)
		for _, t := range g.arrived {
			in[t.the().message] = true
			if g.order[t.item] < greatest {
				all = append(all, Expectation{Class: Reordered, Item: t.item})
			}
			greatest = max(greatest, g.order[t.item])
		}
		if g.signal != otlp.SignalTraces {
			continue
		}
		if len(in) > len(g.sent) {
			all = append(all, Expectation{Class: SplitTraces, Item: g.first})
		}
		if g.lost && len(g.arrived) > 0 {
			all = append(all, Expectation{Class: IncompleteTraces, Item: g.first})
		}
	}
	return all
}

// groups returns the traces in the order of their first items.
func (r *Result) groups(trails map[*Item]*trail, k Known) (all []*group) {
	type key struct {
		signal otlp.Signal
		id     otlp.TraceID
	}
	byID := make(map[key]*group)
	for _, req := range r.requests {
		absent, _ := req.absent(trails, k)
		for _, p := range req.pieces {
			id := key{req.signal, p.item.TraceID}
			if req.signal == otlp.SignalMetrics || id.id == (otlp.TraceID{}) {
				continue
			}
			g := byID[id]
			if g == nil {
				g = &group{signal: id.signal, first: p.item, sent: make(map[uint64]bool), order: make(map[*Item]int)}
				byID[id] = g
				all = append(all, g)
			}
			g.sent[p.item.Request] = true
			g.order[p.item] = len(g.order)
			if t := trails[p.item]; t != nil {
				g.arrived = append(g.arrived, t)
			} else if absent == Lost || absent == LostOrRefused {
				g.lost = true
			}
		}
	}
	return all
}
