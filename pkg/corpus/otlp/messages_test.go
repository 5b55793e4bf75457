package otlp

import (
	"math"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// messages builds the protobuf messages of t, in its own way: by maps, from
// the public fields of the model.
func messages(t *Traces) *tracepb.TracesData {
	type key struct{ resource, scope uint32 }
	data := &tracepb.TracesData{}
	resources := map[uint32]*tracepb.ResourceSpans{}
	scopes := map[key]*tracepb.ScopeSpans{}
	for i := range t.Spans {
		s := &t.Spans[i]
		rs := resources[s.Resource]
		if rs == nil {
			r := &t.Resources[s.Resource]
			rs = &tracepb.ResourceSpans{
				Resource:  &resourcepb.Resource{Attributes: keyValues(t, r.Attrs)},
				SchemaUrl: t.Strings.String(r.SchemaURL),
			}
			resources[s.Resource] = rs
			data.ResourceSpans = append(data.ResourceSpans, rs)
		}
		ss := scopes[key{s.Resource, s.Scope}]
		if ss == nil {
			scope := t.Scopes[s.Scope]
			ss = &tracepb.ScopeSpans{Scope: &commonpb.InstrumentationScope{
				Name: t.Strings.String(scope.Name), Version: t.Strings.String(scope.Version),
			}}
			scopes[key{s.Resource, s.Scope}] = ss
			rs.ScopeSpans = append(rs.ScopeSpans, ss)
		}
		ss.Spans = append(ss.Spans, spanMessage(t, s))
	}
	return data
}

func spanMessage(t *Traces, s *Span) *tracepb.Span {
	m := &tracepb.Span{
		TraceId: idBytes(s.TraceID[:]), SpanId: idBytes(s.SpanID[:]), ParentSpanId: idBytes(s.ParentID[:]),
		Name: t.Strings.String(s.Name), Kind: tracepb.Span_SpanKind(s.Kind),
		StartTimeUnixNano: s.Start, EndTimeUnixNano: s.End, Flags: s.Flags,
		Attributes: keyValues(t, s.Attrs),
	}
	for _, e := range t.Events[s.Events.Start:s.Events.End] {
		m.Events = append(m.Events, &tracepb.Span_Event{
			TimeUnixNano: e.Time, Name: t.Strings.String(e.Name), Attributes: keyValues(t, e.Attrs),
		})
	}
	for _, l := range t.Links[s.Links.Start:s.Links.End] {
		m.Links = append(m.Links, &tracepb.Span_Link{
			TraceId: idBytes(l.TraceID[:]), SpanId: idBytes(l.SpanID[:]), Flags: l.Flags, Attributes: keyValues(t, l.Attrs),
		})
	}
	if s.Status != StatusUnset || s.Message != 0 {
		m.Status = &tracepb.Status{Code: tracepb.Status_StatusCode(s.Status), Message: t.Strings.String(s.Message)}
	}
	return m
}

// idBytes returns a copy of id, nil for the zero id.
func idBytes(id []byte) []byte {
	for _, c := range id {
		if c != 0 {
			return append([]byte(nil), id...)
		}
	}
	return nil
}

func keyValues(t *Traces, r Range) (list []*commonpb.KeyValue) {
	for _, a := range t.Attrs[r.Start:r.End] {
		list = append(list, &commonpb.KeyValue{Key: t.Strings.String(a.Key), Value: anyValue(t, a)})
	}
	return list
}

func anyValue(t *Traces, a Attr) *commonpb.AnyValue {
	r := UnpackRange(a.Word)
	switch a.Kind {
	case KindString:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: t.Strings.String(StringID(a.Word))}}
	case KindText:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: string(t.Text[r.Start:r.End])}}
	case KindInt:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: int64(a.Word)}}
	case KindBool:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: a.Word == 1}}
	case KindDouble:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_DoubleValue{DoubleValue: math.Float64frombits(a.Word)}}
	case KindBytes:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_BytesValue{BytesValue: append([]byte{}, t.Text[r.Start:r.End]...)}}
	case KindMap:
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_KvlistValue{
			KvlistValue: &commonpb.KeyValueList{Values: keyValues(t, r)}}}
	case KindArray:
		list := &commonpb.ArrayValue{}
		for _, e := range t.Attrs[r.Start:r.End] {
			list.Values = append(list.Values, anyValue(t, e))
		}
		return &commonpb.AnyValue{Value: &commonpb.AnyValue_ArrayValue{ArrayValue: list}}
	}
	return &commonpb.AnyValue{}
}
