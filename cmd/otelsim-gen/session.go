package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// session is one iteration, collected for printing. Its spans and logs are kept
// as encoded records and decoded again, so that a session rebuilt from the seed
// and one read from a corpus of any format cannot look different.
type session struct {
	seed      uint64
	iteration uint64
	scenario  string
	prefix    string
	key       ids.Key
	turns     []turn
}

// turn is one request of a session.
type turn struct {
	traces []byte // TracesData
	logs   []byte // LogsData
}

func newSession(seed, iteration uint64, scenario, prefix string) *session {
	return &session{seed: seed, iteration: iteration, scenario: scenario, prefix: prefix, key: ids.New(seed)}
}

// add takes the spans of the session out of a record, which may hold those of
// others too. Encoded messages may be joined by appending, which is how the
// records of a request that was split become one.
func (s *session) add(t *otlp.Traces) {
	all := t.Spans
	defer func() { t.Spans = all }()
	for len(t.Spans) > 0 {
		rest := t.Spans
		origin := s.key.Origin(rest[0].TraceID)
		n := 1
		for n < len(rest) && sameRequest(s.key.Origin(rest[n].TraceID), origin) {
			n++
		}
		if origin.Iteration == s.iteration {
			t.Spans = rest[:n]
			to := s.turn(origin)
			to.traces = otlp.AppendTraces(to.traces, t, otlp.FormatProto)
		}
		t.Spans = rest[n:]
	}
}

// addLogs is add for logs.
func (s *session) addLogs(l *otlp.Logs) {
	all := l.Records
	defer func() { l.Records = all }()
	for len(l.Records) > 0 {
		rest := l.Records
		origin := s.key.Origin(rest[0].TraceID)
		n := 1
		for n < len(rest) && sameRequest(s.key.Origin(rest[n].TraceID), origin) {
			n++
		}
		if origin.Iteration == s.iteration {
			l.Records = rest[:n]
			to := s.turn(origin)
			to.logs = otlp.AppendLogs(to.logs, l, otlp.FormatProto)
		}
		l.Records = rest[n:]
	}
}

// turn returns the turn of a trace of the session.
func (s *session) turn(origin ids.Origin) *turn {
	for len(s.turns) <= int(origin.Turn) {
		s.turns = append(s.turns, turn{})
	}
	return &s.turns[origin.Turn]
}

func sameRequest(a, b ids.Origin) bool { return a.Iteration == b.Iteration && a.Turn == b.Turn }

// holds reports whether a trace is one of the session's.
func (s *session) holds(id otlp.TraceID) bool {
	for _, turn := range s.turns {
		if bytes.Contains(turn.traces, id[:]) {
			return true
		}
	}
	return false
}

// appendText appends the session as text: who and when, then for each turn its
// request and each trace as a tree.
func (s *session) appendText(dst []byte, full bool) ([]byte, error) {
	dst = fmt.Appendf(dst, "iteration %d of seed %d\nscenario  %s\n", s.iteration, s.seed, s.scenario)
	for i, turn := range s.turns {
		var d otlp.Decoder
		var t otlp.Traces
		var l otlp.Logs
		if err := d.Traces(&t, turn.traces, otlp.FormatProto); err != nil {
			return dst, fmt.Errorf("decode turn %d: %w", i+1, err)
		}
		if err := d.Logs(&l, turn.logs, otlp.FormatProto); err != nil {
			return dst, fmt.Errorf("decode logs of turn %d: %w", i+1, err)
		}
		if len(t.Spans) == 0 {
			return dst, fmt.Errorf("turn %d of iteration %d has no spans", i+1, s.iteration)
		}
		inOrder(t.Spans)
		if i == 0 {
			start := time.Unix(0, int64(t.Spans[0].Start)).UTC()
			dst = fmt.Appendf(dst, "session   %s\nstart     %s\n",
				stringAttr(&t, s.prefix+".session.id"), start.Format(time.RFC3339Nano))
		}
		dst = fmt.Appendf(dst, "\nturn %d of %d, request %s\n",
			i+1, len(s.turns), stringAttr(&t, s.prefix+".request.id"))
		dst = corpus.AppendRequest(dst, &t, &l, full)
	}
	return dst, nil
}

// inOrder sorts spans by time. On the wire they are grouped by resource, in an
// order that depends on what else is in the record.
func inOrder(spans []otlp.Span) {
	slices.SortFunc(spans, func(a, b otlp.Span) int {
		return cmp.Or(
			cmp.Compare(a.Start, b.Start),
			cmp.Compare(b.End, a.End),
			bytes.Compare(a.TraceID[:], b.TraceID[:]),
			bytes.Compare(a.SpanID[:], b.SpanID[:]),
		)
	})
}

// stringAttr returns the first value of a text attribute on the spans of t, or
// a dash.
func stringAttr(t *otlp.Traces, name string) string {
	id, ok := t.Strings.Lookup(name)
	if !ok {
		return "-"
	}
	for _, span := range t.Spans {
		for _, attr := range t.Attrs[span.Attrs.Start:span.Attrs.End] {
			if attr.Key != id {
				continue
			}
			switch attr.Kind {
			case otlp.KindString:
				return t.Strings.String(otlp.StringID(attr.Word))
			case otlp.KindText:
				r := otlp.UnpackRange(attr.Word)
				return string(t.Text[r.Start:r.End])
			}
		}
	}
	return "-"
}
