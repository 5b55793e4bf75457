package rules

import (
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// quick decides of most items that they are exactly what rules make of them, without
// taking them apart into fields: the digest of what is expected is that of what was
// sent, less what rules take, plus what they put. Where it says no, fields say why,
// or that it is as expected nevertheless.
type quick struct {
	scan  *form.Scan // of what was sent, as the operations change it
	sum   form.Sum
	hit   []bool
	edits []edit   // fields
	bytes []byte   // of attributes that were made
	text  []byte   // scratch
	hash  []byte   // likewise
	got   view     // the copy, where rules allow it more than one thing
	alike partsMet // resources, scopes and metrics
	diffs []Difference
}

// edit is a field that an operation has changed, and what it adds to the sum.
type edit struct {
	name string
	sum  uint64
}

// plan is what rules make of an item.
type plan struct {
	made  bool
	only  bool   // fields tell
	steps uint64 // that hold, bit 1<<i for each
	item  uint64 // expected digest, without what is free
}

// partsMet are pairs of parts that were compared by their fields, by what was sent,
// what arrived and the steps that hold.
type partsMet map[metParts]bool

type metParts struct {
	sent, got, steps uint64
	level            level
}

const maxPartsMet = 1 << 14

// quickly reports whether a copy is as expected, as far as that can be told quickly.
func (s *Segment) quickly(v *view, got *match.Item) bool {
	if s.rules.shortcuts.many || v.item.Message != got.Message {
		return false
	}
	if !v.plan.made {
		v.plan = s.makePlan(v)
	}
	p := &v.plan
	if p.only || v.err != nil {
		return false
	}
	if p.steps&s.rules.shortcuts.free != 0 {
		if !s.leaves(p, v, got) {
			return false
		}
	} else if p.item != got.Digest {
		return false
	}
	at := &s.rules.shortcuts.at
	return s.sameParts(v, got, levelResource, p.steps&at[levelResource], v.item.Resource, got.Resource) &&
		s.sameParts(v, got, levelScope, p.steps&at[levelScope], v.item.Scope, got.Scope) &&
		s.sameParts(v, got, levelMetric, p.steps&at[levelMetric], v.item.Metric, got.Metric)
}

// makePlan finds out what rules make of an item.
func (s *Segment) makePlan(v *view) plan {
	p := plan{made: true}
	for i := range s.rules.steps {
		if s.rules.steps[i].where.holds(v) {
			p.steps |= 1 << i
		}
	}
	for i := range s.rules.metrics {
		p.only = p.only || s.rules.metrics[i].where.holds(v)
	}
	p.only = p.only || p.steps&s.rules.shortcuts.none != 0
	p.item = v.item.Digest
	if p.only || p.steps&s.rules.shortcuts.at[levelItem] == 0 {
		return p
	}
	q := &s.quick
	if !q.begin(v) {
		p.only = true
		return p
	}
	v.seen = unseen // the operations change what was seen
	q.hit = s.scheme.hit
	for i := range s.rules.steps {
		if p.steps&(1<<i) == 0 {
			continue
		}
		for j := range s.rules.steps[i].ops {
			if o := &s.rules.steps[i].ops[j]; o.levels.has(levelItem) && !q.apply(o, v.item.Message) {
				p.only = true
				return p
			}
		}
	}
	p.item = q.sum.Digest()
	return p
}

// begin takes an item; false where it is not plain.
func (q *quick) begin(v *view) bool {
	if !v.outside() {
		return false
	}
	q.scan, q.sum = &v.scan, form.NewSum(v.item.Message, v.item.Digest)
	q.edits, q.bytes = q.edits[:0], q.bytes[:0]
	for i := range q.scan.Attributes {
		if !q.scan.Attributes[i].Plain {
			return false
		}
	}
	return true
}

// leaves reports whether a copy is what is expected without what is free, and what has
// to be there with any value is there.
func (s *Segment) leaves(p *plan, v *view, got *match.Item) bool {
	q := &s.quick
	q.got.set(v.signal, got, &s.parts)
	if !q.begin(&q.got) {
		return false
	}
	for i := range s.rules.steps {
		if p.steps&s.rules.shortcuts.free&(1<<i) == 0 {
			continue
		}
		for j := range s.rules.steps[i].ops {
			o := &s.rules.steps[i].ops[j]
			if o.kind != opAny && o.kind != opMaybe || !o.levels.has(levelItem) {
				continue
			}
			if there, ok := q.release(o, got.Message); !ok || o.kind == opAny && !there {
				return false
			}
		}
	}
	return q.sum.Digest() == p.item
}

// sameParts reports whether a part that arrived is what steps make of the one that was
// sent. Many items share them: each two are compared by their fields once.
func (s *Segment) sameParts(v *view, item *match.Item, l level, steps uint64, sent, got *match.Part) bool {
	if steps == 0 {
		return sent.Same(got)
	}
	if sent == nil || got == nil {
		return false
	}
	k := metParts{sent.Digest, got.Digest, steps, l}
	same, ok := s.quick.alike[k]
	if !ok {
		var err error
		s.quick.diffs, err = s.compare(s.quick.diffs[:0], v, item, 1<<l)
		same = err == nil && len(s.quick.diffs) == 0
		if s.quick.alike == nil || len(s.quick.alike) >= maxPartsMet {
			s.quick.alike = make(partsMet)
		}
		s.quick.alike[k] = same
	}
	return same
}
