package wire

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// message is a message type of OTLP that something of interest lies in.
type message uint8

const (
	msgTraces message = iota // the first three in the order of otlp.Signal
	msgMetrics
	msgLogs
	msgResourceSpans
	msgResourceMetrics
	msgResourceLogs
	msgScopeSpans
	msgScopeMetrics
	msgScopeLogs
	msgResource
	msgScope
	msgSpan
	msgEvent
	msgLink
	msgLogRecord
	msgMetric
	msgGauge
	msgSum
	msgHistogram
	msgExpHistogram
	msgSummary
	msgNumberPoint
	msgHistogramPoint
	msgExpPoint
	msgSummaryPoint
	msgExemplar
	msgAnyValue
	msgArray
	msgMap
	numMessages
)

// op says what a field is.
type op uint8

const (
	opNone    op = iota
	opMessage    // a message of type next
	opItem       // a span, log record or data point of type next
	opAttr       // a KeyValue
	opTime       // a time in nanoseconds, fixed64
	opTrace      // a trace id
	opSpan       // a span id
	opParent     // a parent span id
	opName       // a span's or event's name
)

// mode is what a walk is for; a rule lists the modes that it matters to, and
// in any other its field is skipped unread.
type mode uint8

const (
	modeCount mode = 1 << iota
	modeShift
	modeKeys
	modeItems
	modeIDs // look at ids, change none
	modeAll = modeCount | modeShift | modeKeys | modeItems | modeIDs
)

// when tells the times apart.
type when uint8

const (
	whenStart      when = iota // of a span
	whenEnd                    // of a span
	whenLog                    // of a log record
	whenObserved               // of a log record
	whenPointStart             // of a data point
	whenPoint                  // of a data point
	whenEvent
	whenExemplar
)

// rule is what to do with one field.
type rule struct {
	number uint8
	op     op
	modes  mode
	next   message
	when   when
	name   string // in OTLP/JSON
}

