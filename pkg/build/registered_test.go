package build

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
)

// holding is a system with a place for each kind of attribute.
const holding = `name: holding
values:
  word: {pattern: "w-{hex:4}"}
  size: {distribution: log_normal, median: 900, sigma: 1}
  few: {distribution: poisson, mean: 3}
  whole: [1, 2]
services:
  web:
    attributes: {RESOURCE}
    operations:
      GET /:
        attributes: {a.word: {use: word}, a.size: {use: size}, a.few: {use: few}, a.whole: {use: whole}, SPAN}
        events: [{name: seen, attributes: {EVENT}}]
        logs: [{body: hi, attributes: {LOG}}]
        calls:
          - {call: db.SELECT x, attributes: {CLIENT}}
          - {span: inner, attributes: {INNER}}
          - all: [{one_of: [{span: a}, {span: b, attributes: {DEEP}}]}]
  db: {protocol: db, SYSTEM: , operations: {SELECT x: {attributes: {DB}, variants: {usual: , odd: {attributes: {WAY}}}}}}
`

// heldTo returns what is said of the system with text in one of its places.
func heldTo(t *testing.T, place, text string, r *registry.Registry) []input.Problem {
	t.Helper()
	in := bundled(t)
	in.Registry, in.Bundled = r, false
	body := holding
	for _, p := range []string{"RESOURCE", "SPAN", "EVENT", "LOG", "CLIENT", "INNER", "DEEP", "SYSTEM: ", "DB", "WAY"} {
		with := ""
		if p == place {
			with = text
		} else if p == "SYSTEM: " {
			with = "system: mysql"
		}
		body = strings.Replace(body, p, with, 1)
	}
	in.Definitions = []input.File{{Name: "a.yaml", Data: []byte(body)}}
	var p input.Problems
	if Compile(in, Options{}, &p) == nil {
		t.Fatalf("%s: %v", text, p.Err())
	}
	return p.All()
}

func TestAttributesOfSystemsAreHeldToTheRegistry(t *testing.T) {
	const member, kind, old, unknown = registry.UndefinedEnumVariant, registry.TypeMismatch, registry.DeprecatedName, registry.MissingAttribute
	for _, row := range []struct{ place, text, id, want string }{
		{"RESOURCE", "host.arch: abacus", member, `a.yaml:9:18: warning: attribute host.arch: unknown member "abacus"; allowed: amd64, arm32,`},
		{"WAY", "db.namespac: x", unknown, `a.yaml:19:116: warning: attribute db.namespac: the registry has no such name; did you mean "db.namespace"?`},
		{"RESOURCE", "host.nam: x", unknown, `a.yaml:9:18: warning: attribute host.nam: the registry has no such name; did you mean "host.name"?`},
		{"RESOURCE", `process.pid: "12"`, kind, `a.yaml:9:18: warning: attribute process.pid: found string "12", want int`},
		{"RESOURCE", "process.command_args: ls", kind, `a.yaml:9:18: warning: attribute process.command_args: found string "ls", want a list, of string`},
		{"RESOURCE", "deployment.environment: prod", old, `attribute deployment.environment: it is deprecated; use "deployment.environment.name"`},
		{"SPAN", "http.method: GET", old, `a.yaml:12:106: warning: attribute http.method: it is deprecated; use "http.request.method"`},
		{"SPAN", "http.rout: /x", unknown, `attribute http.rout: the registry has no such name; did you mean "http.route"?`},
		{"SPAN", "http.request.method: PSOT", member, `attribute http.request.method: unknown member "PSOT"; did you mean "POST"?`},
		{"SPAN", "http.request.method: {distribution: categorical, values: {GET: 1, get: 1}}", member, `attribute http.request.method: unknown member "get"; did you mean "GET"?`},
		{"SPAN", "user_agent.name: 12", kind, `attribute user_agent.name: found int 12, want string`},
		{"SPAN", "network.transport: UDP", member, `attribute network.transport: unknown member "UDP"; did you mean "udp"?`},
		{"SPAN", "server.port: {pattern: \"{digits:4}\"}", kind, `attribute server.port: a pattern gives a string, want int`},
		{"SPAN", "server.port: {use: word}", kind, `attribute server.port: a pattern gives a string, want int`},
		{"SPAN", "http.request.body.size: {use: size}", kind, `attribute http.request.body.size: the distribution gives numbers with a fraction, want int`},
		{"SPAN", "user_agent.name: {distribution: uniform, low: 0, high: 1}", kind, `attribute user_agent.name: the distribution gives numbers with a fraction, want string`},
		{"SPAN", "user.roles: {use: few}", kind, `attribute user.roles: the distribution gives whole numbers, want string[]`},
		{"SPAN", "aspnetcore.user.is_authenticated: {distribution: poisson, mean: 1}", kind, `the distribution gives whole numbers, want boolean`},
		{"SPAN", "app.jank.period: {use: whole}", kind, `attribute app.jank.period: found an int, want double: write it with a point`},
		{"SPAN", "app.order.id: x", unknown, `attribute app.order.id: the registry has no such name`},
		{"EVENT", "net.peer.name: x", old, `a.yaml:13:44: warning: attribute net.peer.name: it is deprecated`},
		{"LOG", "log.iostream: stdinn", member, `a.yaml:14:40: warning: attribute log.iostream: unknown member "stdinn"; allowed: stderr, stdout`},
		{"CLIENT", "db.operation: x", old, `a.yaml:16:46: warning: attribute db.operation: it is deprecated; use "db.operation.name"`},
		{"INNER", "code.lineno: 4", old, `a.yaml:17:40: warning: attribute code.lineno: it is deprecated; use "code.line.number"`},
		{"DEEP", "thread.id: one", kind, `a.yaml:18:63: warning: attribute thread.id: found string "one", want int`},
		{"DB", "db.statement: x", old, `a.yaml:19:74: warning: attribute db.statement: it is deprecated; use "db.query.text"`},
		{"SYSTEM: ", "system: postgres", member, `a.yaml:19:3: warning: attribute db.system.name: unknown member "postgres"; did you mean "postgresql"?`},
	} {
		got := heldTo(t, row.place, row.text, nil)
		if len(got) != 1 || !got[0].Warning || got[0].WeaverID != row.id || got[0].Rule == "" || !strings.Contains(got[0].String(), row.want) {
			t.Errorf("%s: got %v, want %s %s", row.text, got, row.id, row.want)
		}
	}
}

