package golden

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// backendRules says how products that draw agents read spans: which type they
// give one, by the first line that holds, and after an @ in which attributes they
// look for what else they show. Of rules in code the order is kept, and what
// concerns other SDKs' attributes is left out. A condition is a key that has a
// value, key=a|b for one of some values, key* for any key that begins so
// (key*-other: but for that one), and name:word for the first word of the
// span's name. All of a line must hold.
//
// Read in the sources in the middle of 2026: Langfuse ObservationTypeMapper.ts and
// OtelIngestionProcessor.ts; jaeger-ui utils/gen-ai/detect.ts; OpenInference
// js/packages/openinference-genai attributes.ts, which its exporter applies to all
// spans and people to those with a key of gen_ai; Phoenix trace/gen_ai/conversion.py,
// which since 15.10 does that to what arrives; inference-perf
// docs/otel_trace_replay.md; the queries of OpenLIT's dashboards. Those of
// Datadog, Honeycomb, Traceloop and Arize AX are from their documentation.
const backendRules = `
Langfuse
  GENERATION     gen_ai.operation.name=chat|completion|text_completion|generate_content|generate
  EMBEDDING      gen_ai.operation.name=embeddings
  AGENT          gen_ai.operation.name=invoke_agent|create_agent
  TOOL           gen_ai.operation.name=execute_tool
  TOOL           gen_ai.tool.name
  TOOL           gen_ai.tool.call.id
  GENERATION     gen_ai.request.model
  GENERATION     gen_ai.response.model
  SPAN
  @name          gen_ai.tool.name
  @session       langfuse.session.id session.id gen_ai.conversation.id
  @user          langfuse.user.id user.id
  @model         gen_ai.response.model gen_ai.request.model
  @tokens        gen_ai.usage.input_tokens
  @words         gen_ai.input.messages
  @arguments     gen_ai.tool.call.arguments

Jaeger
  LLM_CALL       gen_ai.operation.name=chat|text_completion|generate_content|embeddings
  TOOL_CALL      gen_ai.operation.name=execute_tool
  AGENT          gen_ai.operation.name=invoke_agent|create_agent|invoke_workflow
  RETRIEVAL      gen_ai.operation.name=retrieval
  TOOL_CALL      gen_ai.tool.name
  UNKNOWN_GENAI  gen_ai.*-gen_ai.tool.call.id
  -
  @model         gen_ai.request.model
  @tokens        gen_ai.usage.input_tokens
  @words         gen_ai.input.messages
  @arguments     gen_ai.tool.call.arguments

OpenInference
  -              !gen_ai.*
  TOOL           gen_ai.tool.name
  TOOL           gen_ai.tool.description
  TOOL           gen_ai.tool.call.id
  TOOL           gen_ai.tool.type
  LLM            gen_ai.operation.name=chat|text_completion|generate_content
  EMBEDDING      gen_ai.operation.name=embeddings
  RETRIEVER      gen_ai.operation.name=retrieval
  TOOL           gen_ai.operation.name=execute_tool
  AGENT          gen_ai.agent.id
  AGENT          gen_ai.agent.name
  AGENT          gen_ai.agent.description
  AGENT          gen_ai.operation.name=create_agent|invoke_agent|plan
  CHAIN          gen_ai.operation.name=invoke_workflow
  LLM

Phoenix
  -              !gen_ai.*
  LLM            gen_ai.operation.name=chat|text_completion|generate_content
  EMBEDDING      gen_ai.operation.name=embeddings
  TOOL           gen_ai.operation.name=execute_tool
  RETRIEVER      gen_ai.operation.name=retrieval
  AGENT          gen_ai.operation.name=invoke_agent|create_agent
  -              gen_ai.operation.name
  TOOL           gen_ai.tool.call.id
  TOOL           gen_ai.tool.name
  RETRIEVER      gen_ai.retrieval.documents
  RETRIEVER      gen_ai.retrieval.query.text
  EMBEDDING      gen_ai.embeddings.dimension.count
  LLM            gen_ai.input.messages
  LLM            gen_ai.output.messages
  LLM            gen_ai.request.model
  -
  @session       session.id gen_ai.conversation.id
  @user          user.id
  @model         gen_ai.request.model
  @tokens        gen_ai.usage.input_tokens
  @words         gen_ai.input.messages
  @arguments     gen_ai.tool.call.arguments

inference-perf
  LLM            gen_ai.input.messages
  LLM            name:chat
  -

OpenLIT
  request        gen_ai.operation.name=chat|text_completion|generate_content gen_ai.request.model
  other          gen_ai.operation.name
  -
  @model         gen_ai.request.model
  @tokens        gen_ai.usage.input_tokens gen_ai.usage.total_tokens

Datadog
  taken          gen_ai.operation.name !gen_ai.system
  -

Honeycomb
  -              !gen_ai.conversation.id
  -              !gen_ai.agent.name
  LLM            gen_ai.operation.name=chat|generate_content|text_completion
  tool           gen_ai.operation.name=execute_tool
  span           gen_ai.operation.name
  -
  @session       gen_ai.conversation.id
  @model         gen_ai.request.model
  @tokens        gen_ai.usage.input_tokens

Traceloop
  workflow       traceloop.span.kind=workflow
  task           traceloop.span.kind=task
  agent          traceloop.span.kind=agent
  tool           traceloop.span.kind=tool
  LLM            gen_ai.request.model
  -

Arize AX
  listed         input.value
  listed         output.value
  -
`

