package otlp

// appendLogsJSON appends l as a JSON object. l.order is built. As with spans
// the ids come first: two files of a corpus differ early.
func appendLogsJSON(dst []byte, l *Logs) []byte {
	g := &l.order
	dst = append(dst, `{"resourceLogs":[`...)
	for i := range g.resources {
		r := &g.resources[i]
		dst = comma(dst, i > 0)
		dst = append(dst, `{"scopeLogs":[`...)
		for j := r.first; j != none; j = g.scopes[j].next {
			dst = comma(dst, j != r.first)
			dst = append(dst, '{')
			dst = appendScopeJSON(dst, &l.view, &l.Scopes[g.scopes[j].scope])
			dst = append(dst, `,"logRecords":[`...)
			for k := g.scopes[j].first; k != none; k = g.next[k] {
				dst = comma(dst, k != g.scopes[j].first)
				dst = appendLogRecordJSON(dst, l, &l.Records[k])
			}
			dst = append(dst, `]}`...)
		}
		dst = append(dst, ']')
		dst = appendResourceJSON(dst, &l.view, &l.Resources[r.resource])
	}
	return append(dst, `]}`...)
}

// appendLogRecordJSON appends a LogRecord object.
func appendLogRecordJSON(dst []byte, l *Logs, r *LogRecord) []byte {
	v := &l.view
	dst = append(dst, '{')
	dst = appendIDsJSON(dst, &r.TraceID, &r.SpanID)
	dst = appendUint64JSON(dst, `"timeUnixNano":"`, r.Time)
	dst = appendUint64JSON(dst, `"observedTimeUnixNano":"`, r.Observed)
	dst = appendEnumJSON(dst, `"severityNumber":`, r.Severity)
	dst = appendNameJSON(dst, `"severityText":`, v, r.SeverityText)
	dst = appendNameJSON(dst, `"eventName":`, v, r.EventName)
	if r.Body.Kind != KindEmpty {
		dst = appendValueJSON(member(dst, `"body":`), v, &r.Body)
	}
	dst = appendAttrsJSON(dst, `"attributes":`, v, r.Attrs)
	dst = appendFlagsJSON(dst, r.Flags)
	return append(dst, '}')
}
