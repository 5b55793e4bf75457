package conform

import "slices"

// Rule is what telemetry is held to. Names do not change.
type Rule struct {
	Name    string
	Meaning string // what a finding says
	// Author says that a scenario or its conventions may break the rule on
	// purpose: a lenient checker leaves it alone.
	Author bool
}

// Rules returns all rules, in the order in which they are explained.
func Rules() []Rule { return slices.Clone(rules) }

// SignalRules returns the rules of metrics and log records that are not also
// rules of spans.
func SignalRules() []Rule { return slices.Clone(signalRules) }

var signalRules = []Rule{
	{"metric-unknown", "the conventions do not define the metric", true},
	{"metric-unit", "the unit of a metric is another", false},
	{"metric-type", "the data of a metric is not of its type", false},
	{"metric-buckets", "the buckets of a histogram are others", false},
	{"metric-resource", "the resource of a metric is that of one session", false},
	{"metric-dimension", "a dimension of a metric is missing, or one too many", false},
	{"log-event", "a log record of an event that there is not", false},
	{"log-severity", "the severity of a log record and its text differ", false},
	{"log-flags", "the flags of a log record are not those of its trace", false},
	{"log-body", "a log record has no body", false},

	{"audit-series", "a series is not there when its values are", false},
	{"audit-point", "a point is not what the spans say", false},
	{"audit-runtime", "what an instance tells of itself does not fit its spans, what it may use, or itself", false},
	{"audit-exemplar", "an exemplar is not what its span says", false},
	{"audit-log", "a log record does not follow from its span", false},
	{"audit-evaluation", "the result of an evaluation does not fit its span, or other results", false},
	{"audit-log-missing", "a log record that follows from a span is missing", false},
}

