// Package coverage states how much of a registry a corpus has: which types of spans,
// metrics, events, entities, attributes and members of enumerations were seen in it,
// and which were not.
//
//	counted := coverage.Of(registry, conventions)
//	seen := counted.Seen()                          // one for each worker
//	seen.Traces(record)
//	seen.Join(ofAnotherWorker)
//	fmt.Println(seen.Report().Spans.Unseen)
//
// It judges nothing: what a registry has and a corpus lacks is no fault of either.
package coverage

import (
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/registry"
)

// Report says what of a registry was seen. Deprecated definitions are not counted. In
// JSON no field is ever renamed or removed.
type Report struct {
	Spans      Part   `json:"spans"`      // types of spans, as the corpus says of its services
	Metrics    Part   `json:"metrics"`    // by name
	Events     Part   `json:"events"`     // of log records and of spans, by name
	Entities   Part   `json:"entities"`   // types of entities: a resource has all that tells one
	Attributes Part   `json:"attributes"` // by key, wherever they are; of a template, any
	Members    Part   `json:"members"`    // of enumerations, as KEY=VALUE
	Levels     Levels `json:"levels"`     // attributes of the signals that were seen
}

// Levels are the attributes that a signal or an entity has in the registry, of those
// that were seen, by how much they are asked for: as NAME KEY.
type Levels struct {
	Required              Part `json:"required"`
	ConditionallyRequired Part `json:"conditionally_required"`
	Recommended           Part `json:"recommended"`
	OptIn                 Part `json:"opt_in"`
}

// Part is one kind of definitions.
type Part struct {
	Defined int      `json:"defined"` // how many there are
	Seen    int      `json:"seen"`    // how many of them were seen
	Unseen  []string `json:"unseen"`  // the others, in byte order, never nil, fit for a terminal
}

// add counts a definition.
func (p *Part) add(seen bool, name func() string) {
	p.Defined++
	if seen {
		p.Seen++
	} else {
		p.Unseen = append(p.Unseen, text.Clean(name()))
	}
}

// parts are the kinds of definitions.
func (r *Report) parts() []*Part {
	l := &r.Levels
	return []*Part{
		&r.Spans, &r.Metrics, &r.Events, &r.Entities, &r.Attributes, &r.Members,
		&l.Required, &l.ConditionallyRequired, &l.Recommended, &l.OptIn,
	}
}

// Report says what was seen until now.
func (s *Seen) Report() *Report {
	r := &Report{}
	for _, p := range r.parts() {
		p.Unseen = []string{}
	}
	levels := [...]*Part{
		registry.Required: &r.Levels.Required, registry.ConditionallyRequired: &r.Levels.ConditionallyRequired,
		registry.Recommended: &r.Levels.Recommended, registry.OptIn: &r.Levels.OptIn,
	}
	kinds := [numKinds]*Part{spans: &r.Spans, metrics: &r.Metrics, events: &r.Events, entities: &r.Entities}
	for i := range s.c.signals {
		x := &s.c.signals[i]
		kinds[x.kind].add(s.signals[i], func() string { return x.name })
		if !s.signals[i] {
			continue
		}
		for n, key := range x.keys {
			use := x.first + int32(n)
			levels[s.c.uses[use]].add(s.uses[use], func() string { return x.name + " " + s.c.names[key] })
		}
	}
	for i := range s.c.attributes {
		a := &s.c.attributes[i]
		r.Attributes.add(s.attributes[i], func() string { return a.key })
		for n, value := range a.values {
			r.Members.add(s.members[a.first+int32(n)], func() string { return a.key + "=" + value })
		}
	}
	for _, p := range r.parts() {
		slices.Sort(p.Unseen)
	}
	return r
}
