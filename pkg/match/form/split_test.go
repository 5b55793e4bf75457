package form

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// wholeItem is an item with all that it has in common with others, as digests.
type wholeItem struct {
	message                         Message
	item, resource, scope, metric   uint64
	ids                             string
	time, end, start                uint64
	temporality                     otlp.Temporality
	resourceID, scopeID, metricPart uint64 // from 0 in the payload
}

// split is what Split makes of a payload.
func split(t testing.TB, s *Splitter, sig otlp.Signal, payload []byte) (list []wholeItem) {
	t.Helper()
	r0, s0, m0 := s.raw.ResourceID, s.raw.ScopeID, s.raw.MetricID
	err := s.Split(sig, payload, func(r *Raw) error {
		w := wholeItem{message: r.Message, item: digestOf(t, r.Message, r.Bytes), resource: digestOf(t, ResourcePart, r.Resource), scope: digestOf(t, ScopePart, r.Scope),
			ids: fmt.Sprintf("%x %x", r.TraceID, r.SpanID), time: r.Time, end: r.End, start: r.Start, temporality: r.Temporality,
			resourceID: r.ResourceID - r0, scopeID: r.ScopeID - s0}
		if (r.Metric != nil) != (sig == otlp.SignalMetrics) {
			t.Errorf("%v has a metric: %t", r.Message, r.Metric != nil)
		}
		if r.Metric != nil {
			w.metric, w.metricPart = digestOf(t, MetricPart, r.Metric), r.MetricID-m0
			if got := TemporalityOf(r.Metric); got != r.Temporality {
				t.Errorf("metric has temporality %v, want %v", got, r.Temporality)
			}
		}
		list = append(list, w)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// expected is the same by the reading of protobuf.
func expected(t testing.TB, sig otlp.Signal, root protoreflect.Message) (list []wholeItem) {
	var r, s, m uint64
	inner := []protoreflect.Name{"scope_spans", "scope_metrics", "scope_logs"}[sig]
	lists := []protoreflect.Name{"spans", "metrics", "log_records"}[sig]
	each(root, root.Descriptor().Fields().Get(0).Name(), func(group protoreflect.Message) {
		r++
		resource := digestOf(t, ResourcePart, marshal(t, without(group, inner)))
		each(group, inner, func(group protoreflect.Message) {
			s++
			scope := digestOf(t, ScopePart, marshal(t, without(group, lists)))
			each(group, lists, func(item protoreflect.Message) {
				w := wholeItem{resource: resource, scope: scope, resourceID: r, scopeID: s}
				if sig != otlp.SignalMetrics {
					w.fill(t, []Message{Span, Metrics, LogRecord}[sig], item)
					list = append(list, w)
					return
				}
				m++
				w.metricPart = m
				list = append(list, pointsOf(t, item, w)...)
			})
		})
	})
	return list
}

func pointsOf(t testing.TB, metric protoreflect.Message, w wholeItem) (list []wholeItem) {
	fd := metric.WhichOneof(metric.Descriptor().Oneofs().ByName("data"))
	if fd == nil {
		return nil
	}
	bare := proto.Clone(metric.Interface()).ProtoReflect()
	data := bare.Get(fd).Message()
	data.Clear(data.Descriptor().Fields().ByName("data_points"))
	w.metric = digestOf(t, MetricPart, marshal(t, bare.Interface()))
	if f := data.Descriptor().Fields().ByName("aggregation_temporality"); f != nil {
		w.temporality = otlp.Temporality(data.Get(f).Enum())
	}
	m := map[protoreflect.Name]Message{"gauge": NumberPoint, "sum": NumberPoint, "histogram": HistogramPoint,
		"exponential_histogram": ExpHistogramPoint, "summary": SummaryPoint}[fd.Name()]
	each(metric.Get(fd).Message(), "data_points", func(point protoreflect.Message) {
		p := w
		p.fill(t, m, point)
		list = append(list, p)
	})
	return list
}

// fill takes what stands in the item itself.
func (w *wholeItem) fill(t testing.TB, m Message, item protoreflect.Message) {
	w.message, w.item = m, digestOf(t, m, marshal(t, item.Interface()))
	get := func(name protoreflect.Name) protoreflect.Value {
		fd := item.Descriptor().Fields().ByName(name)
		return item.Get(fd)
	}
	trace, span := otlp.TraceID{}, otlp.SpanID{}
	if m == Span || m == LogRecord {
		copy(trace[:], get("trace_id").Bytes())
		copy(span[:], get("span_id").Bytes())
	}
	switch m {
	case Span:
		w.time, w.end = get("start_time_unix_nano").Uint(), get("end_time_unix_nano").Uint()
	case LogRecord:
		if w.time = get("time_unix_nano").Uint(); w.time == 0 {
			w.time = get("observed_time_unix_nano").Uint()
		}
	default:
		w.start, w.time = get("start_time_unix_nano").Uint(), get("time_unix_nano").Uint()
	}
	w.ids = fmt.Sprintf("%x %x", trace, span)
}

func each(m protoreflect.Message, name protoreflect.Name, visit func(protoreflect.Message)) {
	l := m.Get(m.Descriptor().Fields().ByName(name)).List()
	for i := range l.Len() {
		visit(l.Get(i).Message())
	}
}

func without(m protoreflect.Message, name protoreflect.Name) proto.Message {
	m = proto.Clone(m.Interface()).ProtoReflect()
	m.Clear(m.Descriptor().Fields().ByName(name))
	return m.Interface()
}

// TestSplit compares with the reading of protobuf, however the payload is encoded.
func TestSplit(t *testing.T) {
	var s Splitter
	for sig := range otlp.Signal(otlp.NumSignals) {
		for seed := range uint64(15) {
			f := newFiller(seed)
			f.deep = 6
			p := f.message(rootOf(sig))
			all(p.ProtoReflect(), func(m protoreflect.Message) { // unknown fields of groups are those of parts
				switch name := string(m.Descriptor().Name()); {
				case strings.HasPrefix(name, "Resource") && name != "Resource" || strings.HasPrefix(name, "Scope"):
					m.SetUnknown([]byte{2 << 3, byte(f.r.IntN(100))}) // the number of what is within, of another type
				case f.r.IntN(4) == 0:
					m.SetUnknown([]byte{0xd8, 0x01, byte(f.r.IntN(100))})
				}
			})
			b := marshal(t, p)
			want := expected(t, sig, p.ProtoReflect())
			compareItems(t, fmt.Sprintf("%v of seed %d", sig, seed), split(t, &s, sig, b), want)
			all(p.ProtoReflect(), func(m protoreflect.Message) { m.SetUnknown(nil) })
			want = expected(t, sig, p.ProtoReflect())
			for name, h := range habits {
				other := again(t, f, marshal(t, p), p.ProtoReflect().Descriptor(), h)
				if name == "shuffled" {
					continue // the order of groups stays, of items in them too: reversed has it
				}
				compareItems(t, fmt.Sprintf("%v of seed %d, %s", sig, seed, name), split(t, &s, sig, other), want)
			}
		}
	}
}

func compareItems(t *testing.T, name string, got, want []wholeItem) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: got %d items, want %d", name, len(got), len(want))
		return
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%s: item %d is %+v, want %+v", name, i, got[i], want[i])
		}
	}
}

