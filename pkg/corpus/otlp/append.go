package otlp

// AppendTraces appends t to dst as one record without its frame: TracesData
// for FormatProto, the same as a JSON object for FormatJSON. A Traces without
// spans has no bytes in protobuf. The scratch memory of t is used, so t
// belongs to one goroutine at a time.
func AppendTraces(dst []byte, t *Traces, f Format) []byte {
	t.order.begin(len(t.Spans), len(t.Resources))
	for i := range t.Spans {
		s := &t.Spans[i]
		t.order.add(uint32(i), s.Resource, s.Scope)
	}
	t.order.end()
	t.view.set(t.Strings, t.Attrs, t.Text)
	if f == FormatJSON {
		return appendTracesJSON(dst, t)
	}
	return appendTracesProto(dst, t)
}

// AppendMetrics is AppendTraces for metrics: MetricsData, which has no bytes in
// protobuf when there are no metrics.
func AppendMetrics(dst []byte, m *Metrics, f Format) []byte {
	m.order.begin(len(m.Metrics), len(m.Resources))
	for i := range m.Metrics {
		x := &m.Metrics[i]
		m.order.add(uint32(i), x.Resource, x.Scope)
	}
	m.order.end()
	m.view.set(m.Strings, m.Attrs, m.Text)
	if f == FormatJSON {
		return appendMetricsJSON(dst, m)
	}
	return appendMetricsProto(dst, m)
}

// AppendLogs is AppendTraces for logs: LogsData, which has no bytes in protobuf
// when there are no log records.
func AppendLogs(dst []byte, l *Logs, f Format) []byte {
	l.order.begin(len(l.Records), len(l.Resources))
	for i := range l.Records {
		r := &l.Records[i]
		l.order.add(uint32(i), r.Resource, r.Scope)
	}
	l.order.end()
	l.view.set(l.Strings, l.Attrs, l.Text)
	if f == FormatJSON {
		return appendLogsJSON(dst, l)
	}
	return appendLogsProto(dst, l)
}
