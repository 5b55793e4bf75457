package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// containerfile is what deploy/Containerfile says: what is run to build, and what is in
// the image. It has the instructions that are used there, and no others.
type containerfile struct {
	run    []string // of the stage that builds
	copies [][2]string
	config imageConfig
}

// imageConfig is the configuration of an image as OCI has it.
type imageConfig struct {
	User   string            `json:"User,omitempty"`
	Env    []string          `json:"Env,omitempty"`
	Cmd    []string          `json:"Cmd,omitempty"`
	Labels map[string]string `json:"Labels,omitempty"`
}

var labels = regexp.MustCompile(`([^ =]+)="([^"]*)"`)

// readContainerfile reads a Containerfile of deploy, with values for its arguments.
func readContainerfile(t *testing.T, name string, values map[string]string) (c containerfile) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	stage := ""
	for line := range strings.Lines(string(data)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word != "RUN" { // whose shell knows them
			rest = os.Expand(rest, func(name string) string { return values[name] })
		}
		switch final := stage == "scratch"; {
		case word == "" || word == "#" || word == "ARG":
		case word == "FROM":
			stage = strings.Fields(rest)[0]
		case !final && word == "RUN":
			c.run = append(c.run, rest)
		case !final && (word == "WORKDIR" || word == "COPY"):
		case word == "COPY" && strings.HasPrefix(rest, "--from=build "):
			words := strings.Fields(rest)
			c.copies = append(c.copies, [2]string{words[1], words[2]})
		case word == "COPY" && name == "Containerfile.release": // of what goreleaser has built
		case word == "LABEL":
			c.config.Labels = make(map[string]string)
			for _, m := range labels.FindAllStringSubmatch(rest, -1) {
				c.config.Labels[m[1]] = m[2]
			}
		case word == "ENV":
			c.config.Env = append(c.config.Env, rest)
		case word == "USER":
			c.config.User = rest
		case word == "CMD":
			if err := json.Unmarshal([]byte(rest), &c.config.Cmd); err != nil {
				t.Fatalf("CMD %s: %v", rest, err)
			}
		default:
			t.Fatalf("the stage %s has %s, which this reader does not know", stage, word)
		}
	}
	return c
}

// buildImage makes the image of a Containerfile: a folder in OCI's layout, with one layer.
func buildImage(t *testing.T, values map[string]string) (layout string) {
	t.Helper()
	c, out, layout := readContainerfile(t, "Containerfile", values), t.TempDir(), t.TempDir()
	for _, line := range c.run {
		if strings.HasPrefix(line, "go mod download") {
			continue
		}
		if !strings.Contains(line, " -o /out/") {
			t.Fatalf("RUN %s: what does it write to?", line)
		}
		build := exec.Command("sh", "-c", strings.Replace(line, " -o /out/", " -o "+out+"/", 1))
		build.Dir, build.Env = "..", os.Environ()
		for name, value := range values {
			build.Env = append(build.Env, name+"="+value)
		}
		if text, err := build.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", line, err, text)
		}
	}
	blob := func(kind string, data []byte) object {
		sum := sha256.Sum256(data)
		name := hex.EncodeToString(sum[:])
		writeFile(t, filepath.Join(layout, "blobs/sha256", name), data)
		return object{"mediaType": "application/vnd.oci.image." + kind, "digest": "sha256:" + name, "size": len(data)}
	}
	encode := func(v any) []byte {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	plain := layer(t, out, c.copies)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(plain); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	config := blob("config.v1+json", encode(object{"architecture": architecture(t), "os": "linux", "config": c.config,
		"rootfs": object{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(plain))}}}))
	manifest := blob("manifest.v1+json", encode(object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": config, "layers": []object{blob("layer.v1.tar+gzip", packed.Bytes())}}))
	writeFile(t, filepath.Join(layout, "index.json"), encode(object{"schemaVersion": 2, "manifests": []object{manifest}}))
	writeFile(t, filepath.Join(layout, "oci-layout"), []byte(`{"imageLayoutVersion": "1.0.0"}`))
	return layout
}

func writeFile(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// layer returns a tar of what is copied into an image.
func layer(t *testing.T, out string, copies [][2]string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := tar.NewWriter(&buf)
	for _, c := range copies {
		dir := filepath.Join(out, strings.TrimPrefix(c[0], "/out/"))
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			h := tar.Header{Name: strings.TrimPrefix(c[1], "/") + e.Name(), Mode: 0o755, Size: int64(len(data))}
			if err := w.WriteHeader(&h); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// unpacked reads an image back from its layout, as who runs it would, with digests and
// sizes held to what is said of them. It returns the folder of its files, and their names.
func unpacked(t *testing.T, layout string) (root string, names []string, config imageConfig) {
	t.Helper()
	type descriptor struct {
		Digest string
		Size   int
	}
	read := func(d descriptor, v any) []byte {
		data, err := os.ReadFile(filepath.Join(layout, "blobs", strings.Replace(d.Digest, ":", "/", 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("sha256:%x", sha256.Sum256(data)); got != d.Digest || len(data) != d.Size {
			t.Fatalf("a blob is %s and %d bytes long, said is %+v", got, len(data), d)
		}
		if v != nil {
			if err := json.Unmarshal(data, v); err != nil {
				t.Fatal(err)
			}
		}
		return data
	}
	var index struct{ Manifests []descriptor }
	data, err := os.ReadFile(filepath.Join(layout, "index.json"))
	if err != nil || json.Unmarshal(data, &index) != nil || len(index.Manifests) != 1 {
		t.Fatalf("%v: %s", err, data)
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	read(index.Manifests[0], &manifest)
	var image struct {
		Config imageConfig
		Rootfs struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	read(manifest.Config, &image)
	if len(manifest.Layers) != 1 {
		t.Fatalf("%d layers", len(manifest.Layers))
	}
	z, err := gzip.NewReader(bytes.NewReader(read(manifest.Layers[0], nil)))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if got := fmt.Sprintf("[sha256:%x]", sha256.Sum256(plain)); err != nil || got != fmt.Sprint(image.Rootfs.DiffIDs) {
		t.Fatalf("%v: the layer is %s, said is %v", err, got, image.Rootfs.DiffIDs)
	}
	root = t.TempDir()
	for r := tar.NewReader(bytes.NewReader(plain)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return root, names, image.Config
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(root, h.Name)
		writeFile(t, path, data)
		if err := os.Chmod(path, h.FileInfo().Mode()); err != nil {
			t.Fatal(err)
		}
		names = append(names, h.Name)
	}
}

// architecture returns the one that programs are built for here.
func architecture(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}
