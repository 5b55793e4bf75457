package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestResourcesOfAServiceAreBounded, by the values of all attributes together and what
// spans say of theirs.
func TestResourcesOfAServiceAreBounded(t *testing.T) {
	text := func(pool, operations int) string {
		out := fmt.Sprintf(`
name: many
values:
  a: {pattern: "{hex:8}", pool: %d, per: session}
  b: [x, y]
services:
  web:
    attributes: {a: {use: a}, b: {use: b}, again: {use: a}}
    operations:
`, pool)
		for i := range operations {
			out += fmt.Sprintf("      GET /%d: {resource: {part: p%d}}\n", i, i)
		}
		return out
	}
	for _, c := range []struct {
		pool, operations int
		many             bool
	}{{500, 1, false}, {501, 1, true}, {50, 10, false}, {50, 11, true}} {
		_, problems := systems(t, text(c.pool, c.operations))
		got := fmt.Sprint(problems.All())
		if many := strings.Contains(got, `a.yaml:7:3: service "web": each of its instances has over 1000 different resources`); many != c.many || problems.Errors() > 1 {
			t.Errorf("a pool of %d and %d operations: %s", c.pool, c.operations, got)
		}
	}
}

// TestTextsOfInstances: each instance has a text of its own, however few there are, and those of
// a pool are the same ones in all services.
func TestTextsOfInstances(t *testing.T) {
	p, problems := systems(t, `
name: hosts
services:
  web:
    instances: 10
    attributes: {host.name: {pattern: "web-{digits:1}"}, node: {pattern: "node-{hex:8}", pool: 3}}
    operations: {GET /: {calls: [api.GET /]}}
  api:
    instances: 2
    attributes: {host.name: {pattern: "web-{digits:1}"}, node: {pattern: "node-{hex:8}", pool: 3}}
    operations: {GET /: }
`)
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	got := make(map[string][]string)
	for _, g := range p.Scenarios[0].Groups {
		for _, a := range g.Attrs {
			of := g.Name + " " + p.Strings.String(a.Key)
			for k := 0; a.Op == OpByInstance && k < g.Count; k++ {
				got[of] = append(got[of], p.Strings.String(otlp.StringID(a.OfInstance(k).Word)))
			}
		}
	}
	hosts, nodes := slices.Compact(slices.Sorted(slices.Values(got["web host.name"]))), got["web node"]
	if len(hosts) != 10 || len(nodes) != 10 || nodes[0] == nodes[1] || nodes[0] == nodes[2] || nodes[0] != nodes[3] {
		t.Errorf("%q on %q", hosts, nodes)
	}
	if more := got["api host.name"]; !slices.Equal(got["api node"], nodes[:2]) || len(more) != 2 || slices.Equal(more, got["web host.name"][:2]) {
		t.Errorf("%q", got)
	}
}

// TestServicesWithoutInstancesGiveNoMetrics: their series could not be told apart.
func TestServicesWithoutInstancesGiveNoMetrics(t *testing.T) {
	for _, c := range []struct {
		web string
		bad bool
	}{
		{"protocol: none, operations: {work: }", false},
		{"protocol: none, operations: {work: {type: gen_ai.plan.internal}}", false},
		{"protocol: none, operations: {work: {measured: http, kind: server}}", true},
		{"protocol: none, operations: {work: {calls: [db.SELECT a]}}", true},
		{"protocol: none, runtime: go, operations: {work: }", true},
		{"operations: {GET /: }", true},
	} {
		_, problems := systems(t, `
name: plain
services:
  web: {instance_id: false, `+c.web+`}
  db: {protocol: db, operations: {SELECT a: }}
`)
		got := fmt.Sprint(problems.All())
		if bad := strings.Contains(got, "a.yaml:4:3: services.web.instance_id: false, and it gives metrics"); bad != c.bad || !bad && problems.Errors() > 0 {
			t.Errorf("%s: %s", c.web, got)
		}
	}
}

// TestQuantilesOfIntegers give integers where they say so, and where spans share the value.
func TestQuantilesOfIntegers(t *testing.T) {
	p, problems := systems(t, `
name: sizes
values: {size: {distribution: empirical, quantiles: [1, 900], whole: true}}
services:
  web:
    operations:
      GET /:
        attributes:
          x.whole: {distribution: empirical, quantiles: [1, 900], whole: true}
          x.any: {distribution: empirical, quantiles: [1, 900]}
          x.shared: {use: size}
`)
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	want := map[string]Op{"x.whole": OpInt, "x.any": OpDouble, "x.shared": OpUse}
	var look func(n *Node)
	look = func(n *Node) {
		for _, a := range n.Attrs {
			if op, ok := want[p.Strings.String(a.Key)]; ok && a.Op != op {
				t.Errorf("%s: %v", p.Strings.String(a.Key), a.Op)
			}
			delete(want, p.Strings.String(a.Key))
		}
		for i := range n.Children {
			look(&n.Children[i])
		}
	}
	for part := range p.Scenarios[0].Parts() {
		look(&part.Root)
	}
	if op := p.Scenarios[0].System.Values[0].Attr.Op; op != OpInt || len(want) > 0 {
		t.Errorf("the value is %v; not there: %v", op, want)
	}
}