// TestRightAttributesOfSystemsAreSilent has what the registry allows, and what it says
// nothing of.
func TestRightAttributesOfSystemsAreSilent(t *testing.T) {
	for _, row := range []struct{ place, text string }{
		{"RESOURCE", "host.arch: amd64"},
		{"RESOURCE", "shop.region: north"},
		{"SPAN", "shop.order.id: x, order: 3, user.id: {use: word}, server.port: {use: whole}"},
		{"SPAN", "http.request.body.size: {distribution: log_normal, median: 900, sigma: 1}"},
		{"SPAN", "http.request.header.x-shop: new, user.roles: admin"},
		{"SPAN", "app.jank.period: 1, app.jank.threshold: {distribution: poisson, mean: 2}"},
		{"SPAN", "aspnetcore.user.is_authenticated: {distribution: bernoulli, p: 0.5}"},
		{"SPAN", "errors.kind: x, gen_ai.request.model: m"}, // the second is of the conventions
		{"SYSTEM: ", "system: redis"},
	} {
		if got := heldTo(t, row.place, row.text, nil); len(got) > 0 {
			t.Errorf("%s: got %v", row.text, got)
		}
	}
}

// team is a registry that a team lays over the bundled ones.
const team = `file_format: definition/2
attributes:
  - {key: shop.order.id, type: string, brief: The order., stability: stable, examples: [ord-1, ord-2]}
  - key: shop.channel
    type: {members: [{id: web, value: web, brief: Site.}, {id: app, value: app, brief: App.}]}
    brief: Where.
    stability: development
  - {key: shop.basket, type: int, brief: Old., stability: development, examples: [1], deprecated: {reason: renamed, renamed_to: shop.items, note: ""}}
  - {key: shop.items, type: int, brief: New., stability: development, examples: [1]}
`

// layered reads a registry and lays it over the bundled ones.
func layered(t *testing.T, text string) *registry.Registry {
	t.Helper()
	var p input.Problems
	r := registry.Load(registry.Source{Name: "team", Files: []input.File{{Name: "team.yaml", Data: []byte(text)}}}, nil, &p)
	if p.Errors() > 0 {
		t.Fatal(p.Err())
	}
	return registry.Layer(registry.Bundled(), r)
}

func TestSystemsAreHeldToTheRegistryOfATeam(t *testing.T) {
	r := layered(t, team)
	for text, want := range map[string]string{
		"shop.order.id: x, shop.channel: web, shop.items: {distribution: uniform, low: 1, high: 9}": "",
		"shop.order.idd: x":   `attribute shop.order.idd: the registry has no such name; did you mean "shop.order.id"?`,
		"shop.channel: phone": `attribute shop.channel: unknown member "phone"; allowed: app, web`,
		"shop.order.id: 7":    `attribute shop.order.id: found int 7, want string`,
		"shop.basket: 7":      `attribute shop.basket: it is deprecated; use "shop.items"`,
		"http.rout: 7":        `did you mean "http.route"?`,
	} {
		got := heldTo(t, "SPAN", text, r)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.Contains(got[0].String(), want)) {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
		if alone := heldTo(t, "SPAN", text, nil); strings.HasPrefix(text, "shop.") && len(alone) > 0 {
			t.Errorf("%s: without the registry got %v", text, alone)
		}
	}
}

