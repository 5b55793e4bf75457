package conform

import (
	"bytes"
	"cmp"
	"slices"
)

// move is a call of a model or of a tool by an agent.
type move struct {
	agent, span int32
	start, end  uint64
	tool        bool
}

// What an agent's work is told by: spanState.within.
const (
	unsought = int32(0)
	nobody   = int32(-1) // not of an agent: of a call of a model or of a tool, or of nothing
)

// isAgent reports whether spans of a class are of an agent at work.
func (c class) isAgent() bool { return c == classOrchestrate || c == classCall }

// agentOf returns the agent that a span works for, one more than its index: the
// nearest around it that is one, or a part of its work that is done aside. What
// is below a call of a model or of a tool is that call's own affair, and of
// nobody.
func (r *recordState) agentOf(i int) int32 {
	if r.spans[i].aside {
		return int32(i) + 1
	}
	from := r.spans[i].parent
	p := from
	for p >= 0 && r.spans[p].within == unsought {
		x := &r.spans[p]
		switch {
		case x.rules.class.isAgent(), x.aside:
			x.within = p + 1
		case x.rules.class == classLLM, x.rules.class == classTool:
			x.within = nobody
		default:
			x.within = nobody // until it is known, and for good in a circle
			p = x.parent
			continue
		}
		break
	}
	found := nobody
	if p >= 0 {
		found = r.spans[p].within
	}
	for q := from; q >= 0 && q != p; q = r.spans[q].parent { // it need not be walked again
		r.spans[q].within = found
	}
	return found
}

// dialogues judges what the agents of a record and their models say to each
// other, agent by agent, in the order of time.
func (k *Checker) dialogues() {
	r := &k.record
	r.asides()
	r.moves = r.moves[:0]
	for i := range r.spans {
		class := r.spans[i].rules.class
		if class != classLLM && class != classTool {
			continue
		}
		if agent := r.agentOf(i); agent != nobody {
			s := &r.t.Spans[i]
			r.moves = append(r.moves, move{agent: agent, span: int32(i), start: s.Start, end: s.End, tool: class == classTool})
		}
	}
	slices.SortFunc(r.moves, func(a, b move) int {
		return cmp.Or(cmp.Compare(a.agent, b.agent), cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), cmp.Compare(a.span, b.span))
	})
	for from := 0; from < len(r.moves); {
		to := from + 1
		for to < len(r.moves) && r.moves[to].agent == r.moves[from].agent {
			to++
		}
		k.dialogue(r.moves[from:to])
		from = to
	}
}

// dialogue judges the work of one agent: what runs between two calls of its
// model is what the first of them has chosen and the second is told of. A call
// that was made again is no round of its own. What runs after the last call was
// chosen by nobody, unless that call says so.
func (k *Checker) dialogue(moves []move) {
	r := &k.record
	last, from := -1, 0 // the latest call that counts, and the first move after it
	for n := range moves {
		if moves[n].tool {
			continue
		}
		m := &moves[n]
		if last >= 0 && m.start >= moves[last].end {
			k.history(&moves[last], m)
			k.grown(&moves[last], m)
		}
		if r.spans[m.span].replaced {
			continue
		}
		if last >= 0 && m.start >= moves[last].end { // else two are under way at once
			k.round(&moves[last], moves[from:n], m)
		}
		last, from = n, n+1
	}
	if last >= 0 {
		k.round(&moves[last], moves[from:], nil)
		r.ofTurn(moves, int(moves[last].span))
	}
}

// ofTurn notes the first and the last call of a model by the agent that the user
// talks to, which is below no other.
func (r *recordState) ofTurn(moves []move, last int) {
	agent := int(moves[0].agent) - 1
	if r.spans[agent].rules.class != classOrchestrate || r.agentOf(agent) != nobody {
		return
	}
	first := slices.IndexFunc(moves, func(m move) bool { return !m.tool })
	trace := &r.traces[r.spans[agent].trace]
	trace.opens, trace.closes = moves[first].span+1, int32(last)+1
}

// round judges what runs between a call of a model and the next one, nil when
// there is none.
func (k *Checker) round(p *move, between []move, next *move) {
	r := &k.record
	asks := r.speech.count(r.spans[p.span].out, partCall)
	why := r.stopped(int(p.span))
	chose := why == stoppedForTools
	made := 0
	for n := range between {
		if !between[n].tool {
			continue
		}
		made++
		k.timely(p, &between[n], next)
	}
	switch {
	case next == nil && asks == 0 && !chose:
		return // what runs after the last call was not its choice
	case r.spans[p.span].failed:
		if made > 0 {
			k.fail(int(p.span), "tool-choice", "it failed, and %d tools ran before the model was called again", made)
		}
		return
	case made > 0 && why == stoppedElse && !r.spans[p.span].out.known:
		k.fail(int(p.span), "answer-order", "it has answered, and %d tools ran before the model was called again", made)
	case made == 0 && chose:
		k.fail(int(p.span), "tool-choice", "it chose tools, and none ran")
	case next == nil:
		k.fail(int(p.span), "tool-response", "it chose tools, and the model was not told what came of them")
	}
	if r.spans[p.span].out.known {
		k.choice(p, between, next)
	}
}

