package build

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// inRegistry returns what the systems among definitions are held to, as users of the
// conventions see it; nil: there are none. It is read when first asked for.
func (l *loaded) inRegistry(defs []scenario.Definition) *registry.Registry {
	if l.config.Services == nil && !slices.ContainsFunc(defs, func(d scenario.Definition) bool { return d.System != nil }) {
		return nil
	}
	if l.registry == nil {
		given := l.given
		if given == nil {
			given = registry.Bundled()
		}
		dict := l.conventions.Dictionary(l.prefix)
		l.registry = given.Accept(func(key string) bool {
			_, ok := dict.Lookup(l.conventions.Rename(key, l.prefix))
			return ok
		})
	}
	return l.registry
}

// register warns of what systems say of attributes that the registry does not allow.
// Those that come with the program are right by the bundled one, and know of no other.
func (l *loaded) register(in *Inputs, p *input.Problems) {
	l.given = in.Registry
	l.types(p)
	var own []scenario.Definition
	for i := range l.definitions {
		file := l.definitions[i].Pos.File
		if !in.Bundled || !slices.ContainsFunc(in.Definitions, func(f input.File) bool { return f.Name == file }) {
			own = append(own, l.definitions[i])
		}
	}
	r := l.inRegistry(own)
	held := &registered{in: r, names: make(map[string]registry.Name), p: p, metrics: make(map[string]bool)}
	for i := range l.conventions.Metrics {
		held.metrics[l.conventions.Rename(l.conventions.Metrics[i].Name, l.prefix)] = true
	}
	if s := l.config.Services; s != nil {
		held.system(s)
		l.config.EachCalls(held.calls)
		seriesOf(s, l.config.EachCalls, p)
	}
	for i := range own {
		if own[i].System != nil {
			held.system(own[i].System)
			if own[i].EmitMetrics {
				seriesOf(own[i].System, nil, p)
			}
		}
	}
}

// registered holds attributes of systems to a registry.
type registered struct {
	in    *registry.Registry
	names map[string]registry.Name // what is known of names so far
	p     *input.Problems
	s     *scenario.System

	metrics map[string]bool // that the conventions in use define, by emitted name
}

// The rules that findings are of, as those of registries are called.
const (
	ruleUnknown    = "attribute-unknown"
	ruleDeprecated = "attribute-deprecated"
	ruleType       = "attribute-type"
	ruleValue      = "attribute-value"
)

func (c *registered) warn(at input.Pos, rule, weaver, text string) {
	c.p.Add(input.Problem{Pos: at, Warning: true, Text: text, Rule: rule, WeaverID: weaver})
}

// system checks all attributes that a system gives.
func (c *registered) system(s *scenario.System) {
	c.s = s
	for i := range s.Services {
		m := &s.Services[i]
		c.product(m)
		if m.Protocol != scenario.ProtocolDB { // which has no resource
			c.attributes(m.Attributes, false)
			for k := range m.Metrics {
				c.metric(&m.Metrics[k])
			}
		}
		for k := range m.Operations {
			for _, way := range m.Operations[k].Ways() {
				c.operation(way)
			}
		}
	}
}

// product checks the product that a service is, which is an attribute of its spans.
func (c *registered) product(m *scenario.Member) {
	told := make(map[string]bool)
	for i := range m.Operations {
		key := productKeys[m.Operations[i].Protocol]
		if key == "" || told[key] {
			continue
		}
		told[key] = true
		c.attribute(&scenario.Attribute{Key: key, Pos: m.Pos, Value: scenario.Value{Kind: scenario.String, Str: m.SystemOf(m.Operations[i].Protocol)}}, true)
	}
}

// productKeys are what the product is called in the spans of a protocol.
var productKeys = [...]string{
	scenario.ProtocolHTTP: "", scenario.ProtocolGRPC: "rpc.system.name", scenario.ProtocolDB: "db.system.name",
	scenario.ProtocolMessaging: "messaging.system", scenario.ProtocolNone: "",
}

func (c *registered) operation(op *scenario.Operation) {
	c.attributes(op.Attributes, true)
	c.attributes(op.Resource, false)
	for i := range op.Events {
		c.attributes(op.Events[i].Attributes, true)
	}
	for i := range op.Logs {
		c.attributes(op.Logs[i].Attributes, true)
	}
	c.calls(op.Calls)
}

func (c *registered) calls(calls []scenario.Call) {
	for i := range calls {
		c.attributes(calls[i].Attributes, true)
		if calls[i].Inner != nil {
			c.operation(calls[i].Inner)
		}
		c.calls(calls[i].Calls)
	}
}

// attributes checks each of a list, as attribute does.
func (c *registered) attributes(list []scenario.Attribute, listed bool) {
	for i := range list {
		c.attribute(&list[i], listed)
	}
}

// maxNear is for how many names that are not there the nearest one is looked for:
// all are compared with it.
const maxNear = 300

