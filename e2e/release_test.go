package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestReleaseIsSound reads the configuration of releases as goreleaser does, and holds what
// it names to what is there. A release itself is not tried: that takes its service.
func TestReleaseIsSound(t *testing.T) {
	out, err := exec.Command(program(t, "goreleaser"), "../.goreleaser.yaml").Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var c struct {
		Builds []struct {
			Main, Binary string
			Goos, Goarch []string
			Ldflags      []string
		}
		Archives  []struct{ Files []struct{ Src string } }
		DockersV2 []struct{ Dockerfile string } `json:"dockers_v2"`
	}
	if err := json.Unmarshal(out, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Builds) != 2 || len(c.DockersV2) != 1 || len(c.Archives) != 1 {
		t.Fatalf("want two programs, an image and archives: %s", out)
	}
	for _, b := range c.Builds {
		if strings.Join(b.Goos, " ") != "linux darwin windows" || strings.Join(b.Goarch, " ") != "amd64 arm64" {
			t.Errorf("%s is for %v, %v", b.Binary, b.Goos, b.Goarch)
		}
		// The linker says nothing of a variable that is not there.
		path := filepath.Join(t.TempDir(), b.Binary)
		build := exec.Command("go", "build", "-ldflags", strings.ReplaceAll(strings.Join(b.Ldflags, " "), "{{ .Version }}", "9.8.7"), "-o", path, b.Main)
		build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if text, err := exec.Command(path, "--version").CombinedOutput(); err != nil || !strings.HasPrefix(string(text), b.Binary+" v9.8.7, ") {
			t.Errorf("%v: %s", err, text)
		}
	}
	image, release := readContainerfile(t, "Containerfile", nil), readContainerfile(t, "Containerfile.release", nil)
	image.config.Labels = nil // of a release the configuration says them
	if filepath.Base(c.DockersV2[0].Dockerfile) != "Containerfile.release" || !reflect.DeepEqual(image.config, release.config) {
		t.Errorf("the image of a release is %+v, want %+v", release.config, image.config)
	}
	papers := t.TempDir()
	if text, err := exec.Command("../.ci/papers", papers).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	for _, f := range c.Archives[0].Files {
		path := "../" + f.Src
		if rest, ok := strings.CutPrefix(f.Src, "papers/"); ok {
			path = filepath.Join(papers, rest)
		}
		if found, err := filepath.Glob(path); err != nil || len(found) == 0 {
			t.Errorf("archives want %s: %v", f.Src, err)
		}
	}
	var names []string
	for _, pattern := range []string{"completions/*", "man/*"} {
		found, _ := filepath.Glob(filepath.Join(papers, pattern))
		for _, path := range found {
			names = append(names, filepath.Base(path))
			if info, err := os.Stat(path); err != nil || info.Size() < 1000 {
				t.Errorf("%s: %v", path, err)
			}
		}
	}
	if want := []string{"_otelsim-gen", "_otelsim-replay", "otelsim-gen.bash", "otelsim-gen.fish", "otelsim-replay.bash", "otelsim-replay.fish",
		"otelsim-gen.1", "otelsim-replay.1"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

// TestReleaseHasNoUnknownKeys: the reader finds a key that is misspelt.
func TestReleaseHasNoUnknownKeys(t *testing.T) {
	data, err := os.ReadFile("../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "config.yaml")
	for _, key := range []string{"dockers_v2:", "mod_timestamp:", "format_overrides:", "checksum:"} {
		wrong := bytes.Replace(data, []byte(key), []byte("x"+key), 1)
		writeFile(t, path, wrong)
		if err := exec.Command(program(t, "goreleaser"), path).Run(); bytes.Equal(wrong, data) || err == nil {
			t.Errorf("x%s passes", key)
		}
	}
}
