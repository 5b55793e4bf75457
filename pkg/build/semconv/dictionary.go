package semconv

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
)

const (
	// controlPlaneSection defines the attributes of the control plane as a
	// dictionary: which of them a span carries depends on how the validation went.
	controlPlaneSection = "cp_request_attributes"

	stepOutcome         = "*.step.outcome"
	controlPlaneOutcome = "*.step.outcome.cp" // what step.outcome is on the control plane
)

// Dictionary finds the definition of any attribute by name, in every spelling
// of the namespace. It is immutable.
type Dictionary struct {
	c        *Conventions
	prefixes []string
	any      map[string]Attribute            // over all sections
	cp       map[string]Attribute            // of the control plane
	spans    map[string]map[string]Attribute // by bare span type
}

// Dictionary returns a dictionary over all sections, in which names may also
// carry one of the prefixes in place of the namespace.
func (c *Conventions) Dictionary(prefixes ...string) *Dictionary {
	d := &Dictionary{
		c: c, prefixes: slices.Clone(prefixes),
		any: make(map[string]Attribute), cp: make(map[string]Attribute),
		spans: make(map[string]map[string]Attribute),
	}
	for _, s := range c.Spans {
		d.spans[s.Bare] = d.ofSpan(s.Bare)
	}
	for _, section := range append([]Section{{Attributes: c.Resource}, {Attributes: c.Common}}, c.Sections...) {
		for _, a := range section.Attributes {
			d.widen(a)
			if section.Key == controlPlaneSection {
				d.cp[c.key(a.Name)] = a
			}
		}
	}
	if a, ok := d.cp[controlPlaneOutcome]; ok {
		d.cp[stepOutcome] = a
	}
	return d
}

// widen adds a definition to those of all sections. Sections that disagree
// about a name make the most permissive definition: all values that any of
// them allows, and nothing that any of them requires.
func (d *Dictionary) widen(a Attribute) {
	key := d.c.key(a.Name)
	known, ok := d.any[key]
	if !ok {
		d.any[key] = a
		return
	}
	if known.Type != a.Type {
		known.Type = Any
	}
	known.Level = min(known.Level, a.Level)
	if known.Allowed == nil || a.Allowed == nil {
		known.Allowed = nil
	} else {
		known.Allowed = slices.Clone(known.Allowed)
		for _, v := range a.Allowed {
			if !slices.Contains(known.Allowed, v) {
				known.Allowed = append(known.Allowed, v)
			}
		}
	}
	d.any[key] = known
}

func (d *Dictionary) ofSpan(spanType string) map[string]Attribute {
	own := make(map[string]Attribute)
	for _, a := range d.c.SpanAttributes(spanType) {
		own[d.c.key(a.Name)] = a
	}
	return own
}

// Lookup returns the definition of a name over all sections.
func (d *Dictionary) Lookup(name string) (Attribute, bool) {
	a, ok := d.any[d.c.key(name, d.prefixes...)]
	return a, ok
}

// OnSpan returns the definition of a name for spans of a type (without
// namespace): that of the span type if there is one, for the control plane
// that of its section, and otherwise that over all sections.
func (d *Dictionary) OnSpan(spanType, name string) (Attribute, bool) {
	key := d.c.key(name, d.prefixes...)
	own, ok := d.spans[spanType]
	if !ok {
		own = d.ofSpan(spanType)
	}
	if a, ok := own[key]; ok {
		return a, true
	}
	if vocab.IsControl(spanType) {
		if a, ok := d.cp[key]; ok {
			return a, true
		}
	}
	a, ok := d.any[key]
	return a, ok
}

// Allows reports whether the definition allows a value, given as text.
func (a Attribute) Allows(value string) bool {
	return len(a.Allowed) == 0 || slices.Contains(a.Allowed, value)
}
