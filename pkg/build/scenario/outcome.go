package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// outcome finds the request validation template of a scenario: named, or
// derived from outcome and reason.
func (l *loader) outcome(m, plane input.Map, d *Definition) {
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

// derived returns the template that an outcome and a reason stand for.
func (l *loader) derived(m, cp input.Map, wanted, reason string) string {
	id, key := wanted, "request_outcome"
	if wanted == outcomes[Blocked] {
		id = "blocked_invalid_context"
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
