package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// defaultResponse is the response validation template of scenarios that name
// none.
const defaultResponse = "allowed"

// blockedAlone is the template of a request that is blocked for no reason given.
const blockedAlone = "blocked_invalid_context"

// outcome finds the validation templates of a scenario: that of the request is
// named, or derived from outcome and reason. goalAt is where the simulation
// goal stands.
func (l *loader) outcome(m, plane, goalAt input.Map, d *Definition) {
	cp, _ := m.Map("control_plane", requestPlaneKeys...)
	wanted := cp.OneOf("request_outcome", outcomes[Allowed], outcomes...)
	reason := strings.ReplaceAll(name(cp.Str("block_reason", "")), "-", "_")
	ids := l.c.requestTemplateIDs()
	const what = "request validation template"
	switch {
	case cp.Get("template") != nil:
		d.Template = l.known(cp, "template", what, ids)
	case plane.Get("control_plane_template") != nil:
		d.Template = l.known(plane, "control_plane_template", what, ids)
	default:
		d.Template = l.derived(m, cp, wanted, reason)
	}
	t := l.c.RequestTemplate(d.Template)
	if t != nil {
		if cp.Get("request_outcome") != nil && wanted != outcomes[t.Outcome] {
			cp.Warn("request_outcome", "has no effect: template %q says %s", t.ID, outcomes[t.Outcome])
		}
		if cp.Get("block_reason") != nil && t.Outcome != Blocked {
			cp.Warn("block_reason", "has no effect: the request is not blocked")
		}
	}
	l.response(cp, goalAt, t, d)
	d.PolicyException = l.exception(cp, "policy_exception")
	if e := d.PolicyException; e != nil && t != nil && t.Policy.Exception != nil {
		if e.Type == "" {
			e.Type = t.Policy.Exception.Type
		}
		if e.Message == "" {
			e.Message = t.Policy.Exception.Message
		}
	}
}

// response reads the response validation template, and warns of what belongs
// to parts that a request with the template t does not have.
func (l *loader) response(cp, goalAt input.Map, t *Template, d *Definition) {
	d.ResponseTemplate = defaultResponse
	if id := l.known(cp, "response_template", "response validation template", l.c.responseTemplateIDs()); id != "" {
		d.ResponseTemplate = id
	}
	if t == nil {
		return
	}
	flow := l.c.ControlPlane.Flow[t.Outcome]
	if cp.Get("response_template") != nil && !flow.Response {
		cp.Warn("response_template", "has no effect: a request with the template %q has no response validation", t.ID)
	}
	if d.Goal != "" && !flow.Orchestration {
		goalAt.Warn("simulation_goal", "has no effect: a request with the template %q runs nothing", t.ID)
	}
}

// derived returns the template that an outcome and a reason stand for.
func (l *loader) derived(m, cp input.Map, wanted, reason string) string {
	id, key := wanted, "request_outcome"
	if wanted == outcomes[Blocked] {
		id = blockedAlone
		if reason != "" {
			id, key = "blocked_"+reason, "block_reason"
		}
	}
	if !l.names || l.c.RequestTemplate(id) != nil {
		return id
	}
	text := input.Unknown("request validation template", id, l.c.requestTemplateIDs())
	if cp.Get(key) != nil {
		cp.Fail(key, "%s", text)
	} else {
		m.Fail("control_plane", "%s", text)
	}
	return ""
}
