package form

// The messages that only stand within others.
const (
	msgResourceSpans Message = numExported + iota
	msgResourceMetrics
	msgResourceLogs
	msgScopeSpans
	msgScopeMetrics
	msgScopeLogs
	msgResource
	msgScope
	msgEntityRef
	msgEvent
	msgLink
	msgStatus
	msgGauge
	msgSum
	msgHistogram
	msgExpHistogram
	msgSummary
	msgBuckets
	msgQuantile
	msgExemplar
	msgKeyValue
	msgAnyValue
	msgArrayValue
	msgMapValue
	numMessages
)

// kind is the type of a field as OTLP has it.
type kind uint8

const (
	unknown kind = iota
	kindMessage
	kindString
	kindBytes
	kindTraceID // bytes of which 16 zeros mean none
	kindSpanID  // bytes of which 8 zeros mean none
	kindBool
	kindInt32
	kindInt64
	kindUint32
	kindUint64
	kindSint32
	kindEnum
	kindTime // fixed64
	kindFixed64
	kindSfixed64
	kindDouble
	kindFixed32
	numKinds
)

// label says how often a field can be there, and what that means.
type label uint8

const (
	single   label = iota // zero is the same as absent
	optional              // zero is not
	oneOf                 // likewise, and of all such fields of a message the last one counts
	list                  // any number in order; numbers may be packed
	set                   // KeyValues, whose order means nothing
)

// field is a field of a message.
type field struct {
	number uint8
	kind   kind
	label  label
	next   Message // of kindMessage
	enum   []string
	name   string // as in the .proto files
}

