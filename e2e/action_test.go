package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// action is action.yml: fields that it does not have here are errors.
type action struct {
	Name, Description string
	Branding          map[string]string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []struct {
			Name, Uses, If, Shell, Run string
			With                       map[string]any
			Env                        map[string]string
			WorkingDirectory           string `json:"working-directory"`
		}
	}
}

var expression = regexp.MustCompile(`\$\{\{ ([a-z._-]+) \}\}`)

// filled fills the expressions of a text in.
func filled(t *testing.T, text string, values map[string]string) string {
	t.Helper()
	return expression.ReplaceAllStringFunc(text, func(e string) string {
		value, known := values[expression.FindStringSubmatch(e)[1]]
		if !known {
			t.Fatalf("action.yml: %s is nothing", e)
		}
		return value
	})
}

// act runs the steps of action.yml that build and check, as a runner does, and returns
// what they wrote and the files that are its outputs.
func act(t *testing.T, given map[string]string) (out string, outputs []string, err error) {
	t.Helper()
	data, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.UnmarshalStrict(data, &a); err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{"github.action_path": root, "runner.temp": t.TempDir()}
	for name, input := range a.Inputs {
		values["inputs."+name] = input.Default
	}
	for name, value := range given {
		if _, known := a.Inputs[name]; !known {
			t.Fatalf("action.yml has no input %s", name)
		}
		values["inputs."+name] = value
	}
	for _, o := range a.Outputs {
		outputs = append(outputs, filled(t, o.Value, values))
	}
	for _, step := range a.Runs.Steps {
		if step.Uses != "" || step.If == "${{ inputs.collector == '' }}" {
			continue // Go is there, and so is a Collector
		}
		if step.If != "" || step.Shell != "bash" || expression.MatchString(step.Run) { // values in a script are run
			t.Errorf("step %q: if %q, shell %q: want bash, always, and inputs in its variables alone", step.Name, step.If, step.Shell)
		}
		cmd := exec.Command("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step.Run)
		cmd.Dir = filled(t, step.WorkingDirectory, values)
		cmd.Env = append(os.Environ(), "MAKEFLAGS=", "CGO_ENABLED=0", "RUNNER_TEMP="+values["runner.temp"])
		for name, value := range step.Env {
			cmd.Env = append(cmd.Env, name+"="+filled(t, value, values))
		}
		text, err := cmd.CombinedOutput()
		if out += string(text); err != nil {
			return out, outputs, err
		}
	}
	return out, outputs, nil
}

// TestAction runs the action in the folder of the example: green with its rules, red
// without, and its outputs are there both times.
func TestAction(t *testing.T) {
	e := newExample(t)
	var endpoint string
	for _, v := range e.env {
		if value, ok := strings.CutPrefix(v, "ENDPOINT="); ok {
			endpoint = value
		}
	}
	given := map[string]string{"working-directory": e.dir, "collector": program(t, "collector"), "endpoint": endpoint, "content": "--seed 7 -n 50"}
	for rules, say := range map[string]string{"rules.yaml": "as expected: ", "": "altered"} {
		given["rules"] = rules
		out, outputs, err := act(t, given)
		if (err == nil) != (rules != "") || !strings.Contains(out, say) {
			t.Errorf("rules %q: %v, want %q\n%s", rules, err, say, out)
		}
		if len(outputs) != 2 {
			t.Errorf("the outputs are %q, want two", outputs)
		}
		for _, path := range outputs {
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Errorf("rules %q: output %s: %v", rules, path, err)
			}
		}
	}
}

// TestScriptsOfWorkflowsAreSound has bash read what workflows and the action run: scripts
// that no test here runs whole.
func TestScriptsOfWorkflowsAreSound(t *testing.T) {
	script := regexp.MustCompile(`(?m)^( *)(?:- )?run: (?:\|\n((?:(?: {7,}.*)?\n)+)|(.+)\n)`)
	for file, want := range map[string]int{"action.yml": 3, ".github/workflows/ci.yml": 3, "examples/pipeline/workflow.yml": 4} {
		data, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		found := script.FindAllSubmatch(append(data, '\n'), -1)
		if len(found) != want {
			t.Errorf("%s: %d scripts are found, want %d", file, len(found), want)
		}
		for _, m := range found {
			cmd := exec.Command("bash", "-n")
			cmd.Stdin = strings.NewReader(string(m[2]) + string(m[3]))
			if text, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s\n%s%s", file, err, text, m[2], m[3])
			}
		}
	}
}
