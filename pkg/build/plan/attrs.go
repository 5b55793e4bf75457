package plan

import (
	"math"
	"sort"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// attrSet is an ordered set of attributes by name.
type attrSet struct {
	names []string
	attrs []Attr
	plain bool // of a span whose type its file names: no protocol decides about it
	fill  scenario.Fill
	end   ending // of the node of a tree whose attributes these are
	asks  *Asks  // the model that they say the node calls; nil: they say nothing
}

func (s *attrSet) has(name string) bool {
	for _, n := range s.names {
		if n == name {
			return true
		}
	}
	return false
}

// put adds the attribute unless the name is taken.
func (s *attrSet) put(name string, a Attr) {
	if !s.has(name) {
		s.names = append(s.names, name)
		s.attrs = append(s.attrs, a)
	}
}

// set adds the attribute or replaces it in place.
func (s *attrSet) set(name string, a Attr) {
	for i, n := range s.names {
		if n == name {
			s.attrs[i] = a
			return
		}
	}
	s.put(name, a)
}

// find returns the attribute of that name, or nil.
func (s *attrSet) find(name string) *Attr {
	for i, n := range s.names {
		if n == name {
			return &s.attrs[i]
		}
	}
	return nil
}

// sort orders the attributes from index first on by name.
func (s *attrSet) sort(first int) {
	rest := attrOrder{s.names[first:], s.attrs[first:]}
	sort.Sort(rest)
}

// attrOrder sorts names and programs together.
type attrOrder struct {
	names []string
	attrs []Attr
}

func (o attrOrder) Len() int           { return len(o.names) }
func (o attrOrder) Less(i, k int) bool { return o.names[i] < o.names[k] }
func (o attrOrder) Swap(i, k int) {
	o.names[i], o.names[k] = o.names[k], o.names[i]
	o.attrs[i], o.attrs[k] = o.attrs[k], o.attrs[i]
}

// finish returns the attributes with their keys and stream names filled in. One
// that has a stream name keeps it: it follows the draw of another attribute.
func (s *attrSet) finish(strs *otlp.Strings) []Attr {
	for i, n := range s.names {
		s.attrs[i].Key = strs.ID(n)
		if s.attrs[i].Path == 0 {
			s.attrs[i].Path = rng.Hash(n)
		}
	}
	return s.attrs
}

// hashOf is the stream name of an attribute.
func hashOf(name string) uint64 { return rng.Hash(name) }

// str, integer, boolean and double are constants.
func (c *compiler) str(v string) Attr {
	return Attr{Attr: otlp.Attr{Kind: otlp.KindString, Word: uint64(c.strs.ID(v))}}
}

func integer(v int64) Attr {
	return Attr{Attr: otlp.Attr{Kind: otlp.KindInt, Word: uint64(v)}}
}

func boolean(v bool) Attr {
	a := Attr{Attr: otlp.Attr{Kind: otlp.KindBool}}
	if v {
		a.Word = 1
	}
	return a
}

func op(o Op) Attr { return Attr{Op: o} }

// value converts a constant of an input file. typ is the type that the
// conventions give the attribute, which decides how a number is written.
func (c *compiler) value(v scenario.Value, typ semconv.Type) otlp.Attr {
	switch v.Kind {
	case scenario.Int:
		if typ == semconv.Double {
			return otlp.Attr{Kind: otlp.KindDouble, Word: doubleBits(float64(v.Int))}
		}
		return otlp.Attr{Kind: otlp.KindInt, Word: uint64(v.Int)}
	case scenario.Double:
		return otlp.Attr{Kind: otlp.KindDouble, Word: doubleBits(v.Double)}
	case scenario.Bool:
		return boolean(v.Bool).Attr
	}
	a := otlp.Attr{Kind: otlp.KindString, Word: uint64(c.strs.ID(v.Str))}
	if typ == semconv.StringArray {
		a.Kind = otlp.KindArray // of this one string
	}
	return a
}

// attribute compiles an attribute of an input file, whose definition for the
// span that carries it is def. A value that the definition does not allow is
// emitted all the same: it may be the point of a test.
func (c *compiler) attribute(a scenario.Attribute, def semconv.Attribute, known bool) Attr {
	typ := semconv.Any
	if known {
		c.checkAllowed(a, def)
		typ = def.Type
	}
	switch {
	case a.Dist != nil:
		return c.drawn(a, typ, known)
	case a.Choices != nil:
		choice, err := dist.NewChoice(a.Weights)
		if err != nil {
			c.problems.Errorf(a.Pos, "attribute %s: %v", a.Key, err)
			return Attr{}
		}
		out := Attr{Op: OpChoice, Choice: choice}
		for _, v := range a.Choices {
			out.Values = append(out.Values, c.value(v, typ))
		}
		return out
	}
	return Attr{Attr: c.value(a.Value, typ)}
}

// checkAllowed warns of constants of another type or outside of the allowed set.
func (c *compiler) checkAllowed(a scenario.Attribute, def semconv.Attribute) {
	values := a.Choices
	if values == nil && a.Dist == nil {
		values = []scenario.Value{a.Value}
	}
	for _, v := range values {
		if !isOf(v.Kind, def.Type) {
			c.problems.Warnf(a.Pos, "attribute %s: %s is not of type %s, which the conventions give it",
				a.Key, input.Quote(v.String()), def.Type)
			continue
		}
		if text := v.String(); !def.Allows(text) {
			c.problems.Warnf(a.Pos, "attribute %s: %s is not among the values that the conventions allow: %s",
				a.Key, input.Quote(text), strings.Join(def.Allowed, ", "))
		}
	}
}

// isOf reports whether a constant can stand for a value of the type: a whole
// number for any number, a string for a list of one.
func isOf(kind scenario.ValueKind, typ semconv.Type) bool {
	switch typ {
	case semconv.String, semconv.StringArray:
		return kind == scenario.String
	case semconv.Int:
		return kind == scenario.Int
	case semconv.Double:
		return kind == scenario.Int || kind == scenario.Double
	case semconv.Boolean:
		return kind == scenario.Bool
	}
	return true
}

// drawn compiles an attribute with a distribution. The conventions decide its
// type; without them a distribution over whole numbers gives integers.
func (c *compiler) drawn(a scenario.Attribute, typ semconv.Type, known bool) Attr {
	o := OpDouble
	switch {
	case known && typ == semconv.Int:
		o = OpInt
	case known && typ == semconv.Boolean:
		o = OpBool
	case known && typ == semconv.Double:
	case Whole(a.Dist):
		o = OpInt
	}
	scale := 1.0
	if o == OpDouble {
		scale = doubleScale
	}
	table, err := c.table(*a.Dist, scale, math.MinInt64)
	if err != nil {
		c.problems.Errorf(a.Pos, "attribute %s: %v", a.Key, err)
		return Attr{}
	}
	return Attr{Op: o, Table: table}
}

// doubleScale is the unit of the tables of OpDouble.
const doubleScale = 1e6

// generic returns a value for an attribute of the conventions that the model
// of a request does not know: the default, one of the allowed values, one of
// the examples, or, when it is required, something of its type.
func (c *compiler) generic(def semconv.Attribute, bare string) (Attr, bool) {
	values := def.Allowed
	switch {
	case def.HasDefault:
		values = []string{def.Default}
	case len(values) == 0:
		values = def.Examples
	}
	if len(values) > 0 {
		return c.oneOf(def, values), true
	}
	if def.Level != semconv.Required {
		return Attr{}, false
	}
	switch def.Type {
	case semconv.Int:
		t, err := dist.Compile(dist.Spec{Kind: dist.Uniform, Low: 0, High: 1000}, 1)
		return Attr{Op: OpInt, Table: t}, err == nil
	case semconv.Double:
		t, err := dist.Compile(dist.Spec{Kind: dist.Uniform, Low: 0, High: 1}, doubleScale)
		return Attr{Op: OpDouble, Table: t}, err == nil
	case semconv.Boolean:
		t, err := dist.Compile(dist.Spec{Kind: dist.Bernoulli, P: 0.5}, 1)
		return Attr{Op: OpBool, Table: t}, err == nil
	}
	last := bare[strings.LastIndexByte(bare, '.')+1:]
	return Attr{Op: OpHex, Prefix: last + "_", Attr: otlp.Attr{Word: 8}}, true
}

// oneOf is a uniform choice between values spelled as text.
func (c *compiler) oneOf(def semconv.Attribute, values []string) Attr {
	out := Attr{Op: OpChoice}
	for _, v := range values {
		out.Values = append(out.Values, c.parsed(def.Type, v))
	}
	if len(values) == 1 {
		return Attr{Attr: out.Values[0]}
	}
	weights := make([]float64, len(values))
	for i := range weights {
		weights[i] = 1
	}
	out.Choice, _ = dist.NewChoice(weights) // equal positive weights are valid
	return out
}

// parsed is a value that the conventions spell as text, in its type. Text that
// is none of its type stays text.
func (c *compiler) parsed(typ semconv.Type, text string) otlp.Attr {
	switch typ {
	case semconv.Int:
		if v, err := strconv.ParseInt(text, 10, 64); err == nil {
			return integer(v).Attr
		}
	case semconv.Double:
		if v, err := strconv.ParseFloat(text, 64); err == nil {
			return otlp.Attr{Kind: otlp.KindDouble, Word: doubleBits(v)}
		}
	case semconv.Boolean:
		if v, err := strconv.ParseBool(text); err == nil {
			return boolean(v).Attr
		}
	}
	a := c.str(text).Attr
	if typ == semconv.StringArray {
		a.Kind = otlp.KindArray
	}
	return a
}

// compile is dist.Compile for specs that are part of this package.
func compile(s dist.Spec, scale float64) *dist.Table {
	t, err := dist.Compile(s, scale)
	if err != nil {
		panic("plan: built-in distribution: " + err.Error())
	}
	return t
}
