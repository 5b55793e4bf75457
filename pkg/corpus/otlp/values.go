package otlp

// values is what names and attributes of a record refer to, whatever its
// signal. Through it the signals share what writes them.
type values struct {
	entries []entry
	attrs   []Attr
	text    []byte
}

// set makes v the values of a record with these slices. A record without items
// needs no table.
func (v *values) set(s *Strings, attrs []Attr, text []byte) {
	*v = values{attrs: attrs, text: text}
	if s != nil {
		v.entries = s.entries
	}
}