// schema is every field of OTLP 1.11, in common.proto, resource.proto, trace.proto,
// metrics.proto and logs.proto, in the order in which encoders write JSON.
var schema = [numMessages][]field{
	Traces:             {{number: 1, kind: kindMessage, label: list, next: msgResourceSpans, name: "resource_spans"}},
	Metrics:            {{number: 1, kind: kindMessage, label: list, next: msgResourceMetrics, name: "resource_metrics"}},
	Logs:               {{number: 1, kind: kindMessage, label: list, next: msgResourceLogs, name: "resource_logs"}},
	ResourcePart:       resourceFields(),
	msgResourceSpans:   resourceFields(field{number: 2, kind: kindMessage, label: list, next: msgScopeSpans, name: "scope_spans"}),
	msgResourceMetrics: resourceFields(field{number: 2, kind: kindMessage, label: list, next: msgScopeMetrics, name: "scope_metrics"}),
	msgResourceLogs:    resourceFields(field{number: 2, kind: kindMessage, label: list, next: msgScopeLogs, name: "scope_logs"}),
	ScopePart:          scopeFields(),
	msgScopeSpans:      scopeFields(field{number: 2, kind: kindMessage, label: list, next: Span, name: "spans"}),
	msgScopeMetrics:    scopeFields(field{number: 2, kind: kindMessage, label: list, next: MetricPart, name: "metrics"}),
	msgScopeLogs:       scopeFields(field{number: 2, kind: kindMessage, label: list, next: LogRecord, name: "log_records"}),
	msgResource: {attributes(1), dropped(2, "dropped_attributes_count"),
		{number: 3, kind: kindMessage, label: list, next: msgEntityRef, name: "entity_refs"}},
	msgEntityRef: {text(1, "schema_url"), text(2, "type"),
		{number: 3, kind: kindString, label: list, name: "id_keys"}, {number: 4, kind: kindString, label: list, name: "description_keys"}},
	msgScope: {text(1, "name"), text(2, "version"), attributes(3), dropped(4, "dropped_attributes_count")},

	Span: {
		{number: 1, kind: kindTraceID, name: "trace_id"}, {number: 2, kind: kindSpanID, name: "span_id"}, text(3, "trace_state"),
		{number: 4, kind: kindSpanID, name: "parent_span_id"}, {number: 16, kind: kindFixed32, name: "flags"}, text(5, "name"),
		{number: 6, kind: kindEnum, enum: spanKinds, name: "kind"}, at(7, "start_time_unix_nano"), at(8, "end_time_unix_nano"),
		attributes(9), dropped(10, "dropped_attributes_count"),
		{number: 11, kind: kindMessage, label: list, next: msgEvent, name: "events"}, dropped(12, "dropped_events_count"),
		{number: 13, kind: kindMessage, label: list, next: msgLink, name: "links"}, dropped(14, "dropped_links_count"),
		{number: 15, kind: kindMessage, next: msgStatus, name: "status"},
	},
	msgEvent: {at(1, "time_unix_nano"), text(2, "name"), attributes(3), dropped(4, "dropped_attributes_count")},
	msgLink: {{number: 1, kind: kindTraceID, name: "trace_id"}, {number: 2, kind: kindSpanID, name: "span_id"}, text(3, "trace_state"),
		attributes(4), dropped(5, "dropped_attributes_count"), {number: 6, kind: kindFixed32, name: "flags"}},
	msgStatus: {text(2, "message"), {number: 3, kind: kindEnum, enum: statusCodes, name: "code"}},

	LogRecord: {
		at(1, "time_unix_nano"), at(11, "observed_time_unix_nano"), {number: 2, kind: kindEnum, enum: severities, name: "severity_number"},
		text(3, "severity_text"), {number: 5, kind: kindMessage, next: msgAnyValue, name: "body"}, attributes(6),
		dropped(7, "dropped_attributes_count"), {number: 8, kind: kindFixed32, name: "flags"},
		{number: 9, kind: kindTraceID, name: "trace_id"}, {number: 10, kind: kindSpanID, name: "span_id"}, text(12, "event_name"),
	},

	MetricPart: {
		text(1, "name"), text(2, "description"), text(3, "unit"), data(5, msgGauge, "gauge"), data(7, msgSum, "sum"), data(9, msgHistogram, "histogram"),
		data(10, msgExpHistogram, "exponential_histogram"), data(11, msgSummary, "summary"),
		{number: 12, kind: kindMessage, label: set, next: msgKeyValue, name: "metadata"},
	},
	msgGauge:        {points(NumberPoint)},
	msgSum:          {points(NumberPoint), temporality, {number: 3, kind: kindBool, name: "is_monotonic"}},
	msgHistogram:    {points(HistogramPoint), temporality},
	msgExpHistogram: {points(ExpHistogramPoint), temporality},
	msgSummary:      {points(SummaryPoint)},
	NumberPoint:     {attributes(7), pointStart, pointTime, asDouble, asInt, exemplars(5), {number: 8, kind: kindUint32, name: "flags"}},
	HistogramPoint: {
		attributes(9), pointStart, pointTime, {number: 4, kind: kindFixed64, name: "count"}, number(5, "sum"),
		{number: 6, kind: kindFixed64, label: list, name: "bucket_counts"}, {number: 7, kind: kindDouble, label: list, name: "explicit_bounds"},
		exemplars(8), {number: 10, kind: kindUint32, name: "flags"}, number(11, "min"), number(12, "max"),
	},
	ExpHistogramPoint: {
		attributes(1), pointStart, pointTime, {number: 4, kind: kindFixed64, name: "count"}, number(5, "sum"),
		{number: 6, kind: kindSint32, name: "scale"}, {number: 7, kind: kindFixed64, name: "zero_count"},
		{number: 8, kind: kindMessage, next: msgBuckets, name: "positive"}, {number: 9, kind: kindMessage, next: msgBuckets, name: "negative"},
		{number: 10, kind: kindUint32, name: "flags"}, exemplars(11), number(12, "min"), number(13, "max"),
		{number: 14, kind: kindDouble, name: "zero_threshold"},
	},
	msgBuckets: {{number: 1, kind: kindSint32, name: "offset"}, {number: 2, kind: kindUint64, label: list, name: "bucket_counts"}},
	SummaryPoint: {
		attributes(7), pointStart, pointTime, {number: 4, kind: kindFixed64, name: "count"}, {number: 5, kind: kindDouble, name: "sum"},
		{number: 6, kind: kindMessage, label: list, next: msgQuantile, name: "quantile_values"}, {number: 8, kind: kindUint32, name: "flags"},
	},
	msgQuantile: {{number: 1, kind: kindDouble, name: "quantile"}, {number: 2, kind: kindDouble, name: "value"}},
	msgExemplar: {
		{number: 7, kind: kindMessage, label: set, next: msgKeyValue, name: "filtered_attributes"}, at(2, "time_unix_nano"),
		{number: 3, kind: kindDouble, label: oneOf, name: "as_double"}, asInt,
		{number: 4, kind: kindSpanID, name: "span_id"}, {number: 5, kind: kindTraceID, name: "trace_id"},
	},

	msgKeyValue: {text(1, "key"), {number: 2, kind: kindMessage, next: msgAnyValue, name: "value"}, {number: 3, kind: kindInt32, name: "key_strindex"}},
	msgAnyValue: {
		{number: 1, kind: kindString, label: oneOf, name: "string_value"}, {number: 2, kind: kindBool, label: oneOf, name: "bool_value"},
		{number: 3, kind: kindInt64, label: oneOf, name: "int_value"}, {number: 4, kind: kindDouble, label: oneOf, name: "double_value"},
		{number: 5, kind: kindMessage, label: oneOf, next: msgArrayValue, name: "array_value"},
		{number: 6, kind: kindMessage, label: oneOf, next: msgMapValue, name: "kvlist_value"},
		{number: 7, kind: kindBytes, label: oneOf, name: "bytes_value"}, {number: 8, kind: kindInt32, label: oneOf, name: "string_value_strindex"},
	},
	msgArrayValue: {{number: 1, kind: kindMessage, label: list, next: msgAnyValue, name: "values"}},
	msgMapValue:   {{number: 1, kind: kindMessage, label: set, next: msgKeyValue, name: "values"}},
}

