package registry

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// mistake is a file of a registry, and what is said of it: rule, Weaver's id and
// message, in order.
type mistake struct {
	name, file string
	want       []string
}

const (
	v2Head  = "file_format: definition/2\n"
	resHead = "file_format: resolved/2.0\nschema_url: https://x.example/schemas/x/1.0.0\n"
	// attribute is a definition that others can use.
	attribute = "attributes: [{key: x.a, type: string, brief: A., stability: stable, examples: [a]}]\n"
)

var mistakes = []mistake{
	{"a type that does not exist", v2Head + "attributes:\n- {key: x.a, type: strin, brief: A., stability: stable}\n", []string{
		`registry-form|| x.yaml:3:20: attributes[0].type: unknown type "strin"; did you mean "string"? allowed: any, boolean, boolean[], double, double[], int, int[], string, string[], template[any], template[boolean[]], template[boolean], template[double[]], template[double], template[int[]], template[int], template[string[]], template[string]`}},
	{"a type of another language", v2Head + "attributes:\n- {key: x.a, type: bool, brief: A., stability: stable}\n", []string{
		`registry-form|| x.yaml:3:20: attributes[0].type: unknown type "bool"; did you mean "boolean"?`}},
	{"a misspelt key", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stabilty: stable}\n", []string{
		`registry-missing|| x.yaml:3:3: warning: attributes[0]: stability is missing, without which Weaver does not read it`,
		`input|| x.yaml:3:36: unknown key "stabilty"; did you mean "stability"? allowed: annotations, brief, deprecated, examples, key, note, stability, type`}},
	{"no key and no type", v2Head + "attributes:\n- {brief: A.}\n", []string{
		`registry-missing|| x.yaml:3:3: warning: attributes[0]: stability is missing, without which Weaver does not read it`,
		`registry-missing|| x.yaml:3:3: attributes[0].key: missing`,
		`registry-missing|| x.yaml:3:3: attributes[0].type: missing`}},
	{"an unknown stability", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stabel}\n- {key: x.b, type: int, brief: B., stability: deprecated}\n", []string{
		`registry-form|| x.yaml:3:47: attributes[0].stability: unknown stability "stabel"; did you mean "stable"? allowed: alpha, beta, development, release_candidate, stable`,
		`registry-form|| x.yaml:4:47: attributes[1].stability: deprecated is no stability: write a key deprecated with a reason beside it`}},
	{"renamed to nothing", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stable, deprecated: {reason: renamed}}\n", []string{
		`registry-missing|| x.yaml:3:67: attributes[0].deprecated.renamed_to: missing: what is renamed has another name`}},
	{"renamed, with another reason", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stable, deprecated: {reason: obsoleted, renamed_to: x.b}}\n", []string{
		`registry-form|| x.yaml:3:99: attributes[0].deprecated.renamed_to: the reason is obsoleted; write renamed when only the name is another, and say it in the note otherwise`}},
	{"examples of another type", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stable, examples: [1, '2']}\n- {key: x.b, type: 'string[]', brief: B., stability: stable, examples: [[a], [1]]}\n", []string{
		`attribute-type|type_mismatch| x.yaml:3:69: warning: attributes[0].examples[1]: found string "2", want int`,
		`attribute-type|type_mismatch| x.yaml:4:78: warning: attributes[1].examples[1]: found int 1, want string`}},
	{"members of two types, and one twice", v2Head + "attributes:\n- key: x.a\n  brief: A.\n  stability: stable\n  type: {members: [{id: a, value: 1}, {id: b, value: b}, {id: a, value: 3}]}\n", []string{
		`registry-form|| x.yaml:6:39: attributes[0].type.members[1]: value "b" is of type string, that of the first member int`,
		`registry-duplicate|| x.yaml:6:58: attributes[0].type.members[2]: a second member "a"`}},
	{"no members", v2Head + "attributes:\n- {key: x.a, type: {members: []}, brief: A., stability: stable}\n", []string{
		`registry-missing|| x.yaml:3:30: attributes[0].type.members: missing: an enumeration has at least one`}},
	{"an attribute twice", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stable}\n- {key: x.a, type: int, brief: A., stability: stable}\n", []string{
		`registry-duplicate|| x.yaml:4:3: attribute "x.a" is defined already, at x.yaml:3:3`}},
	{"a misspelt reference", v2Head + attribute + "events: [{name: x.e, brief: E., stability: stable, attributes: [{ref: x.aa}]}]\n", []string{
		`attribute-unknown|missing_attribute| x.yaml:3:71: event "x.e": no attribute "x.aa"; did you mean "x.a"?`}},
	{"a reference to a registry that is not named", v2Head + attribute + "events: [{name: x.e, brief: E., stability: stable, attributes: [{ref: url.path}]}]\n", []string{
		`attribute-unknown|missing_attribute| x.yaml:3:71: event "x.e": no attribute "url.path" here; a registry of OpenTelemetry has it: name that in manifest.yaml, as in dependencies: [{schema_url: https://opentelemetry.io/schemas/1.45.0-unreleased}]`}},
	{"a misspelt group", v2Head + attribute + "attribute_groups: [{id: x.common, visibility: internal, attributes: [{ref: x.a}]}]\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref_group: x.comon}]}]\n", []string{
		`registry-reference|| x.yaml:4:77: event "x.e": ref_group: nothing has the id "x.comon"; did you mean "x.common"?`}},
	{"a key beside ref_group", v2Head + attribute + "attribute_groups: [{id: x.common, visibility: internal, attributes: [{ref: x.a}]}]\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref_group: x.common, requirement_level: required}]}]\n", []string{
		`registry-override|| x.yaml:4:65: events[0].attributes[0]: ref_group has no other keys: add a ref for each attribute of which more is to be said`}},
	{"one attribute of two groups", v2Head + attribute + "attribute_groups:\n- {id: x.g, visibility: internal, attributes: [{ref: x.a}]}\n- {id: x.h, visibility: internal, attributes: [{ref: x.a}]}\nevents: [{name: x.e, brief: E., stability: stable, attributes: [{ref_group: x.g}, {ref_group: x.h}]}]\n", []string{
		`registry-duplicate|| x.yaml:6:95: event "x.e": attribute "x.a" comes from group "x.g" too; a signal may have it of one group only`}},
	{"groups in a circle", v2Head + "attribute_groups:\n- {id: x.g, visibility: internal, attributes: [{ref_group: x.h}]}\n- {id: x.h, visibility: internal, attributes: [{ref_group: x.g}]}\n", []string{
		`registry-cycle|| x.yaml:4:60: group "x.h": ref_group leads back to itself: "x.g", "x.h", "x.g"`}},
	{"a v1 group that extends itself", "groups:\n- {id: x.g, type: attribute_group, brief: G., extends: x.g}\n", []string{
		`registry-cycle|| x.yaml:2:56: group "x.g": extends leads back to itself: "x.g", "x.g"`}},
	{"a v1 attribute that is both", "groups:\n- {id: x.g, type: attribute_group, brief: G., attributes: [{id: x.a, ref: x.b}, {brief: nothing}]}\n", []string{
		`registry-form|| x.yaml:2:60: groups[0].attributes[0]: want either id, which defines an attribute, or ref, which uses one`,
		`registry-form|| x.yaml:2:81: groups[0].attributes[1]: want either id, which defines an attribute, or ref, which uses one`}},
	{"a v1 group without its kind's keys", "groups:\n- {id: metric.x, type: metric, brief: X., stability: stable}\n- {id: span.x, type: span, brief: X., metric_name: x}\n- {id: x.y, type: resoure, brief: X.}\n", []string{
		`registry-missing|| x.yaml:2:3: groups[0].metric_name: missing`,
		`registry-missing|| x.yaml:2:3: groups[0].instrument: missing`,
		`registry-missing|| x.yaml:2:3: groups[0].unit: missing`,
		`registry-missing|| x.yaml:3:3: warning: groups[1]: span_kind is missing: it is taken for internal`,
		`input|| x.yaml:3:39: unknown key "metric_name"; allowed: annotations, attributes, brief, constraints, deprecated, display_name, entity_associations, events, extends, id, name, note, prefix, requirement_level, span_kind, stability, type`,
		`registry-form|| x.yaml:4:19: groups[2].type: unknown type of group "resoure"; allowed: attribute_group, entity, event, metric, scope, span`}},
	{"kind and instrument", v2Head + "spans: [{type: x.s, kind: clint, name: {note: x}, brief: S., stability: stable}]\nmetrics: [{name: x.m, instrument: count, unit: s, brief: M., stability: stable}]\n", []string{
		`registry-form|| x.yaml:2:27: spans[0].kind: unknown kind of span "clint"; did you mean "client"? allowed: client, consumer, internal, producer, server`,
		`registry-form|| x.yaml:3:35: metrics[0].instrument: unknown instrument "count"; did you mean "counter"? allowed: counter, gauge, histogram, updowncounter`}},
	{"levels", v2Head + attribute + "events:\n- name: x.e\n  brief: E.\n  stability: stable\n  attributes:\n  - {ref: x.a, requirement_level: mandatory}\n- name: x.f\n  brief: F.\n  stability: stable\n  attributes: [{ref: x.a, requirement_level: {required: always}}]\n- name: x.g\n  brief: G.\n  stability: stable\n  attributes: [{ref: x.a, requirement_level: conditionally_required}]\n", []string{
		`registry-form|| x.yaml:8:35: events[0].attributes[0].requirement_level: unknown requirement level "mandatory"; allowed: conditionally_required, opt_in, recommended, required`,
		`registry-form|| x.yaml:12:47: events[1].attributes[0].requirement_level: unknown requirement level with a condition "required"; allowed: conditionally_required, opt_in, recommended`,
		`registry-form|| x.yaml:16:46: warning: events[2].attributes[0].requirement_level: conditionally_required without its condition: write {conditionally_required: WHEN}`}},
	{"a refinement of nothing", v2Head + "metrics: [{name: x.m, instrument: counter, unit: s, brief: M., stability: stable}]\nmetric_refinements: [{id: y.m, ref: x.n}]\n", []string{
		`registry-reference|| x.yaml:3:37: refinement "y.m": ref: nothing has the id "x.n"; did you mean "x.m"?`}},
	{"a use more settled than the definition", v2Head + "attributes: [{key: x.a, type: int, brief: A., stability: alpha}]\nevents: [{name: x.e, brief: E., stability: alpha, attributes: [{ref: x.a, stability: stable}]}]\n", []string{
		`registry-override|| x.yaml:3:70: warning: event "x.e": attribute "x.a" is alpha, and no more settled where it is used: stable`}},
	{"a metric under two ids", "groups:\n- {id: metric.x, type: metric, metric_name: x.m, instrument: counter, unit: s, brief: X., stability: stable}\n- {id: metric.y, type: metric, metric_name: x.m, instrument: counter, unit: s, brief: X., stability: stable}\n- {id: metric.y, type: attribute_group, brief: X.}\n", []string{
		`registry-duplicate|| x.yaml:3:3: metric "x.m" is defined already, at x.yaml:2:3`,
		`registry-duplicate|| x.yaml:4:3: "metric.y" is defined already, as metric "x.m" at x.yaml:3:3`}},
	{"a version that is not read", "file_format: definition/3\nattributes: []\n", []string{
		`registry-form|| x.yaml:1:14: unknown file_format "definition/3"; did you mean "definition/2"? allowed: definition/2, resolved/2.0`}},
	{"no registry at all", "attributes: []\n", []string{
		`registry-form|| x.yaml:1:1: no definitions: want groups (v1), or file_format: definition/2`}},
	{"names", v2Head + "attributes:\n- {key: x.userId, type: int, brief: A., stability: stable}\n- {key: tenant, type: int, brief: A., stability: stable}\n- {key: x.a, type: int, brief: A., stability: stable}\n- {key: x.a.b, type: int, brief: A., stability: stable}\n", []string{
		`registry-name|invalid_format| x.yaml:3:3: warning: attribute "x.userId" is not of the form of names: lower case, dots between namespaces, underscores within; did you mean "x.user_id"?`,
		`registry-namespace|missing_namespace| x.yaml:4:3: warning: attribute "tenant" has no namespace: others may mean something else by it`,
		`registry-collision|illegal_namespace| x.yaml:6:3: warning: attribute "x.a.b" is in a namespace that is an attribute too, "x.a" at x.yaml:5:3: stores of trees cannot hold both`}},
	{"names of OpenTelemetry", v2Head + "attributes:\n- {key: http.flavour, type: string, brief: A., stability: stable, examples: [a]}\n- {key: http.route, type: int, brief: A., stability: stable}\n", []string{
		`registry-foreign|extends_namespace| x.yaml:3:3: warning: attribute "http.flavour" is in OpenTelemetry's namespace "http", which may define it otherwise: names of one's own begin with a name of one's own`,
		`registry-type|type_mismatch| x.yaml:4:3: warning: attribute "http.route" is of type int here and string in OpenTelemetry's registry`}},
	{"what telemetry has", v2Head + "attributes:\n- {key: http.flavour, type: string, brief: A., stability: stable, annotations: {captured: false}}\n- {key: http.route, type: int, brief: A., stability: stable, annotations: {captured: true}}\n- {key: http.Flavour, type: int, brief: A., stability: stable, annotations: {captured: true}}\nmetrics: [{name: http.M, instrument: gauge, unit: s, brief: M., stability: stable, annotations: {captured: true}}]\n", []string{
		`registry-foreign|extends_namespace| x.yaml:3:3: warning: attribute "http.flavour" is in OpenTelemetry's namespace "http", which may define it otherwise: names of one's own begin with a name of one's own`}},
	{"deprecated and unsettled attributes", v2Head + "attributes:\n- {key: x.a, type: int, brief: A., stability: stable, deprecated: {reason: renamed, renamed_to: x.bb}}\n- {key: x.b, type: int, brief: B., stability: alpha}\nevents:\n- {name: x.e, brief: E., stability: stable, attributes: [{ref: x.a}, {ref: x.b}]}\n", []string{
		`registry-reference|| x.yaml:3:3: warning: attribute "x.a" is renamed to "x.bb", which nothing defines; did you mean "x.b"?`,
		`attribute-deprecated|deprecated| x.yaml:6:64: warning: event "x.e" uses attribute "x.a", which is deprecated; use "x.bb"`,
		`registry-stability|not_stable| x.yaml:6:76: warning: event "x.e" is stable and has attribute "x.b", recommended, which is alpha: only what is opt_in may be less settled`}},
	{"one member, and an entity that is not there", v2Head + "attributes: [{key: x.a, type: {members: [{id: a}]}, brief: A., stability: stable}]\nevents: [{name: x.e, brief: E., stability: stable, entity_associations: [{one_of: [hosst]}]}]\n", []string{
		`attribute-type|type_mismatch| x.yaml:2:14: warning: attribute "x.a" has one member and no examples: made telemetry has no other value`,
		`registry-reference|| x.yaml:3:10: warning: event "x.e" is about entity "hosst", which nothing defines; did you mean "host"?`}},
	{"a resolved file with a wrong row", resHead + "attribute_catalog: [{key: x.a, type: int, brief: '', stability: stable}]\nregistry:\n  attributes: [0, 1, 0]\n  events: [{name: x.e, brief: '', stability: stable, attributes: [{base: 0}, {base: 0}, {requirement_level: required}]}]\n", []string{
		`registry-reference|| x.yaml:5:19: registry.attributes[1]: row 1 of a catalog with rows 0 to 0`,
		`registry-duplicate|| x.yaml:5:22: registry.attributes[2]: the registry has attribute "x.a" already`,
		`registry-duplicate|| x.yaml:6:78: registry.events[0].attributes[1]: attribute "x.a" is used already`,
		`registry-missing|| x.yaml:6:89: registry.events[0].attributes[2].base: missing`}},
	{"a resolved file without its parts", resHead, []string{
		`registry-missing|| x.yaml:1:1: attribute_catalog: missing`,
		`registry-missing|| x.yaml:1:1: registry: missing`}},
}

