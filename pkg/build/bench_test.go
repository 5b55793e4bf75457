package build

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
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

// BenchmarkSystem measures the same of services.
func BenchmarkSystem(b *testing.B) {
	in := bundled(b)
	in.Definitions = []input.File{{Name: "shop.yaml", Data: []byte(benchmarkShop)}}
	benchmarkPlan(b, compiled(b, in, Options{}), otlp.FormatProto, []otlp.Signal{otlp.SignalTraces})
}

const benchmarkShop = `
name: shop
services:
  web: {operations: {"GET /items/{item}": {calls: [{call: api.Get, count: 3, timeout: 50}, cart.POST /orders]}}}
  api: {protocol: grpc, instances: 3, operations: {Get: {error: 0.02, calls: [{call: cache.GET item, optional: true}, {call: db.SELECT items, if_failed: true}, {span: rank}]}}}
  cart: {operations: {POST /orders: {attributes: {order: {pattern: "ord-{hex:8}"}}, calls: [db.SELECT items, {call: mail.sent, after: true}]}}}
  cache: {protocol: db, system: redis, operations: {GET item: {error: {rate: 0.3, types: [miss]}}}}
  db: {protocol: db, operations: {SELECT items: {latency: 4}}}
  mail: {protocol: messaging, operations: {sent: {}}}
`

func benchmarkSegment(b *testing.B, f otlp.Format, signals []otlp.Signal) {
	benchmarkPlan(b, compiled(b, bundled(b), Options{}), f, signals)
}

func benchmarkPlan(b *testing.B, p *Plan, f otlp.Format, signals []otlp.Signal) {
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
