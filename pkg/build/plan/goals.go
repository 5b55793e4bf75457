package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
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
	if b.def.Goal != goalPartial || b.turnSteps != nil {
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

// missGoal rewrites an orchestration so that it misses its goal in the way that
// the scenario asks for. Turns with steps of their own go as they should.
func (b *builder) missGoal(root *Node) {
	if b.turnSteps != nil {
		return
	}
	switch b.def.Goal {
	case "":
		b.errorPattern(root)
	case goalArguments:
		tools := b.toolCalls(root)
		b.failCalls(tools, b.def.Goals.Step4xx, b.goalCause())
	case goalDivision:
		b.wrongDivision(root)
	case goalPartial, goalUngrounded:
		at := find(root, vocab.Compose)
		switch {
		case at != nil:
			at.Fail, at.Retry = b.certain(b.goalCause()), nil
			b.giveStatus(at)
		case b.def.Goal == goalUngrounded:
			b.problems.Errorf(b.def.Pos, "scenario %s: simulation_goal %s needs a step response_compose", b.def.Name, goalUngrounded)
		default:
			root.Fail = b.certain(b.goalCause()) // there is no answer
			b.giveStatus(root)
		}
	}
}

// failCalls lets the call of a tool fail for good: the one at index only, or when
// that is negative, one that each request draws.
func (b *builder) failCalls(tools []*Node, only int64, c cause) {
	for i, tool := range tools {
		if only >= 0 && int64(i) != only {
			continue
		}
		fail := b.certain(c)
		if only < 0 {
			b.flow.Selections = uint64(len(tools))
			fail.From, fail.To = uint64(i), uint64(i)+1
		}
		failEveryAttempt(tool, fail)
		b.giveAttemptsStatus(tool)
	}
}

// giveStatus gives a span that misses the goal of the scenario the HTTP status that
// the goal has, whether or not the conventions define one for spans of its type.
func (b *builder) giveStatus(n *Node) {
	const key = "http.response.status_code"
	id := b.strs.ID(key)
	if len(b.goalCause().codes) == 0 || slices.ContainsFunc(n.Attrs, func(a Attr) bool { return a.Key == id }) {
		return
	}
	var more attrSet
	more.put(key, op(OpStatusCode))
	n.Attrs = b.merged(n.Attrs, &more)
}

func (b *builder) giveAttemptsStatus(tool *Node) {
	for i := range tool.Children {
		if c := &tool.Children[i]; c.Class == vocab.Attempt {
			b.giveStatus(c)
		}
	}
}

// failEveryAttempt gives a failure to all attempts of a tool call.
func failEveryAttempt(tool *Node, fail *Fail) {
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
	if b.flow.Selections = n * uint64(len(tools)); only >= 0 {
		b.flow.Selections = n
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
		failEveryAttempt(tool, fail)
		b.giveAttemptsStatus(tool)
		name := b.toolNameOf(tool)
		for c := range tool.Children {
			if tool.Children[c].Class == vocab.Attempt {
				b.misdirect(&tool.Children[c], name, others, first)
			}
		}
		b.misdirect(tool, name, others, first)
	}
}
