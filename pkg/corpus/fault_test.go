package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// faults fails operations on a directory. It is safe for concurrent use.
type faults struct {
	mu   sync.Mutex
	n    int
	from int // the first operation to fail, from 0
	only int // how many fail: 0 for all from there on, as after a power cut
	err  error
	log  []string
}

func (f *faults) hook(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := f.n
	f.n++
	f.log = append(f.log, op+" "+name)
	if n >= f.from && (f.only == 0 || n < f.from+f.only) {
		return f.err
	}
	return nil
}

var errKilled = errors.New("killed")

// operations returns how many operations writing takes.
func operations(t *testing.T, o WriteOptions) int {
	t.Helper()
	count := &faults{from: 1 << 30}
	o.Dir, o.hook = t.TempDir(), count.hook
	mustWrite(t, o)
	return count.n
}

// From operation k on nothing reaches the disk any more, not even the removal
// of what is half done: the state is what a kill leaves. At each k.
func TestKilledAtAnyOperationThenResumed(t *testing.T) {
	t.Parallel()
	h := testHeader(35, 5)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for _, workers := range []int{1, 3} {
		o := options("", h)
		o.Workers = workers
		n := operations(t, o)
		if n < 50 {
			t.Fatalf("%d operations: the hook misses some", n)
		}
		for k := range n {
			dir := filepath.Join(t.TempDir(), "corpus")
			f := &faults{from: k, err: errKilled}
			o.Dir, o.Resume, o.hook = dir, false, f.hook
			if _, err := Write(context.Background(), o); !errors.Is(err, errKilled) {
				t.Fatalf("workers %d, operation %d of %d: got %v, want %v", workers, k, n, err, errKilled)
			}
			if _, err := os.Stat(dir); err == nil {
				checkWhole(t, dir)
			}
			o.Resume, o.hook = true, nil
			if _, err := Write(context.Background(), o); err != nil {
				t.Fatalf("workers %d, operation %d (%s): resume: %v", workers, k, f.log[k], err)
			}
			checkSame(t, dir, want)
		}
	}
}

// As above, and the resumed run is killed too, at another operation.
func TestKilledTwiceThenResumed(t *testing.T) {
	t.Parallel()
	h := testHeader(35, 5)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	o := options("", h)
	n := operations(t, o)
	for k := 1; k < n; k += 3 {
		o.Dir = t.TempDir()
		o.Resume, o.hook = false, (&faults{from: k, err: errKilled}).hook
		if _, err := Write(context.Background(), o); !errors.Is(err, errKilled) {
			t.Fatalf("operation %d: got %v", k, err)
		}
		o.Resume, o.hook = true, (&faults{from: k * 7 % n, err: errKilled}).hook
		_, err := Write(context.Background(), o)
		if err != nil && !errors.Is(err, errKilled) {
			t.Fatalf("operation %d: got %v", k, err)
		}
		checkWhole(t, o.Dir)
		o.hook = nil
		mustWrite(t, o)
		checkSame(t, o.Dir, want)
	}
}

// Replacing a corpus may be killed at any point too: replacing again works,
// and never is there a manifest over files that are not its own.
func TestKilledWhileReplacing(t *testing.T) {
	t.Parallel()
	h := testHeader(20, 5)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for k := range 1000 {
		o := options(t.TempDir(), testHeader(40, 5))
		o.Compression = CompressionNone
		mustWrite(t, o)
		o = options(o.Dir, h)
		o.Force, o.hook = true, (&faults{from: k, err: errKilled}).hook
		_, err := Write(context.Background(), o)
		if err == nil {
			return // beyond the last operation
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("operation %d: got %v", k, err)
		}
		if _, err := Open(o.Dir); err == nil {
			found, err := verifyFormat(o.Dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				if !strings.Contains(f, "interrupted run") {
					t.Errorf("operation %d: %v", k, f)
				}
			}
		}
		o.hook = nil
		mustWrite(t, o)
		checkSame(t, o.Dir, want)
	}
	t.Fatal("never came to an end")
}

