package wire

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// itemsOf returns copies of what Items visits.
func itemsOf(t *testing.T, sig otlp.Signal, payload []byte) (list []Item) {
	t.Helper()
	err := Items(sig, payload, func(it Item) {
		it.TraceID, it.SpanID, it.ParentID = bytes.Clone(it.TraceID), bytes.Clone(it.SpanID), bytes.Clone(it.ParentID)
		it.Name, it.Metric = bytes.Clone(it.Name), bytes.Clone(it.Metric)
		list = append(list, it)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// equalItem compares all but the hashes, which messages do not have.
func equalItem(got, want Item) bool {
	return bytes.Equal(got.TraceID, want.TraceID) && bytes.Equal(got.SpanID, want.SpanID) && bytes.Equal(got.ParentID, want.ParentID) &&
		bytes.Equal(got.Name, want.Name) && bytes.Equal(got.Metric, want.Metric) && got.Start == want.Start && got.Time == want.Time
}

func messageItems(m proto.Message) (list []Item) {
	switch m := m.(type) {
	case *tracepb.TracesData:
		for _, r := range m.ResourceSpans {
			for _, s := range r.ScopeSpans {
				for _, x := range s.Spans {
					list = append(list, Item{TraceID: x.TraceId, SpanID: x.SpanId, ParentID: x.ParentSpanId, Name: []byte(x.Name),
						Start: x.StartTimeUnixNano, Time: x.EndTimeUnixNano})
				}
			}
		}
	case *logspb.LogsData:
		for _, r := range m.ResourceLogs {
			for _, s := range r.ScopeLogs {
				for _, x := range s.LogRecords {
					it := Item{TraceID: x.TraceId, SpanID: x.SpanId, Name: []byte(x.EventName), Time: x.TimeUnixNano}
					if it.Time == 0 {
						it.Time = x.ObservedTimeUnixNano
					}
					list = append(list, it)
				}
			}
		}
	case *metricspb.MetricsData:
		for _, r := range m.ResourceMetrics {
			for _, s := range r.ScopeMetrics {
				for _, x := range s.Metrics {
					list = append(list, pointItems(x)...)
				}
			}
		}
	}
	return list
}

func pointItems(x *metricspb.Metric) (list []Item) {
	add := func(start, time uint64) {
		list = append(list, Item{Metric: []byte(x.Name), Start: start, Time: time})
	}
	for _, p := range slices.Concat(x.GetGauge().GetDataPoints(), x.GetSum().GetDataPoints()) {
		add(p.StartTimeUnixNano, p.TimeUnixNano)
	}
	for _, p := range x.GetHistogram().GetDataPoints() {
		add(p.StartTimeUnixNano, p.TimeUnixNano)
	}
	for _, p := range x.GetExponentialHistogram().GetDataPoints() {
		add(p.StartTimeUnixNano, p.TimeUnixNano)
	}
	for _, p := range x.GetSummary().GetDataPoints() {
		add(p.StartTimeUnixNano, p.TimeUnixNano)
	}
	return list
}

func TestItemsEqualItemsOfTheMessages(t *testing.T) {
	eachRandom(6, 300, func(sig otlp.Signal, m proto.Message) {
		want := messageItems(m)
		b := marshal(t, m)
		got := itemsOf(t, sig, b)
		if !slices.EqualFunc(got, want, equalItem) {
			t.Fatalf("%v: got %+v\nwant %+v", sig, got, want)
		}
		// Another order of fields is the same telemetry, hashes included; only values
		// that are maps are hashed as they stand.
		same := func(a, b Item) bool { return equalItem(a, b) && a.Resource == b.Resource && a.Attrs == b.Attrs }
		if down := itemsOf(t, sig, reverse(t, b, m.ProtoReflect().Descriptor(), "KeyValueList")); !slices.EqualFunc(down, got, same) {
			t.Fatalf("%v in descending order: got %+v\nwant %+v", sig, down, got)
		}
	})
}

func TestPointsAreToldApartByTheirAttributes(t *testing.T) {
	attr := func(k, v string) *commonpb.KeyValue {
		return &commonpb.KeyValue{Key: k, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: v}}}
	}
	hash := func(list ...*commonpb.KeyValue) uint64 {
		m := &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{ScopeMetrics: []*metricspb.ScopeMetrics{{
			Metrics: []*metricspb.Metric{{Name: "m", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
				DataPoints: []*metricspb.NumberDataPoint{{Attributes: list, TimeUnixNano: 1}}}}}}}}}}}
		return itemsOf(t, otlp.SignalMetrics, marshal(t, m))[0].Attrs
	}
	if hash(attr("a", "1"), attr("b", "2")) != hash(attr("b", "2"), attr("a", "1")) {
		t.Error("the order of attributes changed their hash")
	}
	seen := map[uint64]int{}
	for i, h := range []uint64{hash(), hash(attr("a", "1")), hash(attr("a", "2")), hash(attr("1", "a")), hash(attr("a", "1"), attr("b", "2")),
		hash(attr("a", "2"), attr("b", "1")), hash(attr("a", "b")), hash(attr("b", "a"))} {
		if j, ok := seen[h]; ok {
			t.Errorf("sets %d and %d have one hash", i, j)
		}
		seen[h] = i
	}
}

