package capture

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/captures"
)

func makeFiles(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		path := filepath.Join(dir, n)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFilesOfAFolder(t *testing.T) {
	// In the order that is wanted; those which are left out last.
	want := []string{
		"a.pb.zst",
		"b/traces-2026-01-31T12-00-00.000.jsonl.gz", "b/traces-2026-01-31T12-00-00.001-size.jsonl", "b/traces-2026-02-01T00-00-00.000-time.jsonl", "b/traces.jsonl",
		"logs-2022-09-14T05-02-14.173-size", "logs-2022-09-14T05-02-14.174", "logs",
		"metrics-2.pb", "metrics-2022.pb", "metrics.pb",
		"x/y/z.json",
	}
	dir := makeFiles(t, append(slices.Clone(want), "a.pb.zst.arrivals", "b/.hidden", ".git/config")...)
	if err := os.Symlink("a.pb.zst", filepath.Join(dir, "zlink")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	got, err := Files(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i] = filepath.ToSlash(got[i][len(dir)+1:])
	}
	if want = append(want, "zlink"); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFilesOfAPathThatIsNoFolder(t *testing.T) {
	path := captures.File(t, nil)
	if got, err := Files(path); err != nil || !slices.Equal(got, []string{path}) {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Files(filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a path that is not there: got %v", err)
	}
	if got, err := Files(t.TempDir()); err == nil {
		t.Errorf("an empty folder: got %q", got)
	}
	for _, name := range []string{"manifest.json", "sub/manifest.json"} {
		if _, err := Files(makeFiles(t, "a.pb", name)); !errors.Is(err, ErrCorpus) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
