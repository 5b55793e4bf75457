package rules

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// Segment applies rules to the units of one segment. It is used by one goroutine.
// What its methods return is valid until the next Unit.
type Segment struct {
	rules   *Rules
	routes  []int // by route: its output, -1: there is none
	unit    *match.Unit
	touched bool
	at      int // the pair that was asked about last
	wants   []Want
	views   []view
	parts   parts
	left    []int // what filters left of the unit
	faults  []Fault
	scheme  scheme
	got     view
	fields  []form.Field // of the copy
	sampled shares
	groups  map[string]*group
	quick   quick
}

// Begin returns a Segment for outputs of these names, in the order of match.Options.
func (r *Rules) Begin(outputs []string) *Segment {
	s := &Segment{rules: r, scheme: scheme{hit: make([]bool, len(r.all))}}
	for _, t := range r.routes {
		s.routes = append(s.routes, slices.Index(outputs, t.to))
	}
	return s
}

// Unit takes the next unit: what the methods below are asked about.
func (s *Segment) Unit(u *match.Unit) error {
	s.unit, s.touched = u, s.rules.Touches(u.Signal)
	s.wants, s.faults = s.wants[:0], s.faults[:0]
	for range u.Pairs {
		s.wants = append(s.wants, Want{Output: -1})
	}
	s.at = 0
	if !s.touched {
		return nil
	}
	for len(s.views) < len(u.Pairs) {
		s.views = append(s.views, view{})
	}
	for i := range u.Pairs {
		v := &s.views[i]
		v.set(u.Signal, &u.Pairs[i].Sent.Item, &s.parts)
		s.filter(v, &s.wants[i])
		s.route(v, &s.wants[i])
	}
	s.sampleUnit(u)
	s.aggregate(u)
	for i := range u.Pairs {
		if err := s.views[i].err; err != nil {
			return fmt.Errorf("an item that was sent: %w", err)
		}
	}
	return nil
}

// filter applies the rules that drop items.
func (s *Segment) filter(v *view, w *Want) {
	w.Rule = s.first(s.rules.drops, func(c *condition) bool { return c.holds(v) })
	w.Absent = w.Rule != nil
}

// first returns the rule of the first clause that holds, nil when none does. All that
// hold are noted.
func (s *Segment) first(of []clause, holds func(*condition) bool) (rule *Rule) {
	for i := range of {
		if holds(of[i].where) {
			s.scheme.hit[of[i].rule.id] = true
			rule = cmp.Or(rule, of[i].rule)
		}
	}
	return rule
}

// route applies the first rule of route that matches.
func (s *Segment) route(v *view, w *Want) {
	for i, t := range s.rules.routes {
		if t.where.holds(v) {
			s.scheme.hit[t.rule.id] = true
			w.Output, w.Route = s.routes[i], t.rule
			return
		}
	}
}

// Want returns what should have become of the unit's pair i. An item that should be
// there and is not is lost, as without rules; one that should not be there and is,
// was not dropped: a finding of Rule.
func (s *Segment) Want(i int) Want { return s.wants[i] }

// Differences appends how a copy differs from what the rules make of the item that was
// sent, resource, scope and metric included. None: it is as expected. The values share
// memory with the Segment until the next Unit or, of the copy, until the next call.
func (s *Segment) Differences(dst []Difference, sent *match.Sent, got *match.Received) ([]Difference, error) {
	differ := differing(&sent.Item, &got.Item)
	if !s.touched && differ == 0 {
		return dst, nil
	}
	v := s.view(sent)
	if s.touched && s.quickly(v, &got.Item) {
		return dst, nil
	}
	levels := differ | s.changed(v)
	if levels == 0 && v.err == nil {
		return dst, nil
	}
	return s.compare(dst, v, &got.Item, levels)
}

// compare appends how a copy differs at some levels from what the rules make of the item.
func (s *Segment) compare(dst []Difference, v *view, got *match.Item, levels levelSet) ([]Difference, error) {
	s.scheme.load(v, levels)
	s.run(v, levels)
	s.scheme.sorted()
	s.got.set(v.signal, got, &s.parts)
	s.fields = s.fields[:0]
	for _, l := range fieldLevels {
		if levels.has(l) {
			s.fields = append(s.fields, s.got.at(l)...)
		}
	}
	slices.SortFunc(s.fields, byPath)
	if v.err != nil {
		return dst, fmt.Errorf("an item that was sent: %w", v.err)
	}
	if s.got.err != nil {
		return dst, fmt.Errorf("an item that was received: %w", s.got.err)
	}
	return s.scheme.compare(dst, s.fields), nil
}

// view returns the view of an item of the unit.
func (s *Segment) view(sent *match.Sent) *view {
	if s.touched {
		n := len(s.unit.Pairs)
		for i := range n {
			if at := (s.at + i) % n; s.unit.Pairs[at].Sent == sent {
				s.at = at
				return &s.views[at]
			}
		}
	}
	v := &view{}
	v.set(sent.Signal, &sent.Item, &s.parts)
	return v
}

// changed returns the levels that rules change of the item.
func (s *Segment) changed(v *view) (levels levelSet) {
	for i := range s.rules.steps {
		if t := &s.rules.steps[i]; t.where.holds(v) {
			levels |= t.levels
		}
	}
	for i := range s.rules.metrics {
		if s.rules.metrics[i].where.holds(v) {
			levels |= 1<<levelItem | 1<<levelMetric
		}
	}
	return levels
}

// run makes the scheme what rules make of the item at some levels.
func (s *Segment) run(v *view, levels levelSet) {
	for i := range s.rules.steps {
		t := &s.rules.steps[i]
		if !t.where.holds(v) {
			continue
		}
		s.scheme.done = s.scheme.done[:0]
		for i := range t.ops {
			if o := &t.ops[i]; o.levels&levels != 0 {
				s.scheme.apply(o)
			}
		}
	}
	if !levels.has(levelItem) {
		return
	}
	for i := range s.rules.metrics {
		if m := &s.rules.metrics[i]; m.where.holds(v) {
			m.apply(&s.scheme)
		}
	}
}

// differing returns the levels at which two items differ.
func differing(a, b *match.Item) (levels levelSet) {
	if a.Digest != b.Digest || a.Message != b.Message {
		levels |= 1 << levelItem
	}
	for _, l := range []struct {
		level level
		a, b  *match.Part
	}{{levelResource, a.Resource, b.Resource}, {levelScope, a.Scope, b.Scope}, {levelMetric, a.Metric, b.Metric}} {
		if !l.a.Same(l.b) {
			levels |= 1 << l.level
		}
	}
	return levels
}

// Expects returns the rule by which an item that was never sent is expected
// (`expect_new`, or the sum of points that were aggregated), nil when there is none.
func (s *Segment) Expects(made *match.Received) (*Rule, error) {
	if !s.touched {
		return nil, nil
	}
	s.got.set(made.Signal, &made.Item, &s.parts)
	rule := s.first(s.rules.expected, func(c *condition) bool { return c.holds(&s.got) })
	if rule == nil {
		rule = s.aggregated(&s.got)
	}
	return rule, s.got.err
}

// Faults returns what is wrong with the unit as a whole: a trace that was sampled in
// part.
func (s *Segment) Faults() []Fault { return s.faults }

func partial(arrived, of int) string {
	return fmt.Sprintf("%s of %s arrived: sampling takes whole traces", text.Grouped(arrived), text.Counted(of, "item"))
}
