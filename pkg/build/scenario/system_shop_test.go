package scenario

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/dist"
)

// TestWhatASystemSays reads the system with everything and looks at what became of
// each key.
func TestWhatASystemSays(t *testing.T) {
	d, got := parse(t, everything(t))
	checkLines(t, got)
	s := d.System
	service := func(name string) *Member {
		for i := range s.Services {
			if s.Services[i].Name == name {
				return &s.Services[i]
			}
		}
		t.Fatalf("no service %s", name)
		return nil
	}
	op := func(name string) *Operation {
		of, name, _ := strings.Cut(name, ".")
		m := service(of)
		for i := range m.Operations {
			if m.Operations[i].Name == name {
				return &m.Operations[i]
			}
		}
		t.Fatalf("no operation %s.%s", of, name)
		return nil
	}
	spec := func(d *dist.Spec) string {
		switch {
		case d == nil:
			return "none"
		case d.Kind == dist.Constant:
			return fmt.Sprint("always ", d.Value)
		case d.Kind == dist.LogNormal && d.Median == 0:
			return fmt.Sprint("around ", d.Mean)
		}
		return fmt.Sprint("kind ", d.Kind)
	}
	names := func(refs []OperationRef) (out string) {
		for _, ref := range refs {
			out += " " + s.Services[ref.Service].Name + "." + s.Services[ref.Service].Operations[ref.Operation].Name
		}
		return strings.TrimSpace(out)
	}
	flags := func(c *Call) string {
		return fmt.Sprintf("optional %t, if_failed %t, async %t, after %t", c.Optional, c.IfFailed, c.Async, c.After)
	}
	web, place, order := service("frontend"), op("checkout.PlaceOrder"), s.Session[3]
	price, meanwhile, either, send := &place.Calls[1], &place.Calls[3], &place.Calls[4], &place.Calls[5]
	pay := &place.Calls[2]
	say := func(v ...any) string { return strings.TrimSpace(fmt.Sprintln(v...)) }
	for _, row := range []struct{ what, got, want string }{
		{"head", say(d.Name, d.Tags, d.Weight, d.RepeatCount, *d.Interval, *d.Deviation, d.Apart, d.EmitMetrics, d.EmitLogs), "shop [systems] 2 3 200 20 true true true"},
		{"think time", spec(d.ThinkTime), "around 3000"},
		{"no id of the session", say(s.Unnamed), "true"},
		{"session", say(len(s.Session), names(s.Session[0].To), names(s.Session[1].To), s.Session[1].Count.Max, s.Session[2].Probability), "4 frontend.GET / frontend.GET /products/{sku} 8 0.4"},
		{"one of the session", say(order.OneOf, names(order.Calls[1].To), order.Probability), "[2 1 1] frontend.POST /orders 0.9"},
		{"values", say(len(s.Values), s.Values[1].Key, s.Values[1].Life, *s.Values[1].Pattern), "8 user 1 {user-{hex:8} [] 50000 1.1 <nil>}"},
		{"a list of values", say(s.Values[3].Choices, s.Values[3].Weights), "[EUR USD GBP] [1 1 1]"},
		{"a value that is drawn", spec(s.Values[4].Dist), "kind 5"},
		{"a value of a session", say(s.Values[5].Choices, s.Values[5].Life), "[free paid] 1"},
		{"a value that is a constant", s.Values[6].Value.Str, "north"},
		{"a value that follows from another", say(s.Values[7].Follows, s.Values[7].Choices, s.Values[7].Weights), "currency [eu us eu] [1 1 1]"},
		{"resource", say(web.Attributes[1].Key, web.Attributes[1].Value, web.Attributes[2].Value, web.Attributes[3].Key), "service.version 2.3.1 shop deployment.environment.name"},
		{"instances", say(web.Instances, web.Sticky, service("cart").Instances), "3 true 1"},
		{"where", say(web.Scope, web.Address, web.Port), "shop/web www.shop.example 443"},
		{"systems", say(service("payment").System, service("cache").System, service("db").System, service("audit").System), "connectrpc redis postgresql kafka"},
		{"a consumer of another protocol", say(service("shipping").SystemOf(ProtocolMessaging), service("shipping").PortOf(ProtocolMessaging), service("shipping").AddressOf(ProtocolMessaging), service("shipping").PortOf(ProtocolHTTP)), "rabbitmq 5672 rabbitmq 8080"},
		{"where messages go", say(service("mail").Address, service("mail").Port), "rabbitmq 5672"},
		{"ports of systems", say(service("cache").Port, service("db").Port, service("db").Database), "6379 5432 shop"},
		{"at the same time", say(op("frontend.GET /").Parallel, flags(&op("frontend.GET /").Calls[1])), "true optional true, if_failed false, async false, after false"},
		{"timeouts", spec(op("frontend.GET /").Calls[1].Timeout) + ", " + spec(pay.Timeout), "always 200, always 2000"},
		{"network", spec(op("frontend.POST /orders").Calls[0].Network) + ", " + spec(pay.Network), "kind 4, around 1"},
		{"attributes of who calls", op("frontend.POST /orders").Calls[0].Attributes[0].Key, "peer.zone"},
		{"errors with weights", say(op("frontend.POST /orders").Error.Types, op("frontend.POST /orders").Error.Weights), "[429 503] [3 1]"},
		{"errors by their weights alone", say(op("payment.Charge").Error.Types, op("payment.Charge").Error.Weights), "[FAILED_PRECONDITION UNAVAILABLE timeout] [1 5 1]"},
		{"a code of a database", say(op("db.UPDATE orders").Error.Types, op("db.UPDATE orders").Error.Rate), "[40001] 0.001"},
		{"a usual error", say(op("mail.confirm").Error.Types), "[_OTHER]"},
		{"status", op("payment.Charge").Status, "the card was not charged"},
		{"own time", say(place.Own, spec(place.Latency), op("payment.Charge").Own), "true around 12 false"},
		{"a count", say(*op("frontend.GET /cart").Calls[1].Count), "{1 5 <nil>}"},
		{"instead", flags(&op("catalogue.GetProduct").Calls[1]), "optional false, if_failed true, async false, after false"},
		{"attributes", say(place.Attributes[0].Present, place.Attributes[1].Key, place.Attributes[1].Use), "0.1 shop.order.id order_id"},
		{"events", say(place.Events[0].Name, place.Events[0].When, place.Events[0].Attributes[0].Use), "order.placed 1 order_id"},
		{"how often something is told", say(price.Inner.Events[0].Probability, price.Inner.Events[0].Count.Max, price.Inner.Logs[0].Chance, place.Events[0].Probability, place.Logs[0].Chance), "0.5 3 0.25 1 1"},
		{"logs", say(place.Logs[0].Severity, place.Logs[0].When, place.Logs[1].Severity, place.Logs[1].Event, place.Logs[1].When, place.Logs[2].Start, place.Logs[2].When), "9 1 17 order.failed 2 true 0"},
		{"a span within", say(price.Inner.Name, price.Inner.Own, price.Inner.Parallel, price.Probability, price.Retry.MaxAttempts, price.Inner.Error.Types, price.Inner.Status), "price the order true true 0.99 2 [_OTHER] no prices"},
		{"calls within", names(price.Inner.Calls[1].To), "shipping.POST /quotes"},
		{"retry", say(pay.Retry.MaxAttempts, pay.Retry.BackoffBase, pay.Retry.RetryableTypes), "3 50 [UNAVAILABLE timeout]"},
		{"a group", say(meanwhile.Beside, names(meanwhile.Calls[0].To), meanwhile.Calls[1].Inner.Name), "true fraud.score check the address"},
		{"one of several", say(either.OneOf, names(either.Calls[0].To), len(either.Calls[1].Calls), either.Calls[1].Beside), "[9 1] db.INSERT orders 2 false"},
		{"messages", say(names(send.To), spec(send.Queue), spec(send.Network), send.Below, send.Batch), "shipping.ship mail.confirm kind 2 around 2 false 1"},
		{"a batch in the same trace", say(op("shipping.ship").Calls[1].Batch, op("shipping.ship").Calls[1].Below, spec(op("shipping.ship").Calls[1].Queue)), "3 true around 20"},
		{"queues", say(op("shipping.ship").Destination, op("shipping.ship").Group, op("audit.record").Destination), "orders shipping record"},
		{"nobody waits", flags(&place.Calls[6]) + "; " + flags(&place.Calls[7]), "optional false, if_failed false, async true, after false; optional false, if_failed false, async false, after true"},
		{"variants", say(op("cart.GetCart").Variants[0].Weight, op("cart.GetCart").Variants[1].Way.Attributes[0].Key, op("frontend.GET /cart").Calls[0].Way, s.Session[2].Way), "3 shop.empty 1 1"},
		{"a name of its own", say(op("fraud.score").Span), "score it"},
		{"kinds", say(place.Calls[7].Inner.Kind, op("fraud.score").Kind, op("shipping.ship").Kind, op("db.UPDATE orders").Kind), "4 1 5 3"},
		{"a name with dots and a slash", names(op("mail.confirm").Calls[0].To), "payment.shop.Payment/Refund"},
		{"what is worth another attempt", say(op("shipping.ship").Calls[0].Retry.RetryableTypes), "[timeout unavailable _OTHER]"},
	} {
		if row.got != row.want {
			t.Errorf("%s: got %q, want %q", row.what, row.got, row.want)
		}
	}
}

