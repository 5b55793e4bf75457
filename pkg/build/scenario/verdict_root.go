package scenario

import "github.com/otelsim/otelsim/pkg/build/input"

// The attributes of a root that say how a validation ends.
const (
	requestVerdict  = "request.outcome"
	responseVerdict = "response.outcome"
	reasonOfBlock   = "block.reason"
)

// rootFollows holds the root of a template against its steps: what lets a
// request in has no step that stops it, what turns it away says why, and what
// a policy wants looked at is flagged.
func (l *loader) rootFollows(t *Template, m input.Map, verdictKey string, steps []*stepEnd) {
	root, _ := m.Map("root")
	stopped := map[string]bool{}
	for _, s := range steps {
		if !s.runs || s.ends == passes {
			continue
		}
		stopped[s.name] = true
		switch {
		case t.Outcome != Allowed:
		case root.Get(verdictKey) == nil:
			t.Outcome = Blocked // as it follows
		default:
			root.Fail(verdictKey, "is allowed, and the step %s will %s; say blocked or error", s.name, s.ends)
			return
		}
	}
	if t.Outcome == Blocked {
		l.reason(t, root, verdictKey, stopped)
	} else if t.Root.text(reasonOfBlock) != "" {
		root.Fail(reasonOfBlock, "is about blocked requests, and this one ends as %s", t.Outcome)
	}
	if t.Outcome == Allowed && t.IncludePolicy {
		l.flag(t, root, verdictKey)
	}
}

// reason checks why a request is turned away against the step that did, and
// takes it from there when the template does not say.
func (l *loader) reason(t *Template, root input.Map, verdictKey string, stopped map[string]bool) {
	usual := "rate_limited"
	switch {
	case verdictKey == responseVerdict:
		usual = "response_policy"
	case stopped["payload"]:
		usual = "invalid_payload"
	case stopped["policy"]:
		usual = "request_policy"
	case stopped["augmentation"]:
		usual = "invalid_context"
	}
	fits := true
	switch said := t.Root.text(reasonOfBlock); said {
	case "":
		t.Root.put(reasonOfBlock, usual)
	case "invalid_payload":
		fits = stopped["payload"]
	case "request_policy", "response_policy":
		fits = stopped["policy"]
	case "invalid_context":
		fits = stopped["augmentation"]
	case "rate_limited":
		fits = len(stopped) == 0
	}
	if !fits {
		root.Fail(reasonOfBlock, "the steps of the template say otherwise: by them it is %s", usual)
	}
}

// flag makes the audit flag of what was let in agree with its policy.
func (l *loader) flag(t *Template, root input.Map, verdictKey string) {
	noun := verdictKey[:len(verdictKey)-len("outcome")]
	flag, source := noun+"audit.flag", noun+"audit.source"
	asked := t.Policy.text(policySays) == "allow_with_audit"
	said, flagged := false, false
	for _, a := range t.Root.Attributes {
		if a.Key == flag {
			said, flagged = true, a.Value.Kind == Bool && a.Value.Bool
		}
	}
	switch {
	case said && flagged != asked:
		root.Fail(flag, "is %t, and the decision of the policy is %s", flagged, input.Quote(t.Policy.text(policySays)))
		return
	case asked && !said:
		t.Root.set(flag, Value{Kind: Bool, Bool: true})
	}
	if asked && t.Root.text(source) == "" {
		t.Root.put(source, "policy")
	}
}
