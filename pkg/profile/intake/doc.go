// Package intake reads telemetry of any origin as whole traces: corpora, what the
// Collector's file exporter wrote, and what Jaeger and Tempo export as JSON.
//
// Spans of a trace may be anywhere in the input. They are spilled to a temporary file by
// trace, so memory is bounded, and what comes out does not depend on their order.
package intake
