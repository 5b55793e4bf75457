package conform

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// shopSystems is what the services of the shop emit.
var shopSystems = []semconv.System{
	{Service: "pay", Sticky: true, Spans: []semconv.SystemSpan{
		{Name: "POST /pay", Kind: otlp.SpanKindServer, Type: "http.server"},
		{Name: "SELECT accounts", Kind: otlp.SpanKindClient, Type: "db.client"},
	}},
	{Service: "stock", Spans: []semconv.SystemSpan{{Name: "shop.Stock/Get", Kind: otlp.SpanKindServer, Type: "rpc.grpc.call.server"}}},
	{Service: "mail", Spans: []semconv.SystemSpan{{Name: "process orders", Kind: otlp.SpanKindConsumer, Type: "messaging.process.consumer"}}},
	{Service: "web", Spans: []semconv.SystemSpan{
		{Name: "GET /cart", Kind: otlp.SpanKindServer, Type: "http.server"},
		{Name: "POST", Kind: otlp.SpanKindClient, Type: "http.client"},
		{Name: "POST", Kind: otlp.SpanKindClient, Type: "db.client"}, // of one name
		{Name: "shop.Stock/Get", Kind: otlp.SpanKindClient, Type: "rpc.grpc.call.client"},
		{Name: "render", Kind: otlp.SpanKindInternal, Type: "gen_ai.plan.internal", Plain: true},
		{Name: "refresh", Kind: otlp.SpanKindInternal, Free: true},
		{Name: "send orders", Kind: otlp.SpanKindProducer, Type: "messaging.send.producer"},
	}},
}

// shop tells of two requests of a session and one of another: the services web,
// pay, stock and mail, a database, and a queue.
func shop() *story {
	st := &story{}
	for _, name := range []string{"web", "pay", "stock", "mail"} {
		st.resources = append(st.resources, &telling{name: name, attrs: []said{{"service.name", name}, {"service.instance.id", name + "-0"}}})
	}
	for n := range 3 {
		st.turns = append(st.turns, shopRequest(byte(n), []string{"s-1", "s-1", "s-2"}[n]))
	}
	return st
}

// shopRequest tells of request n of the shop: a trace, and another for what is sent.
func shopRequest(n byte, session string) *turn {
	t := &turn{}
	at := uint64(n) * 1000
	span := func(parent *telling, name string, resource int, kind uint8, start, end uint64, attrs ...said) *telling {
		s := &telling{name: name, parent: parent, trace: 2 * n, kind: kind, start: at + start, end: at + end, resource: resource, attrs: attrs, id: byte(len(t.spans) + 1)}
		t.spans = append(t.spans, s)
		return s
	}
	root := span(nil, "GET /cart", 0, otlp.SpanKindServer, 0, 100, said{"http.request.method", "GET"}, said{"url.path", "/cart"}, said{"url.scheme", "http"},
		said{"http.response.status_code", 200}, said{"session.id", session}, said{"own.note", "of one's own"})
	post := span(root, "POST", 0, otlp.SpanKindClient, 10, 60, said{"http.request.method", "POST"}, said{"server.address", "pay"}, said{"server.port", 8080},
		said{"url.full", "http://pay:8080/pay"}, said{"http.response.status_code", 200})
	pay := span(post, "POST /pay", 1, otlp.SpanKindServer, 12, 58, said{"http.request.method", "POST"}, said{"url.path", "/pay"}, said{"url.scheme", "http"}, said{"http.response.status_code", 200})
	span(pay, "SELECT accounts", 1, otlp.SpanKindClient, 20, 40, said{"db.system.name", "postgresql"}, said{"server.address", "db"})
	get := span(root, "shop.Stock/Get", 0, otlp.SpanKindClient, 60, 80, said{"rpc.system.name", "grpc"}, said{"rpc.method", "shop.Stock/Get"},
		said{"rpc.status_code", "OK"}, said{"server.address", "stock"})
	span(get, "shop.Stock/Get", 2, otlp.SpanKindServer, 62, 78, said{"rpc.system.name", "grpc"}, said{"rpc.method", "shop.Stock/Get"}, said{"rpc.status_code", "OK"})
	span(root, "render", 0, otlp.SpanKindInternal, 80, 90, said{"gen_ai.operation.name", "plan"})
	span(root, "refresh", 0, otlp.SpanKindInternal, 95, 130)
	var sent []*telling
	for i := range 2 {
		sent = append(sent, span(root, "send orders", 0, otlp.SpanKindProducer, 90, 92, said{"messaging.system", "kafka"}, said{"messaging.operation.name", "send"},
			said{"messaging.destination.name", "orders"}, said{"messaging.message.id", []string{"m-a", "m-b"}[i]}))
	}
	for i := range 2 {
		consumer := span(nil, "process orders", 3, otlp.SpanKindConsumer, 110, 130, said{"messaging.system", "kafka"}, said{"messaging.operation.name", "process"},
			said{"messaging.destination.name", "orders"})
		if i == 0 {
			consumer.trace, consumer.links = 2*n+1, sent[:1]
			consumer.set("messaging.message.id", "m-a")
		} else {
			consumer.parent = sent[1] // below
			consumer.set("messaging.message.id", "m-b")
		}
	}
	return t
}

