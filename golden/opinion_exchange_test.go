package golden

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// What an agent and its model say to each other, by the rules for one exchange:
// a model call that asks for tools, the tools, a model call that is told what
// came of them. Two things are declared to be otherwise here: the messages of a
// call are those of its turn, and not of the whole conversation; and what runs
// after the last model call of an agent was not its choice.

// exchange is the work of one agent, or of what it has done at the same time as
// something else: its model calls, with the tools after each.
type exchange struct {
	calls []*chat
	early []*span // tools before any model call
}

// chat is a model call.
type chat struct {
	*span
	in, out []said
	tools   []*span // that ran after it, and before the next
	again   bool    // it failed, and the same was tried again
}

// said is a message.
type said struct {
	role, finish string
	parts        []map[string]any
	whole        any // but for why it ended
}

// exchanges judges what is said below an agent.
func (c *court) exchanges(agent *span) {
	if agent.is("a2a.orchestrate") || agent.is("a2a.call") && len(agent.children) > 0 {
		x := &exchange{}
		c.hear(agent, x)
		c.exchange(x)
	}
}

// hear collects what an agent does below a span. What a tool, a model or another
// agent has done for it is not the agent's own.
func (c *court) hear(s *span, x *exchange) {
	busy := make(map[uint64]int) // children that begin at a time
	for _, child := range s.children {
		if child.EndTimeUnixNano > child.StartTimeUnixNano {
			busy[child.StartTimeUnixNano]++
		}
	}
	aside := false
	for _, n := range busy { // order-free: it is about any of them
		aside = aside || n > 1
	}
	for i, child := range s.children {
		switch {
		case aside && speaks(child):
			own := &exchange{}
			c.hear(&span{Span: s.Span, children: []*span{child}}, own)
			c.exchange(own)
		case child.is("llm.call"):
			again := child.failed() && slices.ContainsFunc(s.children[i+1:], func(o *span) bool { return o.is("llm.call") }) && s.is("task.execute")
			x.calls = append(x.calls, c.chat(child, again))
		case child.is("mcp.tool.execute"):
			if n := len(x.calls); n > 0 {
				x.calls[n-1].tools = append(x.calls[n-1].tools, child)
			} else {
				x.early = append(x.early, child)
			}
		case child.is("a2a.call"), child.is("a2a.orchestrate"):
		default:
			c.hear(child, x)
		}
	}
}

// speaks reports whether a model is called at or below a span, for the agent
// around it.
func speaks(s *span) bool {
	if s.is("llm.call") {
		return true
	}
	for _, child := range s.children {
		if !s.is("mcp.tool.execute") && !s.is("a2a.call") && speaks(child) {
			return true
		}
	}
	return false
}

// chat reads what a model call says.
func (c *court) chat(s *span, again bool) *chat {
	x := &chat{span: s, again: again}
	for _, side := range []struct {
		list  *[]said
		names []string
	}{
		{&x.in, []string{"gen_ai.input.messages", "*.gen_ai.input.redacted"}},
		{&x.out, []string{"gen_ai.output.messages", "*.gen_ai.output.redacted"}},
	} {
		for _, name := range side.names {
			if text := s.attrs.str(name); text != "" {
				*side.list = listen(text)
			}
		}
	}
	return x
}

// listen reads messages. Whether they are any is judged elsewhere.
func listen(text string) (list []said) {
	var raw []map[string]any
	if json.Unmarshal([]byte(text), &raw) != nil {
		return nil
	}
	for _, m := range raw {
		x := said{whole: m}
		x.role, _ = m["role"].(string)
		x.finish, _ = m["finish_reason"].(string)
		delete(m, "finish_reason")
		parts, _ := m["parts"].([]any)
		for _, p := range parts {
			part, _ := p.(map[string]any)
			x.parts = append(x.parts, part)
		}
		list = append(list, x)
	}
	return list
}

// of collects the parts of a type.
func of(list []said, typ string) (out []map[string]any) {
	for _, m := range list {
		for _, p := range m.parts {
			if p["type"] == typ {
				out = append(out, p)
			}
		}
	}
	return out
}

// reason is why a model stopped.
func (x *chat) reason() string {
	list, _ := x.attrs["gen_ai.response.finish_reasons"].([]string)
	return strings.ReplaceAll(strings.Join(list, " "), "tool_calls", "tool_call")
}

