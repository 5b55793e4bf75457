package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// everySystem calls one operation of each protocol and product by the bundled registry.
func everySystem() string {
	var calls, services strings.Builder
	products := map[string][]string{"grpc": {"grpc", "dubbo"}}
	for key, protocol := range map[string]string{"db.system.name": "db", "messaging.system": "messaging"} {
		a, _ := registry.Bundled().Attribute(key)
		products[protocol] = append(a.Type.Values(), "other")
	}
	for _, protocol := range []string{"db", "grpc", "messaging"} {
		for i, product := range products[protocol] {
			name := fmt.Sprintf("%s%d", protocol, i)
			batch := ""
			if protocol == "messaging" {
				batch = ", batch: 2, trace: same"
			}
			fmt.Fprintf(&calls, "\n          - {call: \"%s.GET x\"%s}", name, batch)
			fmt.Fprintf(&services, "  %s: {protocol: %s, system: %s, operations: {\"GET x\": }}\n", name, protocol, product)
		}
	}
	text := "name: every\nservices:\n  web:\n    operations:\n      GET /:\n        calls:" + calls.String() +
		"\n          - {call: \"http.GET /x\", retry: {max_attempts: 2}}\n  http: {operations: {\"GET /x\": }}\n" + services.String()
	return strings.NewReplacer("grpc0.GET x", "grpc0.Get", "grpc1.GET x", "grpc1.Get", `system: grpc, operations: {"GET x"`, `system: grpc, operations: {"Get"`,
		`system: dubbo, operations: {"GET x"`, `system: dubbo, operations: {"Get"`).Replace(text)
}

// typedNodes returns the nodes of a plan whose spans are of a type of the registry.
func typedNodes(p *Plan) (out []*Node) {
	for _, s := range p.Scenarios {
		for part := range s.Parts() {
			walk(&part.Root, func(n *Node) {
				if n.Act != nil && n.Act.Type != "" && n.Kind != otlp.SpanKindUnspecified {
					out = append(out, n)
				}
			})
		}
	}
	return out
}

// lacks returns what the registry requires of a node's spans, and is not there.
func lacks(p *Plan, n *Node, r *registry.Registry) (out []string) {
	typ, ok := r.Span(n.Act.Type)
	if !ok {
		return []string{"no such type"}
	}
	for _, use := range typ.Required() {
		if !slices.ContainsFunc(n.Attrs, func(a Attr) bool { return p.Strings.String(a.Key) == use.Attribute.Key }) {
			out = append(out, use.Attribute.Key)
		}
	}
	return out
}

// TestSystemsHaveWhatTheBundledRegistryRequires has one call of each protocol and
// product, and nothing is filled.
func TestSystemsHaveWhatTheBundledRegistryRequires(t *testing.T) {
	p, problems := systems(t, everySystem())
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	types := make(map[string]bool)
	for _, n := range typedNodes(p) {
		types[n.Act.Type] = true
		if missing := lacks(p, n, registry.Bundled()); len(missing) > 0 {
			t.Errorf("%s of %s lacks %q", n.Act.Type, p.Strings.String(n.Name), missing)
		}
	}
	want := []string{typeHTTPServer, typeHTTPClient, typeRPCServer, typeRPCClient, typeSend, typeProcess, typeDatabase}
	for _, typ := range databaseTypes {
		want = append(want, typ)
	}
	for _, typ := range want {
		if !types[typ] {
			t.Errorf("no span of type %s", typ)
		}
	}
}

// demanding requires one attribute of each form of every span that systems have.
const demanding = `file_format: definition/2
attributes:
  - {key: team.word, type: string, brief: W., stability: stable, examples: [a, b, c]}
  - {key: team.list, type: "string[]", brief: L., stability: stable, examples: [[a, b], [c]]}
  - {key: team.count, type: int, brief: C., stability: stable, examples: [3]}
  - {key: team.share, type: double, brief: S., stability: stable, examples: [1, 2.5]}
  - {key: team.flag, type: boolean, brief: F., stability: stable}
  - {key: team.kind, type: {members: [{id: x, value: x, brief: X.}, {id: y, value: y, brief: Y.}]}, brief: K., stability: stable}
spans:
`

