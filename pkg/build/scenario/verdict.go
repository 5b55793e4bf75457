package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// verdict is a set of the ways in which a step of a validation can end.
type verdict uint8

// The ways: it passes, it turns the request away by decision, or it fails.
const (
	passes verdict = 1 << iota
	blocks
	fails
)

// anyEnd is what a step can do of which nothing is said.
const anyEnd = passes | blocks | fails

func (v verdict) String() string {
	switch {
	case v&passes != 0:
		return "pass"
	case v&blocks != 0:
		return "block"
	}
	return "fail"
}

// The keys of a step that say how it ends.
const (
	outcomeOfStep = "step.outcome"
	resultOfStep  = "validation.result"
	policySays    = "policy.decision"
	errorsOfStep  = "validation_errors"
)

// claim is what one key of a template says of how a step ends.
type claim struct {
	may verdict
	at  input.Map
	key string
	own bool // written in the template, not taken over from _defaults
}

// verdicts makes the keys of a template agree on how its steps end, and its
// root with its steps. own is the template without what it takes over from
// _defaults: what it says itself wins over that, and is not to contradict
// itself.
func (l *loader) verdicts(t *Template, m, own input.Map, verdictKey string) {
	steps := []*stepEnd{{name: "payload", part: &t.Payload, runs: true}, {name: "policy", part: &t.Policy, runs: t.IncludePolicy},
		{name: "augmentation", part: &t.Augmentation, runs: t.IncludeAugmentation}}
	if verdictKey == responseVerdict {
		steps = steps[1:2]
	}
	for _, s := range steps {
		l.settle(s, m, own)
	}
	if t.ID != defaultsID {
		l.rootFollows(t, m, verdictKey, steps)
	}
}

// stepEnd is a step of a template and how it ends.
type stepEnd struct {
	name string
	part *TemplatePart
	runs bool
	ends verdict // one of them
}

// settle decides how a step ends and makes all that is said of it say so.
func (l *loader) settle(s *stepEnd, m, own input.Map) {
	said := s.part.text(outcomeOfStep)
	if strings.HasPrefix(said, "skip") {
		s.runs, s.ends = false, passes
		return
	}
	may := anyEnd
	list := l.claims(s, m, own)
	if len(list) == 0 {
		s.ends = passes
		return // nothing is said of it, and nothing follows
	}
	for _, mine := range []bool{true, false} {
		for _, c := range list {
			switch {
			case c.own != mine:
			case may&c.may != 0:
				may &= c.may
			case mine:
				c.at.Fail(c.key, "contradicts what else the template says of the step %s: that it will %s", s.name, may)
			}
		}
	}
	s.ends = may & -may // the mildest that is left
	rates, _ := own.Map("error_rate")
	if s.ends == fails && rates.Get(s.name) != nil && s.part.ErrorRate < 1 {
		rates.Warn(s.name, "has no effect: the template says that the step %s fails", s.name)
	}
	s.write(said)
}

// claims lists what a template says of how a step ends.
func (l *loader) claims(s *stepEnd, m, own input.Map) []claim {
	section, _ := m.Map(s.name)
	mine, _ := own.Map(s.name)
	var out []claim
	add := func(key string, may verdict, ok bool) {
		if ok {
			out = append(out, claim{may, section, key, mine.Get(key) != nil})
		}
	}
	ends, ok := map[string]verdict{"pass": passes, "block": blocks, "fail": fails}[s.part.text(outcomeOfStep)]
	add(outcomeOfStep, ends, ok)
	switch s.name {
	case "payload":
		ends, ok = map[string]verdict{"valid": passes, "invalid": fails}[s.part.text(resultOfStep)]
		add(resultOfStep, ends, ok)
		add(errorsOfStep, fails, len(s.part.Errors) > 0)
	case "policy":
		ends, ok = map[string]verdict{"allow": passes | fails, "allow_with_audit": passes | fails, "block": blocks | fails}[s.part.text(policySays)]
		add(policySays, ends, ok)
	}
	if s.part.ErrorRate >= 1 {
		rates, _ := m.Map("error_rate")
		written, _ := own.Map("error_rate")
		out = append(out, claim{fails, rates, s.name, written.Get(s.name) != nil})
	}
	return out
}

// write makes the attributes and the rate of a step say how it ends. said is
// what its outcome was.
func (s *stepEnd) write(said string) {
	if said == "" || said == "pass" || said == "block" || said == "fail" {
		s.part.put(outcomeOfStep, s.ends.String())
	}
	switch {
	case s.ends == fails:
		s.part.ErrorRate = 1
	case s.part.ErrorRate >= 1:
		s.part.ErrorRate = 0
	}
	switch s.name {
	case "payload":
		if s.ends == fails {
			s.part.put(resultOfStep, "invalid")
			return
		}
		s.part.Errors = nil
		s.part.put(resultOfStep, "valid")
		if s.ends == blocks { // it has decided without a result
			s.part.Attributes = slices.DeleteFunc(s.part.Attributes, func(a Attribute) bool { return a.Key == resultOfStep })
		}
	case "policy":
		switch decision := s.part.text(policySays); {
		case s.ends == blocks:
			s.part.put(policySays, "block")
		case s.ends == passes && decision == "block":
			s.part.put(policySays, "allow")
		}
	}
}

// text is the value of an attribute of a step, "" when it has none or one that
// is no text.
func (p *TemplatePart) text(key string) string {
	for _, a := range p.Attributes {
		if a.Key == key && a.Value.Kind == String {
			return strings.TrimSpace(a.Value.Str)
		}
	}
	return ""
}

// put gives a step an attribute, in place of the one that it has.
func (p *TemplatePart) put(key, value string) { p.set(key, Value{Kind: String, Str: value}) }

func (p *TemplatePart) set(key string, v Value) {
	i := slices.IndexFunc(p.Attributes, func(a Attribute) bool { return a.Key == key })
	if i < 0 {
		p.Attributes = append(p.Attributes, Attribute{Key: key, Value: v})
		return
	}
	p.Attributes[i].Value = v
}
