package sink

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func scanned(t testing.TB, sig otlp.Signal, f otlp.Format, payload []byte) []key {
	t.Helper()
	var s scanner
	s.reset(true)
	if err := s.scan(sig, f, payload); err != nil {
		t.Fatal(err)
	}
	if int64(len(s.keys)) != s.items {
		t.Fatalf("%d keys of %d items", len(s.keys), s.items)
	}
	return s.keys
}

// metricsOf has a metric of each type with two points each.
func metricsOf(unit string, at, value uint64) *metrics.MetricsData {
	exemplars := []*metrics.Exemplar{{TimeUnixNano: at, FilteredAttributes: []*common.KeyValue{{Key: "k"}}}}
	number := []*metrics.NumberDataPoint{
		{StartTimeUnixNano: at, TimeUnixNano: at, Value: &metrics.NumberDataPoint_AsInt{AsInt: int64(value)}, Exemplars: exemplars},
		{TimeUnixNano: at, Value: &metrics.NumberDataPoint_AsDouble{AsDouble: 0.5}},
	}
	m := &metrics.ScopeMetrics{Metrics: []*metrics.Metric{
		{Name: "gauge", Unit: unit, Data: &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: number}}},
		{Name: "sum", Data: &metrics.Metric_Sum{Sum: &metrics.Sum{DataPoints: number}}},
		{Name: "histogram", Data: &metrics.Metric_Histogram{Histogram: &metrics.Histogram{DataPoints: []*metrics.HistogramDataPoint{
			{StartTimeUnixNano: at, TimeUnixNano: at, Count: value, Exemplars: exemplars}, {Count: 1}}}}},
		{Name: "exponential", Data: &metrics.Metric_ExponentialHistogram{ExponentialHistogram: &metrics.ExponentialHistogram{
			DataPoints: []*metrics.ExponentialHistogramDataPoint{{TimeUnixNano: at, Count: value, Exemplars: exemplars}, {Count: 1}}}}},
		{Name: "summary", Data: &metrics.Metric_Summary{Summary: &metrics.Summary{DataPoints: []*metrics.SummaryDataPoint{
			{TimeUnixNano: at, Count: value}, {Count: 1}}}}},
		{Name: "no data"},
	}}
	return &metrics.MetricsData{ResourceMetrics: []*metrics.ResourceMetrics{{ScopeMetrics: []*metrics.ScopeMetrics{m}}}}
}

func logsOf(at uint64, body string) *logs.LogsData {
	text := func(s string) *common.AnyValue {
		return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
	}
	return &logs.LogsData{ResourceLogs: []*logs.ResourceLogs{{}, {ScopeLogs: []*logs.ScopeLogs{{LogRecords: []*logs.LogRecord{
		{TimeUnixNano: at, ObservedTimeUnixNano: at + 1, Body: text(body)}, {ObservedTimeUnixNano: at, Body: text("other")},
	}}}}}}
}

func TestKeysOfPointsAndLogsIgnoreTimesOnly(t *testing.T) {
	rows := []struct {
		why       string
		sig       otlp.Signal
		a, b      proto.Message
		count     int
		different []int // indices of the items that are not the same
	}{
		{"points at other times", otlp.SignalMetrics, metricsOf("", 5, 7), metricsOf("", 6_000_000_000, 7), 10, nil},
		{"points of other values", otlp.SignalMetrics, metricsOf("", 5, 7), metricsOf("", 5, 8), 10, []int{0, 2, 4, 6, 8}},
		{"log records at other times", otlp.SignalLogs, logsOf(5, "x"), logsOf(6, "x"), 2, nil},
		{"log records of other bodies", otlp.SignalLogs, logsOf(5, "x"), logsOf(5, "y"), 2, []int{0}},
	}
	for _, r := range rows {
		a := scanned(t, r.sig, otlp.FormatProto, marshal(t, r.a))
		b := scanned(t, r.sig, otlp.FormatProto, marshal(t, r.b))
		if len(a) != r.count || len(b) != r.count {
			t.Errorf("%s: got %d and %d items, want %d", r.why, len(a), len(b), r.count)
			continue
		}
		var different []int
		for i := range a {
			if a[i] != b[i] {
				different = append(different, i)
			}
		}
		if fmt.Sprint(different) != fmt.Sprint(r.different) {
			t.Errorf("%s: items %v differ, want %v", r.why, different, r.different)
		}
	}
}

