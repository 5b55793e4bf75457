package e2e

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// inside returns a command within an image: as its user, with a root that cannot be written
// to and nothing of the system in it, and a folder for scratch.
func inside(t *testing.T, root string, config imageConfig, words ...string) *exec.Cmd {
	t.Helper()
	const script = `set -e
root=$1 user=$2
shift 2
mount --bind "$root" "$root"
mount -t tmpfs -o mode=1777 tmpfs "$root/scratch"
mount -o remount,ro,bind "$root"
exec /usr/sbin/chroot --userspec="$user" "$root" "$@"
`
	cmd := exec.Command("/usr/bin/unshare", append([]string{"--mount", "sh", "-c", script, "image", root, config.User}, words...)...)
	cmd.Env = config.Env
	return cmd
}

// TestImage builds what the Containerfile describes, and runs it: two static programs and
// nothing else, which need neither a library nor a user's name nor a root to write to.
func TestImage(t *testing.T) {
	root, names, config := unpacked(t, buildImage(t, map[string]string{"TARGETOS": "linux", "VERSION": "v9.8.7", "REVISION": "abc"}))
	if want := []string{"usr/bin/otelsim-gen", "usr/bin/otelsim-replay"}; !slices.Equal(names, want) {
		t.Errorf("the image holds %q, want %q", names, want)
	}
	if config.User != "65532:65532" {
		t.Errorf("it runs as %q", config.User)
	}
	for name, want := range map[string]string{"title": "otelsim", "version": "v9.8.7", "revision": "abc", "licenses": "MIT",
		"source": "https://github.com/otelsim/otelsim"} {
		if got := config.Labels["org.opencontainers.image."+name]; got != want {
			t.Errorf("label %s: got %q, want %q", name, got, want)
		}
	}
	for _, name := range names {
		f, err := elf.Open(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		libraries, err := f.ImportedLibraries()
		if err != nil || len(libraries) > 0 || slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
			t.Errorf("%s is not static: %v, %v", name, libraries, err)
		}
		f.Close()
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may mount and change its root: what runs in the image is not tried")
	}
	if err := os.Mkdir(filepath.Join(root, "scratch"), 0o755); err != nil { // where a volume goes
		t.Fatal(err)
	}
	if out, err := inside(t, root, config, config.Cmd...).CombinedOutput(); err != nil || !strings.Contains(string(out), "Usage:") {
		if strings.Contains(string(out), "unshare") {
			t.Skipf("this system lets root mount nothing: %s", out)
		}
		t.Fatalf("%q: %v: %s", config.Cmd, err, out)
	}
	for _, name := range []string{"otelsim-gen", "otelsim-replay"} {
		out, err := inside(t, root, config, name, "--version").CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), name+" v9.8.7, ") {
			t.Errorf("%s --version: %v: %s", name, err, out)
		}
	}
	// A corpus where there is room, and nowhere else.
	if out, err := inside(t, root, config, "otelsim-gen", "--quiet", "-n", "50", "-o", "/scratch/corpus").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	out, err := inside(t, root, config, "otelsim-gen", "--quiet", "-n", "50", "-o", "/corpus").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "read-only file system") {
		t.Errorf("a corpus in the root: %v: %s", err, out)
	}
	if _, err := inside(t, root, config, "sh", "-c", "true").CombinedOutput(); err == nil {
		t.Error("the image has a shell")
	}
}

// TestImageSends replays from within the image.
func TestImageSends(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may mount and change its root")
	}
	s, endpoint := expecting(t, "--seed", "1", "-n", "50")
	root, _, config := unpacked(t, buildImage(t, map[string]string{"TARGETOS": "linux"}))
	if err := os.Mkdir(filepath.Join(root, "scratch"), 0o755); err != nil {
		t.Fatal(err)
	}
	corpus := generate(t, []string{"--seed", "1", "-n", "50"})
	if err := os.CopyFS(filepath.Join(root, "corpus"), os.DirFS(corpus)); err != nil {
		t.Fatal(err)
	}
	out, err := inside(t, root, config, "otelsim-replay", "--quiet", "--max", "--endpoint", endpoint, "/corpus").CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	exact(t, s)
}