// TestConventionsGoBeforeTheRegistry has names that the conventions in use define, and
// a registry deprecates or lacks.
func TestConventionsGoBeforeTheRegistry(t *testing.T) {
	r := layered(t, `file_format: definition/2
attributes:
  - {key: gen_ai.request.model, type: string, brief: Old., stability: development, examples: [m], deprecated: {reason: obsoleted, note: Gone.}}
  - {key: vendor.other, type: string, brief: Other., stability: development, examples: [m]}
`)
	if got := heldTo(t, "SPAN", "gen_ai.request.model: m, vendor.tenant.id: x", r); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	if got := heldTo(t, "SPAN", "vendor.tenat.id: x", r); len(got) != 1 {
		t.Errorf("a name that neither has: got %v", got)
	}
}

// TestManyUnknownNamesAreToldSoon has more of them than are compared with others.
func TestManyUnknownNamesAreToldSoon(t *testing.T) {
	var p input.Problems
	c := &registered{in: registry.Bundled(), names: make(map[string]registry.Name), p: &p}
	for i := range 2 * maxNear {
		c.attribute(&scenario.Attribute{Key: fmt.Sprintf("http.rout%d", i)}, true)
	}
	if got := p.Warnings(); got != 2*maxNear {
		t.Errorf("%d of %d names are told", got, 2*maxNear)
	}
	if last := c.name(fmt.Sprintf("http.rout%d", 2*maxNear-1)); last.Nearest != "" {
		t.Errorf("the last one was compared: %+v", last)
	}
}

// TestTheRegistryIsReadForSystemsAlone has a registry that is never asked.
func TestTheRegistryIsReadForSystemsAlone(t *testing.T) {
	if p := bundledPlan(t); p.Registry != nil {
		t.Error("the bundled agents have a registry")
	}
	if p := compiledWithWarnings(t, bundledSystems(t), Options{Scenarios: []string{"shop"}}); p.Registry == nil {
		t.Error("the bundled shop has none")
	}
	if p := systemOf(t, aSystem); p.Registry == nil {
		t.Error("a system has none")
	}
}

// TestWhatTheRegistryRequiresIsFilled lays a type with more of it over the bundled one.
func TestWhatTheRegistryRequiresIsFilled(t *testing.T) {
	in := bundled(t)
	in.Definitions = []input.File{{Name: "a.yaml", Data: []byte(aSystem)}}
	plain := compiledWithWarnings(t, in, Options{})
	in.Registry = layered(t, team)
	if p := compiledWithWarnings(t, in, Options{}); p.Digest() != plain.Digest() {
		t.Error("a registry that fills nothing moves the digest")
	}
	in.Registry = layered(t, strings.Replace(team, "attributes:", `spans:
  - type: rpc.grpc.call.server
    kind: server
    name: {note: n}
    brief: A call.
    stability: development
    attributes:
      - {ref: shop.order.id, requirement_level: required}
      - {ref: shop.channel, requirement_level: required}
      - {ref: shop.items, requirement_level: recommended}
attributes:`, 1))
	filled := compiledWithWarnings(t, in, Options{})
	if filled.Digest() == plain.Digest() {
		t.Error("what is filled does not move the digest")
	}
	counts := make(map[string]int)
	gen, again := generator(t, filled, run(100)), generator(t, filled, run(100))
	for i := range uint64(100) {
		if !bytes.Equal(iterationBytes(gen, i), iterationBytes(again, i)) {
			t.Fatal("two generators differ")
		}
	}
	block := segment(t, gen, 0)
	for _, text := range []string{"ord-1", "ord-2"} {
		counts[text] = bytes.Count(block.Data, []byte(text))
	}
	if counts["ord-1"] == 0 || counts["ord-2"] == 0 || bytes.Contains(block.Data, []byte("shop.items")) {
		t.Errorf("got %v", counts)
	}
}

// bundledSystems are the bundled inputs with systems alone, and of these the ones that
// ask no agents, which would have to be there too.
func bundledSystems(t *testing.T) Inputs {
	t.Helper()
	in := bundled(t)
	in.Definitions = nil
	names, err := fs.Glob(definitions.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(definitions.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if system.Match(data) && !bytes.Contains(data, []byte("agent: ")) {
			in.Definitions = append(in.Definitions, input.File{Name: name, Data: data})
		}
	}
	if len(in.Definitions) == 0 {
		t.Fatal("no systems are bundled")
	}
	return in
}

// TestBundledSystemsAreHeldToTheBundledRegistryAlone holds them to it as if they were
// somebody's own; they know nothing of the registries of others.
func TestBundledSystemsAreHeldToTheBundledRegistryAlone(t *testing.T) {
	in := bundledSystems(t)
	in.Bundled = false
	var p input.Problems
	l := load(in, "", nil, &p)
	if l == nil || p.Warnings() > 0 {
		t.Fatalf("bundled files: %v", p.All())
	}
	in.Registry = layered(t, team) // which has a namespace that they use
	if load(in, "", nil, &p); p.Warnings() == 0 {
		t.Error("as somebody's own they are not held to a registry")
	}
	p = input.Problems{}
	in.Bundled = true
	if load(in, "", nil, &p); p.Warnings() > 0 {
		t.Errorf("bundled: %v", p.All())
	}
}
