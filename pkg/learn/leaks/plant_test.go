package leaks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// place is where something can be in a capture.
type place struct {
	name  string
	free  bool // it is free text: a secret may be in all traces
	span  func(s *traces.ResourceSpans, span *traces.Span, secret string)
	log   func(l *logs.ResourceLogs, r *logs.LogRecord, secret string)
	point func(m *metrics.ResourceMetrics, of *metrics.Metric, p *metrics.NumberDataPoint, secret string)
}

func pair(key string, v *common.AnyValue) *common.KeyValue {
	return &common.KeyValue{Key: key, Value: v}
}

func str(s string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: s}}
}

func list(v ...*common.AnyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: v}}}
}

func dict(v ...*common.KeyValue) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: v}}}
}

// attribute plants a value of a key on a span.
func attribute(key, format string) func(*traces.ResourceSpans, *traces.Span, string) {
	return func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Attributes = append(s.Attributes, pair(key, str(fmt.Sprintf(format, secret))))
	}
}

func value(key string, v func(secret string) *common.AnyValue) func(*traces.ResourceSpans, *traces.Span, string) {
	return func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Attributes = append(s.Attributes, pair(key, v(secret)))
	}
}

// event plants an event with an attribute.
func event(name, key, format string) func(*traces.ResourceSpans, *traces.Span, string) {
	return func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		e := &traces.Span_Event{Name: strings.ReplaceAll(name, "%s", secret), TimeUnixNano: s.StartTimeUnixNano}
		if key != "" {
			e.Attributes = []*common.KeyValue{pair(strings.ReplaceAll(key, "%s", secret), str(fmt.Sprintf(format, secret)))}
		}
		s.Events = append(s.Events, e)
	}
}