// name asks the registry about a name, once.
func (c *registered) name(key string) registry.Name {
	n, ok := c.names[key]
	if !ok {
		if _, defined := c.in.Attribute(key); defined || len(c.names) < maxNear {
			n = c.in.Name(key)
		} else if n.Key = key; c.in.InNamespace(key) {
			n.Status = registry.Unknown
		}
		c.names[key] = n
	}
	return n
}

// attribute checks the name of an attribute and the values that it may have; listed
// says that a text is made a list of one where the registry wants a list.
func (c *registered) attribute(a *scenario.Attribute, listed bool) {
	n := c.name(a.Key)
	text := "attribute " + a.Key + ": "
	switch n.Status {
	case registry.Deprecated:
		text += "it is deprecated" + instead(n.Attribute.Deprecated, n.Successor)
		c.warn(a.Pos, ruleDeprecated, registry.DeprecatedName, text)
	case registry.Unknown:
		text += "the registry has no such name"
		if text += input.DidYouMean(n.Nearest, n.Nearest != ""); n.Nearest == "" {
			text += "; in this namespace there is none like it: use one of your own"
		}
		c.warn(a.Pos, ruleUnknown, registry.MissingAttribute, text)
	}
	if n.Attribute == nil || n.Attribute.Deprecated != nil {
		return
	}
	told := make(map[registry.Mismatch]bool) // of several values, each mistake once
	for _, m := range c.mismatches(a, n.Attribute, listed) {
		// Enumerations of one member say what stands for all others.
		if m.ID == "" || told[m] || m.ID == registry.UndefinedEnumVariant && len(n.Attribute.Type.Members) < 2 {
			continue
		}
		told[m] = true
		rule := ruleValue
		if m.ID == registry.TypeMismatch {
			rule = ruleType
		}
		c.warn(a.Pos, rule, m.ID, "attribute "+a.Key+": "+m.Text)
	}
}

// instead says what to use in place of something deprecated, as far as the registry does.
func instead(d *registry.Deprecation, successor string) string {
	switch {
	case successor != "":
		return "; use " + input.Quote(successor)
	case d.Note != "":
		return ": " + d.Note
	}
	return ""
}

// mismatches holds what an attribute may be to its definition, as far as that can be
// told before it is drawn. A value of its own is made one of the type where it can be;
// one that others share is not.
func (c *registered) mismatches(a *scenario.Attribute, def *registry.Attribute, listed bool) (out []registry.Mismatch) {
	source, shared := a, a.Use != ""
	if shared {
		i := slices.IndexFunc(c.s.Values, func(v scenario.SharedValue) bool { return v.Key == a.Use })
		if i < 0 {
			return nil
		}
		source = &c.s.Values[i].Attribute
	}
	switch {
	case source.Dist != nil:
		return []registry.Mismatch{drawnAs(source.Dist, def.Type, shared)}
	case source.Pattern != nil:
		if def.Type.Array || def.Type.Base != registry.String && def.Type.Base != registry.Any {
			out = append(out, registry.Mismatch{ID: registry.TypeMismatch, Text: fmt.Sprintf("a pattern gives a string, want %s", def.Type)})
		}
		return out
	}
	values := source.Choices
	if values == nil {
		values = []scenario.Value{source.Value}
	}
	for _, v := range values {
		if shared && v.Kind == scenario.Int && def.Type.Base == registry.Double {
			out = append(out, registry.Mismatch{ID: registry.TypeMismatch, Text: "found an int, want double: write it with a point"})
			continue
		}
		out = append(out, def.Check(constantOf(v, listed && def.Type.Array && !shared)))
	}
	return out
}

// drawnAs holds the numbers of a distribution to a type.
func drawnAs(d *dist.Spec, typ registry.Type, shared bool) registry.Mismatch {
	base, text := registry.Double, "numbers with a fraction"
	if plan.Whole(d) {
		base, text = registry.Int, "whole numbers"
	}
	switch {
	case typ.Array:
	case typ.Base == registry.Any, typ.Base == base:
		return registry.Mismatch{}
	case shared:
	case typ.Base == registry.Int, typ.Base == registry.Double, typ.Base == registry.Boolean && d.Kind == dist.Bernoulli:
		return registry.Mismatch{}
	}
	return registry.Mismatch{ID: registry.TypeMismatch, Text: fmt.Sprintf("the distribution gives %s, want %s", text, typ)}
}

// constantOf is a constant of an input file; listed makes a text a list of one.
func constantOf(v scenario.Value, listed bool) registry.Value {
	out := registry.Value{Text: v.String()}
	switch v.Kind {
	case scenario.Int:
		out.Base = registry.Int
	case scenario.Double:
		out.Base = registry.Double
	case scenario.Bool:
		out.Base = registry.Boolean
	case scenario.String:
		if out.Base = registry.String; listed {
			return registry.Value{Base: registry.String, List: []registry.Value{out}}
		}
	}
	return out
}
