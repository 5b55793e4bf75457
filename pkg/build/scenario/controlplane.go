package scenario

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// controlPlane reads the control_plane section; its durations are read by
// latencies.
func (l *loader) controlPlane(m input.Map) {
	section, _ := m.Map("control_plane", controlKeys...)
	cp := &l.c.ControlPlane
	cp.DefaultWorkflow = l.known(section, "default_data_plane_workflow", "workflow", l.c.workflowNames())
	if cp.DefaultWorkflow == "" && len(l.c.Workflows) > 0 {
		cp.DefaultWorkflow = l.c.Workflows[0].Name
	}
	cp.Flow = l.flow(section)
	requests, _ := section.Map("request_validation_templates")
	cp.RequestTemplates = l.templates(requests, "request.outcome", requestKeys, rateKeys)
	responses, _ := section.Map("response_validation_templates")
	cp.ResponseTemplates = l.templates(responses, "response.outcome", responseKeys, responseRates)
	cp.RequestScenarios = l.requestScenarios(section)
}

func (l *loader) flow(section input.Map) [3]Flow {
	out := [3]Flow{Allowed: {Request: true, Orchestration: true, Response: true}, Blocked: {Request: true}, Failed: {Request: true}}
	flow, _ := section.Map("trace_flow", flowKeys...)
	for i, key := range outcomes {
		if !flow.Has(key) {
			continue
		}
		out[i] = Flow{}
		for _, item := range flow.List(key) {
			s, ok := item.Str(l.p)
			if !ok {
				continue
			}
			switch at := slices.Index(flowParts, name(s)); at {
			case 0:
				out[i].Request = true
			case 1:
				out[i].Orchestration = true
			case 2:
				out[i].Response = true
			default:
				item.Fail(l.p, "%s", input.Unknown("part of a request", s, flowParts))
			}
		}
		if len(flow.List(key)) == 0 {
			flow.Fail(key, "no parts; a request has at least one of %s", "incoming_validation, data_plane, response_validation")
		}
	}
	return out
}

func (l *loader) requestScenarios(section input.Map) []RequestScenario {
	entries, _ := section.Map("request_scenarios")
	var out []RequestScenario
	for _, e := range entries.Entries() {
		m, ok := e.Value.Map(l.p, registeredKeys...)
		if !ok {
			continue
		}
		if m.Get("template") == nil {
			m.Fail("template", "missing")
		}
		out = append(out, RequestScenario{
			Name:        e.Key,
			Template:    l.known(m, "template", "request validation template", l.c.requestTemplateIDs()),
			Description: m.Str("description", ""),
			Weight:      l.weight(m),
			Pos:         e.Pos,
		})
	}
	return out
}

// weight reads workload_weight: how much more often than others a scenario is
// picked. Zero and less mean never.
func (l *loader) weight(m input.Map) float64 {
	return max(0, m.Float("workload_weight", 1, -maxNumber, maxNumber))
}
