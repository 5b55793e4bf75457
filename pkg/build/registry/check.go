package registry

import (
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Ids of findings that users of OpenTelemetry Weaver know.
const (
	MissingAttribute     = "missing_attribute" // the registry has none of this name
	DeprecatedName       = "deprecated"
	TypeMismatch         = "type_mismatch"
	UndefinedEnumVariant = "undefined_enum_variant" // enumerations are open: no more than worth knowing
	RequiredMissing      = "required_attribute_not_present"
	MissingMetric        = "missing_metric"
	MissingEvent         = "missing_event"
	UnitMismatch         = "unit_mismatch"
	UnexpectedInstrument = "unexpected_instrument"
	NotStable            = "not_stable"
)

// Mismatch is what is wrong with a value.
type Mismatch struct {
	ID   string // TypeMismatch, UndefinedEnumVariant or DeprecatedName; empty: nothing is
	Text string // in words, without the key
}

// Check holds a value to the attribute's type and members.
func (a *Attribute) Check(v Value) Mismatch {
	t := a.Type
	if t.Base == Any && !t.Array {
		return Mismatch{}
	}
	values := v.List
	if v.List == nil {
		values = []Value{v}
	}
	if (v.List != nil) != t.Array {
		return Mismatch{TypeMismatch, fmt.Sprintf("found %s, want %s", v.describe(), want(t))}
	}
	for _, one := range values {
		if t.Base != Any && (one.List != nil || !fits(one.Base, t.Base)) {
			return Mismatch{TypeMismatch, fmt.Sprintf("found %s, want %s", one.describe(), t.Base)}
		}
		if m := t.member(one.Text); m.ID != "" {
			return m
		}
	}
	return Mismatch{}
}

// fits reports whether a value of one type can stand for another: whole numbers
// are written without a point.
func fits(have, want Base) bool { return have == want || have == Int && want == Double }

// member holds a value to the members, where there are some.
func (t Type) member(value string) Mismatch {
	if !t.Enum() {
		return Mismatch{}
	}
	m, ok := t.Member(value)
	switch {
	case !ok:
		return Mismatch{UndefinedEnumVariant, input.Unknown("member", value, t.Values())}
	case m.Deprecated == nil:
		return Mismatch{}
	}
	problem := fmt.Sprintf("member %s is deprecated", input.Quote(value))
	if m.Deprecated.RenamedTo != "" {
		problem += "; use " + input.Quote(m.Deprecated.RenamedTo)
	}
	return Mismatch{DeprecatedName, problem}
}

// want describes what a type takes.
func want(t Type) string {
	if t.Array {
		return "a list, of " + t.Base.String()
	}
	return t.Base.String()
}

// describe says what the value is, for messages.
func (v Value) describe() string {
	switch {
	case v.List != nil:
		return "a list of " + text.Counted(len(v.List), "value")
	case v.Base == String:
		return "string " + input.Quote(v.Text)
	}
	return v.Base.String() + " " + text.Clean(v.Text)
}
