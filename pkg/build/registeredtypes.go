package build

import (
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ruleReference is the rule of names of the registry that it does not have.
const ruleReference = "registry-reference"

// types looks the types of spans up that operations say they are of, those of bundled
// systems and of the config too, and gives those without a kind the one of their type.
func (l *loaded) types(p *input.Problems) {
	t := typed{l, p}
	t.system(l.config.Services)
	l.config.EachCalls(t.calls)
	for i := range l.definitions {
		t.system(l.definitions[i].System)
	}
}

// typed holds operations to the types of spans that they say they are of.
type typed struct {
	of *loaded
	p  *input.Problems
}

// in is the registry, which is only read where something is looked up.
func (t typed) in() *registry.Registry { return t.of.inRegistry(t.of.definitions) }

// system looks up what the services of a system name; nil: there are none.
func (t typed) system(s *scenario.System) {
	if s == nil {
		return
	}
	for i := range s.Services {
		t.entities(&s.Services[i])
		for k := range s.Services[i].Operations {
			op := &s.Services[i].Operations[k]
			for _, way := range op.Ways() {
				t.operation(way)
				op.Kind = way.Kind
			}
		}
	}
}

// entities looks up what a service says that its resource tells of.
func (t typed) entities(m *scenario.Member) {
	for _, x := range m.Entities {
		e, ok := t.in().Entity(x.Type)
		if !ok {
			text := "entities: the registry has no entity " + input.Quote(x.Type) + input.DidYouMean(t.in().NearestEntity(x.Type))
			t.p.Add(input.Problem{Pos: x.Pos, Text: text, Rule: ruleReference})
		} else if e.Deprecated != nil {
			t.p.Add(input.Problem{Pos: x.Pos, Warning: true, Text: "entities: " + input.Quote(x.Type) + " is deprecated", Rule: ruleDeprecated, WeaverID: registry.DeprecatedName})
		}
	}
}

// operation looks up what an operation, and what it does for that, names.
func (t typed) operation(op *scenario.Operation) {
	if op.Type != "" {
		t.span(op)
	}
	for i := range op.Logs {
		l := &op.Logs[i]
		if l.Fill == scenario.FillNone || l.Event == "" {
			continue
		}
		if _, ok := t.in().Event(l.Event); ok {
			continue
		}
		text := "fill: the registry has no event " + input.Quote(l.Event) + input.DidYouMean(t.in().NearestEvent(l.Event))
		t.p.Add(input.Problem{Pos: l.Pos, Text: text, Rule: ruleReference, WeaverID: registry.MissingEvent})
	}
	t.calls(op.Calls)
}

func (t typed) calls(calls []scenario.Call) {
	for i := range calls {
		if calls[i].Inner != nil {
			t.operation(calls[i].Inner)
		}
		t.calls(calls[i].Calls)
	}
}

func (t typed) span(op *scenario.Operation) {
	def, ok := t.in().Span(op.Type)
	if !ok {
		text := "type: the registry has no span type " + input.Quote(op.Type) + input.DidYouMean(t.in().NearestSpan(op.Type))
		t.p.Add(input.Problem{Pos: op.TypePos, Text: text, Rule: ruleReference})
		return
	}
	if def.Deprecated != nil {
		text := "type: span type " + input.Quote(op.Type) + " is deprecated" + instead(def.Deprecated, def.Deprecated.RenamedTo)
		t.p.Add(input.Problem{Pos: op.TypePos, Warning: true, Text: text, Rule: ruleDeprecated, WeaverID: registry.DeprecatedName})
	}
	switch {
	case op.Kind == otlp.SpanKindUnspecified:
		op.Kind = def.Kind
	case op.Kind != def.Kind:
		t.p.Errorf(op.TypePos, "type: spans of type %s are of kind %s, and the operation of kind %s; leave its kind out",
			input.Quote(op.Type), scenario.KindWord(def.Kind), scenario.KindWord(op.Kind))
	}
	t.unmet(op, def)
}

// unmet warns of what a type requires that nothing fills in: lists that have no form, and
// the error that only failed spans have.
func (t typed) unmet(op *scenario.Operation, def *registry.Span) {
	for _, use := range def.Required() {
		key := use.Attribute.Key
		switch {
		case key == "error.type" && (op.Error == nil || op.Error.Rate < 1):
			t.p.Warnf(op.TypePos, "type: spans of type %s require error.type, which only those have that fail", input.Quote(op.Type))
		case use.Attribute.Type.Array && use.Attribute.Type.Base != registry.String && use.Attribute.Type.Base != registry.Any:
			t.p.Warnf(op.TypePos, "type: spans of type %s require %s, and systems write no lists of other than text", input.Quote(op.Type), key)
		}
	}
}
