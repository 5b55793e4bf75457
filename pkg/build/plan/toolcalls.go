package plan

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Tool is what calls of a tool say, by name of the tool or, where an exchange has
// samples of its own, by exchange. A call draws one of the samples.
type Tool struct{ Samples []ToolSample }

// ToolSample is one call of a tool and what it returns.
type ToolSample struct {
	Arguments, Result otlp.StringID // JSON as captured; 0: nothing is

	Call     Text // the part of a message that asks for it, after the id
	Response Text // the message that has the result, after the id
}

// Calls says which of Scenario.Tools a span calls: the only one, or the one whose
// name it draws from the stream of the attribute Path.
type Calls struct {
	Tools  []uint32
	Choice *dist.Choice // nil: there is one
	Path   uint64
}

// Draw returns an index into Scenario.Tools.
func (c *Calls) Draw(s *rng.Stream) uint32 {
	if c.Choice == nil {
		return c.Tools[0]
	}
	return c.Tools[c.Choice.Draw(s)]
}

// SaidCall is a tool whose calls an exchange has samples of.
type SaidCall struct{ Of, By uint32 } // indices into Scenario.Tools

// nameless stands for the name of a tool that no span gives.
const nameless = "tool"

// sayCalls gives each tool call below a node what it says.
func (b *builder) sayCalls(n *Node) {
	if n.Tool {
		n.Calls = b.callsOf(n)
	}
	for i := range n.Children {
		b.sayCalls(&n.Children[i])
	}
}

func (b *builder) callsOf(n *Node) *Calls {
	id := b.strs.ID(toolName)
	at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == id })
	if at < 0 {
		return &Calls{Tools: []uint32{b.toolSays(nameless)}}
	}
	a := &n.Attrs[at]
	name := func(v otlp.Attr) string {
		if v.Kind != otlp.KindString {
			return nameless
		}
		return b.strs.String(otlp.StringID(v.Word))
	}
	switch a.Op {
	case OpConst:
		return &Calls{Tools: []uint32{b.toolSays(name(a.Attr))}}
	case OpChoice:
		out := &Calls{Choice: a.Choice, Path: a.Path}
		for _, v := range a.Values {
			out.Tools = append(out.Tools, b.toolSays(name(v)))
		}
		return out
	}
	return &Calls{Tools: []uint32{b.toolSays(nameless)}}
}

// toolSays returns the index of what calls of a tool say, adding it at its first
// use.
func (b *builder) toolSays(name string) uint32 {
	if i := slices.Index(b.called, name); i >= 0 {
		return uint32(i)
	}
	return b.addTool(name, b.samplesOf(name))
}

// samplesOf are the samples of a tool, by name.
func (b *builder) samplesOf(name string) []scenario.ToolSample {
	if t := b.tool(name); t != nil {
		if samples := b.def.SamplesOf(t); len(samples) > 0 {
			return samples
		}
	}
	return []scenario.ToolSample{{Arguments: `{}`, Result: `{"status":"ok"}`}}
}

func (b *builder) addTool(name string, samples []scenario.ToolSample) uint32 {
	out := Tool{}
	for _, s := range samples {
		out.Samples = append(out.Samples, ToolSample{
			Arguments: b.shown(s.Arguments), Result: b.shown(s.Result),
			Call: b.say(tokens(name)+tokens(s.Arguments), func(hide mask) string {
				return `,"name":` + quoted(name) + `,"arguments":` + maskedJSON(s.Arguments, hide) + `}`
			}),
			Response: b.say(tokens(s.Result), func(hide mask) string {
				return `,"response":` + maskedJSON(s.Result, hide) + `}]}`
			}),
		})
	}
	b.called = append(b.called, name)
	b.out.Tools = append(b.out.Tools, out)
	return uint32(len(b.out.Tools) - 1)
}

// definitions are the tools that the scenario's models can choose from, in the
// form of the OpenTelemetry GenAI conventions.
func (b *builder) definitions() (a Attr, ok bool) {
	if b.server == nil || !b.captures() {
		return Attr{}, false
	}
	dst, hide := []byte{'['}, b.hide()
	for i := range b.server.Tools {
		t := &b.server.Tools[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = otlp.AppendJSONString(append(dst, `{"type":"function","name":`...), t.Name)
		if t.Description != "" {
			dst = otlp.AppendJSONString(append(dst, `,"description":`...), hide(t.Description))
		}
		if t.Schema != "" {
			dst = append(append(dst, `,"parameters":`...), maskedJSON(t.Schema, hide)...)
		}
		dst = append(dst, '}')
	}
	return Attr{Op: OpIfCaptured, Attr: b.str(string(append(dst, ']'))).Attr}, true
}

// usualInstructions are those of agents that have none of their own.
const usualInstructions = "You are an assistant of the company. Answer in a few plain words, and use the tools that you are given where they help."

// instructions are what the model of the agent at work is told before anybody
// speaks.
func (b *builder) instructions() Attr {
	text := cmp.Or(b.textOfAgent(b.agent).Instructions, usualInstructions)
	return Attr{Op: OpIfRaw, Attr: b.str(`[{"type":"text","content":` + quoted(text) + `}]`).Attr}
}
