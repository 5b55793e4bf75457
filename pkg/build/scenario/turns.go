package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// turnSteps reads what a turn does: a workflow of the Config, or steps. nil: what
// the scenario does.
func (l *loader) turnSteps(m input.Map) []Step {
	named := l.known(m, "workflow", "workflow", l.c.workflowNames())
	own, listed := l.listed(m, "steps", l.server)
	if listed && m.Get("workflow") != nil {
		m.Warn("steps", "has no effect beside workflow")
	}
	if w := l.c.Workflow(named); w != nil {
		l.checkSteps(m.At("workflow"), l.server, named, w.Steps)
		return w.Steps
	}
	l.checkSteps(m.At("steps"), l.server, "steps", own)
	return own
}

// everyTurnOwn reports whether every turn has steps of its own.
func (d *Definition) everyTurnOwn() bool {
	return len(d.Turns) > 0 && !slices.ContainsFunc(d.Turns, func(s Sample) bool { return s.Steps == nil })
}

// idleSteps tells what the scenario says of its work where every turn has steps of
// its own. A goal is about the work of the scenario.
func (l *loader) idleSteps(m, context, plane, goalAt input.Map, d *Definition) {
	if !d.everyTurnOwn() {
		return
	}
	const own = "every turn has steps of its own"
	for _, x := range []struct {
		at  input.Map
		key string
	}{{plane, "workflow"}, {context, "correct_flow"}, {m, "root"}} {
		if x.at.Get(x.key) != nil {
			x.at.Warn(x.key, "has no effect: %s", own)
		}
	}
	if d.Goal != "" {
		goalAt.Fail("simulation_goal", "%s needs a turn without steps of its own", d.Goal)
	}
	if d.Context != nil && d.Context.ErrorPattern != "happy_path" && d.Context.ErrorPattern != "none" {
		context.Warn("error_pattern", "has no effect: %s", own)
	}
}

// idleTurns warns of what is said of model calls and of steps of turns where the
// request is not let in.
func (l *loader) idleTurns(m input.Map, d *Definition) {
	t := l.c.RequestTemplate(d.Template)
	if t == nil || l.c.ControlPlane.Flow[t.Outcome].Orchestration {
		return
	}
	section, _ := m.Map("conversation")
	for _, key := range []string{"history", "compact_at"} {
		if section.Get(key) != nil {
			section.Warn(key, "has no effect: template %s lets no request through", t.ID)
		}
	}
	if slices.ContainsFunc(d.Turns, func(s Sample) bool { return s.Steps != nil }) {
		section.Warn("turns", "their steps have no effect: template %s lets no request through", t.ID)
	}
}
