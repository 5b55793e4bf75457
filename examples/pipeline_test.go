// Package examples holds that what users copy from here works: the end-to-end tests run it
// with a real Collector, these with stand-ins for all programs.
package examples

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/match/rules"
	"gopkg.in/yaml.v3"
)

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// write writes an executable file.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestRulesAreValid(t *testing.T) {
	if _, err := rules.Load("rules.yaml", []byte(read(t, "pipeline/rules.yaml"))); err != nil {
		t.Error(err)
	}
}

// TestFilesAgree holds the Collector's configuration to what the Makefile says of it.
func TestFilesAgree(t *testing.T) {
	var config struct {
		Receivers struct {
			OTLP struct {
				Protocols struct{ GRPC struct{ Endpoint string } }
			} `yaml:"otlp"`
		}
		Exporters map[string]struct{ Path string }
		Service   struct {
			Pipelines map[string]struct{ Exporters []string }
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "pipeline/collector.yaml")), &config); err != nil {
		t.Fatal(err)
	}
	makefile := read(t, "pipeline/Makefile")
	at := regexp.MustCompile(`(?m)^ENDPOINT +\?= (\S+)$`).FindStringSubmatch(makefile)
	if at == nil {
		t.Fatal("the Makefile has no ENDPOINT")
	}
	if to, err := url.Parse(at[1]); err != nil || to.Host != config.Receivers.OTLP.Protocols.GRPC.Endpoint {
		t.Errorf("the Makefile sends to %s, the Collector listens on %q", at[1], config.Receivers.OTLP.Protocols.GRPC.Endpoint)
	}
	used := map[string]bool{}
	for _, signal := range []string{"traces", "metrics", "logs"} {
		for _, e := range config.Service.Pipelines[signal].Exporters {
			if path := config.Exporters[e].Path; filepath.Dir(path) != "build/received" || used[path] {
				t.Errorf("%s go to %q, which is not a file of their own in build/received", signal, path)
			} else {
				used[path] = true
			}
		}
	}
	if len(used) != 3 {
		t.Errorf("files of three signals: %v", used)
	}
}

// place is a copy of the example, with programs of bin before all others.
type place struct{ dir, bin, calls string }

func newPlace(t *testing.T) place {
	t.Helper()
	root := t.TempDir()
	p := place{filepath.Join(root, "pipeline"), filepath.Join(root, "bin"), filepath.Join(root, "calls")}
	if err := os.CopyFS(p.dir, os.DirFS("pipeline")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, p.calls, "")
	// Programs say how they were called, and do what they are told in files.
	p.program(t, "otelsim-gen", "mkdir -p build/corpus")
	p.program(t, "otelsim-replay", "")
	p.program(t, "otelcol-contrib", "")
	return p
}

func (p place) program(t *testing.T, name, does string) {
	write(t, filepath.Join(p.bin, name), fmt.Sprintf("#!/bin/sh\necho \"%s $*\" >>'%s'\n%s\n", name, p.calls, does))
}

func (p place) run(t *testing.T, name string, args ...string) (out string, err error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "PATH="+p.bin+":"+os.Getenv("PATH"), "MAKEFLAGS=", "SETTLE=0.1")
	text, err := cmd.CombinedOutput()
	return string(text), err
}

// TestMakefile runs check with programs that do well, and with such that do not.
func TestMakefile(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // for curl, in the Collector's place
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	const (
		runs    = "echo $$ >build/pid\ntrap 'echo stopped >>build/pid; exit 0' TERM\nwhile :; do sleep 0.05; done"
		waiting = "until test -s build/pid; do sleep 0.02; done\n"
		judges  = "case $* in check*junit*) echo '<testsuites>' ;; check*) echo text ;; esac\n"
	)
	for name, c := range map[string]struct {
		at                net.Listener
		collector, replay string
		says              string // of a failure; empty: none
		judged, stopped   bool
		silent            bool // nothing is written about what was judged
	}{
		"all well":            {l, runs, waiting + judges, "", true, true, false},
		"findings":            {l, runs, waiting + judges + "test $1 != check", "text", true, true, false},
		"does not start":      {closed, "echo no config; exit 1", judges, "no config", false, false, false},
		"rules with mistakes": {l, runs, waiting + "if test $1 = check; then echo rules.yaml:1 >&2; exit 2; fi", "rules.yaml:1", true, true, true},
		"ends meanwhile":      {l, "touch build/pid; echo $$ >build/pid", waiting + judges, "ended before it was stopped", false, false, false},
		"fails when stopped":  {l, strings.Replace(runs, "exit 0", "exit 3", 1), waiting + judges, "the Collector failed", false, true, false},
		"the replay loses":    {l, runs, waiting + judges + "test $1 = check", "the replay failed", false, true, false},
		"no such Collector":   {closed, "exec nothing-of-that-name", judges, "does not start", false, false, false},
		"nothing to do it by": {l, runs, waiting + judges + "exit 2", "the replay failed", false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.program(t, "otelcol-contrib", c.collector)
			p.program(t, "otelsim-replay", c.replay)
			out, err := p.run(t, "make", "check", "ENDPOINT=http://"+c.at.Addr().String())
			if (err == nil) != (c.says == "") || !strings.Contains(out, c.says) {
				t.Errorf("%v, want a failure that says %q:\n%s", err, c.says, out)
			}
			if xml, err := os.ReadFile(filepath.Join(p.dir, "build/check.xml")); (err == nil) != (c.judged && !c.silent) || err == nil && string(xml) != "<testsuites>\n" {
				t.Errorf("check.xml: %q, %v", xml, err)
			}
			if pid, _ := os.ReadFile(filepath.Join(p.dir, "build/pid")); strings.Contains(string(pid), "stopped") != c.stopped {
				t.Errorf("the Collector's end: %q", pid)
			}
			if calls := read(t, p.calls); strings.Contains(calls, "otelsim-replay check") != c.judged {
				t.Errorf("called were:\n%s", calls)
			}
		})
	}
}

