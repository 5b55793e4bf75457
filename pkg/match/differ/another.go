package differ

import (
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/match"
)

// scenarioPath is the path of what differs since the sides ran different scenarios.
const scenarioPath = "scenario"

// another reports whether the two sides ran scenarios of different names, so that
// what their traces have in common is by chance.
func (t *taken) another() bool {
	return t.scenarios[0] != "" && t.scenarios[1] != "" && t.scenarios[0] != t.scenarios[1]
}

// takeAnother counts a trace of which the sides ran different scenarios, as that.
func (t *taken) takeAnother() {
	var n [numKinds]uint64
	var first [numKinds]*match.Item
	add := func(k Kind, item *match.Item) {
		if n[k]++; first[k] == nil {
			first[k] = item
		}
	}
	for i := range t.Pairs {
		p := &t.Pairs[i]
		switch {
		case len(p.Copies) == 0:
			add(OnlyA, &p.Sent.Item)
		case len(t.changes(&p.Sent.Item, &p.Copies[0].Item)) > 0:
			add(Changed, &p.Sent.Item)
		}
		for _, extra := range p.Copies[min(1, len(p.Copies)):] {
			add(OnlyB, &extra.Item)
		}
	}
	for _, m := range t.MadeUp {
		add(OnlyB, &m.Item)
	}
	c := change{path: scenarioPath, before: text.Quote(t.scenarios[0], maxValue), after: text.Quote(t.scenarios[1], maxValue)}
	for kind := range numKinds {
		if n[kind] > 0 {
			t.size = n[kind]
			t.totals[t.Signal][kind] += n[kind]
			t.count(groupKey{kind: kind, signal: t.Signal, scenario: t.scenario(kind), path: scenarioPath}, first[kind], c, 0, n[kind])
		}
	}
}
