package registry

import "slices"

// The names that files give to the constants, in the order of the constants.
var (
	baseNames       = []string{"string", "int", "double", "boolean", "any"}
	stabilityNames  = []string{"", "development", "alpha", "beta", "release_candidate", "stable"}
	reasonNames     = []string{"unspecified", "renamed", "obsoleted", "uncategorized"}
	levelNames      = []string{"opt_in", "recommended", "conditionally_required", "required"}
	instrumentNames = []string{"counter", "updowncounter", "gauge", "histogram"}
)

// String returns the name that files use.
func (b Base) String() string { return baseNames[b] }

// String returns the name that files use, "" for Unstated.
func (s Stability) String() string { return stabilityNames[s] }

// String returns the name that files use.
func (r Reason) String() string { return reasonNames[r] }

// String returns the name that files use.
func (l Level) String() string { return levelNames[l] }

// String returns the name that files use.
func (i Instrument) String() string { return instrumentNames[i] }

// Enum reports whether the type has members.
func (t Type) Enum() bool { return len(t.Members) > 0 }

// Member returns the member of a value.
func (t Type) Member(value string) (Member, bool) {
	i := slices.IndexFunc(t.Members, func(m Member) bool { return m.Value == value })
	if i < 0 {
		return Member{}, false
	}
	return t.Members[i], true
}

// Values returns the values of an enumeration that are not deprecated.
func (t Type) Values() (values []string) {
	for _, m := range t.Members {
		if m.Deprecated == nil {
			values = append(values, m.Value)
		}
	}
	return values
}

// String returns the type as files write it: string, int[], template[string],
// enum of string.
func (t Type) String() string {
	name := t.Base.String()
	if t.Enum() {
		name = "enum of " + name
	}
	if t.Array {
		name += "[]"
	}
	if t.Template {
		name = "template[" + name + "]"
	}
	return name
}
