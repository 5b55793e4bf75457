package judge

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// place is where an item of the unit arrived.
type place struct {
	got  *match.Received
	pair int
}

// order judges how the unit arrived as a whole: in which order, in how many
// pieces, and how much of it.
func (s *segment) order() {
	if s.u.Signal == otlp.SignalMetrics {
		return
	}
	s.arrived = s.arrived[:0]
	for i, got := range s.got {
		if got != nil {
			s.arrived = append(s.arrived, place{got, i})
		}
	}
	if len(s.arrived) == 0 {
		return
	}
	if s.lost > 0 && s.u.Signal == otlp.SignalTraces {
		s.c.IncompleteTraces++
	}
	slices.SortFunc(s.arrived, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.got.Output, b.got.Output), cmp.Compare(a.got.Message, b.got.Message),
			cmp.Compare(a.got.Position, b.got.Position), cmp.Compare(a.pair, b.pair))
	})
	if !s.run.allowed.Reorder {
		s.reordered()
	}
	if !s.run.allowed.Split && s.u.Signal == otlp.SignalTraces {
		s.split()
	}
}

// reordered finds items that arrived after what follows them in the corpus, in each
// output for itself: which of two outputs had something first nobody knows.
func (s *segment) reordered() {
	latest := -1
	for i, a := range s.arrived {
		if i > 0 && a.got.Output != s.arrived[i-1].got.Output {
			latest = -1
		}
		if a.pair > latest {
			latest = a.pair
			continue
		}
		s.c.Reordered++
		sent := s.u.Pairs[a.pair].Sent
		after := s.u.Pairs[latest].Sent
		s.item++
		s.found(s.key(KindReordered, nil), sent, a.got, func(e *findings.Example) {
			e.Message = s.name(&sent.Item) + ", after " + s.name(&after.Item)
		})
	}
}

// split finds out whether the trace arrived in more pieces than it was sent in.
// Where a rule sends some of it elsewhere, that makes a piece more.
func (s *segment) split() {
	messages, outputs := 1, 1
	for i := 1; i < len(s.arrived); i++ {
		a, b := s.arrived[i-1].got, s.arrived[i].got
		if a.Output != b.Output {
			outputs++
		}
		if a.Output != b.Output || a.Message != b.Message {
			messages++
		}
	}
	if messages == 1 {
		return
	}
	type piece struct {
		record uint64
		output int
	}
	sent := make(map[piece]bool)
	routes := false
	for i := range s.u.Pairs {
		sent[piece{s.u.Pairs[i].Sent.Record, s.wants[i].Output}] = true
		routes = routes || s.wants[i].Route != nil
	}
	if messages <= len(sent) && (outputs == 1 || routes) {
		return
	}
	s.c.SplitTraces++
	s.item++
	s.found(s.key(KindSplit, nil), s.u.Pairs[s.arrived[0].pair].Sent, s.arrived[0].got, func(e *findings.Example) {
		e.Where.SpanID = ""
		e.Message = "sent in " + text.Counted(len(sent), "message") + ", arrived in " + text.Counted(messages, "message")
		if outputs > 1 {
			e.Message += " of " + text.Counted(outputs, "output")
		}
	})
}