// exchange judges the model calls of an agent, one after the other.
func (c *court) exchange(x *exchange) {
	ids := make(map[string]bool)
	var before *chat
	for i, call := range x.calls {
		c.ends(call)
		if id := call.attrs.str("gen_ai.response.id"); id != "" {
			c.must(!ids[id], call.span, "another call has its response.id")
			ids[id] = true
		}
		if before != nil {
			c.follows(before, call)
		}
		if call.again {
			x.calls[i+1].tools = append(slices.Clone(call.tools), x.calls[i+1].tools...)
			continue
		}
		if before != nil {
			c.seen["rounds"]++
			c.round(before, call)
		}
		before = call
	}
	if before != nil && before.reason() == "tool_call" {
		c.object(before.span, "asks for tools, and never answers")
	}
}

// ends judges how a call ended by what it says.
func (c *court) ends(x *chat) {
	asks := len(of(x.out, "tool_call"))
	reason := x.reason()
	if x.failed() {
		c.must(reason == "error" || reason == "", x.span, "failed, and finishes with %s", reason)
		c.must(len(x.out) == 0, x.span, "failed, and says something")
		return
	}
	if len(x.out) > 0 {
		c.must((asks > 0) == (reason == "tool_call"), x.span, "finishes with %s, and asks for tools: %t", reason, asks > 0)
		c.must(len(x.out) == len(strings.Fields(reason)), x.span, "another number of answers than of reasons")
		c.must(asks > 0 || len(of(x.out, "text")) > 0, x.span, "says nothing")
	}
	for _, m := range x.out {
		c.must(m.role == "assistant", x.span, "answers as %s", m.role)
		c.must(m.finish == "" || m.finish == reason, x.span, "finishes with %s, and its message with %s", reason, m.finish)
	}
}

// follows judges what a call is sent by the one before it.
func (c *court) follows(a, b *chat) {
	earlier, _ := a.attrs["gen_ai.usage.input_tokens"].(int64)
	later, ok := b.attrs["gen_ai.usage.input_tokens"].(int64)
	short := len(of(b.in, "compaction")) > 0
	other := a.attrs["gen_ai.request.model"] != b.attrs["gen_ai.request.model"] // which counts otherwise
	c.must(!ok || later >= earlier || short || other, b.span, "is sent fewer tokens than the call before it")
	if len(a.in) == 0 || len(b.in) == 0 {
		return
	}
	want := slices.Clone(a.in)
	if len(a.out) == 1 {
		want = append(want, a.out[0])
	}
	if short && len(of(a.in, "compaction")) == 0 {
		return
	}
	for i, m := range want {
		if i >= len(b.in) || !reflect.DeepEqual(m.whole, b.in[i].whole) {
			c.must(short, b.span, "is not sent what the call before it was sent and said")
			return
		}
	}
	for _, m := range b.in[len(want):] {
		c.must(m.role == "tool" || len(of(a.out, "tool_call")) == 0, b.span, "is sent something of %s between a request for tools and its responses", m.role)
	}
}

// round judges the tools between two calls: k asked for, k made, k told of.
func (c *court) round(a, b *chat) {
	reason := a.reason()
	c.must(len(a.tools) == 0 || reason == "tool_call" || reason == "", a.span, "finishes with %s, and tools run before the next call", reason)
	c.must(len(a.tools) > 0 || reason != "tool_call", a.span, "asks for tools, and none runs")
	for _, t := range a.tools {
		c.must(t.StartTimeUnixNano >= a.EndTimeUnixNano, t, "begins before the call ends that asks for it")
		c.must(t.EndTimeUnixNano <= b.StartTimeUnixNano, t, "ends after the next model call began")
		_, told := t.attrs["gen_ai.tool.call.result"]
		c.must(!told || !t.failed(), t, "failed, and has a result")
	}
	if len(a.out) == 0 {
		return
	}
	asks := of(a.out, "tool_call")
	c.must(len(asks) == len(a.tools), a.span, "asks for another number of tools than run")
	for _, p := range asks {
		c.asked(a, p)
	}
	if len(b.in) == 0 {
		return
	}
	var told []map[string]any
	for _, m := range b.in[min(len(a.in)+len(a.out), len(b.in)):] {
		told = append(told, of([]said{m}, "tool_call_response")...)
	}
	if len(of(b.in, "compaction")) > len(of(a.in, "compaction")) {
		return // where the responses begin is not known
	}
	c.must(len(told) == len(a.tools), b.span, "is told of another number of tools than ran")
	for _, p := range told {
		c.told(a, b, p)
	}
}

