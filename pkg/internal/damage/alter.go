package damage

import (
	"fmt"
	"unicode/utf8"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	resource "go.opentelemetry.io/proto/otlp/resource/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// alter changes p, which is a copy, as k says, and returns the path of the field;
// false: it has no such thing. r chooses among several.
func alter(k Kind, p *piece, r uint64) (path string, ok bool) {
	switch k {
	case Truncate, AttributeValue, AttributeRemoved, AttributeAdded:
		return alterAttributes(k, attributes(p.message), r)
	case LoseUnknown:
		m := p.message.ProtoReflect()
		ok = len(m.GetUnknown()) > 0
		m.SetUnknown(nil)
		return "unknown", ok
	case ItemResource:
		changed, path, ok := alterResource(p.resource, r)
		if ok {
			p.resource = changed
		}
		return path, ok
	case ItemScope:
		scope := new(common.InstrumentationScope)
		if was := p.scope.message; was != nil {
			scope = proto.CloneOf(was.(*common.InstrumentationScope))
		}
		scope.Version += "~"
		p.scope = &above{scope, p.scope.schema}
		return "scope.version", true
	case MetricUnit:
		if p.metric == nil {
			return "", false
		}
		p.metric = proto.CloneOf(p.metric)
		p.metric.Unit += "~"
		return "metric.unit", true
	}
	switch m := p.message.(type) {
	case *trace.Span:
		return alterSpan(k, m, r)
	case *logs.LogRecord:
		return alterLog(k, m)
	case *metrics.NumberDataPoint:
		return alterNumber(k, m)
	case *metrics.HistogramDataPoint:
		return alterHistogram(k, m, r)
	}
	return "", false
}

func alterSpan(k Kind, s *trace.Span, r uint64) (path string, ok bool) {
	switch k {
	case Name:
		s.Name += "~"
		return "name", true
	case Status:
		if s.Status == nil {
			s.Status = new(trace.Status)
		}
		s.Status.Code = (s.Status.Code + 1 + trace.Status_StatusCode(r%2)) % 3
		return "status.code", true
	case StartTime:
		s.StartTimeUnixNano++
		return "start_time_unix_nano", true
	case EndTime:
		s.EndTimeUnixNano += 1000
		return "end_time_unix_nano", true
	case SpanKind:
		s.Kind = s.Kind%5 + 1
		return "kind", true
	case ParentID:
		if len(s.ParentSpanId) != len(otlp.SpanID{}) {
			return "", false
		}
		s.ParentSpanId[7] ^= 1
		return "parent_span_id", true
	case EventRemoved:
		return removeLast("events", &s.Events)
	case EventName:
		if len(s.Events) == 0 {
			return "", false
		}
		i := r % uint64(len(s.Events))
		s.Events[i].Name += "~"
		return fmt.Sprintf("events[%d].name", i), true
	case LinkChanged:
		if len(s.Links) == 0 || len(s.Links[0].SpanId) != len(otlp.SpanID{}) {
			return "", false
		}
		i := r % uint64(len(s.Links))
		s.Links[i].SpanId[3] ^= 0x10
		return fmt.Sprintf("links[%d].span_id", i), true
	}
	return "", false
}

func alterLog(k Kind, l *logs.LogRecord) (path string, ok bool) {
	switch k {
	case Name:
		l.EventName += "~"
		return "event_name", true
	case StartTime:
		l.TimeUnixNano++
		return "time_unix_nano", true
	case EndTime:
		l.ObservedTimeUnixNano++
		return "observed_time_unix_nano", true
	case Severity:
		l.SeverityNumber = l.SeverityNumber%24 + 1
		return "severity_number", true
	case Body:
		if s, isText := l.Body.GetValue().(*common.AnyValue_StringValue); isText {
			s.StringValue += "~"
			return "body", true
		}
	}
	return "", false
}

func alterNumber(k Kind, p *metrics.NumberDataPoint) (path string, ok bool) {
	switch k {
	case Value:
		switch v := p.Value.(type) {
		case *metrics.NumberDataPoint_AsInt:
			v.AsInt++
		case *metrics.NumberDataPoint_AsDouble:
			v.AsDouble = v.AsDouble*2 + 1
		}
		return "value", p.Value != nil
	case StartTime:
		p.StartTimeUnixNano++
		return "start_time_unix_nano", p.StartTimeUnixNano > 1
	case ExemplarRemoved:
		return removeLast("exemplars", &p.Exemplars)
	}
	return "", false
}

func alterHistogram(k Kind, p *metrics.HistogramDataPoint, r uint64) (path string, ok bool) {
	switch k {
	case Value:
		if p.Sum == nil {
			return "", false
		}
		*p.Sum = *p.Sum*2 + 1
		return "sum", true
	case BucketCount:
		if len(p.BucketCounts) == 0 {
			return "", false
		}
		i := r % uint64(len(p.BucketCounts))
		p.BucketCounts[i]++
		return fmt.Sprintf("bucket_counts[%d]", i), true
	case StartTime:
		p.StartTimeUnixNano++
		return "start_time_unix_nano", p.StartTimeUnixNano > 1
	case ExemplarRemoved:
		return removeLast("exemplars", &p.Exemplars)
	}
	return "", false
}

// removeLast removes the last of a list, so that the others keep their places.
func removeLast[T any](name string, list *[]T) (path string, ok bool) {
	last := len(*list) - 1
	if last < 0 {
		return "", false
	}
	*list = (*list)[:last]
	return fmt.Sprintf("%s[%d]", name, last), true
}

// attributes returns the attributes of an item, nil when it cannot have any.
func attributes(m proto.Message) *[]*common.KeyValue {
	switch m := m.(type) {
	case *trace.Span:
		return &m.Attributes
	case *logs.LogRecord:
		return &m.Attributes
	case *metrics.NumberDataPoint:
		return &m.Attributes
	case *metrics.HistogramDataPoint:
		return &m.Attributes
	case *metrics.ExponentialHistogramDataPoint:
		return &m.Attributes
	case *metrics.SummaryDataPoint:
		return &m.Attributes
	}
	return nil
}

func alterAttributes(k Kind, list *[]*common.KeyValue, r uint64) (path string, ok bool) {
	if list == nil {
		return "", false
	}
	if k == AttributeAdded {
		*list = append(*list, &common.KeyValue{Key: "added.by.damage", Value: stringValue("x")})
		return "attributes.added.by.damage", true
	}
	n := uint64(len(*list))
	for i := range n {
		at := (r + i) % n
		kv := (*list)[at]
		switch k {
		case AttributeRemoved:
			*list = append((*list)[:at:at], (*list)[at+1:]...)
			ok = true
		case AttributeValue:
			ok = changeValue(kv.Value)
		default:
			ok = truncate(kv.Value)
		}
		if ok {
			return "attributes." + kv.Key, true
		}
	}
	return "", false
}

// alterResource returns a resource with an attribute changed, not one by which services
// and instances are told.
func alterResource(was *above, r uint64) (changed *above, path string, ok bool) {
	if was.message == nil {
		return nil, "", false
	}
	res := proto.CloneOf(was.message.(*resource.Resource))
	n := uint64(len(res.Attributes))
	for i := range n {
		kv := res.Attributes[(r+i)%n]
		if kv.Key == "service.name" || kv.Key == "service.instance.id" {
			continue
		}
		if changeValue(kv.Value) {
			return &above{res, was.schema}, "resource.attributes." + kv.Key, true
		}
	}
	return nil, "", false
}

func stringValue(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

// changeValue changes a value that is no array and no map.
func changeValue(v *common.AnyValue) bool {
	switch v := v.GetValue().(type) {
	case *common.AnyValue_StringValue:
		v.StringValue += "~"
	case *common.AnyValue_IntValue:
		v.IntValue++
	case *common.AnyValue_DoubleValue:
		v.DoubleValue = v.DoubleValue*2 + 1
	case *common.AnyValue_BoolValue:
		v.BoolValue = !v.BoolValue
	default:
		return false
	}
	return true
}

// truncate cuts the second half off a text of some length.
func truncate(v *common.AnyValue) bool {
	s, ok := v.GetValue().(*common.AnyValue_StringValue)
	if !ok || len(s.StringValue) < 8 {
		return false
	}
	n := len(s.StringValue) / 2
	for n > 0 && !utf8.RuneStart(s.StringValue[n]) {
		n--
	}
	s.StringValue = s.StringValue[:n]
	return true
}
