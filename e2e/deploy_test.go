package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

// manifests are what a folder of deploy/kubernetes says, as Kustomize builds it.
type manifests struct {
	job    batch.Job
	pod    core.Pod
	values core.ConfigMap
}

// decode decodes one manifest: fields that the types of Kubernetes do not have are errors.
func (m *manifests) decode(data []byte) error {
	var kind struct {
		Kind string `json:"kind"`
	}
	if err := yaml.Unmarshal(data, &kind); err != nil {
		return err
	}
	switch kind.Kind {
	case "Job":
		return yaml.UnmarshalStrict(data, &m.job)
	case "Pod":
		return yaml.UnmarshalStrict(data, &m.pod)
	case "ConfigMap":
		return yaml.UnmarshalStrict(data, &m.values)
	}
	return fmt.Errorf("a manifest is of kind %q", kind.Kind)
}

// kustomized builds a folder.
func kustomized(t *testing.T, dir string) *manifests {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	if err != nil {
		t.Fatal(err)
	}
	m := new(manifests)
	for _, r := range built.Resources() {
		data, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		if err := m.decode(data); err != nil {
			t.Fatalf("%s: %v\n%s", dir, err, data)
		}
	}
	return m
}

// settled is a copy of deploy/kubernetes/load with its base, and other values.
func settled(t *testing.T, values map[string]string) *manifests {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../deploy/kubernetes")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "load", "kustomization.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		line := regexp.MustCompile(`(?m)^( +- )` + name + `=[^ \n]*`)
		if !line.Match(data) { // one of the base
			data = bytes.Replace(data, []byte("    literals:\n"), []byte("    literals:\n      - "+name+"=\n"), 1)
		}
		data = line.ReplaceAll(data, []byte("${1}"+name+"="+value))
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return kustomized(t, filepath.Join(dir, "load"))
}

// TestManifestsAreStrict decodes the files as they are, and finds a mistake in each.
func TestManifestsAreStrict(t *testing.T) {
	for _, name := range []string{"base/job.yaml", "pod/pod.yaml"} {
		data, err := os.ReadFile(filepath.Join("../deploy/kubernetes", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := new(manifests).decode(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, mistake := range [][2]string{{"restartPolicy:", "restartPolice:"}, {"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: perhaps"},
			{"restartPolicy: Never", "restartPolicy: Never, restartPolicy: Always"}} {
			wrong := bytes.Replace(data, []byte(mistake[0]), []byte(mistake[1]), 1)
			if bytes.Equal(wrong, data) || new(manifests).decode(wrong) == nil {
				t.Errorf("%s: %q passes", name, mistake[1])
			}
		}
	}
}

// TestManifestsConfine holds all containers to what they may do.
func TestManifestsConfine(t *testing.T) {
	load, pod := kustomized(t, "../deploy/kubernetes/load"), kustomized(t, "../deploy/kubernetes/pod")
	for name, spec := range map[string]core.PodSpec{"load": load.job.Spec.Template.Spec, "pod": pod.pod.Spec} {
		s := spec.SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || *s.RunAsUser != 65532 || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: security context %+v", name, s)
		}
		if spec.RestartPolicy != core.RestartPolicyNever || spec.AutomountServiceAccountToken == nil || *spec.AutomountServiceAccountToken {
			t.Errorf("%s: restart policy %s, or the token of an account", name, spec.RestartPolicy)
		}
		if len(spec.InitContainers) != 1 || len(spec.Containers) != 1 || len(spec.Volumes) != 1 || spec.Volumes[0].EmptyDir == nil || spec.Volumes[0].EmptyDir.SizeLimit == nil {
			t.Fatalf("%s: want a container that generates, one that replays, and a bounded folder", name)
		}
		for _, c := range append(spec.InitContainers, spec.Containers...) {
			s, limits := c.SecurityContext, c.Resources.Limits
			if s == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || fmt.Sprint(s.Capabilities.Drop) != "[ALL]" {
				t.Errorf("%s, %s: security context %+v", name, c.Name, s)
			}
			if limits.Cpu().IsZero() || limits.Memory().IsZero() || limits.StorageEphemeral().IsZero() {
				t.Errorf("%s, %s: limits %v", name, c.Name, limits)
			}
			if !strings.HasPrefix(c.Image, "ghcr.io/otelsim/otelsim:") {
				t.Errorf("%s, %s: image %s", name, c.Name, c.Image)
			}
		}
	}
}

// TestLoadTakesItsValues: what is set in one place is said in all.
func TestLoadTakesItsValues(t *testing.T) {
	for _, n := range []string{"7", "12"} {
		m := settled(t, map[string]string{"shards": n, "rate": "99.5", "start": "2030-01-01T00:00:00Z"})
		spec := m.job.Spec
		if fmt.Sprint(*spec.Completions, *spec.Parallelism) != n+" "+n || m.values.Data["shards"] != n {
			t.Errorf("%s shards: %d completions, %d at a time", n, *spec.Completions, *spec.Parallelism)
		}
		if *spec.CompletionMode != batch.IndexedCompletion || spec.BackoffLimitPerIndex == nil || *spec.BackoffLimitPerIndex != 0 || spec.MaxFailedIndexes != nil {
			t.Errorf("mode %v, %v tries more, at most %v fail", *spec.CompletionMode, spec.BackoffLimitPerIndex, spec.MaxFailedIndexes)
		}
		pod := spec.Template.Spec
		if got := command(t, m, pod.InitContainers[0], "3"); !strings.Contains(got, " --shard=3/"+n+" ") {
			t.Errorf("index 3 of %s generates by %s", n, got)
		}
		if got := command(t, m, pod.Containers[0], "3"); !strings.Contains(got, " --rps=99.5 --start-at=2030-01-01T00:00:00Z ") {
			t.Errorf("index 3 of %s replays by %s", n, got)
		}
	}
	// The base by itself is a whole, and says one number of shards.
	base := kustomized(t, "../deploy/kubernetes/base")
	if got := fmt.Sprint(*base.job.Spec.Completions, " ", *base.job.Spec.Parallelism); got != base.values.Data["shards"]+" "+base.values.Data["shards"] {
		t.Errorf("the base has completions and parallelism %s, shards %s", got, base.values.Data["shards"])
	}
}

// command returns a container's command line for an index, as Kubernetes expands it.
func command(t *testing.T, m *manifests, c core.Container, index string) string {
	t.Helper()
	line := strings.Join(append(c.Command, c.Args...), " ")
	for _, v := range environment(t, m, c, index) {
		name, value, _ := strings.Cut(v, "=")
		line = strings.ReplaceAll(line, "$("+name+")", value)
	}
	if strings.Contains(line, "$(") {
		t.Errorf("%s: %s is not all expanded", c.Name, line)
	}
	return line
}

// environment returns a container's variables, with that which the controller of Jobs adds.
func environment(t *testing.T, m *manifests, c core.Container, index string) []string {
	t.Helper()
	env := []string{"JOB_COMPLETION_INDEX=" + index}
	for _, v := range c.Env {
		value := v.Value
		if v.ValueFrom != nil {
			ref := v.ValueFrom.ConfigMapKeyRef
			data, ok := m.values.Data[ref.Key]
			if !ok || ref.Name != m.values.Name {
				t.Errorf("%s: %s refers to %s of %s, which is not there", c.Name, v.Name, ref.Key, ref.Name)
			}
			value = data
		}
		env = append(env, v.Name+"="+value)
	}
	return env
}
