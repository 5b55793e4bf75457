package bench

import (
	"math"
	"slices"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// messagesOf builds the messages of a record, as a generator without appenders
// would.
func messagesOf(t *otlp.Traces) *tracepb.TracesData {
	data := &tracepb.TracesData{}
	groups := make([]*tracepb.ScopeSpans, len(t.Resources))
	for i := range t.Spans {
		s := &t.Spans[i]
		g := groups[s.Resource]
		if g == nil {
			scope := t.Scopes[s.Scope]
			g = &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{
				Name: t.Strings.String(scope.Name), Version: t.Strings.String(scope.Version)}}
			groups[s.Resource] = g
			data.ResourceSpans = append(data.ResourceSpans, &tracepb.ResourceSpans{
				Resource:   &resourcepb.Resource{Attributes: keyValues(t, t.Resources[s.Resource].Attrs)},
				ScopeSpans: []*tracepb.ScopeSpans{g},
				SchemaUrl:  t.Strings.String(t.Resources[s.Resource].SchemaURL),
			})
		}
		g.Spans = append(g.Spans, spanOf(t, s))
	}
	return data
}

func spanOf(t *otlp.Traces, s *otlp.Span) *tracepb.Span {
	out := &tracepb.Span{
		TraceId: slices.Clone(s.TraceID[:]), SpanId: slices.Clone(s.SpanID[:]),
		Name: t.Strings.String(s.Name), Kind: tracepb.Span_SpanKind(s.Kind), Flags: s.Flags,
		StartTimeUnixNano: s.Start, EndTimeUnixNano: s.End, Attributes: keyValues(t, s.Attrs),
	}
	if s.ParentID != (otlp.SpanID{}) {
		out.ParentSpanId = slices.Clone(s.ParentID[:])
	}
	if s.Status != otlp.StatusUnset {
		out.Status = &tracepb.Status{Code: tracepb.Status_StatusCode(s.Status)}
	}
	for _, e := range t.Events[s.Events.Start:s.Events.End] {
		out.Events = append(out.Events, &tracepb.Span_Event{
			TimeUnixNano: e.Time, Name: t.Strings.String(e.Name), Attributes: keyValues(t, e.Attrs)})
	}
	for _, l := range t.Links[s.Links.Start:s.Links.End] {
		out.Links = append(out.Links, &tracepb.Span_Link{
			TraceId: slices.Clone(l.TraceID[:]), SpanId: slices.Clone(l.SpanID[:]), Flags: l.Flags})
	}
	return out
}

func keyValues(t *otlp.Traces, r otlp.Range) []*commonpb.KeyValue {
	out := make([]*commonpb.KeyValue, 0, r.Len())
	for _, a := range t.Attrs[r.Start:r.End] {
		out = append(out, &commonpb.KeyValue{Key: t.Strings.String(a.Key), Value: valueOf(t, a)})
	}
	return out
}

func valueOf(t *otlp.Traces, a otlp.Attr) *commonpb.AnyValue {
	r := otlp.UnpackRange(a.Word)
	switch a.Kind {
	case otlp.KindString:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: t.Strings.String(otlp.StringID(a.Word))}}
	case otlp.KindText:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: string(t.Text[r.Start:r.End])}}
	case otlp.KindInt:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(a.Word)}}
	case otlp.KindBool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: a.Word == 1}}
	case otlp.KindDouble:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: math.Float64frombits(a.Word)}}
	case otlp.KindArray:
		list := &commonpb.ArrayValue{}
		for _, e := range t.Attrs[r.Start:r.End] {
			list.Values = append(list.Values, valueOf(t, e))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	}
	return nil
}

// TestMessagesMeanTheRecords holds the appended bytes of generated records
// against the messages that the model means, and with that the benchmark
// against measuring something else.
func TestMessagesMeanTheRecords(t *testing.T) {
	g, err := build.NewGenerator(benchPlan(t), build.Run{
		Seed: 42, Count: 500, SegmentIterations: 100, Start: time.Unix(1_767_225_600, 0), Interval: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint64(500) {
		g.IterationLogs(i, func(r *otlp.Traces, _ *otlp.Logs) {
			var got tracepb.TracesData
			if err := proto.Unmarshal(otlp.AppendTraces(nil, r, otlp.FormatProto), &got); err != nil {
				t.Fatalf("iteration %d: %v", i, err)
			}
			if want := messagesOf(r); !proto.Equal(&got, want) {
				t.Fatalf("iteration %d: got %v, want %v", i, &got, want)
			}
		})
	}
}
