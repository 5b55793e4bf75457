package config_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// read returns an embedded file.
func read(t *testing.T, name string) input.File {
	t.Helper()
	data, err := config.FS.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return input.File{Name: name, Data: data}
}

// load parses all bundled files. Warnings fail the test as errors do: what we
// ship is the model for what users write.
func load(t *testing.T) (*scenario.Config, *scenario.Resource, *semconv.Conventions) {
	t.Helper()
	var p input.Problems
	c := scenario.ParseConfig(read(t, "config.yaml"), &p)
	r := scenario.ParseResource(read(t, "resource.yaml"), &p)
	conv := semconv.Parse(read(t, "semconv.yaml"), &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	if t.Failed() || c == nil || r == nil || conv == nil {
		t.FailNow()
	}
	return c, r, conv
}

func TestBundledFilesLoadWithoutProblems(t *testing.T) { load(t) }

// defined finds an attribute of the conventions by its full name.
func defined(list []semconv.Attribute, name string) (semconv.Attribute, bool) {
	i := slices.IndexFunc(list, func(a semconv.Attribute) bool { return a.Name == name })
	if i < 0 {
		return semconv.Attribute{}, false
	}
	return list[i], true
}

// types are the span types that the vendor has words for. An agent of his is a
// server by itself.
func types() []vocab.Type {
	return slices.DeleteFunc(slices.Clone(vocab.All()), func(t vocab.Type) bool { return t.Name == vocab.Entry })
}

func TestEverySpanTypeHasIdentity(t *testing.T) {
	_, _, conv := load(t)
	everywhere := []string{"vendor.span.class", "vendor.tenant.id", "vendor.session.id", "gen_ai.conversation.id", "vendor.request.id"}
	for _, typ := range types() {
		list := conv.SpanAttributes(typ.Name)
		for _, name := range everywhere {
			if a, ok := defined(list, name); !ok || a.Level != semconv.Required {
				t.Errorf("%s: %s: got %v, defined %v; want it required", typ.Name, name, a.Level, ok)
			}
		}
		class, _ := defined(list, "vendor.span.class")
		if want := []string{typ.Name}; !slices.Equal(class.Allowed, want) {
			t.Errorf("%s: allowed span classes: got %v, want %v", typ.Name, class.Allowed, want)
		}
		if a, ok := defined(list, "error.type"); !ok || a.Level != semconv.Optional || len(a.Allowed) != 5 {
			t.Errorf("%s: error.type: got %+v, want it optional with five values", typ.Name, a)
		}
	}
}

func TestEverySpanTypeHasAnOutcome(t *testing.T) {
	_, _, conv := load(t)
	other := map[string]string{
		"a2a.orchestrate":          "vendor.a2a.outcome",
		"request.validation":       "vendor.request.outcome",
		"response.validation":      "vendor.response.outcome",
		"cp.request":               "vendor.request.outcome",
		"mcp.tool.execute.attempt": "vendor.mcp.attempt.outcome",
	}
	for _, typ := range types() {
		if typ.Name == vocab.Forward {
			continue // it ends as the turn does
		}
		name, ok := other[typ.Name]
		if !ok {
			name = "vendor.step.outcome"
		}
		a, ok := defined(conv.SpanAttributes(typ.Name), name)
		if !ok || a.Level != semconv.Required || len(a.Allowed) < 2 {
			t.Errorf("%s: %s: got %+v, want it required, with its values listed", typ.Name, name, a)
		}
	}
}

func TestTemplatesUseTheConventions(t *testing.T) {
	c, _, conv := load(t)
	check := func(template, span string, part scenario.TemplatePart) {
		list := conv.SpanAttributes(span)
		for _, a := range part.Attributes {
			name := "vendor." + a.Key
			if a.Key == "error.type" {
				name = a.Key
			}
			def, ok := defined(list, name)
			if !ok {
				t.Errorf("template %s: %s is not defined for %s", template, name, span)
			} else if len(def.Allowed) > 0 && !slices.Contains(def.Allowed, a.Value.Str) {
				t.Errorf("template %s: %s of %s: got %q, want one of %v", template, name, span, a.Value.Str, def.Allowed)
			}
		}
		if len(part.Errors) > 0 && part.ErrorRate != 1 {
			t.Errorf("template %s: %s has findings and error rate %v, want 1", template, span, part.ErrorRate)
		}
		outcome := slices.IndexFunc(part.Attributes, func(a scenario.Attribute) bool { return a.Key == "step.outcome" })
		if outcome >= 0 && (part.Attributes[outcome].Value.Str == "fail") != (part.ErrorRate == 1) {
			t.Errorf("template %s: %s ends as %q with error rate %v", template, span, part.Attributes[outcome].Value.Str, part.ErrorRate)
		}
	}
	for _, x := range c.ControlPlane.RequestTemplates {
		check(x.ID, "request.validation", x.Root)
		check(x.ID, "validation.payload", x.Payload)
		check(x.ID, "validation.policy", x.Policy)
		check(x.ID, "augmentation", x.Augmentation)
	}
	for _, x := range c.ControlPlane.ResponseTemplates {
		check(x.ID, "response.validation", x.Root)
		check(x.ID, "validation.policy", x.Policy)
	}
}

func TestTheElevenRequestTemplatesAreThere(t *testing.T) {
	c, _, _ := load(t)
	want := map[string]scenario.Outcome{
		"allowed":                                   scenario.Allowed,
		"allowed_but_flagged":                       scenario.Allowed,
		"blocked_rate_limited":                      scenario.Blocked,
		"blocked_invalid_payload":                   scenario.Blocked,
		"blocked_invalid_payload_multi":             scenario.Blocked,
		"blocked_request_policy":                    scenario.Blocked,
		"blocked_request_policy_fail_closed":        scenario.Blocked,
		"blocked_invalid_context":                   scenario.Blocked,
		"blocked_invalid_context_augment_exception": scenario.Blocked,
		"error":                scenario.Failed,
		"error_policy_runtime": scenario.Failed,
	}
	for _, x := range c.ControlPlane.RequestTemplates {
		if outcome, ok := want[x.ID]; !ok || outcome != x.Outcome {
			t.Errorf("template %s: got outcome %d, want %d (known %v)", x.ID, x.Outcome, outcome, ok)
		}
		delete(want, x.ID)
	}
	if len(want) > 0 {
		t.Errorf("missing templates: %v", want)
	}
}

func TestResourcesUseTheConventions(t *testing.T) {
	_, r, conv := load(t)
	for half, attributes := range map[string][]scenario.Attribute{"control": r.ControlPlane, "data": r.DataPlane} {
		for _, a := range attributes {
			name := a.Key
			if slices.Contains([]string{"module", "component", "otel.source"}, name) {
				name = "vendor." + name
			}
			def, ok := defined(conv.Resource, name)
			if !ok || len(def.Allowed) > 0 && !slices.Contains(def.Allowed, a.Value.Str) {
				t.Errorf("%s plane: %s: got %q, defined %v, want one of %v", half, name, a.Value.Str, ok, def.Allowed)
			}
		}
	}
	component, _ := defined(conv.Resource, "vendor.component")
	for _, typ := range vocab.All() {
		if typ.Component != "" && !slices.Contains(component.Allowed, typ.Component) {
			t.Errorf("component of %s: got %q, want one of %v", typ.Name, typ.Component, component.Allowed)
		}
	}
}

func TestEveryWorkflowHasSamplesAndTools(t *testing.T) {
	c, _, _ := load(t)
	for _, w := range c.Workflows {
		i := slices.IndexFunc(c.Samples, func(s scenario.SampleSet) bool { return s.Workflow == w.Name })
		if i < 0 || len(c.Samples[i].Samples) < 3 || len(c.Samples[i].Samples) > 8 {
			t.Errorf("workflow %s: want 3 to 8 samples of its own", w.Name)
		}
		for _, step := range w.Steps {
			for _, d := range c.Divisions {
				i := slices.IndexFunc(c.Servers, func(s scenario.Server) bool { return s.Key == d.Server })
				if step.Kind == scenario.StepTool && i >= 0 && c.Servers[i].Tool(step.Tool) == nil {
					t.Errorf("workflow %s: server %s has no tool %s", w.Name, d.Server, step.Tool)
				}
			}
		}
	}
	for _, d := range c.Divisions {
		if !slices.ContainsFunc(c.Servers, func(s scenario.Server) bool { return s.Key == d.Server }) {
			t.Errorf("division %s: no server %s", d.Name, d.Server)
		}
	}
}

var claim = regexp.MustCompile(`CLM-[0-9]{5}`)

// What is said, and what the tools that its workflow calls are asked and answer, is one
// story: the calls of all these tools are given, and every claim that is named is in
// one of them.
func TestWhatIsSaidFitsWhatTheToolsSay(t *testing.T) {
	c, _, _ := load(t)
	for _, set := range c.Samples {
		w := c.Workflow(set.Workflow)
		if w == nil {
			continue
		}
		for _, s := range set.Samples {
			var given []string
			var json strings.Builder
			for _, calls := range s.Tools {
				given = append(given, calls.Tool)
				for _, x := range calls.Samples {
					json.WriteString(x.Arguments + x.Result)
				}
			}
			for _, step := range w.Steps {
				if step.Kind == scenario.StepTool && !slices.Contains(given, step.Tool) {
					t.Errorf("workflow %s: %q has no call of %s", w.Name, s.User, step.Tool)
				}
			}
			for _, name := range claim.FindAllString(s.User+s.Assistant, -1) {
				if !strings.Contains(json.String(), name) {
					t.Errorf("workflow %s: %q: no call names %s", w.Name, s.User, name)
				}
			}
		}
	}
}

// Every tool says what it is for, and each call of it fits what it says: that is
// checked when it is loaded.
func TestEveryToolIsDescribed(t *testing.T) {
	c, _, _ := load(t)
	for _, s := range c.Servers {
		for i := range s.Tools {
			tool := &s.Tools[i]
			if tool.Description == "" || tool.Schema == "" || len(tool.Samples) < 2 || len(tool.Result) == 0 {
				t.Errorf("%s/%s: want a description, a structure and two samples at least, got %+v", s.Key, tool.Name, tool)
			}
		}
	}
}

// The comments of config.yaml hold sections that are there to be uncommented.
func TestCommentedSectionsAreValid(t *testing.T) {
	text := string(read(t, "config.yaml").Data)
	found := 0
	for _, paragraph := range regexp.MustCompile(`\n#?\n`).Split(text, -1) {
		if strings.HasPrefix(paragraph, "# phases:") || strings.HasPrefix(paragraph, "# cardinality:") || strings.HasPrefix(paragraph, "# arrivals:") {
			found++
			text += "\n" + strings.TrimPrefix(strings.ReplaceAll("\n"+paragraph, "\n# ", "\n"), "\n") + "\n"
		}
	}
	if found != 3 {
		t.Fatalf("got %d commented sections, want 3", found)
	}
	var p input.Problems
	c := scenario.ParseConfig(input.File{Name: "config.yaml", Data: []byte(text)}, &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	if c == nil || len(c.Phases) != 2 || c.Users == 0 || c.Arrivals == nil {
		t.Errorf("got %+v, want two phases, a number of users and arrivals", c)
	}
}

func TestMetricsFollowFromSpans(t *testing.T) {
	_, _, conv := load(t)
	if len(conv.Metrics) != 20 {
		t.Errorf("got %d metrics, want 18 of the vendor's and 2 of OpenTelemetry", len(conv.Metrics))
	}
	for _, m := range conv.Metrics {
		span, ok := conv.Span(m.Span)
		if !ok {
			t.Errorf("metric %s: no span type %q", m.Name, m.Span)
			continue
		}
		list := conv.SpanAttributes(span.Bare)
		for _, name := range m.Dimensions {
			def, ok := defined(list, name)
			if !ok {
				def, ok = defined(conv.Resource, name)
			}
			if !ok {
				def, ok = defined(conv.Section("metric_point_attributes"), name)
				def.Level = semconv.Required
			}
			if name == "error.type" {
				continue // only of failures
			}
			if !ok || def.Level == semconv.Optional {
				t.Errorf("metric %s: dimension %s: defined %v, level %v; want it there in general", m.Name, name, ok, def.Level)
			}
		}
		if m.ValueAttribute != "" {
			if def, ok := defined(list, m.ValueAttribute); !ok || def.Type != semconv.Int || def.Level == semconv.Optional {
				t.Errorf("metric %s: value %s: got %+v, want an integer that is there in general", m.Name, m.ValueAttribute, def)
			}
		}
		control := slices.Contains([]string{"request.validation", "response.validation"}, span.Bare)
		if (m.EmittedBy == "control-plane") != control {
			t.Errorf("metric %s: got emitted by %s for %s", m.Name, m.EmittedBy, span.Bare)
		}
	}
}

func TestSpanTypesHaveTheirKindsAndParents(t *testing.T) {
	_, _, conv := load(t)
	for _, typ := range types() {
		span, ok := conv.Span(typ.Name)
		if !ok || !slices.Equal(span.Kinds, []uint8{typ.Kind}) {
			t.Errorf("%s: got kinds %v, want %v", typ.Name, span.Kinds, typ.Kind)
		}
		if !span.Root && len(span.Parents) == 0 {
			t.Errorf("%s: neither a root nor has parents", typ.Name)
		}
		for _, parent := range span.Parents {
			if _, ok := conv.Span(parent); !ok {
				t.Errorf("%s: unknown parent %s", typ.Name, parent)
			}
		}
	}
	if len(conv.Spans) != len(types()) {
		t.Errorf("got %d span types, want %d", len(conv.Spans), len(types()))
	}
}

var version4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestUUIDsAreRandomAndDistinct(t *testing.T) {
	c, _, _ := load(t)
	owner := map[string]string{}
	check := func(what, id string) {
		if !version4.MatchString(id) {
			t.Errorf("%s: got %q, want a UUID of version 4", what, id)
		}
		if other, ok := owner[id]; ok {
			t.Errorf("%s and %s share %s", what, other, id)
		}
		owner[id] = what
	}
	for _, x := range c.Tenants {
		check("tenant "+x.Key, x.ID)
	}
	for _, s := range c.Servers {
		check("server "+s.Key, s.UUID)
		for _, tool := range s.Tools {
			check("tool "+s.Key+"/"+tool.Name, tool.UUID)
		}
	}
}
