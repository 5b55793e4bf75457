package scenario

import (
	"slices"
	"strings"
	"testing"
)

// shop is what the mistakes below are made in, one line at a time: %NAME% is
// where a mistake may put something else.
const shop = `name: shop
services:
  web:
    operations:
      GET /cart: {calls: [cart.GetCart]}
      POST /orders:
        calls:
          - cart.GetCart
          - {call: pay.Charge, timeout: 2s}
          - {call: ship.orders, queue: 40}
  cart:
    protocol: grpc
    operations:
      GetCart: {latency: 20, calls: [db.SELECT carts]}
  pay:
    protocol: grpc
    operations:
      Charge: {latency: 90, error: 2%}
  ship:
    protocol: messaging
    operations:
      orders: {latency: 15}
  db:
    protocol: db
    operations:
      SELECT carts: {latency: 5}
`

// systemMistakes are what people get wrong in systems, each made in shop by
// writing one text for another, with all that is said about it.
var systemMistakes = []struct {
	why, was, is string
	want         []string
}{
	// names
	{"a service is misspelt", "cart.GetCart]}", "carts.GetCart]}", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: unknown service "carts"; did you mean "cart"? allowed: cart, db, pay, ship, web`,
	}},
	{"an operation is misspelt", "[cart.GetCart]", "[cart.GetCarts]", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: service "cart": unknown operation "GetCarts"; did you mean "GetCart"?`,
	}},
	{"a service alone is called", "[cart.GetCart]", "[cart]", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: "cart" is a service; want one of its operations, such as "cart.GetCart"`,
	}},
	{"an operation without its service", "[cart.GetCart]", "[GetCart]", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: operation "GetCart" without its service; did you mean "cart.GetCart"?`,
	}},
	{"a slash in place of the dot", "[cart.GetCart]", "[cart/GetCart]", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: unknown operation "cart/GetCart"; did you mean "cart.GetCart"? allowed: cart.GetCart, db.SELECT carts, pay.Charge, ship.orders, web.GET /cart, web.POST /orders`,
	}},
	{"something else altogether", "[cart.GetCart]", "[stripe.com]", []string{
		`a.yaml:5:27: services.web.operations.GET /cart.calls[0]: unknown operation "stripe.com"; allowed: cart.GetCart, db.SELECT carts, pay.Charge, ship.orders, web.GET /cart, web.POST /orders`,
	}},
	{"a key of a service", "    protocol: db\n", "    protcol: db\n", []string{
		`a.yaml:24:5: unknown key "protcol"; did you mean "protocol"? allowed: ` + listed(memberKeys),
	}},
	{"a key of an operation", "{latency: 15}", "{latncy: 15}", []string{
		`a.yaml:22:16: unknown key "latncy"; did you mean "latency"? allowed: ` + listed(operationKeys),
	}},
	{"a key of a call", "timeout: 2s", "time_out: 2s", []string{
		`a.yaml:9:32: unknown key "time_out"; did you mean "timeout"? allowed: ` + listed(callKeys),
	}},
	{"the key that says what is called", "{call: pay", "{cal: pay", []string{
		`a.yaml:9:14: unknown key "cal"; did you mean "call"? allowed: ` + listed(itemKeys),
	}},
	{"a key of the file", "name: shop\n", "nane: shop\n", []string{
		`a.yaml:1:1: unknown key "nane"; did you mean "name"? allowed: ` + listed(systemKeys),
	}},
	{"extends is misspelt", "name: shop\n", "extend: shop\n", []string{
		`a.yaml:1:1: unknown key "extend"; did you mean "extends"? allowed: ` + listed(systemKeys),
	}},
	{"services is misspelt", "services:", "service:", []string{
		`a.yaml:2:1: unknown key "service"; did you mean "services"? allowed: ` + listed(topKeys),
	}},
	{"a protocol", "protocol: messaging", "protocol: message", []string{
		`a.yaml:20:15: services.ship.protocol: unknown value "message"; did you mean "messaging"? allowed: db, grpc, http, messaging, none`,
	}},
	{"a kind", "{latency: 15}", "{latency: 15, kind: consumers}", []string{
		`a.yaml:22:35: services.ship.operations.orders.kind: unknown value "consumers"; did you mean "consumer"? allowed: client, consumer, internal, producer, server`,
	}},
	{"a kind that the protocol does not have", "{latency: 15}", "{latency: 15, kind: server}", []string{
		`a.yaml:22:35: services.ship.operations.orders.kind: an operation of protocol messaging is of kind consumer; only those of protocol none have a choice`,
	}},
	// the other styles
	{"keys of agents", "name: shop\n", "name: shop\ncontext: {tenant: tarnmere, agent: desk-1}\nroot: {type: planner}\nmodel: [x]\n", []string{
		`a.yaml:2:1: context: belongs to scenarios of agents; a file with services has none`,
		`a.yaml:3:1: root: belongs to scenarios of agents; a file with services has none`,
		`a.yaml:4:1: model: belongs to scenarios of agents; a file with services has none`,
	}},
	{"a conversation that says something", "name: shop\n", "name: shop\nconversation: {think_time: 2s, turns: []}\n", []string{
		`a.yaml:2:32: conversation.turns: belongs to scenarios of agents; a file with services has none`,
	}},
	{"a session without services", "services:", "session: [web.GET /cart]\nservice:", []string{
		`a.yaml:2:1: session: belongs to a file with services`,
		`a.yaml:3:1: unknown key "service"; did you mean "services"? allowed: ` + listed(topKeys, "session"),
	}},
	// numbers
	{"a latency with an unknown unit", "latency: 90", "latency: 90 msec", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: found string "90 msec", want milliseconds, a duration such as 250ms, or a distribution`,
	}},
	{"a latency that is negative", "latency: 90", "latency: -5ms", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: -5ms is negative`,
	}},
	{"an error rate above 1", "error: 2%", "error: 2", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: 2 is not between 0 and 1; did you mean 2%?`,
	}},
	{"an error rate above 100 percent", "error: 2%", "error: 200%", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: 200% is not between 0% and 100%`,
	}},
	{"an error rate in words", "error: 2%", "error: often", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error: found string "often", want a number from 0 to 1, or one such as 2%`,
	}},
	{"both times", "latency: 90", "latency: 90, own: 5", []string{
		`a.yaml:18:25: services.pay.operations.Charge.latency: beside own: one of them says how long it takes, latency all in all, own without its calls`,
	}},
	{"a timeout of nothing", "timeout: 2s", "timeout: 0", []string{
		`a.yaml:9:41: services.web.operations.POST /orders.calls[1].timeout: 0 is not above zero`,
	}},
	{"a timeout that is a mean", "timeout: 2s", "timeout: {mean: 200}", []string{
		`a.yaml:9:41: services.web.operations.POST /orders.calls[1].timeout: found a mapping, want milliseconds or a duration such as 2s`,
	}},
	{"a probability in percent beyond all", "timeout: 2s", "probability: 140%", []string{
		`a.yaml:9:45: services.web.operations.POST /orders.calls[1].probability: 140% is not between 0% and 100%`,
	}},
	{"no instances", "  pay:\n", "  pay:\n    instances: 0\n", []string{
		`a.yaml:16:16: services.pay.instances: 0 is not between 1 and 1000`,
	}},
	// errors
	{"a status that is no failure", "[cart.GetCart]}", "[cart.GetCart], error: {rate: 1%, types: [200]}}", []string{
		`a.yaml:5:68: services.web.operations.GET /cart.error.types[0]: 200 is no HTTP status of a failure, which are 400 to 599`,
	}},
	{"a gRPC code that does not exist", "error: 2%", "error: {rate: 2%, types: [UNAVAILBLE]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: unknown gRPC code "UNAVAILBLE"; did you mean "UNAVAILABLE"? allowed: ` + listed(grpcCodes[1:]),
	}},
	{"a gRPC code in small letters", "error: 2%", "error: {rate: 2%, types: [not_found]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: unknown gRPC code "not_found"; did you mean "NOT_FOUND"? allowed: ` + listed(grpcCodes[1:]),
	}},
	{"a gRPC code by its number", "error: 2%", "error: {rate: 2%, types: [14]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: 14: want the name of a gRPC code; did you mean "UNAVAILABLE"?`,
	}},
	{"a gRPC code that is none", "error: 2%", "error: {rate: 2%, types: OK}", []string{
		`a.yaml:18:54: services.pay.operations.Charge.error.types: OK is no failure`,
	}},
	{"an error without a rate", "error: 2%", "error: {types: INTERNAL}", []string{
		`a.yaml:18:36: services.pay.operations.Charge.error.rate: missing; want how likely it fails, such as 2%`,
	}},
	{"a word that is nearly understood", "error: 2%", "error: {rate: 2%, types: [time_out]}", []string{
		`a.yaml:18:55: warning: services.pay.operations.Charge.error.types[0]: "time_out" is an exception type of its own; did you mean "timeout"?`,
	}},
	{"a code of another protocol", "ship:", "walk: {protocol: none, operations: {there: {error: {rate: 2%, types: [UNAVAILABLE, Timeout]}}}}\n  ship:", nil},
	{"a weight of another type", "error: 2%", "error: {rate: 2%, types: [INTERNAL], type_weights: {INTERNAL: 1, UNKNOWN: 2}}", []string{
		`a.yaml:18:94: type_weights: "UNKNOWN" is none of the types`,
	}},
	{"a sentence for a type", "error: 2%", "error: {rate: 2%, types: [card was declined]}", []string{
		`a.yaml:18:55: services.pay.operations.Charge.error.types[0]: "card was declined" has spaces; want the type of an exception, timeout, unavailable or the name of a gRPC code`,
	}},
	// shapes
	{"an operation calls itself", "{latency: 90, error: 2%}", "{calls: [cart.GetCart, web.POST /orders]}", []string{
		`a.yaml:18:38: operation "web.POST /orders" comes to call itself: web.POST /orders > pay.Charge > web.POST /orders`,
	}},
	{"an operation calls itself at once", "{latency: 90, error: 2%}", "{calls: [{span: x, calls: [pay.Charge]}]}", []string{
		`a.yaml:18:42: operation "pay.Charge" comes to call itself: pay.Charge > pay.Charge`,
	}},
	{"nobody calls it", "          - {call: pay.Charge, timeout: 2s}\n", "", nil},
	{"a session leaves it out", "services:", "session: [web.GET /cart]\nservices:", []string{
		`a.yaml:7:7: warning: operation "web.POST /orders": no request comes to it`,
		`a.yaml:19:7: warning: operation "pay.Charge": no request comes to it`,
		`a.yaml:23:7: warning: operation "ship.orders": no request comes to it`,
	}},
	{"a session asks a db", "services:", "session: [db.SELECT carts]\nservices:", []string{
		`a.yaml:2:11: session[0]: a session asks services; a db has no spans of its own`,
	}},
	{"a session without requests", "services:", "session: []\nservices:", []string{
		`a.yaml:2:10: session: no requests; leave the key out to have one for any operation that nobody calls`,
	}},
	{"no services", shop[strings.Index(shop, "  web:"):], "", []string{
		`a.yaml:2:1: services: no services; a system needs at least one`,
	}},
	{"no operations", "    operations:\n      Charge: {latency: 90, error: 2%}\n", "", []string{
		`a.yaml:9:20: services.web.operations.POST /orders.calls[1].call: service "pay": unknown operation "Charge"; none is defined`,
		`a.yaml:16:5: services.pay.operations: no operations; a service needs at least one`,
	}},
	{"a db calls", "{latency: 5}", "{latency: 5, calls: [pay.Charge], logs: [{body: x}]}", []string{
		`a.yaml:26:41: services.db.operations.SELECT carts.calls: a db has no spans of its own, so nothing is known of what it does`,
		`a.yaml:26:61: services.db.operations.SELECT carts.logs: a db has no spans of its own, so nothing is known of what it does`,
	}},
	{"a mixed db", "{latency: 5}", "{latency: 5, protocol: http}", []string{
		`a.yaml:26:44: services.db.operations.SELECT carts.protocol: a service is a db with all of its operations or with none; service "db" is of protocol db`,
	}},
	{"a dash is missing", "        calls:\n          - cart.GetCart\n          - {call: pay.Charge, timeout: 2s}\n          - {call: ship.orders, queue: 40}\n",
		"        calls:\n          one_of:\n            call: pay.Charge\n", []string{
			`a.yaml:9:13: services.web.operations.POST /orders.calls.one_of: found a mapping, want a list (items begin with a dash)`,
		}},
	{"two forms at once", "{call: pay.Charge, timeout: 2s}", "{call: pay.Charge, span: pay}", []string{
		`a.yaml:9:38: services.web.operations.POST /orders.calls[1].span: beside call; an item is one of call, agent, one_of, span, all`,
	}},
	{"an item that does nothing", "{call: pay.Charge, timeout: 2s}", "{timeout: 2s}", []string{
		`a.yaml:9:13: services.web.operations.POST /orders.calls[1]: says nothing to do; want one of call, agent, one_of, span, all`,
	}},
	{"an item that is empty", "{call: pay.Charge, timeout: 2s}", "", []string{
		`a.yaml:9:12: services.web.operations.POST /orders.calls[1]: found nothing, want SERVICE.OPERATION or a mapping`,
	}},
	{"nothing in all", "{call: pay.Charge, timeout: 2s}", "{all: []}", []string{
		`a.yaml:9:19: services.web.operations.POST /orders.calls[1].all: nothing in it`,
	}},
	{"no weight in one_of", "{call: pay.Charge, timeout: 2s}", "{one_of: [{call: pay.Charge, weight: 0}]}", []string{
		`a.yaml:9:22: services.web.operations.POST /orders.calls[1].one_of: nothing in it has a weight above 0`,
	}},
	{"a count within one_of", "{call: pay.Charge, timeout: 2s}", "{one_of: [pay.Charge, {call: cart.GetCart, count: 3}]}", []string{
		`a.yaml:9:63: services.web.operations.POST /orders.calls[1].one_of[1].count: belongs to the place, not to one of what can stand there; or put the call into all`,
	}},
	{"one_of within one_of", "{call: pay.Charge, timeout: 2s}", "{one_of: [{one_of: [pay.Charge]}]}", []string{
		`a.yaml:9:32: services.web.operations.POST /orders.calls[1].one_of[0].one_of: within one_of; put its calls into the outer one`,
	}},
	{"a fallback for nothing", "          - cart.GetCart\n", "          - {call: cart.GetCart, if_failed: true}\n", []string{
		`a.yaml:8:45: services.web.operations.POST /orders.calls[0].if_failed: nothing comes before it`,
	}},
	{"a call for the end in what nobody waits for", "{call: pay.Charge, timeout: 2s}", "{async: true, all: [pay.Charge, {one_of: [{all: [{call: cart.GetCart, after: true}]}]}]}", []string{
		`a.yaml:9:62: after: never made within what is if_failed, async or after itself`,
	}},
	{"a fallback that nobody waits for", "timeout: 2s}", "if_failed: true, async: true}", []string{
		`a.yaml:9:43: services.web.operations.POST /orders.calls[1].if_failed: beside async: what nobody waits for makes nothing good`,
	}},
	{"optional and async", "timeout: 2s}", "optional: true, async: true}", []string{
		`a.yaml:9:42: warning: services.web.operations.POST /orders.calls[1].optional: has no effect beside async: its failure is nobody's`,
	}},
	{"parallel without calls", "{latency: 15}", "{parallel: true}", []string{
		`a.yaml:22:26: warning: services.ship.operations.orders.parallel: has no effect: it is about calls, and there are none`,
	}},
	{"an operation for a key", "{call: pay.Charge, timeout: 2s}", "pay.Charge: {timeout: 2s}", []string{
		`a.yaml:9:13: found "pay.Charge" as a key; write {call: pay.Charge, ...}`,
	}},
	{"an operation that is its calls", "{calls: [cart.GetCart]}", "[cart.GetCart]", []string{
		`a.yaml:5:18: services.web.operations.GET /cart: found a list, want a mapping; are these its calls? Write {calls: ...}`,
	}},
	{"an operation that is its latency", "{latency: 15}", "15", []string{
		`a.yaml:22:15: services.ship.operations.orders: found integer 15, want a mapping; did you mean {latency: 15}?`,
	}},
	{"a number of attempts", "timeout: 2s}", "retry: 3}", []string{
		`a.yaml:9:39: services.web.operations.POST /orders.calls[1].retry: found integer 3, want a mapping; did you mean {max_attempts: 3}?`,
	}},
	{"a list of services", shop[strings.Index(shop, "  web:"):], "  - name: web\n", []string{
		`a.yaml:3:3: services: found a list, want a mapping: a service has its name as its key`,
	}},
	// protocols
	{"a system for a protocol", "    protocol: db\n", "    protocol: redis\n", []string{
		`a.yaml:24:15: services.db.protocol: "redis" is a system; write protocol: db, system: redis`,
	}},
	{"an HTTP operation without a method", "GET /cart:", "cart:", []string{
		`a.yaml:5:7: operation "cart": want a method and a route, such as "POST /cart"; or say that the protocol is grpc, db, messaging or none`,
	}},
	{"an HTTP operation that is a route", "GET /cart:", "/cart:", []string{
		`a.yaml:5:7: operation "/cart": want a method before the route, such as "GET /cart"`,
	}},
	{"an HTTP method that does not exist", "GET /cart:", "GTE /cart:", []string{
		`a.yaml:5:7: operation "GTE /cart": unknown HTTP method "GTE"; did you mean "GET"? allowed: ` + listed(HTTPMethods),
	}},
	{"a gRPC method of three parts", "{latency: 90, error: 2%}", "{}\n      a/b/c: {}", []string{
		`a.yaml:19:7: operation "a/b/c": want package.Service/Method, or a method alone`,
	}},
	{"a queue of a call", "timeout: 2s}", "queue: 10, batch: 2}", []string{
		`a.yaml:9:39: services.web.operations.POST /orders.calls[1].queue: belongs to calls of operations of protocol messaging`,
		`a.yaml:9:50: services.web.operations.POST /orders.calls[1].batch: belongs to calls of operations of protocol messaging`,
	}},
	{"the name of a queue", "queue: 40}", "queue: orders}", []string{
		`a.yaml:10:40: services.web.operations.POST /orders.calls[2].queue: found string "orders", want how long messages wait, such as 40ms; the name of a queue is the destination of who consumes it`,
	}},
	{"a timeout of a message", "queue: 40}", "timeout: 2s}", []string{
		`a.yaml:10:42: services.web.operations.POST /orders.calls[2].timeout: nobody waits for who gets a message`,
	}},
	{"a destination without messages", "latency: 90", "destination: x", []string{
		`a.yaml:18:29: services.pay.operations.Charge.destination: belongs to operations of protocol messaging`,
	}},
	{"several get a call", "call: pay.Charge,", "call: [pay.Charge, cart.GetCart],", []string{
		`a.yaml:9:21: services.web.operations.POST /orders.calls[1].call[0]: only operations of protocol messaging get the same message; call "pay.Charge" by itself`,
		`a.yaml:9:33: services.web.operations.POST /orders.calls[1].call[1]: only operations of protocol messaging get the same message; call "cart.GetCart" by itself`,
	}},
	{"several consumers of different queues", "      orders: {latency: 15}", "      orders: {latency: 15}\n      bills: {}\n      more: {calls: [{call: [ship.orders, ship.bills]}]}", []string{
		`a.yaml:24:43: services.ship.operations.more.calls[0].call[1]: it consumes "bills", and the others "orders": they do not get the same message`,
	}},
	{"what a db does not have", "    protocol: db\n", "    protocol: db\n    version: 1.2.3\n    instances: 3\n", []string{
		`a.yaml:25:14: warning: services.db.version: has no effect: a db has no spans of its own, only those of its callers`,
		`a.yaml:26:16: warning: services.db.instances: has no effect: a db has no spans of its own, only those of its callers`,
	}},
	{"what has nobody to be about", "  pay:\n", "  pay:\n    instances: 2\n    sticky: true\n", []string{
		`a.yaml:17:13: warning: services.pay.sticky: has no effect: a session is one request`,
	}},
	{"a product that serves nobody", "  web:\n", "  web:\n    system: nginx\n    port: 80\n", []string{
		`a.yaml:4:13: warning: services.web.system: has no effect: it is about operations of protocol grpc, db or messaging, and there are none`,
	}},
	{"an address in no network", "  ship:\n    protocol: messaging\n", "  ship:\n    protocol: none\n    port: 80\n", []string{
		`a.yaml:10:40: services.web.operations.POST /orders.calls[2].queue: belongs to calls of operations of protocol messaging`,
		`a.yaml:21:11: warning: services.ship.port: has no effect: no operation is called over a network by protocol none`,
	}},
	// attributes, events, logs, values
	{"a value that is not there", "{latency: 15}", "{attributes: {order.id: {use: order}}}", []string{
		`a.yaml:22:45: services.ship.operations.orders.attributes.order.id.use: unknown value "order"; none is defined`,
	}},
	{"a value misspelt", "services:", "values: {order_id: {pattern: 'o-{hex:8}'}}\nservices:", []string{
		`a.yaml:2:10: warning: values.order_id: has no effect: nothing uses it`,
	}},
	{"a placeholder that does not exist", "{latency: 15}", "{attributes: {order.id: {pattern: 'ord-{hexa:8}'}}}", []string{
		`a.yaml:22:49: services.ship.operations.orders.attributes.order.id.pattern: unknown placeholder "{hexa:8}"; allowed: {hex:1} to {hex:64}, {digits:N}, {word:N}, {uuid}`,
	}},
	{"a placeholder of no length", "{latency: 15}", "{attributes: {order.id: {pattern: 'ord-{digits}'}}}", []string{
		`a.yaml:22:49: services.ship.operations.orders.attributes.order.id.pattern: unknown placeholder "{digits}"; allowed: {hex:1} to {hex:64}, {digits:N}, {word:N}, {uuid}`,
	}},
	{"a value in a pattern that is not there", "services:", "values: {order: {pattern: 'o-{hex:8}'}}\nservices:\n  odd: {protocol: none, operations: {o: {attributes: {a: {pattern: 'x-{ordre}'}, b: {use: order}}}}}", []string{
		`a.yaml:4:68: services.odd.operations.o.attributes.a.pattern: unknown value "ordre"; did you mean "order"?`,
	}},
	{"a pool of texts with a value in them", "services:", "values: {order: {pattern: 'o-{hex:8}'}}\nservices:\n  odd: {protocol: none, operations: {o: {attributes: {a: {pattern: 'x-{order}', pool: 5}}}}}", []string{
		`a.yaml:4:87: services.odd.operations.o.attributes.a.pool: has no place beside {order}: say how many there are of that value`,
	}},
	{"a value within a value", "services:", "values: {order: {pattern: 'o-{hex:8}'}, line: {pattern: '{order}-1'}}\nservices:\n  odd: {protocol: none, operations: {o: {attributes: {a: {use: line}, b: {use: order}}}}}", []string{
		`a.yaml:2:57: values.line.pattern: unknown placeholder "{order}"; allowed: {hex:1} to {hex:64}, {digits:N}, {word:N}, {uuid}`,
	}},
	{"a pattern that never changes", "{latency: 15}", "{attributes: {order.id: {pattern: ord}}}", []string{
		`a.yaml:22:49: services.ship.operations.orders.attributes.order.id.pattern: no random part, such as {hex:8}; write a constant without pattern`,
	}},
	{"zipf without a pool", "{latency: 15}", "{attributes: {order.id: {pattern: 'x{hex:4}', zipf: 1.1}}}", []string{
		`a.yaml:22:67: services.ship.operations.orders.attributes.order.id.zipf: is about a pool: say how many values there are`,
	}},
	{"a pool of more than the pattern has", "{latency: 15}", "{attributes: {order.id: {pattern: 'x{digits:2}', pool: 500}}}", []string{
		`a.yaml:22:70: warning: services.ship.operations.orders.attributes.order.id.pool: 500 values, of which some are alike: the pattern has only 100`,
	}},
	{"a text of no length", "{latency: 15}", "{attributes: {order.id: {pattern: 'x{hex:4}', length: 0}}}", []string{
		`a.yaml:22:69: services.ship.operations.orders.attributes.order.id.length: 0 is not between 1 and 65536`,
	}},
	{"texts longer than they may be", "{latency: 15}", "{attributes: {order.id: {pattern: 'x{hex:4}', length: {distribution: uniform, low: 1, high: 70000}}}}", []string{
		`a.yaml:22:107: services.ship.operations.orders.attributes.order.id.length.high: 70000 is not between 0 and 65536`,
	}},
	{"an attribute that says nothing", "{latency: 15}", "{attributes: {order.id: {}}}", []string{
		`a.yaml:22:39: services.ship.operations.orders.attributes.order.id: says no value: want a pattern, a distribution, or a value to use or to follow`,
	}},
	{"an attribute with a misspelt key", "{latency: 15}", "{attributes: {order.id: {patern: 'x{hex:4}'}}}", []string{
		`a.yaml:22:40: unknown key "patern"; did you mean "pattern"? allowed: distribution, follows, length, pattern, pool, present, use, value, values, zipf`,
	}},
	{"an attribute that follows from the outcome", "{latency: 15}", "{attributes: {error.type: oops}}", []string{
		`a.yaml:22:29: attribute error.type: follows from the outcome of the span, which error decides`,
	}},
	{"an event without a name", "{latency: 15}", "{events: [{when: ok}]}", []string{
		`a.yaml:22:25: services.ship.operations.orders.events[0].name: missing`,
	}},
	{"an exception by hand", "{latency: 15}", "{events: [{name: exception}]}", []string{
		`a.yaml:22:25: services.ship.operations.orders.events[0].when: spans that do not fail tell of no exception; want failed`,
		`a.yaml:22:25: services.ship.operations.orders.events[0].attributes: want exception.type or exception.message, which say what happened`,
	}},
	{"an event at a word", "{latency: 15}", "{events: [{name: x, when: fail}]}", []string{
		`a.yaml:22:41: services.ship.operations.orders.events[0].when: unknown value "fail"; did you mean "failed"? allowed: always, failed, ok`,
	}},
	{"a log record that says nothing", "{latency: 15}", "{logs: [{severity: info}]}", []string{
		`a.yaml:22:23: services.ship.operations.orders.logs[0].body: missing; a log record has a body, the name of an event, or both`,
	}},
	{"a severity that does not exist", "{latency: 15}", "{logs: [{severity: warning, body: x}]}", []string{
		`a.yaml:22:34: services.ship.operations.orders.logs[0].severity: unknown value "warning"; did you mean "warn"? allowed: debug, error, fatal, info, trace, warn`,
	}},
	{"a body that names what the span does not have", "{latency: 15}", "{attributes: {order.id: 7}, logs: [{body: 'order {oder.id} of {messaging.system}'}]}", []string{
		`a.yaml:22:57: services.ship.operations.orders.logs[0].body: unknown attribute of the span "oder.id"; did you mean "order.id"?`,
	}},
	{"a start that knows the end", "{latency: 15}", "{logs: [{body: x, at: start, when: failed}]}", []string{
		`a.yaml:22:50: services.ship.operations.orders.logs[0].when: whether it fails is not known yet at its start`,
	}},
	{"a resource attribute that is drawn", "    protocol: messaging\n", "    protocol: messaging\n    attributes: {host.name: {pattern: 'host-one'}, service.name: x, service.instance.id: y}\n", []string{
		`a.yaml:21:39: services.ship.attributes.host.name.pattern: no random part, such as {hex:8}; write a constant without pattern`,
		`a.yaml:21:52: attribute service.name: given twice`,
		`a.yaml:21:69: attribute service.instance.id: follows from the instances of the service`,
	}},
}

// listed are names as messages list them.
func listed(names []string, more ...string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(slices.Concat(names, more)))), ", ")
}

// itemKeys are those of everything that can stand among calls, topKeys those of a
// file without services.
var (
	itemKeys = slices.Concat(callKeys, agentCallKeys, eitherKeys, groupKeys, innerKeys, weightKeys)
	topKeys  = slices.Concat(scenarioKeys, []string{"services", "extends"})
)

func TestMistakesInSystemsAreNamedAndPlaced(t *testing.T) {
	for _, row := range systemMistakes {
		t.Run(row.why, func(t *testing.T) {
			if !strings.Contains(shop, row.was) {
				t.Fatalf("%q is not there", row.was)
			}
			_, got := parse(t, strings.Replace(shop, row.was, row.is, 1))
			checkLines(t, got, row.want...)
		})
	}
}
