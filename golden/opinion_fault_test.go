package golden

import (
	"slices"
	"strings"
	"testing"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// set returns a change that gives an attribute a value, or takes it away.
func set(key string, v any) func(*tracepb.Span) {
	return func(s *tracepb.Span) {
		out := s.Attributes[:0]
		for _, kv := range s.Attributes {
			if kv.Key != key {
				out = append(out, kv)
			}
		}
		value := &commonpb.AnyValue{}
		switch v := v.(type) {
		case string:
			value.Value = &commonpb.AnyValue_StringValue{StringValue: v}
		case int:
			value.Value = &commonpb.AnyValue_IntValue{IntValue: int64(v)}
		case bool:
			value.Value = &commonpb.AnyValue_BoolValue{BoolValue: v}
		case float64:
			value.Value = &commonpb.AnyValue_DoubleValue{DoubleValue: v}
		case []string:
			list := &commonpb.ArrayValue{}
			for _, e := range v {
				list.Values = append(list.Values, &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: e}})
			}
			value.Value = &commonpb.AnyValue_ArrayValue{ArrayValue: list}
		default:
			s.Attributes = out
			return
		}
		s.Attributes = append(out, &commonpb.KeyValue{Key: key, Value: value})
	}
}

// has selects spans by the text of an attribute.
func has(key, value string) func(*tracepb.Span) bool {
	return func(s *tracepb.Span) bool {
		for _, kv := range s.Attributes {
			if kv.Key == key {
				return value == "" || kv.Value.GetStringValue() == value
			}
		}
		return false
	}
}

func code(c tracepb.Status_StatusCode) func(*tracepb.Span) {
	return func(s *tracepb.Span) { s.Status = &tracepb.Status{Code: c} }
}

// fault is a change of the first span that has a name and is chosen, and what
// it must be answered with.
type fault struct {
	span   string
	choose func(*tracepb.Span) bool // nil: any
	change func(*tracepb.Span)
	want   string
}

