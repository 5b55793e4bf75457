package show

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Session is one iteration, collected for printing. Its spans and logs are kept
// as encoded records and decoded again, so that a session rebuilt from the seed
// and one read from a corpus of any format cannot look different.
type Session struct {
	Scenario string // its name, to print: nothing on the wire tells it

	seed      uint64
	iteration uint64
	prefix    string
	key       ids.Key
	turns     []turn
}

// turn is one request of a session, encoded.
type turn struct {
	traces []byte // TracesData
	logs   []byte // LogsData
}

// NewSession returns the session of an iteration of a seed, with nothing in it.
// Prefix is the namespace of the vendor's attributes.
func NewSession(seed, iteration uint64, scenario, prefix string) *Session {
	return &Session{Scenario: scenario, seed: seed, iteration: iteration, prefix: prefix, key: ids.New(seed)}
}

// Iteration returns the number of the session within its seed.
func (s *Session) Iteration() uint64 { return s.iteration }

// Empty reports whether nothing of the session was added.
func (s *Session) Empty() bool { return len(s.turns) == 0 }

// AddTraces takes the spans of the session out of a record, which may hold those
// of others too; t is as it was afterwards. Encoded messages may be joined by
// appending, which is how the records of a request that was split become one.
func (s *Session) AddTraces(t *otlp.Traces) { addTraces(s.key, t, s.only) }

// AddLogs is AddTraces for logs.
func (s *Session) AddLogs(l *otlp.Logs) { addLogs(s.key, l, s.only) }

func (s *Session) only(iteration uint64) *Session {
	if iteration != s.iteration {
		return nil
	}
	return s
}

// Sessions are several sessions of a seed, which take what is theirs from each
// record in one pass over it. The zero value holds none.
type Sessions struct {
	key ids.Key
	all map[uint64]*Session // by iteration
}

// Add adds a session to be filled. All must be of one seed.
func (a *Sessions) Add(s *Session) {
	if a.all == nil {
		a.all = make(map[uint64]*Session)
	}
	a.key, a.all[s.iteration] = s.key, s
}

// AddTraces is Session.AddTraces for each session.
func (a *Sessions) AddTraces(t *otlp.Traces) { addTraces(a.key, t, a.of) }

// AddLogs is Session.AddLogs for each session.
func (a *Sessions) AddLogs(l *otlp.Logs) { addLogs(a.key, l, a.of) }

func (a *Sessions) of(iteration uint64) *Session { return a.all[iteration] }

// addTraces gives each run of spans of one request to the session that it is
// of, if any.
func addTraces(key ids.Key, t *otlp.Traces, of func(iteration uint64) *Session) {
	all := t.Spans
	defer func() { t.Spans = all }()
	for rest := all; len(rest) > 0; rest = rest[len(t.Spans):] {
		origin := key.Origin(rest[0].TraceID)
		n := 1
		for n < len(rest) && sameRequest(key.Origin(rest[n].TraceID), origin) {
			n++
		}
		t.Spans = rest[:n]
		if s := of(origin.Iteration); s != nil {
			to := s.turn(origin)
			to.traces = otlp.AppendTraces(to.traces, t, otlp.FormatProto)
		}
	}
}

// addLogs is addTraces for logs.
func addLogs(key ids.Key, l *otlp.Logs, of func(iteration uint64) *Session) {
	all := l.Records
	defer func() { l.Records = all }()
	for rest := all; len(rest) > 0; rest = rest[len(l.Records):] {
		origin := key.Origin(rest[0].TraceID)
		n := 1
		for n < len(rest) && sameRequest(key.Origin(rest[n].TraceID), origin) {
			n++
		}
		l.Records = rest[:n]
		if s := of(origin.Iteration); s != nil {
			to := s.turn(origin)
			to.logs = otlp.AppendLogs(to.logs, l, otlp.FormatProto)
		}
	}
}

// turn returns the turn of a trace of the session.
func (s *Session) turn(origin ids.Origin) *turn {
	for len(s.turns) <= int(origin.Turn) {
		s.turns = append(s.turns, turn{})
	}
	return &s.turns[origin.Turn]
}

func sameRequest(a, b ids.Origin) bool { return a.Iteration == b.Iteration && a.Turn == b.Turn }

// Holds reports whether a trace is one of the session's.
func (s *Session) Holds(id otlp.TraceID) bool {
	for _, turn := range s.turns {
		if bytes.Contains(turn.traces, id[:]) {
			return true
		}
	}
	return false
}

// request is a turn, decoded.
type request struct {
	traces      otlp.Traces
	logs        otlp.Logs
	id, session string // "-" when no span tells
}

// requests decodes the turns.
func (s *Session) requests() ([]request, error) {
	all := make([]request, len(s.turns))
	for i := range s.turns {
		r := &all[i]
		var d otlp.Decoder
		if err := d.Traces(&r.traces, s.turns[i].traces, otlp.FormatProto); err != nil {
			return nil, fmt.Errorf("decode turn %d: %w", i+1, err)
		}
		if err := d.Logs(&r.logs, s.turns[i].logs, otlp.FormatProto); err != nil {
			return nil, fmt.Errorf("decode logs of turn %d: %w", i+1, err)
		}
		inOrder(r.traces.Spans)
		r.id = stringAttr(&r.traces, s.prefix+".request.id")
		r.session = stringAttr(&r.traces, s.prefix+".session.id")
		if r.session == "-" {
			r.session = stringAttr(&r.traces, "session.id") // by its standard name
		}
	}
	return all, nil
}

// AppendText appends the session as text: who and when, then for each turn its
// request and each trace as a tree, with full each attribute and event. An
// error says which turn cannot be decoded or has no spans.
func (s *Session) AppendText(dst []byte, full bool) ([]byte, error) {
	requests, err := s.requests()
	if err != nil {
		return dst, err
	}
	dst = fmt.Appendf(dst, "iteration %d of seed %d\nscenario  %s\n", s.iteration, s.seed, text.Clean(s.Scenario))
	for i := range requests {
		r := &requests[i]
		if len(r.traces.Spans) == 0 {
			return dst, fmt.Errorf("turn %d of iteration %d has no spans", i+1, s.iteration)
		}
		if i == 0 {
			if r.session != "-" {
				dst = fmt.Appendf(dst, "session   %s\n", text.Clean(r.session))
			}
			dst = fmt.Appendf(dst, "start     %s\n", instant(r.traces.Spans[0].Start))
		}
		dst = fmt.Appendf(dst, "\nturn %d of %d", i+1, len(requests))
		if r.id != "-" {
			dst = fmt.Appendf(dst, ", request %s", text.Clean(r.id))
		}
		dst = append(dst, '\n')
		dst = AppendRequest(dst, &r.traces, &r.logs, full)
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
	from := sourceOf(t)
	for i := range t.Spans {
		if a := from.find(t.Spans[i].Attrs, name); a != nil {
			if value, ok := from.string(a); ok {
				return value
			}
		}
	}
	return "-"
}
