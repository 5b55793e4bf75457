//go:build unix

package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mostTaken are the most bytes that anything may take: a decoder's window is most
// of them.
const mostTaken = 64 << 20

// specials put something under a name that is no file of a corpus, and that
// takes a careless reader's time or memory.
var specials = map[string]func(path string) error{
	"a pipe": func(path string) error { return syscall.Mkfifo(path, 0o666) },
	"a link to a pipe": func(path string) error {
		return errors.Join(syscall.Mkfifo(path+"-pipe", 0o666), os.Symlink(path+"-pipe", path))
	},
	"a link to a device without end": func(path string) error { return os.Symlink("/dev/zero", path) },
	"a folder":                       func(path string) error { return os.Mkdir(path, 0o777) },
	"much that is not there": func(path string) error {
		f, err := os.Create(path)
		return errors.Join(err, f.Truncate(4*mostTaken), f.Close())
	},
}

// In place of any file of a corpus in any state, such a thing is an error or a
// finding: nothing waits, nothing takes memory.
func TestSpecialFilesInPlaceOfAny(t *testing.T) {
	h := testHeader(40, 10)
	for state, before := range map[string]func(dir string){
		"finished": func(dir string) { mustWrite(t, options(dir, h)) },
		"begun":    func(dir string) { interrupt(t, options(dir, h), 2) },
		"in parts": func(dir string) { writeShards(t, options(dir, h), 2) },
	} {
		list := t.TempDir()
		before(list)
		for name := range files(t, list) {
			if class, _, _ := classify(name); class == classLock || strings.HasPrefix(name, "traces/") && !strings.HasPrefix(name, "traces/000001") {
				continue
			}
			for what, put := range specials {
				if what == "much that is not there" && !strings.Contains(name, ".json") && name != SumsFile && name != ConventionsFile {
					continue // of segments the size is compared
				}
				dir := t.TempDir()
				if err := os.CopyFS(dir, os.DirFS(list)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(dir, filepath.FromSlash(name))
				if err := errors.Join(os.Remove(path), put(path)); err != nil {
					t.Fatal(err)
				}
				checkSpecial(t, fmt.Sprintf("%s in place of %s of a corpus %s", what, name, state), dir, h)
			}
		}
	}
}

// checkSpecial does with a directory whatever can be done: each must end, with
// an error where it needs what cannot be read.
func checkSpecial(t *testing.T, what, dir string, h Header) {
	t.Helper()
	for name, do := range map[string]func() error{
		"open":   func() error { _, err := Open(dir); return err },
		"verify": func() error { _, err := verifyFormat(dir); return err },
		"seal":   func() error { _, err := seal(dir); return err },
		"write":  func() error { _, err := Write(context.Background(), options(dir, h)); return err },
		"shard": func() error {
			o := options(dir, h)
			o.Shard = Shard{1, 2}
			_, err := Write(context.Background(), o)
			return err
		},
		"resume": func() error {
			o := options(dir, h)
			o.Resume = true
			_, err := Write(context.Background(), o)
			return err
		},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := do(); err == nil && name == "write" {
				t.Errorf("%s: %s has no error", what, name)
			}
		}()
		select {
		case <-done:
		case <-time.After(time.Minute):
			t.Fatalf("%s: %s does not end", what, name)
		}
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > mostTaken {
			t.Errorf("%s: %s takes %d bytes", what, name, taken)
		}
	}
}

