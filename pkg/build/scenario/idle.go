package scenario

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// minRandomBits is how many random bits keep the ids of a long run apart: with
// 48 two of a million are alike once in 500 runs.
const minRandomBits = 48

// weakIDs warns of formats of ids that will repeat, and of one for
// conversations that is not that of sessions, whose ids they take.
func (l *loader) weakIDs(formats input.Map, f IDFormats) {
	for _, key := range []string{"session_id", "request_id", "mcp_tool_call_id"} {
		n := formats.Get(key)
		if n == nil || n.Kind != input.String {
			continue
		}
		if bits := randomBits(n.Text()); bits < minRandomBits {
			n.Warn(l.p, "%d random bits: ids will be there twice; have at least %d, such as {hex:12}", bits, minRandomBits)
		}
	}
	if f.Conversation != "" && f.Session != "" && f.Conversation != f.Session {
		formats.Warn("conversation_id", "has no effect: a conversation has the id of its session; leave it out, or say %q as session_id does", f.Session)
	}
}

// randomBits counts the random bits of ids of a format.
func randomBits(format string) int {
	bits := 0
	for _, found := range placeholder.FindAllStringSubmatch(format, -1) {
		switch digits, err := strconv.Atoi(found[2]); {
		case found[1] == "hex" && err == nil:
			bits += 4 * digits
		case found[1] == "uuid":
			bits += 122
		}
	}
	return bits
}

// idleParts warns of what a template says of steps to no effect. own is the
// template as it is written, without its defaults.
func (l *loader) idleParts(own input.Map, t *Template) {
	if root, ok := own.Map("root"); ok && t.Outcome != Failed {
		for _, key := range []string{"error.type", "error.category"} {
			if root.Get(key) != nil {
				root.Warn(key, "has no effect: the outcome is no error")
			}
		}
	}
	for _, x := range []struct {
		key     string
		part    *TemplatePart
		left    bool // the step is left out
		because string
	}{
		{"payload", &t.Payload, false, ""},
		{"policy", &t.Policy, !t.IncludePolicy, "include_policy is false"},
		{"augmentation", &t.Augmentation, !t.IncludeAugmentation, "include_augmentation is false"},
	} {
		if own.Get(x.key) == nil || own.Get(x.key).Kind != input.Mapping {
			continue
		}
		section, _ := own.Map(x.key)
		switch {
		case x.left:
			own.Warn(x.key, "has no effect: %s", x.because)
		case x.part.skipped():
			if n := len(section.Entries()); n > 1 {
				own.Warn(x.key, "all but step.outcome has no effect: a step that is skipped leaves no span")
			}
		case !x.part.mayFail():
			for _, key := range []string{"error.type", "error.category", "exception"} {
				if section.Get(key) != nil {
					section.Warn(key, "has no effect: the step does not fail")
				}
			}
		}
	}
}

func (p *TemplatePart) skipped() bool { return strings.HasPrefix(p.word("step.outcome"), "skip") }

// mayFail reports whether a step can fail, by any of the ways to say so.
func (p *TemplatePart) mayFail() bool {
	return p.ErrorRate > 0 || len(p.Errors) > 0 || p.word("step.outcome") == "fail" || p.word("validation.result") == "invalid"
}

// word returns the text of an attribute, "" when it has none.
func (p *TemplatePart) word(key string) string {
	i := slices.IndexFunc(p.Attributes, func(a Attribute) bool { return a.Key == key })
	if i < 0 {
		return ""
	}
	return p.Attributes[i].Value.Str
}

// added are the attributes of resources that each request gives anew, in any
// namespace.
var added = []string{"tenant.id", "session.id"}

// idleResource warns of an attribute that is given per request.
func (l *loader) idleResource(e input.Entry) {
	_, bare, _ := strings.Cut(e.Key, ".")
	if slices.Contains(added, e.Key) || slices.Contains(added, bare) {
		e.Value.Warn(l.p, "has no effect: each request gives its own")
	}
}

// hidden warns of request scenarios of the Config that differ from the file
// which takes their place.
func (l *loader) hidden(defs []Definition) {
	for i := range defs {
		for _, r := range l.c.ControlPlane.RequestScenarios {
			if d := &defs[i]; r.Name == d.Name && (r.Weight != d.Weight || r.Template != d.Template) {
				l.p.Warnf(r.Pos, "request scenario %s: has no effect: %s defines it, with workload_weight %v and template %s",
					input.Quote(r.Name), d.Pos.File, d.Weight, input.Quote(d.Template))
			}
		}
	}
}

// WarnUnused warns of validation templates that no scenario uses, neither the
// given ones nor those of the Config. Templates that an outcome alone stands for
// need no use.
func WarnUnused(c *Config, defs []Definition, p *input.Problems) {
	requests := map[string]bool{outcomes[Allowed]: true, blockedAlone: true, outcomes[Failed]: true}
	responses := map[string]bool{defaultResponse: true}
	for i := range defs {
		requests[defs[i].Template] = true
		responses[defs[i].ResponseTemplate] = true
	}
	for _, r := range c.ControlPlane.RequestScenarios {
		requests[r.Template] = true
	}
	warn := func(what string, list []Template, used map[string]bool) {
		for i := range list {
			if !used[list[i].ID] {
				p.Warnf(list[i].Pos, "%s %s: no scenario uses it", what, input.Quote(list[i].ID))
			}
		}
	}
	warn("request validation template", c.ControlPlane.RequestTemplates, requests)
	warn("response validation template", c.ControlPlane.ResponseTemplates, responses)
}
