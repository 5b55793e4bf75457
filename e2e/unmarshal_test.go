package e2e

import (
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestUnmarshalersAgree reads every record of the golden corpora with the
// Collector's protobuf and JSON unmarshalers: both must give the same spans,
// and they must be the spans that our own decoder reads.
func TestUnmarshalersAgree(t *testing.T) {
	for name, args := range cases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protos := records(t, generate(t, args, "--format", "proto", "--compression", "none"), "traces")
			lines := records(t, generate(t, args, "--format", "json", "--compression", "none"), "traces")
			if len(protos) != len(lines) {
				t.Fatalf("protobuf has %d records, JSON %d", len(protos), len(lines))
			}
			var decoder otlp.Decoder
			spans := 0
			for i := range protos {
				fromProto, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(protos[i])
				if err != nil {
					t.Fatalf("record %d: protobuf: %v", i, err)
				}
				fromJSON, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(lines[i])
				if err != nil {
					t.Fatalf("record %d: JSON: %v", i, err)
				}
				compareTraces(t, i, fromProto, fromJSON)
				var ours otlp.Traces
				if err := decoder.Traces(&ours, protos[i], otlp.FormatProto); err != nil {
					t.Fatalf("record %d: our decoder: %v", i, err)
				}
				compareOurs(t, i, fromProto, &ours)
				spans += fromProto.SpanCount()
			}
			if spans == 0 {
				t.Fatal("no span compared")
			}
			t.Logf("%d records, %d spans", len(protos), spans)
		})
	}
}

// compareTraces compares two readings of a record by the Collector's canonical
// encoding of each.
func compareTraces(t *testing.T, record int, a, b ptrace.Traces) {
	t.Helper()
	ab, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(a)
	if err != nil {
		t.Fatal(err)
	}
	bb, err := (&ptrace.ProtoMarshaler{}).MarshalTraces(b)
	if err != nil {
		t.Fatal(err)
	}
	if string(ab) != string(bb) {
		t.Fatalf("record %d: protobuf and JSON give different spans", record)
	}
}

// compareOurs compares the Collector's reading with ours, span by span.
func compareOurs(t *testing.T, record int, theirs ptrace.Traces, ours *otlp.Traces) {
	t.Helper()
	if theirs.SpanCount() != len(ours.Spans) {
		t.Fatalf("record %d: the Collector reads %d spans, we read %d", record, theirs.SpanCount(), len(ours.Spans))
	}
	n := 0
	for i := range theirs.ResourceSpans().Len() {
		rs := theirs.ResourceSpans().At(i)
		for j := range rs.ScopeSpans().Len() {
			ss := rs.ScopeSpans().At(j)
			for k := range ss.Spans().Len() {
				compareSpan(t, record, ss.Spans().At(k), ours, &ours.Spans[n])
				r := ours.Resources[ours.Spans[n].Resource]
				compareAttrs(t, record, "resource", rs.Resource().Attributes(), ours, r.Attrs)
				n++
			}
		}
	}
}

func compareSpan(t *testing.T, record int, a ptrace.Span, o *otlp.Traces, b *otlp.Span) {
	t.Helper()
	name := o.Strings.String(b.Name)
	switch {
	case a.TraceID() != pcommon.TraceID(b.TraceID), a.SpanID() != pcommon.SpanID(b.SpanID), a.ParentSpanID() != pcommon.SpanID(b.ParentID):
		t.Fatalf("record %d: span %s: ids differ", record, name)
	case a.Name() != name, int(a.Kind()) != int(b.Kind), int(a.Status().Code()) != int(b.Status), a.Flags() != b.Flags:
		t.Fatalf("record %d: span %s: name, kind, status or flags differ", record, name)
	case uint64(a.StartTimestamp()) != b.Start, uint64(a.EndTimestamp()) != b.End:
		t.Fatalf("record %d: span %s: times differ", record, name)
	case a.Events().Len() != b.Events.Len(), a.Links().Len() != b.Links.Len():
		t.Fatalf("record %d: span %s: events or links differ", record, name)
	}
	compareAttrs(t, record, name, a.Attributes(), o, b.Attrs)
	for i := range a.Events().Len() {
		e := o.Events[int(b.Events.Start)+i]
		compareAttrs(t, record, name+" event", a.Events().At(i).Attributes(), o, e.Attrs)
	}
}

func compareAttrs(t *testing.T, record int, where string, a pcommon.Map, o *otlp.Traces, r otlp.Range) {
	t.Helper()
	if a.Len() != r.Len() {
		t.Fatalf("record %d: %s: the Collector reads %d attributes, we read %d", record, where, a.Len(), r.Len())
	}
	for _, attr := range o.Attrs[r.Start:r.End] {
		key := o.Strings.String(attr.Key)
		v, ok := a.Get(key)
		if !ok || !equalValue(v, o, attr) {
			t.Fatalf("record %d: %s: attribute %s differs", record, where, key)
		}
	}
}

func equalValue(v pcommon.Value, o *otlp.Traces, a otlp.Attr) bool {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		switch a.Kind {
		case otlp.KindString:
			return v.Str() == o.Strings.String(otlp.StringID(a.Word))
		case otlp.KindText:
			r := otlp.UnpackRange(a.Word)
			return v.Str() == string(o.Text[r.Start:r.End])
		}
	case pcommon.ValueTypeInt:
		return a.Kind == otlp.KindInt && v.Int() == int64(a.Word)
	case pcommon.ValueTypeBool:
		return a.Kind == otlp.KindBool && v.Bool() == (a.Word == 1)
	case pcommon.ValueTypeDouble:
		return a.Kind == otlp.KindDouble
	case pcommon.ValueTypeSlice:
		r := otlp.UnpackRange(a.Word)
		if a.Kind != otlp.KindArray || v.Slice().Len() != r.Len() {
			return false
		}
		for i := range v.Slice().Len() {
			if !equalValue(v.Slice().At(i), o, o.Attrs[int(r.Start)+i]) {
				return false
			}
		}
		return true
	}
	return false
}
