package conform

import (
	"io/fs"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A story is a session that keeps to the bundled conventions, easy to change
// in the one place that a test is about. Names that begin with an asterisk
// carry the prefix.
type story struct {
	turns     []*turn
	resources []*telling // control plane, then by component of the data plane
}

// turn is one record.
type turn struct{ spans []*telling }

// telling is a span or, with attributes only, a resource.
type telling struct {
	name       string
	parent     *telling
	trace      byte
	kind       uint8
	start, end uint64 // milliseconds
	failed     bool
	ok         bool // status OK
	message    string
	resource   int
	attrs      []said
	events     []happened
	links      []*telling
	id         byte
	orphan     bool
}

type said struct {
	name  string
	value any // string, int, bool or []string
}

type happened struct {
	name  string
	at    uint64
	attrs []said
}

const storyPrefix = "acme"

// set changes or adds an attribute, drop removes it.
func (s *telling) set(name string, value any) {
	for i := range s.attrs {
		if s.attrs[i].name == name {
			s.attrs[i].value = value
			return
		}
	}
	s.attrs = append(s.attrs, said{name, value})
}

func (s *telling) drop(name string) {
	s.attrs = slices.DeleteFunc(s.attrs, func(a said) bool { return a.name == name })
}

// rename gives an attribute another name.
func (s *telling) rename(from, to string) {
	for i := range s.attrs {
		if s.attrs[i].name == from {
			s.attrs[i].name = to
		}
	}
}

// happens adds an event at the end of the span.
func (s *telling) happens(name string, attrs ...said) {
	s.events = append(s.events, happened{name, s.end, attrs})
}

// fails makes the span one that failed.
func (s *telling) fails(outcome, word string) {
	s.failed = true
	s.drop("gen_ai.tool.call.result")
	s.set(outcome, word)
	s.set("error.type", "timeout")
	s.set("*.error.category", "runtime")
	s.happens("exception", said{"exception.type", "TimeoutError"}, said{"exception.message", "no answer"})
}

// the returns span n, from 0, of a type in the turn.
func (t *turn) the(class string, n int) *telling {
	for _, s := range t.spans {
		if s.name != class && s.name != "*."+class {
			continue
		}
		if n == 0 {
			return s
		}
		n--
	}
	panic("no " + class)
}

// without removes a span and everything below it.
func (t *turn) without(gone *telling) {
	t.spans = slices.DeleteFunc(t.spans, func(s *telling) bool {
		for ; s != nil; s = s.parent {
			if s == gone {
				return true
			}
		}
		return false
	})
}

// all changes every span of the turn.
func (t *turn) all(f func(s *telling)) {
	for _, s := range t.spans {
		f(s)
	}
}

// spelt replaces the asterisk.
func spelt(name string) string {
	if len(name) > 1 && name[0] == '*' {
		return storyPrefix + name[1:]
	}
	return name
}

func traceID(n byte) (id otlp.TraceID) {
	id[0], id[15] = 0xab, n
	return id
}

// record turns a turn into the model.
func (st *story) record(t *turn) *otlp.Traces {
	out := &otlp.Traces{Strings: otlp.NewStrings()}
	for _, r := range st.resources {
		out.Resources = append(out.Resources, otlp.Resource{Attrs: attrsOf(out, r.attrs)})
		out.Scopes = append(out.Scopes, otlp.Scope{Name: out.Strings.ID("otelsim/" + r.name)})
	}
	for _, s := range t.spans {
		x := otlp.Span{
			TraceID: traceID(s.trace), SpanID: otlp.SpanID{7: s.id}, Start: s.start * 1e6, End: s.end * 1e6,
			Name: out.Strings.ID(spelt(s.name)), Kind: s.kind, Resource: uint32(s.resource), Scope: uint32(s.resource),
		}
		if s.parent != nil {
			x.ParentID = otlp.SpanID{7: s.parent.id}
		}
		if s.orphan {
			x.ParentID = otlp.SpanID{7: 0xff}
		}
		switch {
		case s.failed:
			x.Status = otlp.StatusError
		case s.ok:
			x.Status = otlp.StatusOK
		}
		if s.message != "" {
			x.Message = out.Strings.ID(s.message)
		}
		x.Attrs = attrsOf(out, s.attrs)
		from := uint32(len(out.Events))
		for _, e := range s.events {
			out.Events = append(out.Events, otlp.Event{Time: e.at * 1e6, Name: out.Strings.ID(spelt(e.name)), Attrs: otlp.Range{}})
		}
		for i, e := range s.events {
			out.Events[int(from)+i].Attrs = attrsOf(out, e.attrs)
		}
		x.Events = otlp.Range{Start: from, End: uint32(len(out.Events))}
		from = uint32(len(out.Links))
		for _, l := range s.links {
			out.Links = append(out.Links, otlp.Link{TraceID: traceID(l.trace), SpanID: otlp.SpanID{7: l.id}})
		}
		x.Links = otlp.Range{Start: from, End: uint32(len(out.Links))}
		out.Spans = append(out.Spans, x)
	}
	return out
}

func attrsOf(t *otlp.Traces, list []said) otlp.Range {
	from := uint32(len(t.Attrs))
	for _, a := range list {
		x := otlp.Attr{Key: t.Strings.ID(spelt(a.name))}
		switch v := a.value.(type) {
		case string:
			x.Kind, x.Word = otlp.KindString, uint64(t.Strings.ID(v))
		case int:
			x.Kind, x.Word = otlp.KindInt, uint64(v)
		case float64:
			x.Kind, x.Word = otlp.KindDouble, math.Float64bits(v)
		case bool:
			x.Kind = otlp.KindBool
			if v {
				x.Word = 1
			}
		}
		t.Attrs = append(t.Attrs, x)
	}
	to := uint32(len(t.Attrs))
	for i, a := range list {
		list, ok := a.value.([]string)
		if !ok {
			continue
		}
		at := uint32(len(t.Attrs))
		for _, v := range list {
			t.Attrs = append(t.Attrs, otlp.Attr{Kind: otlp.KindString, Word: uint64(t.Strings.ID(v))})
		}
		x := &t.Attrs[int(from)+i]
		x.Kind, x.Word = otlp.KindArray, otlp.PackRange(otlp.Range{Start: at, End: uint32(len(t.Attrs))})
	}
	return otlp.Range{Start: from, End: to}
}

// bundledConventions reads the conventions that come with the program.
func bundledConventions(t testing.TB) *semconv.Conventions {
	t.Helper()
	data, err := fs.ReadFile(config.FS, "semconv.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var p input.Problems
	c := semconv.Parse(input.File{Name: "semconv.yaml", Data: told(data)}, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// told adds what the bundled conventions do not have of what a story tells.
func told(conventions []byte) []byte {
	text := string(conventions)
	if !strings.Contains(text, "mcp.tool.serve:") {
		text = strings.Replace(text, "\nspan_names:\n", "\nspan_names:\n  vendor.mcp.tool.serve: {span_kind: SERVER, parent: vendor.mcp.tool.execute.attempt}\n", 1) +
			"\nmcp_tool_serve_attributes:\n  vendor.span.class: {type: string, allowed_values: [mcp.tool.serve]}\n"
	}
	for _, more := range []struct{ section, name, typ string }{
		{"mcp_tool_attributes", "gen_ai.tool.call.arguments", "any"}, {"mcp_tool_attributes", "gen_ai.tool.call.result", "any"},
		{"mcp_tool_attempt_attributes", "server.address", "string"}, {"llm_call_attributes", "server.address", "string"},
		{"llm_call_attributes", "gen_ai.usage.cache_read.input_tokens", "int"}, {"llm_call_attributes", "gen_ai.usage.cache_write.input_tokens", "int"},
		{"llm_call_attributes", "gen_ai.usage.reasoning.output_tokens", "int"}, {"llm_call_attributes", "gen_ai.response.time_to_first_chunk", "double"},
		{"llm_call_attributes", "gen_ai.request.stream", "boolean"}, {"llm_call_attributes", "gen_ai.tool.definitions", "any"},
	} {
		from := strings.Index(text, "\n"+more.section+":\n") + 1
		section, _, _ := strings.Cut(text[from:], "\n\n")
		if !strings.Contains(section, "\n  "+more.name+":\n") {
			at := from + len(more.section) + 2
			text = text[:at] + "  " + more.name + ":\n    type: " + more.typ + "\n" + text[at:]
		}
	}
	return []byte(text)
}
