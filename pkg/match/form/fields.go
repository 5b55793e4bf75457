package form

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// AppendFields appends every value of a message to dst, sorted by path, byte by byte; each
// path is there once. The strings of one call share memory: whoever keeps few for long
// clones them. Messages have equal fields if and only if they have equal digests. An
// error wraps ErrMalformed or ErrTooLong and leaves dst as it was.
func AppendFields(dst []Field, m Message, b []byte) ([]Field, error) {
	if m >= numExported {
		return dst, fmt.Errorf("fields of message %d: no such message", m)
	}
	// What has fields has a digest: also what is damaged where it does not count.
	if _, err := Digest(m, b); err != nil {
		return dst, err
	}
	f := walkers.Get().(*walker)
	defer walkers.Put(f)
	f.path, f.paths, f.texts, f.found, f.pairs = f.path[:0], f.paths[:0], f.texts[:0], f.found[:0], f.pairs[:0]
	beside := ""
	switch m {
	case MetricPart:
		f.path = append(f.path, "metric"...)
	case ResourcePart:
		beside = "resource_group"
	case ScopePart:
		beside = "scope_group"
	}
	f.most = 64*len(b) + 1<<20
	if err := f.message(m, b, beside, 0); err != nil {
		return dst, fmt.Errorf("fields of %v of %d bytes: %w", m, len(b), err)
	}
	if len(f.paths) > f.most {
		return dst, fmt.Errorf("fields of %v of %d bytes: %w", m, len(b), ErrTooLong)
	}
	return f.append(dst), nil
}

// walker walks over a message for its fields. Their paths and texts are gathered in
// one piece each.
type walker struct {
	path         []byte // of the message at hand
	paths, texts []byte
	most         int // for paths
	found        []found
	pairs        []pair // of the sets that are being walked
}

var walkers = sync.Pool{New: func() any { return new(walker) }}

// found is a field by where its path and text end; both begin where those of the
// field before end.
type found struct {
	path, text int
	kind       otlp.Kind
}

// pair is a KeyValue of a set.
type pair struct {
	key, raw []byte
	digest   uint64
}

// append appends what was found, sorted. Paths that are there twice, of unknown
// fields only, get a number.
func (f *walker) append(dst []Field) []Field {
	base := len(dst)
	paths, texts := string(f.paths), string(f.texts)
	var at found
	for _, e := range f.found {
		dst = append(dst, Field{Path: paths[at.path:e.path], Value: Value{Kind: e.kind, Text: texts[at.text:e.text]}})
		at = e
	}
	list := dst[base:]
	slices.SortFunc(list, func(a, b Field) int {
		if c := strings.Compare(a.Path, b.Path); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.Value.Kind, b.Value.Kind), strings.Compare(a.Value.Text, b.Value.Text))
	})
	again := false
	for i := 1; i < len(list); {
		path := list[i-1].Path
		for n := 2; i < len(list) && list[i].Path == path; i, n = i+1, n+1 {
			list[i].Path = path + "#" + strconv.Itoa(n)
			again = again || n > 9
		}
		i++
	}
	if again { // #10 comes before #2
		slices.SortFunc(list, func(a, b Field) int { return strings.Compare(a.Path, b.Path) })
	}
	return dst
}

// emit ends a field whose text has just been appended, at the path at hand.
func (f *walker) emit(k otlp.Kind) {
	if len(f.paths) > f.most {
		return // it is an error at the end
	}
	f.paths = append(f.paths, f.path...)
	f.found = append(f.found, found{len(f.paths), len(f.texts), k})
}

// push appends a name to the path and returns what the path is to be cut to after.
func (f *walker) push(name string) int {
	n := len(f.path)
	if n > 0 {
		f.path = append(f.path, '.')
	}
	f.path = append(f.path, name...)
	return n
}

// message walks over a message at the path at hand. Of what is unknown in it, beside
// comes after the path.
func (f *walker) message(m Message, b []byte, beside string, depth int) (err error) {
	if depth, err = enter(m, depth); err != nil {
		return err
	}
	if b, err = settle(m, b); err != nil {
		return err
	}
	var lists [maxLists]int
	base := len(f.pairs)
	setIndex := -1
	for i := 0; i < len(b); {
		tag, value, word, after := read(b, i)
		if after < 0 {
			return cut(b, i)
		}
		i = after
		number := tag >> 3
		var a *action
		if number <= maxNumber {
			a = &byNumber[m][number]
		}
		switch {
		case a != nil && a.wire != uint8(tag&7) && a.packable() && tag&7 == wireBytes:
			err = f.packed(m, a, value, &lists[a.slot])
		case a == nil || a.wire != uint8(tag&7):
			f.unknown(tag, value, word, beside)
		case a.label == set:
			setIndex = int(a.index)
			err = f.pair(value)
		case a.label == list:
			err = f.element(m, a, value, word, lists[a.slot], depth)
			lists[a.slot]++
		default:
			err = f.single(m, a, value, word, depth)
		}
		if err != nil {
			return err
		}
	}
	if setIndex >= 0 {
		return f.set(m, &schema[m][setIndex], base, depth)
	}
	return nil
}

