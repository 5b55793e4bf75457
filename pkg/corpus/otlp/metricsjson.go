package otlp

import (
	"math"
	"strconv"
)

// appendMetricsJSON appends m as a JSON object. m.order is built. What two
// files of a corpus have in common comes late: the resource after its metrics,
// the description of a metric after its points, and a point begins with its
// times.
func appendMetricsJSON(dst []byte, m *Metrics) []byte {
	g := &m.order
	dst = append(dst, `{"resourceMetrics":[`...)
	for i := range g.resources {
		r := &g.resources[i]
		dst = comma(dst, i > 0)
		dst = append(dst, `{"scopeMetrics":[`...)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = comma(dst, j != r.first)
			dst = append(dst, '{')
			dst = appendScopeJSON(dst, &m.view, &m.Scopes[g.scopes[j].scope])
			dst = append(dst, `,"metrics":[`...)
			for k := g.scopes[j].first; k != none; k = g.next[k] {
				dst = comma(dst, k != g.scopes[j].first)
				dst = appendMetricJSON(dst, m, &m.Metrics[k])
			}
			dst = append(dst, `]}`...)
		}
		dst = append(dst, ']')
		dst = appendResourceJSON(dst, &m.view, &m.Resources[r.resource])
	}
	return append(dst, `]}`...)
}

// dataNames are the members of Metric.data, by MetricKind.
var dataNames = [...]string{
	MetricGauge: `"gauge":{`, MetricSum: `"sum":{`, MetricHistogram: `"histogram":{`,
	MetricExpHistogram: `"exponentialHistogram":{`,
}

func appendMetricJSON(dst []byte, m *Metrics, x *Metric) []byte {
	dst = append(dst, '{')
	dst = appendNameJSON(dst, `"name":`, &m.view, x.Name)
	dst = appendNameJSON(dst, `"unit":`, &m.view, x.Unit)
	if x.Kind != MetricNone {
		dst = member(dst, dataNames[x.Kind])
		if x.Points.Len() > 0 {
			dst = append(dst, `"dataPoints":[`...)
			for i := x.Points.Start; i < x.Points.End; i++ {
				dst = comma(dst, i > x.Points.Start)
				dst = appendPointJSON(dst, m, x.Kind, &m.Points[i])
			}
			dst = append(dst, ']')
		}
		if x.Kind != MetricGauge {
			dst = appendEnumJSON(dst, `"aggregationTemporality":`, uint8(x.Temporality))
		}
		if x.Monotonic && x.Kind == MetricSum {
			dst = append(member(dst, `"isMonotonic":`), "true"...)
		}
		dst = append(dst, '}')
	}
	dst = appendNameJSON(dst, `"description":`, &m.view, x.Description)
	return append(dst, '}')
}

func appendPointJSON(dst []byte, m *Metrics, kind MetricKind, p *Point) []byte {
	dst = append(dst, '{')
	dst = appendUint64JSON(dst, `"startTimeUnixNano":"`, p.Start)
	dst = appendUint64JSON(dst, `"timeUnixNano":"`, p.Time)
	dst = appendAttrsJSON(dst, `"attributes":`, &m.view, p.Attrs)
	switch kind {
	case MetricHistogram:
		dst = appendUint64JSON(dst, `"count":"`, p.Count)
		dst = appendOptionalJSON(dst, `"sum":`, p, HasSum, p.Sum)
		if p.Buckets.Len() > 0 {
			dst = appendCountsJSON(member(dst, `"bucketCounts":`), m.Counts[p.Buckets.Start:p.Buckets.End])
		}
		if p.Bounds.Len() > 0 {
			dst = append(member(dst, `"explicitBounds":`), '[')
			for i := p.Bounds.Start; i < p.Bounds.End; i++ {
				dst = comma(dst, i > p.Bounds.Start)
				dst = appendDoubleJSON(dst, m.Bounds[i])
			}
			dst = append(dst, ']')
		}
		dst = appendOptionalJSON(dst, `"min":`, p, HasMin, p.Min)
		dst = appendOptionalJSON(dst, `"max":`, p, HasMax, p.Max)
	case MetricExpHistogram:
		dst = appendExpJSON(dst, m, p)
	default:
		dst = appendNumberJSON(dst, p.Kind, p.Value)
	}
	if p.Exemplars.Len() > 0 {
		dst = member(dst, `"exemplars":[`)
		for i := p.Exemplars.Start; i < p.Exemplars.End; i++ {
			dst = comma(dst, i > p.Exemplars.Start)
			dst = appendExemplarJSON(dst, m, &m.Exemplars[i])
		}
		dst = append(dst, ']')
	}
	dst = appendFlagsJSON(dst, p.Flags)
	return append(dst, '}')
}

