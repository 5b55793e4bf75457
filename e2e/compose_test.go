package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"sigs.k8s.io/yaml"
)

// compose is the Compose file: keys that it does not have here are errors.
type compose struct {
	Name     string
	Services map[string]struct {
		Image         string
		Build         map[string]string
		ContainerName string `json:"container_name"`
		Environment   map[string]string
		Ports         []string
		Command       []string
		User          string
		ReadOnly      bool     `json:"read_only"`
		CapDrop       []string `json:"cap_drop"`
		SecurityOpt   []string `json:"security_opt"`
		Volumes       []string
		DependsOn     any `json:"depends_on"`
	}
	Volumes map[string]any
}

// TestComposeRuns runs what the Compose file says, as processes: a sink stands for Jaeger,
// and gets every span of the corpus through the Collector.
func TestComposeRuns(t *testing.T) {
	data, err := os.ReadFile("../deploy/compose/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		t.Fatal(err)
	}
	for name, s := range c.Services {
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s: port %s is open to others", name, port)
			}
		}
	}
	// make jaeger-up names the same image where there is no compose.
	script, err := os.ReadFile("../.ci/jaeger")
	image := regexp.MustCompile(`jaegertracing/jaeger:[0-9.]+`)
	if named := image.FindString(string(script)); err != nil || named == "" || image.FindString(c.Services["jaeger"].Image) != named {
		t.Errorf("the Compose file has %s, .ci/jaeger %s: %v", c.Services["jaeger"].Image, named, err)
	}

	scratch, in, out := t.TempDir(), freeAddress(t), freeAddress(t)
	place := strings.NewReplacer("/scratch", scratch, "collector:4317", in, "--rps=50", "--rps=500")
	run := func(service string) {
		t.Helper()
		words := c.Services[service].Command
		args := make([]string, 0, len(words))
		for _, w := range words[1:] {
			args = append(args, place.Replace(w))
		}
		if text, err := exec.Command(program(t, words[0]), args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", service, err, text)
		}
	}
	run("generate")
	config, err := os.ReadFile("../deploy/compose/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "collector.yaml")
	// Our Collector has no debug exporter.
	writeFile(t, path, []byte(strings.NewReplacer("0.0.0.0:4317", in, "jaeger:4318", out,
		"debug: {}", "file: {path: "+filepath.Join(t.TempDir(), "rest")+"}", "[debug]", "[file]").Replace(string(config))))
	jaeger, collector := new(process), new(process)
	jaeger.launch(t, exec.Command(program(t, "otelsim-replay"), "sink", "--quiet", "--grpc-listen", "", "--http-listen", out))
	jaeger.await(t, out)
	collector.launch(t, exec.Command(program(t, "collector"), "--config", path))
	collector.await(t, in)
	run("replay")
	collector.end(t, syscall.SIGTERM)
	jaeger.end(t, syscall.SIGINT)

	var m struct {
		Totals []struct {
			Signal string
			Items  int
		}
	}
	if data, err = os.ReadFile(filepath.Join(scratch, "corpus/manifest.json")); err == nil {
		err = json.Unmarshal(data, &m)
	}
	want := ""
	for _, total := range m.Totals {
		if total.Signal == "traces" {
			want = fmt.Sprint(total.Items)
		}
	}
	said := strings.ReplaceAll(jaeger.out.String(), ",", "")
	if err != nil || want == "" || !regexp.MustCompile(`(?m)^traces +\d+ +`+want+` `).MatchString(said) {
		t.Errorf("want %s spans: %v\n%s", want, err, said)
	}
}
