package examples

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type action struct {
	Inputs map[string]struct{ Default string }
	Runs   struct {
		Using string
		Steps []struct {
			Name, Run, If, Uses, Shell string
			Directory                  string `yaml:"working-directory"`
			Env                        map[string]string
		}
	}
}

func loadAction(t *testing.T) (a action) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// expand replaces expressions, as the runner does.
func expand(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ (.+?) \}\}`).ReplaceAllStringFunc(text, func(e string) string {
		v, known := values[strings.TrimSuffix(strings.TrimPrefix(e, "${{ "), " }}")]
		if !known {
			t.Errorf("unknown expression %s", e)
		}
		return v
	})
}

// TestAction runs the steps of the action, as the runner does, with a Collector that is
// given and with one to be downloaded, and looks at how the Makefile was called.
func TestAction(t *testing.T) {
	a := loadAction(t)
	if version := loadWorkflow(t).Env["COLLECTOR_VERSION"]; a.Inputs["collector-version"].Default != version {
		t.Errorf("the action takes %s, the workflow %s", a.Inputs["collector-version"].Default, version)
	}
	for name, given := range map[string]string{"given": "my-collector", "downloaded": ""} {
		t.Run(name, func(t *testing.T) {
			p, temp := newPlace(t), t.TempDir()
			p.program(t, "go", "mkdir -p \"$3\"")
			p.program(t, "make", `echo "$GEN|$REPLAY|$COLLECTOR|$CONFIG|$RULES|$CONTENT|$RATE|$SETTLE|$ENDPOINT|$PWD|$*"`)
			p.program(t, "curl", `while [ "$1" != -o ]; do shift; done; echo of it >"$2"`)
			p.program(t, "sha256sum", "cat >/dev/null")
			p.program(t, "tar", "echo collector >otelcol-contrib")
			p.program(t, "grep", "")
			values := map[string]string{"github.action_path": "/the action", "runner.temp": temp}
			for input, x := range a.Inputs { // order-free: a map is filled
				values["inputs."+input] = x.Default
			}
			values["inputs.collector"], values["inputs.rules"], values["inputs.working-directory"] = given, "rules.yaml", p.dir
			out := ""
			for _, step := range a.Runs.Steps {
				if step.Uses != "" || step.If == "${{ inputs.collector == '' }}" && given != "" {
					continue
				}
				if strings.Contains(step.Run, "${{") {
					t.Errorf("%s: an expression within a script is run as a part of it", step.Name)
				}
				cmd := exec.Command("bash", "-e", "-c", step.Run)
				if cmd.Dir = expand(t, step.Directory, values); cmd.Dir == "/the action" {
					cmd.Dir = t.TempDir()
				}
				cmd.Env = append(os.Environ(), "PATH="+p.bin+":"+os.Getenv("PATH"), "RUNNER_TEMP="+temp)
				for _, key := range slices.Sorted(maps.Keys(step.Env)) {
					cmd.Env = append(cmd.Env, key+"="+expand(t, step.Env[key], values))
				}
				text, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("%s: %v\n%s", step.Name, err, text)
				}
				out = string(text)
			}
			collector := given
			if given == "" {
				collector = temp + "/otelsim/otelcol-contrib"
				if _, err := os.Stat(collector); err != nil {
					t.Error(err)
				}
			}
			want := strings.Join([]string{temp + "/otelsim/otelsim-gen", temp + "/otelsim/otelsim-replay", collector, "collector.yaml", "rules.yaml",
				"--seed 42 -n 200", "--rps 500", "0", "http://127.0.0.1:4317", p.dir, "-f /the action/examples/pipeline/Makefile check"}, "|") + "\n"
			if out != want {
				t.Errorf("make was called with\n%swant\n%s", out, want)
			}
		})
	}
}

// TestMakefileFromElsewhere runs what the action does: the Makefile of another folder, with
// files of this one.
func TestMakefileFromElsewhere(t *testing.T) {
	p := newPlace(t)
	makefile, err := filepath.Abs("pipeline/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(p.dir, "Makefile")); err != nil {
		t.Fatal(err)
	}
	p.program(t, "otelcol-contrib", "echo no config; exit 1")
	p.program(t, "curl", "exit 7")
	if out, err := p.run(t, "make", "-f", makefile, "check"); err == nil || !strings.Contains(out, "the Collector does not start") {
		t.Errorf("%v\n%s", err, out)
	}
	p.program(t, "otelcol-contrib", "trap 'exit 0' TERM\nwhile :; do sleep 0.05; done")
	p.program(t, "curl", "exit 0")
	p.program(t, "otelsim-replay", "test \"$1\" != check || echo judged")
	if out, err := p.run(t, "make", "-f", makefile, "check"); err != nil || !strings.Contains(out, "judged") {
		t.Errorf("%v\n%s", err, out)
	}
}
