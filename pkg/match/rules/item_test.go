package rules

import (
	"strconv"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// Items of tests are written as words: "name=GET kind=SERVER a.x=1 r.service.name=shop
// s.name=lib e.x=1", where a., r., s. and e. are attributes of the item, resource, scope
// and of its one event. The order of words does not matter.

func item(t testing.TB, sig otlp.Signal, words string) match.Item {
	t.Helper()
	it := match.Item{Signal: sig, TraceID: otlp.TraceID{15: 1}, Time: 5}
	resource, scope := &resourcepb.Resource{}, &commonpb.InstrumentationScope{}
	fields := make(map[string]string)
	var own, event []*commonpb.KeyValue
	for word := range strings.FieldsSeq(words) {
		name, value, _ := strings.Cut(word, "=")
		switch prefix, key, _ := strings.Cut(name, "."); {
		case prefix == "a":
			own = append(own, attribute(key, value))
		case prefix == "e":
			event = append(event, attribute(key, value))
		case prefix == "r":
			resource.Attributes = append(resource.Attributes, attribute(key, value))
		case name == "s.name":
			scope.Name = value
		case prefix == "s":
			scope.Attributes = append(scope.Attributes, attribute(key, value))
		default:
			fields[name] = value
		}
	}
	var m proto.Message
	switch sig {
	case otlp.SignalTraces:
		it.Message, m = form.Span, span(fields, own, event)
	case otlp.SignalLogs:
		it.Message, m = form.LogRecord, record(fields, own)
	default:
		metric := point(fields)
		it.Message, m = form.NumberPoint, &metricspb.NumberDataPoint{Attributes: own, TimeUnixNano: 5,
			Value: &metricspb.NumberDataPoint_AsInt{AsInt: number(fields["value"])}}
		it.Metric = part(t, form.MetricPart, metric)
	}
	it.Bytes = bytes(t, m)
	it.Digest = digest(t, it.Message, it.Bytes)
	it.Resource = part(t, form.ResourcePart, &tracepb.ResourceSpans{Resource: resource})
	it.Scope = part(t, form.ScopePart, &tracepb.ScopeSpans{Scope: scope})
	return it
}

func span(fields map[string]string, own, event []*commonpb.KeyValue) *tracepb.Span {
	s := &tracepb.Span{Name: fields["name"], Kind: tracepb.Span_SpanKind(tracepb.Span_SpanKind_value["SPAN_KIND_"+fields["kind"]]),
		StartTimeUnixNano: 1, EndTimeUnixNano: uint64(1 + number(fields["ms"])*1e6), Attributes: own, TraceState: fields["trace_state"],
		Status: &tracepb.Status{Code: tracepb.Status_StatusCode(tracepb.Status_StatusCode_value["STATUS_CODE_"+fields["status"]])}}
	if event != nil {
		s.Events = []*tracepb.Span_Event{{Name: "event", Attributes: event}}
	}
	return s
}

func record(fields map[string]string, own []*commonpb.KeyValue) *logspb.LogRecord {
	r := &logspb.LogRecord{EventName: fields["name"], TimeUnixNano: 1, Attributes: own, SeverityText: fields["text"],
		SeverityNumber: logspb.SeverityNumber(logspb.SeverityNumber_value["SEVERITY_NUMBER_"+fields["severity"]])}
	if body := fields["body"]; body == "map" {
		r.Body = &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{KvlistValue: &commonpb.KeyValueList{
			Values: []*commonpb.KeyValue{attribute("x", "1")}}}}
	} else if body != "" {
		r.Body = attribute("", body).Value
	}
	return r
}

func point(fields map[string]string) *metricspb.Metric {
	return &metricspb.Metric{Name: fields["name"], Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{
		AggregationTemporality: metricspb.AggregationTemporality(metricspb.AggregationTemporality_value["AGGREGATION_TEMPORALITY_"+fields["temporality"]])}}}
}

// attribute is an integer, a boolean, a list of one text where it is in brackets, or a text.
func attribute(key, value string) *commonpb.KeyValue {
	v := &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}
	if n, err := strconv.ParseInt(value, 10, 64); err == nil {
		v.Value = &commonpb.AnyValue_IntValue{IntValue: n}
	}
	if value == "true" || value == "false" {
		v.Value = &commonpb.AnyValue_BoolValue{BoolValue: value == "true"}
	}
	if inner, ok := strings.CutPrefix(value, "["); ok {
		v.Value = &commonpb.AnyValue_ArrayValue{ArrayValue: &commonpb.ArrayValue{
			Values: []*commonpb.AnyValue{attribute("", strings.TrimSuffix(inner, "]")).Value}}}
	}
	return &commonpb.KeyValue{Key: key, Value: v}
}

func number(s string) int64 {
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

func part(t testing.TB, m form.Message, p proto.Message) *match.Part {
	b := bytes(t, p)
	return &match.Part{Bytes: b, Digest: digest(t, m, b)}
}

func bytes(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func digest(t testing.TB, m form.Message, b []byte) uint64 {
	t.Helper()
	d, err := form.Digest(m, b)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var signalsByName = map[string]otlp.Signal{"span": otlp.SignalTraces, "log": otlp.SignalLogs, "point": otlp.SignalMetrics}

// unit makes a unit of lines "span name=x -> name=x": what was sent and what arrived of
// it; without an arrow it arrived as it was sent, "-> " alone is absent.
func unit(t testing.TB, lines ...string) *match.Unit {
	t.Helper()
	u := &match.Unit{TraceID: otlp.TraceID{15: 1}, Wire: otlp.TraceID{15: 1}}
	for _, line := range lines {
		kind, rest, _ := strings.Cut(line, " ")
		u.Signal = signalsByName[kind]
		before, after, changed := strings.Cut(rest, "->")
		p := match.Pair{Sent: &match.Sent{Item: item(t, u.Signal, before)}}
		if !changed {
			after = before
		}
		if after = strings.TrimSpace(after); after != "" {
			p.Copies = []*match.Received{{Item: item(t, u.Signal, after), Wire: u.Wire}}
		}
		u.Pairs = append(u.Pairs, p)
	}
	return u
}

// differ returns what is different of the first pair of a unit, as
// "path: want, at LINE", and "path: as sent" where no rule says anything.
func differ(t testing.TB, r *Rules, u *match.Unit) (out []string) {
	t.Helper()
	s := r.Begin(nil)
	if err := s.Unit(u); err != nil {
		t.Fatal(err)
	}
	diffs, err := s.Differences(nil, u.Pairs[0].Sent, u.Pairs[0].Copies[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diffs {
		want := "as sent"
		if d.Rule != nil {
			want = d.Want + ", at " + strconv.Itoa(d.Rule.Line)
		}
		out = append(out, d.Path+": "+want)
	}
	return out
}
