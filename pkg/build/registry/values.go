package registry

import "strings"

// Candidates returns values that the attribute may well have, at least one, in an
// order that files of one content share: who makes telemetry draws from them.
//
//   - the members of an enumeration that are not deprecated, when there are two or more;
//   - else the examples, so that error.type, whose one member is the rest of all
//     errors, has others than that;
//   - else the one member;
//   - else what the type allows: true and false, a small number, the last word of the
//     key.
//
// Of a template, they are values of the attributes that it stands for.
func (a *Attribute) Candidates() []Value {
	var members []Value
	for _, value := range a.Type.Values() {
		members = append(members, Value{Base: a.Type.Base, Text: value})
	}
	switch {
	case len(members) > 1:
		return members
	case len(a.Examples) > 0:
		return a.Examples
	case len(members) == 1:
		return members
	}
	values := a.plain()
	if a.Type.Array {
		return []Value{{Base: values[0].Base, List: values[:1]}}
	}
	return values
}

// plain returns values of a type of which nothing else is known.
func (a *Attribute) plain() []Value {
	switch a.Type.Base {
	case Boolean:
		return []Value{{Base: Boolean, Text: "true"}, {Base: Boolean, Text: "false"}}
	case Int:
		if len(a.Type.Members) > 0 { // all of them deprecated
			return []Value{{Base: Int, Text: a.Type.Members[0].Value}}
		}
		return []Value{{Base: Int, Text: "1"}}
	case Double:
		return []Value{{Base: Double, Text: "0.5"}}
	}
	if len(a.Type.Members) > 0 {
		return []Value{{Base: String, Text: a.Type.Members[0].Value}}
	}
	word := a.Key[strings.LastIndexByte(a.Key, '.')+1:]
	return []Value{{Base: String, Text: word}}
}
