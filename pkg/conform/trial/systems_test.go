package trial_test

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// shop is a system in which all happens that a system may do.
//
//go:embed testdata/shop.yaml
var shop string

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
			`shop.yaml:14:65: warning: attribute http.method: it is deprecated; use "http.request.method"`},
		{"    instances: 3\n", "    attributes: {host.arch: abacus}\n    instances: 3\n",
			`shop.yaml:7:18: warning: attribute host.arch: unknown member "abacus"; allowed: amd64, `},
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

// What instances tell follows from spans that are measured as from those of a protocol.
func TestMeasuredSpansAreTold(t *testing.T) {
	in := bundled(t, "tool_retry.yaml")
	in.Definitions = append(in.Definitions, input.File{Name: "told.yaml", Data: []byte(`
services:
  batch:
    protocol: none
    runtime: {kind: go, connections: 3}
    operations:
      GET /a:
        kind: server
        measured: http
        attributes: {http.request.method: GET, url.scheme: http, url.path: /a, http.route: /a, http.response.status_code: 200}
        error: {rate: 0.2, types: [Unavailable]}
        calls:
          - {span: SELECT, kind: client, measured: db, attributes: {db.system.name: postgresql, server.address: db, server.port: 5432, db.namespace: a}}
`)})
	if got := held(t, in); got != "" {
		t.Errorf("got\n%s", got)
	}
}
