package profile

import (
	"cmp"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"
)

// Digest returns a hash of all that a profile says. Two that say the same have the same.
func (p *Profile) Digest() uint64 {
	d := xxhash.New()
	p.walk(func(path, value []byte) {
		// It does not fail.
		_, _ = d.Write(path)
		_, _ = d.Write(value)
	})
	return d.Sum64()
}

// Equal reports whether two say the same.
func (p *Profile) Equal(o *Profile) bool { return p.Digest() == o.Digest() }

// appender is a sketch.
type appender interface{ Append([]byte) []byte }

// walk visits all exported fields, in an order that depends on nothing else. What it
// hands over is valid during the call.
func (p *Profile) walk(visit func(path, value []byte)) {
	w := walker{visit: visit}
	w.walk(nil, reflect.ValueOf(p).Elem())
}

type walker struct {
	visit func(path, value []byte)
	room  []byte
}

func (w *walker) walk(path []byte, v reflect.Value) {
	w.room = w.room[:0]
	if v.CanInterface() && (v.Kind() == reflect.Pointer || v.Kind() == reflect.Struct) {
		if s, ok := v.Interface().(appender); ok {
			w.room = s.Append(w.room)
			w.visit(path, w.room)
			return
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			w.visit(path, nil)
		} else {
			w.walk(path, v.Elem())
		}
		return
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				w.walk(append(append(path, '.'), f.Name...), v.Field(i))
			}
		}
		return
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.walk(strconv.AppendInt(append(path, '.'), int64(i), 10), v.Index(i))
		}
		return
	case reflect.Map:
		w.entries(path, v)
		return
	case reflect.String:
		w.room = append(w.room, v.String()...)
	case reflect.Bool:
		w.room = strconv.AppendBool(w.room, v.Bool())
	case reflect.Float64:
		w.room = binary.BigEndian.AppendUint64(w.room, math.Float64bits(v.Float()))
	default:
		n := uint64(0)
		if v.CanUint() {
			n = v.Uint()
		} else {
			n = uint64(v.Int())
		}
		w.room = binary.BigEndian.AppendUint64(w.room, n)
	}
	w.visit(path, w.room)
}

// entries walks a map by its keys in order, which are texts or numbers.
func (w *walker) entries(path []byte, v reflect.Value) {
	keys := v.MapKeys()
	if v.Type().Key().Kind() == reflect.String {
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	} else {
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.Uint(), b.Uint()) })
	}
	for _, k := range keys {
		at := append(path, '.')
		if k.Kind() == reflect.String {
			at = append(at, k.String()...)
		} else {
			at = strconv.AppendUint(at, k.Uint(), 10)
		}
		w.walk(at, v.MapIndex(k))
	}
}