// appendExpJSON appends the members that only an exponential histogram has.
func appendExpJSON(dst []byte, m *Metrics, p *Point) []byte {
	dst = appendUint64JSON(dst, `"count":"`, p.Count)
	dst = appendOptionalJSON(dst, `"sum":`, p, HasSum, p.Sum)
	dst = appendInt32JSON(dst, `"scale":`, p.Scale)
	dst = appendUint64JSON(dst, `"zeroCount":"`, p.ZeroCount)
	dst = appendBucketsJSON(dst, `"positive":{`, m, &p.Positive)
	dst = appendBucketsJSON(dst, `"negative":{`, m, &p.Negative)
	dst = appendOptionalJSON(dst, `"min":`, p, HasMin, p.Min)
	dst = appendOptionalJSON(dst, `"max":`, p, HasMax, p.Max)
	if math.Float64bits(p.ZeroThreshold) != 0 {
		dst = appendDoubleJSON(member(dst, `"zeroThreshold":`), p.ZeroThreshold)
	}
	return dst
}

func appendBucketsJSON(dst []byte, name string, m *Metrics, b *Buckets) []byte {
	if b.empty() {
		return dst
	}
	dst = member(dst, name)
	dst = appendInt32JSON(dst, `"offset":`, b.Offset)
	if b.Counts.Len() > 0 {
		dst = appendCountsJSON(member(dst, `"bucketCounts":`), m.Counts[b.Counts.Start:b.Counts.End])
	}
	return append(dst, '}')
}

func appendCountsJSON(dst []byte, counts []uint64) []byte {
	dst = append(dst, '[')
	for i, c := range counts {
		dst = comma(dst, i > 0)
		dst = append(strconv.AppendUint(append(dst, '"'), c, 10), '"')
	}
	return append(dst, ']')
}

func appendExemplarJSON(dst []byte, m *Metrics, e *Exemplar) []byte {
	dst = append(dst, '{')
	dst = appendUint64JSON(dst, `"timeUnixNano":"`, e.Time)
	dst = appendNumberJSON(dst, e.Kind, e.Value)
	if e.SpanID != (SpanID{}) {
		dst = appendHex(member(dst, `"spanId":`), e.SpanID[:])
	}
	if e.TraceID != (TraceID{}) {
		dst = appendHex(member(dst, `"traceId":`), e.TraceID[:])
	}
	dst = appendAttrsJSON(dst, `"filteredAttributes":`, &m.view, e.Attrs)
	return append(dst, '}')
}

// appendNumberJSON appends the value of a point or an exemplar.
func appendNumberJSON(dst []byte, kind Kind, value uint64) []byte {
	switch kind {
	case KindDouble:
		return appendDoubleJSON(member(dst, `"asDouble":`), math.Float64frombits(value))
	case KindInt:
		dst = strconv.AppendInt(member(dst, `"asInt":"`), int64(value), 10)
		return append(dst, '"')
	}
	return dst
}

func appendOptionalJSON(dst []byte, name string, p *Point, has uint8, x float64) []byte {
	if p.Has&has == 0 {
		return dst
	}
	return appendDoubleJSON(member(dst, name), x)
}

func appendInt32JSON(dst []byte, name string, x int32) []byte {
	if x == 0 {
		return dst
	}
	return strconv.AppendInt(member(dst, name), int64(x), 10)
}