// backend is what reads spans.
type backend struct {
	name  string
	rules []detection
	keys  map[string][]string // by what is looked for; the first that is there counts
}

// detection gives a span a type, if all conditions hold.
type detection struct {
	as   string
	when []condition
}

// condition is one of a span: see backendRules.
type condition struct {
	not    bool
	name   bool   // the first word of the name, not an attribute
	key    string // of an attribute
	prefix bool   // any key that begins so
	except string // but for this one
	values []string
}

var backends = parseBackends(backendRules)

func parseBackends(text string) (out []*backend) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case !strings.HasPrefix(line, " "):
			out = append(out, &backend{name: strings.TrimSpace(line), keys: make(map[string][]string)})
		default:
			b := out[len(out)-1]
			if what, lookup := strings.CutPrefix(words[0], "@"); lookup {
				b.keys[what] = words[1:]
				continue
			}
			d := detection{as: words[0]}
			for _, w := range words[1:] {
				d.when = append(d.when, parseCondition(w))
			}
			b.rules = append(b.rules, d)
		}
	}
	return out
}

func parseCondition(word string) (c condition) {
	word, c.not = strings.CutPrefix(word, "!")
	if word, c.name = strings.CutPrefix(word, "name:"); c.name {
		c.key = word
		return c
	}
	word, c.except, _ = strings.Cut(word, "*-")
	word, values, some := strings.Cut(word, "=")
	if some {
		c.values = strings.Split(values, "|")
	}
	c.key, c.prefix = strings.CutSuffix(word, "*")
	c.prefix = c.prefix || c.except != ""
	return c
}

// holds says whether a condition is true of a span.
func (c *condition) holds(s *observed) bool {
	yes := false
	switch {
	case c.name:
		word, _, more := strings.Cut(s.name, " ")
		yes = more && word == c.key
	case c.prefix:
		for k := range s.attrs {
			yes = yes || strings.HasPrefix(k, c.key) && k != c.except
		}
	default:
		v, there := s.attrs[c.key]
		yes = there && v != ""
		if c.values != nil {
			yes = slices.Contains(c.values, s.attrs.str(c.key))
		}
	}
	return yes != c.not
}

// typeOf returns the type that the backend gives a span.
func (b *backend) typeOf(s *observed) string {
rules:
	for _, d := range b.rules {
		for _, c := range d.when {
			if !c.holds(s) {
				continue rules
			}
		}
		return d.as
	}
	return "-"
}

// shown returns the name under which the backend shows a span.
func (b *backend) shown(s *observed) string {
	return cmp.Or(first(s, b.keys["name"]), s.name)
}

// lookups are what backends look for in attributes, and the role of the spans in
// which it must be: "" for all.
var lookups = []struct{ what, role string }{
	{"session", ""}, {"user", ""}, {"model", "model"}, {"tokens", "model"}, {"words", "model"}, {"arguments", "tool"},
}

// first returns the text of the first key that a span has.
func first(s *observed, keys []string) string {
	if i := slices.IndexFunc(keys, func(k string) bool { return s.attrs[k] != nil }); i >= 0 {
		return fmt.Sprint(s.attrs[keys[i]])
	}
	return ""
}

// roles are what types of backends say that a span is; other types say nothing.
var roles = map[string]string{
	"GENERATION": "model", "LLM_CALL": "model", "LLM": "model", "request": "model",
	"TOOL": "tool", "TOOL_CALL": "tool", "tool": "tool",
	"AGENT": "agent", "agent": "agent",
	"RETRIEVAL": "retrieval", "RETRIEVER": "retrieval",
	"UNKNOWN_GENAI": "unknown",
}

// tells says whether a rule of the backend leads to a role from the names of
// OpenTelemetry's GenAI conventions.
func (b *backend) tells(role string) bool {
	return slices.ContainsFunc(b.rules, func(d detection) bool {
		return roles[d.as] == role && slices.ContainsFunc(d.when, func(c condition) bool {
			return c.name || !c.not && strings.HasPrefix(c.key, "gen_ai.")
		})
	})
}
