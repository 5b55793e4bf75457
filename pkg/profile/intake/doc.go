// Package intake reads telemetry of any origin as whole traces: corpora, what the
// Collector's file exporter wrote, and what Jaeger and Tempo export as JSON.
//
//	in, err := intake.Open(paths, intake.Options{})
//	err = in.Each(ctx, visitor) // Trace, Log and Point are called
//	fmt.Println(in.Faults().Orphans, in.Notes())
//
// Spans of a trace may be anywhere in the input. They are spilled to a temporary file by
// trace, so memory is bounded, and what comes out does not depend on their order.
package intake
