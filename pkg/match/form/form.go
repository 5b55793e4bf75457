// Package form has one form for the items of OTLP, spans, log records and data
// points, whoever wrote them: OTLP protobuf, in which order, defaults and the
// encoder's habits do not matter.
//
//	payload, err := form.AppendProto(nil, sig, line)  // where it is JSON
//	var s form.Splitter                               // reused for every payload
//	err = s.Split(sig, payload, func(r *form.Raw) error {
//		err := undo.Apply(r.Message, r.Bytes)         // ids and times as in the corpus
//		digest, err := form.Digest(r.Message, r.Bytes)
//		...
//	})
//	before, err := form.AppendFields(nil, m, sent)    // why two digests differ
//	after, err := form.AppendFields(nil, m, received)
//	for _, c := range form.Diff(before, after) { ... }
//
// Nothing is assumed about where bytes come from: damaged or hostile ones give an
// error that wraps ErrMalformed, and none costs more memory than a small multiple
// of its own size.
package form

import (
	"errors"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrMalformed says that bytes are not the message that they should be.
var ErrMalformed = errors.New("malformed OTLP message")

// ErrTooLong says that the paths of fields would take far more memory than the message
// that they are of, which only those of a message made for that do.
var ErrTooLong = errors.New("paths of fields too long")

// Message says which message of OTLP some bytes are.
type Message uint8

// The messages. Parts are what items have in common, without the items: they have
// the same fields in all signals.
const (
	Traces  Message = iota // TracesData; these three in the order of otlp.Signal
	Metrics                // MetricsData
	Logs                   // LogsData

	Span
	LogRecord
	NumberPoint // of a gauge or a sum
	HistogramPoint
	ExpHistogramPoint
	SummaryPoint

	ResourcePart // ResourceSpans and its like: resource, schema URL, unknown fields
	ScopePart    // ScopeSpans and its like: scope, schema URL, unknown fields
	MetricPart   // Metric: all but its points

	numExported
)

// String returns the name of the message for people, such as "span".
func (m Message) String() string {
	names := [...]string{"traces", "metrics", "logs", "span", "log record", "number data point", "histogram data point",
		"exponential histogram data point", "summary data point", "resource", "scope", "metric"}
	if int(m) < len(names) {
		return names[m]
	}
	return "unknown message"
}

// Field is one value of a message, with its path as people write it: names as in
// the .proto files, which OTTL uses too. Examples:
//
//	name, kind, status.code, start_time_unix_nano, events[0].name
//	attributes.http.route             the attribute "http.route"
//	attributes."odd key"              keys of other than letters, digits and _-./:@$*+ are quoted, as Go does
//	attributes.k[0], attributes.k{x}  values of arrays and of maps
//	attributes.k#2                    the second attribute with that key
//	body, body{x}, value              of a log record; of a number data point
//	bucket_counts[3], positive.offset of histograms
//	resource.attributes.service.name, resource.schema_url    of a ResourcePart
//	scope.name, scope.schema_url                             of a ScopePart
//	metric.name, metric.data, metric.aggregation_temporality of a MetricPart
//	unknown[17], unknown["newField"]    fields that OTLP does not have, of protobuf and of JSON
type Field struct {
	Path  string
	Value Value
}

// Value is a value of a field as it is compared and as it is printed.
type Value struct {
	Kind otlp.Kind // KindText for strings, never KindString; KindInt for enums, KindBytes for ids
	// Text is strings as they are, and all else as it is printed: enums by name
	// (SERVER), times in ns, ids and bytes in hex, "[]" and "{}" for an array and a
	// map without values, "" for no value.
	Text string
}
