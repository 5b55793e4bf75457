package e2e

import (
	"maps"
	"net/url"
	"slices"
	"testing"
)

// emitting are the services of the bundled shop that have spans of their own.
var emitting = []string{"accounting", "ads", "cart", "catalogue", "checkout", "fraud-detection", "frontend", "load-generator",
	"payment", "recommendation", "shipping"}

// TestTheShop replays the bundled shop, on its bad day, into Jaeger: all services are
// there, the graph has the edges and counts of the corpus, and what failed is found by
// who failed. The visits begin far enough apart to be before, in and after the incident.
func TestTheShop(t *testing.T) {
	dir := generate(t, []string{"--seed", "7", "-n", "16"}, "--scenario", "shop_incident", "--interval", "18s", "--signals", "traces", "--compression", "none")
	g := walk(t, dir)
	traces := map[string]bool{}
	for _, of := range g.spans {
		maps.Copy(traces, of)
	}
	// Of more than a hundred traces Jaeger takes the last hundred.
	if len(traces) > 100 {
		t.Fatalf("%d traces", len(traces))
	}
	if got := slices.Sorted(maps.Keys(g.spans)); !slices.Equal(got, emitting) {
		t.Errorf("services of the corpus\n got %q\nwant %q", got, emitting)
	}
	for _, edge := range [][2]string{{"load-generator", "frontend"}, {"frontend", "checkout"}, {"checkout", "payment"}, {"recommendation", "catalogue"}} {
		if g.calls[edge] == 0 {
			t.Errorf("%s does not call %s", edge[0], edge[1])
		}
	}
	c := startJaeger(t)
	replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--max", dir)...).wait(t).all(t)

	var services []string
	c.query(t, "services", nil, &services)
	slices.Sort(services)
	if !slices.Equal(services, emitting) {
		t.Errorf("services of Jaeger\n got %q\nwant %q", services, emitting)
	}
	if got := c.dependencies(t); !maps.Equal(got, g.calls) {
		t.Errorf("graph\n got %s\nwant %s", lines(got), lines(g.calls))
	}
	failing := 0
	for service := range g.spans {
		found := c.search(t, service, map[string]string{"error": "true"})
		compareIDs(t, "errors of "+service, found, g.errors[service])
		if len(found) > 0 {
			failing++
		}
	}
	if failing < 5 {
		t.Errorf("%d services have errors, want some five at least on a day like this", failing)
	}
	t.Logf("%d services with errors; %s", failing, lines(g.calls))
}

// dependencies asks Jaeger which service calls which, and how often.
func (c *collector) dependencies(t *testing.T) map[[2]string]uint64 {
	t.Helper()
	var edges []struct {
		Parent, Child string
		CallCount     uint64
	}
	c.query(t, "dependencies", url.Values{"endTs": {"4000000000000"}, "lookback": {"3999999999999"}}, &edges)
	got := map[[2]string]uint64{}
	for _, e := range edges {
		got[[2]string{e.Parent, e.Child}] += e.CallCount
	}
	return got
}
