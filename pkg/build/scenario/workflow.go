package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// stepWords are the fixed steps of workflows; any other step is a tool.
var stepWords = map[string]StepKind{
	"planner": StepPlanner, "planning": StepPlanner,
	"task": StepLLM, "task_execute": StepLLM, "task.execute": StepLLM,
	"tools_recommend": StepToolsRecommend, "tools.recommend": StepToolsRecommend,
	"response_compose": StepCompose, "response": StepCompose,
}

// stepNames are the words of stepWords that messages offer.
var stepNames = []string{"planner", "task", "tools_recommend", "response_compose"}

// defaultErrors are the error templates of goals that a Config leaves out.
var defaultErrors = []ErrorTemplate{
	{Goal: "happy_path"},
	{Goal: "4xx_invalid_arguments", ErrorType: "invalid_arguments", HTTPStatusCodes: []int64{400, 404, 422}},
	{Goal: "wrong_division", ErrorType: "tool_error"},
	{Goal: "partial_workflow", ErrorType: "tool_error"},
	{Goal: "ungrounded_response", ErrorType: "unavailable"},
}

// realistic reads divisions, error templates and workflows.
func (l *loader) realistic(m input.Map) {
	section, _ := m.Map("realistic_scenarios", realisticKeys...)
	divisions, _ := section.Map("divisions")
	taken := make(map[string]input.Pos)
	for _, e := range divisions.Entries() {
		if e.Value.Kind == input.Null {
			divisions.Fail(e.Key, "missing; want the key of an mcp_server")
		}
		server := l.known(divisions, e.Key, "mcp_server", l.c.serverKeys())
		if l.unique(taken, "division", name(e.Key), e.Pos) {
			l.c.Divisions = append(l.c.Divisions, Division{Name: name(e.Key), Server: server})
		}
	}
	l.c.ErrorTemplates = l.errorTemplates(section)
	workflows, _ := section.Map("workflow_templates")
	for _, e := range workflows.Entries() {
		items, ok := e.Value.List(l.p)
		if ok && len(items) == 0 {
			workflows.Fail(e.Key, "no steps; a workflow needs at least one")
		}
		l.c.Workflows = append(l.c.Workflows, Workflow{Name: e.Key, Steps: l.steps(items, l.allTools())})
	}
}

func (l *loader) errorTemplates(section input.Map) []ErrorTemplate {
	out := append([]ErrorTemplate(nil), defaultErrors...)
	templates, _ := section.Map("error_templates")
	for _, e := range templates.Entries() {
		t, ok := e.Value.Map(l.p, errorKeys...)
		if !ok {
			continue
		}
		at := -1
		for i := range out {
			if out[i].Goal == name(e.Key) {
				at = i
			}
		}
		if at < 0 {
			l.p.Errorf(e.Pos, "%s", input.Unknown("simulation goal", e.Key, goals))
			continue
		}
		if name(e.Key) == "happy_path" && len(t.Entries()) == 0 {
			continue
		}
		out[at] = ErrorTemplate{Goal: name(e.Key), ErrorType: t.OneOf("error_type", "tool_error", errorTypes...)}
		for _, code := range t.List("http_status_codes") {
			if v, ok := code.Int(l.p); ok && (v < 100 || v > 599) {
				code.Fail(l.p, "%d is not an HTTP status", v)
			} else if ok {
				out[at].HTTPStatusCodes = append(out[at].HTTPStatusCodes, v)
			}
		}
	}
	return out
}

// allTools lists the tools of all servers.
func (l *loader) allTools() []string {
	var names []string
	for i := range l.c.Servers {
		names = append(names, l.c.Servers[i].toolNames()...)
	}
	return names
}

// steps reads a list of steps, of which those that are no fixed word must be
// one of tools.
func (l *loader) steps(items []*input.Node, tools []string) []Step {
	var out []Step
	var nodes []*input.Node
	add := func(s Step, n *input.Node) { out, nodes = append(out, s), append(nodes, n) }
	for _, item := range items {
		s, ok := item.Str(l.p)
		if !ok {
			continue
		}
		if kind, ok := stepWords[name(s)]; ok {
			add(Step{Kind: kind, Pos: item.Pos}, item)
			continue
		}
		if strings.TrimSpace(s) == "" {
			item.Fail(l.p, "empty")
			continue
		}
		if tool := l.tool(s, tools); tool != "" {
			add(Step{Kind: StepTool, Tool: tool, Pos: item.Pos}, item)
			continue
		}
		item.Fail(l.p, "%s", input.Unknown("step or tool", strings.TrimSpace(s), append(append([]string(nil), stepNames...), tools...)))
	}
	l.inOrder(out, nodes)
	return out
}

// tool finds a tool by name: exactly, else in any case.
func (l *loader) tool(s string, tools []string) string {
	s = strings.TrimSpace(s)
	if !l.names {
		return s
	}
	for _, tool := range tools {
		if tool == s {
			return tool
		}
	}
	for _, tool := range tools {
		if strings.EqualFold(tool, s) {
			return tool
		}
	}
	return ""
}
