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

// Raw is an item where it stands in a payload. It is valid during the call that it
// is handed to.
type Raw struct {
	Message Message
	Bytes   []byte // of the item; a part of the payload, and may be changed in place
	// Resource, Scope and Metric are the parts, ResourcePart and so on; Metric is nil
	// for all but data points. The Splitter owns them.
	Resource, Scope, Metric []byte
	// ResourceID, ScopeID and MetricID number the parts that the Splitter has met in
	// its life, from 1: the same number is the same part, another may be its equal.
	ResourceID, ScopeID, MetricID uint64

	TraceID     otlp.TraceID // of spans and log records; zero: none, or not of 16 bytes
	SpanID      otlp.SpanID  // likewise, of 8 bytes
	Time        uint64       // ns since the epoch: a span's start, a point's time, a log record's time or else observed time
	End         uint64       // of spans
	Start       uint64       // of points: since when they count
	Temporality otlp.Temporality
}

// Splitter takes payloads apart. The zero value is ready; it keeps its memory from
// call to call, and belongs to one goroutine.
type Splitter struct {
	resource, scope, metric       []byte
	resourceID, scopeID, metricID uint64
	raw                           Raw
}

// Split calls visit with every item of a protobuf payload, in its order. Fields of a
// message may stand in any order. A ResourceSpans without spans yields nothing. An
// error of visit ends the walk and is returned as it is; another wraps ErrMalformed,
// and may come after some calls.
func (s *Splitter) Split(sig otlp.Signal, payload []byte, visit func(*Raw) error) error {
	return errors.ErrUnsupported
}

// AppendProto appends an OTLP/JSON object to dst as OTLP protobuf: ids in hex of
// either case, 64-bit integers as numbers or strings, enums as numbers or names,
// members in camel case or as in the .proto files, bytes in Base64, null as absent.
// A member that OTLP does not have, and the name of an enum's value that it does
// not have, are kept as an unknown field, which Digest and AppendFields see as
// "unknown.NAME". An error leaves dst as it was.
func AppendProto(dst []byte, sig otlp.Signal, json []byte) ([]byte, error) {
	return dst, errors.ErrUnsupported
}

// Digest returns a number that is equal for messages that mean the same. The order
// of fields and of attributes does not matter, nor do defaults that are written,
// empty messages, packing, ids of zeros, and fields that come later again. The order
// of events, links, exemplars, buckets and the values of an array does, and so do
// unknown fields, the bits of floats, and whether a value or an optional field is
// there, even when it is zero. It allocates nothing.
func Digest(m Message, b []byte) (uint64, error) { return 0, errors.ErrUnsupported }

// AttributesDigest is Digest for nothing but the attributes of a message: of a data
// point they say which series it is of.
func AttributesDigest(m Message, b []byte) (uint64, error) { return 0, errors.ErrUnsupported }

// Attribute returns the value of the first attribute with that key of an item, or of
// the resource or scope in a part, as AppendFields prints it; false when there is none.
func Attribute(m Message, b []byte, key string) (Value, bool) { return Value{}, false }

// MetricName returns the name in a MetricPart, a part of it.
func MetricName(part []byte) []byte { return nil }

// TemporalityOf returns the temporality in a MetricPart.
func TemporalityOf(part []byte) otlp.Temporality { return 0 }

// Point is a data point whose start is about to change: see Undo.Start.
type Point struct {
	Temporality otlp.Temporality
	Start, Time uint64 // as they arrived, ns since the epoch
}

// Undo takes back what a replay has done to an item: ids of a lap and moved times.
// It is read only, and may be used by several goroutines.
type Undo struct {
	// TraceXor and SpanXor are the words of the lap, big-endian: of the low 8 bytes
	// of every trace id, and of every span id, wherever wire.ReKey finds them.
	TraceXor, SpanXor uint64
	// Shift in ns is subtracted from every time that is not zero.
	Shift int64
	// Exemplar, where set, says by how much exemplars of a trace have moved instead.
	// The id is 16 bytes, or empty.
	Exemplar func(traceID []byte) int64
	// Start, where set, returns the start of a data point that has one; 0 leaves it.
	Start func(Point) uint64
	// Temporality of the data point's metric, for Start.
	Temporality otlp.Temporality
}

// Apply changes an item or a part in place. Times that cannot be moved within 64
// bits and ids that are none stay as they are. An error wraps ErrMalformed, and may
// come after some changes.
func (u *Undo) Apply(m Message, b []byte) error { return errors.ErrUnsupported }

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
//	unknown[17], unknown.newField     fields that OTLP does not have, of protobuf and of JSON
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

// AppendFields appends every value of a message to dst, sorted by path; each path is
// there once. Messages have equal fields if and only if they have equal digests. An
// error leaves dst as it was.
func AppendFields(dst []Field, m Message, b []byte) ([]Field, error) {
	return dst, errors.ErrUnsupported
}

// AttributePath returns the path of an attribute among fields: of the attributes at
// prefix, "attributes", "resource.attributes" or "events[0].attributes".
func AttributePath(prefix, key string) string { return "" }

// AttributeKey is the inverse of AttributePath for one prefix: the key of the
// attribute that the path leads to or into; false for other paths.
func AttributeKey(prefix, path string) (key string, ok bool) { return "", false }

// Change is a difference of one field: Before is nil when it was added, After when it
// is gone.
type Change struct {
	Path          string
	Before, After *Value
}

// Diff returns how two lists of AppendFields differ, sorted by path. The values are
// parts of the lists.
func Diff(a, b []Field) []Change { return nil }
