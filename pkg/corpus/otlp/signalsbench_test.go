package otlp

import (
	"fmt"
	"math"
	"testing"
)

// typicalMetrics returns a record like the generator's: counters and histograms
// of n points each, an exemplar in every second histogram.
func typicalMetrics(n int) *Metrics {
	m := &Metrics{Strings: NewStrings(), Scopes: make([]Scope, 1)}
	str := func(key, value string) Attr {
		return Attr{Key: m.Strings.ID(key), Word: uint64(m.Strings.ID(value))}
	}
	m.Attrs = []Attr{str("service.name", "shop-assistant"), str("service.instance.id", "shop-3")}
	m.Resources = []Resource{{Attrs: Range{0, 2}}}
	for b := range 14 {
		m.Bounds = append(m.Bounds, math.Ldexp(0.01, b))
	}
	for k := range 8 {
		x := Metric{Name: m.Strings.ID(fmt.Sprintf("gen_ai.client.metric%d", k)), Unit: m.Strings.ID("s"),
			Description: m.Strings.ID("How long it took."), Temporality: TemporalityCumulative, Kind: MetricHistogram}
		if k%2 == 0 {
			x.Kind, x.Monotonic = MetricSum, true
		}
		x.Points.Start = uint32(len(m.Points))
		for i := range n {
			at := uint32(len(m.Attrs))
			m.Attrs = append(m.Attrs, str("gen_ai.operation.name", "chat"), str("gen_ai.provider.name", "openai"),
				str("gen_ai.request.model", fmt.Sprintf("gpt-%d", i)), str("error.type", "timeout"))
			p := Point{Start: 1_760_000_000_000_000_000, Time: 1_760_000_060_000_000_000, Attrs: Range{at, at + 4}, Kind: KindInt, Value: 1234}
			if x.Kind == MetricHistogram {
				c := uint32(len(m.Counts))
				for b := range uint64(15) {
					m.Counts = append(m.Counts, b*b%50)
				}
				p.Buckets, p.Bounds, p.Count = Range{c, c + 15}, Range{0, 14}, 350
				p.Has, p.Sum, p.Max = HasSum|HasMin|HasMax, 123.456, 9.5
				if i%2 == 0 {
					e := uint32(len(m.Exemplars))
					m.Exemplars = append(m.Exemplars, Exemplar{Time: p.Time, Kind: KindDouble, Value: math.Float64bits(0.25), TraceID: TraceID{1}, SpanID: SpanID{2}})
					p.Exemplars = Range{e, e + 1}
				}
			}
			m.Points = append(m.Points, p)
		}
		x.Points.End = uint32(len(m.Points))
		m.Metrics = append(m.Metrics, x)
	}
	return m
}

// typicalLogs returns a record of n log records like the generator's.
func typicalLogs(n int) *Logs {
	l := &Logs{Strings: NewStrings(), Scopes: make([]Scope, 1)}
	str := func(key, value string) Attr {
		return Attr{Key: l.Strings.ID(key), Word: uint64(l.Strings.ID(value))}
	}
	l.Attrs = []Attr{str("service.name", "shop-assistant"), str("service.instance.id", "shop-3")}
	l.Resources = []Resource{{Attrs: Range{0, 2}}}
	for i := range n {
		at := uint32(len(l.Attrs))
		l.Attrs = append(l.Attrs, str("session.id", "c0a8f3d2-19"), str("vendor.tenant.id", "tenant-17"),
			str("vendor.request.id", "req-17"), str("vendor.tool.name", "search"), Attr{Key: l.Strings.ID("vendor.attempt"), Kind: KindInt, Word: 2})
		l.Records = append(l.Records, LogRecord{Time: 1_760_000_000_000_000_000 + uint64(i), Observed: 1_760_000_000_100_000_000,
			TraceID: TraceID{1}, SpanID: SpanID{byte(i)}, Flags: 1, Severity: SeverityInfo, SeverityText: l.Strings.ID("INFO"),
			EventName: l.Strings.ID("vendor.tool.attempt"), Body: Attr{Word: uint64(l.Strings.ID("Tool search answered."))}, Attrs: Range{at, at + 5}})
	}
	return l
}

func benchmarkSignal(b *testing.B, c *signalCase, r any, items int, f Format) {
	e := Encoder{Format: f}
	var block Block
	if err := c.frame(&e, &block, r); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(block.Data)))
	b.ReportAllocs()
	for b.Loop() {
		block.Reset()
		if err := c.frame(&e, &block, r); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
}

func BenchmarkAppendPointsProto(b *testing.B) {
	m := typicalMetrics(20)
	benchmarkSignal(b, &signalCases[0], m, len(m.Points), FormatProto)
}

func BenchmarkAppendPointsJSON(b *testing.B) {
	m := typicalMetrics(20)
	benchmarkSignal(b, &signalCases[0], m, len(m.Points), FormatJSON)
}

func BenchmarkAppendLogRecordsProto(b *testing.B) {
	l := typicalLogs(40)
	benchmarkSignal(b, &signalCases[1], l, len(l.Records), FormatProto)
}

func BenchmarkAppendLogRecordsJSON(b *testing.B) {
	l := typicalLogs(40)
	benchmarkSignal(b, &signalCases[1], l, len(l.Records), FormatJSON)
}

func benchmarkDecodeSignal(b *testing.B, c *signalCase, r any, items int) {
	in := c.append(nil, r, FormatProto)
	var d Decoder
	to, err := c.decode(&d, in, FormatProto)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := c.again(&d, to, in, FormatProto); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*items), "ns/item")
}

func BenchmarkDecodePoints(b *testing.B) {
	m := typicalMetrics(20)
	benchmarkDecodeSignal(b, &signalCases[0], m, len(m.Points))
}

func BenchmarkDecodeLogRecords(b *testing.B) {
	l := typicalLogs(40)
	benchmarkDecodeSignal(b, &signalCases[1], l, len(l.Records))
}
