package trial_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// shop is a system in which all happens that a system may do.
const shop = `name: shop
session:
  - {call: "web.GET /", count: {distribution: uniform, min: 1, max: 3}}
  - {call: web.POST /checkout, probability: 0.5}
services:
  web:
    instances: 3
    sticky: true
    operations:
      GET /:
        own: 5
        calls:
          - {call: catalog.ListItems, timeout: 30}
          - {call: cart.GET /cart, optional: true}
      POST /checkout:
        parallel: true
        calls:
          - {call: pay.POST /pay, retry: {max_attempts: 3}}
          - {span: render, error: 0.1, calls: [{call: catalog.ListItems, timeout: 25}]}
          - {call: [mail.orders, audit.orders]}
          - {call: cart.GET /cart, async: true}
          - {call: stats.count, after: true}
  catalog:
    protocol: grpc
    operations:
      ListItems:
        latency: 20
        error: {rate: 0.2, types: [NOT_FOUND, INTERNAL, unavailable, timeout, Boom]}
        calls:
          - {call: cache.GET items, optional: true}
          - {call: db.SELECT items, if_failed: true}
  cart:
    operations:
      GET /cart: {error: {rate: 0.2, types: [unavailable, timeout, 503, 404, Boom]}, calls: [db.SELECT cart]}
  pay:
    operations:
      POST /pay: {latency: 30, error: {rate: 0.3, types: [503, timeout]}, calls: [{call: mail.receipts, trace: same, batch: 3}]}
  mail: {protocol: messaging, operations: {orders: {error: 0.1, calls: [db.INSERT mails]}, receipts: {}}}
  audit: {protocol: messaging, operations: {orders: {group: auditors}}}
  stats: {protocol: none, operations: {count: {error: 0.05}}}
  cache: {protocol: db, system: redis, operations: {GET items: {latency: 1, error: {rate: 0.3, types: [timeout, unavailable]}}}}
  db:
    protocol: db
    operations:
      SELECT items: {}
      SELECT cart: {error: {rate: 0.1, types: ["40001", ConnectionReset]}}
      INSERT mails: {}
`

func TestSystemsBreakNoRule(t *testing.T) {
	in := bundled(t, "tool_retry.yaml")
	in.Definitions = append(in.Definitions, input.File{Name: "shop.yaml", Data: []byte(shop)})
	if got := held(t, in); got != "" {
		t.Errorf("got\n%s", got)
	}
}

// TestFaultsOfSystemsAreToldWhereTheyAre edits the shop, one line at a time.
func TestFaultsOfSystemsAreToldWhereTheyAre(t *testing.T) {
	for _, row := range []struct{ from, to, want string }{
		{"{call: cart.GET /cart, optional: true}", "{call: cart.GET /cart, optional: true, attributes: {http.method: GET}}",
			"shop.yaml:14:13: warning: span GET: verify would find: attribute-deprecated: attribute http.method is deprecated; use http.request.method"},
		{"    instances: 3\n", "    attributes: {host.arch: abacus}\n    instances: 3\n",
			`shop.yaml:6:3: warning: verify would find: attribute-value: resource attribute host.arch has the value "abacus"`},
		{"      POST /pay: {", "      POST /pay: {attributes: {http.request.method: PUT}, ",
			`shop.yaml:37:7: warning: span POST /pay: verify would find: server-call: http.request.method is "PUT", and "POST" on its client`},
		{"{group: auditors}", "{group: auditors, attributes: {messaging.destination.name: bills}}",
			`span process orders: verify would find: message: messaging.destination.name is "bills", and "orders" on what was sent`},
	} {
		text := strings.Replace(shop, row.from, row.to, 1)
		if text == shop {
			t.Fatalf("%q is not in the shop", row.from)
		}
		in := bundled(t, "tool_retry.yaml")
		in.Definitions = append(in.Definitions, input.File{Name: "shop.yaml", Data: []byte(text)})
		if got := held(t, in); !strings.Contains(got, row.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got\n%s\nwant %s", row.to, got, row.want)
		}
	}
}
