package build

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// BenchmarkBuild measures building spans alone, without encoding them.
func BenchmarkBuild(b *testing.B) {
	p := compiled(b, bundled(b), Options{})
	g := generator(b, p, run(1<<30))
	spans := 0
	i := uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		g.traces.Reset()
		_ = g.gen.Iteration(i, &g.traces, func() error { spans += len(g.traces.Spans); g.traces.Reset(); return nil })
		i++
	}
	b.ReportMetric(float64(spans)/b.Elapsed().Seconds(), "spans/s")
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(spans), "ns/span")
}

// BenchmarkSegment measures building and appending together, of spans alone and
// of all signals. An item is a span, a point or a log record.
func BenchmarkSegment(b *testing.B) {
	for _, signals := range [][]otlp.Signal{{otlp.SignalTraces}, {otlp.SignalTraces, otlp.SignalMetrics}, {otlp.SignalTraces, otlp.SignalLogs}, nil} {
		for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
			name := "all"
			if signals != nil {
				name = signals[len(signals)-1].String()
			}
			b.Run(name+"/"+f.String(), func(b *testing.B) { benchmarkSegment(b, f, signals) })
		}
	}
}

func benchmarkSegment(b *testing.B, f otlp.Format, signals []otlp.Signal) {
	p := compiled(b, bundled(b), Options{})
	r := run(1 << 30)
	r.Format, r.SegmentIterations, r.Signals = f, 1024, signals
	g := generator(b, p, r)
	var seg otlp.Segment
	i, spans, items := uint64(0), uint64(0), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		seg.Reset()
		if err := g.AppendSegment(&seg, i); err != nil {
			b.Fatal(err)
		}
		bytes := 0
		for k := range seg.Blocks {
			bytes += len(seg.Blocks[k].Data)
			items += seg.Blocks[k].Items
		}
		b.SetBytes(int64(bytes))
		spans += seg.Blocks[otlp.SignalTraces].Items
		i++
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(spans), "ns/span")
	b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(items), "ns/item")
}
