package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// text returns a content to write.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// put writes s to path as a command does.
func put(path, s string) error {
	f, err := Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Write(text(s)), f.Close())
}

func checkPut(t *testing.T, path, s string) {
	t.Helper()
	if err := put(path, s); err != nil {
		t.Fatal(err)
	}
}

func checkContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Fatalf("%s holds %q, %v; want %q", path, got, err, want)
	}
}

// checkNames checks what is in a directory, the temporary files among it.
func checkNames(t *testing.T, dir, want string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("the directory holds %q, want %q", got, want)
	}
}

func TestRegularFilesAreReplacedWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "r")
	checkPut(t, path, "one")
	checkContent(t, path, "one")
	before, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	checkPut(t, path, "two")
	checkContent(t, path, "two")
	if old, err := io.ReadAll(before); err != nil || string(old) != "one" {
		t.Errorf("who had the file open reads %q, %v: it was changed in place", old, err)
	}

	// A content that fails leaves what was there.
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	fail := errors.New("no content")
	if err := f.Write(func(io.Writer) error { return fail }); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	checkContent(t, path, "two")
	checkNames(t, dir, "r")
}

func TestLinksAreFollowed(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "there"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "deep", "er"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "there", "target"), []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{
		"link": "there/target", "twice": "link", "dangling": "there/new", "folder": "deep/er", "up": "folder/../other", "loop": "loop",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	checkPut(t, filepath.Join(dir, "twice"), "new")
	checkContent(t, filepath.Join(dir, "there", "target"), "new")
	checkPut(t, filepath.Join(dir, "dangling"), "made")
	checkContent(t, filepath.Join(dir, "there", "new"), "made")
	checkPut(t, filepath.Join(dir, "up"), "beside")
	checkContent(t, filepath.Join(dir, "deep", "other"), "beside")
	// What ".." means is for the system to say, which goes through the link.
	checkPut(t, dir+"/folder/../back", "back")
	checkContent(t, filepath.Join(dir, "deep", "back"), "back")
	if err := put(dir+"/nosuch/../never", "never"); err == nil {
		t.Error("a folder that is missing was left by ..")
	}
	if err := put(filepath.Join(dir, "loop"), "never"); err == nil {
		t.Error("a loop of links was written to")
	}
	if err := put(filepath.Join(dir, "folder"), "never"); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a link to a folder: %v", err)
	}
	for _, name := range []string{"link", "twice", "dangling", "folder", "up", "loop"} {
		if info, err := os.Lstat(filepath.Join(dir, name)); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", name, info, err)
		}
	}
	checkNames(t, dir, "dangling deep folder link loop there twice up")
	checkNames(t, filepath.Join(dir, "there"), "new target")
}

func TestStdoutIsKnownByAllItsNames(t *testing.T) {
	dir := t.TempDir()
	out, err := os.Create(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	other := filepath.Join(dir, "other")
	checkPut(t, other, "")
	for path, want := range map[string]bool{"-": true, out.Name(): true, other: false, filepath.Join(dir, "none"): false} {
		if got := IsStdout(path, out); got != want {
			t.Errorf("%s: got %v", path, got)
		}
	}
	if IsStdout(other, io.Discard) {
		t.Error("a file is a writer that is no file")
	}
}

func TestAbandonLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	tmp, err := createBeside(filepath.Join(dir, "r"))
	if err != nil {
		t.Fatal(err)
	}
	defer tmp.Close()
	if runtime.GOOS != "windows" { // which removes no open file
		defer checkNames(t, dir, "")
	}
	Abandon()
	defer func() { temporary.over = false }()
	if err := put(filepath.Join(dir, "r"), "late"); err == nil {
		t.Error("a file was made although the program is ending")
	}
}
