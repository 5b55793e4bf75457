package gen

import (
	"encoding/hex"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// request is the state that the traces of a request share. Words are packed
// ranges of the text of t.
type request struct {
	t         *otlp.Traces
	turn      uint32
	slot      uint32
	flow      *plan.Flow
	keys      [rng.NumPurposes]rng.Key
	session   uint64
	user      uint64
	request   uint64
	traces    [ids.MaxParts]uint64 // as 32 hex digits
	content   *plan.Content        // nil when the scenario has none
	streaming bool
	resources []int32 // by group: index into t.Resources, -1 when unused
	selected  uint64  // which of the scenario's alternatives it takes
	since     int64   // the start of the run, when it starts
	instances rng.Key // names who answers in it
	values    rng.Key // names what attributes in it share
}

// part is the state of the trace under construction.
type part struct {
	keys   [ids.MaxParts][rng.NumPurposes]rng.Key // by Node.Part
	spans  []span
	tools  int    // tool calls in the trace
	call   uint64 // id of the latest one written
	tasks  int    // tasks written so far
	models int    // calls of a model in the trace

	course course // of the conversation that is being expanded
	talks  []talk
	calls  []modelCall
	asked  []toolCall
	taken  []int // by Calls of the exchange: how many of its calls have been made

	guests     []guest // of the trace of a system
	first, end int32   // the spans of agents that are under work; end -1: all from the first on
	talk       int     // their first conversation
	talkEnd    int     // where those of others begin; -1: nowhere
}

// span is a span of the trace under construction.
type span struct {
	node     *plan.Node
	path     uint64
	parent   int32
	attempt  int32 // number among its siblings, for an attempt
	attempts int32 // number of attempts below it
	retries  int32 // number of calls of a model below it after the first
	failure  int32 // index into Scenario.Failures, or none
	before   int32 // that of the attempt before
	outcome  plan.Outcome
	spreads  *plan.Fail // how its failure spreads to the siblings after it; nil: it does not
	trouble  bool       // it failed, or something below it
	call     uint64     // id of the tool call, inherited
	below    int32      // conversation of what is below it
	forks    bool       // it begins one itself
	said     int32      // of a model call, its index in part.calls; of a tool call, in part.asked
	duration int64
	offset   int64 // from the start of the parent's first child
	request  int64 // number of the one to a tool server that it is of, or below; else 0
	backoff  int64 // the wait before it, for an attempt after another
	lead     int64 // from the own start to that of the first child
	start    int64

	// Of systems: what names both sides of a call, whether it failed by itself, and
	// the first of the spans, and their number, that sent what it consumes.
	pair  uint64
	own   bool
	from  int32
	links int32
}

// request appends the traces of one request that starts at the given time, and
// returns when the last of them ends. It is the one of a number among those that
// the session has, and of a slot among those that sessions of the scenario can have.
func (g *Generator) request(turn, slot uint32, at int64, t *otlp.Traces) int64 {
	it, r := &g.it, &g.req
	r.t, r.turn, r.slot = t, turn, slot
	g.guests = g.guests[:0]
	for p := range r.keys {
		r.keys[p] = it.keys[p].Index(uint64(slot))
	}
	r.session = r.text(it.session)
	r.user = r.text(it.user)
	r.request = g.named(it.scenario.Request, hashRequest)
	g.drawContent()
	if turn == 0 || !g.continues(slot) {
		it.asked = slot
	}
	r.since, r.instances = at-g.cfg.Start, it.keys[rng.IDs].Index(uint64(it.asked))
	r.values = it.keys[rng.Attributes].Index(uint64(it.asked))
	r.flow = it.scenario.Flow(slot)
	g.drawSelection()
	g.forgetResources(len(t.Resources) == 0)
	g.forgetSystem()
	if sys := it.scenario.System; sys != nil && sys.Turns != nil {
		at = g.systemRequest(at)
	} else {
		at = g.parts(at)
	}
	g.consume()
	return at
}

// parts appends the traces of a request of agents, one after the other, each linked
// to the one before it, and returns when the last of them ends.
func (g *Generator) parts(at int64) int64 {
	it, r, t := &g.it, &g.req, g.req.t
	var previous otlp.Link
	linked := it.hasLast
	if linked {
		previous = it.lastRoot
	}
	traces := g.nameTraces()
	turnFailure := none
	for i := range r.flow.Parts {
		p := &r.flow.Parts[i]
		root := len(t.Spans)
		at = g.trace(p, traces[p.ID], at, turnFailure)
		if p.Root.Turn {
			turnFailure = g.part.spans[0].failure
		}
		if linked {
			t.Links = append(t.Links, previous)
			n := uint32(len(t.Links))
			t.Spans[root].Links = otlp.Range{Start: n - 1, End: n}
		}
		if p.Root.Gate && t.Spans[root].Status == otlp.StatusError {
			it.lastRoot, it.hasLast = otlp.Link{TraceID: traces[p.ID], SpanID: t.Spans[root].SpanID, Flags: otlp.FlagSampled}, true
			return at
		}
		previous, linked = otlp.Link{TraceID: traces[p.ID], SpanID: t.Spans[root].SpanID, Flags: otlp.FlagSampled}, true
	}
	it.lastRoot, it.hasLast = previous, true
	return at
}

// forgetResources forgets where the resources of the request before are, and in
// a new record those of all.
func (g *Generator) forgetResources(anew bool) {
	r := &g.req
	r.resources = r.resources[:0]
	for range g.it.scenario.Groups {
		r.resources = append(r.resources, -1)
	}
	n := g.plan.Resources * g.plan.Instances
	if !anew && len(g.shared) == n {
		return
	}
	g.shared, g.earlier = g.shared[:0], g.earlier[:0]
	for range n {
		g.shared = append(g.shared, -1)
	}
}

// nameTraces returns the ids of the traces of the request, by part, and writes
// them as text. The parts of a unified trace share its id.
func (g *Generator) nameTraces() (traces [ids.MaxParts]otlp.TraceID) {
	it, r := &g.it, &g.req
	origin := ids.Origin{Iteration: it.number, Turn: r.turn}
	for i := range r.flow.Parts {
		origin.Part = r.flow.Parts[i].ID
		traces[origin.Part] = g.traceID(origin)
		begin := len(r.t.Text)
		r.t.Text = hex.AppendEncode(r.t.Text, traces[origin.Part][:])
		r.traces[origin.Part] = packText(begin, len(r.t.Text))
		if origin.Part == ids.PartUnified {
			for part := range uint32(ids.PartUnified) {
				r.traces[part] = r.traces[ids.PartUnified]
			}
		}
	}
	return traces
}

// drawContent chooses the exchange of the request.
func (g *Generator) drawContent() {
	s, r := g.it.scenario, &g.req
	r.content = nil
	switch {
	case len(s.Turns) > 0:
		r.content = &s.Turns[r.slot]
	case len(s.Samples) > 0:
		sample := r.keys[rng.Content].Index(hashSample).Stream()
		r.content = &s.Samples[sample.Below(uint64(len(s.Samples)))]
	}
	r.streaming = r.keys[rng.Attributes].Index(hashStreaming).Uint64()>>63 == 1
}

// drawSelection chooses which of the alternatives of its flow the request takes.
func (g *Generator) drawSelection() {
	r := &g.req
	r.selected = 0
	if n := r.flow.Selections; n > 0 {
		selection := r.keys[rng.Outcome].Index(hashSelection).Stream()
		r.selected = selection.Below(n)
	}
}

// text copies v into the text of the record and returns its word.
func (r *request) text(v []byte) uint64 {
	begin := len(r.t.Text)
	r.t.Text = append(r.t.Text, v...)
	return packText(begin, len(r.t.Text))
}

func packText(begin, end int) uint64 {
	return otlp.PackRange(otlp.Range{Start: uint32(begin), End: uint32(end)})
}

// trace appends one trace that starts at the given time and returns its end.
// turnFailure is what the turn failed with that the trace answers, or none.
func (g *Generator) trace(p *plan.Part, id otlp.TraceID, at int64, turnFailure int32) int64 {
	st := &g.part
	g.partsKeys(p.ID)
	st.forget()
	g.expand(&p.Root, place{parent: -1, before: none, turnFailure: turnFailure}, p.Root.Path, verdict{})
	g.converse()
	base := len(g.req.t.Spans)
	end := g.layOut(id, at, otlp.Range{})
	if len(g.it.scenario.Evaluations) > 0 {
		g.evaluate(base)
	}
	return end
}

// partsKeys names the streams of a part that is a trace, and of those within it.
func (g *Generator) partsKeys(part uint32) {
	g.partKeys(part)
	if part == ids.PartUnified {
		for within := range part {
			g.partKeys(within)
		}
	}
}

// forget begins a trace.
func (st *part) forget() {
	st.spans, st.guests = st.spans[:0], st.guests[:0]
	st.talks, st.calls, st.asked = st.talks[:0], st.calls[:0], st.asked[:0]
	st.begin(0, 0)
}

// partKeys names the streams of a part. They are the same whether the part is
// a trace of its own or nested in a unified one.
func (g *Generator) partKeys(part uint32) {
	for i := range g.req.keys {
		g.part.keys[part][i] = g.req.keys[i].Index(uint64(part))
	}
}

// expand decides which spans a node becomes, how they end and how long they
// take, and returns the duration of the one it appended. A span lasts as long
// as its own sample says, or as its children need if that is longer; a tenth of
// what it has left over passes before its first child.
func (g *Generator) expand(n *plan.Node, at place, path uint64, v verdict) int64 {
	st := &g.part
	self := int32(len(st.spans))
	st.spans = append(st.spans, span{node: n, path: path, parent: at.parent, attempt: at.attempt, before: at.before, forks: n.Forks && at.beside})
	if n.Tool {
		st.tools++
	}
	if n.LLM {
		st.models++
	}
	length := g.length(&st.spans[self])
	if len(n.Effects) > 0 {
		length = g.stretch(n, length)
	}
	own := v.failure
	if !v.decided {
		own = g.failsByItself(n, path, at)
	}
	if n.Role == vocab.RoleCompose && own == none {
		own = st.course.failure // there is no answer to compose
	}
	if own != none && g.it.scenario.Failures[own].Late {
		length = waited(length, n.Deadline())
	}
	around := st.course
	if n.Forks && at.beside {
		st.course = newCourse
	}
	mine := st.course
	if n.Opens {
		st.course = newCourse
	}
	sum := tally{failure: none, last: none, composed: none}
	below := place{parent: self, before: none, turnFailure: none, parentFailed: own != none, beside: n.Parallel && g.several(n, path)}
	if n.Fail == nil {
		below.parentFailed, below.siblings = at.parentFailed, at.siblings // it stands around what can fail
	}
	total, retries := int64(0), int32(0)
	for i := range n.Children {
		c := &n.Children[i]
		if c.Serves || c.Act != nil {
			continue
		}
		name := step(path, c.Path)
		for rep := range g.repeats(c, name) {
			at := placeBelow(n, c, path, step(name, rep))
			offset := total
			if n.Parallel {
				offset = 0
			}
			c := g.standsAt(c, at)
			if st.course.stopped && c.Role != vocab.RoleCompose {
				continue
			}
			child, d := g.child(c, &below, at, offset, &retries)
			total = max(total, offset+d)
			x := &st.spans[child]
			sum.add(x)
			if c.Attempt {
				below.before = x.failure
			}
			if x.failure != none && x.spreads != nil {
				below.siblings = x.spreads
			}
			if c.Turn {
				below.turnFailure = x.failure // of a unified trace, which answers it further on
			}
		}
		if c.Gate && sum.trouble {
			break
		}
	}
	served, own, length, total := g.serve(self, own, max(length, total), total)
	s := &st.spans[self]
	s.attempts, s.retries = below.attempt, retries
	s.duration = length
	s.lead = (s.duration - total) / 10
	s.conclude(own, at.turnFailure, &sum)
	if n.Opens {
		st.course = mine
	}
	st.course.passes(s)
	if s.forks {
		around.joins(&st.course)
		st.course = around
	}
	return g.answer(self, served)
}

// child expands one repetition of a child, and its further attempts. It returns
// the index of the last attempt and the time that all of them take; at.attempt
// is the number of attempts so far.
func (g *Generator) child(c *plan.Node, at *place, path uint64, offset int64, retries *int32) (child int32, d int64) {
	st := &g.part
	if c.Attempt {
		at.attempt++
	}
	if c.Retry == nil {
		child = int32(len(st.spans))
		d = g.expand(c, *at, path, verdict{})
		st.spans[child].offset = offset
		st.course.ends(&st.spans[child])
		return child, d
	}
	child, count, d := g.attempts(c, *at, path, offset)
	st.course.ends(&st.spans[child])
	if c.Attempt {
		at.attempt += count - 1
	}
	if c.LLM {
		*retries += count - 1
	}
	return child, d
}
