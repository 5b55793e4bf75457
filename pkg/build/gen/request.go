package gen

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// request is the state that the traces of a request share. Words are packed
// ranges of the text of t.
type request struct {
	t         *otlp.Traces
	turn      uint32
	keys      [numPurposes]rng.Key
	session   uint64
	user      uint64
	request   uint64
	traces    [ids.MaxParts]uint64 // as 32 hex digits
	content   *plan.Content        // nil when the scenario has none
	streaming bool
	resources []int32 // by group: index into t.Resources, -1 when unused
}

// part is the state of the trace under construction.
type part struct {
	keys   [numPurposes]rng.Key
	spans  []span
	tools  int    // tool calls in the trace
	call   uint64 // id of the latest one written
	tasks  int    // tasks written so far
	llms   int    // calls of a model that are still to be written
	models int    // calls of a model in the trace
}

// span is a span of the trace under construction.
type span struct {
	node     *plan.Node
	path     uint64
	parent   int32
	attempt  int32  // number among its siblings, for an attempt
	attempts int32  // number of attempts below it
	call     uint64 // id of the tool call, inherited
	duration int64
	offset   int64 // from the start of the parent's first child
	lead     int64 // from the own start to that of the first child
	start    int64
}

// request appends the traces of one request that starts at the given time, and
// returns when the last of them ends.
func (g *Generator) request(turn uint32, at int64, t *otlp.Traces) int64 {
	it, r := &g.it, &g.req
	r.t, r.turn = t, turn
	for p := range r.keys {
		r.keys[p] = it.keys[p].Index(uint64(turn))
	}
	r.session = r.text(it.session)
	r.user = r.text(it.user)
	begin := len(t.Text)
	s := r.keys[rng.IDs].Index(hashRequest).Stream()
	t.Text = appendID(t.Text, it.scenario.Request, &s)
	r.request = packText(begin, len(t.Text))
	g.drawContent()
	r.resources = r.resources[:0]
	for range it.scenario.Groups {
		r.resources = append(r.resources, -1)
	}
	var previous otlp.Link
	linked := it.hasLast
	if linked {
		previous = it.lastRoot
	}
	origin := ids.Origin{Iteration: it.number, Turn: turn}
	var traces [ids.MaxParts]otlp.TraceID
	for i := range it.scenario.Parts {
		origin.Part = it.scenario.Parts[i].ID
		traces[origin.Part] = g.traceID(origin)
		begin := len(t.Text)
		t.Text = appendHexBytes(t.Text, traces[origin.Part][:])
		r.traces[origin.Part] = packText(begin, len(t.Text))
	}
	for i := range it.scenario.Parts {
		p := &it.scenario.Parts[i]
		root := len(t.Spans)
		at = g.trace(p, traces[p.ID], at)
		if linked {
			t.Links = append(t.Links, previous)
			n := uint32(len(t.Links))
			t.Spans[root].Links = otlp.Range{Start: n - 1, End: n}
		}
		previous, linked = otlp.Link{TraceID: traces[p.ID], SpanID: t.Spans[root].SpanID, Flags: otlp.FlagSampled}, true
	}
	it.lastRoot, it.hasLast = previous, true
	return at
}

// drawContent chooses the exchange of the request.
func (g *Generator) drawContent() {
	s, r := g.it.scenario, &g.req
	r.content = nil
	switch {
	case len(s.Turns) > 0:
		r.content = &s.Turns[r.turn]
	case len(s.Samples) > 0:
		sample := r.keys[rng.Content].Index(hashSample).Stream()
		r.content = &s.Samples[sample.Below(uint64(len(s.Samples)))]
	}
	r.streaming = r.keys[rng.Attributes].Index(hashStreaming).Uint64()>>63 == 1
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
func (g *Generator) trace(p *plan.Part, id otlp.TraceID, at int64) int64 {
	st := &g.part
	for i := range st.keys {
		st.keys[i] = g.req.keys[i].Index(uint64(p.ID))
	}
	st.spans, st.tools, st.tasks, st.llms = st.spans[:0], 0, 0, 0
	st.call, st.models = 0, 0
	g.expand(&p.Root, -1, p.Root.Path, 0)
	spanIDs := g.ids.SpanKey(id)
	base := len(g.req.t.Spans)
	for i := range st.spans {
		s := &st.spans[i]
		out := otlp.Span{
			TraceID: id,
			SpanID:  spanIDs.SpanID(uint64(i) + 1),
			Name:    s.node.Name,
			Kind:    s.node.Kind,
			Status:  s.node.Status,
			Flags:   otlp.FlagSampled,
		}
		if s.parent < 0 {
			s.start = at
		} else {
			parent := &st.spans[s.parent]
			s.start = parent.start + parent.lead + s.offset
			s.call = parent.call
			out.ParentID = g.req.t.Spans[base+int(s.parent)].SpanID
			out.Flags |= otlp.FlagHasIsRemote // and it is not: the bit for that stays 0
		}
		out.Start, out.End = uint64(s.start), uint64(s.start+s.duration)
		g.fill(s, &out)
		g.req.t.Spans = append(g.req.t.Spans, out)
	}
	return at + st.spans[0].duration
}

// expand decides which spans a node becomes and how long they take, and
// returns the duration of the one it appended. A span lasts as long as its own
// sample says, or as its children need if that is longer; a tenth of what it
// has left over passes before its first child.
func (g *Generator) expand(n *plan.Node, parent int32, path uint64, attempt int32) int64 {
	st := &g.part
	self := int32(len(st.spans))
	st.spans = append(st.spans, span{node: n, path: path, parent: parent, attempt: attempt})
	if n.Tool {
		st.tools++
	}
	if n.LLM {
		st.llms++
		st.models++
	}
	latency := st.keys[rng.Latency].Index(path).Stream()
	own := n.Latency.Draw(&latency)
	total, attempts := int64(0), int32(0)
	for i := range n.Children {
		c := &n.Children[i]
		below := step(path, c.Path)
		for rep := range g.repeats(c, below) {
			if c.Attempt {
				attempts++
			}
			child := len(st.spans)
			d := g.expand(c, self, step(below, rep), attempts)
			st.spans[child].offset = total
			total += d
		}
	}
	s := &st.spans[self]
	s.attempts = attempts
	s.duration = max(own, total)
	s.lead = (s.duration - total) / 10
	return s.duration
}

// repeats returns how often a node occurs. Presence takes the first word of a
// stream that is named by the node, count the following, so neither moves the
// other.
func (g *Generator) repeats(n *plan.Node, path uint64) uint64 {
	if n.Count == nil && n.Presence.Always() {
		return 1
	}
	s := g.part.keys[rng.Outcome].Index(path).Stream()
	if !n.Presence.Draw(&s) {
		return 0
	}
	if n.Count == nil {
		return 1
	}
	return uint64(n.Count.Draw(&s))
}

// step names a place below a place.
func step(path, v uint64) uint64 {
	return (bits.RotateLeft64(path, 27) ^ v + 0x632be59bd9b4e019) * 0x9e3779b97f4a7c15
}
