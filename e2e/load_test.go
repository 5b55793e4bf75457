package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	core "k8s.io/api/core/v1"
)

// contained runs a container as a process: with its command line and variables, and a
// folder in place of its volume.
func contained(t *testing.T, m *manifests, c core.Container, index, scratch string) (stdout string, err error) {
	t.Helper()
	words := strings.Fields(command(t, m, c, index))
	for i := range words {
		words[i] = strings.ReplaceAll(words[i], c.VolumeMounts[0].MountPath, scratch)
	}
	cmd := exec.Command(program(t, filepath.Base(words[0])), words[1:]...)
	cmd.Env = environment(t, m, c, index)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err = cmd.Run(); err != nil {
		err = fmt.Errorf("%s, index %s: %w: %s", c.Name, index, err, errOut.String())
	}
	return out.String(), err
}

// expecting starts a sink that a corpus must come to.
func expecting(t *testing.T, args ...string) (s *process, endpoint string) {
	t.Helper()
	dir := generate(t, args)
	s, address := new(process), freeAddress(t)
	s.launch(t, exec.Command(program(t, "otelsim-replay"), "sink", "--quiet", "--grpc-listen", address, "--http-listen", "", "--expect", dir))
	s.await(t, address)
	return s, "http://" + address
}

// exact ends a sink, which must have got everything exactly once.
func exact(t *testing.T, s *process) {
	t.Helper()
	s.end(t, syscall.SIGINT)
	if s.err != nil || !strings.Contains(s.out.String(), "every item arrived exactly once") {
		t.Errorf("the sink: %v\n%s", s.err, s.out.String())
	}
}

// TestLoadRuns runs what the Job says, four indices side by side: they begin together, and
// every item of the whole corpus arrives exactly once.
func TestLoadRuns(t *testing.T) {
	s, endpoint := expecting(t, "--seed", "5", "-n", "400", "--segment-iterations", "10")
	start := time.Now().Add(15 * time.Second).UTC().Truncate(time.Second)
	m := settled(t, map[string]string{"shards": "4", "rate": "60", "start": start.Format(time.RFC3339),
		"endpoint": endpoint, "seed": "5", "count": "400", "segment": "10"})
	pod := m.job.Spec.Template.Spec
	reports := make([]string, *m.job.Spec.Completions)
	var wait sync.WaitGroup
	for i := range reports {
		wait.Go(func() {
			index, scratch := fmt.Sprint(i), t.TempDir()
			if _, err := contained(t, m, pod.InitContainers[0], index, scratch); err != nil {
				t.Error(err)
				return
			}
			var err error
			if reports[i], err = contained(t, m, pod.Containers[0], index, scratch); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	exact(t, s)
	var paths []string
	for i, text := range reports {
		if strings.Count(text, "\n") != 1 {
			t.Errorf("index %d: the report is not one line:\n%.1000s", i, text)
		}
		path := filepath.Join(t.TempDir(), "report.json")
		writeFile(t, path, []byte("a line that something else logged\n"+text))
		paths = append(paths, path)
		var r struct {
			Start time.Time `json:"start"`
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			t.Fatalf("index %d: %v\n%.1000s", i, err, text)
		}
		if late := r.Start.Sub(start); late < 0 || late > time.Second {
			t.Errorf("index %d began %v after %v", i, late, start)
		}
	}
	merged, err := exec.Command(program(t, "otelsim-replay"), append([]string{"report", "merge"}, paths...)...).CombinedOutput()
	if err != nil || strings.Contains(string(merged), "missing") {
		t.Errorf("merged: %v\n%s", err, merged)
	}
	merged, err = exec.Command(program(t, "otelsim-replay"), append([]string{"report", "merge"}, paths[:3]...)...).CombinedOutput()
	if !strings.Contains(string(merged), "missing") {
		t.Errorf("a shard is missing: %v\n%s", err, merged)
	}
}

// TestLoadThatIsNotSetDoesNotBegin: the start that the files have has passed.
func TestLoadThatIsNotSetDoesNotBegin(t *testing.T) {
	m := settled(t, map[string]string{"count": "20", "segment": "5"})
	pod, scratch := m.job.Spec.Template.Spec, t.TempDir()
	if _, err := contained(t, m, pod.InitContainers[0], "0", scratch); err != nil {
		t.Fatal(err)
	}
	if _, err := contained(t, m, pod.Containers[0], "0", scratch); err == nil || !strings.Contains(err.Error(), "exit status 2: ") {
		t.Errorf("got %v, want it refused", err)
	}
}

// TestPodRuns runs what the single Pod says: its exit code is the verdict.
func TestPodRuns(t *testing.T) {
	s, endpoint := expecting(t, "--seed", "1", "-n", "100")
	m := kustomized(t, "../deploy/kubernetes/pod")
	generator, replay := m.pod.Spec.InitContainers[0], m.pod.Spec.Containers[0]
	for i, arg := range generator.Args {
		if strings.HasPrefix(arg, "--count=") {
			generator.Args[i] = "--count=100"
		}
	}
	for i, v := range replay.Env {
		if v.Name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
			replay.Env[i].Value = endpoint
		}
	}
	for i, arg := range replay.Args { // late is of machines that have nothing else to do
		if strings.HasPrefix(arg, "--fail-if=late") {
			replay.Args[i] = "--fail-if=late>100%"
		}
	}
	scratch := t.TempDir()
	if _, err := contained(t, m, generator, "", scratch); err != nil {
		t.Fatal(err)
	}
	report, err := contained(t, m, replay, "", scratch)
	if err != nil || !strings.Contains(report, "accepted") {
		t.Errorf("%v\n%s", err, report)
	}
	exact(t, s)
	// Nobody listens any more.
	replay.Args = append([]string{"--no-retry", "--max-in-flight=1"}, replay.Args...)
	if _, err := contained(t, m, replay, "", scratch); err == nil || !strings.Contains(err.Error(), "exit status 1: ") {
		t.Errorf("nothing was taken: got %v, want exit status 1", err)
	}
	if entries, err := os.ReadDir(scratch); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v is left beside the corpus", err, entries)
	}
}
