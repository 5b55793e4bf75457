package gen_test

import (
	"encoding/json"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// step is a model call or a tool call of an agent, as its span tells it.
type step struct {
	model      bool
	asks       string // which model
	failed     bool
	start, end uint64

	input, output   []string // messages
	finish          string
	in, out         int64
	read, reasoning int64
	asked           int64

	id, name, arguments, result string
}

// agentTurn is what one agent did in one request, in the order of the tree.
type agentTurn struct {
	scenario string
	turn     bool // it is the agent that the user talks to
	first    bool // in the session
	before   *agentTurn
	full     bool
	seen     map[string]int64 // tokens of the latest input of each model's calls that have not failed
	steps    []step
	composed int // 0: nothing to compose, 1: an answer, 2: a failure
}

// values are the attributes of a span, by name.
func values(t *otlp.Traces, s *otlp.Span) map[string]any {
	out := map[string]any{}
	for _, a := range t.Attrs[s.Attrs.Start:s.Attrs.End] {
		key := t.Strings.String(a.Key)
		switch a.Kind {
		case otlp.KindString:
			out[key] = t.Strings.String(otlp.StringID(a.Word))
		case otlp.KindText:
			r := otlp.UnpackRange(a.Word)
			out[key] = string(t.Text[r.Start:r.End])
		case otlp.KindInt:
			out[key] = int64(a.Word)
		case otlp.KindBool:
			out[key] = a.Word != 0
		case otlp.KindArray:
			r := otlp.UnpackRange(a.Word)
			out[key] = t.Strings.String(otlp.StringID(t.Attrs[r.Start].Word))
		}
	}
	return out
}

func split(text any) (out []string) {
	s, ok := text.(string)
	if !ok {
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(s), &list); err != nil {
		panic(err)
	}
	for _, m := range list {
		out = append(out, string(m))
	}
	return out
}

// stepOf reads a step off its span.
func stepOf(t *otlp.Traces, m *made, redacted bool) step {
	a := values(t, m.Span)
	number := func(key string) int64 {
		n, _ := a[key].(int64)
		return n
	}
	text := func(key string) string {
		s, _ := a[key].(string)
		return s
	}
	in, out := "gen_ai.input.messages", "gen_ai.output.messages"
	if redacted {
		in, out = "vendor.gen_ai.input.redacted", "vendor.gen_ai.output.redacted"
	}
	return step{
		model: m.node.LLM, asks: text("gen_ai.request.model"), failed: m.failed(), start: m.Start, end: m.End,
		input: split(a[in]), output: split(a[out]), finish: text("gen_ai.response.finish_reasons"),
		in: number("gen_ai.usage.input_tokens"), out: number("gen_ai.usage.output_tokens"),
		read: number("gen_ai.usage.cache_read.input_tokens"), reasoning: number("gen_ai.usage.reasoning.output_tokens"),
		asked: number("vendor.llm.tool.request.count"),
		id:    text("gen_ai.tool.call.id"), name: text("gen_ai.tool.name"),
		arguments: text("gen_ai.tool.call.arguments"), result: text("gen_ai.tool.call.result"),
	}
}

// agentOf is the span of the agent that a span is part of the work of.
func agentOf(m *made) *made {
	for p := m.parent; p != nil; p = p.parent {
		if p.node.Class == vocab.Orchestrate || p.node.Class == vocab.Call {
			return p
		}
	}
	return nil
}

// told reads the agents of a request, the one that the user talks to first.
func told(r *request) (out []*agentTurn) {
	at := map[*made]*agentTurn{}
	for i := range r.spans {
		m := &r.spans[i]
		agent := agentOf(m)
		if agent == nil || !m.node.LLM && !m.node.Tool && m.node.Class != vocab.Compose {
			continue
		}
		x := at[agent]
		if x == nil {
			x = &agentTurn{scenario: r.scenario.Name, turn: agent.node.Class == vocab.Orchestrate, full: r.scenario.Loop.Full}
			at[agent] = x
			out = append(out, x)
		}
		switch {
		case m.node.Class == vocab.Compose && m.failed():
			x.composed = 2
		case m.node.Class == vocab.Compose:
			x.composed = 1
		default:
			x.steps = append(x.steps, stepOf(r.traces, m, r.scenario.Loop.Redacted))
		}
	}
	return out
}

// part is a part of a message.
type part struct {
	Type, ID, Name, Content string
	Arguments, Response     json.RawMessage
}

func partsOf(messages []string) (out []part) {
	for _, s := range messages {
		var m struct {
			Role  string
			Parts []part
		}
		if err := json.Unmarshal([]byte(s), &m); err != nil {
			panic(err)
		}
		out = append(out, m.Parts...)
	}
	return out
}
