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
		dst = append(dst, `],"resource":{`...)
		dst = appendAttrsJSON(dst, t, `"attributes":`, res.Attrs)
		dst = append(dst, '}')
		if res.SchemaURL != 0 {
			dst = append(dst, `,"schemaUrl":`...)
			dst = append(dst, t.Strings.entries[res.SchemaURL].quoted()...)
		}
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

func comma(dst []byte, yes bool) []byte {
	if yes {
		dst = append(dst, ',')
	}
	return dst
}

func appendScopeSpansJSON(dst []byte, t *Traces, g *scopeGroup) []byte {
	dst = append(dst, '{')
	dst = appendScopeJSON(dst, t.Strings, &t.Scopes[g.scope])
	dst = append(dst, `,"spans":[`...)
	for i := g.first; i != none; i = t.order.next[i] {
		dst = comma(dst, i != g.first)
		dst = appendSpanJSON(dst, t, &t.Spans[i])
	}
	return append(dst, `]}`...)
}

// appendScopeJSON appends the scope member of Scope{Spans,Metrics,Logs}.
func appendScopeJSON(dst []byte, s *Strings, scope *Scope) []byte {
	dst = append(dst, `"scope":{`...)
	if scope.Name != 0 {
		dst = append(dst, `"name":`...)
		dst = append(dst, s.entries[scope.Name].quoted()...)
	}
	if scope.Version != 0 {
		dst = comma(dst, scope.Name != 0)
		dst = append(dst, `"version":`...)
		dst = append(dst, s.entries[scope.Version].quoted()...)
	}
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

// appendSpanJSON appends a Span object.
func appendSpanJSON(dst []byte, t *Traces, s *Span) []byte {
	dst = append(dst, '{')
	dst = appendIDsJSON(dst, &s.TraceID, &s.SpanID)
	if s.ParentID != (SpanID{}) {
		dst = member(dst, `"parentSpanId":`)
		dst = appendHex(dst, s.ParentID[:])
	}
	if s.Name != 0 {
		dst = member(dst, `"name":`)
		dst = append(dst, t.Strings.entries[s.Name].quoted()...)
	}
	if s.Kind != 0 {
		dst = member(dst, `"kind":`)
		dst = strconv.AppendUint(dst, uint64(s.Kind), 10)
	}
	dst = appendUint64JSON(dst, `"startTimeUnixNano":"`, s.Start)
	dst = appendUint64JSON(dst, `"endTimeUnixNano":"`, s.End)
	if s.Attrs.Len() > 0 {
		dst = appendAttrsJSON(member(dst, ""), t, `"attributes":`, s.Attrs)
	}
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
	if s.Message != 0 {
		dst = append(dst, `"message":`...)
		dst = append(dst, t.Strings.entries[s.Message].quoted()...)
	}
	if s.Status != StatusUnset {
		dst = member(dst, `"code":`)
		dst = strconv.AppendUint(dst, uint64(s.Status), 10)
	}
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
	if e.Name != 0 {
		dst = member(dst, `"name":`)
		dst = append(dst, t.Strings.entries[e.Name].quoted()...)
	}
	if e.Attrs.Len() > 0 {
		dst = appendAttrsJSON(member(dst, ""), t, `"attributes":`, e.Attrs)
	}
	return append(dst, '}')
}

func appendLinkJSON(dst []byte, t *Traces, l *Link) []byte {
	dst = append(dst, '{')
	dst = appendIDsJSON(dst, &l.TraceID, &l.SpanID)
	if l.Attrs.Len() > 0 {
		dst = appendAttrsJSON(member(dst, ""), t, `"attributes":`, l.Attrs)
	}
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
