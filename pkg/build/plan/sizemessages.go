package plan

// lengths is how long messages can become, as JSON within JSON.
type lengths struct {
	input, output int
	arguments     int // of a tool call, or what it returns
}

// run is what tool calls say that follow one another in a conversation, at
// most, in bytes.
type run struct {
	all    uint64
	models uint64 // model calls among them

	// Where no model call need be among them, that is without one; with one, what
	// comes before the first, after the last, and between two.
	unparted             bool
	through              uint64
	first, last, between uint64
}

// then is the run of what comes after one another.
func (r run) then(x run) run {
	out := run{all: sum(r.all, x.all), models: sum(r.models, x.models), unparted: r.unparted && x.unparted}
	if out.unparted {
		out.through = sum(r.through, x.through)
	}
	out.first, out.last, out.between = r.first, x.last, max(r.between, x.between)
	if r.unparted && x.models > 0 {
		out.first = max(out.first, sum(r.through, x.first))
	}
	if x.unparted && r.models > 0 {
		out.last = max(out.last, sum(r.last, x.through))
	}
	if r.models > 0 && x.models > 0 {
		out.between = max(out.between, sum(r.last, x.first))
	}
	return out
}

// or is at least either run.
func (r run) or(x run) run {
	return run{
		all: max(r.all, x.all), models: max(r.models, x.models),
		unparted: r.unparted || x.unparted, through: max(r.through, x.through),
		first: max(r.first, x.first), last: max(r.last, x.last), between: max(r.between, x.between),
	}
}

// repeated is the run of a node that may be left out or stand there several times.
func (r run) repeated(n *Node) run {
	least, most := int64(1), repetitions(n)
	if n.Count != nil {
		least, _ = n.Count.Bounds()
	}
	out := r
	if most > 1 {
		more := times(r.through, most-1, maxIterationBytes)
		out.through = sum(out.through, more)
		if r.models > 0 {
			out.first, out.last = sum(out.first, more), sum(out.last, more)
			out.between = max(out.between, sum(sum(r.last, r.first), more))
		}
	}
	out.all, out.models = times(r.all, most, maxIterationBytes), times(r.models, most, maxIterationBytes)
	out.unparted = out.unparted || least <= 0 || !n.Presence.Always()
	return out
}

// round is the most that is said between two model calls.
func (r run) round() uint64 { return max(r.through, r.first, r.last, r.between) }

// sum is a sum that is far below what does not fit.
func sum(a, b uint64) uint64 { return min(a+b, maxIterationBytes) }

// messages works out how long the messages of the scenario's model calls can be.
func (z *sizer) messages() {
	tools := make([]uint64, len(z.b.out.Tools))
	failed := 0
	for i := range z.b.out.Failures {
		failed = max(failed, z.text(z.b.out.Failures[i].Response.JSON))
	}
	for i := range tools {
		for k := range z.b.out.Tools[i].Samples {
			s := &z.b.out.Tools[i].Samples[k]
			tools[i] = max(tools[i], uint64(z.text(s.Call.JSON)+max(failed, z.text(s.Response.JSON))+4*z.ids+3*overhead))
			z.said.arguments = max(z.said.arguments, z.text(s.Arguments), z.text(s.Result))
		}
	}
	opening, answer := 0, max(z.text(z.b.out.Loop.Reports), z.text(z.b.out.Loop.Apologies))
	for _, list := range [][]Content{z.b.out.Turns, z.b.out.Samples} {
		for i := range list {
			c := &list[i]
			opening = max(opening, z.text(c.User.JSON), z.text(c.Asked.JSON))
			answer = max(answer, z.text(c.Answers))
			for _, call := range c.Calls {
				tools[call.Of] = max(tools[call.Of], tools[call.By])
			}
		}
	}
	m := measured{z: z, tools: tools, around: uint64(opening + answer + overhead), thought: uint64(z.text(z.b.out.Loop.Thoughts) + overhead)}
	for p := range z.b.out.Parts() {
		m.conversation(m.run(&p.Root), nil)
	}
	z.said.output = max(z.said.output, answer, int(m.thought))
}

// measured goes through the conversations of a scenario.
type measured struct {
	z       *sizer
	tools   []uint64 // what a call says, by Scenario.Tools
	around  uint64   // what a conversation opens and ends with
	thought uint64   // what a model call says that chooses nothing
}

// conversation notes how long the messages of a conversation can be.
func (m *measured) conversation(r run, told *Told) {
	z, around := m.z, m.around
	if told != nil {
		report := max(z.text(told.Reports), z.text(z.b.out.Loop.Apologies))
		around = max(around, uint64(z.text(told.Task.JSON)+report+overhead))
		z.said.output = max(z.said.output, report)
	}
	l := &z.b.out.Loop
	total := sum(sum(r.all, times(r.models, m.thought, maxIterationBytes)), around)
	if l.Full {
		total = times(total, uint64(z.b.out.Requests()), maxIterationBytes)
	}
	kept := sum(2*uint64(l.CompactAt)+uint64(z.text(l.Compaction.JSON)+overhead), r.round())
	z.said.input = max(z.said.input, int(min(total, kept)))
	z.said.output = max(z.said.output, int(r.round())+overhead)
}

// run is that of all repetitions of a node, without the conversations below it.
func (m *measured) run(n *Node) run {
	self, below := run{unparted: true}, run{unparted: true}
	switch {
	case n.Tool:
		for _, t := range n.Calls.Tools {
			self.all = max(self.all, m.tools[t])
		}
		self.through = self.all
	case n.LLM:
		self = run{models: 1}
	}
	for i := range n.Children {
		if n.Children[i].Act != nil {
			continue
		}
		x := m.run(&n.Children[i])
		switch {
		case n.OneOf != nil && i == 0:
			below = x
		case n.OneOf != nil:
			below = below.or(x)
		default:
			below = below.then(x)
		}
	}
	if n.Opens {
		m.conversation(below, n.Told)
		below = run{unparted: true}
	}
	if self = self.then(below); n.Forks {
		m.conversation(self, nil)
		if !n.Alone {
			self = run{}
		}
		self.unparted = true
	}
	return self.repeated(n)
}

// messageOf is how long the value of an operation can be that is said.
func (z *sizer) messageOf(o Op) int {
	switch o {
	case OpInput, OpRedactedIn:
		return z.said.input
	case OpOutput, OpRedactedOut:
		return z.said.output
	}
	return z.said.arguments
}