type workflow struct {
	Env      map[string]string
	Defaults struct {
		Run struct {
			Directory string `yaml:"working-directory"`
		}
	}
	Jobs map[string]struct {
		Steps []struct {
			Name, Run string
			Directory string `yaml:"working-directory"`
		}
	}
}

func loadWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, "pipeline/workflow.yml")), &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestWorkflowTakesTheTestedCollector holds its version to that of the end-to-end tests.
func TestWorkflowTakesTheTestedCollector(t *testing.T) {
	version := regexp.MustCompile(`(?m)exporter/fileexporter v(\S+)$`).FindStringSubmatch(read(t, "../e2e/collector/go.mod"))
	if w := loadWorkflow(t); version == nil || w.Env["COLLECTOR_VERSION"] != version[1] {
		t.Errorf("the workflow takes %s, the tests %v", w.Env["COLLECTOR_VERSION"], version)
	}
}

// TestWorkflow runs the steps of the workflow, as the runner does, with a download that
// is as it was published, and with such that are not.
func TestWorkflow(t *testing.T) {
	w := loadWorkflow(t)
	if w.Defaults.Run.Directory != "pipeline" || len(w.Jobs["pipeline"].Steps) == 0 {
		t.Fatalf("not the workflow that this test knows: %+v", w)
	}
	version := w.Env["COLLECTOR_VERSION"]
	archive := "otelcol-contrib_" + version + "_linux_amd64.tar.gz"
	good := `cd "$SERVER" && sha256sum ` + archive + ` other.tar.gz >sums`
	for name, c := range map[string]struct{ sums, fails string }{
		"as published":  {good, ""},
		"another file":  {good + " && echo more >>" + archive, "Install the Collector"},
		"no sum of it":  {good + " && sed -i /linux/d sums", "Install the Collector"},
		"nothing there": {"rm \"$SERVER\"/*", "Install the Collector"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			server := t.TempDir()
			t.Setenv("SERVER", server)
			write(t, filepath.Join(server, "otelcol-contrib"), "#!/bin/sh\n")
			write(t, filepath.Join(server, "other.tar.gz"), "")
			if out, err := p.run(t, "sh", "-c", `cd "$SERVER" && tar -czf `+archive+` otelcol-contrib && `+c.sums); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			p.program(t, "go", "")
			p.program(t, "make", "command -v otelcol-contrib")
			p.program(t, "curl", `for url; do :; done
while [ "$1" != -o ]; do shift; done
case $url in */v`+version+`/*checksums.txt) cp "$SERVER/sums" "$2" ;; */v`+version+`/*) cp "$SERVER/${url##*/}" "$2" ;; *) exit 22 ;; esac`)
			if failed := p.steps(t, w); failed != c.fails {
				t.Errorf("failed: %q, want %q", failed, c.fails)
			}
			calls := strings.Split(strings.TrimSpace(read(t, p.calls)), "\n")
			for _, want := range []string{`go install github.com/otelsim/otelsim/cmd/...@latest`, "make check", "make goldens"} {
				if slices.Contains(calls, want) != (c.fails == "" || strings.HasPrefix(want, "go")) {
					t.Errorf("%s: called were %q", want, calls)
				}
			}
		})
	}
}

// steps runs the steps up to the first that fails, of which it returns the name.
func (p place) steps(t *testing.T, w workflow) string {
	t.Helper()
	temp := t.TempDir()
	added := filepath.Join(temp, "path")
	write(t, added, "")
	for _, step := range w.Jobs["pipeline"].Steps {
		if step.Run == "" {
			continue // an action
		}
		cmd := exec.Command("bash", "-e", "-c", step.Run)
		cmd.Dir = p.dir
		if step.Directory == "${{ runner.temp }}" {
			cmd.Dir = temp
		} else if step.Directory != "" {
			t.Fatalf("unknown folder %s", step.Directory)
		}
		path := append(strings.Fields(read(t, added)), p.bin, os.Getenv("PATH"))
		cmd.Env = append(os.Environ(), "PATH="+strings.Join(path, ":"), "GITHUB_PATH="+added)
		for k, v := range w.Env {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Logf("%s: %v\n%s", step.Name, err, out)
			return step.Name
		}
		// Before the stand-in of bin comes what was downloaded.
		if strings.HasPrefix(step.Run, "make") && !strings.HasPrefix(string(out), temp+"/otelcol-contrib") {
			t.Errorf("%s runs the Collector %s", step.Name, out)
		}
		if target, ok := strings.CutPrefix(step.Run, "make "); ok && !strings.Contains(read(t, "pipeline/Makefile"), "\n"+target+":") {
			t.Errorf("the Makefile has no %s", target)
		}
	}
	return ""
}