func demandingRegistry(t *testing.T) *registry.Registry {
	t.Helper()
	text := demanding
	for typ, kind := range map[string]string{typeHTTPServer: "server", typeHTTPClient: "client", typeRPCServer: "server", typeRPCClient: "client",
		typeSend: "producer", typeProcess: "consumer", "db.postgresql.client": "client"} {
		text += fmt.Sprintf("  - type: %s\n    kind: %s\n    name: {note: n}\n    brief: B.\n    stability: stable\n    attributes:\n", typ, kind)
		for _, key := range []string{"team.word", "team.list", "team.count", "team.share", "team.flag", "team.kind", "error.type", messageCount} {
			text += fmt.Sprintf("      - {ref: %s, requirement_level: required}\n", key)
		}
	}
	var p input.Problems
	r := registry.Load(registry.Source{Name: "r", Files: []input.File{
		{Name: "manifest.yaml", Data: []byte("schema_url: https://acme.example/schemas/team/1.0.0\ndependencies: [{schema_url: https://opentelemetry.io/schemas/1.45.0}]\n")},
		{Name: "r.yaml", Data: []byte(text)},
	}}, nil, &p)
	if p.Errors() > 0 {
		t.Fatal(p.Err())
	}
	return registry.Layer(registry.Bundled(), r)
}

func TestWhatTypesRequireIsFilledIn(t *testing.T) {
	in, _ := bundled()
	in.Registry = demandingRegistry(t)
	var problems input.Problems
	text := strings.Replace(small, "GET /items/{id}: {", "GET /items/{id}: {attributes: {team.word: mine, team.share: 4, team.list: one}, ", 1)
	in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &problems)
	p := Compile(in, &problems)
	if problems.Errors() > 0 {
		t.Fatal(problems.All())
	}
	nodes := typedNodes(p)
	if len(nodes) < 6 {
		t.Fatalf("%d nodes", len(nodes))
	}
	for _, n := range nodes {
		if missing := lacks(p, n, in.Registry); len(missing) > 0 {
			t.Errorf("%s lacks %q", n.Act.Type, missing)
		}
		keys := make(map[string]Attr)
		for i, a := range n.Attrs {
			key := p.Strings.String(a.Key)
			if _, twice := keys[key]; twice {
				t.Errorf("%s: %s is there twice", n.Act.Type, key)
			}
			if i > 0 && key < p.Strings.String(n.Attrs[i-1].Key) {
				t.Errorf("%s: %s is out of order", n.Act.Type, key)
			}
			keys[key] = a
		}
		checkFilled(t, p, n, keys)
	}
}

func checkFilled(t *testing.T, p *Plan, n *Node, keys map[string]Attr) {
	t.Helper()
	if keys["error.type"].Op != OpCauseType {
		t.Errorf("%s: error.type does not follow from the outcome", n.Act.Type)
	}
	if a := keys["team.count"]; a.Op != OpConst || a.Kind != otlp.KindInt || a.Word != 3 {
		t.Errorf("%s: team.count is %+v", n.Act.Type, a)
	}
	if a := keys[messageCount]; n.Act.Type == typeProcess && (a.Op != OpConst || a.Word != 1) {
		t.Errorf("%s: %s is %+v", n.Act.Type, messageCount, a)
	}
	kind := func(key string, want otlp.Kind, values int) {
		a := keys[key]
		if a.Op == OpConst {
			a.Values = []otlp.Attr{a.Attr}
		}
		if len(a.Values) != values {
			t.Errorf("%s: %s has %d values, want %d", n.Act.Type, key, len(a.Values), values)
		}
		for _, v := range a.Values {
			if v.Kind != want {
				t.Errorf("%s: %s has a value of kind %v, want %v", n.Act.Type, key, v.Kind, want)
			}
		}
	}
	mine := 0
	if n.Act.Type == typeHTTPServer {
		mine = 1 // which the scenario gives
		if text := p.Strings.String(otlp.StringID(keys["team.word"].Word)); text != "mine" {
			t.Errorf("team.word is %q, and the scenario says mine", text)
		}
	}
	kind("team.word", otlp.KindString, 3-2*mine)
	kind("team.list", otlp.KindArray, 2-mine)
	kind("team.share", otlp.KindDouble, 2-mine)
	kind("team.flag", otlp.KindBool, 2)
	kind("team.kind", otlp.KindString, 2)
}
