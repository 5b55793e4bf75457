package gen

import (
	"encoding/hex"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// guest is a request to agents in the trace of a system that is under construction. It
// is a session of its own, and its spans stand one after the other.
type guest struct {
	visit
	first, end    int32 // its spans
	talk, talkEnd int   // its conversations
	tools, models int

	// Memory of the visit's.
	resources   []int32
	valueMemory []drawnValue
}

// visit is what the generator holds of who is under work: the system, or a guest.
type visit struct {
	scenario *plan.Scenario
	model    *plan.Model
	req      request
	values   []drawnValue // of services, as system.values
}

// Guests returns the requests to agents in the latest request, until the next one is
// made.
func (g *Generator) Guests() []plan.Guest { return g.guests }

var hashAgent = rng.Hash("agent")

// present returns what the generator holds, and take holds something else.
func (g *Generator) present() visit {
	return visit{g.it.scenario, g.it.model, g.req, g.sys.values}
}

func (g *Generator) take(v *visit) {
	g.it.scenario, g.it.model, g.req = v.scenario, v.model, v.req
	g.sys.values = v.values
	g.it.requests = 0
	for i := range v.req.flow.Parts {
		g.partsKeys(v.req.flow.Parts[i].ID)
	}
}

// agent expands a request to agents below a span, and returns the index of the span
// that answers.
func (g *Generator) agent(n *plan.Node, path uint64, parent int32) int32 {
	st := &g.part
	host := g.present()
	at := len(st.guests)
	if at < cap(st.guests) { // its memory is reused
		st.guests = st.guests[:at+1]
	} else {
		st.guests = append(st.guests, guest{})
	}
	g.invite(host.scenario.System.Agents[n.Act.Agent], path, &st.guests[at])
	first, talk := int32(len(st.spans)), len(st.talks)
	st.begin(first, talk)
	root := &g.req.flow.Parts[0].Root
	g.expand(root, place{parent: parent, before: none, turnFailure: none}, root.Path, verdict{})
	g.converse()
	x := &st.guests[at]
	x.visit, x.first, x.end, x.tools, x.models = g.present(), first, int32(len(st.spans)), st.tools, st.models
	x.talk, x.talkEnd = talk, len(st.talks)
	g.take(&host)
	return first
}

// invite draws what a request to agents has for itself. The user is that of the
// system's session.
func (g *Generator) invite(s *plan.Scenario, path uint64, x *guest) {
	r := &g.req
	g.it.scenario = s
	for p := range r.keys {
		r.keys[p] = r.keys[p].Index(hashAgent).Index(path)
	}
	r.turn, r.slot, r.flow, r.values = 0, 0, &s.Flows[0], r.keys[rng.Attributes]
	r.session = g.named(s.Session, hashSession)
	r.request = g.named(s.Request, hashRequest)
	g.drawContent()
	g.drawSelection()
	g.drawModel(r.keys[rng.Attributes])
	g.it.past.forget()
	x.resources = x.resources[:0]
	for range s.Groups {
		x.resources = append(x.resources, -1)
	}
	r.resources = x.resources
	g.sys.values = x.valueMemory[:0]
	g.forgetValues()
	x.valueMemory = g.sys.values
	for i := range r.flow.Parts {
		g.partsKeys(r.flow.Parts[i].ID)
	}
}

// named writes an id of the request.
func (g *Generator) named(f plan.IDFormat, name uint64) uint64 {
	t := g.req.t
	s := g.req.keys[rng.IDs].Index(name).Stream()
	begin := len(t.Text)
	t.Text = f.Append(t.Text, &s)
	return packText(begin, len(t.Text))
}

// begin begins the spans of agents in the trace under construction, and their
// conversations.
func (st *part) begin(span int32, talk int) {
	st.first, st.end, st.talk, st.talkEnd = span, -1, talk, -1
	st.tools, st.tasks, st.call, st.models, st.course = 0, 0, 0, 0, newCourse
}

// passing lets the guests of the trace come and go as its spans are laid out.
type passing struct {
	host  visit
	next  int  // of the guests
	there bool // the one before it is under work
	trace uint64
}

// at is told of the index of the span that is laid out next.
func (p *passing) at(g *Generator, i int32, id otlp.TraceID, base int) {
	st := &g.part
	if p.there && st.guests[p.next-1].end == i {
		g.guests[len(g.guests)-1].End = base + int(i)
		g.evaluate(base)
		g.take(&p.host)
		p.there = false
	}
	if p.next == len(st.guests) || st.guests[p.next].first != i {
		return
	}
	if p.next == 0 {
		begin := len(g.req.t.Text)
		g.req.t.Text = hex.AppendEncode(g.req.t.Text, id[:])
		p.trace = packText(begin, len(g.req.t.Text))
	}
	x := &st.guests[p.next]
	p.next, p.there, p.host = p.next+1, true, g.present()
	g.take(&x.visit)
	g.guests = append(g.guests, plan.Guest{Of: x.scenario, First: base + int(i)})
	for part := range g.req.traces[:ids.PartUnified+1] {
		g.req.traces[part] = p.trace
	}
	st.begin(x.first, x.talk)
	st.end, st.talkEnd, st.tools, st.models = x.end, x.talkEnd, x.tools, x.models
}
