package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Simulation goals.
const (
	goalArguments  = "4xx_invalid_arguments"
	goalDivision   = "wrong_division"
	goalPartial    = "partial_workflow"
	goalUngrounded = "ungrounded_response"
)

// steps are the steps of the scenario's workflow as its goal leaves them.
func (b *builder) steps(steps []scenario.Step) []scenario.Step {
	if b.def.Goal != goalPartial {
		return steps
	}
	o := &b.def.Goals
	if o.ActualSteps != nil {
		return o.ActualSteps
	}
	skip := o.SkipSteps
	if skip == nil {
		// The last tool call, without which the answer has nothing to stand on.
		for i, s := range steps {
			if s.Kind == scenario.StepTool {
				skip = []int64{int64(i)}
			}
		}
	}
	var out []scenario.Step
	for i, s := range steps {
		if !slices.Contains(skip, int64(i)) {
			out = append(out, s)
		}
	}
	return out
}

// goalCause is how the scenario's goal fails.
func (b *builder) goalCause() cause {
	for _, t := range b.cfg.ErrorTemplates {
		if t.Goal == b.def.Goal {
			return cause{kind: t.ErrorType, codes: t.HTTPStatusCodes}
		}
	}
	return cause{kind: "tool_error"}
}

// goal rewrites an orchestration so that it misses its goal in the way that
// the scenario asks for.
func (b *builder) goal(root *Node) {
	switch b.def.Goal {
	case "":
		b.pattern(root)
	case goalArguments:
		tools := b.toolCalls(root)
		b.strike(tools, b.def.Goals.Step4xx, b.goalCause())
	case goalDivision:
		b.wrongDivision(root)
	case goalPartial, goalUngrounded:
		at := find(root, vocab.Compose)
		switch {
		case at != nil:
			at.Fail, at.Retry = b.certain(b.goalCause()), nil
			b.coded(at)
		case b.def.Goal == goalUngrounded:
			b.problems.Errorf(b.def.Pos, "scenario %s: simulation_goal %s needs a step response_compose", b.def.Name, goalUngrounded)
		default:
			root.Fail = b.certain(b.goalCause()) // there is no answer
			b.coded(root)
		}
	}
}

// policies names the policy of the further attempts of tool calls, as their
// backoff makes it.
func (b *builder) policies(n *Node) {
	if n.Class == vocab.Tool {
		policy := ""
		for i := range n.Children {
			switch r := n.Children[i].Retry; {
			case r == nil:
			case len(r.Backoff) < 2 || r.Backoff[0] == r.Backoff[1]:
				policy = "fixed"
			case r.Jitter == nil:
				policy = "exponential"
			default:
				policy = "exponential_jitter"
			}
		}
		for i := range n.Attrs {
			if a := &n.Attrs[i]; a.Op == OpPolicy && policy != "" {
				a.Values = []otlp.Attr{a.Values[0], b.str(policy).Attr}
			}
		}
	}
	for i := range n.Children {
		b.policies(&n.Children[i])
	}
}

// find returns the first node of a class, or nil.
func find(n *Node, class string) *Node {
	if n.Class == class {
		return n
	}
	for i := range n.Children {
		if at := find(&n.Children[i], class); at != nil {
			return at
		}
	}
	return nil
}

// toolCalls lists the tool calls of a tree, in order; there must be one.
func (b *builder) toolCalls(root *Node) []*Node {
	out := calls(root)
	if len(out) == 0 {
		b.problems.Errorf(b.def.Pos, "scenario %s: there is no tool call that could fail", b.def.Name)
	}
	return out
}

// calls lists the tool calls of a tree, in order.
func calls(root *Node) (out []*Node) {
	var walk func(n *Node)
	walk = func(n *Node) {
		if n.Class == vocab.Tool {
			out = append(out, n)
		}
		for i := range n.Children {
			walk(&n.Children[i])
		}
	}
	walk(root)
	return out
}

// strike lets the call of a tool fail for good: the one at index only, or when
// that is negative, one that each request draws.
func (b *builder) strike(tools []*Node, only int64, c cause) {
	for i, tool := range tools {
		if only >= 0 && int64(i) != only {
			continue
		}
		fail := b.certain(c)
		if only < 0 {
			b.out.Selections = uint64(len(tools))
			fail.From, fail.To = uint64(i), uint64(i)+1
		}
		strikeAttempts(tool, fail)
		b.codedAttempts(tool)
	}
}

// coded gives a span that misses the goal of the scenario the HTTP status that
// the goal has, whether or not the conventions define one for spans of its type.
func (b *builder) coded(n *Node) {
	const key = "http.response.status_code"
	id := b.strs.ID(key)
	if len(b.goalCause().codes) == 0 || slices.ContainsFunc(n.Attrs, func(a Attr) bool { return a.Key == id }) {
		return
	}
	var more attrSet
	more.put(key, op(OpStatusCode))
	n.Attrs = b.merged(n.Attrs, &more)
}

func (b *builder) codedAttempts(tool *Node) {
	for i := range tool.Children {
		if c := &tool.Children[i]; c.Class == vocab.Attempt {
			b.coded(c)
		}
	}
}

// strikeAttempts gives a failure to all attempts of a tool call.
func strikeAttempts(tool *Node, fail *Fail) {
	for i := range tool.Children {
		if c := &tool.Children[i]; c.Class == vocab.Attempt {
			c.Fail = fail
		}
	}
}

