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
