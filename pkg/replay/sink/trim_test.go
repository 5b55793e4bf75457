package sink

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func trimResource(n int) *resource.Resource {
	return &resource.Resource{Attributes: []*common.KeyValue{{Key: "n", Value: &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: int64(n)}}}}}
}

func trimPoints(n int) (all []*metrics.NumberDataPoint) {
	for i := range n {
		all = append(all, &metrics.NumberDataPoint{TimeUnixNano: uint64(i + 1), Value: &metrics.NumberDataPoint_AsInt{AsInt: int64(i)}})
	}
	return all
}

// trimSamples are requests of several resources and scopes, with metrics of every
// kind.
func trimSamples() [otlp.NumSignals]proto.Message {
	var t trace.TracesData
	var m metrics.MetricsData
	var l logs.LogsData
	for r := range 3 {
		rs := &trace.ResourceSpans{Resource: trimResource(r), SchemaUrl: "after"}
		rl := &logs.ResourceLogs{Resource: trimResource(r), SchemaUrl: "after"}
		rm := &metrics.ResourceMetrics{Resource: trimResource(r), SchemaUrl: "after"}
		for s := range 2 {
			scope := &common.InstrumentationScope{Name: fmt.Sprint("scope ", s)}
			ss := &trace.ScopeSpans{Scope: scope, SchemaUrl: "after"}
			sl := &logs.ScopeLogs{Scope: scope, SchemaUrl: "after"}
			for i := range 2 {
				ss.Spans = append(ss.Spans, &trace.Span{TraceId: make([]byte, 16), SpanId: []byte{1, 2, 3, 4, 5, 6, byte(r*2 + s), byte(i)}, Name: `a "name" with ] and }`})
				sl.LogRecords = append(sl.LogRecords, &logs.LogRecord{SeverityText: fmt.Sprint(r, s, i)})
			}
			rs.ScopeSpans, rl.ScopeLogs = append(rs.ScopeSpans, ss), append(rl.ScopeLogs, sl)
			rm.ScopeMetrics = append(rm.ScopeMetrics, &metrics.ScopeMetrics{Scope: scope, Metrics: []*metrics.Metric{
				{Name: "gauge", Unit: "s", Data: &metrics.Metric_Gauge{Gauge: &metrics.Gauge{DataPoints: trimPoints(2)}}},
				{Name: "sum", Data: &metrics.Metric_Sum{Sum: &metrics.Sum{AggregationTemporality: 2, DataPoints: trimPoints(1), IsMonotonic: true}}},
				{Name: "histogram", Data: &metrics.Metric_Histogram{Histogram: &metrics.Histogram{DataPoints: []*metrics.HistogramDataPoint{{Count: 1}, {Count: 2}}}}},
				{Name: "exponential", Data: &metrics.Metric_ExponentialHistogram{ExponentialHistogram: &metrics.ExponentialHistogram{DataPoints: []*metrics.ExponentialHistogramDataPoint{{Count: 3}}}}},
				{Name: "summary", Data: &metrics.Metric_Summary{Summary: &metrics.Summary{DataPoints: []*metrics.SummaryDataPoint{{Count: 4}, {Count: 5}}}}},
			}})
		}
		t.ResourceSpans, l.ResourceLogs, m.ResourceMetrics = append(t.ResourceSpans, rs), append(l.ResourceLogs, rl), append(m.ResourceMetrics, rm)
	}
	return [otlp.NumSignals]proto.Message{otlp.SignalTraces: &t, otlp.SignalMetrics: &m, otlp.SignalLogs: &l}
}

// However many are rejected, what is left are the first items as they were, with
// all that stands around them.
func TestTrimmedHasTheFirstItems(t *testing.T) {
	for sig, message := range trimSamples() {
		sig := otlp.Signal(sig)
		for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
			payload, err := proto.Marshal(message)
			if format == otlp.FormatJSON {
				payload, err = protojson.MarshalOptions{Multiline: true}.Marshal(message)
			}
			if err != nil {
				t.Fatal(err)
			}
			var all, some scanner
			all.reset(true)
			if err := all.scan(sig, format, payload); err != nil || all.items < 12 {
				t.Fatalf("%v: %d items, %v", sig, all.items, err)
			}
			for keep := range all.items + 1 {
				before := bytes.Clone(payload)
				got, err := trimmed(sig, format, payload, keep)
				if err != nil || !bytes.Equal(payload, before) {
					t.Fatalf("%v %v, %d: %v", sig, format, keep, err)
				}
				some.reset(true)
				if err := some.scan(sig, format, got); err != nil || some.items != keep || !slices.Equal(some.keys, all.keys[:keep]) {
					t.Fatalf("%v %v, %d of %d: got %d items, %v", sig, format, keep, all.items, some.items, err)
				}
				back := message.ProtoReflect().New().Interface()
				if format == otlp.FormatJSON {
					err = protojson.Unmarshal(got, back)
				} else {
					err = proto.Unmarshal(got, back)
				}
				if err != nil || keep == all.items && !proto.Equal(back, message) {
					t.Fatalf("%v %v, %d: read back: %v", sig, format, keep, err)
				}
				if format == otlp.FormatProto && keep > 0 && !bytes.Contains(got, []byte("after")) {
					t.Fatalf("%v, %d: what stands behind the items is gone", sig, keep)
				}
			}
		}
	}
}

func FuzzTrimmed(f *testing.F) {
	for sig, message := range trimSamples() {
		p, err := proto.Marshal(message)
		if err != nil {
			f.Fatal(err)
		}
		j, err := protojson.Marshal(message)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(sig), false, p, uint8(3))
		f.Add(uint8(sig), true, j, uint8(3))
	}
	f.Fuzz(func(t *testing.T, sig uint8, inJSON bool, payload []byte, keep uint8) {
		s, format := otlp.Signal(sig%otlp.NumSignals), otlp.FormatProto
		if inJSON {
			format = otlp.FormatJSON
		}
		var all, some scanner
		all.reset(true)
		if all.scan(s, format, payload) != nil || int64(keep) > all.items {
			return
		}
		got, err := trimmed(s, format, payload, int64(keep))
		if err != nil || inJSON && !json.Valid(got) {
			t.Fatalf("got %q, %v", got, err)
		}
		some.reset(true)
		if err := some.scan(s, format, got); err != nil || some.items != int64(keep) {
			t.Errorf("%q: got %d items, want %d: %v", payload, some.items, keep, err)
		}
	})
}