var rules = []Rule{
	{"namespace", "a name is spelt in another namespace than the runtime prefix", false},
	{"namespace-missing", "a name lacks the namespace that it is defined in", true},

	{"span-unknown", "the conventions do not define the span type", true},
	{"span-name", "the span is not called what its type and its attributes say", false},
	{"span-kind", "the span is of another kind", false},
	{"span-class", "span.class is not the span type", false},
	{"span-root", "the span is the root of a trace and should not be", true},
	{"span-parent", "the span stands below one of a wrong type", true},
	{"span-orphan", "the parent of the span is not in the record", false},
	{"task-type", "the task around a span is of a type that does not fit", true},
	{"time-order", "a span ends before it starts", false},
	{"time-parent", "a span is not inside its parent", false},

	{"attribute-unknown", "the conventions do not define the attribute", true},
	{"attribute-missing", "a required attribute of a span is not there", false},
	{"attribute-type", "a value is of another type", false},
	{"attribute-value", "a value is none of those allowed", false},
	{"attribute-twice", "a list has an attribute twice", false},
	{"resource-missing", "a required attribute of a resource is not there", false},
	{"resource-session", "a resource is that of one session, and the conventions do not have it so", false},
	{"resource-instance", "spans of a session come from two instances of a service", false},
	{"resource-module", "a span has the resource of the other half of the system", false},
	{"resource-component", "a span has the resource of another component", false},

	{"event-unknown", "the conventions do not know the event", true},
	{"event-span", "the event belongs on another type of span", false},
	{"event-missing", "a required attribute of an event is not there", false},
	{"event-time", "an event is outside of its span", false},
	{"event-value", "an event and its span count differently", false},

	{"status-ok", "status is OK; success is UNSET", false},
	{"status-outcome", "status and outcome disagree", false},
	{"error-type", "error.type is there without an error, or missing on one", false},
	{"error-type-value", "error.type is not one of the usual five, and nothing lists others", false},
	{"error-category", "error.category is there without an error", false},
	{"exception", "an exception is there without an error, or missing on one", false},

	{"attempt-index", "attempts are not numbered from 1 on", false},
	{"attempt-order", "an attempt starts before the one before it has ended", false},
	{"retry-first", "the first attempt has the reason or the backoff of a retry", false},
	{"retry-backoff", "the gap before an attempt is shorter than its backoff", false},
	{"retry-count", "retry.count is not the attempts after the first", false},
	{"retry-policy", "retry.policy is none with retries, or some without", false},
	{"tool-attempts", "a tool call has no attempt", true},
	{"tool-outcome", "a tool call ended otherwise than its last attempt", false},
	{"call-id", "an attempt or a bridge names another call", false},
	{"call-id-unique", "two tool calls of a trace have one id", false},
	{"task-id", "two tasks of a trace have one id", false},
	{"task-outcome", "something failed for good below a task that did not", false},
	{"orchestration-outcome", "the outcome does not follow from the children", false},
	{"orchestration-own", "an orchestration failed although a response was composed", true},
	{"response-format", "the format of the response and of the model's answer differ", true},

	{"validation-result", "the result and the outcome of a payload check disagree", false},
	{"policy-decision", "the decision and the outcome of a policy disagree", false},
	{"request-outcome", "a request is allowed that did not pass a step", false},
	{"response-verdict", "a response is allowed that did not pass a step", false},
	{"block-reason", "a block without reason, or a reason without block", false},
	{"block-step", "the reason of a block is not what the steps say", true},
	{"audit-flag", "the flag for an audit and the decision of the policy disagree", false},
	{"audit-source", "a flag for an audit without its source", false},
	{"outcome-mirror", "a request and its part disagree about an outcome", false},

	{"content-capture", "messages although capture is not enabled", false},
	{"content-redacted", "redacted messages although redaction is not enabled", false},
	{"content-raw", "words as they were said, although they are redacted", false},
	{"content-option", "messages in another form than the corpus says", false},
	{"messages", "messages are not a JSON list of roles and parts", false},
	{"definitions", "tool definitions are not a JSON list of types and names", false},

	{"provider-model", "the provider does not serve the model, or another maker's answered", false},
	{"finish-reason", "a model stopped for another reason than what it said or how it ended", false},
	{"answer-failed", "a model said something in a call that failed", false},
	{"tokens-cached", "more tokens are from a cache or for it than there are", false},
	{"tokens-reasoning", "more tokens were thought than put out", false},
	{"tokens-history", "a model is sent fewer tokens than in the call before", false},
	{"first-chunk", "the first chunk of an answer came after its end, or the answer did not come in chunks", false},

	{"tool-choice", "a model asked for other tool calls than were made", false},
	{"tool-arguments", "the arguments of a tool call are no JSON object, or others than the model asked for", false},
	{"tool-result", "the result of a tool call is no JSON, or the call failed", false},
	{"tool-response", "a model is told something else than what came of its tool calls", false},
	{"tool-name", "the name of a tool is on a span that runs none", false},
	{"answer-order", "a model answered or was called again before its tools had run", false},
	{"history", "a model is not sent what it was sent and said before", false},

	{"peer", "a client calls nobody: there is no server below it, and it names none", false},
	{"server-resource", "a server has the resource of its client", false},
	{"server-outcome", "a server ended otherwise than its client", false},

	{"tools-selected", "more tools are selected than available", false},
	{"tools-executed", "more tools are called than asked for", true},
	{"negative", "a count is negative", false},
	{"latency", "a part of a span took longer than the span", true},

	{"session", "a trace has spans of several sessions", false},
	{"conversation", "the conversation is not the session", false},
	{"user", "a session has several users", false},
	{"tenant", "a session has several tenants", false},
	{"request-id", "a trace has spans of several requests", false},
	{"trace-reference", "the id of another trace is not that of the one that is meant", false},
	{"trace-order", "a trace starts before the one that it follows has ended", false},
	{"link", "a root does not link to the root before it", false},
	{"link-missing", "a root has no link, and others came before it", true},
	{"part-twice", "a request has two traces of a kind", false},
	{"blocked-flow", "work goes on for a request that was not let in", true},
	{"response-outcome", "the response does not end as its orchestration did", false},

	// Of services of systems, which others of these hold for too.
	{"system-span", "the service emits no span of that name", false},
	{"system-root", "a trace begins with a span of who asks for something", false},
	{"system-parent", "a span stands below one that did not ask for it", false},
	{"attribute-deprecated", "an attribute goes by another name today, or none", false},
	{"status-code", "the status, error.type and the code of the protocol disagree", false},
	{"status-message", "the status of a span that did not fail has a message", false},
	{"server-twice", "two servers answer one client", false},
	{"server-call", "a server answers another call than its client made, or in another way", false},
	{"message-link", "what a consumer links to is no message that was sent", false},
	{"message-lost", "nobody consumes a message", false},
	{"message-order", "a message is consumed before it was sent", false},
	{"message", "a message and its consumer disagree, or two messages have one id", false},
}

// authors are the rules that a lenient checker leaves alone.
var authors = func() map[string]bool {
	m := make(map[string]bool)
	for _, r := range rules {
		m[r.Name] = r.Author
	}
	return m
}()
