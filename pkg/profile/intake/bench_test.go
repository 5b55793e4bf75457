package intake

import (
	"bytes"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// nobody visits and keeps nothing.
type nobody struct{ spans int }

func (n *nobody) Trace(t *Trace) { n.spans += len(t.Spans) }
func (*nobody) Log(*Log)         {}
func (*nobody) Point(*Point)     {}

// BenchmarkEach reads a compressed corpus of spans; the time is that of all, the spans
// of agents having about 1 KB.
func BenchmarkEach(b *testing.B) {
	dir := generated(b, otelsim.Options{Seed: 1, Count: 3000, Signals: []otlp.Signal{otlp.SignalTraces}})
	in, err := Open([]string{dir}, Options{TempDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	bytes := 0
	for _, m := range payloads(b, dir, otlp.FormatProto, false) {
		bytes += len(m)
	}
	n := new(nobody)
	b.ReportAllocs()
	for b.Loop() {
		n.spans = 0
		if err := in.Each(b.Context(), n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n.spans), "ns/span")
	b.ReportMetric(float64(bytes)/float64(n.spans), "B/span")
}

// TestItemsAllocateNothing: traces that follow each other use the memory of those before.
func TestItemsAllocateNothing(t *testing.T) {
	a := assembler{partition: partition{parts: newParts(0), limits: usual}, visitor: new(nobody)}
	r := record{trace: otlp.TraceID{1}, time: 5, end: 7}
	r.resource, r.scope = a.parts.resource(nil), a.parts.scope(nil)
	payload, err := form.AppendProto(nil, otlp.SignalTraces, spanLine(traceA, id1, id2, 10, 20,
		`,"attributes":[{"key":"a","value":{"intValue":1}},{"key":"b","value":{"stringValue":"x"}}],"events":[{"name":"e","attributes":[{"key":"a"}]}],"links":[{}]`))
	if err != nil {
		t.Fatal(err)
	}
	var split form.Splitter
	if err := split.Split(otlp.SignalTraces, payload, func(raw *form.Raw) error { r.bytes = bytes.Clone(raw.Bytes); return nil }); err != nil {
		t.Fatal(err)
	}
	run := func() {
		a.partition.reset()
		for i := range 1000 {
			r.trace[1], r.span[0], r.log = byte(i%10), byte(i), i%5 == 0
			at := len(a.data)
			a.data = append(a.data, r.bytes...)
			a.add(&r, at)
		}
		a.sort()
		a.visitAll()
	}
	run()
	if n := testing.AllocsPerRun(10, run); n > 0 {
		t.Errorf("%g allocations for 1000 items", n)
	}
}
