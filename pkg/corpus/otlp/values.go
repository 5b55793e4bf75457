package otlp

// values is what attributes and names refer to, of a record of any signal. It
// is how the signals share what writes them.
type values struct {
	entries []entry
	attrs   []Attr
	text    []byte
}

// view returns what the attributes of a record with these slices refer to.
func view(s *Strings, attrs []Attr, text []byte) values {
	return values{entries: s.entries, attrs: attrs, text: text}
}