var faults = []fault{
	{"vendor.planner", nil, func(s *tracepb.Span) { s.Name = "planner" }, "no name of a span"},
	{"vendor.llm.call", nil, func(s *tracepb.Span) { s.Kind = tracepb.Span_SPAN_KIND_INTERNAL }, "want CLIENT"},
	{"vendor.planner", nil, func(s *tracepb.Span) { s.ParentSpanId = nil }, "another number of roots"},
	{"vendor.planner", nil, func(s *tracepb.Span) { s.ParentSpanId = []byte("nowhere!") }, "parent is not in the trace"},
	{"vendor.planner", nil, func(s *tracepb.Span) { s.Flags = 1 }, "flags are 0x1, want 0x101"},
	{"vendor.task.execute", nil, set("vendor.task.type", "tool_recommendation"), "in a task of type tool_recommendation"},
	{"vendor.task.execute", nil, set("vendor.task.id", nil), "has no *.task.id"},
	{"vendor.task.execute", nil, set("vendor.task.color", "blue"), "*.task.color is no attribute of it"},
	{"vendor.task.execute", nil, set("vendor.span.class", "planner"), `span.class is "planner"`},
	{"vendor.planner", nil, set("vendor.session.id", "sess_0"), "the conversation is not the session"},
	{"vendor.response.compose", nil, set("vendor.response.format", "xml"), `must not be "xml"`},
	{"vendor.response.compose", nil, set("vendor.response.format", 7), "wrong type"},
	{"vendor.planner", nil, func(s *tracepb.Span) { s.EndTimeUnixNano += 3600e9 }, "not within its parent's time"},
	{"vendor.planner", nil, code(tracepb.Status_STATUS_CODE_OK), "status OK"},
	{"vendor.planner", nil, code(tracepb.Status_STATUS_CODE_ERROR), "error without an exception"},
	{"vendor.planner", nil, set("vendor.step.outcome", "fail"), "outcome fail, status ERROR false"},
	{"vendor.planner", nil, set("vendor.step.outcome", "partial"), `must not be "partial"`},
	{"vendor.planner", nil, set("error.type", "timeout"), "error.type true, status ERROR false"},
	{"vendor.mcp.tool.execute.attempt", has("error.type", ""), set("error.type", nil), "error.type false, status ERROR true"},
	{"vendor.mcp.tool.execute.attempt", has("error.type", ""), set("error.type", "oops"), `must not be "oops"`},
	{"vendor.mcp.tool.execute.attempt", has("error.type", ""), func(s *tracepb.Span) { s.Events = nil }, "error without an exception"},
	{"vendor.mcp.tool.execute.attempt", nil, set("vendor.mcp.attempt.index", 0), "index is not its place"},
	{"vendor.mcp.tool.execute.attempt", nil, set("vendor.mcp.tool.call.id", "call_0"), "another call than the tool's"},
	{"vendor.mcp.tool.execute.attempt", nil, set("vendor.retry.reason", "timeout"), "the first has a reason"},
	{"vendor.mcp.tool.execute.attempt", has("vendor.retry.reason", ""), set("vendor.retry.reason", nil), "without a reason"},
	{"vendor.mcp.tool.execute.attempt", has("vendor.retry.reason", ""), set("vendor.retry.backoff.ms", 1<<30), "waited less"},
	{"vendor.mcp.tool.execute", nil, set("vendor.retry.count", 5), "not the attempts less one"},
	{"vendor.mcp.tool.execute", nil, set("vendor.mcp.tool.uuid", "1234"), "mcp.tool.uuid is no uuid"},
	{"vendor.mcp.tool.execute", has("error.type", ""), code(0), "failed false, its last attempt true"},
	{"vendor.tools.recommend", nil, set("vendor.mcp.tools.selected.count", 1000), "more tools selected"},
	{"vendor.llm.call", nil, set("gen_ai.request.model", "claude-gpt"), "model claude-gpt of"},
	{"vendor.llm.call", nil, set("gen_ai.usage.input_tokens", nil), "went well without gen_ai.usage.input_tokens"},
	{"vendor.a2a.orchestrate", has("vendor.a2a.outcome", "success"), set("vendor.a2a.outcome", "partial"), "partial, but nothing failed"},
	{"vendor.a2a.orchestrate", has("vendor.a2a.outcome", "partial"), set("vendor.a2a.outcome", "success"), "success, but vendor.task.execute failed"},
	{"vendor.a2a.orchestrate", has("vendor.a2a.outcome", "error"), set("vendor.a2a.outcome", "partial"), "partial in spite of a broken answer"},
	{"vendor.task.execute", has("vendor.step.outcome", "fail"), set("vendor.step.outcome", "success"), "success, but vendor.mcp.tool.execute failed"},
	{"vendor.a2a.orchestrate", nil, func(s *tracepb.Span) { s.Links = nil }, "0 links"},
	{"vendor.response.validation", nil, func(s *tracepb.Span) { s.Links[0].SpanId = s.SpanId }, "link is not to vendor.a2a.orchestrate"},
	{"vendor.response.validation", nil, set("vendor.dp.trace_id", strings.Repeat("0", 32)), "dp.trace_id is not of the work"},
	{"vendor.a2a.orchestrate", nil, set("vendor.cp.incoming_trace_id", strings.Repeat("0", 32)), "is of no request"},
	{"vendor.response.validation", has("vendor.response.outcome", "error"), set("vendor.response.outcome", "allowed"), "allowed, but the work ended in an error"},
	{"vendor.request.validation", has("vendor.request.outcome", "blocked"), set("vendor.block.reason", nil), `blocked with block.reason ""`},
	{"vendor.request.validation", has("vendor.block.reason", "request_policy"), set("vendor.block.reason", "invalid_payload"), "steps say"},
	{"vendor.request.validation", has("vendor.request.outcome", "allowed"), set("vendor.request.outcome", "blocked"), "blocked, but there is work"},
	{"vendor.request.validation", has("vendor.request.audit.flag", ""), set("vendor.request.audit.flag", nil), "audit flag false"},
	{"vendor.response.validation", has("vendor.response.outcome", "blocked"), set("vendor.block.reason", "unknown"), "must not be"},
	{"vendor.validation.policy", nil, set("vendor.policy.decision", "block"), "decision block, step pass"},
	{"vendor.validation.payload", nil, set("vendor.validation.result", "invalid"), "invalid true, status ERROR false"},
	{"vendor.validation.payload", has("vendor.validation.result", "invalid"), func(s *tracepb.Span) { s.Events = nil }, "but 0 events"},
	{"vendor.llm.call", has("gen_ai.input.messages", ""), set("vendor.llm.content.capture.enabled", false), "captured false"},
	{"vendor.llm.call", has("gen_ai.input.messages", ""), set("gen_ai.input.messages", "hello"), "are no messages"},
	{"vendor.llm.call", has("vendor.gen_ai.input.redacted", ""), set("gen_ai.input.messages", "[]"), "gen_ai.input.messages, captured true, masked true"},
	{"vendor.llm.call", has("vendor.redaction.applied", "strict"), set("vendor.gen_ai.input.redacted", `[{"role":"user","parts":[{"type":"text","content":"7"}]}]`), "has a digit"},
	{"vendor.llm.call", has("vendor.redaction.applied", "basic"), set("vendor.gen_ai.input.redacted", `[{"role":"user","parts":[{"type":"text","content":"a@b.cd"}]}]`), "has personal data"},
	{"vendor.request.validation", nil, set("vendor.request.id", "req_0"), "*.request.id is another than the request's"},
	{"vendor.request.validation", nil, set("vendor.enduser.pseudo.id", "usr_0"), "*.enduser.pseudo.id"},
}

