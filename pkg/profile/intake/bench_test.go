package intake

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
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
