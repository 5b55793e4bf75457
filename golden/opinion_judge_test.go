package golden

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// complaint is a rule that was broken, in words that are the same each time,
// and the place.
type complaint struct{ rule, where string }

// court judges one corpus.
type court struct {
	*evidence
	found  []complaint
	seen   map[string]int // kinds of spans and of content
	order  []string       // trace ids
	traces map[string][]*span
}

// object records a complaint about s.
func (c *court) object(s *span, format string, args ...any) {
	c.found = append(c.found, complaint{s.Name + ": " + fmt.Sprintf(format, args...), s.at})
}

// must records a complaint unless ok.
func (c *court) must(ok bool, s *span, format string, args ...any) {
	if !ok {
		c.object(s, format, args...)
	}
}

// judge returns all that is wrong with a corpus, and counts what it saw.
func judge(e *evidence, seen map[string]int) []complaint {
	c := &court{evidence: e, seen: seen, traces: make(map[string][]*span)}
	c.collect()
	for _, id := range c.order {
		c.join(c.traces[id])
	}
	for _, id := range c.order {
		for _, s := range c.traces[id] {
			c.one(s)
			c.status(s)
			c.spoken(s)
			c.work(s)
			c.exchanges(s)
			c.never(s)
			c.checks(s)
		}
		c.unique(c.traces[id])
	}
	c.requests()
	return c.found
}

// collect reads the spans out of the messages.
func (c *court) collect() {
	for _, m := range c.messages {
		for _, rs := range m.ResourceSpans {
			resource, bad := readAttributes(rs.Resource.GetAttributes(), c.prefix)
			for _, ss := range rs.ScopeSpans {
				for _, p := range ss.Spans {
					s := &span{Span: p, resource: resource, scope: ss.Scope.GetName()}
					id := fmt.Sprintf("%x", p.TraceId)
					s.at = fmt.Sprintf("trace %s span %x", id, p.SpanId)
					n := 0
					s.attrs, n = readAttributes(p.Attributes, c.prefix)
					c.must(bad+n == 0, s, "attributes of no type, or twice")
					c.known(s)
					c.must(ss.Scope.GetVersion() != "", s, "scope has no version")
					if c.traces[id] == nil {
						c.order = append(c.order, id)
					}
					c.traces[id] = append(c.traces[id], s)
				}
			}
		}
	}
}