// unifiedFaults are the same for a corpus of one trace a request.
var unifiedFaults = []fault{
	{"cp.request", nil, func(s *tracepb.Span) { s.Kind = tracepb.Span_SPAN_KIND_CLIENT }, "want SERVER"},
	{"cp.request", nil, func(s *tracepb.Span) { s.Name = "vendor.cp.request" }, "no name of a span"},
	{"cp.request", nil, set("vendor.cp.incoming_trace_id", "0"), "cp.incoming_trace_id is not its own"},
	{"cp.request", has("vendor.request.outcome", "blocked"), set("vendor.request.outcome", "allowed"), "request.outcome is another than"},
	{"vendor.a2a.orchestrate", nil, func(s *tracepb.Span) { s.ParentSpanId = nil }, "not where a root belongs"},
	{"vendor.a2a.orchestrate", nil, func(s *tracepb.Span) { s.Links = []*tracepb.Span_Link{{}} }, "a link within the trace"},
	{"vendor.request.validation", nil, func(s *tracepb.Span) { s.EndTimeUnixNano += 1e6 }, "begins before the request is validated"},
}

// TestOpinionComplains plants faults in corpora.
func TestOpinionComplains(t *testing.T) {
	dependOnTree(t)
	words := generator(t)
	for line, faults := range map[string][]fault{
		"otelsim-gen --seed 14 --each-once":                       faults,
		"otelsim-gen --seed 14 --each-once --trace-shape unified": unifiedFaults,
		"otelsim-gen --seed 14 --each-once --content raw":         exchangeFaults,
		"otelsim-gen --seed 14 --each-once --semconv genai":       genaiFaults,
	} {
		whole := collect(t, words, line)
		count := func(found []complaint, want string) (n int) {
			for _, c := range found {
				if strings.Contains(c.rule, want) {
					n++
				}
			}
			return n
		}
		before := judge(whole, make(map[string]int))
		for _, f := range faults {
			e := *whole
			e.messages = slices.Clone(whole.messages)
			if !plant(&e, f.span, f.choose, f.change) {
				t.Errorf("no %s to plant %q in", f.span, f.want)
			} else if found := judge(&e, make(map[string]int)); count(found, f.want) <= count(before, f.want) {
				t.Errorf("%s: nobody complains that %q, but of %q", f.span, f.want, summary(found))
			}
		}
	}
}

// plant changes the first span that is chosen, in a copy of its message.
func plant(e *evidence, name string, choose func(*tracepb.Span) bool, change func(*tracepb.Span)) bool {
	for i, m := range e.messages {
		for j, rs := range m.ResourceSpans {
			for k, ss := range rs.ScopeSpans {
				for l, s := range ss.Spans {
					if (name == "" || s.Name == name) && (choose == nil || choose(s)) {
						e.messages[i] = proto.CloneOf(m)
						change(e.messages[i].ResourceSpans[j].ScopeSpans[k].Spans[l])
						return true
					}
				}
			}
		}
	}
	return false
}
