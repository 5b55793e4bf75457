package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// What spans and events have because the registry gives it to their type.

// How often spans have what nobody gives, by level: out of usualOf.
const (
	usualOf          = 20
	usualConditional = 14
	usualRecommended = 16
	usualOptIn       = 2
)

// neverFilled are attributes that follow from what happens to a span: who is not asked
// for them does not have them.
var neverFilled = []string{errorKey, "session.id", messageID, messageCount, "http.request.resend_count", "exception.type",
	"exception.message", "exception.stacktrace"}

// fill adds what the registry gives spans of a type, and nobody else has: what it
// requires, and what it recommends and lets be there as far as the set asks for that,
// in some of the spans. What is deprecated is left out, and what the outcome decides
// by a protocol.
func (b *systemBuilder) fill(set *attrSet, typ string) {
	if b.registry == nil || typ == "" {
		return
	}
	s, ok := b.registry.Span(typ)
	if !ok {
		return
	}
	for _, use := range s.Attributes {
		b.fillUse(set, use)
	}
}

// fillUse adds an attribute that a type of span has, unless it is there.
func (b *systemBuilder) fillUse(set *attrSet, use registry.Use) {
	a, often := use.Attribute, usualOf
	switch use.Level {
	case registry.Required:
		if a.Key == errorKey || a.Type.Template && set.under(a.Key) {
			return
		}
	case registry.ConditionallyRequired:
		often = usualConditional
	case registry.Recommended:
		often = usualRecommended
	default:
		often = usualOptIn
	}
	switch {
	case !asked(use.Level, set.fill), set.has(a.Key), b.registry.Deprecated(a.Key) != nil,
		slices.Contains(scenario.OutcomeAttributes, a.Key) && (!set.plain || use.Level != registry.Required),
		slices.Contains(neverFilled, a.Key) && use.Level != registry.Required:
		return
	}
	values := b.candidates(a)
	if len(values) == 0 {
		return
	}
	set.put(keyOf(a), amongst(values, often))
}

// under reports whether there is an attribute of a template.
func (s *attrSet) under(key string) bool {
	return slices.ContainsFunc(s.names, func(name string) bool { return strings.HasPrefix(name, key+".") })
}

// keyOf is the key of an attribute, of a template the one that stands for all of it.
func keyOf(a *registry.Attribute) string {
	if a.Type.Template {
		return a.Key + ".example"
	}
	return a.Key
}

// asked reports whether attributes of a level are filled in.
func asked(level registry.Level, fill scenario.Fill) bool {
	switch level {
	case registry.Required:
		return true
	case registry.OptIn:
		return fill >= scenario.FillOptIn
	}
	return fill >= scenario.FillRecommended
}

// fillEvent adds what the registry gives an event to the attributes of a log record
// that asks for it. All records have it: who judges them knows them by what they have.
func (b *systemBuilder) fillEvent(set *attrSet, l *scenario.LogLine) {
	if b.registry == nil || l.Fill == scenario.FillNone {
		return
	}
	e, ok := b.registry.Event(l.Event)
	if !ok {
		return
	}
	for _, use := range e.Attributes {
		a := use.Attribute
		if !asked(use.Level, l.Fill) || a.Type.Template || set.has(a.Key) || b.registry.Deprecated(a.Key) != nil {
			continue
		}
		if values := b.candidates(a); len(values) > 0 {
			set.put(a.Key, amongst(values, usualOf))
		}
	}
}

// fillEntities adds what the registry gives the entities of a service to its resource,
// of each attribute one value, which its instances take in turn. Which is the first
// follows from the name of the service. Lists have no form there.
func (b *systemBuilder) fillEntities(set *attrSet, m *scenario.Member) {
	if b.registry == nil {
		return
	}
	for i := range m.Entities {
		e, ok := b.registry.Entity(m.Entities[i].Type)
		if !ok {
			continue
		}
		for _, use := range slices.Concat(e.Identity, e.Description) {
			a := use.Attribute
			if a.Type.Array || a.Type.Template || a.Key == instanceKey || set.has(a.Key) ||
				slices.Contains(neverFilled, a.Key) || b.registry.Deprecated(a.Key) != nil {
				continue
			}
			if values := b.candidates(a); len(values) > 0 {
				first := rng.Hash(m.Name+" "+a.Key) % uint64(len(values))
				if len(values) == 1 || m.Instances <= 1 {
					set.put(a.Key, Attr{Attr: values[first]})
					continue
				}
				set.put(a.Key, Attr{Op: OpByInstance, Attr: otlp.Attr{Word: first}, Values: values})
			}
		}
	}
}

// candidates are values of an attribute. Lists other than of one text have no form here.
func (b *systemBuilder) candidates(a *registry.Attribute) (values []otlp.Attr) {
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
	return values
}

// amongst is one of several values, each alike, which is there so often out of usualOf:
// one without a kind says that it is not.
func amongst(values []otlp.Attr, often int) Attr {
	if len(values) == 1 && often == usualOf {
		return Attr{Attr: values[0]}
	}
	weights := slices.Repeat([]float64{1}, len(values))
	if often < usualOf {
		weights = slices.Repeat([]float64{float64(often)}, len(values))
		weights = append(weights, float64((usualOf-often)*len(values)))
		values = append(values, otlp.Attr{Kind: otlp.KindEmpty})
	}
	choice, _ := dist.NewChoice(weights) // of positive weights one is valid
	return Attr{Op: OpChoice, Choice: choice, Values: values}
}

// OfInstance returns the value that a resource of an instance has of an OpByInstance.
func (a *Attr) OfInstance(instance int) otlp.Attr {
	v := a.Values[(a.Word+uint64(instance))%uint64(len(a.Values))]
	v.Key = a.Key
	return v
}
