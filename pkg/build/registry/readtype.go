package registry

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// typeNames are all types that are written as one word.
var typeNames = func() (names []string) {
	for _, base := range baseNames[:len(baseNames)-1] {
		names = append(names, base, base+"[]")
	}
	names = append(names, "any")
	for _, name := range slices.Clone(names) {
		names = append(names, "template["+name+"]")
	}
	return names
}()

// attributeType reads the type of an attribute.
func (r *reader) attributeType(n *input.Node) (t Type, ok bool) {
	if n.Kind == input.Mapping {
		return r.enumeration(n)
	}
	name, ok := n.Str(r.p)
	if !ok {
		return Type{Base: Any}, false
	}
	name = strings.TrimSpace(name)
	if !slices.Contains(typeNames, name) {
		hint := ""
		switch name {
		case "enum":
			hint = "; an enumeration is {members: [{id: ..., value: ...}]}"
		case "bool", "bool[]":
			hint = "; did you mean \"boolean\"?"
		case "float", "number", "float[]":
			hint = "; did you mean \"double\"?"
		case "integer", "integer[]", "long":
			hint = "; did you mean \"int\"?"
		}
		if hint != "" {
			r.fail(n, ruleForm, "unknown type %s%s", input.Quote(name), hint)
		} else {
			r.fail(n, ruleForm, "%s", input.Unknown("type", name, typeNames))
		}
		return Type{Base: Any}, false
	}
	if inside, ok := strings.CutPrefix(name, "template["); ok {
		t.Template, name = true, strings.TrimSuffix(inside, "]")
	}
	name, t.Array = strings.CutSuffix(name, "[]")
	t.Base = Base(slices.Index(baseNames, name))
	return t, true
}

// enumeration reads the members of an enumeration.
func (r *reader) enumeration(n *input.Node) (t Type, ok bool) {
	m, ok := r.mapping(n, "members", "allow_custom_values")
	if !ok {
		return Type{Base: Any}, false
	}
	if len(m.List("members")) == 0 {
		missing(r.p, m.At("members"), n, "members", ": an enumeration has at least one")
		return Type{Base: Any}, false
	}
	ids, values := make(map[string]bool), make(map[string]bool)
	for i, node := range m.List("members") {
		member, base, ok := r.member(node)
		if !ok {
			continue
		}
		switch {
		case i == 0 || t.Members == nil:
			t.Base = base
		case base != t.Base:
			r.fail(node, ruleForm, "value %s is of type %s, that of the first member %s", input.Quote(member.Value), base, t.Base)
			continue
		}
		switch {
		case ids[member.ID]:
			r.fail(node, ruleDuplicate, "a second member %s", input.Quote(member.ID))
			continue
		case values[member.Value] && member.Deprecated == nil:
			r.warn(node, ruleDuplicate, "a second member with value %s", input.Quote(member.Value))
		}
		ids[member.ID] = true
		values[member.Value] = values[member.Value] || member.Deprecated == nil
		t.Members = append(t.Members, member)
	}
	return t, true
}

// member reads a member; without a value its id is the value.
func (r *reader) member(n *input.Node) (out Member, base Base, ok bool) {
	m, ok := r.mapping(n, "id", "value", "brief", "note", "stability", "deprecated", "annotations")
	if !ok {
		return out, 0, false
	}
	out = Member{
		ID: r.need(m, "id"), Stability: r.stability(m.Get("stability")), Deprecated: r.deprecated(m.Get("deprecated")), Pos: n.Pos,
	}
	value := m.Get("value")
	if value == nil {
		out.Value = out.ID
		return out, String, out.ID != ""
	}
	v, ok := r.value(value)
	if !ok || v.List != nil || v.Base == Double {
		r.fail(value, ruleForm, "found %s, want a string, an integer, true or false", value.Describe())
		return out, 0, false
	}
	out.Value = v.Text
	return out, v.Base, out.ID != ""
}

// value reads one value or a list of them.
func (r *reader) value(n *input.Node) (v Value, ok bool) {
	switch n.Kind {
	case input.String:
		return Value{Base: String, Text: n.Text()}, true
	case input.Bool:
		return Value{Base: Boolean, Text: strings.ToLower(n.Text())}, true
	case input.Int:
		i, ok := n.Int(r.p)
		return Value{Base: Int, Text: strconv.FormatInt(i, 10)}, ok
	case input.Float:
		return Value{Base: Double, Text: n.Text()}, true
	case input.List:
		items, _ := n.List(r.p)
		v.List = []Value{}
		for _, item := range items {
			one, ok := r.value(item)
			if !ok || one.List != nil {
				return v, false
			}
			v.List, v.Base = append(v.List, one), one.Base
		}
		return v, true
	}
	return v, false
}

// examples reads examples of a type: one value or a list of values, for types of
// lists a list of lists, or one list.
func (r *reader) examples(n *input.Node, t Type) (out []Value) {
	nodes := []*input.Node{n}
	if n.Kind == input.List {
		items, _ := n.List(r.p)
		flat := !slices.ContainsFunc(items, func(i *input.Node) bool { return i.Kind == input.List })
		if !t.Array || !flat || len(items) == 0 {
			nodes = items
		}
	}
	for _, node := range nodes {
		v, ok := r.value(node)
		if !ok {
			if t.Base != Any && t.Base != String { // they are texts or structures, then
				r.warn(node, ruleExample, "found %s, want %s", node.Describe(), want(t))
			}
			continue
		}
		if t.Array && v.List == nil { // one value of a list
			v = Value{Base: v.Base, List: []Value{v}}
		}
		if m := (&Attribute{Type: Type{Base: t.Base, Array: t.Array}}).Check(v); m.ID != "" {
			r.warn(node, ruleExample, "%s", m.Text)
			continue
		}
		out = append(out, v)
	}
	return out
}
