package corpus

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The parts of a corpus, each in a folder of its own, are together the corpus:
// every segment is in one of them, as it is there.
func TestPartsAreTheCorpusTogether(t *testing.T) {
	h := testHeader(95, 10)
	want := t.TempDir()
	mustWrite(t, options(want, h))
	whole, err := Open(want)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{1, 3, 20} {
		seen := 0
		for i := range n {
			o := options(t.TempDir(), h)
			o.Shard = Shard{i, n}
			mustWrite(t, o)
			c, err := OpenPart(o.Dir)
			if err != nil {
				t.Fatal(err)
			}
			if c.Shard() != o.Shard {
				t.Errorf("shard is %v, want %v", c.Shard(), o.Shard)
			}
			seen += len(c.Manifest().Segments)
			for s := range h.Options.Segments() {
				for sig := range otlp.Signal(otlp.NumSignals) {
					got, err := c.ReadSegment(s, sig)
					if s%n != i {
						if err == nil {
							t.Errorf("shard %d of %d: read segment %d, which is another's", i, n, s)
						}
						continue
					}
					want, werr := whole.ReadSegment(s, sig)
					if err != nil || werr != nil || string(got) != string(want) {
						t.Errorf("shard %d of %d: segment %d: %v, %v, or other content", i, n, s, err, werr)
					}
				}
			}
		}
		if seen != len(whole.Manifest().Segments) {
			t.Errorf("%d shards: %d segments, want %d", n, seen, len(whole.Manifest().Segments))
		}
	}
	if c, err := OpenPart(want); err != nil || c.Shard() != (Shard{}) {
		t.Errorf("a corpus that is whole: %v", err)
	}
}

func TestOpenPartRefuses(t *testing.T) {
	h := testHeader(95, 10)
	shard := func(indexes ...uint64) string {
		dir := t.TempDir()
		for _, i := range indexes {
			o := options(dir, h)
			o.Shard = Shard{i, 3}
			mustWrite(t, o)
		}
		return dir
	}
	stopped := func(s Shard) string {
		o := options(t.TempDir(), h)
		o.Shard, o.Workers = s, 1
		ctx, stop := context.WithCancel(t.Context())
		o.Progress = func(uint64, uint64, uint64) { stop() }
		if _, err := Write(ctx, o); err == nil {
			t.Fatal("it was not stopped")
		}
		return o.Dir
	}
	damaged := shard(1)
	part := filepath.Join(damaged, partsDir, "1-of-3.json")
	data, err := os.ReadFile(part)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(part, []byte(strings.Replace(string(data), `"records": 1`, `"records": 2`, 1)), 0o666); err != nil {
		t.Fatal(err)
	}
	renamed := shard(1)
	if err := os.Rename(filepath.Join(renamed, partsDir, "1-of-3.json"), filepath.Join(renamed, partsDir, "2-of-3.json")); err != nil {
		t.Fatal(err)
	}
	gone := shard(1)
	if err := os.RemoveAll(filepath.Join(gone, "traces")); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		why, dir, say string
		is            error
	}{
		{"a shard that was stopped", stopped(Shard{1, 3}), "shard 1/3 is not finished", ErrIncomplete},
		{"a single run that was stopped", stopped(Shard{}), "--resume", ErrIncomplete},
		{"two shards", shard(0, 2), "it holds 2 shards of 3", ErrIncomplete},
		{"all shards", shard(0, 1, 2), "seal joins them", ErrIncomplete},
		{"a part that was changed", damaged, "", ErrCorrupt},
		{"a part under another's name", renamed, "holds shard 1-of-3", ErrCorrupt},
		{"segments that are gone", gone, "is missing", ErrCorrupt},
		{"nothing", t.TempDir(), "", os.ErrNotExist},
	} {
		if _, err := OpenPart(row.dir); !errors.Is(err, row.is) || !strings.Contains(err.Error(), row.say) {
			t.Errorf("%s: got %v, want %v that says %q", row.why, err, row.is, row.say)
		}
	}
}