// Names of services may have dots: the longest that fits is meant, and has the
// operation.
func TestOperationsOfServicesWithDots(t *testing.T) {
	d, got := parse(t, `session: web.GET /
services:
  web: {operations: {GET /: {calls: [api.v1.List, api.v1.Get, api.v2.List]}}}
  api: {protocol: grpc, operations: {v1.List: {}, v1.Get: {}}}
  api.v1: {protocol: grpc, operations: {List: {}}}
  api.v2: {protocol: grpc, operations: {List: {}}}
`)
	checkLines(t, got, `a.yaml:4:38: warning: operation "api.v1.List": no request comes to it`)
	var refs []OperationRef
	for _, c := range d.System.Services[0].Operations[0].Calls {
		refs = append(refs, c.To...)
	}
	if want := "[{2 0} {1 1} {3 0}]"; fmt.Sprint(refs) != want {
		t.Errorf("got %v, want %s", refs, want)
	}
}

// Without a session it is one request for any operation that nobody calls.
func TestTheUsualSession(t *testing.T) {
	for _, row := range []struct{ why, text, want string }{
		{"one entry", hello, "{0 0} [] 0"},
		{"two", shop, "- [1 1] 2"},
		{"a consumer that nobody sends to, but no db", "services: {q: {protocol: messaging, operations: {orders: {}}}, w: {operations: {GET /: {}}}, d: {protocol: db, operations: {GET: }}}\n", "- [1 1] 2"},
	} {
		d, _ := parse(t, row.text)
		if len(d.System.Session) != 1 {
			t.Fatalf("%s: %d requests", row.why, len(d.System.Session))
		}
		c := &d.System.Session[0]
		to := "-"
		if len(c.To) > 0 {
			to = fmt.Sprint(c.To[0])
		}
		if got := fmt.Sprint(to, " ", c.OneOf, " ", len(c.Calls)); got != row.want {
			t.Errorf("%s: got %s, want %s", row.why, got, row.want)
		}
	}
}

