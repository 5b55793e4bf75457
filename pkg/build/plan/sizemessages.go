package plan

// lengths is how long messages can become, as JSON within JSON.
type lengths struct {
	input, output int
	arguments     int // of a tool call, or what it returns
}

// run is what the tool calls at and below a node can say, in bytes.
type run struct {
	all    uint64
	models uint64 // most model calls that there can be
	parted bool   // there is one whatever is drawn, and then:

	first      uint64 // before the first that is certain
	last, most uint64 // after the last such, and the most between two
}

// then is the run of what comes after one another.
func (r run) then(x run) run {
	out := run{all: sum(r.all, x.all), models: sum(r.models, x.models), parted: r.parted || x.parted}
	switch {
	case r.parted && x.parted:
		out.first, out.last, out.most = r.first, x.last, max(r.most, x.most, sum(r.last, x.first))
	case r.parted:
		out.first, out.last, out.most = r.first, sum(r.last, x.all), r.most
	case x.parted:
		out.first, out.last, out.most = sum(r.all, x.first), x.last, x.most
	}
	return out
}

// or is at least either run.
func (r run) or(x run) run {
	return run{
		all: max(r.all, x.all), models: max(r.models, x.models), parted: r.parted && x.parted,
		first: max(r.first, x.first), last: max(r.last, x.last), most: max(r.most, x.most),
	}
}

// between is the most that is said between two model calls.
func (r run) between() uint64 {
	if !r.parted {
		return r.all
	}
	return max(r.first, r.last, r.most)
}

// repeated is the run of a node that may be left out or stand there several times.
func (r run) repeated(n *Node) run {
	least, most := int64(1), repetitions(n)
	if n.Count != nil {
		least, _ = n.Count.Bounds()
	}
	out := r
	if most > 1 {
		out = r.then(r)
	}
	out.all, out.models = times(r.all, most, maxIterationBytes), times(r.models, most, maxIterationBytes)
	out.parted = out.parted && least > 0 && n.Presence.Always()
	return out
}

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
	opening, answer := 0, 0
	for _, list := range [][]Content{z.b.out.Turns, z.b.out.Samples} {
		for i := range list {
			c := &list[i]
			opening = max(opening, z.text(c.User.JSON), z.text(c.Task.JSON))
			answer = max(answer, z.text(c.Answers), z.text(c.Reports))
			for _, call := range c.Calls {
				tools[call.Of] = max(tools[call.Of], tools[call.By])
			}
		}
	}
	var all run
	for i := range z.b.out.Parts {
		all = all.then(z.run(&z.b.out.Parts[i].Root, tools))
	}
	round := all.between()
	l := &z.b.out.Loop
	thought := z.text(l.Thoughts) + overhead
	total := sum(all.all, times(all.models, uint64(thought), maxIterationBytes))
	total = sum(total, uint64(opening+answer+overhead))
	if l.Full {
		total = times(total, uint64(z.b.out.Requests()), maxIterationBytes)
	}
	kept := sum(2*uint64(l.CompactAt)+uint64(z.text(l.Compaction.JSON)+overhead), round)
	z.said.input = int(min(total, kept))
	z.said.output = int(max(uint64(max(answer, thought)), round))
}

// run is that of all repetitions of a node.
func (z *sizer) run(n *Node, tools []uint64) run {
	var r run
	switch {
	case n.Tool:
		longest := uint64(0)
		for _, t := range n.Calls.Tools {
			longest = max(longest, tools[t])
		}
		r = run{all: longest}
	case n.LLM:
		r = run{models: 1, parted: true}
	}
	for i := range n.Children {
		x := z.run(&n.Children[i], tools)
		switch {
		case n.OneOf != nil && i == 0:
			r = x
		case n.OneOf != nil:
			r = r.or(x)
		default:
			r = r.then(x)
		}
	}
	return r.repeated(n)
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
