package corpus

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func TestWorkersChangeNoByte(t *testing.T) {
	for _, format := range []string{"proto", "json"} {
		h := testHeader(250, 10)
		h.Options.Format = format
		want := t.TempDir()
		o := options(want, h)
		o.Workers = 1
		mustWrite(t, o)
		checkClean(t, want)
		for _, workers := range []int{2, 7, 16, 1000} {
			o.Dir, o.Workers = filepath.Join(t.TempDir(), "new", "corpus"), workers
			mustWrite(t, o)
			checkSame(t, o.Dir, want)
		}
	}
}

func TestCompressionIsNoIdentity(t *testing.T) {
	h := testHeader(100, 10)
	var want []byte
	for _, c := range []Compression{CompressionZstd, CompressionGzip, CompressionNone} {
		for _, l := range []Level{LevelFastest, LevelDefault, LevelBetter} {
			o := options(t.TempDir(), h)
			o.Compression, o.Level = c, l
			m := mustWrite(t, o)
			checkClean(t, o.Dir)
			if want == nil {
				want = m.Encode()
			}
			if got := files(t, o.Dir)[ManifestFile]; !bytes.Equal(got, want) {
				t.Errorf("%v %v: manifest\n%s\nwant\n%s", c, l, got, want)
			}
		}
	}
}