func TestMetricNameAndResourceTellPointsApart(t *testing.T) {
	keys := scanned(t, otlp.SignalMetrics, otlp.FormatProto, marshal(t, metricsOf("", 1, 1)))
	if keys[0] == keys[2] {
		t.Error("equal points of a gauge and a sum of other names have the same key")
	}
	point := `{"dataPoints":[{"asInt":"1","timeUnixNano":"%d","exemplars":[1]}]}`
	form := `{"resourceMetrics":[{"resource":{"attributes":[%d]},"scopeMetrics":[{"metrics":[{"name":"%s","gauge":` + point + `}]}]}]}`
	first := scanned(t, otlp.SignalMetrics, otlp.FormatJSON, fmt.Appendf(nil, form, 1, "m", 1))
	for _, other := range []struct {
		why  string
		b    []byte
		same bool
	}{
		{"another time", fmt.Appendf(nil, form, 1, "m", 2), true},
		{"another name", fmt.Appendf(nil, form, 1, "n", 1), false},
		{"another resource", fmt.Appendf(nil, form, 2, "m", 1), false},
	} {
		if same := scanned(t, otlp.SignalMetrics, otlp.FormatJSON, other.b)[0] == first[0]; same != other.same {
			t.Errorf("%s: the same key: %v, want %v", other.why, same, other.same)
		}
	}
}

func TestSpanKeysAreTheSameInBothFormats(t *testing.T) {
	var spans []*trace.Span
	var objects []string
	for i := range 4 {
		traceID, spanID := fmt.Appendf(nil, "trace%011d", i/2), fmt.Appendf(nil, "span%04d", i%2)
		spans = append(spans, &trace.Span{TraceId: traceID, SpanId: spanID, Name: "n", ParentSpanId: spanID})
		objects = append(objects, fmt.Sprintf(`{ "name" : "\"}]\\" , "spanId":"%s", "traceId":"%s"}`,
			strings.ToUpper(hex.EncodeToString(spanID)), hex.EncodeToString(traceID)))
	}
	// Two ids of wrong lengths must not be taken for one another.
	spans = append(spans, &trace.Span{TraceId: []byte("a"), SpanId: []byte("bc")}, &trace.Span{TraceId: []byte("ab"), SpanId: []byte("c")})
	objects = append(objects, `{"traceId":"61","spanId":"6263"}`, `{"traceId":"6162","spanId":"63"}`)
	p := scanned(t, otlp.SignalTraces, otlp.FormatProto, marshal(t, &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{Spans: spans}}}}}))
	j := scanned(t, otlp.SignalTraces, otlp.FormatJSON, []byte("\n{\"resourceSpans\": [ {\"scopeSpans\":[{\"spans\":["+strings.Join(objects, "\t,")+"]}]}]}"))
	seen := map[key]int{}
	for i := range p {
		if i >= len(j) || p[i] != j[i] {
			t.Fatalf("span %d: the keys differ: %v, %v", i, p, j)
		}
		if k, dup := seen[p[i]]; dup {
			t.Errorf("spans %d and %d have the same key", k, i)
		}
		seen[p[i]] = i
	}
}

func TestHostileRequestsAreErrors(t *testing.T) {
	rows := []struct {
		why, in string
		f       otlp.Format
	}{
		{"a tag that ends early", "\x80", otlp.FormatProto},
		{"a length beyond the end", "\x0a\x7fab", otlp.FormatProto},
		{"a length that overflows", "\x0a" + strings.Repeat("\xff", 9) + "\x01", otlp.FormatProto},
		{"a group", "\x0b\x0c", otlp.FormatProto},
		{"nothing", "", otlp.FormatJSON},
		{"half an object", `{"resourceSpans":[`, otlp.FormatJSON},
		{"an array", `[]`, otlp.FormatJSON},
		{"a list that is an object", `{"resourceSpans":{},"resourceLogs":{},"resourceMetrics":{}}`, otlp.FormatJSON},
		{"a list of numbers", `{"resourceSpans":[1],"resourceLogs":[1],"resourceMetrics":[1]}`, otlp.FormatJSON},
		{"two objects", `{}{}`, otlp.FormatJSON},
	}
	for _, r := range rows {
		for sig := range otlp.Signal(otlp.NumSignals) {
			var s scanner
			s.reset(true)
			if err := s.scan(sig, r.f, []byte(r.in)); err == nil {
				t.Errorf("%s: %v: no error", r.why, sig)
			}
		}
	}
}

// FuzzScan holds this walk to the one that the replayer uses: what that takes,
// this takes, and they count alike.
func FuzzScan(f *testing.F) {
	f.Add(marshal(f, metricsOf("", 1, 1)))
	f.Add(marshal(f, logsOf(1, "x")))
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"00","name":"\u0041"}]}]}]}`))
	f.Add([]byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{}}, {}]}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		for sig := range otlp.Signal(otlp.NumSignals) {
			for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
				var s scanner
				s.reset(true)
				err := s.scan(sig, format, b)
				if err == nil && int64(len(s.keys)) != s.items {
					t.Errorf("%v %v: %d keys, %d items", sig, format, len(s.keys), s.items)
				}
				if format == otlp.FormatJSON {
					continue
				}
				if c, werr := wire.Count(sig, b); werr == nil && (err != nil || int64(c.Items) != s.items) {
					t.Errorf("%v %v: got %d items, %v; want %d", sig, format, s.items, err, c.Items)
				}
			}
		}
	})
}
