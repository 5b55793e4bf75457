package otlp

import "encoding/binary"

// appendLogsProto appends l as LogsData. l.order is built.
func appendLogsProto(dst []byte, l *Logs) []byte {
	g := &l.order
	for i := range g.resources {
		r := &g.resources[i]
		res := &l.Resources[r.resource]
		width := lengthWidth(r.items)
		dst = append(dst, 0x0a) // LogsData.resource_logs
		var start int
		dst, start = OpenLength(dst, width)
		dst = appendResource(dst, &l.view, res)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = appendScopeLogs(dst, l, &g.scopes[j])
		}
		dst = appendString(dst, 0x1a, &l.view, res.SchemaURL)
		dst = CloseLength(dst, start, width)
	}
	return dst
}

func appendScopeLogs(dst []byte, l *Logs, g *scopeGroup) []byte {
	width := lengthWidth(g.items)
	dst = append(dst, 0x12) // ResourceLogs.scope_logs
	dst, start := OpenLength(dst, width)
	dst = appendScope(dst, &l.view, &l.Scopes[g.scope])
	for i := g.first; i != none; i = l.order.next[i] {
		dst = append(dst, 0x12) // ScopeLogs.log_records
		var at int
		dst, at = OpenLength(dst, 2)
		dst = appendLogRecord(dst, l, &l.Records[i])
		dst = CloseLength(dst, at, 2)
	}
	return CloseLength(dst, start, width)
}

// appendLogRecord appends the fields of a LogRecord message.
func appendLogRecord(dst []byte, l *Logs, r *LogRecord) []byte {
	v := &l.view
	dst = appendFixed64(dst, 0x09, r.Time)
	if r.Severity != SeverityUnspecified {
		dst = append(dst, 0x10)
		dst = appendVarint(dst, uint64(r.Severity))
	}
	dst = appendString(dst, 0x1a, v, r.SeverityText)
	if r.Body.Kind != KindEmpty {
		dst = appendValue(dst, v, 0x2a, &r.Body)
	}
	dst = appendAttrs(dst, v, 0x32, r.Attrs)
	if r.Flags != 0 {
		dst = append(dst, 0x45)
		dst = binary.LittleEndian.AppendUint32(dst, r.Flags)
	}
	if r.TraceID != (TraceID{}) {
		dst = append(dst, 0x4a, 16)
		dst = append(dst, r.TraceID[:]...)
	}
	if r.SpanID != (SpanID{}) {
		dst = append(dst, 0x52, 8)
		dst = append(dst, r.SpanID[:]...)
	}
	dst = appendFixed64(dst, 0x59, r.Observed)
	return appendString(dst, 0x62, v, r.EventName)
}
