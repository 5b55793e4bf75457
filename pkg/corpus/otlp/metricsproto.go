package otlp

import (
	"encoding/binary"
	"math"
)

// appendMetricsProto appends m as MetricsData. m.order is built.
func appendMetricsProto(dst []byte, m *Metrics) []byte {
	g := &m.order
	for i := range g.resources {
		r := &g.resources[i]
		res := &m.Resources[r.resource]
		dst = append(dst, 0x0a) // MetricsData.resource_metrics
		var start int
		dst, start = OpenLength(dst, 3)
		dst = appendResource(dst, &m.view, res)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = appendScopeMetrics(dst, m, &g.scopes[j])
		}
		dst = appendString(dst, 0x1a, &m.view, res.SchemaURL)
		dst = CloseLength(dst, start, 3)
	}
	return dst
}

func appendScopeMetrics(dst []byte, m *Metrics, g *scopeGroup) []byte {
	dst = append(dst, 0x12) // ResourceMetrics.scope_metrics
	dst, start := OpenLength(dst, 3)
	dst = appendScope(dst, &m.view, &m.Scopes[g.scope])
	for i := g.first; i != none; i = m.order.next[i] {
		x := &m.Metrics[i]
		width := lengthWidth(4 * uint32(x.Points.Len()))
		dst = append(dst, 0x12) // ScopeMetrics.metrics
		var at int
		dst, at = OpenLength(dst, width)
		dst = appendMetric(dst, m, x, width)
		dst = CloseLength(dst, at, width)
	}
	return CloseLength(dst, start, 3)
}

// dataTags are the tags of Metric.data, by MetricKind.
var dataTags = [...]byte{MetricGauge: 0x2a, MetricSum: 0x3a, MetricHistogram: 0x4a, MetricExpHistogram: 0x52}

// appendMetric appends the fields of a Metric message.
func appendMetric(dst []byte, m *Metrics, x *Metric, width int) []byte {
	dst = appendString(dst, 0x0a, &m.view, x.Name)
	dst = appendString(dst, 0x12, &m.view, x.Description)
	dst = appendString(dst, 0x1a, &m.view, x.Unit)
	if x.Kind == MetricNone {
		return dst
	}
	dst = append(dst, dataTags[x.Kind])
	dst, start := OpenLength(dst, width)
	for i := x.Points.Start; i < x.Points.End; i++ {
		p := &m.Points[i]
		dst = append(dst, 0x0a) // data_points
		var at int
		dst, at = OpenLength(dst, 2)
		switch x.Kind {
		case MetricHistogram:
			dst = appendHistogramPoint(dst, m, p)
		case MetricExpHistogram:
			dst = appendExpPoint(dst, m, p)
		default:
			dst = appendNumberPoint(dst, m, p)
		}
		dst = CloseLength(dst, at, 2)
	}
	if x.Temporality != TemporalityUnspecified && x.Kind != MetricGauge {
		dst = append(dst, 0x10)
		dst = appendVarint(dst, uint64(x.Temporality))
	}
	if x.Monotonic && x.Kind == MetricSum {
		dst = append(dst, 0x18, 1)
	}
	return CloseLength(dst, start, width)
}

func appendNumberPoint(dst []byte, m *Metrics, p *Point) []byte {
	dst = appendFixed64(dst, 0x11, p.Start)
	dst = appendFixed64(dst, 0x19, p.Time)
	dst = appendExemplars(dst, m, 0x2a, p.Exemplars)
	dst = appendAttrs(dst, &m.view, 0x3a, p.Attrs)
	dst = appendFlags(dst, 0x40, p.Flags)
	return appendNumber(dst, 0x21, 0x31, p.Kind, p.Value)
}

// appendNumber appends the value of a point or an exemplar, as a double or as
// an integer. Zero is written too.
func appendNumber(dst []byte, double, integer byte, kind Kind, value uint64) []byte {
	switch kind {
	case KindDouble:
		return appendWord(dst, double, value)
	case KindInt:
		return appendWord(dst, integer, value)
	}
	return dst
}

