package otlp

import "strconv"

// The JSON appender writes OTLP/JSON: ids in hex, 64-bit integers as strings,
// enums as integers, defaults left out as in protobuf. A resource comes after
// its spans and a span begins with its trace id, so that two files of a corpus
// differ early: the Collector takes files with the same first 1,000 bytes for
// one file.

// appendTracesJSON appends t as a JSON object. t.order is built.
func appendTracesJSON(dst []byte, t *Traces) []byte {
	g := &t.order
	dst = append(dst, `{"resourceSpans":[`...)
	for i := range g.resources {
		r := &g.resources[i]
		res := &t.Resources[r.resource]
		dst = comma(dst, i > 0)
		dst = append(dst, `{"scopeSpans":[`...)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = comma(dst, j != r.first)
			dst = appendScopeSpansJSON(dst, t, &g.scopes[j])
		}
		dst = append(dst, ']')
		dst = appendResourceJSON(dst, &t.view, res)
	}
	return append(dst, `]}`...)
}

// appendResourceJSON appends the last members of Resource{Spans,Metrics,Logs}
// and its closing brace.
func appendResourceJSON(dst []byte, v *values, r *Resource) []byte {
	dst = append(dst, `,"resource":{`...)
	dst = appendAttrsJSON(dst, `"attributes":`, v, r.Attrs)
	dst = append(dst, '}')
	dst = appendNameJSON(dst, `"schemaUrl":`, v, r.SchemaURL)
	return append(dst, '}')
}

func comma(dst []byte, yes bool) []byte {
	if yes {
		dst = append(dst, ',')
	}
	return dst
}

func appendScopeSpansJSON(dst []byte, t *Traces, g *scopeGroup) []byte {
	dst = append(dst, '{')
	dst = appendScopeJSON(dst, &t.view, &t.Scopes[g.scope])
	dst = append(dst, `,"spans":[`...)
	for i := g.first; i != none; i = t.order.next[i] {
		dst = comma(dst, i != g.first)
		dst = appendSpanJSON(dst, t, &t.Spans[i])
	}
	return append(dst, `]}`...)
}

// appendScopeJSON appends the scope member of Scope{Spans,Metrics,Logs}.
func appendScopeJSON(dst []byte, v *values, scope *Scope) []byte {
	dst = append(dst, `"scope":{`...)
	dst = appendNameJSON(dst, `"name":`, v, scope.Name)
	dst = appendNameJSON(dst, `"version":`, v, scope.Version)
	return append(dst, '}')
}

// member appends the name of a member, after a comma unless it is the first of
// its object, which shows in the byte before it.
func member(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(dst, name...)
}

// appendNameJSON appends a string member unless it is empty.
func appendNameJSON(dst []byte, name string, v *values, id StringID) []byte {
	if id == 0 {
		return dst
	}
	return append(member(dst, name), v.entries[id].quoted()...)
}

// appendEnumJSON appends an enum member unless it is zero.
func appendEnumJSON(dst []byte, name string, x uint8) []byte {
	if x == 0 {
		return dst
	}
	return strconv.AppendUint(member(dst, name), uint64(x), 10)
}

// appendSpanJSON appends a Span object.
func appendSpanJSON(dst []byte, t *Traces, s *Span) []byte {
	v := &t.view
	dst = append(dst, '{')
	dst = appendIDsJSON(dst, &s.TraceID, &s.SpanID)
	if s.ParentID != (SpanID{}) {
		dst = member(dst, `"parentSpanId":`)
		dst = appendHex(dst, s.ParentID[:])
	}
	dst = appendNameJSON(dst, `"name":`, v, s.Name)
	dst = appendEnumJSON(dst, `"kind":`, s.Kind)
	dst = appendUint64JSON(dst, `"startTimeUnixNano":"`, s.Start)
	dst = appendUint64JSON(dst, `"endTimeUnixNano":"`, s.End)
	dst = appendAttrsJSON(dst, `"attributes":`, v, s.Attrs)
	if s.Events.Len() > 0 {
		dst = member(dst, `"events":[`)
		for i := s.Events.Start; i < s.Events.End; i++ {
			dst = comma(dst, i > s.Events.Start)
			dst = appendEventJSON(dst, t, &t.Events[i])
		}
		dst = append(dst, ']')
	}
	if s.Links.Len() > 0 {
		dst = member(dst, `"links":[`)
		for i := s.Links.Start; i < s.Links.End; i++ {
			dst = comma(dst, i > s.Links.Start)
			dst = appendLinkJSON(dst, t, &t.Links[i])
		}
		dst = append(dst, ']')
	}
	dst = appendStatusJSON(dst, t, s)
	dst = appendFlagsJSON(dst, s.Flags)
	return append(dst, '}')
}

func appendStatusJSON(dst []byte, t *Traces, s *Span) []byte {
	if s.Status == StatusUnset && s.Message == 0 {
		return dst
	}
	dst = member(dst, `"status":{`)
	dst = appendNameJSON(dst, `"message":`, &t.view, s.Message)
	dst = appendEnumJSON(dst, `"code":`, s.Status)
	return append(dst, '}')
}

func appendFlagsJSON(dst []byte, flags uint32) []byte {
	if flags == 0 {
		return dst
	}
	return strconv.AppendUint(member(dst, `"flags":`), uint64(flags), 10)
}

func appendIDsJSON(dst []byte, trace *TraceID, span *SpanID) []byte {
	if *trace != (TraceID{}) {
		dst = appendHex(append(dst, `"traceId":`...), trace[:])
	}
	if *span != (SpanID{}) {
		dst = appendHex(member(dst, `"spanId":`), span[:])
	}
	return dst
}

func appendEventJSON(dst []byte, t *Traces, e *Event) []byte {
	dst = append(dst, '{')
	dst = appendUint64JSON(dst, `"timeUnixNano":"`, e.Time)
	dst = appendNameJSON(dst, `"name":`, &t.view, e.Name)
	dst = appendAttrsJSON(dst, `"attributes":`, &t.view, e.Attrs)
	return append(dst, '}')
}

func appendLinkJSON(dst []byte, t *Traces, l *Link) []byte {
	dst = append(dst, '{')
	dst = appendIDsJSON(dst, &l.TraceID, &l.SpanID)
	dst = appendAttrsJSON(dst, `"attributes":`, &t.view, l.Attrs)
	dst = appendFlagsJSON(dst, l.Flags)
	return append(dst, '}')
}

// appendUint64JSON appends a 64-bit member, a decimal string, unless it is
// zero. name ends with the opening quote of the value.
func appendUint64JSON(dst []byte, name string, v uint64) []byte {
	if v == 0 {
		return dst
	}
	dst = strconv.AppendUint(member(dst, name), v, 10)
	return append(dst, '"')
}

// appendHex appends b as a JSON string of lower-case hex digits.
func appendHex(dst, b []byte) []byte {
	dst = append(dst, '"')
	for _, c := range b {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, '"')
}