// wrongDivision sends a tool call to the server of another division, where the
// tool of the same name has another uuid, or where there is none.
func (b *builder) wrongDivision(root *Node) {
	var others []*scenario.Server
	right := b.server
	if key := b.def.Goals.RightServer; right == nil && key != "" {
		right = b.serverByKey(key)
	}
	for _, d := range b.cfg.Divisions {
		s := b.serverByKey(d.Server)
		wanted := b.def.Goals.WrongServer == "" || b.def.Goals.WrongServer == d.Server
		if s != nil && wanted && (right == nil || s.Key != right.Key) && !slices.Contains(others, s) {
			others = append(others, s)
		}
	}
	if s := b.serverByKey(b.def.Goals.WrongServer); s != nil && len(others) == 0 && (right == nil || s.Key != right.Key) {
		others = append(others, s)
	}
	if len(others) == 0 {
		b.problems.Errorf(b.def.Pos, "scenario %s: there is no other division to call by mistake", b.def.Name)
		return
	}
	tools := b.toolCalls(root)
	n, only := uint64(len(others)), b.def.Goals.StepWrongDivision
	if b.out.Selections = n * uint64(len(tools)); only >= 0 {
		b.out.Selections = n
	}
	for i, tool := range tools {
		first := n * uint64(i)
		if only >= 0 {
			if int64(i) != only {
				continue
			}
			first = 0
		}
		fail := b.certain(b.goalCause())
		fail.From, fail.To = first, first+n
		strikeAttempts(tool, fail)
		b.codedAttempts(tool)
		name := b.toolNameOf(tool)
		for c := range tool.Children {
			if tool.Children[c].Class == vocab.Attempt {
				b.misdirect(&tool.Children[c], name, others, first)
			}
		}
		b.misdirect(tool, name, others, first)
	}
}

// misdirect makes the uuids of a span follow the division that is called.
func (b *builder) misdirect(n *Node, name string, others []*scenario.Server, first uint64) {
	for _, key := range []string{b.prefix + ".mcp.server.uuid", b.prefix + ".mcp.tool.uuid"} {
		id := b.strs.ID(key)
		at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == id })
		if at < 0 {
			continue
		}
		a := &n.Attrs[at]
		values := []otlp.Attr{a.Attr}
		for _, s := range others {
			uuid := s.UUID
			if key == b.prefix+".mcp.tool.uuid" {
				uuid = s.Tools[0].UUID
				if i := slices.IndexFunc(s.Tools, func(t scenario.Tool) bool { return t.Name == name }); i >= 0 {
					uuid = s.Tools[i].UUID
				}
			}
			values = append(values, b.str(uuid).Attr)
		}
		*a = Attr{Op: OpSelected, Attr: otlp.Attr{Key: a.Key, Word: first}, Path: a.Path, Values: values}
	}
}

// toolNameOf is the name of the tool that a call names, or "".
func (b *builder) toolNameOf(n *Node) string { return b.constantOf(n, toolName) }

// constantOf is the constant text of an attribute of a node, or "".
func (b *builder) constantOf(n *Node, key string) string {
	id := b.strs.ID(key)
	for _, a := range n.Attrs {
		if a.Key == id && a.Op == OpConst && a.Kind == otlp.KindString {
			return b.strs.String(otlp.StringID(a.Word))
		}
	}
	return ""
}

// pattern applies context.error_pattern: which tool call fails, at a rate.
func (b *builder) pattern(root *Node) {
	if b.def.Context == nil {
		return
	}
	x := b.def.Context
	switch x.ErrorPattern {
	case "", "happy_path", "none":
		return
	}
	tools := b.toolCalls(root)
	for i, tool := range tools {
		fail := &Fail{Kinds: []uint32{b.failure(cause{kind: usualFailure(vocab.Tool)})}}
		rate := b.probability(x.ErrorRate, b.def.Pos)
		switch {
		case x.ErrorPattern == "random",
			x.ErrorPattern == "first_tool_failure" && i == 0,
			x.ErrorPattern == "last_tool_failure" && i == len(tools)-1,
			x.ErrorPattern == "single_tool_failure" && x.ErrorStep == int64(i):
			fail.Probability = rate
		case x.ErrorPattern == "single_tool_failure" && x.ErrorStep < 0:
			fail.Probability = rate
			b.out.Selections = uint64(len(tools))
			fail.From, fail.To = uint64(i), uint64(i)+1
		case x.ErrorPattern == "cascade":
			fail.Siblings = present
			if i == 0 {
				fail.Probability = rate
			}
		default:
			continue
		}
		for c := range tool.Children {
			if n := &tool.Children[c]; n.Class == vocab.Attempt && n.Fail == nil {
				n.Fail = fail
			}
		}
	}
}

// setting returns what the scenario changes of a step, or nil.
func (b *builder) setting(s scenario.Step) *scenario.StepSetting {
	for i := range b.def.Settings {
		if x := &b.def.Settings[i]; x.Step.Kind == s.Kind && x.Step.Tool == s.Tool {
			return x
		}
	}
	return nil
}

// set applies a step's setting to the node that does its work.
func (b *builder) set(n *Node, s scenario.Step, pos input.Pos) {
	x := b.setting(s)
	if x == nil {
		return
	}
	if x.Latency != nil {
		n.Latency = b.latency(x.Latency, 0, pos)
	}
	if x.Error != nil || x.Retry != nil {
		b.fallible(n, x.Error, x.Retry, pos)
	}
}