// ends makes the client and the server of a call end with a code.
func ends(client, server *telling, key string, code any, word string, clientFails, serverFails bool) {
	for _, s := range []*telling{client, server} {
		s.set(key, code)
	}
	if clientFails {
		client.failed = true
		client.set("error.type", word)
	}
	if serverFails {
		server.failed = true
		server.set("error.type", word)
		server.happens("exception", said{"exception.type", "Broken"})
	}
}

// Spans of the shop.
func (t *turn) at(n int) *telling { return t.spans[n] }

const (
	root = iota
	post
	pay
	query
	call
	stock
	render
	refresh
	sendA
	sendB
	mailA
	mailB
)

// shopStories break no rule.
var shopStories = []struct {
	why    string
	change func(t *turn)
}{
	{"all is well", func(*turn) {}},
	{"a server fails, its client and who needs it too", func(t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 503, "503", true, true)
		t.at(root).failed = true
		t.at(root).set("http.response.status_code", 500)
		t.at(root).set("error.type", "500")
	}},
	{"what was not found is the fault of who asked", func(t *turn) {
		ends(t.at(post), t.at(pay), "http.response.status_code", 404, "404", true, false)
		ends(t.at(call), t.at(stock), "rpc.status_code", "NOT_FOUND", "NOT_FOUND", true, false)
	}},
	{"gRPC fails", func(t *turn) {
		ends(t.at(call), t.at(stock), "rpc.status_code", "INTERNAL", "INTERNAL", true, true)
	}},
	{"a client gives up, and its server goes on", func(t *turn) {
		c := t.at(post)
		c.failed = true
		c.set("error.type", "timeout")
		c.drop("http.response.status_code")
		t.at(pay).end += 500
		t.at(call).failed = true
		t.at(call).set("error.type", "DEADLINE_EXCEEDED")
		t.at(call).set("rpc.status_code", "DEADLINE_EXCEEDED")
		t.at(stock).end += 500
	}},
	{"nobody is there", func(t *turn) {
		t.without(t.at(pay))
		c := t.at(post)
		c.failed = true
		c.set("error.type", "unavailable")
		c.drop("http.response.status_code")
	}},
	{"no answer by gRPC", func(t *turn) {
		t.without(t.at(stock))
		c := t.at(call)
		c.failed = true
		c.set("error.type", "UNAVAILABLE")
		c.set("rpc.status_code", "UNAVAILABLE")
	}},
	{"a database fails", func(t *turn) {
		q := t.at(query)
		q.failed = true
		q.set("db.response.status_code", "40001")
		q.set("error.type", "40001")
	}},
	{"a message cannot be sent", func(t *turn) {
		t.at(sendB).failed = true
		t.at(sendB).set("error.type", "unavailable")
		t.without(t.at(mailB))
	}},
	{"two messages are consumed at once", func(t *turn) {
		t.without(t.at(mailB))
		m := t.at(mailA)
		m.links = []*telling{t.at(sendA), t.at(sendB)}
		m.drop("messaging.message.id")
		m.set("messaging.batch.message_count", 2)
	}},
	{"a message from outside", func(t *turn) {
		t.without(t.at(root))
		t.spans = t.spans[len(t.spans)-1:] // the consumer with a trace of its own
		t.spans[0].links = nil
		t.spans[0].set("session.id", "s-1")
	}},
	{"a database operation is called as a call is", func(t *turn) {
		q := *t.at(query)
		q.name, q.parent, q.resource, q.id = "POST", t.at(root), 0, 50
		t.spans = append(t.spans, &q)
	}},
}

// shopConventions are the bundled ones, with what the shop emits. They are read once.
func shopConventions(t *testing.T) *semconv.Conventions {
	if shopRead == nil {
		c := *bundledConventions(t)
		c.Systems = shopSystems
		shopRead = &c
	}
	return shopRead
}

