package semconv

// System says what spans a service of a system emits. A corpus keeps it in its
// conventions file, so that who judges the corpus needs nothing else.
type System struct {
	Service string // service.name of the resource
	Spans   []SystemSpan
}

// SystemSpan is a span that a service emits.
type SystemSpan struct {
	Name string
	Kind uint8  // an otlp.SpanKind
	Type string // of the registry: http.server, rpc.grpc.call.client, db.client ...; empty: of none
	Free bool   // nobody waits for it: it may end after its parent, and start after its end
}