// What a manifest says is checked before anybody relies on it, and told in
// bounds, in characters that are harmless.
func TestManifestFieldsAreChecked(t *testing.T) {
	dir := t.TempDir()
	h := testHeader(40, 10)
	mustWrite(t, options(dir, h))
	good := files(t, dir)[ManifestFile]
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct{ what, from, to, want string }{
		{"a prefix of 1 MB", `"prefix": "vendor"`, `"prefix": "` + long + `"`, "prefix has 1048576 bytes"},
		{"no prefix", `"prefix": "vendor"`, `"prefix": ""`, "prefix is empty"},
		{"a prefix that colours", `"prefix": "vendor"`, `"prefix": "\u001b[31m"`, `prefix is "\x1b[31m"`},
		{"no scenarios", `"scenarios": [`, `"scenarios": null, "weight_shifts": [`, "weight_shifts"},
		{"a scenario of 1 MB", `"name": "happy"`, `"name": "` + long + `"`, "a scenario's name has"},
		{"a scenario that clears the screen", `"name": "happy"`, `"name": "\u001b[2J"`, `a scenario's name is "\x1b[2J"`},
		{"a scenario twice", `"name": "happy"`, `"name": "sad"`, "each once"},
		{"a scenario without a name", `"name": "happy"`, `"name": ""`, "has no name"},
		{"a weight below zero", `"weight": 0.25`, `"weight": -1`, "weight of scenario"},
		{"a weight without end", `"weight": 0.25`, `"weight": 1e300`, "weight of scenario"},
		{"a start in 2554", `"start": "2026-01-01T00:00:00Z"`, `"start": "2554-01-01T00:00:00Z"`, "start is 2554"},
		{"a start of 1 MB", `"start": "2026-01-01T00:00:00Z"`, `"start": "` + long + `"`, "parse time"},
		{"an interval of 1 MB", `"interval": "500ms"`, `"interval": "` + long + `"`, "parse duration"},
		{"an interval below zero", `"interval": "500ms"`, `"interval": "-500ms"`, "interval is -500ms"},
		{"an interval of a century", `"interval": "500ms"`, `"interval": "876000h"`, "the last iteration starts beyond"},
		{"a deviation below zero", `"interval_deviation": "0s"`, `"interval_deviation": "-1ns"`, "interval_deviation"},
		{"a negative count", `"count": 40`, `"count": -40`, "count"},
		{"an absurd count", `"count": 40`, `"count": 18446744073709551615`, "count is 18446744073709551615"},
		{"no segment size", `"segment_iterations": 10`, `"segment_iterations": 0`, "segment_iterations is 0"},
		{"another segment size", `"segment_iterations": 10`, `"segment_iterations": 1`, "4 segments: want 40"},
		{"a batch below zero", `"batch_items": 0`, `"batch_items": -1`, "batch_items is -1"},
		{"content of no kind", `"content": "scenario"`, `"content": "all"`, "content is"},
		{"a signal of 1 MB", `"signals": [`, `"signals": ["` + long + `", `, "signals is"},
		{"a last time in 2554", `"last": "2026`, `"last": "2554`, "last time 2554"},
		{"more items than bytes", `"items": `, `"items": 1000`, "items"},
		{"a digest of 1 MB", `"xxh64": "`, `"xxh64": "` + long, "digest"},
		{"a file elsewhere", `"file": "traces/`, `"file": "../../traces/`, "want \"traces/000000.pb\""},
		{"an unknown field of 1 MB", `"prefix"`, `"` + long + `": 1, "prefix"`, "unknown field"},
	} {
		bad := bytes.Replace(good, []byte(c.from), []byte(c.to), 1)
		if bytes.Equal(bad, good) {
			t.Fatalf("%s: the manifest has no %s", c.what, c.from)
		}
		if c.what == "no scenarios" {
			var m map[string]any
			if err := json.Unmarshal(good, &m); err != nil {
				t.Fatal(err)
			}
			m["scenarios"], c.want = nil, "scenarios is null"
			bad, _ = json.Marshal(m)
		}
		_, err := ParseManifest(bad)
		if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %.400v, want ErrCorrupt with %q", c.what, err, c.want)
		}
		if err != nil && (len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b\n")) {
			t.Errorf("%s: got an error of %d bytes: %.300q", c.what, len(err.Error()), err)
		}
	}
}

// A link in place of the lock leads nowhere: nothing is made where it points
// to, by whatever is done with the directory, and it stays.
func TestLockIsNoLinkOut(t *testing.T) {
	h := testHeader(40, 10)
	for state, before := range map[string]func(dir string){
		"nothing":  func(string) {},
		"finished": func(dir string) { mustWrite(t, options(dir, h)) },
		"begun":    func(dir string) { interrupt(t, options(dir, h), 2) },
		"in parts": func(dir string) { writeShards(t, options(dir, h), 2) },
	} {
		for _, name := range []string{lockFile, Shard{1, 2}.lock(), journalFile} {
			dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
			before(dir)
			path := filepath.Join(dir, name)
			if err := errors.Join(os.RemoveAll(path), os.Symlink(outside, path)); err != nil {
				t.Fatal(err)
			}
			checkSpecial(t, name+" is a link, "+state, dir, h)
			if _, err := acquire(path, false); name == lockFile && err == nil {
				t.Errorf("%s: a lock was taken through a link", state)
			}
			if _, err := os.Lstat(outside); err == nil {
				t.Errorf("%s: %s led to a file outside", state, name)
			}
			if to, err := os.Readlink(path); err != nil || to != outside {
				t.Errorf("%s: the link %s is gone: %v", state, name, err)
			}
		}
	}
}