// One operation fails, and the run goes on to clean up: the error is the
// system's own, on one line, and what is left can be resumed.
func TestDiskFullAtAnyOperation(t *testing.T) {
	t.Parallel()
	h := testHeader(35, 5)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	o := options("", h)
	o.Workers = 1
	n := operations(t, o)
	for k := range n {
		f := &faults{from: k, only: 1, err: syscall.ENOSPC}
		o.Dir, o.Resume, o.hook = t.TempDir(), false, f.hook
		_, err := Write(context.Background(), o)
		// A file system without links gets a rename; a temporary file that
		// cannot be removed is swept later.
		harmless := strings.HasPrefix(f.log[k], "link ")
		if err == nil && !harmless {
			t.Errorf("operation %d (%s): no error", k, f.log[k])
		}
		if err != nil && (!errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("operation %d (%s): got %q, want one line of ENOSPC", k, f.log[k], err)
		}
		checkWhole(t, o.Dir)
		for name := range files(t, o.Dir) {
			if class, _, _ := classify(name); class == classTmp && !strings.HasPrefix(f.log[k], "remove ") {
				t.Errorf("operation %d (%s): %s is left", k, f.log[k], name)
			}
		}
		o.Resume, o.hook = true, nil
		mustWrite(t, o)
		checkSame(t, o.Dir, want)
	}
}

func TestDirectoryThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, dir string
		want      error
	}{
		{"a file in place of the directory", file, syscall.ENOTDIR},
		{"a file in place of the directory above", filepath.Join(file, "corpus"), syscall.ENOTDIR},
	} {
		if _, err := Write(context.Background(), options(c.dir, testHeader(10, 10))); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, err, c.want)
		}
	}
	if os.Getuid() == 0 {
		t.Skip("root may write anywhere: the read-only directory is not tested")
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(context.Background(), options(filepath.Join(dir, "corpus"), testHeader(10, 10))); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("read-only directory: got %v, want %v", err, fs.ErrPermission)
	}
}

// The directory goes away while segments are written.
func TestDirectoryVanishes(t *testing.T) {
	o := options(filepath.Join(t.TempDir(), "corpus"), testHeader(100, 5))
	o.Workers = 1
	o.Progress = func(done, _, _ uint64) {
		if done == 3 {
			if err := os.Rename(o.Dir, o.Dir+".gone"); err != nil {
				t.Error(err)
			}
		}
	}
	_, err := Write(context.Background(), o)
	if !errors.Is(err, fs.ErrNotExist) || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want %v on one line", err, fs.ErrNotExist)
	}
	if _, err := os.Stat(o.Dir); err == nil {
		t.Error("the directory was made again")
	}
}

func TestTwoRunsOnOneDirectory(t *testing.T) {
	h := testHeader(50, 10)
	for _, c := range []struct {
		what          string
		first, second Shard
		locked        bool
	}{
		{"two single runs exclude each other", Shard{}, Shard{}, true},
		{"a shard excludes a single run", Shard{0, 3}, Shard{}, true},
		{"a single run excludes a shard", Shard{}, Shard{0, 3}, true},
		{"one shard excludes itself", Shard{1, 3}, Shard{1, 3}, true},
		{"two shards work side by side", Shard{0, 3}, Shard{1, 3}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			first := options(t.TempDir(), h)
			first.Shard, first.Workers = c.first, 1
			second := first
			second.Shard, second.Resume = c.second, true
			var err error
			first.Progress = func(done, _, _ uint64) {
				if done == 1 {
					_, err = Write(context.Background(), second)
				}
			}
			mustWrite(t, first)
			if c.locked != errors.Is(err, ErrLocked) || !c.locked && err != nil {
				t.Errorf("got %v, want locked %v", err, c.locked)
			}
			for name := range files(t, first.Dir) {
				if class, _, _ := classify(name); class == classLock {
					t.Errorf("%s is left", name)
				}
			}
		})
	}
}

func TestLockIsFoundByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), lockFile)
	before := func(string, string) error { return nil }
	var wg sync.WaitGroup
	var mu sync.Mutex
	holders, most, taken := 0, 0, 0
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			for range 200 {
				l, err := acquire(path, false)
				if errors.Is(err, ErrLocked) {
					continue
				}
				if err != nil {
					errs <- fmt.Errorf("acquire: %w", err)
					return
				}
				mu.Lock()
				holders++
				taken++
				most = max(most, holders)
				mu.Unlock()
				mu.Lock()
				holders--
				mu.Unlock()
				if err := l.release(before); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	if most != 1 || taken == 0 {
		t.Errorf("%d held it at once, %d times in all", most, taken)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the file is left: %v", err)
	}
}