// made returns the one span of a call id.
func (x *chat) made(id any) (found *span) {
	for _, t := range x.tools {
		if t.attrs["gen_ai.tool.call.id"] == id || t.attrs["*.mcp.tool.call.id"] == id {
			if found != nil {
				return nil
			}
			found = t
		}
	}
	return found
}

// asked judges one request for a tool.
func (c *court) asked(a *chat, p map[string]any) {
	t := a.made(p["id"])
	if t == nil {
		c.object(a.span, "asks for a tool that does not run once")
		return
	}
	c.must(p["name"] == t.attrs["gen_ai.tool.name"], t, "is another tool than was asked for")
	if text, ok := t.attrs["gen_ai.tool.call.arguments"].(string); ok {
		c.must(equal(text, p["arguments"]), t, "has other arguments than were asked for")
	}
}

// told judges one response that a model gets.
func (c *court) told(a, b *chat, p map[string]any) {
	t := a.made(p["id"])
	if t == nil {
		c.object(b.span, "is told of a tool that did not run once")
		return
	}
	if text, ok := t.attrs["gen_ai.tool.call.result"].(string); ok {
		c.must(equal(text, p["response"]), t, "has another result than the model is told")
	}
	if t.failed() {
		words, err := json.Marshal(p["response"])
		c.must(err == nil && len(words) > len(`""`), b.span, "is not told how a tool failed")
	}
}

// equal compares a JSON text with a value.
func equal(text string, v any) bool {
	var got any
	return json.Unmarshal([]byte(text), &got) == nil && reflect.DeepEqual(got, v)
}

// required are the keys of parts, by their type: those of strings, then "|" and
// those of anything.
var required = map[string]string{
	"text": "content|", "reasoning": "content|", "tool_call": "name|", "tool_call_response": "|response",
	"server_tool_call": "name|server_tool_call", "server_tool_call_response": "|server_tool_call_response",
	"blob": "modality content|", "file": "modality file_id|", "uri": "modality uri|", "compaction": "|", "generic": "|",
}

// shape says what is wrong with a text as messages, "" if nothing is.
func shape(text string) string {
	if !json.Valid([]byte(text)) {
		return "no JSON"
	}
	list := listen(text)
	if len(list) == 0 {
		return "no messages"
	}
	for i, m := range list {
		if m.role == "" || len(m.parts) == 0 {
			return fmt.Sprintf("message %d has no role or no parts", i+1)
		}
		for _, p := range m.parts {
			typ, _ := p["type"].(string)
			keys, ok := required[typ]
			if !ok {
				return fmt.Sprintf("message %d has a part of type %q", i+1, typ)
			}
			texts, anything, _ := strings.Cut(keys, "|")
			for key := range strings.FieldsSeq(texts) {
				if _, ok := p[key].(string); !ok {
					return fmt.Sprintf("message %d: %s without %s", i+1, typ, key)
				}
			}
			for key := range strings.FieldsSeq(anything) {
				if _, ok := p[key]; !ok {
					return fmt.Sprintf("message %d: %s without %s", i+1, typ, key)
				}
			}
			role := map[string]string{"tool_call": "assistant", "tool_call_response": "tool"}[typ]
			if role = cmp.Or(role, m.role); role != m.role {
				return fmt.Sprintf("message %d: %s of role %s", i+1, typ, m.role)
			}
		}
	}
	return ""
}

// tokens judges what a model call says of its tokens and of its time.
func (c *court) tokens(s *span) {
	count := func(key string) int64 { n, _ := s.attrs["gen_ai.usage."+key].(int64); return n }
	if input, ok := s.attrs["gen_ai.usage.input_tokens"].(int64); ok {
		c.must(count("cache_read.input_tokens")+count("cache_write.input_tokens") <= input, s, "more tokens of the cache than of input")
	}
	if output, ok := s.attrs["gen_ai.usage.output_tokens"].(int64); ok {
		c.must(count("reasoning.output_tokens") <= output, s, "more tokens of reasoning than of output")
	}
	streams, _ := s.attrs["gen_ai.request.stream"].(bool)
	flag, said := s.attrs["*.llm.streaming"].(bool)
	first, ok := s.attrs["gen_ai.response.time_to_first_chunk"].(float64)
	c.must(!ok || streams || flag, s, "a first chunk, and no stream")
	c.must(!ok || first >= 0 && first <= float64(s.EndTimeUnixNano-s.StartTimeUnixNano)/1e9, s, "a first chunk after the end")
	c.must(!said || s.attrs["gen_ai.request.stream"] == nil || streams == flag, s, "streams, and does not")
}
