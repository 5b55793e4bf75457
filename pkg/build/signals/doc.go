// Package signals derives metrics and logs from spans, so that the three
// signals cannot disagree.
//
//	         spans of a request
//	           |            |
//	    rules by span name  rules by span name
//	           |            |
//	     observations    log records   one record of OTLP a request
//	           |
//	end of the segment: ticks          one record of OTLP a tick
//
// # Metrics
//
// An instrument of the conventions belongs to one span type. When a span of
// that type ends it takes a value: the value attribute; without one the span's
// duration, if the instrument's unit is one of time; else 1. An instrument with
// the dimension gen_ai.token.type and no value attribute takes two, the input
// and the output tokens.
//
// A dimension is looked up on the span, then on its resource, then on the
// server spans of the request, the earliest first. A value of which a dimension is nowhere
// is left out, and so are lists as dimensions. error.type is the exception:
// where it is nowhere the point goes without it, as OpenTelemetry has it.
// Left out are also values that the instrument cannot take: texts, fractions
// of instruments that count whole things, negative values of all but gauges
// and up-down counters.
//
// The resource is that of emitted_by, of the tenant that the scenario runs for;
// it has neither a session nor, unless resource.yaml gives it one, a component.
// The scope is that of the span type.
//
// Ticks are at segment start + k x interval, the last one at the end of the
// last span of the segment. A series is at every tick from its first value on.
// Cumulative points start with the segment, delta points at the tick before;
// up-down counters are always cumulative. A point has as exemplars the first
// value since the tick before, a histogram's point one for every bucket, a
// gauge's point the value that it shows.
//
// Sums are kept as integers (nanoseconds, whole things or millionths) and
// divided once, so they do not depend on the order of the values.
//
// Metrics of systems are those that OpenTelemetry's conventions make of spans of
// HTTP, gRPC, databases and messages: see systemInstruments. Their dimensions are
// the attributes that the registry requires or recommends, as far as the span has
// them; resource and scope are those of the span, so instances have series of their
// own.
//
// Instances of services that have a runtime, or metrics of their own, tell how they are
// at every tick of a segment in which they have a span: see program. What is counted from
// spans is exact. The rest is a function of the requests under work since the tick
// before, of the load of the arrivals, and of streams named by seed, segment, service,
// instance and tick.
//
// # Logs
//
// A log record tells a decision, or how a piece of work ended:
//
//	request.allowed .flagged .blocked .failed     end of request.validation
//	response.allowed .flagged .blocked .failed    end of response.validation
//	validation.error                              each event of that name of validation.payload
//	policy.decision                               end of validation.policy
//	turn.start, turn.end                          a2a.orchestrate
//	llm.call, context.augment, a2a.call           end of the span of that type
//	rag.retrieve                                  likewise
//	tool.call                                     end of mcp.tool.execute
//	tool.retry                                    start of an attempt after the first
//	tool.attempt.failed                           end of an attempt that failed
//	step.failed                                   end of another step that failed
//
// all after the prefix. A record has trace and span id of its span, the time
// named above, the span's resource and scope, and copies of those of the span's
// attributes that the event is about or that tie records together. It is
// observed a millisecond later. Its severity is ERROR when the span failed,
// except that an attempt which another one follows is a WARN, as are requests
// and responses that are blocked or flagged, policy decisions other than
// allow, retries, and turns that end in part; all else is INFO. Records of a
// request are in order of time. Conversations are on records of llm.call as
// far as they are on its span.
//
// Of systems the scenario says what is logged: the generator notes the records
// beside the spans, and they are written as they are.
package signals
