package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// gateway is sessions of one request or of two, each in two traces, of which some of the
// steps have links and pauses, in ms.
func gateway(linked uint64, ms float64) *hand {
	h := newHand(300)
	h.class(10, "gateway", "check", otlp.SpanKindServer, "", 150, 5).Roots = 150
	h.class(20, "agent", "answer", otlp.SpanKindServer, "", 150, 50).Roots = 150
	numbers := func(v float64, n uint64) *sketch.Numbers {
		s := &sketch.Numbers{}
		s.AddN(v, n)
		return s
	}
	one := func(roots ...uint64) *profile.Order {
		o := &profile.Order{Sessions: 50, Roots: roots}
		for range roots {
			o.Counts = append(o.Counts, numbers(1, 50))
		}
		return o
	}
	h.Sessions = profile.Sessions{
		Count: 100, Traces: numbers(3, 100), Thinks: numbers(0, 200),
		Orders: map[uint64]*profile.Order{1: one(10, 20), 2: one(10, 20, 10, 20)},
		Steps: map[uint64]*profile.Step{
			1: {From: 10, To: 20, Traces: 150, Linked: linked, Thinks: numbers(ms*1e6, 150)},
			2: {From: 20, To: 10, Traces: 50, Linked: 50, Thinks: numbers(9e9, 50)},
		},
	}
	return h
}

// What always links to the trace before it, and begins at once, continues its request; what
// is between the others is the time that users think.
func TestRequestsOfSeveralTraces(t *testing.T) {
	for _, row := range []struct {
		linked            uint64
		ms                float64
		continues, thinks string
		links             int
	}{
		{150, 0, "continues: true", "value_ms: 9000", 4}, // of both orders
		{150, 500, "", "value_ms: 0}", 4},
		{140, 0, "", "value_ms: 0}", 1},
	} {
		text := learntOf(t, gateway(row.linked, row.ms))
		if got := strings.Contains(text, "continues: true"); got != (row.continues != "") || !strings.Contains(text, row.thinks) || strings.Count(text, "linked: true") != row.links {
			t.Errorf("%d links after %v ms:\n%s", row.linked, row.ms, text)
		}
		if !strings.Contains(text, "session_id: false") {
			t.Errorf("no span says session.id:\n%s", text)
		}
	}
}

// Requests of one kind that all link to the one before are linked, though nothing but themselves is
// before them.
func TestRequestsOfOneKindAreLinked(t *testing.T) {
	for linked, want := range map[uint64]bool{150: true, 140: false} {
		h := newHand(300)
		h.class(10, "gateway", "check", otlp.SpanKindServer, "", 300, 5).Roots = 300
		does(h.Classes[10], 300, 5)
		counts, thinks := &sketch.Numbers{}, &sketch.Numbers{}
		counts.AddN(1, 100)
		counts.AddN(4, 50)
		thinks.AddN(9e9, 150)
		h.Sessions = profile.Sessions{
			Count: 150, Traces: counts, Thinks: thinks, Orders: map[uint64]*profile.Order{1: {Sessions: 150, Roots: []uint64{10}, Counts: []*sketch.Numbers{counts}}},
			Steps: map[uint64]*profile.Step{1: {From: 10, To: 10, Traces: 150, Linked: linked, Thinks: thinks}},
		}
		if text := learntOf(t, h); strings.Contains(text, "linked: true") != want || strings.Contains(text, "continues") {
			t.Errorf("%d links:\n%s", linked, text)
		}
	}
}

// What sessions have in common as often as they are one request is of the request.
func TestValuesOfRequestsOfSeveralTraces(t *testing.T) {
	for alike, want := range map[uint64]bool{50: true, 20: false} {
		h := gateway(150, 0)
		values := make([]string, 150)
		for i := range values {
			values[i] = "req_" + strings.Repeat("0", 3) + string(rune('a'+i%26)) + string(rune('a'+i/26)) + "0f"
		}
		for _, c := range h.Classes {
			c.Attributes["request.id"] = texts("request.id", 150, values...)
		}
		h.Keys["request.id"] = &profile.Key{Spans: 300, Sessions: 100, SessionAlike: alike, Values: texts("", 150, values...).Values}
		if text := learntOf(t, h); strings.Contains(text, "use: request_id") != want {
			t.Errorf("%d alike of 100:\n%s", alike, text)
		}
	}
}
