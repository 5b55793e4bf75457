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

// BenchmarkSegment measures building and appending together.
func BenchmarkSegment(b *testing.B) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		b.Run(f.String(), func(b *testing.B) {
			p := compiled(b, bundled(b), Options{})
			r := run(1 << 30)
			r.Format, r.SegmentIterations = f, 1024
			g := generator(b, p, r)
			var seg otlp.Segment
			i, spans := uint64(0), uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				seg.Reset()
				if err := g.AppendSegment(&seg, i); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(seg.Blocks[0].Data)))
				spans += seg.Blocks[0].Items
				i++
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(spans), "ns/span")
		})
	}
}