func TestSplitStops(t *testing.T) {
	stop := errors.New("stop")
	p := newFiller(3).message(Traces)
	calls := 0
	var s Splitter
	err := s.Split(otlp.SignalTraces, marshal(t, p), func(*Raw) error { calls++; return stop })
	if err != stop || calls != 1 {
		t.Errorf("got %v after %d calls, want %v after one", err, calls, stop)
	}
	if err := s.Split(otlp.NumSignals, nil, nil); err == nil {
		t.Error("a signal that does not exist is split")
	}
	if err := s.Split(otlp.SignalTraces, []byte{10, 5, 1}, nil); !errors.Is(err, ErrMalformed) {
		t.Errorf("got %v, want %v", err, ErrMalformed)
	}
}

// TestMetricOfTwoKinds has a metric whose data come twice: the last ones count, and
// those of one kind are one.
func TestMetricOfTwoKinds(t *testing.T) {
	point := func(v uint64) *metricspb.NumberDataPoint { return &metricspb.NumberDataPoint{TimeUnixNano: v} }
	metric := func(m *metricspb.Metric) []byte { return marshal(t, m) }
	b := bytes.Join([][]byte{
		metric(&metricspb.Metric{Name: "m", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{DataPoints: []*metricspb.NumberDataPoint{point(1)}}}}),
		metric(&metricspb.Metric{Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: []*metricspb.NumberDataPoint{point(2)}}}}),
		metric(&metricspb.Metric{Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: []*metricspb.NumberDataPoint{point(3)}}}}),
	}, nil)
	payload := appendBytes(nil, 1, appendBytes(nil, 2, appendBytes(nil, 2, b)))
	var times []uint64
	var s Splitter
	err := s.Split(otlp.SignalMetrics, payload, func(r *Raw) error {
		times = append(times, r.Time)
		if string(MetricName(r.Metric)) != "m" {
			t.Errorf("got name %q, want m", MetricName(r.Metric))
		}
		return nil
	})
	if err != nil || fmt.Sprint(times) != "[2 3]" {
		t.Errorf("got points of %v, %v, want [2 3]", times, err)
	}
}
