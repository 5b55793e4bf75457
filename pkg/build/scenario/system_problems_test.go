package scenario

import (
	"strings"
	"testing"
)

// systemProblems are the rarer mistakes, made in shop like systemMistakes.
var systemProblems = []struct {
	why, was, is string
	want         []string
}{
	// forms
	{"a call that is a number", "- cart.GetCart", "- 5", []string{
		`a.yaml:8:13: services.web.operations.POST /orders.calls[0]: found integer 5, want SERVICE.OPERATION or a mapping`,
	}},
	{"a call of nothing", "call: pay.Charge, timeout: 2s", "call: , timeout: 2s", []string{
		`a.yaml:9:14: services.web.operations.POST /orders.calls[1].call: missing`,
	}},
	{"a call of nobody", "call: pay.Charge, timeout: 2s", "call: []", []string{
		`a.yaml:9:20: services.web.operations.POST /orders.calls[1].call: no operations`,
	}},
	{"the same twice", "call: ship.orders, queue: 40", "call: [ship.orders, ship.orders]", []string{
		`a.yaml:10:34: services.web.operations.POST /orders.calls[2].call[1]: "ship.orders" is there twice`,
	}},
	{"async and after", "timeout: 2s}", "async: true, after: true}", []string{
		`a.yaml:9:39: warning: services.web.operations.POST /orders.calls[1].async: has no effect beside after: nobody waits for it anyway`,
	}},
	{"a delay of what is waited for", "timeout: 2s}", "delay: 40ms}", []string{
		`a.yaml:9:39: services.web.operations.POST /orders.calls[1].delay: belongs beside after: what the operation calls in its course starts when what is before it has ended`,
	}},
	{"an item of one_of that is nothing", "{call: pay.Charge, timeout: 2s}", "{one_of: [pay.Charge, {}]}", []string{
		`a.yaml:9:35: services.web.operations.POST /orders.calls[1].one_of[1]: says nothing to do; want one of call, agent, one_of, span, all`,
	}},
	{"a name with spaces around it", "  pay:\n", "  ' pay':\n", []string{
		`a.yaml:9:20: services.web.operations.POST /orders.calls[1].call: unknown operation "pay.Charge"; allowed: cart.GetCart, db.SELECT carts, ship.orders, web.GET /cart, web.POST /orders`,
		`a.yaml:15:3: " pay" is no name of a service`,
	}},
	{"an operation with spaces around it", "Charge: {latency", "' Charge': {latency", []string{
		`a.yaml:9:20: services.web.operations.POST /orders.calls[1].call: service "pay": unknown operation "Charge"; did you mean " Charge"?`,
		`a.yaml:18:7: " Charge" is no name of an operation`,
	}},
	{"a route with a space", "GET /cart:", "GET /cart items:", []string{
		`a.yaml:5:7: operation "GET /cart items": a route has no spaces`,
	}},
	{"a method with a space", "{latency: 90, error: 2%}", "{}\n      a b: {}", []string{
		`a.yaml:19:7: operation "a b": a method has no spaces`,
	}},
	{"a database that is none", "  pay:\n", "  pay:\n    database: x\n", []string{
		`a.yaml:16:15: services.pay.database: belongs to services of protocol db`,
	}},
	{"an empty attribute", "{latency: 15}", "{attributes: {'': 5}}", []string{
		`a.yaml:22:29: empty attribute key`,
	}},
	{"an empty pattern of no name", "{latency: 15}", "{attributes: {'': {pattern: 'x{hex:4}'}}}", []string{
		`a.yaml:22:29: empty attribute key`,
	}},
	{"an attribute that is a list", "{latency: 15}", "{attributes: {a.b: [1, 2]}}", []string{
		`a.yaml:22:34: services.ship.operations.orders.attributes.a.b: found a list, want a string, a number or a boolean`,
	}},
	{"an empty resource attribute", "  pay:\n", "  pay:\n    attributes: {'': x}\n", []string{
		`a.yaml:16:18: empty attribute key`,
	}},
	{"nothing but dbs", shop[strings.Index(shop, "  web:"):strings.Index(shop, "  db:")], "", []string{
		`a.yaml:3:3: services: nothing begins: every operation is a db's; say a session, or have a service that calls them`,
	}},
	// errors
	{"no types", "error: 2%", "error: {rate: 2%, types: []}", []string{
		`a.yaml:18:54: services.pay.operations.Charge.error.types: no error types; leave the key out, or name one`,
	}},
	{"a type twice", "error: 2%", "error: {rate: 2%, types: [INTERNAL, INTERNAL]}", []string{
		`a.yaml:18:65: services.pay.operations.Charge.error.types[1]: "INTERNAL" is there twice; type_weights makes a type more frequent`,
	}},
	{"a weight of a type that is none", "error: 2%", "error: {rate: 2%, type_weights: {INTERNL: 1}}", []string{
		`a.yaml:18:62: unknown gRPC code "INTERNL"; did you mean "INTERNAL"? allowed: ` + listed(grpcCodes[1:]),
	}},
	{"weights of nothing", "error: 2%", "error: {rate: 2%, type_weights: {INTERNAL: 0}}", []string{
		`a.yaml:18:61: services.pay.operations.Charge.error.type_weights: all weights are zero`,
	}},
	{"a type without a weight", "error: 2%", "error: {rate: 2%, types: [INTERNAL, ABORTED], type_weights: {INTERNAL: 1}}", []string{
		`a.yaml:18:89: services.pay.operations.Charge.error.type_weights: no weight for "ABORTED"; every type needs one`,
	}},
	{"a type that is a boolean", "error: 2%", "error: {rate: 2%, types: [true]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: found boolean true, want a string (quote it)`,
	}},
	{"an empty type", "error: 2%", "error: {rate: 2%, types: ['']}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: empty`,
	}},
	{"a SQLSTATE of four digits", "{latency: 5}", "{error: {rate: 1%, types: [4001]}}", []string{
		`a.yaml:26:48: services.db.operations.SELECT carts.error.types[0]: 4001 is no SQLSTATE, which has five digits or capitals`,
	}},
	{"a code of gRPC beyond the last", "error: 2%", "error: {rate: 2%, types: [99]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: 99: want the name of a gRPC code`,
	}},
	{"retries that are off", "timeout: 2s}", "retry: {enabled: false}}", nil},
	{"retries of a code that is none", "timeout: 2s}", "retry: {retryable_errors: [UNAVAILBLE]}}", []string{
		`a.yaml:9:59: services.web.operations.POST /orders.calls[1].retry.retryable_errors[0]: unknown gRPC code "UNAVAILBLE"; did you mean "UNAVAILABLE"? allowed: ` + listed(grpcCodes[1:]),
	}},
	// numbers
	{"a time in quotes without a unit", "latency: 90", "latency: '90'", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: found string "90", want milliseconds, a duration such as 250ms, or a distribution`,
	}},
	{"a time beyond all", "latency: 90", "latency: 3000h", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: 3000h is longer than the limit of 2777h46m40s`,
	}},
	{"a time beyond all that can be told", "latency: 90", "latency: 99999999999h", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: 99999999999h is longer than the limit of 2777h46m40s`,
	}},
	{"a time with a blank in its number", "latency: 90", "latency: 1 2ms", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: found string "1 2ms", want milliseconds, a duration such as 250ms, or a distribution`,
	}},
	{"a time with a blank in its unit", "latency: 90", "latency: 12m s", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: found string "12m s", want milliseconds, a duration such as 250ms, or a distribution`,
	}},
	{"a share with many blanks", "error: 2%", "error: 2  %", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: found string "2  %", want a number from 0 to 1, or one such as 2%`,
	}},
	{"a share below 0", "error: 2%", "error: -0.5", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: -0.5 is not between 0 and 1`,
	}},
	{"a share in words and percent", "error: 2%", "error: a few %", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: found string "a few %", want a number from 0 to 1, or one such as 2%`,
	}},
	{"a rate far beyond 1", "error: 2%", "error: 200", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: 200 is not between 0 and 1`,
	}},
	// sessions
	{"a session that is one name", "services:", "session: web.GET /cat\nservices:", []string{
		`a.yaml:2:10: session: service "web": unknown operation "GET /cat"; did you mean "GET /cart"? allowed: GET /cart, POST /orders`,
	}},
	{"a request that is nothing", "services:", "session: [web.GET /cart, ]\nservices:", []string{
		`a.yaml:7:7: warning: operation "web.POST /orders": no request comes to it`,
		`a.yaml:19:7: warning: operation "pay.Charge": no request comes to it`,
		`a.yaml:23:7: warning: operation "ship.orders": no request comes to it`,
	}},
	{"a request that is nothing at all", "services:", "session:\n  -\nservices:", []string{
		`a.yaml:3:4: session[0]: found nothing, want SERVICE.OPERATION or a mapping`,
	}},
	{"a request that is a number", "services:", "session: [5]\nservices:", []string{
		`a.yaml:2:11: session[0]: found integer 5, want SERVICE.OPERATION or a mapping`,
	}},
	{"a request that asks nobody", "services:", "session: [{count: 5}]\nservices:", []string{
		`a.yaml:2:11: session[0].call: missing`,
	}},
	{"a request with a key of calls", "services:", "session: [{call: web.GET /cart, timeout: 2s}]\nservices:", []string{
		`a.yaml:2:33: unknown key "timeout"; allowed: ` + listed(requestCallKeys),
	}},
	{"a message that links to a request", "services:", "session: [web.GET /cart, {one_of: [web.GET /cart, ship.orders], linked: true}]\nservices:", []string{
		`a.yaml:2:73: session[1].linked: a message links to who sent it`,
	}},
	{"an alternative with a count", "services:", "session: [{one_of: [{call: web.GET /cart, count: 2}]}]\nservices:", []string{
		`a.yaml:2:43: unknown key "count"; allowed: call, description, variant, weight`,
	}},
	{"a key of conversation", "services:", "conversation: {thinktime: 2s}\nservices:", []string{
		`a.yaml:2:16: unknown key "thinktime"; did you mean "think_time"? allowed: session_id, think_time`,
	}},
	// values
	{"a value of nothing", "services:", "values: {a: }\nservices:", []string{
		`a.yaml:2:13: values.a: missing; want a constant, a list of them, or a mapping that says how it is drawn`,
	}},
	{"a value without a name", "services:", "values: {'': 5}\nservices:", []string{
		`a.yaml:2:10: empty name of a value`,
	}},
	{"a value of no values", "services:", "values: {a: []}\nservices:", []string{
		`a.yaml:2:13: values.a: no values`,
	}},
	{"a value that is another", "services:", "values: {a: {use: b}}\nservices:", []string{
		`a.yaml:2:19: values.a.use: a value cannot be another one`,
	}},
	{"a value that stays for a word", "services:", "values: {a: {pattern: '{uuid}', per: trace}}\nservices:", []string{
		`a.yaml:2:38: values.a.per: unknown value "trace"; allowed: request, session, span`,
	}},
	{"a pool without a pattern", "services:", "values: {a: {pool: 7}}\nservices:", []string{
		`a.yaml:2:13: values.a.pattern: missing`,
	}},
	{"a pattern that is too long", "{latency: 15}", "{attributes: {a: {pattern: '" + strings.Repeat("x", 1025) + "{hex:2}'}}}", []string{
		`a.yaml:22:42: services.ship.operations.orders.attributes.a.pattern: text of 1032 bytes is longer than the limit of 1024`,
	}},
	// what spans of no protocol can be
	{"what spans are called whose protocol says it", "{latency: 15}", "{latency: 15, name: x}", []string{
		`a.yaml:22:35: services.ship.operations.orders.name: belongs to operations of protocol none: what spans of protocol messaging are called follows from the operation`,
	}},
	{"spans without a name", "    protocol: messaging\n    operations:\n      orders: {latency: 15}", "    protocol: none\n    operations:\n      orders: {name: \" \"}", []string{
		`a.yaml:10:40: services.web.operations.POST /orders.calls[2].queue: belongs to calls of operations of protocol messaging`,
		`a.yaml:22:22: services.ship.operations.orders.name: empty`,
	}},
	{"the kind of a span within", "{call: ship.orders, queue: 40}", "{span: x, kind: clinet}", []string{
		`a.yaml:10:29: services.web.operations.POST /orders.calls[2].kind: unknown value "clinet"; did you mean "client"? allowed: client, consumer, internal, producer, server`,
	}},
	{"a code that the outcome decides", "{latency: 15}", "{attributes: {http.response.status_code: 200}}", []string{
		`a.yaml:22:29: attribute http.response.status_code: follows from the outcome of the span, which error decides`,
	}},
	{"an error that the outcome decides", "{call: ship.orders, queue: 40}", "{span: x, attributes: {error.type: x, db.response.status_code: y}}", []string{
		`a.yaml:10:36: attribute error.type: follows from the outcome of the span, which error decides`,
	}},
	{"an attribute that nothing has", "{latency: 15}", "{attributes: {a: {value: 1, present: 0}}}", []string{
		`a.yaml:22:52: services.ship.operations.orders.attributes.a.present: 0: nothing has it; leave it out`,
	}},
	{"an attribute that too many have", "{latency: 15}", "{attributes: {a: {pattern: '{uuid}', present: 30}}}", []string{
		`a.yaml:22:61: services.ship.operations.orders.attributes.a.present: 30 is not between 0 and 1; did you mean 30%?`,
	}},
	{"a share that is misspelt", "{latency: 15}", "{attributes: {a: {value: 1, presence: 0.3}}}", []string{
		`a.yaml:22:43: unknown key "presence"; did you mean "present"? allowed: present, value`,
	}},
	{"a share of a log record's", "{latency: 15}", "{logs: [{body: x, attributes: {a: {value: 1, present: 0}}}]}", []string{
		`a.yaml:22:69: services.ship.operations.orders.logs[0].attributes.a.present: 0: nothing has it; leave it out`,
	}},
	{"a constant of nothing", "{latency: 15}", "{attributes: {a: {value: , present: 0.3}}}", []string{
		`a.yaml:22:33: services.ship.operations.orders.attributes.a.value: missing`,
	}},
	// events and logs
	{"how often an event is told", "{latency: 15}", "{events: [{name: x, probability: 2, count: -1}]}", []string{
		`a.yaml:22:48: services.ship.operations.orders.events[0].probability: 2 is not between 0 and 1; did you mean 2%?`,
		`a.yaml:22:58: services.ship.operations.orders.events[0].count: -1 is not between 0 and 10000`,
	}},
	{"an event that is a text", "{latency: 15}", "{events: [placed]}", []string{
		`a.yaml:22:25: services.ship.operations.orders.events[0]: found string "placed", want a mapping`,
	}},
	{"a log record that is a text", "{latency: 15}", "{logs: [placed]}", []string{
		`a.yaml:22:23: services.ship.operations.orders.logs[0]: found string "placed", want a mapping`,
	}},
	{"a body that is too long", "{latency: 15}", "{logs: [{body: " + strings.Repeat("x", 16385) + "}]}", []string{
		`a.yaml:22:30: services.ship.operations.orders.logs[0].body: text of 16385 bytes is longer than the limit of 16384`,
	}},
}

func TestRareMistakesInSystemsAreNamedAndPlaced(t *testing.T) {
	for _, row := range systemProblems {
		t.Run(row.why, func(t *testing.T) {
			if !strings.Contains(shop, row.was) {
				t.Fatalf("%q is not there", row.was)
			}
			_, got := parse(t, strings.Replace(shop, row.was, row.is, 1))
			checkLines(t, got, row.want...)
		})
	}
}