// places are all of them.
var places = []place{
	{name: "value of an attribute", span: attribute("shop.plan", "%s")},
	{name: "value of a public key", span: attribute("http.route", "/orders/%s")},
	{name: "value in lower case of a method", span: attribute("http.request.method_original", "%s")},
	{name: "key of an attribute", span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Attributes = append(s.Attributes, pair("shop."+secret, str("x")))
	}},
	{name: "URL", free: true, span: attribute("url.full", "https://shop.test/orders/%s?id=1")},
	{name: "query of a URL", free: true, span: attribute("url.query", "token=%s")},
	{name: "path of a URL", span: attribute("url.path", "/u/%s/cart")},
	{name: "statement", free: true, span: attribute("db.query.text", "SELECT * FROM t WHERE name = '%s'")},
	{name: "old statement", free: true, span: attribute("db.statement", "SELECT '%s'")},
	{name: "header", free: true, span: attribute("http.request.header.x-token", "%s")},
	{name: "user agent", free: true, span: attribute("user_agent.original", "%s/1.0")},
	{name: "list", span: value("shop.tags", func(s string) *common.AnyValue { return list(str("a"), str(s)) })},
	{name: "map in a list", span: value("shop.tags", func(s string) *common.AnyValue { return list(dict(pair("a", str(s)))) })},
	{name: "key of a map", span: value("shop.tags", func(s string) *common.AnyValue { return dict(pair(s, str("a"))) })},
	{name: "bytes", span: value("shop.raw", func(s string) *common.AnyValue {
		return &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte(s)}}
	})},
	{name: "name of a span", span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) { s.Name = "GET /orders/" + secret }},
	{name: "status", free: true, span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Status = &traces.Status{Code: traces.Status_STATUS_CODE_ERROR, Message: "no card of " + secret}
	}},
	{name: "trace state", span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) { s.TraceState = "vendor=" + secret }},
	{name: "name of an event", span: event("paid by %s", "", "")},
	{name: "attribute of an event", span: event("paid", "shop.payer", "%s")},
	{name: "key of an event", span: event("paid", "shop.%s", "%s")},
	{name: "exception", free: true, span: event("exception", "exception.message", "cannot reach %s")},
	{name: "stack", free: true, span: event("exception", "exception.stacktrace", "at %s.go:1")},
	{name: "type of an exception", span: event("exception", "exception.type", "com.%s.Error")},
	{name: "messages of a model", free: true, span: attribute("gen_ai.input.messages", `[{"role":"user","parts":[{"type":"text","content":"I am %s"}]}]`)},
	{name: "instructions of a model", free: true, span: attribute("gen_ai.system_instructions", "You serve %s")},
	{name: "arguments of a tool", free: true, span: attribute("gen_ai.tool.call.arguments", `{"name":"%s"}`)},
	{name: "long text of any key", free: true, span: attribute("shop.plan", "this is what %s wrote to us")},
	{name: "state of a link", span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Links = append(s.Links, &traces.Span_Link{TraceId: s.TraceId, SpanId: s.SpanId, TraceState: "a=" + secret})
	}},
	{name: "attribute of a link", span: func(_ *traces.ResourceSpans, s *traces.Span, secret string) {
		s.Links = append(s.Links, &traces.Span_Link{TraceId: s.TraceId, SpanId: s.SpanId, Attributes: []*common.KeyValue{pair("shop.cause", str(secret))}})
	}},
	{name: "scope", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.ScopeSpans[0].Scope = &common.InstrumentationScope{Name: "lib/" + secret}
	}},
	{name: "version of a scope", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.ScopeSpans[0].Scope = &common.InstrumentationScope{Name: "lib", Version: secret}
	}},
	{name: "attribute of a scope", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.ScopeSpans[0].Scope = &common.InstrumentationScope{Name: "lib", Attributes: []*common.KeyValue{pair("a", str(secret))}}
	}},
	{name: "service", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.Resource.Attributes[0] = pair("service.name", str(secret))
	}},
	{name: "resource", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.Resource.Attributes = append(r.Resource.Attributes, pair("team.name", str(secret)))
	}},
	{name: "host", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.Resource.Attributes = append(r.Resource.Attributes, pair("host.name", str(secret+".acme.internal")))
	}},
	{name: "schema URL of a resource", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.SchemaUrl = "https://" + secret + ".test/1"
	}},
	{name: "schema URL of a scope", span: func(r *traces.ResourceSpans, _ *traces.Span, secret string) {
		r.ScopeSpans[0].SchemaUrl = "https://test/" + secret
	}},
	{name: "body", free: true, log: func(_ *logs.ResourceLogs, r *logs.LogRecord, secret string) { r.Body = str("sold to " + secret) }},
	{name: "body of parts", free: true, log: func(_ *logs.ResourceLogs, r *logs.LogRecord, secret string) {
		r.Body = dict(pair("a", list(str(secret))), pair("was", r.Body))
	}},
	{name: "attribute of a log record", log: func(_ *logs.ResourceLogs, r *logs.LogRecord, secret string) {
		r.Attributes = append(r.Attributes, pair("shop.clerk", str(secret)))
	}},
	{name: "event of a log record", log: func(_ *logs.ResourceLogs, r *logs.LogRecord, secret string) { r.EventName = "sold." + secret }},
	{name: "attribute of a point", point: func(_ *metrics.ResourceMetrics, _ *metrics.Metric, p *metrics.NumberDataPoint, secret string) {
		p.Attributes = append(p.Attributes, pair("shop.clerk", str(secret)))
	}},
	{name: "metric", point: func(_ *metrics.ResourceMetrics, m *metrics.Metric, _ *metrics.NumberDataPoint, secret string) {
		m.Name = "sold." + secret
	}},
	{name: "description of a metric", free: true, point: func(_ *metrics.ResourceMetrics, m *metrics.Metric, _ *metrics.NumberDataPoint, secret string) {
		m.Description = "What " + secret + " has sold."
	}},
	{name: "unit", point: func(_ *metrics.ResourceMetrics, m *metrics.Metric, _ *metrics.NumberDataPoint, secret string) {
		m.Unit = "{" + secret + "}"
	}},
}

// secretOf is what is planted at a place: letters, so that it looks like nothing.
func secretOf(i int) string {
	const digits = "bcdfghjklm"
	return "zarquon" + string(digits[i/10]) + string(digits[i%10]) + "sec"
}

