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
}

// maxLogValues bounds the values of an attribute.
const maxLogValues = 1000

// logAttributes reads the names of the attributes of a log record, and what those may
// be of which that is known.
func (r *parser) logAttributes(m input.Map) (names []string, values []LogValue) {
	known := false
	for _, n := range m.List("attributes") {
		v := LogValue{}
		if n.Kind == input.Mapping {
			x, ok := n.Map(r.p, "name", "is", "pattern")
			if !ok {
				continue
			}
			v.Pattern = r.exactly(x, "pattern")
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
			known = known || v.Is != nil || v.Pattern != ""
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
		switch v := &l.Values[i]; {
		case v.Pattern != "":
			parts[i] = "{name: " + parts[i] + ", pattern: " + strconv.Quote(v.Pattern) + "}"
		case v.Is != nil:
			parts[i] = "{name: " + parts[i] + ", is: [" + strings.Join(v.Is, ", ") + "]}"
		}
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
			v = LogValue{}
		}
		known = known || v.Is != nil || v.Pattern != ""
		l.Values = append(l.Values, v)
	}
	if !known {
		l.Values = nil
	}
}
