package gen

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// talk is a conversation of the trace under construction, as far as it has come.
type talk struct {
	asks, answers plan.Text     // what opens it, and what its last model call says
	answer        otlp.StringID // the messages of that call's output
	agent         uint64        // names whose instructions it is held with
	opener        int32         // span that it is below, or none
	turn          bool          // it is with the user

	known []known // by the models that are called in it

	call       int32 // latest model call: index into part.calls, or none
	first, end int32 // tools called since: a list in part.asked, of its first and its last, or none
	tools      int64 // how many
	broken     bool  // one of those before the latest model call has failed

	messages []message // of the input of the latest model call
	text     uint32    // where they begin in the text of the record
	size     int64     // of messages, as the next
	tokens   int64
	forgot   bool  // some have been left out since the latest call
	said     int64 // tokens of what the last call says
}

// known is what a model has had of a conversation. A cache belongs to one model:
// none reads what another has had.
type known struct {
	model  *plan.Model
	prompt int64 // tokens that go into each of its calls before any message
	seen   int64 // tokens of the input of its latest call
}

// message is one of the messages of an input. Sizes are in bytes of the longest
// form that it can have, which decides what is left out of long inputs.
type message struct {
	begin, end   uint32 // of its text as captured, from that of the input on
	size, tokens int64
	bound        bool // it answers the one before, and cannot stand without it
}

// modelCall is a call of a model.
type modelCall struct {
	span          int32
	talk          int32
	input, output uint64 // text as captured, with its brackets; output 0: words
	words         otlp.StringID
	chosen, asked int64 // tools that it chooses, and that its span says it asks for
	usage         usage
}

// usage is what a model call costs, in tokens.
type usage struct {
	input, output   int64
	read, reasoning int64 // of the input from a cache, of the output unsaid
}

// toolCall is a call of a tool, all attempts included.
type toolCall struct {
	span   int32
	next   int32 // in the list of its conversation, or none
	sample *plan.ToolSample
}

// converse works out what is said in the trace: which model calls choose which
// tools, what goes into each call and what comes out. It reads that off the
// spans in the order of the tree.
func (g *Generator) converse() {
	st := &g.part
	st.taken = st.taken[:0]
	if st.models == 0 && st.tools == 0 {
		return
	}
	if c := g.req.content; c != nil {
		for range c.Calls {
			st.taken = append(st.taken, 0)
		}
	}
	turn := none // the conversation of the agent that the user talks to
	for i := int(st.first); i < len(st.spans); i++ {
		s := &st.spans[i]
		in := none
		if s.parent >= st.first {
			in, s.call = st.spans[s.parent].below, st.spans[s.parent].call
		}
		if in == none || s.forks {
			in = g.talk(none, turn == none && !s.forks)
		}
		s.below = in
		if s.node.Opens {
			first := turn == none && s.node.Class == vocab.Orchestrate
			s.below = g.talk(int32(i), first)
			if first {
				turn = s.below
			}
		}
		switch {
		case s.node.Tool:
			g.callTool(int32(i), in)
		case s.node.LLM:
			g.callModel(int32(i), in)
		}
	}
	for i := st.talk; i < len(st.talks); i++ {
		g.conclude(&st.talks[i])
	}
	g.remember(max(turn, int32(st.talk)))
}

// talk opens a conversation: the one of the turn with what the user says, any
// other with what an agent is told by another.
func (g *Generator) talk(opener int32, turn bool) int32 {
	st := &g.part
	n := len(st.talks)
	if n < cap(st.talks) {
		st.talks = st.talks[:n+1]
	} else {
		st.talks = append(st.talks, talk{})
	}
	t := &st.talks[n]
	*t = talk{opener: opener, turn: turn, call: none, first: none, end: none, messages: t.messages[:0], known: t.known[:0]}
	switch c := g.req.content; {
	case c == nil:
	case turn:
		t.asks, t.answers, t.answer = c.User, c.Answer, c.Answers
	case opener != none && st.spans[opener].node.Told != nil:
		told := st.spans[opener].node.Told
		t.asks, t.answers, t.answer = told.Task, told.Report, told.Reports
	default:
		o := &g.it.scenario.Loop
		t.asks, t.answers, t.answer = c.Asked, o.Report, o.Reports
	}
	if turn {
		t.known = append(t.known, g.it.past.known...)
	} else if opener != none {
		t.agent = st.spans[opener].node.Path
	}
	return int32(n)
}

// callTool gives a tool call its id and what it says, and notes it for the model
// call that chose it.
func (g *Generator) callTool(i, in int32) {
	st, t := &g.part, g.req.t
	s := &st.spans[i]
	stream := st.keys[s.node.Part][rng.IDs].Index(s.path).Stream()
	begin := len(t.Text)
	t.Text = g.it.scenario.ToolCall.Append(t.Text, &stream)
	s.call = packText(begin, len(t.Text))
	at := int32(len(st.asked))
	s.said = at
	st.asked = append(st.asked, toolCall{span: i, next: none, sample: g.sampleOf(s)})
	talk := &st.talks[in]
	if talk.end == none {
		talk.first = at
	} else {
		st.asked[talk.end].next = at
	}
	talk.end = at
	talk.tools++
	if o := talk.opener; o != none && st.spans[o].node.LLM && st.spans[o].failure == none {
		st.calls[st.spans[o].said].asked++
	}
}

