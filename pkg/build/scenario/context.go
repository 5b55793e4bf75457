package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// context reads who a scenario is about. Without a context it is the first
// tenant and agent, and the first tool server unless it names another; with one
// it must say tenant and agent.
func (l *loader) context(m, context input.Map, d *Definition, topServer string) {
	d.Server = topServer
	if m.Get("context") == nil {
		if m.Get("mcp_server") == nil && len(l.c.Servers) > 0 {
			d.Server = l.c.Servers[0].Key
		}
		return
	}
	for _, key := range []string{"tenant", "agent"} {
		if context.Get(key) == nil {
			context.Fail(key, "missing")
		}
	}
	d.Context = &Context{
		Tenant:       l.known(context, "tenant", "tenant", l.c.tenantKeys()),
		Agent:        l.known(context, "agent", "agent", l.c.Agents),
		ErrorPattern: context.OneOf("error_pattern", "happy_path", errorPatterns...),
	}
	if server := l.known(context, "mcp_server", "mcp_server", l.c.serverKeys()); server != "" {
		d.Server = server
	}
	d.Context.ErrorRate, d.Context.ErrorStep = 0.1, -1
}

// pattern reads the settings of the error pattern, for a scenario whose steps
// and goal are known.
func (l *loader) pattern(context input.Map, d *Definition) {
	if d.Context == nil {
		return
	}
	x := d.Context
	fails := x.ErrorPattern != "happy_path" && x.ErrorPattern != "none"
	if fails && d.Goal != "" {
		context.Warn("error_pattern", "has no effect beside simulation_goal %s", d.Goal)
	}
	e, ok := context.Map("error_config", errorConfigKeys...)
	if !ok {
		return
	}
	x.ErrorRate = e.Float("rate", 0.1, 0, 1)
	if n := e.Get("step_index"); n != nil && (n.Kind != input.String || name(n.Text()) != "random") {
		x.ErrorStep = l.toolIndex(e, "step_index", d)
	}
	switch {
	case !fails:
		context.Warn("error_config", "has no effect: nothing fails by error_pattern %s", x.ErrorPattern)
	case x.ErrorStep >= 0 && x.ErrorPattern != "single_tool_failure":
		e.Warn("step_index", "has no effect: it is about error_pattern single_tool_failure")
	}
}

// workflow reads the steps of a scenario: those of a workflow of the Config,
// or its own.
func (l *loader) workflow(m, context, plane input.Map, d *Definition) {
	if m.Get("data_plane") != nil && m.Get("context") == nil {
		m.Fail("data_plane", "needs a context with tenant and agent")
	}
	own, hasOwn := l.ownSteps(context, d)
	topic := l.known(context, "workflow", "workflow", l.c.topicNames())
	d.Workflow = l.known(plane, "workflow", "workflow", l.c.workflowNames())
	if w := l.c.Workflow(d.Workflow); w != nil {
		d.Steps = w.Steps
		return
	}
	if d.Workflow == "" {
		d.Workflow = topic
	}
	if hasOwn {
		d.Steps = own
	}
}

// ownSteps reads context.correct_flow.
func (l *loader) ownSteps(context input.Map, d *Definition) ([]Step, bool) {
	return l.listed(context, "correct_flow", d.Server)
}

// listed reads a list of steps, or a mapping that holds it.
func (l *loader) listed(m input.Map, key, server string) ([]Step, bool) {
	n := m.Get(key)
	if n == nil {
		return nil, false
	}
	if n.Kind == input.Mapping {
		inner, _ := n.Map(l.p, flowStepsKeys...)
		if inner.Get("steps") == nil {
			inner.Fail("steps", "missing")
			return nil, false
		}
		n = inner.Get("steps")
	}
	items, ok := n.List(l.p)
	if ok && len(items) == 0 {
		n.Fail(l.p, "no steps; a workflow needs at least one")
	}
	return l.steps(items, l.toolsOf(server)), true
}

// toolsOf lists the tools that a scenario can call: those of its server, or of
// all servers while it names none.
func (l *loader) toolsOf(server string) []string {
	if s := l.c.Server(server); s != nil {
		return s.toolNames()
	}
	return l.allTools()
}

// checkTools checks that the steps which a scenario runs can run: that there is
// a server, and that it has the tools.
func (l *loader) checkTools(m, context, plane input.Map, d *Definition) {
	if d.everyTurnOwn() {
		return // each has been checked
	}
	if d.Server == "" && (m.Get("mcp_server") != nil || context.Get("mcp_server") != nil) {
		return // reported where it is named
	}
	if len(d.Steps) == 0 {
		if plane.Get("workflow") == nil { // else reported where it is named
			l.checkDefault(context.Node.Pos, d)
		}
		return
	}
	if plane.Get("workflow") != nil {
		l.checkSteps(plane.At("workflow"), d.Server, d.Workflow, d.Steps)
		return
	}
	l.checkSteps(context.At("correct_flow"), d.Server, "correct_flow", d.Steps)
}

// checkDefault checks an allowed request that has nothing of its own to run,
// and so runs the default workflow.
func (l *loader) checkDefault(at input.Pos, d *Definition) {
	t := l.c.RequestTemplate(d.Template)
	w := l.c.Workflow(l.c.ControlPlane.DefaultWorkflow)
	if d.Root == nil && d.Context != nil && t != nil && w != nil && l.c.ControlPlane.Flow[t.Outcome].Orchestration {
		l.checkSteps(at, d.Server, w.Name, w.Steps)
	}
}

func (l *loader) checkSteps(at input.Pos, key, workflow string, steps []Step) {
	if !l.names {
		return
	}
	server := l.c.Server(key)
	for _, step := range steps {
		if step.Kind != StepTool {
			continue
		}
		if server == nil {
			l.p.Errorf(at, "workflow %s calls the tool %s, and no mcp_server is named; allowed: %s",
				input.Quote(workflow), input.Quote(step.Tool), strings.Join(l.c.serverKeys(), ", "))
			return
		}
		if !slices.Contains(server.toolNames(), step.Tool) {
			l.p.Errorf(at, "workflow %s: mcp_server %q: %s", input.Quote(workflow), server.Key,
				input.Unknown("tool", step.Tool, server.toolNames()))
		}
	}
}
