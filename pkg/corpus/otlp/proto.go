package otlp

import "encoding/binary"

// The protobuf appender writes fields in ascending order of their numbers, that
// of a oneof last, leaves out defaults, and writes a field of a oneof always:
// the bytes that the deterministic marshaller of google.golang.org/protobuf
// makes today, but fixed by our own tests. Tags are written as their bytes:
// field<<3 | wire type.

// appendTracesProto appends t as TracesData. t.order is built.
func appendTracesProto(dst []byte, t *Traces) []byte {
	g := &t.order
	for i := range g.resources {
		r := &g.resources[i]
		res := &t.Resources[r.resource]
		width := lengthWidth(r.items)
		dst = append(dst, 0x0a) // TracesData.resource_spans
		var start int
		dst, start = OpenLength(dst, width)
		dst = appendResource(dst, &t.view, res)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = appendScopeSpans(dst, t, &g.scopes[j])
		}
		dst = appendString(dst, 0x1a, &t.view, res.SchemaURL)
		dst = CloseLength(dst, start, width)
	}
	return dst
}

// lengthWidth guesses the width of the length of a message of n spans.
func lengthWidth(n uint32) int {
	if n > 24 {
		return 3
	}
	return 2
}

// appendResource appends field 1 of Resource{Spans,Metrics,Logs}.
func appendResource(dst []byte, v *values, r *Resource) []byte {
	dst = append(dst, 0x0a)
	dst, start := OpenLength(dst, 2)
	dst = appendAttrs(dst, v, 0x0a, r.Attrs)
	return CloseLength(dst, start, 2)
}

// appendScope appends field 1 of Scope{Spans,Metrics,Logs}.
func appendScope(dst []byte, v *values, scope *Scope) []byte {
	dst = append(dst, 0x0a)
	dst, start := OpenLength(dst, 1)
	dst = appendString(dst, 0x0a, v, scope.Name)
	dst = appendString(dst, 0x12, v, scope.Version)
	return CloseLength(dst, start, 1)
}

func appendScopeSpans(dst []byte, t *Traces, g *scopeGroup) []byte {
	width := lengthWidth(g.items)
	dst = append(dst, 0x12) // ResourceSpans.scope_spans
	dst, start := OpenLength(dst, width)
	dst = appendScope(dst, &t.view, &t.Scopes[g.scope])
	for i := g.first; i != none; i = t.order.next[i] {
		dst = append(dst, 0x12) // ScopeSpans.spans
		var at int
		dst, at = OpenLength(dst, 2)
		dst = appendSpan(dst, t, &t.Spans[i])
		dst = CloseLength(dst, at, 2)
	}
	return CloseLength(dst, start, width)
}

// appendSpan appends the fields of a Span message.
func appendSpan(dst []byte, t *Traces, s *Span) []byte {
	v := &t.view
	dst = appendIDs(dst, &s.TraceID, &s.SpanID)
	if s.ParentID != (SpanID{}) {
		dst = append(dst, 0x22, 8)
		dst = append(dst, s.ParentID[:]...)
	}
	dst = appendString(dst, 0x2a, v, s.Name)
	if s.Kind != 0 {
		dst = append(dst, 0x30)
		dst = appendVarint(dst, uint64(s.Kind))
	}
	dst = appendFixed64(dst, 0x39, s.Start)
	dst = appendFixed64(dst, 0x41, s.End)
	dst = appendAttrs(dst, v, 0x4a, s.Attrs)
	for i := s.Events.Start; i < s.Events.End; i++ {
		dst = appendEvent(dst, t, &t.Events[i])
	}
	for i := s.Links.Start; i < s.Links.End; i++ {
		dst = appendLink(dst, t, &t.Links[i])
	}
	if s.Status != StatusUnset || s.Message != 0 {
		dst = append(dst, 0x7a)
		var start int
		dst, start = OpenLength(dst, 1)
		dst = appendString(dst, 0x12, v, s.Message)
		if s.Status != StatusUnset {
			dst = append(dst, 0x18)
			dst = appendVarint(dst, uint64(s.Status))
		}
		dst = CloseLength(dst, start, 1)
	}
	if s.Flags != 0 {
		dst = append(dst, 0x85, 0x01)
		dst = binary.LittleEndian.AppendUint32(dst, s.Flags)
	}
	return dst
}

// appendIDs appends fields 1 and 2 of a span or a link.
func appendIDs(dst []byte, trace *TraceID, span *SpanID) []byte {
	if *trace != (TraceID{}) {
		dst = append(dst, 0x0a, 16)
		dst = append(dst, trace[:]...)
	}
	if *span != (SpanID{}) {
		dst = append(dst, 0x12, 8)
		dst = append(dst, span[:]...)
	}
	return dst
}

func appendEvent(dst []byte, t *Traces, e *Event) []byte {
	dst = append(dst, 0x5a)
	dst, start := OpenLength(dst, 2)
	dst = appendFixed64(dst, 0x09, e.Time)
	dst = appendString(dst, 0x12, &t.view, e.Name)
	dst = appendAttrs(dst, &t.view, 0x1a, e.Attrs)
	return CloseLength(dst, start, 2)
}

func appendLink(dst []byte, t *Traces, l *Link) []byte {
	dst = append(dst, 0x6a)
	dst, start := OpenLength(dst, 1)
	dst = appendIDs(dst, &l.TraceID, &l.SpanID)
	dst = appendAttrs(dst, &t.view, 0x22, l.Attrs)
	if l.Flags != 0 {
		dst = append(dst, 0x35)
		dst = binary.LittleEndian.AppendUint32(dst, l.Flags)
	}
	return CloseLength(dst, start, 1)
}

// appendString appends a string field unless it is empty.
func appendString(dst []byte, tag byte, v *values, id StringID) []byte {
	if id == 0 {
		return dst
	}
	dst = append(dst, tag)
	return append(dst, v.entries[id].protoKey()[1:]...)
}

// appendFixed64 appends a fixed64 field unless it is zero.
func appendFixed64(dst []byte, tag byte, x uint64) []byte {
	if x == 0 {
		return dst
	}
	return binary.LittleEndian.AppendUint64(append(dst, tag), x)
}
