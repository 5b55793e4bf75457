package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// past is what a session remembers of the turns before: their messages, and how
// much of the next input each model has had already.
type past struct {
	text         []byte // without brackets
	messages     []message
	size, tokens int64
	known        []known
}

func (p *past) forget() {
	*p = past{text: p.text[:0], messages: p.messages[:0], known: p.known[:0]}
}

// What stands around ids and pieces of messages.
const (
	beginCalls    = `{"role":"assistant","parts":[`
	beginCall     = `{"type":"tool_call","id":`
	beginResponse = `{"role":"tool","parts":[{"type":"tool_call_response","id":`
	quotes        = 2 // of an id
)

// captured reports whether spans of the request say what was said.
func (r *request) captured() bool { return r.content != nil && r.content.User.JSON != 0 }

// add notes one more message of the input.
func (t *talk) add(size, tokens int64, bound bool) {
	t.messages = append(t.messages, message{size: size + 1, tokens: tokens, bound: bound})
	t.size += size + 1
	t.tokens += tokens
}

// begins makes the input of the first call of a conversation. No model has chosen
// the tools before it, and none is told of them.
func (g *Generator) begins(t *talk, c *modelCall) {
	t.first, t.end, t.tools = none, none, 0
	var old []byte
	if t.turn {
		p := &g.it.past
		old = p.text
		t.messages = append(t.messages, p.messages...)
		t.size, t.tokens = p.size, p.tokens
	}
	n := len(t.messages)
	t.add(t.asks.Size, t.asks.Tokens, false)
	n = g.opens(t, old, n)
	g.piece(t, n, t.asks.JSON)
	c.input = g.closes(t)
}

// goesOn makes the input of a call: that of the one before, what that has said,
// and what the tools that it chose have returned.
func (g *Generator) goesOn(t *talk, before, c *modelCall) {
	r := &g.req
	var old []byte
	n := len(t.messages)
	if r.captured() {
		old = r.t.Text[t.text : t.text+t.messages[n-1].end]
	}
	if t.tools == 0 {
		thought := &g.it.scenario.Loop.Thought
		before.words = g.it.scenario.Loop.Thoughts
		t.add(thought.Size, g.says(before, thought.Tokens), false)
		n = g.opens(t, old, n)
		g.piece(t, n, thought.JSON)
		c.input = g.closes(t)
		return
	}
	before.chosen, before.asked = t.tools, t.tools
	g.chooses(t, before)
	t.broken = false
	for i := t.first; i != none; i = g.part.asked[i].next {
		t.broken = t.broken || g.part.spans[g.part.asked[i].span].failure != none
		x := g.response(&g.part.asked[i])
		t.add(x.Size+int64(len(beginResponse)+quotes)+g.idLength(i), x.Tokens+g.beyond(i), true)
	}
	n = g.opens(t, old, n)
	if r.captured() {
		said := otlp.UnpackRange(before.output)
		g.separate(t, n)
		r.t.Text = append(r.t.Text, r.t.Text[said.Start+1:said.End-1]...)
		g.ends(t, n)
		for i := t.first; i != none; i = g.part.asked[i].next {
			n++
			g.separate(t, n)
			r.t.Text = append(r.t.Text, beginResponse...)
			g.id(i)
			r.t.Text = append(r.t.Text, g.plan.Strings.String(g.response(&g.part.asked[i]).JSON)...)
			g.ends(t, n)
		}
	}
	c.input = g.closes(t)
	t.first, t.end, t.tools = none, none, 0
}

// chooses makes the output of a call that asks for the tools called since.
func (g *Generator) chooses(t *talk, c *modelCall) {
	text := &g.req.t.Text
	begin := len(*text)
	size, tokens := int64(len(beginCalls)+len("]}")), int64(0)
	captured := g.req.captured()
	if captured {
		*text = append(append(*text, '['), beginCalls...)
	}
	for i := t.first; i != none; i = g.part.asked[i].next {
		call := &g.part.asked[i].sample.Call
		size += call.Size + int64(len(beginCall)+quotes+1) + g.idLength(i)
		tokens += call.Tokens
		if !captured {
			continue
		}
		if i != t.first {
			*text = append(*text, ',')
		}
		*text = append(*text, beginCall...)
		g.id(i)
		*text = append(*text, g.plan.Strings.String(call.JSON)...)
	}
	if captured {
		*text = append(*text, "]}]"...)
		c.output = packText(begin, len(*text))
	}
	t.add(size, g.says(c, tokens), false)
}

// response is what the model is told that asked for a tool call.
func (g *Generator) response(c *toolCall) *plan.Text {
	if f := g.part.spans[c.span].failure; f != none {
		return &g.it.scenario.Failures[f].Response
	}
	return &c.sample.Response
}

// beyond is how many tokens a tool's answer takes beyond what is said of it.
func (g *Generator) beyond(i int32) int64 {
	table := g.it.scenario.Loop.ResultTokens
	s := &g.part.spans[g.part.asked[i].span]
	if table == nil || s.failure != none {
		return 0
	}
	stream := g.part.keys[s.node.Part][rng.Attributes].Index(step(s.path, hashResult)).Stream()
	return table.Draw(&stream)
}

