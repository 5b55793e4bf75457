package otlp

// StringID names a string of a Strings table. 0 is always the empty string.
type StringID uint32

// Strings is a table of strings, each pre-encoded for both formats. While it
// is being filled it belongs to one goroutine; afterwards it is immutable and
// may be shared.
type Strings struct {
	raw   []string
	json  []string // quoted and escaped
	index map[string]StringID
}

// NewStrings returns a table that holds only the empty string.
func NewStrings() *Strings {
	s := &Strings{index: make(map[string]StringID)}
	s.ID("")
	return s
}

// ID returns the id of v, adding it to the table when it is new.
func (s *Strings) ID(v string) StringID {
	if id, ok := s.index[v]; ok {
		return id
	}
	id := StringID(len(s.raw))
	s.raw = append(s.raw, v)
	s.json = append(s.json, string(AppendJSONString(nil, v)))
	s.index[v] = id
	return id
}

// Lookup returns the id of v and whether the table holds it.
func (s *Strings) Lookup(v string) (StringID, bool) {
	id, ok := s.index[v]
	return id, ok
}

// String returns the string named by id.
func (s *Strings) String(id StringID) string { return s.raw[id] }

// Len returns the number of strings in the table.
func (s *Strings) Len() int { return len(s.raw) }
