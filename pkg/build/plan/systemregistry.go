package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
)

// What the registry decides of systems: the types of the numbers that a scenario
// gives, and what spans have that their type requires and nobody gives.

// Whole reports whether a distribution is one over whole numbers, or says so: then its values are
// integers where no convention says anything else.
func Whole(d *dist.Spec) bool {
	return d.Kind == dist.Poisson || d.Kind == dist.Geometric || d.Kind == dist.Bernoulli || d.Whole
}

// registered returns the registry's definition of an attribute, nil for others and
// for deprecated ones.
func (b *systemBuilder) registered(key string) *registry.Attribute {
	if b.registry == nil {
		return nil
	}
	if a, ok := b.registry.Attribute(key); ok && a.Deprecated == nil {
		return a
	}
	return nil
}

// typed compiles an attribute with a value of its own in the type that the registry
// gives it, where the two can be brought together: what cannot has been told.
func (b *systemBuilder) typed(a scenario.Attribute) Attr {
	def := b.registered(a.Key)
	if def == nil {
		return b.attribute(a, semconv.Attribute{}, false)
	}
	if a.Dist != nil {
		typ := attributeType(def.Type)
		known := typ == semconv.Int || typ == semconv.Double || typ == semconv.Boolean && a.Dist.Kind == dist.Bernoulli
		return b.drawn(a, typ, known)
	}
	out := b.attribute(a, semconv.Attribute{}, false)
	if out.Op == OpConst {
		out.Attr = b.value(a.Value, attributeType(def.Type))
	}
	for i, v := range a.Choices {
		out.Values[i] = b.value(v, attributeType(def.Type))
	}
	return out
}

// attributeType is a type of the registry as the conventions have types.
func attributeType(t registry.Type) semconv.Type {
	switch {
	case t.Array && (t.Base == registry.String || t.Base == registry.Any):
		return semconv.StringArray
	case t.Array:
		return semconv.Any
	}
	switch t.Base {
	case registry.String:
		return semconv.String
	case registry.Int:
		return semconv.Int
	case registry.Double:
		return semconv.Double
	case registry.Boolean:
		return semconv.Boolean
	}
	return semconv.Any
}

// shared compiles a value that attributes share: its name says nothing of its type.
func (b *systemBuilder) shared(a scenario.Attribute) Attr {
	if a.Pattern != nil {
		return b.given(a)
	}
	return b.attribute(a, semconv.Attribute{}, false)
}

// requires reports whether the registry requires an attribute of spans of a type.
func (b *systemBuilder) requires(typ, key string) bool {
	if b.registry == nil {
		return false
	}
	s, ok := b.registry.Span(typ)
	return ok && slices.ContainsFunc(s.Required(), func(u registry.Use) bool { return u.Attribute.Key == key })
}

// overHTTP adds what spans of a database have to have that is asked over HTTP: the
// request of its API that an operation is.
func (b *systemBuilder) overHTTP(set *attrSet, c *callee, server string) {
	operation, collection, _ := strings.Cut(c.Name, " ")
	collection, _, _ = strings.Cut(collection, " ")
	path := "/_" + strings.ToLower(operation)
	if collection != "" {
		path = "/" + collection + path
	}
	set.put("http.request.method", b.str("POST"))
	set.put("url.full", b.str(server+path))
}
