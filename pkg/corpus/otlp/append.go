package otlp

// AppendTraces appends t to dst as one record without its frame: TracesData
// for FormatProto, the same as a JSON object for FormatJSON. A Traces without
// spans has no bytes in protobuf. The scratch memory of t is used, so t
// belongs to one goroutine at a time.
func AppendTraces(dst []byte, t *Traces, f Format) []byte {
	t.order.build(t)
	if f == FormatJSON {
		return appendTracesJSON(dst, t)
	}
	return appendTracesProto(dst, t)
}
