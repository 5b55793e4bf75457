package conform

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// systemViolations break one rule each, in the second request of the shop.
var systemViolations = []struct {
	rule, why string
	plant     func(st *story, t *turn)
}{
	{"system-span", "a name that the service does not have", func(_ *story, t *turn) { t.at(render).name = "rendering" }},
	{"system-span", "a span of another service", func(_ *story, t *turn) { t.at(query).name = "render" }},
	{"span-kind", "work that says it is a client", func(_ *story, t *turn) { t.at(render).kind = otlp.SpanKindClient }},
	{"attribute-missing", "a client without what is required", func(_ *story, t *turn) { t.at(post).drop("url.full") }},
	{"attribute-missing", "a message without its system", func(_ *story, t *turn) { t.at(sendA).drop("messaging.system") }},
	{"attribute-missing", "a database without its system", func(_ *story, t *turn) { t.at(query).drop("db.system.name") }},
	{"attribute-missing", "work without what the type requires that its scenario names", func(_ *story, t *turn) { t.at(render).drop("gen_ai.operation.name") }},
	{"attribute-type", "a port in words", func(_ *story, t *turn) { t.at(post).set("server.port", "8080") }},
	{"attribute-type", "a list of numbers", func(_ *story, t *turn) { t.at(post).set("process.command_args", 3) }},
	{"attribute-value", "a method that there is not", func(_ *story, t *turn) {
		t.at(root).set("http.request.method", "FETCH")
	}},
	{"attribute-value", "a status that no answer has", func(_ *story, t *turn) { t.at(root).set("http.response.status_code", 20) }},
	{"attribute-twice", "an attribute twice", func(_ *story, t *turn) {
		t.at(render).attrs = append(t.at(render).attrs, said{"a", 1}, said{"a", 2})
	}},
	{"attribute-deprecated", "a deprecated name", func(_ *story, t *turn) { t.at(root).set("http.method", "GET") }},
	{"attribute-unknown", "a name that the registry does not have", func(_ *story, t *turn) { t.at(root).set("http.request.methods", "GET") }},
	{"attribute-deprecated", "of an event", func(_ *story, t *turn) { t.at(render).happens("drawn", said{"http.method", "GET"}) }},
	{"resource-missing", "a service without instance", func(st *story, _ *turn) { st.resources[2].drop("service.instance.id") }},
	{"resource-session", "a service of one session", func(st *story, _ *turn) { st.resources[2].set("session.id", "s-1") }},

	{"event-time", "an event after the end", func(_ *story, t *turn) {
		t.at(render).happens("drawn")
		t.at(render).events[0].at++
	}},
	{"event-missing", "an exception without type", func(_ *story, t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 500, "500", true, true)
		t.at(pay).events[0].attrs = nil
	}},
	{"status-ok", "success said aloud", func(_ *story, t *turn) { t.at(render).ok = true }},
	{"status-message", "a message of what did not fail", func(_ *story, t *turn) { t.at(render).message = "all is well" }},
	{"error-type", "a failure without type", func(_ *story, t *turn) {
		t.at(refresh).failed = true
		t.at(refresh).happens("exception", said{"exception.type", "X"})
	}},
	{"error-type", "a type without failure", func(_ *story, t *turn) { t.at(render).set("error.type", "X") }},
	{"exception", "raised and not failed", func(_ *story, t *turn) { t.at(render).happens("exception", said{"exception.type", "X"}) }},
	{"exception", "failed by itself and not raised", func(_ *story, t *turn) { t.at(render).failed = true; t.at(render).set("error.type", "X") }},
	{"exception", "raised by a client", func(_ *story, t *turn) {
		t.at(query).failed = true
		t.at(query).set("error.type", "X")
		t.at(query).happens("exception", said{"exception.type", "X"})
	}},
	{"status-code", "500, and no error of the server", func(_ *story, t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 500, "500", true, false)
	}},
	{"status-code", "404 as an error of the server", func(_ *story, t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 404, "404", true, true)
	}},
	{"status-code", "404, and no error of the client", func(_ *story, t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 404, "404", false, false)
	}},
	{"status-code", "the type is another code", func(_ *story, t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 500, "503", true, true)
	}},
	{"status-code", "not found as an error of the server", func(_ *story, t *turn) {
		ends(t.at(call), t.at(stock), "rpc.status_code", "NOT_FOUND", "NOT_FOUND", true, true)
	}},
	{"status-code", "an error of gRPC that is none", func(_ *story, t *turn) {
		ends(t.at(call), t.at(stock), "rpc.status_code", "INTERNAL", "INTERNAL", false, true)
	}},
	{"status-code", "OK, and an error", func(_ *story, t *turn) {
		ends(t.at(call), t.at(stock), "rpc.status_code", "OK", "OK", true, true)
	}},
	{"status-code", "a code of the database, and no error", func(_ *story, t *turn) { t.at(query).set("db.response.status_code", "40001") }},

	{"span-orphan", "a parent that is not there", func(_ *story, t *turn) { t.at(render).orphan = true }},
	{"system-root", "a trace of nobody", func(_ *story, t *turn) {
		q := *t.at(query)
		q.parent, q.trace, q.id = nil, 3, 60
		t.spans = append(t.spans, &q)
	}},
	{"system-parent", "a server below what asked for nothing", func(_ *story, t *turn) {
		s := *t.at(pay)
		s.parent, s.id, s.start, s.end = t.at(render), 61, t.at(render).start, t.at(render).end
		t.spans = append(t.spans, &s)
	}},
	{"system-parent", "work below a client", func(_ *story, t *turn) {
		t.at(render).parent, t.at(render).start, t.at(render).end = t.at(post), t.at(post).start, t.at(post).end
	}},
	{"system-parent", "a client of another process", func(_ *story, t *turn) { t.at(query).parent = t.at(root) }},
	{"system-parent", "a message that a server has sent", func(_ *story, t *turn) { t.at(mailB).parent = t.at(root); t.at(mailB).links = []*telling{t.at(sendB)} }},
	{"server-twice", "two answers", func(_ *story, t *turn) {
		s := *t.at(pay)
		s.id = 62
		t.spans = append(t.spans, &s)
	}},
	{"server-call", "another protocol", func(_ *story, t *turn) {
		t.at(stock).parent, t.at(stock).start, t.at(stock).end = t.at(post), t.at(post).start, t.at(post).end
		t.at(pay).parent, t.at(pay).start, t.at(pay).end = t.at(call), t.at(call).start, t.at(call).end
		t.without(t.at(query))
	}},
	{"server-call", "another method", func(_ *story, t *turn) { t.at(pay).set("http.request.method", "GET") }},
	{"server-call", "another path", func(_ *story, t *turn) { t.at(pay).set("url.path", "/paid") }},
	{"server-call", "another method of gRPC", func(_ *story, t *turn) { t.at(stock).set("rpc.method", "shop.Stock/Put") }},
	{"server-call", "another code", func(_ *story, t *turn) { t.at(pay).set("http.response.status_code", 201) }},
	{"server-call", "a code that the client does not have", func(_ *story, t *turn) { t.at(post).drop("http.response.status_code") }},
	{"server-outcome", "a server that failed alone", func(_ *story, t *turn) {
		t.at(post).drop("http.response.status_code")
		t.at(pay).drop("http.response.status_code")
		t.at(pay).failed = true
		t.at(pay).set("error.type", "X")
		t.at(pay).happens("exception", said{"exception.type", "X"})
	}},
	{"server-outcome", "a client that failed alone", func(_ *story, t *turn) {
		t.at(post).drop("http.response.status_code")
		t.at(pay).drop("http.response.status_code")
		t.at(post).failed = true
		t.at(post).set("error.type", "X")
	}},
	{"peer", "a client of nobody", func(_ *story, t *turn) { t.without(t.at(pay)) }},
	{"peer", "a call of nobody by gRPC", func(_ *story, t *turn) { t.without(t.at(stock)) }},
	{"peer", "a database without address", func(_ *story, t *turn) { t.at(query).drop("server.address") }},

	{"time-order", "an end before the start", func(_ *story, t *turn) { t.at(render).start = t.at(render).end + 1 }},
	{"time-parent", "a server that ends after its client", func(_ *story, t *turn) { t.at(pay).end = t.at(post).end + 1 }},
	{"time-parent", "a server that starts before its client has given up", func(_ *story, t *turn) {
		t.at(post).failed = true
		t.at(post).set("error.type", "timeout")
		t.at(post).drop("http.response.status_code")
		t.at(pay).start = t.at(post).start - 1
	}},
	{"time-parent", "work that ends after what waits for it", func(_ *story, t *turn) { t.at(render).end = t.at(root).end + 1 }},
	{"time-parent", "work that nobody waits for before it was begun", func(_ *story, t *turn) { t.at(refresh).start = t.at(root).start - 1 }},

	{"message-link", "a consumer of nothing", func(_ *story, t *turn) { t.without(t.at(sendA)); t.at(len(t.spans) - 2).links = nil }},
	{"message-link", "a message of another request", func(_ *story, t *turn) { t.without(t.at(sendA)) }},
	{"message-link", "a message that could not be sent", func(_ *story, t *turn) {
		t.at(sendA).failed = true
		t.at(sendA).set("error.type", "unavailable")
	}},
	{"link", "a link of one who consumes nothing", func(_ *story, t *turn) { t.at(render).links = []*telling{t.at(sendA)} }},
	{"link", "a first request that links to something", func(_ *story, t *turn) { t.at(root).links = []*telling{t.at(sendA)} }},
	{"message-lost", "a message that nobody consumes", func(_ *story, t *turn) { t.without(t.at(mailA)) }},
	{"message-order", "a message before it was sent", func(_ *story, t *turn) { t.at(mailA).start = t.at(sendA).end - 1 }},
	{"message", "another message", func(_ *story, t *turn) { t.at(mailA).set("messaging.message.id", "m-c") }},
	{"message", "another queue", func(_ *story, t *turn) { t.at(mailB).set("messaging.destination.name", "bills") }},
	{"message", "another count", func(_ *story, t *turn) { t.at(mailA).set("messaging.batch.message_count", 2) }},
	{"message", "two of one id", func(_ *story, t *turn) {
		t.at(sendA).set("messaging.message.id", "m-b")
		t.at(mailA).set("messaging.message.id", "m-b")
	}},

	{"session", "two sessions in a request", func(_ *story, t *turn) { t.at(pay).set("session.id", "s-2") }},
	{"session", "a later request that names none", func(_ *story, t *turn) { t.at(root).drop("session.id") }},
	{"session", "another session", func(_ *story, t *turn) { t.at(root).set("session.id", "s-9") }},
	{"resource-instance", "two instances in a request", func(st *story, t *turn) {
		st.resources = append(st.resources, &telling{name: "web", attrs: []said{{"service.name", "web"}, {"service.instance.id", "web-1"}}})
		t.at(render).resource = len(st.resources) - 1
		t.at(render).attrs = t.at(render).attrs[:1] // which its type requires
	}},
	{"resource-instance", "another instance in the session of one that stays", func(st *story, t *turn) {
		st.resources = append(st.resources, &telling{name: "pay", attrs: []said{{"service.name", "pay"}, {"service.instance.id", "pay-1"}}})
		t.at(pay).resource, t.at(query).resource = len(st.resources)-1, len(st.resources)-1
	}},
}