// timely judges the time of a tool call: after the model has chosen it, before
// the model is called again.
func (k *Checker) timely(p, tool, next *move) {
	if next == nil {
		return
	}
	switch {
	case tool.start < p.end:
		k.fail(int(tool.span), "answer-order", "it starts before the call of the model that chose it has ended")
	case tool.end > next.start:
		k.fail(int(tool.span), "answer-order", "it ends after the model was called again")
	}
}

// mention is a call by its id: a part of a message, or a span.
type mention struct {
	id   []byte
	at   int32 // of the parts, or of the spans
	seen bool
}

// mentions collects the parts of a kind in some messages, in the order of their
// ids.
func (r *recordState) mentions(dst []mention, list []message, kind partKind) []mention {
	dst = dst[:0]
	for m := range list {
		for n := list[m].first; n < list[m].last; n++ {
			if p := &r.speech.parts[n]; p.kind == kind {
				dst = append(dst, mention{id: plain(p.id), at: n})
			}
		}
	}
	slices.SortStableFunc(dst, func(a, b mention) int { return bytes.Compare(a.id, b.id) })
	return dst
}

// find returns the mention of an id, nil when there is none.
func find(list []mention, id []byte) *mention {
	n, ok := slices.BinarySearchFunc(list, id, func(m mention, id []byte) int { return bytes.Compare(m.id, id) })
	if !ok {
		return nil
	}
	return &list[n]
}

// choice judges one to one what the model asked for, what was made, and what
// the model was told of it.
func (k *Checker) choice(p *move, between []move, next *move) {
	r := &k.record
	r.asked = r.mentions(r.asked, r.speech.of(r.spans[p.span].out), partCall)
	k.onlyOnce(p, r.asked, "tool-choice", "asked for")
	told := next != nil && r.spans[next.span].in.known
	r.told = r.told[:0]
	if told {
		r.told = r.mentions(r.told, r.responses(r.spans[next.span].in), partResponse)
		k.onlyOnce(next, r.told, "tool-response", "answered")
	}
	for n := range between {
		tool := int(between[n].span)
		id, ok := r.callID(tool)
		if !between[n].tool || !ok {
			continue
		}
		asked := find(r.asked, id)
		if asked == nil || asked.seen {
			k.fail(tool, "tool-choice", "the model did not ask for call %q", id)
			continue
		}
		asked.seen = true
		k.asFor(tool, &r.speech.parts[asked.at])
		if !told {
			continue
		}
		if response := find(r.told, id); response == nil {
			k.fail(int(next.span), "tool-response", "the model is not told what came of call %q", id)
		} else {
			response.seen = true
			k.cameOf(tool, &r.speech.parts[response.at])
		}
	}
	for n := range r.asked {
		if m := &r.asked[n]; !m.seen {
			k.fail(int(p.span), "tool-choice", "call %q was asked for and not made", m.id)
			if response := find(r.told, m.id); response != nil {
				response.seen = true // once is enough
			}
		}
	}
	for n := range r.told {
		if m := &r.told[n]; !m.seen {
			k.fail(int(next.span), "tool-response", "the model is told what came of call %q, which was not made", m.id)
		}
	}
}

// onlyOnce judges that no id is mentioned twice.
func (k *Checker) onlyOnce(m *move, list []mention, rule, what string) {
	for n := 1; n < len(list); n++ {
		if bytes.Equal(list[n-1].id, list[n].id) {
			k.fail(int(m.span), rule, "call %q is %s twice", list[n].id, what)
			list[n].seen = true
		}
	}
}

// asFor judges a tool call by what the model asked for.
func (k *Checker) asFor(tool int, p *part) {
	r := &k.record
	if a := r.attr(tool, slotToolName); a != nil && !isText(r.t, a, string(plain(p.name))) {
		k.fail(tool, "tool-choice", "it is of tool %s, and the model asked for %q", quoted(r.t, a), p.name)
	}
	if args, ok := r.speech.bytesOf(r.t, r.attr(tool, slotArguments)); ok && !sameJSON(args, p.value) {
		k.fail(tool, "tool-arguments", "its arguments are not those that the model asked for")
	}
}

// cameOf judges a tool call by what the model was told of it.
func (k *Checker) cameOf(tool int, p *part) {
	r := &k.record
	if result, ok := r.speech.bytesOf(r.t, r.attr(tool, slotToolResult)); ok && !sameJSON(result, p.value) {
		k.fail(tool, "tool-response", "its result is not what the model was told")
	}
}

// callID returns the id of a tool call.
func (r *recordState) callID(tool int) ([]byte, bool) {
	if id, ok := r.speech.bytesOf(r.t, r.attr(tool, slotModelCall)); ok {
		return id, true
	}
	return r.speech.bytesOf(r.t, r.attr(tool, slotCall))
}

// responses are the messages at the end of an input in which tools speak.
func (r *recordState) responses(in messageRange) []message {
	list := r.speech.of(in)
	from := len(list)
	for from > 0 && string(list[from-1].role) == "tool" {
		from--
	}
	return list[from:]
}