func TestSegmentWithoutRecordsHasZeroEntryAndNoFile(t *testing.T) {
	o := options(t.TempDir(), testHeader(70, 10))
	m := mustWrite(t, o)
	if got, want := m.Segments[5].Files[0], (FileInfo{Signal: "traces"}); got != want {
		t.Errorf("entry %+v, want %+v", got, want)
	}
	if _, ok := files(t, o.Dir)["traces/000005.pb.zst"]; ok {
		t.Error("there is a file")
	}
	c, err := Open(o.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := c.ReadSegment(5, otlp.SignalTraces); len(data) > 0 || err != nil {
		t.Errorf("read %d bytes, %v", len(data), err)
	}
}

func TestEmptyCorpus(t *testing.T) {
	o := options(t.TempDir(), testHeader(0, 10))
	mustWrite(t, o)
	checkClean(t, o.Dir)
}

func TestCoreutilsChecksSums(t *testing.T) {
	tool, err := exec.LookPath("sha256sum")
	if err != nil {
		t.Skip("no sha256sum on this machine")
	}
	o := options(t.TempDir(), testHeader(30, 10))
	mustWrite(t, o)
	run := func() (string, error) {
		cmd := exec.Command(tool, "-c", SumsFile)
		cmd.Dir = o.Dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run()
	if err != nil || strings.Count(out, ": OK\n") != 6 {
		t.Errorf("%v, want 3 segments, manifest, conventions and build info OK:\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, ConventionsFile), []byte("changed"), 0o666); err != nil {
		t.Fatal(err)
	}
	if out, err := run(); err == nil {
		t.Errorf("a changed file passed:\n%s", out)
	}
}

func TestZstdCommandOpensSegments(t *testing.T) {
	tool, err := exec.LookPath("zstd")
	if err != nil {
		t.Skip("no zstd on this machine")
	}
	o := options(t.TempDir(), testHeader(10, 10))
	mustWrite(t, o)
	got, err := exec.Command(tool, "-dc", filepath.Join(o.Dir, "traces", "000000.pb.zst")).Output()
	if err != nil {
		t.Fatal(err)
	}
	var seg otlp.Segment
	if err := (&synthetic{header: o.Header}).fill(0, &seg); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, seg.Blocks[0].Data) {
		t.Error("content differs from what was filled")
	}
}

func TestDirectoryMustBeEmpty(t *testing.T) {
	h := testHeader(40, 10)
	finished := func(t *testing.T, dir string) { mustWrite(t, options(dir, h)) }
	put := func(name string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(`{"name": "a web page"}`), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	both := func(fs ...func(*testing.T, string)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			for _, f := range fs {
				f(t, dir)
			}
		}
	}
	lock := func(t *testing.T, dir string) {
		if err := os.WriteFile(filepath.Join(dir, ".lock"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	begun := func(t *testing.T, dir string) { interrupt(t, options(dir, h), 1) }
	for _, c := range []struct {
		what          string
		before        func(*testing.T, string)
		resume, force bool
		want          string // part of the error; "": it works
	}{
		{"a finished corpus is not written over", finished, false, false, "finished corpus"},
		{"a finished corpus can be resumed, to no effect", finished, true, false, ""},
		{"a finished corpus can be replaced", finished, false, true, ""},
		{"a foreign file is named", put("notes.txt"), false, false, "notes.txt"},
		{"a foreign file is not replaced", put("notes.txt"), false, true, "notes.txt"},
		{"a foreign file keeps a corpus from being replaced", both(finished, put("notes.txt")), false, true, "notes.txt"},
		{"a foreign file below a folder counts", both(finished, put("traces/notes.txt")), false, true, "traces/notes.txt"},
		{"a foreign folder counts", put("src/main.go"), false, true, "src"},
		{"a manifest of something else is not replaced", put("manifest.json"), false, true, "manifest.json, which is not a corpus's"},
		{"what a run killed at its beginning left is nothing", put(".partial.json.tmp-0a1b2c3d4e5f"), false, false, ""},
		{"a lock that nobody holds is nothing", lock, false, false, ""},
		{"a lock with something in it is somebody's", put(".lock"), false, true, ".lock"},
		{"an interrupted corpus is not written over", begun, false, false, "interrupted corpus"},
		{"an interrupted corpus can be replaced", begun, false, true, ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := t.TempDir()
			c.before(t, dir)
			before := names(files(t, dir))
			o := options(dir, h)
			o.Resume, o.Force = c.resume, c.force
			_, err := Write(context.Background(), o)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkClean(t, dir)
				return
			}
			if !errors.Is(err, ErrExists) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ErrExists with %q", err, c.want)
			}
			if after := names(files(t, dir)); !slices.Equal(after, before) {
				t.Errorf("files %v became %v", before, after)
			}
		})
	}
}

// Files that a corpus could have are nobody's but the corpus's that lists them.
// Whatever is asked for, all others stay, one is named, and nothing is advised
// that would not help.
func TestFilesOfNoCorpusAreLeftAlone(t *testing.T) {
	h := testHeader(40, 10)
	const other = `{"format_version": 1, "name": "a web page", "segments": [{"files": [{"file": "traces/000000.pb"}]}]}`
	lone := []string{SumsFile, ConventionsFile, BuildInfoFile, ManifestFile, partialFile, journalFile, replacedFile,
		"traces/000000.jsonl", "traces/000000.pb", "logs/000000.pb.gz", "parts/0-of-2.json", "parts/1-of-2.jsonl"}
	for _, c := range []struct {
		what   string
		before func(t *testing.T, dir string)
		names  []string // each is put there alone
	}{
		{"nothing else", func(*testing.T, string) {}, lone},
		{"a finished corpus", func(t *testing.T, dir string) { mustWrite(t, options(dir, h)) }, []string{
			partialFile, journalFile, replacedFile, "traces/000004.pb.zst", "traces/000000.jsonl", "logs/000000.pb", "parts/0-of-2.json"}},
		{"an interrupted corpus", func(t *testing.T, dir string) { interrupt(t, options(dir, h), 1) }, []string{
			ManifestFile, replacedFile, "traces/000004.pb.zst", "traces/000000.jsonl", "parts/0-of-2.json"}},
		{"one shard of three", func(t *testing.T, dir string) {
			o := options(dir, h)
			o.Shard = Shard{0, 3}
			mustWrite(t, o)
		}, []string{ManifestFile, journalFile, "traces/000004.pb.zst", "traces/000000.jsonl", "parts/0-of-2.json", "parts/3-of-3.json"}},
	} {
		for _, name := range c.names {
			dir := t.TempDir()
			c.before(t, dir)
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(other), 0o666); err != nil {
				t.Fatal(err)
			}
			before := files(t, dir)
			for _, edit := range []func(o *WriteOptions){
				func(o *WriteOptions) {},
				func(o *WriteOptions) { o.Force = true },
				func(o *WriteOptions) { o.Resume = true },
				func(o *WriteOptions) { o.Shard = Shard{1, 3} },
			} {
				o := options(dir, h)
				edit(&o)
				_, err := Write(context.Background(), o)
				var exists *ExistsError
				if !errors.As(err, &exists) || !strings.Contains(err.Error(), name) || exists.CanResume || exists.CanReplace {
					t.Errorf("%s beside %s: got %#v, %v, want it named, and no advice", name, c.what, exists, err)
				}
				if after := files(t, dir); !maps.EqualFunc(after, before, bytes.Equal) {
					t.Fatalf("%s beside %s: files %v became %v", name, c.what, names(before), names(after))
				}
			}
			if c.what == "a finished corpus" {
				if _, err := seal(dir); err == nil {
					t.Errorf("%s beside %s: it was sealed", name, c.what)
				}
				if after := files(t, dir); !maps.EqualFunc(after, before, bytes.Equal) {
					t.Fatalf("%s beside %s: sealed, files %v became %v", name, c.what, names(before), names(after))
				}
			}
		}
	}
}

// What is advised is what would work.
func TestAdviceHelps(t *testing.T) {
	h := testHeader(40, 10)
	other := testHeader(30, 10)
	for _, c := range []struct {
		what            string
		before          func(t *testing.T, dir string)
		resume, replace bool
	}{
		{"a finished corpus", func(t *testing.T, dir string) { mustWrite(t, options(dir, h)) }, false, true},
		{"the one wanted, interrupted", func(t *testing.T, dir string) { interrupt(t, options(dir, h), 1) }, true, true},
		{"another one, interrupted", func(t *testing.T, dir string) { interrupt(t, options(dir, other), 1) }, false, true},
		{"shards of the one wanted", func(t *testing.T, dir string) {
			o := options(dir, h)
			o.Shard = Shard{0, 2}
			mustWrite(t, o)
		}, false, true},
		{"one that was being replaced", func(t *testing.T, dir string) {
			mustWrite(t, options(dir, other))
			if err := os.Rename(filepath.Join(dir, ManifestFile), filepath.Join(dir, replacedFile)); err != nil {
				t.Fatal(err)
			}
		}, true, true},
	} {
		for _, way := range []string{"plain", "resume", "replace"} {
			dir := t.TempDir()
			c.before(t, dir)
			o := options(dir, h)
			o.Resume, o.Force = way == "resume", way == "replace"
			_, err := Write(context.Background(), o)
			var exists *ExistsError
			switch {
			case way == "plain":
				if !errors.As(err, &exists) || exists.CanResume != c.resume || exists.CanReplace != c.replace {
					t.Errorf("%s: got %#v, want to resume %v, to replace %v", c.what, exists, c.resume, c.replace)
				}
			case way == "resume" && c.resume, way == "replace" && c.replace:
				if err != nil {
					t.Errorf("%s: %s: %v", c.what, way, err)
				} else {
					checkClean(t, dir)
				}
			}
		}
	}
}

func TestReplaceLeavesNothingOld(t *testing.T) {
	old := options(t.TempDir(), testHeader(100, 5))
	old.Compression = CompressionGzip
	mustWrite(t, old)
	o := options(old.Dir, testHeader(20, 10))
	o.Force = true
	mustWrite(t, o)
	want := options(t.TempDir(), o.Header)
	mustWrite(t, want)
	checkSame(t, o.Dir, want.Dir)
}

func TestResumeNamesEachDifference(t *testing.T) {
	for _, c := range []struct {
		what string
		edit func(o *WriteOptions)
		want string
	}{
		{"another seed", func(o *WriteOptions) { o.Header.Seed = 43 }, "seed is 42, wanted 43"},
		{"more iterations", func(o *WriteOptions) { o.Header.Options.Count = 50 }, "count is 40, wanted 50"},
		{"another segment size", func(o *WriteOptions) { o.Header.Options.SegmentIterations = 20 }, "segment_iterations is 10, wanted 20"},
		{"another start", func(o *WriteOptions) { o.Header.Options.Start++ }, "start is 2026-01-01T00:00:00Z, wanted 2026-01-01T00:00:00.000000001Z"},
		{"another interval", func(o *WriteOptions) { o.Header.Options.Interval = 1e9 }, "interval is 500ms, wanted 1s"},
		{"another format", func(o *WriteOptions) { o.Header.Options.Format = "json" }, "format is proto, wanted json"},
		{"another prefix", func(o *WriteOptions) { o.Header.Prefix = "acme" }, "prefix is vendor, wanted acme"},
		{"another scenario", func(o *WriteOptions) { o.Header.Scenarios = o.Header.Scenarios[:1] }, "scenarios is happy,sad, wanted happy"},
		{"another weight", func(o *WriteOptions) {
			o.Header.Scenarios = []Scenario{{Name: "happy", Weight: 1, Digest: "aa"}, {Name: "sad", Weight: 2, Digest: "bb"}}
		},
			"weight of scenario sad is 0.25, wanted 2"},
		{"an edited scenario", func(o *WriteOptions) {
			o.Header.PlanDigest, o.Header.Scenarios = "ff", []Scenario{{Name: "happy", Weight: 1, Digest: "aa"}, {Name: "sad", Weight: 0.25, Digest: "cc"}}
		}, "digest of scenario sad is bb, wanted cc; plan_digest is 0123456789abcdef, wanted ff"},
		{"another compression", func(o *WriteOptions) { o.Compression = CompressionGzip }, "compression is zstd, wanted gzip"},
		{"another level", func(o *WriteOptions) { o.Level = LevelBetter }, "compression level is fastest, wanted better"},
		{"shards", func(o *WriteOptions) { o.Shard.Count = 2 }, "number of shards is 0, wanted 2"},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := options(t.TempDir(), testHeader(40, 10))
			interrupt(t, o, 2)
			before := names(files(t, o.Dir))
			o.Resume = true
			c.edit(&o)
			_, err := Write(context.Background(), o)
			if !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want ErrMismatch with %q", err, c.want)
			}
			if after := names(files(t, o.Dir)); !slices.Equal(after, before) {
				t.Errorf("files %v became %v", before, after)
			}
		})
	}
}

