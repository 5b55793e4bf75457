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
	"testing"
)

func seal(dir string) (*Manifest, error) {
	return Seal(context.Background(), SealOptions{Dir: dir, BuildInfo: []byte("{}\n"), Workers: 2})
}

// writeShards writes all shards of a corpus, in the order that step gives.
func writeShards(t *testing.T, o WriteOptions, n uint64) {
	t.Helper()
	for i := range n {
		o.Shard = Shard{i * 7 % n, n}
		if n%7 == 0 {
			o.Shard.Index = n - 1 - i
		}
		mustWrite(t, o)
	}
}

func TestAnySplitSealsToTheSingleRun(t *testing.T) {
	t.Parallel()
	h := testHeader(95, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for _, n := range []uint64{1, 2, 3, 7, 10, 20} {
		o := options(t.TempDir(), h)
		writeShards(t, o, n)
		o.Shard = Shard{n / 2, n}
		mustWrite(t, o) // one again
		if _, err := Open(o.Dir); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "not sealed") {
			t.Errorf("%d shards: open before sealing: %v", n, err)
		}
		if _, err := seal(o.Dir); err != nil {
			t.Fatalf("%d shards: %v", n, err)
		}
		checkSame(t, o.Dir, want)
		if _, err := seal(o.Dir); err != nil {
			t.Errorf("%d shards: seal again: %v", n, err)
		}
		mustWrite(t, o) // a late rerun
		checkSame(t, o.Dir, want)
	}
}

func TestShardsSideBySide(t *testing.T) {
	h := testHeader(200, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for range 5 {
		o := options(filepath.Join(t.TempDir(), "corpus"), h)
		o.Workers = 1
		const n = 7
		var wg sync.WaitGroup
		var errs [n]error
		for i := range n {
			wg.Go(func() {
				o := o
				o.Shard = Shard{uint64(i), n}
				_, errs[i] = Write(context.Background(), o)
			})
		}
		wg.Wait()
		if err := errors.Join(errs[:]...); err != nil {
			t.Fatal(err)
		}
		if _, err := seal(o.Dir); err != nil {
			t.Fatal(err)
		}
		checkSame(t, o.Dir, want)
	}
}

func TestInterruptedShardIsCompletedByRunningItAgain(t *testing.T) {
	h := testHeader(95, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	o := options(t.TempDir(), h)
	o.Shard = Shard{1, 2}
	interrupt(t, o, 2)
	o.Shard = Shard{0, 2}
	mustWrite(t, o)
	if _, err := seal(o.Dir); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "parts/1-of-2.json") {
		t.Errorf("seal: got %v, want the missing part named", err)
	}
	o.Shard = Shard{1, 2}
	mustWrite(t, o)
	if _, err := seal(o.Dir); err != nil {
		t.Fatal(err)
	}
	checkSame(t, o.Dir, want)
}

func TestShardsOfAnotherCorpusAreRefused(t *testing.T) {
	o := options(t.TempDir(), testHeader(40, 10))
	o.Shard = Shard{0, 2}
	mustWrite(t, o)
	for _, c := range []struct {
		what string
		edit func(o *WriteOptions)
		want string
	}{
		{"of another number", func(o *WriteOptions) { o.Shard = Shard{1, 3} }, "number of shards is 2, wanted 3"},
		{"of another seed", func(o *WriteOptions) { o.Shard, o.Header.Seed = Shard{1, 2}, 7 }, "seed is 42, wanted 7"},
		{"of another compression", func(o *WriteOptions) { o.Shard, o.Compression = Shard{1, 2}, CompressionNone }, "compression is zstd, wanted none"},
	} {
		o := o
		c.edit(&o)
		if _, err := Write(context.Background(), o); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.what, err, c.want)
		}
	}
	o.Shard = Shard{2, 2}
	if _, err := Write(context.Background(), o); err == nil {
		t.Error("shard 2 of 2 was written")
	}
}

