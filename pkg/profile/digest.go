package profile

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"

	"github.com/cespare/xxhash/v2"
)

// Digest returns a hash of all that a profile says. Two that say the same have the same.
func (p *Profile) Digest() uint64 {
	d := xxhash.New()
	p.walk(func(path string, value []byte) {
		// It does not fail.
		_, _ = d.WriteString(path)
		_, _ = d.Write(value)
	})
	return d.Sum64()
}

// Equal reports whether two say the same.
func (p *Profile) Equal(o *Profile) bool { return p.Digest() == o.Digest() }

// appender is a sketch.
type appender interface{ Append([]byte) []byte }

// walk visits all exported fields, in an order that depends on nothing else.
func (p *Profile) walk(visit func(path string, value []byte)) {
	walk("", reflect.ValueOf(p), visit)
}

func walk(path string, v reflect.Value, visit func(string, []byte)) {
	if v.CanInterface() && v.Type() != reflect.TypeFor[*Profile]() {
		if s, ok := v.Interface().(appender); ok {
			visit(path, s.Append(nil))
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			visit(path, nil)
		} else {
			walk(path, v.Elem(), visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				walk(path+"."+f.Name, v.Field(i), visit)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	case reflect.Map:
		keys := make(map[string]reflect.Value, v.Len())
		for _, k := range v.MapKeys() {
			keys[fmt.Sprintf("[%v]", k)] = k
		}
		for _, name := range sortedKeys(keys) {
			walk(path+name, v.MapIndex(keys[name]), visit)
		}
	case reflect.String:
		visit(path, []byte(v.String()))
	case reflect.Bool:
		visit(path, fmt.Appendf(nil, "%v", v.Bool()))
	case reflect.Float64:
		visit(path, binary.BigEndian.AppendUint64(nil, math.Float64bits(v.Float())))
	default:
		n := uint64(0)
		if v.CanUint() {
			n = v.Uint()
		} else {
			n = uint64(v.Int())
		}
		visit(path, binary.BigEndian.AppendUint64(nil, n))
	}
}
