package profile

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// Tasks that come to tools of different services are different classes, however many calls
// are between, and all that come to the same one are of one class.
func TestClassesByWhomTheyComeTo(t *testing.T) {
	b := NewBuilder(Options{})
	app := &intake.Resource{Hash: 1, Service: "app"}
	for i, name := range []string{"phone", "phone", "car"} {
		tools := &intake.Resource{Hash: uint64(2 + i), Service: name}
		trace := &intake.Trace{ID: otlp.TraceID{15: byte(i + 1)}}
		trace.Spans = []intake.Span{
			at(-1, app, otlp.SpanKindServer, "ask", 0, 100),
			at(0, app, otlp.SpanKindInternal, "task", 10, 90),
			at(1, app, otlp.SpanKindClient, "tool", 20, 80),
			at(2, app, otlp.SpanKindClient, "attempt", 30, 70),
			at(3, tools, otlp.SpanKindServer, "serve", 40, 60),
			at(0, app, otlp.SpanKindInternal, "end", 95, 96),
		}
		b.Trace(trace)
	}
	paths := map[string]map[uint64]uint64{}
	for _, c := range b.Finish().Classes { // order-free: counts
		if paths[c.Name] == nil {
			paths[c.Name] = map[uint64]uint64{}
		}
		paths[c.Name][c.Path] += c.Spans
	}
	for name, want := range map[string]int{"ask": 1, "task": 2, "tool": 2, "attempt": 2, "serve": 2, "end": 1} {
		if len(paths[name]) != want {
			t.Errorf("%s: %d classes, want %d", name, len(paths[name]), want)
		}
	}
}

// A trace that comes back to what it does, as deep as traces are looked at, leaves room for
// the classes of all others: however deep it is, what stands below a hundred is alike.
func TestDeepTracesLeaveRoom(t *testing.T) {
	b := NewBuilder(Options{})
	app := &intake.Resource{Hash: 1, Service: "app"}
	for i := range 40 {
		b.Trace(&intake.Trace{ID: otlp.TraceID{15: byte(i + 1)}, Spans: []intake.Span{
			at(-1, app, otlp.SpanKindServer, "ask", 0, 100), at(0, app, otlp.SpanKindInternal, "task", 10, 90),
		}})
	}
	const deep = 20_000
	trace := &intake.Trace{ID: otlp.TraceID{1}}
	for i := range deep {
		trace.Spans = append(trace.Spans, at(int32(i-1), app, otlp.SpanKindInternal, []string{"walk", "enter", "leave"}[i%3], float64(i), float64(3*deep-i)))
	}
	b.Trace(trace)
	p, names := b.Finish(), map[string]uint64{}
	for _, c := range p.Classes { // order-free: sums
		names[c.Name] += c.Spans
	}
	if names["ask"] != 40 || names["task"] != 40 || p.Left.Spans != 0 {
		t.Errorf("%v, %d left out", names, p.Left.Spans)
	}
	if n := len(p.Classes); n < 100 || n > 110 {
		t.Errorf("%d classes", n)
	}
}