// capture writes a capture with a secret at each place: in one trace, or in all where
// the place is free text and everywhere is given.
func capture(t *testing.T, everywhere bool) *intake.Input {
	t.Helper()
	p := &planter{everywhere: everywhere, done: make(map[string]bool)}
	in := write(t, otelsim.Options{Seed: 3, Count: 40, Scenarios: []string{"shop"}}, func(r record) []byte { return p.record(t, r) }, filepath.Join(t.TempDir(), "capture.binpb"))
	for _, x := range places {
		if !p.done[x.name] {
			t.Fatalf("nothing to plant %q in", x.name)
		}
	}
	return in
}

type record = small.Record

// write writes a corpus as a capture, each record as change returns it.
func write(t *testing.T, o otelsim.Options, change func(record) []byte, path string) *intake.Input {
	t.Helper()
	var out [][]byte
	for _, r := range small.Records(t, small.Corpus(t, o)) {
		out = append(out, change(r))
	}
	if err := os.WriteFile(path, captures.Framed(out), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := intake.Open([]string{path}, intake.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// planter plants secrets.
type planter struct {
	everywhere bool
	done       map[string]bool
	last       string // trace that had the last one
}

// wants reports whether a secret is to be planted at a place: in a trace of its own each.
func (p *planter) wants(x *place, trace []byte) bool {
	if p.everywhere && x.free {
		p.done[x.name] = true
		return true
	}
	if p.done[x.name] || len(trace) > 0 && string(trace) == p.last {
		return false
	}
	p.done[x.name], p.last = true, string(trace)
	return true
}

func (p *planter) record(t *testing.T, r record) []byte {
	t.Helper()
	var m proto.Message
	switch r.Signal {
	case otlp.SignalTraces:
		m = new(traces.TracesData)
	case otlp.SignalMetrics:
		m = new(metrics.MetricsData)
	default:
		m = new(logs.LogsData)
	}
	if err := proto.Unmarshal(r.Payload, m); err != nil {
		t.Fatal(err)
	}
	switch m := m.(type) {
	case *traces.TracesData:
		p.spans(m)
	case *logs.LogsData:
		p.logs(m)
	case *metrics.MetricsData:
		p.points(m)
	}
	out, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// eachResource returns a record with a change to each resource that has spans.
func eachResource(t *testing.T, r record, change func(*traces.ResourceSpans)) []byte {
	t.Helper()
	if r.Signal != otlp.SignalTraces {
		return r.Payload
	}
	m := new(traces.TracesData)
	if err := proto.Unmarshal(r.Payload, m); err != nil {
		t.Fatal(err)
	}
	for _, s := range m.ResourceSpans {
		change(s)
	}
	out, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *planter) spans(m *traces.TracesData) {
	for _, rs := range m.ResourceSpans {
		span := rs.ScopeSpans[0].Spans[0]
		for i := range places {
			if places[i].span != nil && p.wants(&places[i], span.TraceId) {
				places[i].span(rs, span, secretOf(i))
			}
		}
	}
}

func (p *planter) logs(m *logs.LogsData) {
	for _, rl := range m.ResourceLogs {
		r := rl.ScopeLogs[0].LogRecords[0]
		for i := range places {
			if places[i].log != nil && p.wants(&places[i], r.TraceId) {
				places[i].log(rl, r, secretOf(i))
			}
		}
	}
}

func (p *planter) points(m *metrics.MetricsData) {
	for _, rm := range m.ResourceMetrics {
		for _, of := range rm.ScopeMetrics[0].Metrics {
			var points []*metrics.NumberDataPoint
			if s := of.GetSum(); s != nil {
				points = s.DataPoints
			} else if g := of.GetGauge(); g != nil {
				points = g.DataPoints
			}
			for i := range places {
				if len(points) > 0 && places[i].point != nil && p.wants(&places[i], nil) {
					places[i].point(rm, of, points[0], secretOf(i))
				}
			}
		}
	}
}

// run looks for the texts of an output.
func run(t *testing.T, in Source, output string, o Options) Result {
	t.Helper()
	var out Outputs
	out.Text("model/x.yaml", []byte(output))
	result, err := Test(context.Background(), in, &out, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}
