package distance

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// The groups, from shape to value.
const (
	groupShape      = "shape"
	groupTime       = "time"
	groupErrors     = "errors"
	groupAttributes = "attributes"
	groupArrivals   = "arrivals"
	groupSessions   = "sessions"
	groupSizes      = "sizes"
	groupMetrics    = "metrics"
	groupLogs       = "logs"
)

var groups = []string{groupShape, groupTime, groupErrors, groupAttributes, groupArrivals, groupSessions, groupSizes, groupMetrics, groupLogs}

// definition is one measure.
type definition struct {
	name, group string
	signal      otlp.Signal // that both sides need
	target      float64     // up to which the two are alike, whatever the baseline
	what        string      // for people
	of          func(c *comparison, x, y *view) found
}

// The targets: a share of what there is, and a part of what a number is.
const (
	near      = 0.03
	nearParts = 0.1 // of what is relative
)

// measures are all of them. Names are stable: --fail-if and readers of JSON rely on them.
var measures = []definition{
	{"shape_tv", groupShape, otlp.SignalTraces, near, "traces by their tree of operations", shapeTV},
	{"shape_coverage", groupShape, otlp.SignalTraces, near, "traces of common trees that the other side does not have", shapeCoverage},
	{"operation_tv", groupShape, otlp.SignalTraces, near, "spans by operation", operationTV},
	{"edge_tv", groupShape, otlp.SignalTraces, near, "children by their and their parent's operation, and how they run", edgeTV},
	{"repeats_ks", groupShape, otlp.SignalTraces, near, "how many alike children follow each other", repeatsKS},
	{"spans_per_trace_ks", groupShape, otlp.SignalTraces, near, "spans of a trace", ofTraces(spansOf)},
	{"depth_ks", groupShape, otlp.SignalTraces, near, "depth of traces", ofTraces(depthOf)},
	{"width_ks", groupShape, otlp.SignalTraces, near, "most children of a span in a trace", ofTraces(widthOf)},
	{"roots_ks", groupShape, otlp.SignalTraces, near, "spans of a trace without a parent", ofTraces(rootsOf)},
	{"links", groupShape, otlp.SignalTraces, near, "roots with links, by operation", links},
	{"parallelism", groupShape, otlp.SignalTraces, nearParts, "how many children are under way at a time", parallelism},

	{"duration_ks", groupTime, otlp.SignalTraces, near, "durations, by operation", durationKS},
	{"duration_p99", groupTime, otlp.SignalTraces, nearParts, "99th percentile of durations, by operation", durationP99},
	{"duration_w1_log", groupTime, otlp.SignalTraces, nearParts, "durations on a logarithmic scale, by operation", durationW1},
	{"own_time_ks", groupTime, otlp.SignalTraces, near, "time without that of children, by operation", ownTimeKS},
	{"trace_duration_ks", groupTime, otlp.SignalTraces, near, "durations of traces", ofTraces(secondsOf)},

	{"error_rate", groupErrors, otlp.SignalTraces, near, "share of failed spans, by operation", errorRate},
	{"error_tv", groupErrors, otlp.SignalTraces, nearParts, "failed spans of a trace, by operation and error", errorTV},
	{"error_types", groupErrors, otlp.SignalTraces, near, "failed spans by error, by operation", errorTypes},
	{"error_causes", groupErrors, otlp.SignalTraces, near, "failed spans without a failed child, by operation", errorCauses},
	{"trace_error_rate", groupErrors, otlp.SignalTraces, near, "share of traces with a failed span", traceErrorRate},

	{"attribute_presence", groupAttributes, otlp.SignalTraces, near, "spans with a key, by operation and key", attributePresence},
	{"attribute_types", groupAttributes, otlp.SignalTraces, near, "types of values, by operation and key", attributeTypes},
	{"attribute_tv", groupAttributes, otlp.SignalTraces, near, "values, or their form, by operation and key", attributeTV},
	{"attribute_pairs", groupAttributes, otlp.SignalTraces, near, "values together with errors, by operation and key", attributePairs},
	{"attribute_numbers_ks", groupAttributes, otlp.SignalTraces, near, "numbers, by operation and key", attributeNumbers},
	{"attribute_cardinality", groupAttributes, otlp.SignalTraces, nearParts, "how many values a key has", attributeCardinality},
	{"attribute_alike", groupAttributes, otlp.SignalTraces, near, "traces in which a key has one value", attributeAlike},
	{"event_tv", groupAttributes, otlp.SignalTraces, near, "events of a span, by operation and name", eventTV},
	{"event_attribute_tv", groupAttributes, otlp.SignalTraces, near, "values on events, or their form", eventAttributeTV},
	{"resource_tv", groupAttributes, otlp.SignalTraces, near, "values on resources, or their form, by service", resourceTV},
	{"instances", groupAttributes, otlp.SignalTraces, nearParts, "instances of a service", instances},

	{"arrival_ks", groupArrivals, otlp.SignalTraces, near, "traces that start within a short time, by their mean", arrivalKS},
	{"arrival_rate", groupArrivals, otlp.SignalTraces, nearParts, "traces that start in a second", arrivalRate},
	{"rate_curve", groupArrivals, otlp.SignalTraces, near, "traces by twentieths of the run", rateCurve},

	{"session_traces_ks", groupSessions, otlp.SignalTraces, near, "traces of a session", sessionTraces},
	{"session_pauses_ks", groupSessions, otlp.SignalTraces, near, "time between traces of a session", sessionPauses},
	{"session_order_tv", groupSessions, otlp.SignalTraces, near, "sessions by the order of their traces", sessionOrders},
	{"session_alike", groupSessions, otlp.SignalTraces, near, "sessions in which a key has one value", sessionAlike},
	{"session_arrival_ks", groupSessions, otlp.SignalTraces, near, "sessions that start within a short time, by their mean", sessionArrivals},

	{"compressed_bytes_per_item", groupSizes, otlp.SignalTraces, nearParts, "bytes of a span, compressed", compressed},
	{"bytes_per_item", groupSizes, otlp.SignalTraces, nearParts, "bytes of a span", bytesOf(otlp.SignalTraces)},
	{"point_bytes_per_item", groupSizes, otlp.SignalMetrics, nearParts, "bytes of a data point", bytesOf(otlp.SignalMetrics)},
	{"log_bytes_per_item", groupSizes, otlp.SignalLogs, nearParts, "bytes of a log record", bytesOf(otlp.SignalLogs)},

	{"metric_tv", groupMetrics, otlp.SignalMetrics, near, "points by metric", metricTV},
	{"metric_series", groupMetrics, otlp.SignalMetrics, nearParts, "series of a metric", metricSeries},
	{"metric_values_ks", groupMetrics, otlp.SignalMetrics, near, "values, by metric", metricValues},
	{"metric_attribute_tv", groupMetrics, otlp.SignalMetrics, near, "values of attributes, or their form, by metric and key", metricAttributeTV},

	{"log_severity_tv", groupLogs, otlp.SignalLogs, near, "log records by service and severity", logSeverityTV},
	{"log_event_tv", groupLogs, otlp.SignalLogs, near, "log records by service, severity and event", logEventTV},
	{"log_template_tv", groupLogs, otlp.SignalLogs, near, "log records by service, severity, event, and length and rank of the body", logTemplateTV},
	{"log_rate", groupLogs, otlp.SignalLogs, nearParts, "log records of a trace, by service, severity and event", logRate},
	{"log_attribute_tv", groupLogs, otlp.SignalLogs, near, "values of attributes, or their form, by event and key", logAttributeTV},
}

// Names returns the names of all measures.
func Names() (names []string) {
	for i := range measures {
		names = append(names, measures[i].name)
	}
	return names
}

// What says in words what a measure compares.
func What(name string) string {
	for i := range measures {
		if measures[i].name == name {
			return measures[i].what
		}
	}
	return ""
}