// fields is the schema: of each message the fields that matter, by number. It
// covers everything that holds times, ids and attributes in trace.proto,
// metrics.proto, logs.proto and common.proto of OTLP 1.11.
var fields = [numMessages][]rule{
	msgTraces:          {inner(1, "resourceSpans", msgResourceSpans, modeAll)},
	msgMetrics:         {inner(1, "resourceMetrics", msgResourceMetrics, modeAll)},
	msgLogs:            {inner(1, "resourceLogs", msgResourceLogs, modeAll)},
	msgResourceSpans:   {inner(1, "resource", msgResource, modeKeys), inner(2, "scopeSpans", msgScopeSpans, modeAll)},
	msgResourceMetrics: {inner(1, "resource", msgResource, modeKeys), inner(2, "scopeMetrics", msgScopeMetrics, modeAll)},
	msgResourceLogs:    {inner(1, "resource", msgResource, modeKeys), inner(2, "scopeLogs", msgScopeLogs, modeAll)},
	msgScopeSpans:      {inner(1, "scope", msgScope, modeKeys), item(2, "spans", msgSpan)},
	msgScopeMetrics:    {inner(1, "scope", msgScope, modeKeys), inner(2, "metrics", msgMetric, modeAll)},
	msgScopeLogs:       {inner(1, "scope", msgScope, modeKeys), item(2, "logRecords", msgLogRecord)},
	msgResource:        {attr(1, "attributes")},
	msgScope:           {attr(3, "attributes")},
	msgSpan: {
		id(1, "traceId", opTrace), id(2, "spanId", opSpan), id(4, "parentSpanId", opParent),
		{number: 5, op: opName, modes: modeItems, name: "name"},
		at(7, "startTimeUnixNano", whenStart), at(8, "endTimeUnixNano", whenEnd), attr(9, "attributes"),
		inner(11, "events", msgEvent, modeShift|modeKeys), inner(13, "links", msgLink, modeKeys|modeIDs),
	},
	msgEvent: {{number: 1, op: opTime, modes: modeShift, when: whenEvent, name: "timeUnixNano"}, attr(3, "attributes")},
	msgLink:  {key(1, "traceId", opTrace), key(2, "spanId", opSpan), attr(4, "attributes")},
	msgLogRecord: {
		at(1, "timeUnixNano", whenLog), inner(5, "body", msgAnyValue, modeKeys), attr(6, "attributes"),
		id(9, "traceId", opTrace), id(10, "spanId", opSpan), at(11, "observedTimeUnixNano", whenObserved),
		{number: 12, op: opName, modes: modeItems, name: "eventName"},
	},
	msgMetric: {
		inner(5, "gauge", msgGauge, modeAll), inner(7, "sum", msgSum, modeAll), inner(9, "histogram", msgHistogram, modeAll),
		inner(10, "exponentialHistogram", msgExpHistogram, modeAll), inner(11, "summary", msgSummary, modeAll),
		attr(12, "metadata"),
	},
	msgGauge:        {item(1, "dataPoints", msgNumberPoint)},
	msgSum:          {item(1, "dataPoints", msgNumberPoint)},
	msgHistogram:    {item(1, "dataPoints", msgHistogramPoint)},
	msgExpHistogram: {item(1, "dataPoints", msgExpPoint)},
	msgSummary:      {item(1, "dataPoints", msgSummaryPoint)},
	msgNumberPoint: {
		pointStart, pointTime, inner(5, "exemplars", msgExemplar, modeShift|modeKeys|modeIDs), identity(7),
	},
	msgHistogramPoint: {
		pointStart, pointTime, inner(8, "exemplars", msgExemplar, modeShift|modeKeys|modeIDs), identity(9),
	},
	msgExpPoint: {
		identity(1), pointStart, pointTime, inner(11, "exemplars", msgExemplar, modeShift|modeKeys|modeIDs),
	},
	msgSummaryPoint: {pointStart, pointTime, identity(7)},
	msgExemplar: {
		{number: 2, op: opTime, modes: modeShift, when: whenExemplar, name: "timeUnixNano"},
		key(4, "spanId", opSpan), key(5, "traceId", opTrace), attr(7, "filteredAttributes"),
	},
	msgAnyValue: {inner(5, "arrayValue", msgArray, modeKeys), inner(6, "kvlistValue", msgMap, modeKeys)},
	msgArray:    {inner(1, "values", msgAnyValue, modeKeys)},
	msgMap:      {attr(1, "values")},
}

var (
	pointStart = at(2, "startTimeUnixNano", whenPointStart)
	pointTime  = at(3, "timeUnixNano", whenPoint)
)

func inner(number uint8, name string, next message, modes mode) rule {
	return rule{number: number, name: name, op: opMessage, next: next, modes: modes}
}

func item(number uint8, name string, next message) rule {
	return rule{number: number, name: name, op: opItem, next: next, modes: modeAll}
}

func at(number uint8, name string, w when) rule {
	return rule{number: number, name: name, op: opTime, when: w, modes: modeCount | modeShift | modeItems}
}

// id is an id of an item, key one of what only refers to it.
func id(number uint8, name string, o op) rule {
	return rule{number: number, name: name, op: o, modes: modeKeys | modeItems | modeIDs}
}

func key(number uint8, name string, o op) rule {
	return rule{number: number, name: name, op: o, modes: modeKeys | modeIDs}
}

func attr(number uint8, name string) rule {
	return rule{number: number, name: name, op: opAttr, modes: modeKeys}
}

// identity is the attributes of a data point, which say which series it is of.
func identity(number uint8) rule {
	return rule{number: number, name: "attributes", op: opAttr, modes: modeKeys | modeItems}
}

// maxNumber is the highest field number in the schema.
const maxNumber = 13

// action is a rule without what only JSON needs, so that the table is small.
type action struct {
	op    op
	modes mode
	next  message
	when  when
}

// byNumber is fields as a table by field number; modes is 0 where there is
// nothing.
var byNumber = func() (t [numMessages][maxNumber + 1]action) {
	for m, rules := range fields {
		for _, r := range rules {
			t[m][r.number] = action{r.op, r.modes, r.next, r.when}
		}
	}
	return t
}()

// root returns the message that a payload of sig is.
func root(sig otlp.Signal) message { return message(sig) }
