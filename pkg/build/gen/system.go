package gen

import (
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// system is the state of a request of a system.
type system struct {
	values  []drawnValue // by System.Values
	waiting []sent
	links   []otlp.Link // to those who sent what is waiting
}

// sent is what waits to be consumed in a trace of its own: one, or several
// that are consumed together.
type sent struct {
	node       *plan.Node // of who consumes it
	path, pair uint64
	queue      int64
	first      int32 // of the spans that sent it, in the trace under construction
	count      int32
	links      otlp.Range // of system.links, once that trace is laid out
	start      int64      // likewise
	done       bool
}

// Names of streams of systems.
var (
	hashTurns   = rng.Hash("turns")
	hashVisits  = rng.Hash("visits")
	hashTimeout = rng.Hash("timeout")
	hashNetwork = rng.Hash("network")
	hashQueue   = rng.Hash("queue")
	hashDelay   = rng.Hash("delay")
	hashMessage = rng.Hash("message")
	hashValue   = rng.Hash("value")
	hashPool    = rng.Hash("pool")
	hashPresent = rng.Hash("present")
	hashAgain   = rng.Hash("again")
	hashInStep  = rng.Hash("in step")
	hashWays    = rng.Hash("ways")
	hashAnswer  = rng.Hash("answer")
)

// firstApart is the first part of a request that a trace of a consumer can be.
const firstApart = ids.PartUnified + 1

// absent reports whether the session lacks a request that others have.
func (g *Generator) absent(turn uint32) bool {
	sys := g.it.scenario.System
	if sys == nil || sys.Turns == nil {
		return false
	}
	t := &sys.Turns[turn]
	if sys.Visits != nil {
		s := g.it.keys[rng.Outcome].Index(hashVisits).Stream()
		if sys.Visits.Draw(&s) != t.Visit {
			return true
		}
	}
	if t.Count == nil {
		return false
	}
	s := g.it.keys[rng.Outcome].Index(hashTurns).Index(uint64(t.Item)).Stream()
	return !t.Presence.Draw(&s) || t.Number >= t.Count.Draw(&s)
}

// continues reports whether a request of a session is of the one before it.
func (g *Generator) continues(slot uint32) bool {
	sys := g.it.scenario.System
	return sys != nil && sys.Turns != nil && sys.Turns[slot].Continues
}

// forgetSystem begins a request in which services do something.
func (g *Generator) forgetSystem() {
	sys := &g.sys
	sys.waiting, sys.links = sys.waiting[:0], sys.links[:0]
	g.forgetValues()
}

// forgetValues begins to draw the values that attributes share.
func (g *Generator) forgetValues() {
	sys := &g.sys
	sys.values = sys.values[:0]
	if g.it.scenario.System == nil {
		return
	}
	for range g.it.scenario.System.Values {
		sys.values = append(sys.values, drawnValue{})
	}
}

// systemRequest appends the trace of a request of a system, and returns when the
// answer is there.
func (g *Generator) systemRequest(at int64) int64 {
	part := &g.req.flow.Parts[0]
	g.partKeys(part.ID)
	g.part.forget()
	g.call(&part.Root, part.Root.Path, -1, 0)
	it, sys, root := &g.it, &g.sys, len(g.req.t.Spans)
	id := g.traceID(ids.Origin{Iteration: it.number, Turn: g.req.turn, Part: part.ID})
	if it.hasLast && it.scenario.System.Turns[g.req.slot].Linked {
		sys.links = append(sys.links, it.lastRoot)
	}
	at = g.layOut(id, at, otlp.Range{End: uint32(len(sys.links))})
	it.lastRoot, it.hasLast = otlp.Link{TraceID: id, SpanID: g.req.t.Spans[root].SpanID, Flags: otlp.FlagSampled}, true
	return at
}

// consume appends the traces of messages that were sent in the request, and of those
// that are sent in these.
func (g *Generator) consume() {
	sys := &g.sys
	for k := g.next(); k >= 0; k = g.next() {
		m := sys.waiting[k]
		sys.waiting[k].done = true
		g.part.forget()
		g.work(m.node, m.path, m.pair, -1, verdict{})
		origin := ids.Origin{Iteration: g.it.number, Turn: g.req.turn, Part: uint32(firstApart + k)}
		g.layOut(g.traceID(origin), m.start, m.links)
	}
}

// next returns which of the messages that wait is consumed first, -1 when none waits.
// Where the trace of it is in the numbers of the request was said when it was sent.
func (g *Generator) next() int {
	first := -1
	for k := range g.sys.waiting {
		if m := &g.sys.waiting[k]; !m.done && (first < 0 || m.start < g.sys.waiting[first].start) {
			first = k
		}
	}
	return first
}

// work expands the span of what a service does, and returns its index.
func (g *Generator) work(n *plan.Node, path, pair uint64, parent int32, v verdict) int32 {
	st := &g.part
	self := int32(len(st.spans))
	st.spans = append(st.spans, span{node: n, path: path, pair: pair, parent: parent, before: none})
	length := g.lasts(n, path)
	own := v.failure
	if !v.decided {
		own = g.failsByItself(n, path, place{})
	}
	causes := g.it.scenario.System.Causes
	if own != none && causes[own].Late {
		length = waited(length, n.Deadline())
	}
	total, failure := g.calls(n, path, self, 0)
	s := &st.spans[self]
	s.duration = max(length, total)
	if n.Act.Own {
		s.duration = length + total
	}
	s.lead = share(s.duration-total, n.Act.Lead)
	s.own, s.failure = own != none, own
	if own == none && failure != none {
		s.failure = int32(causes[failure].Fails[n.Act.Protocol])
	}
	s.outcome = g.outcomeOf(n, s.failure)
	if failure == none {
		g.afterwards(n, path, self)
	}
	return self
}

// lasts draws how long a span lasts by itself: of its own, or as long, of what it may, as others
// of the request that are in step.
func (g *Generator) lasts(n *plan.Node, path uint64) int64 {
	key := g.part.keys[n.Part][rng.Latency]
	s := key.Index(path).Stream()
	if p := g.it.scenario.System.InStep; !p.Never() {
		if coin := key.Index(path).Index(hashInStep).Stream(); p.Draw(&coin) {
			s = key.Index(hashInStep).Stream()
		}
	}
	length := n.Latency.Draw(&s)
	if len(n.Effects) > 0 {
		length = g.stretch(n, length)
	}
	if n.Act.Capacity > 0 {
		length = share(length, n.Act.Slowdown(g.Load(g.cfg.Start+g.req.since)))
	}
	return length
}

// outcomeOf is how a span of a node ended which has come to a failure: who answers
// has no error when the fault is the caller's.
func (g *Generator) outcomeOf(n *plan.Node, failure int32) plan.Outcome {
	if failure == none || n.Kind == otlp.SpanKindServer && g.it.scenario.System.Causes[failure].Quiet {
		return plan.Succeeded
	}
	return plan.Failed
}

// calls expands what is below a node, as children of a span, from an offset in it
// on. It returns how long the span waits for that, and what it fails with for it,
// as who calls sees it. After a failure nothing further is called, unless it is
// only for that.
func (g *Generator) calls(n *plan.Node, path uint64, self int32, offset int64) (total int64, failure int32) {
	failure = none
	trouble := false
	for i := range n.Children {
		c := &n.Children[i]
		a := c.Act
		if a.After || a.IfFailed && !trouble || !a.IfFailed && !n.Parallel && failure != none {
			continue
		}
		d, got, made := g.repeated(c, n.Parallel && !a.IfFailed, step(path, c.Path), self, offset, total)
		if a.Async {
			continue
		}
		total = max(total, d)
		switch {
		case !a.IfFailed && got != none:
			trouble = true
			if !a.Optional && failure == none {
				failure = got
			}
		case a.IfFailed && made && got == none:
			failure, trouble = none, false
		case a.IfFailed && made && !a.Optional:
			failure = got
		}
	}
	return total, failure
}

// repeated expands all repetitions of a call, which begin when others have taken
// begin, or with beside all at the start. It returns when they end, the first of
// their failures, and whether there were any.
func (g *Generator) repeated(c *plan.Node, beside bool, name uint64, self int32, offset, begin int64) (end int64, failure int32, made bool) {
	failure = none
	at := begin
	if beside {
		at = 0
	}
	end = at
	for rep := range g.repeats(c, name) {
		d, got := g.call(c, step(name, rep), self, offset+at)
		made = true
		if c.Act.Async {
			continue
		}
		end = max(end, at+d)
		if !beside {
			at += d
		}
		if got != none && failure == none {
			failure = got
			if !beside && !c.Act.Optional {
				break
			}
		}
	}
	return end, failure, made
}

// afterwards expands what is called when a span has ended, in groups too. What is
// in one that is only for failures, or that nobody waits for, is not.
func (g *Generator) afterwards(n *plan.Node, path uint64, self int32) {
	for i := range n.Children {
		c := &n.Children[i]
		switch a := c.Act; {
		case a.After:
			s := &g.part.spans[self]
			name := step(path, c.Path)
			offset := s.duration - s.lead
			for rep := range g.repeats(c, name) {
				offset += g.optional(a.Delay, c.Part, step(name, rep), hashDelay)
				d, _ := g.call(c, step(name, rep), self, offset)
				offset += d
			}
		case a.Role == plan.RoleGroup && !a.IfFailed && !a.Async:
			name := step(path, c.Path)
			for rep := range g.repeats(c, name) {
				x, at := g.stands(c, step(name, rep), nil)
				if x.Act.Role == plan.RoleGroup {
					g.afterwards(x, at, self)
				}
			}
		}
	}
}
