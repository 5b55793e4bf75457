package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// goalOfKey says which simulation goal a key of realistic_overrides is about.
var goalOfKey = map[string]string{
	"step_index_for_4xx": "4xx_invalid_arguments", "wrong_division_target": "wrong_division",
	"step_index_wrong_division": "wrong_division", "mcp_server_key": "wrong_division",
	"actual_steps": "partial_workflow", "skip_steps": "partial_workflow",
}

// nowhere are the overrides of a scenario that has none.
var nowhere = GoalOverrides{Step4xx: -1, StepWrongDivision: -1}

// goal reads the simulation goal, at the top level or in data_plane, and where
// it stands; "" when nothing is to go wrong.
func (l *loader) goal(m, plane input.Map) (string, input.Map) {
	inner, outer := l.goalOf(plane), l.goalOf(m)
	at, goal := plane, inner
	if outer != "" {
		at, goal = m, outer
		if slices.Contains(goals[1:], inner) && inner != outer {
			plane.Warn("simulation_goal", "has no effect beside the simulation_goal of the scenario")
		}
	}
	if goal == "none" || goal == "happy_path" {
		return "", at
	}
	return goal, at
}

func (l *loader) goalOf(m input.Map) string {
	if n := m.Get("simulation_goal"); n != nil && n.Kind == input.String && strings.TrimSpace(n.Text()) == "" {
		return ""
	}
	return m.OneOf("simulation_goal", "", append([]string{"none"}, goals...)...)
}

// checkGoal checks that a goal has something to go wrong in. planned says that
// the scenario names steps, which may themselves be wrong.
func (l *loader) checkGoal(at input.Map, planned bool, d *Definition) {
	tools, composes := 0, false
	for _, s := range d.Steps {
		if s.Kind == StepTool {
			tools++
		}
		composes = composes || s.Kind == StepCompose
	}
	switch {
	case d.Goal == "":
	case !planned:
		at.Fail("simulation_goal", "%s needs steps: a data_plane.workflow or a context.correct_flow", d.Goal)
	case len(d.Steps) == 0: // reported where they are
	case tools == 0 && (d.Goal == "4xx_invalid_arguments" || d.Goal == "wrong_division"):
		at.Fail("simulation_goal", "%s needs a tool call, and none of the steps is one", d.Goal)
	case !composes && d.Goal == "ungrounded_response":
		at.Fail("simulation_goal", "%s needs the step response_compose", d.Goal)
	}
}

// overrides reads the settings of simulation goals, for a scenario whose steps
// and goal are known.
func (l *loader) overrides(o input.Map, d *Definition) {
	d.Goals = nowhere
	for _, e := range o.Entries() {
		if goal := goalOfKey[e.Key]; goal != "" && goal != d.Goal && e.Value.Kind != input.Null {
			o.Warn(e.Key, "has no effect: it is about simulation_goal %s", goal)
		}
	}
	d.Goals.Step4xx = l.toolIndex(o, "step_index_for_4xx", d)
	d.Goals.StepWrongDivision = l.toolIndex(o, "step_index_wrong_division", d)
	d.Goals.WrongServer = l.wrongServer(o, d)
	d.Goals.RightServer = l.known(o, "mcp_server_key", "mcp_server", l.c.serverKeys())
	if d.Goal == "wrong_division" && d.Goals.RightServer != "" && d.Server != d.Goals.RightServer {
		o.Warn("mcp_server_key", "has no effect: the scenario names the mcp_server %q", d.Server)
	}
	l.partial(o, d)
}

// toolIndex reads which tool call of the steps is meant, -1 when any is.
func (l *loader) toolIndex(m input.Map, key string, d *Definition) int64 {
	at := m.Int(key, -1, 0, maxCount)
	tools := int64(0)
	for _, s := range d.Steps {
		if s.Kind == StepTool {
			tools++
		}
	}
	if tools > 0 && at >= tools {
		m.Fail(key, "%d is out of range: tool calls count from 0, and the steps hold %d", at, tools)
		return -1
	}
	return at
}