// Times and shares can be written in several ways that mean the same.
func TestWaysToWriteNumbersOfSystems(t *testing.T) {
	for _, row := range []struct{ what, was, is string }{
		{"a time with a unit", "latency: 90", "latency: 90ms"},
		{"a time in seconds", "latency: 90", "latency: 0.09s"},
		{"a time in quotes, with a space", "latency: 90", "latency: '90 ms'"},
		{"a rate in percent", "error: 0.02", "error: 2%"},
		{"a rate in percent with a point", "error: 0.02", "error: 2.0 %"},
		{"a rate in a mapping", "error: 0.02", "error: {rate: 2%}"},
		{"its usual type", "error: 0.02", "error: {rate: 0.02, types: [INTERNAL]}"},
	} {
		plain := strings.Replace(shop, "error: 2%", "error: 0.02", 1)
		if !strings.Contains(plain, row.was) {
			t.Fatal(row.was)
		}
		want, _ := parse(t, plain)
		d, got := parse(t, strings.Replace(plain, row.was, row.is, 1))
		checkLines(t, got)
		a, b := &d.System.Services[2].Operations[0], &want.System.Services[2].Operations[0]
		if fmt.Sprint(*a.Latency, *a.Error) != fmt.Sprint(*b.Latency, *b.Error) {
			t.Errorf("%s: got %v %v, want %v %v", row.what, *a.Latency, *a.Error, *b.Latency, *b.Error)
		}
	}
}
