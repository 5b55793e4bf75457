// Package conform judges telemetry: spans, metrics and log records, by the
// conventions and against each other.
//
//	spans := conform.NewChecker(conventions, "vendor").Session()
//	spans.Traces(record, func(f conform.Finding) { fmt.Println(f.Rule, f.Text) })
//
// A Checker holds spans to the conventions, and a Session of it the records of a
// session to those before them. A SignalChecker holds metrics and log records to
// the conventions. An Audit holds both to the spans of their segment: it derives
// every point and every record once more and compares.
//
// Spans of services that the conventions list under systems are held to the registry of
// OpenTelemetry in place of the conventions, and to each other by rules of their own:
// files system*.go.
//
// It shares no code with what makes telemetry, beyond the conventions, registries, the
// names of span types and the model of spans. What both have to know (units of time, how fractions are
// rounded, which buckets there are, what is logged when) is written here a second
// time, so that a fault on either side shows as a difference.
package conform
