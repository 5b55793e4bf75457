package registry

import (
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// index finds definitions by name.
type index struct {
	attributes map[string]*Attribute
	spans      map[string]*Span
	metrics    map[string]*Metric
	events     map[string]*Event
	entities   map[string]*Entity
	namespaces []string // in byte order
}

// byName indexes definitions.
func byName[T any](list []*T, name func(*T) string) map[string]*T {
	out := make(map[string]*T, len(list))
	for _, d := range list {
		out[name(d)] = d
	}
	return out
}

func (a *Attribute) name() string { return a.Key }
func (m *Metric) name() string    { return m.Name }
func (e *Event) name() string     { return e.Name }
func (s *Span) name() string      { return s.Type }
func (e *Entity) name() string    { return e.Type }

// sorted returns the definitions by name in byte order.
func sorted[T any](list []*T, name func(*T) string) []*T {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b *T) int { return strings.Compare(name(a), name(b)) })
	return list
}

// finish sorts what has been collected and makes the lookups of it.
func (r *Registry) finish() *Registry {
	r.Attributes = sorted(r.Attributes, (*Attribute).name)
	r.Spans = sorted(r.Spans, (*Span).name)
	r.Metrics = sorted(r.Metrics, (*Metric).name)
	r.Events = sorted(r.Events, (*Event).name)
	r.Entities = sorted(r.Entities, (*Entity).name)
	r.SpanRefinements = sorted(r.SpanRefinements, func(s *Span) string { return s.ID })
	r.MetricRefinements = sorted(r.MetricRefinements, func(m *Metric) string { return m.ID })
	r.EventRefinements = sorted(r.EventRefinements, func(e *Event) string { return e.ID })
	r.EntityRefinements = sorted(r.EntityRefinements, func(e *Entity) string { return e.ID })
	r.index = index{
		attributes: byName(r.Attributes, (*Attribute).name),
		spans:      byName(r.Spans, (*Span).name),
		metrics:    byName(r.Metrics, (*Metric).name),
		events:     byName(r.Events, (*Event).name),
		entities:   byName(r.Entities, (*Entity).name),
	}
	r.everyUse(func(u *Use) { // of dependencies: rows without a place among the definitions
		if _, ok := r.index.attributes[u.Attribute.Key]; !ok {
			r.index.attributes[u.Attribute.Key] = u.Attribute
		}
	})
	for _, a := range r.Attributes {
		if space, _, ok := strings.Cut(a.Key, "."); ok || a.Type.Template {
			r.index.namespaces = append(r.index.namespaces, space)
		}
	}
	slices.Sort(r.index.namespaces)
	r.index.namespaces = slices.Compact(r.index.namespaces)
	return r
}

// Attribute returns the definition of a key: that of this very key, or of the
// longest template that it belongs to, of which it is more than the prefix.
func (r *Registry) Attribute(key string) (*Attribute, bool) {
	if a, ok := r.index.attributes[key]; ok {
		return a, true
	}
	for prefix := key; ; {
		dot := strings.LastIndexByte(prefix, '.')
		if dot < 0 {
			return nil, false
		}
		prefix = prefix[:dot]
		if a, ok := r.index.attributes[prefix]; ok && a.Type.Template && len(prefix)+1 < len(key) {
			return a, true
		}
	}
}

// Span returns the type of span of a name: http.server.
func (r *Registry) Span(spanType string) (*Span, bool) {
	s, ok := r.index.spans[spanType]
	return s, ok
}

// Metric returns the metric of a name.
func (r *Registry) Metric(name string) (*Metric, bool) {
	m, ok := r.index.metrics[name]
	return m, ok
}

// Event returns the event of a name.
func (r *Registry) Event(name string) (*Event, bool) {
	e, ok := r.index.events[name]
	return e, ok
}

// Entity returns the entity of a type.
func (r *Registry) Entity(entityType string) (*Entity, bool) {
	e, ok := r.index.entities[entityType]
	return e, ok
}

// Empty reports whether it defines nothing.
func (r *Registry) Empty() bool {
	return len(r.Attributes)+len(r.Spans)+len(r.Metrics)+len(r.Events)+len(r.Entities) == 0
}

// Namespaces returns what keys of attributes begin with, up to the first dot, in
// byte order.
func (r *Registry) Namespaces() []string { return slices.Clone(r.index.namespaces) }

