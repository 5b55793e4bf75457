package leaks

import (
	"strconv"
	"unicode/utf8"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// class is what a text is in the capture.
type class uint8

const (
	open    class = iota // may be said if enough traces have it
	allowed              // may be said
	free                 // free text
	denied               // of a denied key
	secret               // of a key for ids and secrets
	number               // an integer that is open
)

// message is a form of protobuf: what its fields are.
type message map[uint64]field

// field is what a field holds that is bytes. One that no table has is taken for text.
type field struct {
	as    byte    // 'm': a message, 't': text, 'i': an id, 'k': an attribute, 'v': a value
	of    message // of messages
	path  string  // what a text is, in findings
	class class
}

// The messages that items are.
var (
	exemplar   = message{4: {as: 'i', path: "span id"}, 5: {as: 'i', path: "trace id"}, 7: {as: 'k'}}
	spanFields = message{
		1: {as: 'i', path: "trace id"}, 2: {as: 'i', path: "span id"}, 4: {as: 'i', path: "span id"}, 3: {as: 't', path: "trace state", class: secret},
		5: {as: 't', path: "name"}, 9: {as: 'k'},
		11: {as: 'm', of: message{2: {as: 't', path: "event name"}, 3: {as: 'k'}}},
		13: {as: 'm', of: message{1: {as: 'i', path: "link"}, 2: {as: 'i', path: "link"}, 3: {as: 't', path: "trace state of a link", class: secret}, 4: {as: 'k'}}},
		15: {as: 'm', of: message{2: {as: 't', path: "status message", class: free}}},
	}
	logFields = message{
		3: {as: 't', path: "severity"}, 5: {as: 'v', path: "body", class: free}, 6: {as: 'k'}, 9: {as: 'i', path: "trace id"}, 10: {as: 'i', path: "span id"},
		12: {as: 't', path: "event name"},
	}
	pointFields = map[otlp.MetricKind]message{
		otlp.MetricNone: {7: {as: 'k'}}, otlp.MetricGauge: {7: {as: 'k'}, 5: {as: 'm', of: exemplar}}, otlp.MetricSum: {7: {as: 'k'}, 5: {as: 'm', of: exemplar}},
		// Counts and bounds are packed numbers.
		otlp.MetricHistogram: {9: {as: 'k'}, 8: {as: 'm', of: exemplar}, 6: {}, 7: {}}, otlp.MetricExpHistogram: {1: {as: 'k'}, 11: {as: 'm', of: exemplar}, 8: {}, 9: {}},
	}
)

// walker finds all texts of an item.
type walker struct {
	o     *Options
	visit func(s []byte, path string, c class)
	keys  map[string]keyed
	digit []byte
	noIDs bool
}

// keyed is a key with its class.
type keyed struct {
	path  string
	class class
}

// maxKeys bounds the keys whose class is remembered.
const maxKeys = 1 << 16

func newWalker(o *Options) *walker { return &walker{o: o, keys: make(map[string]keyed)} }

// message walks the fields of a message.
func (w *walker) message(b []byte, of message) {
	for i := 0; i < len(b); {
		tag, value, after := wire.Next(b, i)
		if after < 0 {
			return // what is damaged was not read by anybody
		}
		i = after
		if tag&7 != 2 {
			continue
		}
		f, known := of[tag>>3]
		switch {
		case !known:
			w.text(value, "unknown field", open)
		case f.as == 'm':
			w.message(value, f.of)
		case f.as == 't':
			w.text(value, f.path, f.class)
		case f.as == 'i':
			w.id(value, f.path)
		case f.as == 'k':
			w.attribute(value, nil, 0)
		case f.as == 'v':
			w.value(value, keyed{f.path, f.class}, 0)
		}
	}
}

func (w *walker) text(s []byte, path string, c class) {
	if len(s) > longer && utf8.Valid(s) {
		w.visit(s, path, c)
	}
}

// id visits an id as the hex digits that people know it by.
func (w *walker) id(s []byte, path string) {
	const hex = "0123456789abcdef"
	if len(s) > 16 || w.noIDs {
		return
	}
	w.digit = w.digit[:0]
	for _, c := range s {
		w.digit = append(w.digit, hex[c>>4], hex[c&15])
	}
	w.text(w.digit, path, secret)
}

// attribute visits the key and the value of an attribute, within a value of another one
// if outer is given.
func (w *walker) attribute(b []byte, outer *keyed, depth int) {
	var key, value []byte
	for i := 0; i < len(b); {
		tag, v, after := wire.Next(b, i)
		if after < 0 {
			return
		}
		switch i = after; tag {
		case 1<<3 | 2:
			key = v
		case 2<<3 | 2:
			value = v
		}
	}
	var k keyed
	if outer == nil {
		k = w.key(key)
	}
	if outer != nil {
		// A key within a value is as private as the value.
		w.text(key, outer.path, outer.class)
		k.class = classOf(string(key), w.o)
		if k.class == allowed {
			k.class = open // it is not the key that was allowed
		}
		k.class, k.path = max(k.class, outer.class), outer.path
	}
	w.value(value, k, depth)
}

// key returns the class of a key of attributes, and visits it.
func (w *walker) key(key []byte) keyed {
	k, ok := w.keys[string(key)]
	if !ok {
		k = keyed{"attribute " + string(key), classOf(string(key), w.o)}
		if len(w.keys) < maxKeys {
			w.keys[string(key)] = k
		}
	}
	if k.class == denied {
		w.text(key, "key", denied)
	} else {
		w.text(key, "key", open)
	}
	return k
}

// maxNested bounds values within values.
const maxNested = 64

// value visits what is in an AnyValue.
func (w *walker) value(b []byte, k keyed, depth int) {
	if depth > maxNested {
		return
	}
	for i := 0; i < len(b); {
		tag, v, after := wire.Next(b, i)
		if after < 0 {
			return
		}
		begin := i
		i = after
		switch tag {
		case 1<<3 | 2: // text
			w.said(v, k)
		case 3 << 3: // integer
			_, at := wire.Uvarint(b, begin)
			if n, end := wire.Uvarint(b, at); end > 0 {
				w.integer(n, k)
			}
		case 5<<3 | 2: // list
			w.list(v, k, depth)
		case 6<<3 | 2: // map
			w.pairs(v, k, depth)
		case 7<<3 | 2: // bytes
			w.said(v, k)
			w.id(v, k.path)
		}
	}
}

// pairs visits the keys and values of a map.
func (w *walker) pairs(b []byte, k keyed, depth int) {
	for i := 0; i < len(b); {
		tag, pair, after := wire.Next(b, i)
		if after < 0 {
			return
		}
		if i = after; tag == 1<<3|2 {
			w.attribute(pair, &k, depth+1)
		}
	}
}

func (w *walker) list(b []byte, k keyed, depth int) {
	for i := 0; i < len(b); {
		tag, v, after := wire.Next(b, i)
		if after < 0 {
			return
		}
		if i = after; tag == 1<<3|2 {
			w.value(v, k, depth+1)
		}
	}
}

func (w *walker) integer(n uint64, k keyed) {
	if k.class == open {
		k.class = number
	}
	w.digit = strconv.AppendInt(w.digit[:0], int64(n), 10)
	w.text(w.digit, k.path, k.class)
}

// said visits the text of a value, which is free text if it looks like that.
func (w *walker) said(s []byte, k keyed) {
	if k.class == open && written(s) {
		k.class = free
	}
	w.text(s, k.path, k.class)
}

// decoded visits an attribute that was decoded before.
func (w *walker) decoded(a *intake.Attribute) {
	k := w.key(a.Key)
	switch a.Kind {
	case otlp.KindString, otlp.KindText, otlp.KindBytes:
		if string(a.Key) == "service.name" { // a name, however many words it has
			w.text(a.Text, k.path, k.class)
			return
		}
		w.said(a.Text, k)
	case otlp.KindInt:
		w.integer(a.Word, k)
	case otlp.KindArray:
		w.list(a.Text, k, 0)
	case otlp.KindMap:
		w.pairs(a.Text, k, 0)
	}
}

func (w *walker) resource(r *intake.Resource) {
	if r != nil {
		w.text([]byte(r.Schema), "schema URL", open)
		for i := range r.Attributes {
			w.decoded(&r.Attributes[i])
		}
	}
}

func (w *walker) scope(s *intake.Scope) {
	if s != nil {
		w.text([]byte(s.Name), "scope", open)
		w.text([]byte(s.Version), "scope version", open)
		w.text([]byte(s.Schema), "schema URL of a scope", open)
		for i := range s.Attributes {
			w.decoded(&s.Attributes[i])
		}
	}
}