// sampleOf is what a tool call says: what the exchange has for it, call after call,
// else one of the samples, which is drawn.
func (g *Generator) sampleOf(s *span) *plan.ToolSample {
	keys := &g.part.keys[s.node.Part]
	of := s.node.Calls
	tool := of.Tools[0]
	if of.Choice != nil {
		stream := keys[rng.Attributes].Index(step(s.path, of.Path)).Stream()
		tool = of.Draw(&stream)
	}
	if c := g.req.content; c != nil {
		for i, said := range c.Calls {
			if said.Of == tool {
				samples := g.it.scenario.Tools[said.By].Samples
				n := g.part.taken[i]
				g.part.taken[i]++
				return &samples[n%len(samples)]
			}
		}
	}
	samples := g.it.scenario.Tools[tool].Samples
	if len(samples) == 1 {
		return &samples[0]
	}
	stream := keys[rng.Content].Index(s.path).Stream()
	return &samples[stream.Below(uint64(len(samples)))]
}

// callModel works out what goes into a model call: all that was said before in its
// conversation. A call before that has failed has said nothing.
func (g *Generator) callModel(i, in int32) {
	st := &g.part
	t := &st.talks[in]
	s := &st.spans[i]
	at := int32(len(st.calls))
	st.calls = append(st.calls, modelCall{span: i, talk: in})
	s.said = at
	c := &st.calls[at]
	switch {
	case t.call == none:
		g.begins(t, c)
	case st.spans[st.calls[t.call].span].failure != none:
		c.input = st.calls[t.call].input
	default:
		g.goesOn(t, &st.calls[t.call], c)
	}
	t.call = at
	g.count(t, s, c)
}

// count works out what goes into a call in tokens.
func (g *Generator) count(t *talk, s *span, c *modelCall) {
	u := &c.usage
	k := g.knownTo(t, s)
	if t.forgot {
		forget(t.known)
		t.forgot = false
	}
	u.input = k.prompt + t.tokens
	if given, ok := g.given(s, g.plan.InputTokens); ok {
		u.input = given
	}
	if s.failure != none {
		return
	}
	u.read = share(min(k.seen, u.input), k.model.Tokens.Cache)
	k.seen = u.input
}

// knownTo returns what the model that a span calls has had of a conversation.
func (g *Generator) knownTo(t *talk, s *span) *known {
	m := g.modelOf(s)
	for i := range t.known {
		if x := t.known[i].model; x.Name == m.Name && x.Provider == m.Provider {
			return &t.known[i]
		}
	}
	k := known{model: m}
	if m.Tokens.Prompt != nil {
		stream := g.it.keys[rng.Attributes].Index(hashPrompt).Index(t.agent).Stream()
		k.prompt = m.Tokens.Prompt.Draw(&stream)
	}
	t.known = append(t.known, k)
	return &t.known[len(t.known)-1]
}

// forget leaves what goes in before any message of what models have had.
func forget(list []known) {
	for i := range list {
		list[i].seen = min(list[i].seen, list[i].prompt)
	}
}

// says works out what comes out of a call in tokens, of which so many are those of
// what it says, and returns how many of them go into the next.
func (g *Generator) says(c *modelCall, said int64) int64 {
	s := &g.part.spans[c.span]
	m, u := g.modelOf(s), &c.usage
	keys := g.part.keys[s.node.Part][rng.Attributes]
	u.output = said
	if m.Tokens.Output != nil {
		stream := keys.Index(step(s.path, hashOutput)).Stream()
		u.output += m.Tokens.Output.Draw(&stream)
	}
	if given, ok := g.given(s, g.plan.OutputTokens); ok {
		u.output = given
	}
	if m.Tokens.Reasoning != nil {
		stream := keys.Index(step(s.path, hashReasoning)).Stream()
		u.reasoning = share(u.output, uint64(min(max(m.Tokens.Reasoning.Draw(&stream), 0), 1_000_000)))
	}
	return u.output - u.reasoning
}

// given is what the tree says of the tokens of a span, if it does.
func (g *Generator) given(s *span, key otlp.StringID) (n int64, ok bool) {
	for i := range s.node.Attrs {
		a := &s.node.Attrs[i]
		if a.Key != key || a.Op != plan.OpConst && a.Op != plan.OpInt && a.Op != plan.OpChoice {
			continue
		}
		v := a.Attr
		if a.Op != plan.OpConst {
			g.draw(a, s, &v)
		}
		return int64(v.Word), v.Kind == otlp.KindInt
	}
	return 0, false
}

// share is so many millionths of n.
func share(n int64, millionths uint64) int64 {
	hi, lo := bits.Mul64(uint64(max(n, 0)), millionths)
	q, _ := bits.Div64(hi, lo, 1_000_000)
	return int64(q)
}

// Names of the streams of tokens: those of a session's instructions, and among
// those of a span's attributes.
var (
	hashPrompt    = rng.Hash("prompt")
	hashOutput    = rng.Hash("gen_ai.usage.output_tokens")
	hashReasoning = rng.Hash("gen_ai.usage.reasoning.output_tokens")
	hashResult    = rng.Hash("result tokens")
)