func TestDetectTellsTheSignals(t *testing.T) {
	eachRandom(7, 300, func(sig otlp.Signal, m proto.Message) {
		if got, err := DetectJSON(asJSON(t, m)); err != nil || got != sig {
			t.Fatalf("JSON: got %v, %v; want %v", got, err, sig)
		}
		// Items have times, as they have from any SDK.
		m = withTimes(m)
		for name, b := range map[string][]byte{"ascending": marshal(t, m), "descending": reverse(t, marshal(t, m), m.ProtoReflect().Descriptor())} {
			if got, err := Detect(b); err != nil || got != sig {
				t.Fatalf("%s: got %v, %v; want %v", name, got, err, sig)
			}
		}
	})
	for _, row := range []struct {
		why  string
		b    []byte
		want error
	}{{"nothing", nil, ErrNoItems}, {"a resource alone", []byte{0x0a, 2, 0x0a, 0}, ErrNoItems}, {"a cut payload", []byte{0x0a, 9, 0x12}, ErrMalformed}} {
		if _, err := Detect(row.b); !errors.Is(err, row.want) {
			t.Errorf("%s: got error %v, want %v", row.why, err, row.want)
		}
	}
	for _, in := range []string{`{}`, ` { } `} {
		if sig, err := DetectJSON([]byte(in)); !errors.Is(err, ErrNoItems) {
			t.Errorf("%s: got %v, %v; want %v", in, sig, err, ErrNoItems)
		}
	}
	for _, in := range []string{``, `{}x`, `[]`, `{"other":[]}`, `{"resourceSpans`, `{"a":"resourceSpans"}`} {
		if sig, err := DetectJSON([]byte(in)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, %v; want an error", in, sig, err)
		}
	}
	if sig, err := DetectJSON([]byte(` {"x":{"resourceSpans":1},"resourceLogs":[]}`)); err != nil || sig != otlp.SignalLogs {
		t.Errorf("got %v, %v; want logs", sig, err)
	}
}

// withTimes sets the times of spans and log records, and names of metrics.
func withTimes(m proto.Message) proto.Message {
	switch m := m.(type) {
	case *tracepb.TracesData:
		for _, r := range m.ResourceSpans {
			for _, s := range r.ScopeSpans {
				for _, x := range s.Spans {
					x.StartTimeUnixNano, x.EndTimeUnixNano = 1, 2
				}
			}
		}
	case *logspb.LogsData:
		for _, r := range m.ResourceLogs {
			for _, s := range r.ScopeLogs {
				for _, x := range s.LogRecords {
					x.ObservedTimeUnixNano = 1
				}
			}
		}
	case *metricspb.MetricsData:
		for _, r := range m.ResourceMetrics {
			for _, s := range r.ScopeMetrics {
				for _, x := range s.Metrics {
					x.Name = "m"
				}
			}
		}
	}
	return m
}