func TestResumeOfAnotherFinishedCorpusIsRefused(t *testing.T) {
	o := options(t.TempDir(), testHeader(40, 10))
	mustWrite(t, o)
	o.Resume, o.Header.Seed = true, 43
	if _, err := Write(context.Background(), o); !errors.Is(err, ErrMismatch) || !strings.Contains(err.Error(), "seed is 42, wanted 43") {
		t.Errorf("got %v", err)
	}
}

// interrupt writes a corpus and lets its context end when n segments are
// there.
func interrupt(t *testing.T, o WriteOptions, n uint64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Workers = 1
	o.Progress = func(done, total, _ uint64) {
		if done == n {
			cancel()
		}
	}
	if n == 0 {
		cancel()
	}
	// A fast worker must not be through before the end of the context is seen.
	fill := o.NewFill
	o.NewFill = func() (Fill, error) {
		f, err := fill()
		filled := uint64(0) // of a shard, which skips the segments of others
		return func(segment uint64, seg *otlp.Segment) error {
			if filled++; filled > n {
				<-ctx.Done()
			}
			return f(segment, seg)
		}, err
	}
	if _, err := Write(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want it interrupted", err)
	}
}

func TestInterruptedRunsResumeToTheSameCorpus(t *testing.T) {
	h := testHeader(300, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for _, n := range []uint64{0, 1, 3, 7, 20} {
		o := options(t.TempDir(), h)
		interrupt(t, o, n)
		checkWhole(t, o.Dir)
		if _, err := Open(o.Dir); !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), "--resume") {
			t.Errorf("open after %d: %v, want ErrIncomplete and how to go on", n, err)
		}
		o.Resume = true
		ended, kept := uint64(0), uint64(0)
		o.NewFill = func() (Fill, error) {
			f := (&synthetic{header: h}).fill
			return func(i uint64, seg *otlp.Segment) error {
				if i < n {
					t.Errorf("interrupted after %d: segment %d is written again", n, i)
				}
				return f(i, seg)
			}, nil
		}
		o.Progress = func(done, _, of uint64) { ended, kept = done, of }
		mustWrite(t, o)
		checkSame(t, o.Dir, want)
		if ended != 30 || kept < n {
			t.Errorf("progress ended at %d with %d kept, want 30 and at least %d", ended, kept, n)
		}
	}
}