// join makes the spans of a trace a tree.
func (c *court) join(spans []*span) {
	byID := make(map[string]*span)
	for _, s := range spans {
		c.must(len(s.TraceId) == 16 && len(s.SpanId) == 8, s, "ids of another length")
		c.must(byID[string(s.SpanId)] == nil, s, "span id twice in a trace")
		byID[string(s.SpanId)] = s
		if c.sort(s); s.kind != nil {
			c.seen[s.kind.name]++
		}
	}
	roots := 0
	for _, s := range spans {
		if len(s.ParentSpanId) == 0 {
			roots++
			continue
		}
		s.parent = byID[string(s.ParentSpanId)]
		if s.parent == nil {
			c.object(s, "parent is not in the trace")
			continue
		}
		s.parent.children = append(s.parent.children, s)
	}
	c.must(roots == 1, spans[0], "trace has another number of roots than one")
	for _, s := range spans {
		slices.SortStableFunc(s.children, func(a, b *span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	}
}

// one checks what concerns a span alone: name, kind, parent, attributes, times.
func (c *court) one(s *span) {
	if s.kind == nil {
		c.object(s, "no name of a span")
		return
	}
	c.must(s.Kind.String() == "SPAN_KIND_"+s.kind.kind, s, "kind is %s, want %s", s.Kind, s.kind.kind)
	c.place(s)
	class := s.get("span.class")
	c.must(class == s.kind.name || s.kind.bare && class == "", s, "span.class is %q", class)
	always := "*.session.id gen_ai.conversation.id"
	if c.genai {
		always = "*.session.id *.enduser.pseudo.id"
	}
	for _, list := range [][]rule{s.kind.need, parseRules(always)} {
		for _, r := range list {
			if _, ok := s.attrs[r.key]; !ok {
				c.object(s, "has no %s", r.key)
			}
		}
	}
	c.allowed(s, "", s.attrs, s.kind.need, s.kind.may, c.everywhere())
	for _, r := range ofResource {
		if _, ok := s.resource[r.key]; !ok {
			c.object(s, "resource has no %s", r.key)
		}
	}
	c.allowed(s, "resource: ", s.resource, ofResource, ofSome)
	for _, k := range []string{"*.tenant.id", "deployment.environment.name"} {
		v, ok := s.attrs[k]
		c.must(!ok || v == s.resource[k], s, "%s is another than the resource's", k)
	}
	conversation, ok := s.attrs["gen_ai.conversation.id"]
	c.must(!ok || conversation == s.attrs["*.session.id"], s, "the conversation is not the session")
	c.must(s.scope == "otelsim/"+s.resource.str("*.component"), s, "scope is not of the component")
	c.times(s)
	c.events(s)
}

// allowed complains of attributes that break their rule, or have none.
func (c *court) allowed(s *span, of string, attrs attributes, lists ...[]rule) {
	for k, v := range attrs {
		known := false
		for _, list := range lists {
			for _, r := range list {
				if r.key == k && !known {
					known = true
					if bad := r.check(v); bad != "" {
						c.object(s, "%s%s", of, bad)
					}
				}
			}
		}
		c.must(known, s, "%s%s is no attribute of it", of, k)
	}
}

// taskTypes says what a task may hold by its type. A task of another type, and
// other spans, are not limited.
var taskTypes = map[string]string{"context.augment": "context_augmentation", "llm.call": "llm_call", "tools.recommend": "tool_recommendation",
	"mcp.tool.execute": "tool_execution", "llm.tool.response.bridge": "llm_call"}

// place checks where in the tree a span is.
func (c *court) place(s *span) {
	switch {
	case s.kind.name == "cp.request":
		c.must(s.parent == nil && c.unified, s, "not the root, or in separate traces")
	case s.kind.parents[0] == "-":
		above := s.parent
		if (s.is("a2a.orchestrate") || s.is("a2a.serve")) && above.is("a2a.forward") {
			above = above.parent // the gateway calls the runtime
		}
		c.must(c.unified && above.is("cp.request") || !c.unified && s.parent == nil, s, "not where a root belongs")
	default:
		ok := s.parent != nil && s.parent.kind != nil && slices.Contains(s.kind.parents, s.parent.kind.name)
		c.must(ok, s, "wrong parent")
	}
	if want := taskTypes[s.kind.name]; want != "" && s.parent.is("task.execute") {
		is := s.parent.get("task.type")
		c.must(is == want || is == "other", s, "in a task of type %s", is)
	}
	flags := uint32(1)
	if s.parent != nil {
		flags = 0x101
		if s.parent.resource["service.name"] != s.resource["service.name"] {
			flags = 0x301
		}
	}
	c.must(s.Flags == flags, s, "flags are %#x, want %#x", s.Flags, flags)
}

func (c *court) times(s *span) {
	c.must(s.StartTimeUnixNano > 0 && s.EndTimeUnixNano >= s.StartTimeUnixNano, s, "ends before it starts")
	if p := s.parent; p != nil {
		c.must(s.StartTimeUnixNano >= p.StartTimeUnixNano && s.EndTimeUnixNano <= p.EndTimeUnixNano, s, "not within its parent's time")
	}
	for _, e := range s.Events {
		c.must(e.TimeUnixNano >= s.StartTimeUnixNano && e.TimeUnixNano <= s.EndTimeUnixNano, s, "event %s outside of its time", e.Name)
	}
}

func (c *court) events(s *span) {
	for _, e := range s.Events {
		name := e.Name
		if rest, ok := strings.CutPrefix(name, c.prefix+"."); ok {
			name = "*." + rest
		}
		what, ok := events[name]
		if !ok || what.on != "" && what.on != s.kind.name {
			c.object(s, "has an event %s", name)
			continue
		}
		attrs, bad := readAttributes(e.Attributes, c.prefix)
		c.must(bad == 0, s, "event %s has attributes of no type, or twice", name)
		for _, r := range what.need {
			if bad := r.check(attrs[r.key]); bad != "" {
				c.object(s, "event %s: %s", name, bad)
			}
		}
	}
}

// status checks that status, outcome, error.type and the exception agree.
func (c *court) status(s *span) {
	c.must(s.GetStatus().GetCode() != tracepb.Status_STATUS_CODE_OK, s, "status OK")
	_, typed := s.attrs["error.type"]
	_, category := s.attrs["*.error.category"]
	exceptions, issues := 0, 0
	for _, e := range s.Events {
		switch {
		case e.Name == "exception":
			exceptions++
		case strings.HasSuffix(e.Name, ".validation.error"):
			issues++
		}
	}
	c.must(typed == s.failed(), s, "error.type %t, status ERROR %t", typed, s.failed())
	c.must(!category || s.failed(), s, "error.category without an error")
	c.must(exceptions == 0 || s.failed(), s, "exception without an error")
	// Mistakes in a body are told one by one, and no exception was thrown.
	c.must(exceptions > 0 || issues > 0 || !s.failed(), s, "error without an exception")
	c.must(s.failed() || s.GetStatus().GetMessage() == "", s, "a message of the status without an error")
	outcome := s.get("step.outcome")
	fails := outcome == "fail"
	switch {
	case s.is("a2a.orchestrate"):
		outcome = s.get("a2a.outcome")
		fails = outcome == "error"
	case s.is("mcp.tool.execute.attempt"):
		outcome = s.get("mcp.attempt.outcome")
		fails = outcome == "fail"
	case s.is("request.validation"), s.is("response.validation"), s.is("cp.request"):
		outcome = s.get("request.outcome") + s.get("response.outcome")
		fails = strings.Contains(outcome, "error")
	case outcome == "":
		fails = s.failed() // a type without outcomes
	}
	c.must(fails == s.failed(), s, "outcome %s, status ERROR %t", outcome, s.failed())
	c.must(outcome != "skip" && outcome != "skipped", s, "a skipped step")
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// unique checks what must not occur twice in a trace.
func (c *court) unique(spans []*span) {
	type value struct{ key, value string }
	had := make(map[value]bool)
	for _, s := range spans {
		for _, k := range []string{"*.task.id", "*.mcp.tool.call.id"} {
			v := value{k, s.attrs.str(k)}
			if v.value == "" || k != "*.task.id" && !s.is("mcp.tool.execute") {
				continue
			}
			c.must(!had[v], s, "%s twice in a trace", k)
			had[v] = true
		}
	}
}
