package conform

import (
	"bytes"
	"math"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// auditAttr is a scalar attribute as an audit keeps it, without pointers: a segment
// has hundreds of thousands of them.
type auditAttr struct {
	word uint64    // of a text: where it is in the texts of the audit
	name uint32    // number of its name
	kind otlp.Kind // KindText, KindInt, KindBool or KindDouble
}

// The word of a text is where it begins, and how long it is.
const lengthBits = 28

// keep takes the scalar attributes of a list. Those of a record's text are at base in
// the texts of the audit.
func (a *Audit) keep(strs *otlp.Strings, attrs []otlp.Attr, r otlp.Range, base int) []auditAttr {
	list := a.attrs.room(r.Len())
	for i := range attrs[r.Start:r.End] {
		x := &attrs[int(r.Start)+i]
		y := auditAttr{word: x.Word, name: a.names.of(x.Key), kind: x.Kind}
		switch x.Kind {
		case otlp.KindText:
			r := otlp.UnpackRange(x.Word)
			y.word = uint64(base+int(r.Start))<<lengthBits | uint64(r.Len())
		case otlp.KindString:
			s := strs.String(otlp.StringID(x.Word))
			at := a.text.place(len(s))
			copy(a.text.text(at, len(s)), s)
			y.kind, y.word = otlp.KindText, uint64(at)<<lengthBits|uint64(len(s))
		case otlp.KindBool:
			if x.Word != 1 {
				y.word = 0
			}
		case otlp.KindInt, otlp.KindDouble:
		default:
			continue
		}
		list = append(list, y)
	}
	return a.attrs.keep(list)
}

// textOf returns the bytes of a text.
func (a *Audit) textOf(x *auditAttr) []byte {
	return a.text.text(int(x.word>>lengthBits), int(x.word&(1<<lengthBits-1)))
}

// attrOf returns the attribute of a name, nil when a list has none; of several it is the
// last.
func attrOf(list []auditAttr, name uint32) *auditAttr {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].name == name {
			return &list[i]
		}
	}
	return nil
}

// equal reports whether two attributes have the same value of the same type.
func (a *Audit) equal(x, y *auditAttr) bool {
	switch {
	case x.kind != y.kind:
		return false
	case x.kind == otlp.KindText:
		return bytes.Equal(a.textOf(x), a.textOf(y))
	case x.kind == otlp.KindDouble:
		return math.Float64frombits(x.word) == math.Float64frombits(y.word)
	}
	return x.word == y.word
}

// is reports whether an attribute of a list is that text.
func (a *Audit) is(list []auditAttr, name uint32, text string) bool {
	x := attrOf(list, name)
	return x != nil && x.kind == otlp.KindText && string(a.textOf(x)) == text
}

// flag returns an attribute of a list that is true or false, and whether it is one.
func flag(list []auditAttr, name uint32) (value, ok bool) {
	x := attrOf(list, name)
	if x == nil || x.kind != otlp.KindBool {
		return false, false
	}
	return x.word == 1, true
}

// value returns an attribute as a Go value, nil when there is none.
func (a *Audit) value(x *auditAttr) any {
	if x == nil {
		return nil
	}
	switch x.kind {
	case otlp.KindText:
		return string(a.textOf(x))
	case otlp.KindInt:
		return int64(x.word)
	case otlp.KindBool:
		return x.word == 1
	}
	return math.Float64frombits(x.word)
}

// mapOf returns a list as Go values by name. It is for what is to be said of them.
func (a *Audit) mapOf(list []auditAttr) map[string]any {
	out := make(map[string]any, len(list))
	for i := range list {
		out[a.names.list[list[i].name].name] = a.value(&list[i])
	}
	return out
}

// auditResource is a resource: all records that say the same of who has made them have one.
type auditResource struct {
	attrs    map[string]any  // string, int64, bool or float64
	said     []auditAttr     // the same, in the texts of a segment
	segment  uint64          // the latest one that has it: whose texts that are
	system   *semconv.System // that it is a service of; nil: of none
	odd      bool            // it has a number that is not equal to itself
	prefixes []string        // of the names of series, by number of the metric; empty: not made yet
}

// resource returns the resource of a list of attributes of a record, whose text is at
// base in the texts of the audit.
func (a *Audit) resource(strs *otlp.Strings, attrs []otlp.Attr, text []byte, r otlp.Range, base int) *auditResource {
	b := a.spelt[:0]
	for i := r.Start; i < r.End; i++ {
		x := &attrs[i]
		b = appendUint32(appendUint32(b, a.names.of(x.Key)), uint32(x.Kind))
		switch x.Kind {
		case otlp.KindText:
			v := otlp.UnpackRange(x.Word)
			b = append(appendUint32(b, uint32(v.Len())), text[v.Start:v.End]...)
		case otlp.KindString:
			s := strs.String(otlp.StringID(x.Word))
			b = append(appendUint32(b, uint32(len(s))), s...)
		default:
			b = appendUint32(appendUint32(b, uint32(x.Word>>32)), uint32(x.Word))
		}
	}
	a.spelt = b
	if x := a.resources[string(b)]; x != nil {
		if x.segment != a.segment {
			x.segment, x.said = a.segment, a.keep(strs, attrs, r, base)
		}
		return x
	}
	x := &auditResource{attrs: attrMap(strs, attrs, text, r), said: a.keep(strs, attrs, r, base), segment: a.segment}
	for i := range x.said {
		x.odd = x.odd || !a.equal(&x.said[i], &x.said[i])
	}
	x.system = systemOf(a.conv, x.attrs)
	x.prefixes = make([]string, len(a.metrics))
	a.resources[string(b)] = x
	return x
}

func appendUint32(b []byte, v uint32) []byte {
	return append(b, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}
