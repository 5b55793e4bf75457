package scenario

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// object reads the value of a key as a JSON object of the structure. A key that
// is absent is an empty object.
func (l *loader) object(m input.Map, key string, s Structure) (string, bool) {
	section, ok := m.Map(key)
	if !ok && m.Get(key) != nil {
		return "", false
	}
	text, ok := l.appendObject(nil, section, s)
	if ok && len(text) > maxSaid {
		m.Fail(key, "%d bytes of JSON are more than the limit of %d", len(text), maxSaid)
		return "", false
	}
	return string(text), ok
}

// appendObject appends a mapping as JSON, its keys in the order of the
// structure. ok is false when a problem was added.
func (l *loader) appendObject(dst []byte, m input.Map, s Structure) (_ []byte, ok bool) {
	before := l.p.Found()
	for _, e := range m.Entries() {
		if !s.has(e.Key) {
			l.p.Errorf(e.Pos, "%s", input.Unknown("field", e.Key, s.names()))
		}
	}
	dst = append(dst, '{')
	first := true
	for i := range s {
		n := m.Get(s[i].Name)
		if n == nil {
			if s[i].Required {
				m.Fail(s[i].Name, "missing")
			}
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = otlp.AppendJSONString(dst, s[i].Name)
		dst = append(dst, ':')
		dst, _ = l.appendValue(dst, n, &s[i])
	}
	return append(dst, '}'), l.p.Found() == before
}

func (s Structure) has(name string) bool {
	for i := range s {
		if s[i].Name == name {
			return true
		}
	}
	return false
}

// appendValue appends a value as JSON that fits the field.
func (l *loader) appendValue(dst []byte, n *input.Node, f *Field) (_ []byte, ok bool) {
	begin := len(dst)
	switch f.Type {
	case typeString:
		var s string
		s, ok = n.Str(l.p)
		dst = otlp.AppendJSONString(dst, s)
	case typeInteger:
		var v int64
		v, ok = n.Int(l.p)
		dst = strconv.AppendInt(dst, v, 10)
	case typeNumber:
		var v float64
		v, ok = n.Float(l.p)
		dst = appendNumber(dst, v)
	case typeBoolean:
		var v bool
		v, ok = n.Bool(l.p)
		dst = strconv.AppendBool(dst, v)
	case typeObject:
		var m input.Map
		if m, ok = n.Map(l.p); ok {
			dst, ok = l.appendObject(dst, m, f.Fields)
		}
	case typeArray:
		dst, ok = l.appendList(dst, n, f)
	}
	if ok && len(f.Enum) > 0 {
		ok = l.allowed(n, string(dst[begin:]), f)
	}
	return dst, ok
}

// appendList appends a list of items that fit those of the field.
func (l *loader) appendList(dst []byte, n *input.Node, f *Field) (_ []byte, ok bool) {
	if n.Kind == input.Null {
		n.Fail(l.p, "found nothing, want a list")
		return dst, false
	}
	items, ok := n.List(l.p)
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		if f.Items == nil {
			continue // reported at the structure
		}
		var fits bool
		dst, fits = l.appendValue(dst, item, f.Items)
		ok = ok && fits
	}
	return append(dst, ']'), ok
}

// appendNumber appends a finite number in the shortest form that reads back as it.
func appendNumber(dst []byte, v float64) []byte {
	form := byte('f')
	if size := math.Abs(v); size != 0 && (size < 1e-6 || size >= 1e15) {
		form = 'g'
	}
	return strconv.AppendFloat(dst, v, form, -1, 64)
}

// allowed checks a value, given as JSON too, against those that a field may have.
func (l *loader) allowed(n *input.Node, value string, f *Field) bool {
	switch {
	case slices.Contains(f.Enum, value):
		return true
	case f.Type != typeString:
		n.Fail(l.p, "%s is none of %s", value, strings.Join(f.Enum, ", "))
		return false
	}
	var names []string
	for _, v := range f.Enum {
		names = append(names, strings.Trim(v, `"`))
	}
	n.Fail(l.p, "%s", input.Unknown("value", n.Text(), names))
	return false
}