// TestMistakes: every mistake is told at its place, with what was meant, and all at
// once.
func TestMistakes(t *testing.T) {
	seen := make(map[string]bool)
	for _, m := range mistakes {
		var p input.Problems
		r := Load(Source{Name: "x", Files: []input.File{{Name: "x.yaml", Data: []byte(m.file)}}}, nil, &p)
		if p.Errors() == 0 {
			Lint(r, Bundled(), &p)
		}
		var got []string
		for _, problem := range p.All() {
			rule := problem.Rule
			if rule == "" {
				rule = "input"
			}
			seen[rule] = true
			got = append(got, rule+"|"+problem.WeaverID+"| "+problem.String())
		}
		if strings.Join(got, "\n") != strings.Join(m.want, "\n") {
			t.Errorf("%s:\ngot  %s\nwant %s", m.name, strings.Join(got, "\n     "), strings.Join(m.want, "\n     "))
		}
	}
	for _, r := range allRules {
		if !seen[r.name] && r != ruleDependency { // which takes two registries: TestDependencies

			t.Errorf("no mistake breaks rule %s", r.name)
		}
	}
}

// TestLintOfOfficial: what OpenTelemetry publishes is not found fault with by the
// hundred: a lint that cries wolf is not read.
func TestLintOfOfficial(t *testing.T) {
	for _, name := range []string{"otel.yaml", "genai.yaml"} {
		var p input.Problems
		Lint(fromYAML(t, name), Bundled(), &p)
		for _, problem := range p.All() {
			t.Log(problem)
		}
		if p.Warnings() > 60 {
			t.Errorf("%s: %d warnings", name, p.Warnings())
		}
	}
	var p input.Problems
	Lint(acme(t), Bundled(), &p)
	for _, problem := range p.All() {
		t.Log(problem)
	}
}

var allRules = []rule{ruleForm, ruleMissing, ruleDuplicate, ruleReference, ruleAttribute, ruleCycle, ruleDependency, ruleOverride, ruleExample, ruleType,
	ruleDeprecated, ruleStability, ruleFormat, ruleNamespace, ruleCollision, ruleExtends}

// TestRulesAreDocumented: the page has every rule with Weaver's id, in the order of
// the code.
func TestRulesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/registries.md")
	if err != nil {
		t.Fatal(err)
	}
	part := regexp.MustCompile(`(?s)<!-- rules: held by a test -->\n(.*?)<!-- end -->`).FindSubmatch(page)
	if part == nil {
		t.Fatal("docs/registries.md has no table of rules")
	}
	var got []rule
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| (?:`([a-z_]+)` )?\\|").FindAllSubmatch(part[1], -1) {
		got = append(got, rule{string(row[1]), string(row[2])})
	}
	if !slices.Equal(got, allRules) {
		t.Errorf("docs/registries.md has %q, want %q", got, allRules)
	}
}
