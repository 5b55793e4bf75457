package judge

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// compare finds of the copies the one that is most as it should be, and takes what
// is not.
func (s *segment) compare(sent *match.Sent) (*match.Received, error) {
	var got *match.Received
	for i, c := range s.copies {
		right, err := s.asExpected(sent, c)
		if err != nil || right {
			return c, err
		}
		if i == 0 {
			got = c
			s.best = append(s.best[:0], s.diffs...)
		}
	}
	resource, err := s.moved(sent, got, resourcePart)
	if err != nil {
		return nil, err
	}
	scope, err := s.moved(sent, got, scopePart)
	if err != nil {
		return nil, err
	}
	s.alter(sent, got, resource, scope)
	return got, nil
}

// asExpected reports whether a copy is what the rules make of what was sent; s.diffs
// has what is not.
func (s *segment) asExpected(sent *match.Sent, c *match.Received) (bool, error) {
	if !s.run.touches[s.u.Signal] && same(sent, c) {
		return true, nil
	}
	var err error
	if s.diffs, err = s.rules.Differences(s.diffs[:0], sent, c); err != nil {
		return false, err
	}
	if s.u.Exemplars {
		s.diffs = slices.DeleteFunc(s.diffs, func(d rules.Difference) bool { return form.AnyIndex(d.Path) == exemplarTime })
	}
	return len(s.diffs) == 0, nil
}

// exemplarTime is the path of what Unit.Exemplars is about.
const exemplarTime = "exemplars[].time_unix_nano"

// same reports whether a copy means what was sent, all around it included.
func same(sent *match.Sent, got *match.Received) bool {
	return sent.Digest == got.Digest && sent.Resource.Same(got.Resource) && sent.Scope.Same(got.Scope) && sent.Metric.Same(got.Metric)
}

// The parts that an item can move between, by the first name of their fields' paths.
const (
	resourcePart = "resource"
	scopePart    = "scope"
)

// of reports whether a path is of a field of a part.
func of(path, part string) bool {
	rest, ok := strings.CutPrefix(path, part)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// moved reports whether the copy differs in a part because it is under another one
// that the corpus has.
func (s *segment) moved(sent *match.Sent, got *match.Received, part string) (bool, error) {
	differs, ruled := false, false
	for i := range s.best {
		if of(s.best[i].Path, part) {
			differs = true
			ruled = ruled || s.best[i].Rule != nil
		}
	}
	if !differs || s.u.Known == nil {
		return false, nil
	}
	here, there, known := sent.Resource, got.Resource, s.u.Known.Resources
	if part == scopePart {
		here, there, known = sent.Scope, got.Scope, s.u.Known.Scopes
	}
	if there == nil || here != nil && here.Digest == there.Digest {
		return false, nil
	}
	if !ruled && known[there.Digest] {
		return true, nil
	}
	if !s.run.touches[s.u.Signal] {
		return false, nil
	}
	return s.movedByRule(sent, got, part)
}

// movedByRule reports whether a part is what the rules make of another one that
// items of the unit have.
func (s *segment) movedByRule(sent *match.Sent, got *match.Received, part string) (bool, error) {
	tried := make(map[uint64]bool)
	for i := range s.u.Pairs {
		other, trial := s.u.Pairs[i].Sent, *sent
		p := other.Resource
		if part == scopePart {
			trial.Scope, p = other.Scope, other.Scope
		} else {
			trial.Resource = other.Resource
		}
		if p == nil || tried[p.Digest] {
			continue
		}
		tried[p.Digest] = true
		var err error
		if s.diffs, err = s.rules.Differences(s.diffs[:0], &trial, got); err != nil {
			return false, err
		}
		still := false
		for j := range s.diffs {
			still = still || of(s.diffs[j].Path, part)
		}
		if !still {
			return true, nil
		}
	}
	return false, nil
}

// alter counts an item of which the copy differs as s.best says, in its resource or
// scope because it has moved to another one.
func (s *segment) alter(sent *match.Sent, got *match.Received, resource, scope bool) {
	altered := false
	for i := range s.best {
		d := &s.best[i]
		if resource && of(d.Path, resourcePart) || scope && of(d.Path, scopePart) {
			continue
		}
		altered = true
		k := s.key(KindAltered, d.Rule)
		k.field, k.change = form.AnyIndex(d.Path), change(d)
		if len(k.field) > maxText {
			k.field = clip(k.field)
		}
		g := s.groups.group(k)
		if d.After != nil {
			g.becomes(d.After.Text)
		}
		if d.Rule != nil {
			g.wants(d.Want)
		}
		s.found(k, sent, got, func(e *findings.Example) {
			show(e, d)
			if d.Rule != nil && d.Want != "" {
				e.Message = s.name(&sent.Item) + ", want " + clip(d.Want)
				if k.change == Missing {
					e.Message += ", it is missing"
				}
			}
		})
	}
	if altered {
		s.c.Altered++
		return
	}
	s.c.Moved++
	for _, part := range []string{resourcePart, scopePart} {
		if d := s.telling(part); d != nil {
			k := s.key(KindMoved, nil)
			k.field = part
			s.found(k, sent, got, func(e *findings.Example) { show(e, d) })
		}
	}
}

// telling returns the difference of a part that says most about it.
func (s *segment) telling(part string) *rules.Difference {
	var first *rules.Difference
	for i := range s.best {
		d := &s.best[i]
		switch {
		case d.Path == "resource.attributes.service.name" && part == resourcePart, d.Path == "scope.name" && part == scopePart:
			return d
		case of(d.Path, part) && first == nil:
			first = d
		}
	}
	return first
}

// change returns what became of a field.
func change(d *rules.Difference) Change {
	switch {
	case d.Before == nil && d.After == nil:
		return Missing
	case d.Before == nil:
		return Added
	case d.After == nil:
		return Removed
	case d.Rule != nil && *d.Before == *d.After:
		return Kept
	}
	return Changed
}

// show puts a difference into an example.
func show(e *findings.Example, d *rules.Difference) {
	e.Where.Path = clip(d.Path)
	if d.Before == nil || d.After == nil {
		e.Before, e.After = printed(d.Before), printed(d.After)
		return
	}
	before, after := text.Differing(d.Before.Text, d.After.Text, maxText)
	e.Before, e.After = clip(before), clip(after)
	if d.Before.Text == d.After.Text && d.Before.Kind != d.After.Kind {
		e.Before += " (" + kindName(d.Before) + ")"
		e.After += " (" + kindName(d.After) + ")"
	}
}

// printed returns a value as an example has it, "" for none.
func printed(v *form.Value) string {
	if v == nil {
		return ""
	}
	return clip(v.Text)
}

func kindName(v *form.Value) string {
	names := [...]string{"string", "string", "int", "bool", "double", "array", "map", "bytes", "empty"}
	if int(v.Kind) < len(names) {
		return names[v.Kind]
	}
	return "unknown kind"
}