var (
	pointStart  = at(2, "start_time_unix_nano")
	pointTime   = at(3, "time_unix_nano")
	asDouble    = field{number: 4, kind: kindDouble, label: oneOf, name: "as_double"}
	asInt       = field{number: 6, kind: kindSfixed64, label: oneOf, name: "as_int"}
	temporality = field{number: 2, kind: kindEnum, enum: temporalities, name: "aggregation_temporality"}
)

// resourceFields and scopeFields are the fields of what holds a resource or a scope.
func resourceFields(more ...field) []field {
	return append(append([]field{{number: 1, kind: kindMessage, next: msgResource, name: "resource"}}, more...), text(3, "schema_url"))
}

func scopeFields(more ...field) []field {
	return append(append([]field{{number: 1, kind: kindMessage, next: msgScope, name: "scope"}}, more...), text(3, "schema_url"))
}

func text(number uint8, name string) field {
	return field{number: number, kind: kindString, name: name}
}

func at(number uint8, name string) field { return field{number: number, kind: kindTime, name: name} }

func dropped(number uint8, name string) field {
	return field{number: number, kind: kindUint32, name: name}
}

func attributes(number uint8) field {
	return field{number: number, kind: kindMessage, label: set, next: msgKeyValue, name: "attributes"}
}

func data(number uint8, m Message, name string) field {
	return field{number: number, kind: kindMessage, label: oneOf, next: m, name: name}
}

func points(m Message) field {
	return field{number: 1, kind: kindMessage, label: list, next: m, name: "data_points"}
}

func exemplars(number uint8) field {
	return field{number: number, kind: kindMessage, label: list, next: msgExemplar, name: "exemplars"}
}

// number is a float that a histogram may lack.
func number(n uint8, name string) field {
	return field{number: n, kind: kindDouble, label: optional, name: name}
}

// Names of the values of enums, without what they all begin with.
var (
	spanKinds     = []string{"SPAN_KIND_", "UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}
	statusCodes   = []string{"STATUS_CODE_", "UNSET", "OK", "ERROR"}
	temporalities = []string{"AGGREGATION_TEMPORALITY_", "UNSPECIFIED", "DELTA", "CUMULATIVE"}
	severities    = []string{"SEVERITY_NUMBER_", "UNSPECIFIED", "TRACE", "TRACE2", "TRACE3", "TRACE4", "DEBUG", "DEBUG2", "DEBUG3", "DEBUG4",
		"INFO", "INFO2", "INFO3", "INFO4", "WARN", "WARN2", "WARN3", "WARN4", "ERROR", "ERROR2", "ERROR3", "ERROR4",
		"FATAL", "FATAL2", "FATAL3", "FATAL4"}
)
