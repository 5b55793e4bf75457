package semconv

import (
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// LogValue is what an attribute of a log record may be. The zero value says nothing of
// it: it may be anything.
type LogValue struct {
	Is      []string // one of these: texts in quotes, as Go has them, numbers in decimal, true and false
	Pattern string   // text with random parts: {hex:N}, {digits:N}, {word:N}, {uuid}; empty: none
	// Optional says that records may lack it.
	Optional bool
}

// known reports whether anything is said of a value.
func (v *LogValue) known() bool { return v.Is != nil || v.Pattern != "" || v.Optional }

// maxLogValues bounds the values of an attribute.
const maxLogValues = 1000

// logAttributes reads the names of the attributes of a log record, and what those may
// be of which that is known.
func (r *parser) logAttributes(m input.Map) (names []string, values []LogValue) {
	known := false
	for _, n := range m.List("attributes") {
		v := LogValue{}
		if n.Kind == input.Mapping {
			x, ok := n.Map(r.p, "name", "is", "pattern", "optional")
			if !ok {
				continue
			}
			v.Pattern, v.Optional = r.exactly(x, "pattern"), x.Bool("optional", false)
			for _, one := range x.List("is") {
				v.Is = append(v.Is, r.literal(one))
			}
			if len(v.Is) > maxLogValues {
				x.Fail("is", "%d values are too many, want up to %d", len(v.Is), maxLogValues)
			}
			if !x.Has("name") {
				x.Fail("name", "missing")
			}
			names = append(names, r.exactly(x, "name"))
			known = known || v.known()
		} else {
			s, _ := n.Str(r.p)
			if len(s) > maxSystemText {
				n.Fail(r.p, "%d bytes are too many, want up to %d", len(s), maxSystemText)
			}
			names = append(names, s)
		}
		values = append(values, v)
	}
	if !known {
		values = nil
	}
	return names, values
}

// literal reads a value as LogValue has it.
func (r *parser) literal(n *input.Node) string {
	switch n.Kind {
	case input.Int, input.Float, input.Bool:
		return n.Text()
	}
	s, _ := n.Str(r.p)
	if len(s) > maxLogText {
		n.Fail(r.p, "%d bytes are too many, want up to %d", len(s), maxLogText)
	}
	return strconv.Quote(s)
}

// attributesText is a list of attributes with what they may be, in brackets.
func attributesText(l *SystemLog) string {
	parts := make([]string, len(l.Attributes))
	for i, name := range l.Attributes {
		parts[i] = strconv.Quote(name)
		if i >= len(l.Values) {
			continue
		}
		v := &l.Values[i]
		if !v.known() {
			continue
		}
		parts[i] = "{name: " + parts[i]
		switch {
		case v.Pattern != "":
			parts[i] += ", pattern: " + strconv.Quote(v.Pattern)
		case v.Is != nil:
			parts[i] += ", is: [" + strings.Join(v.Is, ", ") + "]"
		}
		if v.Optional {
			parts[i] += ", optional: true"
		}
		parts[i] += "}"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// SetAttributes sets the attributes of a log record and what they may be, in byte order
// of their names.
func (l *SystemLog) SetAttributes(values map[string]LogValue) {
	l.Attributes, l.Values = nil, nil
	for name := range values { // order-free: sorted below
		l.Attributes = append(l.Attributes, name)
	}
	slices.Sort(l.Attributes)
	known := false
	for _, name := range l.Attributes {
		v := values[name]
		if len(v.Is) > maxLogValues || len(v.Pattern) > maxSystemText {
			v = LogValue{Optional: v.Optional}
		}
		known = known || v.known()
		l.Values = append(l.Values, v)
	}
	if !known {
		l.Values = nil
	}
}
