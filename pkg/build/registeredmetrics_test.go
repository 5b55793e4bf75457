package build

import (
	"testing"
)

// TestOwnMetricsAreHeldToTheRegistry where they have a name of it, or of its namespaces.
func TestOwnMetricsAreHeldToTheRegistry(t *testing.T) {
	for _, row := range []struct{ is, want string }{
		{"shop.carts: {instrument: gauge, base: 1}", ""},
		{"system.uptime: {instrument: gauge, base: 1, unit: s}", ""},
		{"system.uptime: {instrument: gauge, base: 1}", `a.yaml:4:15: warning: metric system.uptime: its unit is "1", and "s" in the registry`},
		{"system.uptime: {instrument: counter, base: 1, unit: s}", `a.yaml:4:15: warning: metric system.uptime: it is a counter, and a gauge in the registry`},
		{"system.uptimes: {instrument: gauge, base: 1, unit: s}", `a.yaml:4:15: warning: metric system.uptimes: the registry has no such metric; did you mean "system.uptime"?`},
		{"cpython.gc.collections: {instrument: counter, base: 1, unit: '{collection}'}", ""}, // its attribute is a number
		{"system.cpu.time: {instrument: counter, base: 1, unit: s}", ""},
		{"process.cpu.time: {instrument: counter, base: 1, unit: s}", `a.yaml:4:15: warning: metric process.cpu.time: the registry requires the attribute cpu.mode`},
		{"db.client.connections.max: {instrument: updowncounter, base: 1, unit: '{connection}'}", `a.yaml:4:15: warning: metric db.client.connections.max: it is deprecated; use "db.client.connection.max"`},
		{"gen_ai.client.token.usage: {instrument: histogram, base: 1, unit: '{token}'}", ""}, // deprecated, and defined by the conventions in use
		{"shop.carts: {instrument: gauge, base: 1, attributes: {http.method: GET}}", `a.yaml:4:69: warning: attribute http.method: it is deprecated; use "http.request.method"`},
	} {
		in := alone(t, "a.yaml", "services:\n  web:\n    operations: {GET /: }\n    metrics: {"+row.is+"}\n")
		if text := toldOf(in); text != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.is, text, row.want)
		}
	}
}
