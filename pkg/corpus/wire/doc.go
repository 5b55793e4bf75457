// Package wire works on encoded OTLP payloads without decoding them: it counts
// items, shifts times and changes ids where they stand. That is possible since
// every time of OTLP is a fixed64 and ids have fixed lengths; in JSON, where
// neither quite holds, it is done as long as the number of digits stays.
//
//	var x wire.Index // reused for every payload
//	err := x.Read(otlp.SignalTraces, payload, false)
//	fmt.Println(x.Items, "spans until", x.Last)
//	err = x.Places.Apply(payload, x.Bounds, &wire.Change{Shift: int64(time.Hour)})
//
// A payload is one TracesData, MetricsData or LogsData message, which on the
// wire is the same as an Export*ServiceRequest, or the same as one OTLP/JSON
// object. No function changes a payload's length or keeps a part of it, and one
// that returns an error has changed nothing, but for Undo. Nothing is assumed about where a
// payload comes from: a damaged or hostile one gives an error.
package wire