func (g *Generator) idLength(i int32) int64 {
	r := otlp.UnpackRange(g.part.spans[g.part.asked[i].span].call)
	return int64(r.End - r.Start)
}

// id appends the id of a tool call as a JSON string.
func (g *Generator) id(i int32) {
	text := &g.req.t.Text
	r := otlp.UnpackRange(g.part.spans[g.part.asked[i].span].call)
	*text = otlp.AppendJSONText(*text, (*text)[r.Start:r.End])
}

// opens begins the text of an input with what is kept of the one before, whose
// first n messages the conversation has, and returns how many it has now.
func (g *Generator) opens(t *talk, old []byte, n int) int {
	text := &g.req.t.Text
	cut := t.cut(g.it.scenario.Loop.CompactAt)
	captured := g.req.captured()
	if captured {
		*text = append(*text, '[')
	}
	t.text = uint32(len(*text))
	if cut == 0 {
		if captured {
			*text = append(*text, old...)
		}
		return n
	}
	first := uint32(len(old))
	if cut < n {
		first = t.messages[cut].begin
	}
	brief := &g.it.scenario.Loop.Compaction
	t.compact(cut, message{size: brief.Size + 1, tokens: brief.Tokens})
	if !captured {
		return n - cut + 1
	}
	*text = append(*text, g.plan.Strings.String(brief.JSON)...)
	t.messages[0].end = uint32(len(*text)) - t.text
	if cut < n {
		*text = append(*text, ',')
		shift := uint32(len(*text)) - t.text - first
		for i := 1; i <= n-cut; i++ {
			t.messages[i].begin += shift
			t.messages[i].end += shift
		}
		*text = append(*text, old[first:]...)
	}
	return n - cut + 1
}

// cut is how many of the oldest messages of an input are left out: none until it
// is too long, and then all that do not fit in half of that, without parting
// a choice from what the tools returned.
func (t *talk) cut(limit int64) int {
	if t.size <= limit {
		return 0
	}
	size, last := int64(0), 0
	for i := len(t.messages) - 1; i >= 0; i-- {
		size += t.messages[i].size
		if last > 0 && size > limit/2 {
			break
		}
		if !t.messages[i].bound {
			last = i
		}
	}
	return last
}

// compact puts one message in place of the oldest.
func (t *talk) compact(cut int, brief message) {
	for i := range cut {
		t.size -= t.messages[i].size
		t.tokens -= t.messages[i].tokens
	}
	t.size += brief.size
	t.tokens += brief.tokens
	t.messages[cut-1] = brief
	t.messages = t.messages[:copy(t.messages, t.messages[cut-1:])]
	t.forgot = true
}

// piece appends a message to the text of an input.
func (g *Generator) piece(t *talk, n int, json otlp.StringID) {
	if !g.req.captured() {
		return
	}
	g.separate(t, n)
	g.req.t.Text = append(g.req.t.Text, g.plan.Strings.String(json)...)
	g.ends(t, n)
}

// separate begins the text of the message at index n, and ends ends it.
func (g *Generator) separate(t *talk, n int) {
	text := &g.req.t.Text
	if n > 0 {
		*text = append(*text, ',')
	}
	t.messages[n].begin = uint32(len(*text)) - t.text
}

func (g *Generator) ends(t *talk, n int) {
	t.messages[n].end = uint32(len(g.req.t.Text)) - t.text
}

// closes ends the text of an input.
func (g *Generator) closes(t *talk) uint64 {
	text := &g.req.t.Text
	if !g.req.captured() {
		return 0
	}
	*text = append(*text, ']')
	return packText(int(t.text)-1, len(*text))
}

// conclude makes the output of the last call of a conversation, which answers.
func (g *Generator) conclude(t *talk) {
	if t.call == none {
		return
	}
	c := &g.part.calls[t.call]
	if g.part.spans[c.span].failure != none {
		return
	}
	if t.broken {
		t.answers, t.answer = g.it.scenario.Loop.Apology, g.it.scenario.Loop.Apologies
	}
	c.words = t.answer
	c.asked += t.tools
	t.said = g.says(c, t.answers.Tokens)
}

// remember keeps what the next turn of the session knows of this one.
func (g *Generator) remember(turn int32) {
	p, t := &g.it.past, &g.part.talks[turn]
	if t.call == none {
		return
	}
	c := &g.part.calls[t.call]
	s := &g.part.spans[c.span]
	p.known = append(p.known[:0], t.known...)
	if !g.it.scenario.Loop.Full {
		forget(p.known)
		return
	}
	if s.failure == none {
		t.add(t.answers.Size, t.said, false)
	}
	p.messages = append(p.messages[:0], t.messages...)
	p.size, p.tokens = t.size, t.tokens
	if !g.req.captured() {
		return
	}
	said := otlp.UnpackRange(c.input)
	p.text = append(p.text[:0], g.req.t.Text[said.Start+1:said.End-1]...)
	if s.failure == none {
		last := &p.messages[len(p.messages)-1]
		p.text = append(p.text, ',')
		last.begin = uint32(len(p.text))
		p.text = append(p.text, g.plan.Strings.String(t.answers.JSON)...)
		last.end = uint32(len(p.text))
	}
}
