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
