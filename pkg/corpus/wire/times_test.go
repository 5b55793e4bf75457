package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The hooks of the test: cumulative points start at 10^18, delta points half
// their time later, others one after their start; exemplars move by the first
// byte of their trace.
const cumulativeStart = 1_000_000_000_000_000_000

func hookedStart(p Point) uint64 {
	switch p.Temporality {
	case TemporalityCumulative:
		return cumulativeStart
	case TemporalityDelta:
		return cumulativeStart + p.Time/2
	}
	return p.Start + 1
}

// hooked returns m as the hooks should change it, by descriptor.
func hooked(m proto.Message) proto.Message {
	m = proto.Clone(m)
	temporality := Temporality(0)
	each(m.ProtoReflect(), func(m protoreflect.Message, fd protoreflect.FieldDescriptor, v protoreflect.Value) {
		d := m.Descriptor()
		if fd.Name() == "data_points" {
			temporality = 0
			if fd := d.Fields().ByName("aggregation_temporality"); fd != nil {
				temporality = Temporality(m.Get(fd).Enum())
			}
			for i := range v.List().Len() {
				point := v.List().Get(i).Message()
				fields := point.Descriptor().Fields()
				start, time := fields.ByName("start_time_unix_nano"), fields.ByName("time_unix_nano")
				if point.Get(start).Uint() != 0 {
					point.Set(start, protoreflect.ValueOfUint64(hookedStart(Point{temporality, point.Get(start).Uint(), point.Get(time).Uint()})))
				}
				if point.Get(time).Uint() != 0 {
					point.Set(time, protoreflect.ValueOfUint64(point.Get(time).Uint()+delta))
				}
			}
		}
		if e, ok := m.Interface().(*metricspb.Exemplar); ok && fd.Name() == "time_unix_nano" {
			e.TimeUnixNano += uint64(exemplarDelta(e.TraceId))
		}
	})
	return m
}

func exemplarDelta(trace []byte) int64 {
	if len(trace) == 0 {
		return 3
	}
	return int64(trace[0]) * 1000
}

func TestHooksDecideOnStartsAndExemplars(t *testing.T) {
	f := newFiller(5)
	binary := Times{Delta: delta, Start: hookedStart, Exemplar: exemplarDelta}
	text := binary
	text.Exemplar = func(digits []byte) int64 {
		var first [1]byte
		if len(digits) == 0 {
			return 3
		}
		parseHex(first[:], digits, true)
		return exemplarDelta(first[:])
	}
	for range 200 {
		m := f.message(otlp.SignalMetrics)
		want := hooked(m)
		desc := m.ProtoReflect().Descriptor()
		b := marshal(t, m)
		checkBytes(t, "hooks", binary.Apply(otlp.SignalMetrics, b), b, marshal(t, want))
		b = reverse(t, marshal(t, m), desc)
		checkBytes(t, "hooks in descending order", binary.Apply(otlp.SignalMetrics, b), b, reverse(t, marshal(t, want), desc))
		b = asJSON(t, m)
		checkBytes(t, "hooks in JSON", text.ApplyJSON(otlp.SignalMetrics, b), b, asJSON(t, want))
	}
}

func TestStartOfZeroIsRefused(t *testing.T) {
	m := &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{ScopeMetrics: []*metricspb.ScopeMetrics{{
		Metrics: []*metricspb.Metric{{Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{
			DataPoints: []*metricspb.NumberDataPoint{{StartTimeUnixNano: 5, TimeUnixNano: 6}},
		}}}},
	}}}}}
	times := Times{Start: func(Point) uint64 { return 0 }}
	if err := times.Apply(otlp.SignalMetrics, marshal(t, m)); !errors.Is(err, ErrRange) {
		t.Errorf("got error %v, want %v", err, ErrRange)
	}
}

func TestJSONTimesKeepTheirDigits(t *testing.T) {
	line := func(value string) string {
		return "\t{ \"resourceLogs\" : [ {\"x\":[1,{\"timeUnixNano\":\"5\"}],\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\": " +
			value + " ,\"body\":{\"stringValue\":\"\\\"timeUnixNano\\\":\\\"77\\\"\"}}]}]}]}\r\n"
	}
	for _, row := range []struct {
		name, in string
		delta    int64
		want     string // "" for an error
	}{
		{"a string", `"1000"`, 234, `"1234"`},
		{"a number", `1000`, 234, `1234`},
		{"a change down to the last digit", `"9998"`, 1, `"9999"`},
		{"one digit more", `"9999"`, 1, ""},
		{"one digit less", `"1000"`, -1, ""},
		{"leading zeros, which would be lost", `"0999"`, 1, `"1000"`},
		{"a leading zero that is lost", `"0998"`, 1, ""},
		{"unset", `"0"`, 1, `"0"`},
		{"null", `null`, 1, `null`},
		{"an exponent", `1e3`, 1, ""},
		{"a fraction", `"1.5"`, 1, ""},
		{"over 64 bits", `"18446744073709551616"`, 1, ""},
		{"the largest", `"18446744073709551614"`, 1, `"18446744073709551615"`},
		{"an escape", `"1\u0030"`, 1, ""},
		{"an object", `{}`, 1, ""},
	} {
		b := []byte(line(row.in))
		err := ShiftTimesJSON(otlp.SignalLogs, b, row.delta)
		want := row.want
		if want == "" {
			want = row.in
			if err == nil {
				t.Errorf("%s: got no error", row.name)
			}
		} else if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if string(b) != line(want) {
			t.Errorf("%s: got %s, want %s", row.name, b, line(want))
		}
	}
}

func TestJSONRefuses(t *testing.T) {
	deep := strings.Repeat(`{"arrayValue":{"values":[`, 65) + strings.Repeat(`]}}`, 65)
	for _, row := range []struct{ name, in string }{
		{"nothing", ``}, {"an array", `[]`}, {"two objects", `{} {}`}, {"an open object", `{"resourceSpans":[`},
		{"an open string", `{"resourceSpans`}, {"an escaped end", `{"a":"b\"}`}, {"no colon", `{"a" 1}`}, {"no value", `{"a":}`},
		{"a name without quotes", `{a:1}`}, {"an id of three digits", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"abc"}]}]}]}`},
		{"an id that is not hex", `{"resourceSpans":[{"scopeSpans":[{"spans":[{"spanId":"zzzzzzzzzzzzzzzz"}]}]}]}`},
		{"lists 65 deep", `{"resourceSpans":[{"resource":{"attributes":[{"key":"a.trace_id"},{"key":"k","value":` + deep + `}]}}]}`},
	} {
		b := []byte(row.in)
		if err := ReKeyJSON(otlp.SignalTraces, b, traceXor, spanXor); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got error %v, want %v", row.name, err, ErrMalformed)
		}
		if !bytes.Equal(b, []byte(row.in)) {
			t.Errorf("%s: the object changed", row.name)
		}
	}
}
