package scenario

import "slices"

// The keys of scenarios with services, level by level, as keys.go has those of
// the other styles. Descriptions are for people.
var (
	systemKeys = []string{"name", "description", "tags", "repeat_count", "interval_ms", "interval_deviation_ms",
		"workload_weight", "in_mix", "emit_metrics", "emit_logs", "conversation", "services", "session", "sessions", "values", "phases", "in_step", "extends"}
	systemPhaseKeys        = []string{"name", "from", "to", "services", "operations", "latency_factor", "error_rate", "error_type", "description"}
	systemConversationKeys = []string{"think_time", "session_id"}

	memberKeys = []string{"version", "namespace", "instances", "instance_id", "sticky", "capacity", "scope", "attributes", "entities", "protocol", "system",
		"database", "address", "port", "operations", "runtime", "metrics", "description"}
	runtimeKeys   = []string{"kind", "cores", "memory", "connections"}
	ownMetricKeys = []string{"instrument", "unit", "description", "base", "per_request", "per_waiting", "per_load", "noise", "attributes",
		"from", "value", "dimensions", "resource", "buckets"}
	metricSourceKeys = []string{"span", "kind", "value", "attributes"}
	workKeys         = []string{"latency", "own", "lead", "error", "status", "attributes", "resource", "events", "logs", "calls", "parallel", "description"}
	operationKeys    = slices.Concat(workKeys, []string{"measured", "protocol", "type", "fill", "kind", "name", "destination", "group", "variants"})

	placeKeys     = []string{"count", "probability", "optional", "if_failed", "async", "after", "delay", "description"}
	callKeys      = slices.Concat(placeKeys, []string{"call", "variant", "timeout", "retry", "network", "attributes", "fill", "queue", "trace", "batch"})
	callRetryKeys = slices.Concat(retryKeys, []string{"failed_variants"})
	agentCallKeys = slices.Concat(placeKeys, []string{"agent", "timeout", "retry", "network", "attributes", "fill"})
	eitherKeys    = slices.Concat(placeKeys, []string{"one_of"})
	groupKeys     = slices.Concat(placeKeys, []string{"all", "parallel"})
	innerKeys     = slices.Concat(placeKeys, []string{"span", "kind", "retry", "measured"}, workKeys)

	requestCallKeys   = []string{"call", "variant", "count", "probability", "continues", "linked", "description"}
	visitKeys         = []string{"weight", "requests", "description"}
	requestEitherKeys = []string{"one_of", "count", "probability", "continues", "linked", "description"}
	weightKeys        = []string{"weight", "when"}
	variantKeys       = slices.Concat(workKeys, weightKeys)

	systemErrorKeys = []string{"rate", "types", "type_weights", "exception"}
	spanEventKeys   = []string{"name", "attributes", "when", "probability", "count"}
	logLineKeys     = []string{"severity", "body", "event", "attributes", "fill", "when", "at", "probability"}
	patternKeys     = []string{"pattern", "pool", "zipf", "length"}
	instanceKeys    = []string{"pattern", "pool"}
	useKeys         = []string{"use"}
	isKeys          = []string{"is"}
	isWhenKeys      = []string{"when", "words"}
	followKeys      = []string{"follows", "values"}
	valueKeys       = []string{"value"}
	presentKeys     = []string{"present"}
	sharedKeys      = []string{"per"}
)

// The closed sets of values of systems.
var (
	protocols  = []string{"http", "grpc", "db", "messaging", "none"} // by Protocol
	kindWords  = []string{"internal", "server", "client", "producer", "consumer"}
	whens      = []string{"always", "ok", "failed"} // by When
	moments    = []string{"end", "start"}
	severities = []string{"trace", "debug", "info", "warn", "error", "fatal"}
	lives      = []string{"request", "session", "span"} // by Life
	traces     = []string{"own", "same"}
	fills      = []string{"required", "recommended", "opt_in"} // by Fill, from FillRequired on

	runtimeKinds = []string{"process", "go", "jvm", "nodejs"}
	instruments  = []string{"counter", "updowncounter", "gauge", "histogram", "exponential_histogram"}

	// HTTPMethods are the requests of http.
	HTTPMethods = []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "QUERY"}
	// commonErrors are words that every protocol has its own code for, or none.
	commonErrors = []string{"timeout", "unavailable"}
	grpcCodes    = []string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
		"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"} // by their numbers
)
