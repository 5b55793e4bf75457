package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// What the registry decides of systems: the types of the numbers that a scenario
// gives, and what spans have that their type requires and nobody gives.

// Whole reports whether a distribution is one over whole numbers: then its values are
// integers where no convention says anything else.
func Whole(d *dist.Spec) bool {
	return d.Kind == dist.Poisson || d.Kind == dist.Geometric || d.Kind == dist.Bernoulli
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

// fill adds what the registry requires of spans of a type, and nobody has given: one
// of the values that it may well have, each alike, drawn as every attribute is. What
// is deprecated is left out, and what the outcome decides by a protocol.
func (b *systemBuilder) fill(set *attrSet, typ string) {
	if b.registry == nil || typ == "" {
		return
	}
	s, ok := b.registry.Span(typ)
	if !ok {
		return
	}
	for _, use := range s.Required() {
		a := use.Attribute
		if set.has(a.Key) || a.Type.Template || b.registry.Deprecated(a.Key) != nil || !set.plain && slices.Contains(scenario.OutcomeAttributes, a.Key) {
			continue
		}
		if filled, ok := b.filled(a); ok {
			set.put(a.Key, filled)
		}
	}
}

// filled returns one of the candidates for an attribute. Lists other than of one text
// have no form here.
func (b *systemBuilder) filled(a *registry.Attribute) (Attr, bool) {
	var values []otlp.Attr
	for _, v := range a.Candidates() {
		if v.List != nil {
			if !a.Type.Array || len(v.List) == 0 || v.List[0].Base != registry.String {
				continue
			}
			one := b.str(v.List[0].Text).Attr
			one.Kind = otlp.KindArray
			values = append(values, one)
			continue
		}
		if m := a.Check(v); m.ID == registry.TypeMismatch {
			continue // an example of another type, which a list of one would be as well
		}
		values = append(values, b.parsed(attributeType(a.Type), v.Text))
	}
	switch len(values) {
	case 0:
		return Attr{}, false
	case 1:
		return Attr{Attr: values[0]}, true
	}
	weights := slices.Repeat([]float64{1}, len(values))
	choice, _ := dist.NewChoice(weights) // equal positive weights are valid
	return Attr{Op: OpChoice, Choice: choice, Values: values}, true
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