func appendHistogramPoint(dst []byte, m *Metrics, p *Point) []byte {
	dst = appendFixed64(dst, 0x11, p.Start)
	dst = appendFixed64(dst, 0x19, p.Time)
	dst = appendFixed64(dst, 0x21, p.Count)
	dst = appendOptional(dst, 0x29, p, HasSum, p.Sum)
	if n := p.Buckets.Len(); n > 0 {
		dst = appendVarint(append(dst, 0x32), uint64(8*n))
		for _, c := range m.Counts[p.Buckets.Start:p.Buckets.End] {
			dst = binary.LittleEndian.AppendUint64(dst, c)
		}
	}
	if n := p.Bounds.Len(); n > 0 {
		dst = appendVarint(append(dst, 0x3a), uint64(8*n))
		for _, b := range m.Bounds[p.Bounds.Start:p.Bounds.End] {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(b))
		}
	}
	dst = appendExemplars(dst, m, 0x42, p.Exemplars)
	dst = appendAttrs(dst, &m.view, 0x4a, p.Attrs)
	dst = appendFlags(dst, 0x50, p.Flags)
	dst = appendOptional(dst, 0x59, p, HasMin, p.Min)
	return appendOptional(dst, 0x61, p, HasMax, p.Max)
}

func appendExpPoint(dst []byte, m *Metrics, p *Point) []byte {
	dst = appendAttrs(dst, &m.view, 0x0a, p.Attrs)
	dst = appendFixed64(dst, 0x11, p.Start)
	dst = appendFixed64(dst, 0x19, p.Time)
	dst = appendFixed64(dst, 0x21, p.Count)
	dst = appendOptional(dst, 0x29, p, HasSum, p.Sum)
	dst = appendZigzag(dst, 0x30, p.Scale)
	dst = appendFixed64(dst, 0x39, p.ZeroCount)
	dst = appendBuckets(dst, m, 0x42, &p.Positive)
	dst = appendBuckets(dst, m, 0x4a, &p.Negative)
	dst = appendFlags(dst, 0x50, p.Flags)
	dst = appendExemplars(dst, m, 0x5a, p.Exemplars)
	dst = appendOptional(dst, 0x61, p, HasMin, p.Min)
	dst = appendOptional(dst, 0x69, p, HasMax, p.Max)
	return appendFixed64(dst, 0x71, math.Float64bits(p.ZeroThreshold))
}

// empty reports whether b is left out.
func (b *Buckets) empty() bool { return b.Counts.Len() == 0 && b.Offset == 0 }

func appendBuckets(dst []byte, m *Metrics, tag byte, b *Buckets) []byte {
	if b.empty() {
		return dst
	}
	dst = append(dst, tag)
	dst, start := OpenLength(dst, 1)
	dst = appendZigzag(dst, 0x08, b.Offset)
	if b.Counts.Len() > 0 {
		dst = append(dst, 0x12)
		var at int
		dst, at = OpenLength(dst, 1)
		for _, c := range m.Counts[b.Counts.Start:b.Counts.End] {
			dst = appendVarint(dst, c)
		}
		dst = CloseLength(dst, at, 1)
	}
	return CloseLength(dst, start, 1)
}

func appendExemplars(dst []byte, m *Metrics, tag byte, r Range) []byte {
	for i := r.Start; i < r.End; i++ {
		e := &m.Exemplars[i]
		dst = append(dst, tag)
		var start int
		dst, start = OpenLength(dst, 1)
		dst = appendFixed64(dst, 0x11, e.Time)
		if e.SpanID != (SpanID{}) {
			dst = append(dst, 0x22, 8)
			dst = append(dst, e.SpanID[:]...)
		}
		if e.TraceID != (TraceID{}) {
			dst = append(dst, 0x2a, 16)
			dst = append(dst, e.TraceID[:]...)
		}
		dst = appendAttrs(dst, &m.view, 0x3a, e.Attrs)
		dst = appendNumber(dst, 0x19, 0x31, e.Kind, e.Value)
		dst = CloseLength(dst, start, 1)
	}
	return dst
}

// appendWord appends a fixed64 field that is of a oneof or optional, so that
// zero is written too.
func appendWord(dst []byte, tag byte, x uint64) []byte {
	return binary.LittleEndian.AppendUint64(append(dst, tag), x)
}

func appendOptional(dst []byte, tag byte, p *Point, has uint8, x float64) []byte {
	if p.Has&has == 0 {
		return dst
	}
	return appendWord(dst, tag, math.Float64bits(x))
}

// appendZigzag appends a sint32 field unless it is zero.
func appendZigzag(dst []byte, tag byte, x int32) []byte {
	if x == 0 {
		return dst
	}
	return appendVarint(append(dst, tag), uint64(uint32(x)<<1^uint32(x>>31)))
}

// appendFlags appends the flags of a data point, a varint unlike those of spans
// and log records, unless they are zero.
func appendFlags(dst []byte, tag byte, flags uint32) []byte {
	if flags == 0 {
		return dst
	}
	return appendVarint(append(dst, tag), uint64(flags))
}