// wrongServer reads the division that is called by mistake: by its name, or by
// the key of its server.
func (l *loader) wrongServer(o input.Map, d *Definition) string {
	const key = "wrong_division_target"
	server := l.division(l.known(o, key, "division", l.divisionNames()))
	if server != "" && server == d.Server && d.Goal == goalOfKey[key] {
		o.Fail(key, "%q is the division that the scenario is about; name another", server)
	}
	return server
}

// partial reads what becomes of the steps of a partial_workflow.
func (l *loader) partial(o input.Map, d *Definition) {
	if n := o.Get("actual_steps"); n != nil {
		d.Goals.ActualSteps = l.steps(o.List("actual_steps"), l.toolsOf(d.Server))
		l.checkSteps(n.Pos, d.Server, "actual_steps", d.Goals.ActualSteps)
	}
	skipped := o.List("skip_steps")
	if len(skipped) > 0 && d.Goals.ActualSteps != nil {
		o.Warn("skip_steps", "has no effect beside actual_steps")
	}
	for _, item := range skipped {
		v, ok := item.Int(l.p)
		switch {
		case !ok:
		case v < 0 || len(d.Steps) > 0 && v >= int64(len(d.Steps)):
			item.Fail(l.p, "%d is out of range: steps count from 0, and there are %d", v, len(d.Steps))
		case slices.Contains(d.Goals.SkipSteps, v):
			item.Fail(l.p, "%d is there twice", v)
		default:
			d.Goals.SkipSteps = append(d.Goals.SkipSteps, v)
		}
	}
	if len(d.Steps) > 0 && len(d.Goals.SkipSteps) == len(d.Steps) {
		o.Fail("skip_steps", "skips every step; leave one")
	}
	slices.Sort(d.Goals.SkipSteps)
}

// settings reads data_plane.steps: what single steps of the workflow do
// differently.
func (l *loader) settings(plane input.Map, d *Definition) {
	section, ok := plane.Map("steps")
	if !ok {
		return
	}
	available := append(slices.Clone(d.Steps), d.Goals.ActualSteps...)
	for _, t := range d.Turns {
		available = append(available, t.Steps...)
	}
	if len(available) == 0 && d.Root == nil {
		if w := l.c.Workflow(l.c.ControlPlane.DefaultWorkflow); w != nil {
			available = w.Steps
		}
	}
	if len(available) == 0 && l.names {
		if d.Root != nil {
			plane.Fail("steps", "there are no steps beside a root; write latency, error and retry at its nodes")
		}
		return // else there is no workflow, which was reported
	}
	taken := make(map[string]input.Pos)
	for _, e := range section.Entries() {
		step, ok := l.stepOf(e, available)
		s, isMap := e.Value.Map(l.p, settingKeys...)
		if !isMap {
			continue
		}
		x := StepSetting{Step: step, Latency: l.latency(s.Get("latency")), Error: l.errorModel(s.Get("error"))}
		x.Retry = l.retry(s, !ok || step.Kind == StepTool || step.Kind == StepLLM, x.Error)
		if x.Models = l.asked(s); x.Models != nil && ok && step.Kind != StepLLM {
			s.Fail("model", "only a task calls a model")
		}
		if ok && l.unique(taken, "step", stepName(step), e.Pos) {
			d.Settings = append(d.Settings, x)
		}
	}
}

// stepOf finds the step that a key names among those that there are.
func (l *loader) stepOf(e input.Entry, available []Step) (Step, bool) {
	kind, fixed := stepWords[name(e.Key)]
	var names []string
	for _, s := range available {
		names = append(names, stepName(s))
		if fixed && s.Kind == kind || !fixed && s.Kind == StepTool && strings.EqualFold(s.Tool, strings.TrimSpace(e.Key)) {
			return Step{Kind: s.Kind, Tool: s.Tool, Pos: e.Pos}, true
		}
	}
	if l.names {
		l.p.Errorf(e.Pos, "%s", input.Unknown("step of the workflow", e.Key, names))
	}
	return Step{}, false
}

// stepName is how a step is written.
func stepName(s Step) string {
	switch s.Kind {
	case StepPlanner:
		return "planner"
	case StepLLM:
		return "task"
	case StepToolsRecommend:
		return "tools_recommend"
	case StepCompose:
		return "response_compose"
	}
	return s.Tool
}
