package otlp

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// modelMaker fills Traces with random content, everything that the format
// allows, from a seeded stream.
type modelMaker struct {
	r *rand.Rand
	t *Traces
}

func newMaker(seed uint64) *modelMaker {
	return &modelMaker{r: rand.New(rand.NewPCG(seed, 7)), t: &Traces{Strings: NewStrings()}}
}

// oddStrings are strings that formats get wrong: escapes, controls, what HTML
// escaping would touch, separators, all widths of UTF-8, and lengths on both
// sides of each varint width.
var oddStrings = []string{
	"", "a", "gen_ai.operation.name", `quote " back \ slash /`, "\x00\x01\x1f\x7f\b\f\n\r\t", "<b>&amp;</b>",
	"\u2028\u2029", "h\u00e9llo \u4e16\u754c \U0001f600", "\ufffd", strings.Repeat("x", 125), strings.Repeat("x", 126),
	strings.Repeat("y", 127), strings.Repeat("y", 128), strings.Repeat("\u00fc", 70), strings.Repeat("z", 16380),
	strings.Repeat("z", 16390), "01234567\"", "01234567\x1f", "0123456\u00e9", "1234567\\89",
}

var oddInts = []int64{0, 1, -1, 127, 128, 16383, 16384, math.MaxInt64, math.MinInt64, 1 << 53, -(1 << 53) - 1}

var oddFloats = []float64{
	0, math.Copysign(0, -1), 1, -1.5, 1e21, 1e20, 1e-6, 9.99e-7, 1e-9, 1.7976931348623157e308, 5e-324,
	math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 1.0 / 3,
}

func (m *modelMaker) text() string {
	if m.r.IntN(4) > 0 {
		return fmt.Sprintf("value-%d", m.r.IntN(1000))
	}
	return oddStrings[m.r.IntN(len(oddStrings))]
}

func (m *modelMaker) id() StringID { return m.t.Strings.ID(m.text()) }

func (m *modelMaker) arena(s string) uint64 {
	start := uint32(len(m.t.Text))
	m.t.Text = append(m.t.Text, s...)
	return PackRange(Range{start, uint32(len(m.t.Text))})
}

// attrs appends up to n attributes and returns their range. Nested values
// stand before the range that holds them.
func (m *modelMaker) attrs(n, depth int) Range {
	list := make([]Attr, m.r.IntN(n+1))
	for i := range list {
		list[i] = m.attr(depth)
	}
	start := uint32(len(m.t.Attrs))
	m.t.Attrs = append(m.t.Attrs, list...)
	return Range{start, uint32(len(m.t.Attrs))}
}

func (m *modelMaker) attr(depth int) Attr {
	a := Attr{Key: m.id(), Kind: Kind(m.r.IntN(9))}
	if depth == 0 && (a.Kind == KindArray || a.Kind == KindMap) {
		a.Kind = KindString
	}
	switch a.Kind {
	case KindString:
		a.Word = uint64(m.id())
	case KindText:
		a.Word = m.arena(m.text())
	case KindBytes:
		a.Word = m.arena(strings.Repeat("\xff\x00\x80", m.r.IntN(60)))
	case KindInt:
		a.Word = uint64(oddInts[m.r.IntN(len(oddInts))])
	case KindBool:
		a.Word = m.r.Uint64N(2)
	case KindDouble:
		a.Word = math.Float64bits(oddFloats[m.r.IntN(len(oddFloats))])
	case KindArray, KindMap:
		a.Word = PackRange(m.attrs(4, depth-1))
	}
	return a
}

func (m *modelMaker) word(zeroIn int) uint64 {
	if m.r.IntN(zeroIn) == 0 {
		return 0
	}
	return m.r.Uint64()
}

func (m *modelMaker) traceID() (id TraceID) {
	for i := range id {
		id[i] = byte(m.r.Uint32())
	}
	return id
}

func (m *modelMaker) spanID() (id SpanID) {
	if m.r.IntN(4) == 0 {
		return id
	}
	for i := range id {
		id[i] = byte(m.r.Uint32())
	}
	return id
}

// fill makes a record of n spans whose resources and scopes come in no order.
func (m *modelMaker) fill(n int) *Traces {
	t := m.t
	t.Reset()
	for range 1 + m.r.IntN(3) {
		t.Resources = append(t.Resources, Resource{Attrs: m.attrs(8, 2), SchemaURL: m.id()})
	}
	for range 1 + m.r.IntN(4) {
		t.Scopes = append(t.Scopes, Scope{Name: m.id(), Version: m.id()})
	}
	trace := m.traceID()
	for range n {
		if m.r.IntN(8) == 0 {
			trace = m.traceID()
		}
		t.Spans = append(t.Spans, m.span(trace))
	}
	return t
}

func (m *modelMaker) span(trace TraceID) Span {
	t := m.t
	s := Span{
		TraceID: trace, SpanID: m.spanID(), ParentID: m.spanID(), Start: m.word(9), End: m.word(9), Name: m.id(),
		Flags: uint32(m.word(3)), Kind: uint8(m.r.IntN(6)), Status: uint8(m.r.IntN(3)),
		Resource: uint32(m.r.IntN(len(t.Resources))), Scope: uint32(m.r.IntN(len(t.Scopes))),
		Attrs: m.attrs(12, 3),
	}
	if m.r.IntN(3) == 0 {
		s.Message = m.id()
	}
	s.Events.Start = uint32(len(t.Events))
	for range m.r.IntN(3) {
		t.Events = append(t.Events, Event{Time: m.word(5), Name: m.id(), Attrs: m.attrs(4, 1)})
	}
	s.Events.End = uint32(len(t.Events))
	s.Links.Start = uint32(len(t.Links))
	for range m.r.IntN(3) {
		t.Links = append(t.Links, Link{TraceID: m.traceID(), SpanID: m.spanID(), Flags: uint32(m.word(2)), Attrs: m.attrs(3, 1)})
	}
	s.Links.End = uint32(len(t.Links))
	return s
}
