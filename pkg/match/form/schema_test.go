package form

import (
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	logspb "go.opentelemetry.io/proto/otlp/logs/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// describedBy are the messages as protobuf knows them. Parts are groups without what
// is in them.
var describedBy = map[Message]proto.Message{
	Traces: &tracepb.TracesData{}, Metrics: &metricspb.MetricsData{}, Logs: &logspb.LogsData{},
	Span: &tracepb.Span{}, LogRecord: &logspb.LogRecord{}, NumberPoint: &metricspb.NumberDataPoint{},
	HistogramPoint: &metricspb.HistogramDataPoint{}, ExpHistogramPoint: &metricspb.ExponentialHistogramDataPoint{},
	SummaryPoint: &metricspb.SummaryDataPoint{}, MetricPart: &metricspb.Metric{},
	msgResourceSpans: &tracepb.ResourceSpans{}, msgResourceMetrics: &metricspb.ResourceMetrics{}, msgResourceLogs: &logspb.ResourceLogs{},
	msgScopeSpans: &tracepb.ScopeSpans{}, msgScopeMetrics: &metricspb.ScopeMetrics{}, msgScopeLogs: &logspb.ScopeLogs{},
	msgResource: &resourcepb.Resource{}, msgScope: &commonpb.InstrumentationScope{}, msgEntityRef: &commonpb.EntityRef{},
	msgEvent: &tracepb.Span_Event{}, msgLink: &tracepb.Span_Link{}, msgStatus: &tracepb.Status{},
	msgGauge: &metricspb.Gauge{}, msgSum: &metricspb.Sum{}, msgHistogram: &metricspb.Histogram{},
	msgExpHistogram: &metricspb.ExponentialHistogram{}, msgSummary: &metricspb.Summary{},
	msgBuckets: &metricspb.ExponentialHistogramDataPoint_Buckets{}, msgQuantile: &metricspb.SummaryDataPoint_ValueAtQuantile{},
	msgExemplar: &metricspb.Exemplar{}, msgKeyValue: &commonpb.KeyValue{}, msgAnyValue: &commonpb.AnyValue{},
	msgArrayValue: &commonpb.ArrayValue{}, msgMapValue: &commonpb.KeyValueList{},
}

func descriptor(m Message) protoreflect.MessageDescriptor {
	return describedBy[m].ProtoReflect().Descriptor()
}

// TestSchemaIsOTLP holds the table to the descriptors of OTLP, both ways.
func TestSchemaIsOTLP(t *testing.T) {
	for m := range numMessages {
		if m == ResourcePart || m == ScopePart || m == numExported {
			continue
		}
		if describedBy[m] == nil {
			t.Errorf("message %d has no descriptor", m)
			continue
		}
		d := descriptor(m)
		if len(schema[m]) != d.Fields().Len() {
			t.Errorf("%s has %d fields in the table, want %d", d.Name(), len(schema[m]), d.Fields().Len())
		}
		for i := range d.Fields().Len() {
			fd := d.Fields().Get(i)
			found := false
			for j, f := range schema[m] {
				if protoreflect.FieldNumber(f.number) == fd.Number() {
					found = true
					checkField(t, &f, &members[m][j], fd)
				}
			}
			if !found {
				t.Errorf("%s is not in the table", fd.FullName())
			}
		}
	}
}

func checkField(t *testing.T, f *field, j *member, fd protoreflect.FieldDescriptor) {
	t.Helper()
	if f.name != string(fd.Name()) || j.camel != fd.JSONName() {
		t.Errorf("%s is %s and %s in JSON in the table, want %s", fd.FullName(), f.name, j.camel, fd.JSONName())
	}
	kinds := map[protoreflect.Kind]kind{
		protoreflect.MessageKind: kindMessage, protoreflect.StringKind: kindString, protoreflect.BytesKind: kindBytes,
		protoreflect.BoolKind: kindBool, protoreflect.Int32Kind: kindInt32, protoreflect.Int64Kind: kindInt64,
		protoreflect.Uint32Kind: kindUint32, protoreflect.Uint64Kind: kindUint64, protoreflect.Sint32Kind: kindSint32,
		protoreflect.EnumKind: kindEnum, protoreflect.Fixed64Kind: kindFixed64, protoreflect.Sfixed64Kind: kindSfixed64,
		protoreflect.DoubleKind: kindDouble, protoreflect.Fixed32Kind: kindFixed32,
	}
	want := kinds[fd.Kind()]
	name := string(fd.Name())
	switch {
	case want == kindBytes && name == "trace_id":
		want = kindTraceID
	case want == kindBytes && strings.HasSuffix(name, "span_id"):
		want = kindSpanID
	case want == kindFixed64 && strings.HasSuffix(name, "_unix_nano"):
		want = kindTime
	}
	if f.kind != want || want == unknown {
		t.Errorf("%s is of kind %d in the table, want %d", fd.FullName(), f.kind, want)
	}
	label := single
	switch one := fd.ContainingOneof(); {
	case fd.IsList() && fd.Message() != nil && fd.Message().Name() == "KeyValue":
		label = set
	case fd.IsList():
		label = list
	case one != nil && one.IsSynthetic():
		label = optional
	case one != nil:
		label = oneOf
	}
	if f.label != label {
		t.Errorf("%s has label %d in the table, want %d", fd.FullName(), f.label, label)
	}
	if fd.Message() != nil && descriptor(f.next).FullName() != fd.Message().FullName() {
		t.Errorf("%s is a %s in the table, want %s", fd.FullName(), descriptor(f.next).FullName(), fd.Message().FullName())
	}
	if fd.Enum() == nil {
		return
	}
	values := fd.Enum().Values()
	if len(f.enum) != values.Len()+1 {
		t.Fatalf("%s has %d names in the table, want %d", fd.Enum().FullName(), len(f.enum)-1, values.Len())
	}
	for i := range values.Len() {
		v := values.ByNumber(protoreflect.EnumNumber(i))
		if v == nil || string(v.Name()) != f.enum[0]+f.enum[i+1] {
			t.Errorf("%s has %s for %d in the table", fd.Enum().FullName(), f.enum[i+1], i)
		}
	}
}

// TestListsFit holds what the table of actions assumes of messages: how many lists
// they have, one oneof, one set, and numbers that the bits of digest have room for.
func TestListsFit(t *testing.T) {
	for m, fields := range schema {
		lists, sets, message := 0, 0, false
		oneofs := map[string]bool{}
		for _, f := range fields {
			switch f.label {
			case list:
				lists++
			case set:
				sets++
			case oneOf:
				oneofs[string(descriptor(Message(m)).Fields().ByNumber(protoreflect.FieldNumber(f.number)).ContainingOneof().Name())] = true
			}
			message = message || f.number > maxNumber
		}
		if lists > maxLists || sets > 1 || len(oneofs) > 1 || message {
			t.Errorf("message %d has %d lists, %d sets, %d oneofs or numbers over %d", m, lists, sets, len(oneofs), maxNumber)
		}
	}
}
