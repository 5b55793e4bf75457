package gen_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestPatternsNameValues: a pattern has the values that it names as all else of the request
// has them, wherever it stands, and draws the rest of it anew.
func TestPatternsNameValues(t *testing.T) {
	p := system(t, `name: named
values:
  item: {pattern: "it-{hex:6}", pool: 50}
  tier: [free, paid]
  seat: [1, 2, 3]
session: [{call: "web.GET /items/{item}", count: 2}]
services:
  web:
    operations:
      GET /items/{item}:
        attributes: {item: {use: item}, tier: {use: tier}, seat: {use: seat}}
        calls: [back.step]
  back:
    protocol: none
    operations:
      step:
        attributes: {of: {pattern: "{tier}/{item}/{digits:4}/{seat}"}, alone: {pattern: "{item}"}}
        events: [{name: seen, attributes: {of: {pattern: "<{item}>"}}}]
        logs: [{body: x, attributes: {of: {pattern: "{item}{item}"}}}]
`)
	items, rests := map[string]bool{}, map[string]bool{}
	runSystem(t, p, 3, 200, func(m *answered) {
		said := func(at int) string {
			r := otlp.UnpackRange(m.t.Attrs[at].Word)
			return string(m.t.Text[r.Start:r.End])
		}
		item := m.attr(0, "item")
		step := len(m.t.Spans) - 1
		parts := strings.Split(m.attr(step, "of"), "/")
		if len(parts) != 4 || parts[0] != m.attr(0, "tier") || parts[1] != item || len(parts[2]) != 4 || parts[3] != m.attr(0, "seat") {
			t.Fatalf("%v of item %s, tier %s, seat %s", parts, item, m.attr(0, "tier"), m.attr(0, "seat"))
		}
		if path := m.attr(0, "url.path"); path != "/items/"+item || m.attr(step, "alone") != item {
			t.Fatalf("%s, %s of item %s", path, m.attr(step, "alone"), item)
		}
		event := m.t.Events[m.t.Spans[step].Events.Start]
		if got := said(int(event.Attrs.Start)); got != "<"+item+">" {
			t.Fatalf("event %s of item %s", got, item)
		}
		if got := said(int(m.t.Notes[0].Attrs.Start)); got != item+item {
			t.Fatalf("log record %s of item %s", got, item)
		}
		items[item], rests[parts[2]] = true, true
	})
	if len(items) < 30 || len(items) > 50 || len(rests) < 300 {
		t.Errorf("%d items of 50, %d different digits", len(items), len(rests))
	}
}