// InNamespace reports whether a key begins with a namespace of the registry.
func (r *Registry) InNamespace(key string) bool {
	space, _, ok := strings.Cut(key, ".")
	_, found := slices.BinarySearch(r.index.namespaces, space)
	return ok && found
}

// NearestAttribute returns the key that was most likely meant, deprecated ones
// left out; false when none is near.
func (r *Registry) NearestAttribute(key string) (string, bool) {
	var keys []string
	for _, a := range r.Attributes {
		if a.Deprecated == nil {
			keys = append(keys, a.Key)
		}
	}
	return nearestKey(key, keys)
}

// nearestKey returns the key that was most likely meant: one of its own namespace,
// or, if nothing is of that, of the namespace that was most likely meant. A name
// that is near in another namespace is of something else.
func nearestKey(key string, keys []string) (string, bool) {
	space, _, dotted := strings.Cut(key, ".")
	if !dotted {
		return text.Nearest(key, keys)
	}
	spaces := make(map[string][]string)
	for _, k := range keys {
		s, _, _ := strings.Cut(k, ".")
		spaces[s] = append(spaces[s], k)
	}
	if _, ok := spaces[space]; !ok {
		if space, ok = text.Nearest(space, slices.Sorted(maps.Keys(spaces))); !ok {
			return "", false
		}
	}
	return text.Nearest(key, spaces[space])
}

// NearestSpan returns the type of span that was most likely meant.
func (r *Registry) NearestSpan(spanType string) (string, bool) {
	return nearest(spanType, r.Spans, (*Span).name, func(s *Span) *Deprecation { return s.Deprecated })
}

// NearestMetric returns the metric that was most likely meant.
func (r *Registry) NearestMetric(name string) (string, bool) {
	return nearest(name, r.Metrics, (*Metric).name, func(m *Metric) *Deprecation { return m.Deprecated })
}

// NearestEvent returns the event that was most likely meant.
func (r *Registry) NearestEvent(name string) (string, bool) {
	return nearest(name, r.Events, (*Event).name, func(e *Event) *Deprecation { return e.Deprecated })
}

// NearestEntity returns the type of entity that was most likely meant.
func (r *Registry) NearestEntity(entityType string) (string, bool) {
	return nearest(entityType, r.Entities, (*Entity).name, func(e *Entity) *Deprecation { return e.Deprecated })
}

func nearest[T any](name string, list []*T, nameOf func(*T) string, deprecated func(*T) *Deprecation) (string, bool) {
	var names []string
	for _, d := range list {
		if deprecated(d) == nil {
			names = append(names, nameOf(d))
		}
	}
	return text.Nearest(name, names)
}

// Attribute returns how spans of the type use a key; of a template, that of the
// longest one that the key belongs to.
func (s *Span) Attribute(key string) (Use, bool) { return used(s.Attributes, key) }

// Attribute returns how the metric uses a key, as of a span.
func (m *Metric) Attribute(key string) (Use, bool) { return used(m.Attributes, key) }

// Attribute returns how the event uses a key, as of a span.
func (e *Event) Attribute(key string) (Use, bool) { return used(e.Attributes, key) }

// used finds a key among uses, which are in byte order.
func used(uses []Use, key string) (Use, bool) {
	find := func(key string) (int, bool) {
		return slices.BinarySearchFunc(uses, key, func(u Use, key string) int { return strings.Compare(u.Attribute.Key, key) })
	}
	if i, ok := find(key); ok {
		return uses[i], true
	}
	for prefix := key; ; {
		dot := strings.LastIndexByte(prefix, '.')
		if dot < 0 {
			return Use{}, false
		}
		prefix = prefix[:dot]
		if i, ok := find(prefix); ok && uses[i].Attribute.Type.Template && len(prefix)+1 < len(key) {
			return uses[i], true
		}
	}
}

// Required returns the attributes that every span of the type has.
func (s *Span) Required() []Use { return atLevel(s.Attributes, Required) }

// Required returns the attributes that every point of the metric has.
func (m *Metric) Required() []Use { return atLevel(m.Attributes, Required) }

// Required returns the attributes that every such event has.
func (e *Event) Required() []Use { return atLevel(e.Attributes, Required) }

func atLevel(uses []Use, level Level) (out []Use) {
	for _, u := range uses {
		if u.Level == level {
			out = append(out, u)
		}
	}
	return out
}