var shopRead *semconv.Conventions

// judgedShop returns the findings of a story of the shop.
func judgedShop(t *testing.T, st *story, lenient, coded, origin bool) (found []Finding) {
	t.Helper()
	c := shopConventions(t)
	k := NewChecker(c, storyPrefix)
	k.Lenient = lenient
	if origin {
		k.Origin = func(id otlp.TraceID) (session, request uint64) { return uint64(id[15] / 4), uint64(id[15] / 2) }
	}
	session := k.Session()
	for _, turn := range st.turns {
		session.Traces(throughCode(t, st.record(turn), coded), func(f Finding) { found = append(found, f) })
	}
	return found
}

// throughCode encodes a record and decodes it, when asked to.
func throughCode(t *testing.T, r *otlp.Traces, coded bool) *otlp.Traces {
	t.Helper()
	if !coded {
		return r
	}
	var d otlp.Decoder
	read := &otlp.Traces{}
	if err := d.Traces(read, otlp.AppendTraces(nil, r, otlp.FormatProto), otlp.FormatProto); err != nil {
		t.Fatal(err)
	}
	return read
}

func TestValidShopsHaveNoFindings(t *testing.T) {
	for _, row := range shopStories {
		for _, coded := range []bool{false, true} {
			for _, origin := range []bool{false, true} {
				st := shop()
				row.change(st.turns[1])
				for _, f := range judgedShop(t, st, false, coded, origin) {
					t.Errorf("%s (coded %t): span %d: %s: %s", row.why, coded, f.Span, f.Rule, f.Text)
				}
			}
		}
	}
}

// TestEachViolationOfASystemIsFound plants one at a time; it is found, lenient or
// not, and nothing else is.
func TestEachViolationOfASystemIsFound(t *testing.T) {
	for _, row := range systemViolations {
		for _, lenient := range []bool{false, true} {
			for _, coded := range []bool{false, true} {
				st := shop()
				row.plant(st, st.turns[1])
				found := judgedShop(t, st, lenient, coded, true)
				want := row.rule
				if lenient && authors[want] {
					want = ""
				}
				if got := strings.Join(rulesOf(found), " "); got != want {
					t.Errorf("%s: %s (lenient %t, coded %t): found %q", row.rule, row.why, lenient, coded, got)
					for _, f := range found {
						t.Logf("  %s: %s", f.Rule, f.Text)
					}
				}
			}
		}
	}
}

// TestPartsOfSystemsAreJudgedSpanBySpan: what is not in the record is not missed.
func TestPartsOfSystemsAreJudgedSpanBySpan(t *testing.T) {
	c := shopConventions(t)
	st := shop()
	st.turns[0].without(st.turns[0].at(post))
	st.turns[0].spans = st.turns[0].spans[1:]
	k := NewChecker(c, storyPrefix)
	k.Parts = true
	k.Session().Traces(st.record(st.turns[0]), func(f Finding) { t.Errorf("%s: %s", f.Rule, f.Text) })
}

func TestCheckingSystemsCostsNoMemory(t *testing.T) {
	c := shopConventions(t)
	st := shop()
	r := throughCode(t, st.record(st.turns[0]), true)
	k := NewChecker(c, storyPrefix)
	session := k.Session()
	ignore := func(Finding) {}
	perSpan := testing.AllocsPerRun(100, func() { session.Traces(r, ignore) }) / float64(len(r.Spans))
	if perSpan >= 0.2 {
		t.Errorf("%.1f allocations for each of %d spans", perSpan, len(r.Spans))
	}
}

// TestServicesThatDoNotTellTheirInstance do not, in any of their resources.
func TestServicesThatDoNotTellTheirInstance(t *testing.T) {
	c := *bundledConventions(t)
	c.Systems = slices.Clone(shopSystems)
	at := slices.IndexFunc(c.Systems, func(s semconv.System) bool { return s.Service == "pay" })
	c.Systems[at].Anonymous = true
	for _, tells := range []bool{false, true} {
		st, want := shop(), "resource-instance"
		if !tells {
			st.resources[1].drop("service.instance.id")
			want = ""
		}
		var found []Finding
		session := NewChecker(&c, storyPrefix).Session()
		for _, turn := range st.turns {
			session.Traces(st.record(turn), func(f Finding) { found = append(found, f) })
		}
		if got := strings.Join(slices.Compact(rulesOf(found)), " "); got != want {
			t.Errorf("tells it: %t: found %s, want %s", tells, got, want)
		}
	}
}
