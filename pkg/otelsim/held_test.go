package otelsim

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
)

// bundledDefinition returns a copy of a bundled scenario under another name of file.
func bundledDefinition(t *testing.T, name string) File {
	t.Helper()
	for _, f := range bundledDefinitions() {
		if strings.HasSuffix(f.Name, "/"+name+".yaml") {
			return File{Name: "copies/" + name + ".yaml", Data: f.Data}
		}
	}
	t.Fatalf("no bundled scenario is called %s", name)
	return File{}
}

// Trials are of what tests of the project have not tried already, and of no less.
func TestTrialsAreOfWhatIsTheCallers(t *testing.T) {
	mine := File{Name: "mine.yaml", Data: []byte("root: {type: planner}\n")}
	system := func(service string) File {
		return File{Name: "mine.yaml", Data: []byte("services: {" + service + ": {operations: {GET /x: {latency: 4}}}}\n")}
	}
	const agents, services = "new_claim_phone", "wide_trace"
	ofAgents, ofServices := bundledDefinition(t, agents), bundledDefinition(t, services)
	edited := File{Name: ofAgents.Name, Data: append(slices.Clone(ofAgents.Data), "# edited\n"...)}
	laid := File{Name: "config.yaml", Data: []byte("extends: bundled\n")}
	words, _ := BundledConventions("genai")
	words.Name = "words.yaml"
	named := mine // as a bundled file is
	named.Name = bundledName + "/definitions/" + agents + ".yaml"
	named.Data = append([]byte("name: mine\n"), mine.Data...)
	all := []string{"mine", agents, services}
	for _, row := range []struct {
		why    string
		in     Inputs
		prefix string
		want   []string
	}{
		{"beside the bundled ones", Inputs{Definitions: []File{mine}, WithBundled: true}, "", all[:1]},
		{"with the prefix that is usual", Inputs{Definitions: []File{mine}, WithBundled: true}, "vendor", all[:1]},
		{"with another prefix", Inputs{Definitions: []File{mine}, WithBundled: true}, "acme", all},
		{"with another config", Inputs{Config: laid, Definitions: []File{mine}, WithBundled: true}, "", all},
		{"with other conventions", Inputs{Conventions: words, Definitions: []File{mine}, WithBundled: true}, "", all},
		{"with another registry, which systems alone are held to",
			Inputs{Registry: registry.Bundled(), Definitions: []File{mine}, WithBundled: true}, "", []string{"mine", services}},
		{"with a service of the bundled agents", Inputs{Definitions: []File{system("assist-runtime")}, WithBundled: true}, "", []string{"mine", agents}},
		{"with a service of a bundled system", Inputs{Definitions: []File{system("reports")}, WithBundled: true}, "", []string{"mine", services}},
		{"called as a bundled file", Inputs{Definitions: []File{named}, WithBundled: true}, "", all[:2]},
		{"beside copies", Inputs{Definitions: []File{mine, ofAgents, ofServices}}, "", []string{"mine", services}},
		{"beside a copy that was edited", Inputs{Definitions: []File{mine, edited, ofServices}}, "", all},
	} {
		var p input.Problems
		plan := build.Compile(row.in.withHeld(row.prefix), build.Options{Vendor: row.prefix, Scenarios: all}, &p)
		if plan == nil {
			t.Fatalf("%s: %v", row.why, p.Err())
		}
		var got []string
		for _, trial := range plan.Trials() {
			got = append(got, trial.Scenario)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: got trials of %q, want %q", row.why, got, row.want)
		}
	}
}

// TestFaultsBesideTheBundledScenariosAreTold: in one of one's own alone there is a trial.
func TestFaultsBesideTheBundledScenariosAreTold(t *testing.T) {
	faulty := File{Name: "mine.yaml", Data: []byte("root: {type: llm.call, attributes: {gen_ai.output.messages: Hello}}\n")}
	c, err := Validate(Inputs{Definitions: []File{faulty}, WithBundled: true}, "", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) == 0 {
		t.Error("no fault is told")
	}
	for _, w := range c.Warnings {
		if w.Pos.File != "mine.yaml" || !strings.Contains(w.Text, "verify would find: ") {
			t.Errorf("got %v", w)
		}
	}
}