func TestSealNamesWhatIsWrong(t *testing.T) {
	h := testHeader(95, 10)
	move := func(from, to string) func(dir string) error {
		return func(dir string) error {
			data, err := os.ReadFile(filepath.Join(dir, from))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, to), data, 0o666)
		}
	}
	remove := func(name string) func(dir string) error {
		return func(dir string) error { return os.Remove(filepath.Join(dir, name)) }
	}
	edit := func(name, from, to string) func(dir string) error {
		return func(dir string) error {
			path := filepath.Join(dir, name)
			data, err := os.ReadFile(path)
			if err == nil && !strings.Contains(string(data), from) {
				err = fmt.Errorf("%s has no %q", name, from)
			}
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte(strings.Replace(string(data), from, to, 1)), 0o666)
		}
	}
	for _, c := range []struct {
		what   string
		damage []func(dir string) error
		is     error
		want   []string
	}{
		{"a part is missing", []func(string) error{remove("parts/1-of-3.json")}, ErrIncomplete, []string{"missing parts/1-of-3.json"}},
		{"two parts are missing", []func(string) error{remove("parts/1-of-3.json"), remove("parts/2-of-3.json")}, ErrIncomplete,
			[]string{"missing parts/1-of-3.json, parts/2-of-3.json"}},
		{"a part is of another split", []func(string) error{move("parts/1-of-3.json", "parts/1-of-4.json")}, ErrMismatch,
			[]string{"parts/1-of-4.json is foreign"}},
		{"a part is of no shard", []func(string) error{move("parts/1-of-3.json", "parts/3-of-3.json")}, ErrMismatch,
			[]string{"parts/3-of-3.json is foreign"}},
		{"a part is there under two names", []func(string) error{move("parts/1-of-3.json", "parts/01-of-3.json")}, ErrMismatch,
			[]string{"parts/01-of-3.json is foreign"}},
		{"a part stands in the place of another", []func(string) error{move("parts/1-of-3.json", "parts/2-of-3.json")}, ErrCorrupt,
			[]string{"parts/2-of-3.json holds shard 1", "twice"}},
		{"a part is of another seed", []func(string) error{edit("parts/1-of-3.json", `"seed": 42`, `"seed": 43`)}, ErrMismatch,
			[]string{"parts/1-of-3.json", "seed is 43, wanted 42"}},
		{"a part is of another revision", []func(string) error{edit("parts/1-of-3.json", `"revision": 1`, `"revision": 2`)}, ErrMismatch,
			[]string{"revision is 2, wanted 1"}},
		{"a part is damaged", []func(string) error{edit("parts/1-of-3.json", `"segment": 4`, `"segment": 5`)}, ErrCorrupt,
			[]string{"parts/1-of-3.json", "segment 5 in the place of segment 4"}},
		{"a file is missing", []func(string) error{remove("traces/000003.pb.zst")}, ErrCorrupt, []string{"000003.pb.zst: no such file"}},
		{"files are damaged", []func(string) error{edit("traces/000003.pb.zst", "\x28\xb5", "\x28\xb6"), edit("traces/000006.pb.zst", "\x28\xb5", "\x28\xb6")},
			ErrCorrupt, []string{"traces/000003.pb.zst is not as it was written", "traces/000006.pb.zst is not as it was written"}},
		{"several things are wrong", []func(string) error{remove("parts/0-of-3.json"), move("parts/1-of-3.json", "parts/1-of-9.json")}, ErrIncomplete,
			[]string{"missing parts/0-of-3.json", "parts/1-of-9.json is foreign"}},
		{"a segment is of no part", []func(string) error{move("traces/000003.pb.zst", "traces/000044.pb.zst")}, ErrCorrupt,
			[]string{"traces/000044.pb.zst is of no part"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := options(t.TempDir(), h)
			writeShards(t, o, 3)
			for _, damage := range c.damage {
				if err := damage(o.Dir); err != nil {
					t.Fatal(err)
				}
			}
			_, err := seal(o.Dir)
			if !errors.Is(err, c.is) {
				t.Errorf("got %v, want %v", err, c.is)
			}
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
			if _, err := os.Stat(filepath.Join(o.Dir, ManifestFile)); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a manifest: %v", err)
			}
		})
	}
}

func TestSealOfNoShards(t *testing.T) {
	dir := t.TempDir()
	if _, err := seal(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("empty directory: %v", err)
	}
	if left := names(files(t, dir)); len(left) > 0 {
		t.Errorf("sealing left %v", left)
	}
	if _, err := seal(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent directory: %v", err)
	}
	o := options(dir, testHeader(40, 10))
	interrupt(t, o, 1)
	if _, err := seal(dir); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "can be resumed") {
		t.Errorf("interrupted single run: %v", err)
	}
}

func TestSealKilledAtAnyOperationThenSealed(t *testing.T) {
	t.Parallel()
	h := testHeader(40, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for k := range 1000 {
		o := options(t.TempDir(), h)
		writeShards(t, o, 3)
		_, err := Seal(context.Background(), SealOptions{
			Dir: o.Dir, BuildInfo: []byte("{}\n"), Workers: 1, hook: (&faults{from: k, err: errKilled}).hook,
		})
		if err == nil {
			return
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("operation %d: %v", k, err)
		}
		checkWhole(t, o.Dir)
		if _, err := seal(o.Dir); err != nil {
			t.Fatalf("operation %d: %v", k, err)
		}
		checkSame(t, o.Dir, want)
	}
	t.Fatal("never came to an end")
}

func TestShardKilledAtAnyOperationThenRunAgain(t *testing.T) {
	t.Parallel()
	h := testHeader(40, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for k := range 1000 {
		o := options(t.TempDir(), h)
		o.Shard = Shard{1, 2}
		mustWrite(t, o)
		o.Shard, o.hook = Shard{0, 2}, (&faults{from: k, err: errKilled}).hook
		_, err := Write(context.Background(), o)
		done := err == nil
		if !done && !errors.Is(err, errKilled) {
			t.Fatalf("operation %d: %v", k, err)
		}
		checkWhole(t, o.Dir)
		o.hook = nil
		mustWrite(t, o)
		if _, err := seal(o.Dir); err != nil {
			t.Fatalf("operation %d: %v", k, err)
		}
		checkSame(t, o.Dir, want)
		if done {
			return
		}
	}
	t.Fatal("never came to an end")
}
