package otlp

import (
	"maps"
	"slices"
	"unicode/utf8"
)

// StringID names a string of a Strings table. 0 is always the empty string.
type StringID uint32

// Strings is a table of strings, each pre-encoded for both formats. While it
// is being filled it belongs to one goroutine; afterwards it is immutable and
// may be shared.
type Strings struct {
	entries []entry
	index   map[string]StringID
	scratch []byte
}

// entry is one string in every form in which it is written, in one piece of
// memory: the protobuf value of a KeyValue, whose tail is the key of a
// KeyValue, whose tail is the string itself, and then the two JSON forms.
//
//	0            key     raw          jsonKey           jsonValue
//	| 12 L 0a l  ........ the string | {"key":"...","value": | {"stringValue":"..."} |
//	             0a l
//
// A key that is empty is left out, as protobuf leaves out defaults, so the
// key forms of string 0 are empty and {"value": .
type entry struct {
	forms                        string
	key, raw, jsonKey, jsonValue uint32
}

func (e *entry) protoValue() string { return e.forms[:e.jsonKey] }
func (e *entry) protoKey() string   { return e.forms[e.key:e.jsonKey] }
func (e *entry) text() string       { return e.forms[e.raw:e.jsonKey] }
func (e *entry) keyJSON() string    { return e.forms[e.jsonKey:e.jsonValue] }
func (e *entry) valueJSON() string  { return e.forms[e.jsonValue:] }

// quoted returns the string as JSON, a part of its value form.
func (e *entry) quoted() string {
	return e.forms[int(e.jsonValue)+len(jsonStringValue) : len(e.forms)-1]
}

const jsonStringValue = `{"stringValue":`

// NewStrings returns a table that holds only the empty string.
func NewStrings() *Strings {
	s := &Strings{index: make(map[string]StringID)}
	s.ID("")
	return s
}

// Extend returns a new table that holds the strings of s under the same ids, and
// may be added to. Ids of s name the same in both; s stays as it is.
func (s *Strings) Extend() *Strings {
	return &Strings{entries: slices.Clone(s.entries), index: maps.Clone(s.index)}
}

// ID returns the id of v, adding it to the table when it is new. OTLP strings
// are UTF-8: each invalid byte of v stands for U+FFFD.
func (s *Strings) ID(v string) StringID {
	if id, ok := s.index[v]; ok {
		return id
	}
	if !utf8.ValidString(v) {
		id := s.ID(string([]rune(v)))
		s.index[v] = id
		return id
	}
	id := StringID(len(s.entries))
	s.entries = append(s.entries, s.encode(v))
	s.index[s.entries[id].text()] = id
	return id
}

// idOf is ID for bytes that are known to be UTF-8; it copies them only when
// they are new.
func (s *Strings) idOf(v []byte) StringID {
	if id, ok := s.index[string(v)]; ok {
		return id
	}
	return s.ID(string(v))
}

// encode returns v in all its forms.
func (s *Strings) encode(v string) entry {
	var e entry
	b := s.scratch[:0]
	b = append(b, 0x12)
	b = appendVarint(b, uint64(1+varintLen(uint64(len(v)))+len(v)))
	e.key = uint32(len(b))
	b = append(b, 0x0a)
	b = appendVarint(b, uint64(len(v)))
	e.raw = uint32(len(b))
	b = append(b, v...)
	e.jsonKey = uint32(len(b))
	if v == "" {
		e.key = e.jsonKey
		b = append(b, `{"value":`...)
	} else {
		b = append(b, `{"key":`...)
		b = AppendJSONString(b, v)
		b = append(b, `,"value":`...)
	}
	e.jsonValue = uint32(len(b))
	b = append(b, jsonStringValue...)
	b = AppendJSONString(b, v)
	b = append(b, '}')
	s.scratch = b
	e.forms = string(b)
	return e
}

// Lookup returns the id of v and whether the table holds it.
func (s *Strings) Lookup(v string) (StringID, bool) {
	id, ok := s.index[v]
	return id, ok
}

// String returns the string named by id.
func (s *Strings) String(id StringID) string { return s.entries[id].text() }

// Len returns the number of strings in the table.
func (s *Strings) Len() int { return len(s.entries) }
