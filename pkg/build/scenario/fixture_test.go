package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

func file(t testing.TB, name string) input.File {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return input.File{Name: name, Data: data}
}

func scenarioFiles(t testing.TB) []input.File {
	var files []input.File
	for _, name := range []string{"workflow", "tree", "messages", "override", "example_scenario"} {
		files = append(files, file(t, "scenarios/"+name+".yaml"))
	}
	return files
}

func lines(p *input.Problems) []string {
	var out []string
	for _, problem := range p.All() {
		out = append(out, problem.String())
	}
	return out
}

func checkLines(t testing.TB, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// fixture is the Config of testdata, which has no problems but for durations that
// stand in both sections.
func fixture(t testing.TB) *Config {
	t.Helper()
	var p input.Problems
	c := ParseConfig(file(t, "config.yaml"), &p)
	if got := lines(&p); len(got) != 4 || got[0] != "config.yaml:15:23: warning: happy_path_latencies_ms.request_validation: has no effect: control_plane.latencies_ms says 38" {
		t.Fatal(got)
	}
	return c
}

var prefixes = []string{"vendor", "bracken"}

// parse reads one scenario against the fixture.
func parse(t testing.TB, text string) (Definition, []string) {
	t.Helper()
	var p input.Problems
	out := Parse([]input.File{{Name: "a.yaml", Data: []byte(text)}}, fixture(t), ParseOptions{Prefixes: prefixes}, &p)
	if len(out) == 0 {
		return Definition{}, lines(&p)
	}
	return out[0], lines(&p)
}

// Tenant returns the tenant of a key.
func (c *Config) Tenant(key string) (Tenant, bool) {
	for _, t := range c.Tenants {
		if t.Key == key {
			return t, true
		}
	}
	return Tenant{}, false
}

// ResponseTemplate returns the response validation template of an id, nil when
// there is none.
func (c *Config) ResponseTemplate(id string) *Template {
	for i := range c.ControlPlane.ResponseTemplates {
		if c.ControlPlane.ResponseTemplates[i].ID == id {
			return &c.ControlPlane.ResponseTemplates[i]
		}
	}
	return nil
}
