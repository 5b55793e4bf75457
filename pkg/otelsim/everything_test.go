package otelsim_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// Systems with everything that they can say are the same bytes whoever writes them: one
// worker or several, in shards, and resumed after an interrupt.
func TestSystemsAreTheSameBytesWhoeverWritesThem(t *testing.T) {
	in, err := otelsim.ReadInputs(os.DirFS("../../golden/system-everything/input"))
	if err != nil {
		t.Fatal(err)
	}
	p := newPlan(t, otelsim.Options{Inputs: in, Seed: 5, Count: 50, SegmentIterations: 4, BatchItems: 40})
	write := func(dir string, o otelsim.WriteOptions) {
		o.Dir = dir
		if _, err := p.Write(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	root := t.TempDir()
	one, many, shards, resumed := filepath.Join(root, "1"), filepath.Join(root, "2"), filepath.Join(root, "3"), filepath.Join(root, "4")
	write(one, otelsim.WriteOptions{Workers: 1})
	write(many, otelsim.WriteOptions{Workers: 5})
	for _, shard := range []uint64{2, 0, 1} {
		write(shards, otelsim.WriteOptions{Workers: 2, Shard: corpus.Shard{Index: shard, Count: 3}})
	}
	if _, err := corpus.Seal(t.Context(), corpus.SealOptions{Dir: shards, Workers: 2}); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	o := otelsim.WriteOptions{Dir: resumed, Workers: 2, Progress: func(done, total, kept uint64) {
		if done == 3 {
			interrupt()
		}
	}}
	if _, err := p.Write(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupt gives %v", err)
	}
	most := uint64(0)
	write(resumed, otelsim.WriteOptions{Workers: 3, Resume: true, Progress: func(_, _, kept uint64) { most = max(most, kept) }})
	if most < 3 || most > 12 {
		t.Errorf("%d of 13 segments were kept", most)
	}
	want := files(t, one)
	if len(want) != 3*13+2 {
		t.Errorf("%d files", len(want))
	}
	for _, dir := range []string{many, shards, resumed} {
		got := files(t, dir)
		for name := range want {
			if !bytes.Equal(got[name], want[name]) {
				t.Errorf("%s of %s differs", name, filepath.Base(dir))
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d files, want %d", len(got), len(want))
		}
	}
}

// files reads a corpus, but for what says who wrote it.
func files(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == corpus.BuildInfoFile || d.Name() == corpus.SumsFile {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