// single walks over a field that a message has once.
func (f *walker) single(m Message, a *action, value []byte, word uint64, depth int) error {
	d := &schema[m][a.index]
	n := len(f.path)
	defer func() { f.path = f.path[:n] }()
	switch {
	case m == MetricPart && a.label == oneOf:
		f.push("data")
		f.texts = append(f.texts, d.name...)
		f.emit(otlp.KindText)
		f.path = f.path[:n]
		return f.message(a.next, value, ".data", depth)
	case m == msgAnyValue && a.label == oneOf:
		return f.value(a, d, value, word, depth)
	case a.label == oneOf: // the value of a number data point or an exemplar
		f.push("value")
	case m == ResourcePart && a.kind != kindMessage:
		f.push("resource")
		f.push(d.name)
	case m == ScopePart && a.kind != kindMessage:
		f.push("scope")
		f.push(d.name)
	default:
		f.push(d.name)
	}
	if a.next == msgAnyValue {
		return f.message(a.next, value, "#value", depth)
	}
	if a.kind == kindMessage {
		return f.message(a.next, value, "", depth)
	}
	if defaulted(d, value, word) {
		return nil
	}
	f.scalar(a.kind, d.enum, value, word)
	return nil
}

// value walks over what an AnyValue has for a value.
func (f *walker) value(a *action, d *field, value []byte, word uint64, depth int) error {
	before := len(f.found)
	switch {
	case d.kind == kindInt32:
		f.texts = append(f.texts, "string "...)
		f.scalar(d.kind, nil, value, word)
	case d.kind != kindMessage:
		f.scalar(d.kind, nil, value, word)
	case a.next == msgArrayValue:
		if err := f.message(a.next, value, "[]", depth); err != nil {
			return err
		}
		if !f.listed(before) {
			f.texts = append(f.texts, "[]"...)
			f.emit(otlp.KindArray)
		}
	default:
		if err := f.message(a.next, value, "{}", depth); err != nil {
			return err
		}
		if !f.listed(before) {
			f.texts = append(f.texts, "{}"...)
			f.emit(otlp.KindMap)
		}
	}
	return nil
}

// listed reports whether what was found since before is more than unknown fields of
// the list itself.
func (f *walker) listed(before int) bool {
	for _, e := range f.found[before:] {
		start := 0
		if before > 0 {
			start = f.found[before-1].path
		}
		rest := f.paths[start+len(f.path) : e.path]
		if !bytes.HasPrefix(rest, []byte("[].")) && !bytes.HasPrefix(rest, []byte("{}.")) {
			return true
		}
		before++
	}
	return false
}

// element walks over an element of a list.
func (f *walker) element(m Message, a *action, value []byte, word uint64, index, depth int) error {
	n := len(f.path)
	defer func() { f.path = f.path[:n] }()
	d := &schema[m][a.index]
	if m != msgArrayValue {
		f.push(d.name)
	}
	f.path = append(strconv.AppendInt(append(f.path, '['), int64(index), 10), ']')
	if a.kind != kindMessage {
		f.scalar(a.kind, d.enum, value, word)
		return nil
	}
	beside := ""
	if a.next == msgAnyValue {
		beside = "#value"
	}
	before := len(f.found)
	if err := f.message(a.next, value, beside, depth); err != nil {
		return err
	}
	if len(f.found) == before {
		f.emit(otlp.KindEmpty)
	}
	return nil
}

// packed walks over numbers that stand in one field.
func (f *walker) packed(m Message, a *action, b []byte, index *int) error {
	for i := 0; i < len(b); *index++ {
		word, after := element(a, b, i)
		if after < 0 {
			return cut(b, i)
		}
		if err := f.element(m, a, nil, word, *index, 0); err != nil {
			return err
		}
		i = after
	}
	return nil
}

// pair notes a KeyValue.
func (f *walker) pair(raw []byte) error {
	raw, err := settle(msgKeyValue, raw)
	if err != nil {
		return err
	}
	f.pairs = append(f.pairs, pair{key: Bytes(raw, 1), raw: raw})
	return nil
}
