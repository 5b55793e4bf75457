package e2e

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestInstallOfAVersion installs both commands as those do who have not cloned anything:
// from a proxy, which is a folder with the module as it is committed, and the cache of what
// it depends on.
func TestInstallOfAVersion(t *testing.T) {
	const path, version = "github.com/otelsim/otelsim", "v0.9.8"
	list := exec.Command("git", "ls-files", "-z")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Skipf("the tree is not a clone: %v", err)
	}
	proxy := t.TempDir()
	at := filepath.Join(proxy, path, "@v")
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(at, version+".mod"), mod)
	writeFile(t, filepath.Join(at, version+".info"), []byte(`{"Version": "`+version+`", "Time": "2026-01-31T00:00:00Z"}`))
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if strings.HasPrefix(name, "e2e/") { // other modules are none of it
			continue
		}
		data, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) { // removed, and not yet committed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		w, err := z.Create(path + "@" + version + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(at, version+".zip"), archive.Bytes())
	writeFile(t, filepath.Join(at, "list"), []byte(version+"\n"))

	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	install := exec.Command("go", "install", path+"/cmd/...@"+version)
	install.Dir = t.TempDir()
	install.Env = append(os.Environ(), "CGO_ENABLED=0", "GOBIN="+bin, "GOMODCACHE="+t.TempDir(), "GOFLAGS=-trimpath -modcacherw", "GOSUMDB=off",
		"GOPROXY=file://"+proxy+",file://"+filepath.Join(strings.TrimSpace(string(cache)), "cache/download")+",off")
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"otelsim-gen", "otelsim-replay"} {
		out, err := exec.Command(filepath.Join(bin, name), "--version").CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), name+" "+version+", ") {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}