func TestResumeWritesDamagedSegmentsAgain(t *testing.T) {
	h := testHeader(60, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	for _, c := range []struct {
		what   string
		damage func(path string) error
	}{
		{"a file is gone", os.Remove},
		{"a file is cut short", func(p string) error { return os.Truncate(p, 40) }},
		{"a file is longer", func(p string) error { return os.Truncate(p, 1<<20) }},
		{"a byte is flipped", func(p string) error {
			data, err := os.ReadFile(p)
			if err == nil {
				data[len(data)/2] ^= 1
				err = os.WriteFile(p, data, 0o666)
			}
			return err
		}},
		{"a file of another compression is beside", func(p string) error { return os.WriteFile(strings.TrimSuffix(p, ".zst"), nil, 0o666) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			o := options(t.TempDir(), h)
			interrupt(t, o, 4)
			if err := c.damage(filepath.Join(o.Dir, "traces", "000001.pb.zst")); err != nil {
				t.Fatal(err)
			}
			o.Resume = true
			mustWrite(t, o)
			checkSame(t, o.Dir, want)
		})
	}
}

func TestFailingFillIsNamedAndResumable(t *testing.T) {
	h := testHeader(100, 10)
	o := options(t.TempDir(), h)
	o.NewFill = func() (Fill, error) {
		f := (&synthetic{header: h}).fill
		return func(i uint64, seg *otlp.Segment) error {
			if i == 6 {
				return errors.New("no such luck")
			}
			return f(i, seg)
		}, nil
	}
	if _, err := Write(context.Background(), o); !errors.Is(err, ErrContent) || err.Error() != "segment 6: no such luck" {
		t.Errorf("got %v", err)
	}
	checkWhole(t, o.Dir)
	o = options(o.Dir, h)
	o.Resume = true
	mustWrite(t, o)
	checkClean(t, o.Dir)
}
