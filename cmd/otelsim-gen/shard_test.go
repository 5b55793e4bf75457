//go:build unix

package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// parts is a run of 13 segments, the last of them shorter.
var parts = []string{"--seed", "9", "-n", "125", "--segment-iterations", "10"}

func shardArgs(dir string, shard, of int) []string {
	return slices.Concat(parts, []string{"-o", dir, "--shard", fmt.Sprintf("%d/%d", shard, of)})
}

// Any split, in any order, one after the other or side by side, some twice:
// sealed, it is the corpus of a single run.
func TestAnySplitSealsToTheSingleRun(t *testing.T) {
	w := undisturbed(t, parts...)
	if len(w.segments) < 13 {
		t.Fatalf("%d segment files: want 13 segments", len(w.segments))
	}
	r := rand.New(rand.NewPCG(4, 0))
	for _, of := range few([]int{1, 2, 3, 7, 13, 20}, []int{3, 15}) {
		for _, atOnce := range few([]int{1, 4}, []int{4}) {
			t.Run(fmt.Sprintf("%d shards, %d at once", of, atOnce), func(t *testing.T) {
				dir := filepath.Join(scratch(t), "corpus")
				order := r.Perm(of)
				for some := range slices.Chunk(order, atOnce) {
					var runs []*process
					for _, shard := range some {
						runs = append(runs, start(t, shardArgs(dir, shard, of)...))
					}
					for i, run := range runs {
						if o := run.wait(); o.code != exitDone {
							t.Fatalf("shard %d of %v: exit %d\n%s", some[i], some, o.code, o.stderr)
						}
					}
				}
				mustExecute(t, shardArgs(dir, r.IntN(of), of)...) // once more
				checkWhole(t, dir, w.files)
				mustExecute(t, "seal", dir)
				checkSame(t, dir, w.files)
				mustExecute(t, "seal", dir)
				mustExecute(t, shardArgs(dir, r.IntN(of), of)...)
				checkSame(t, dir, w.files)
				if t.Failed() {
					t.Logf("in the order %v", order)
				}
			})
		}
	}
}

// Shards that start in the same moment agree on who begins, and the same shard
// twice gets in nobody's way.
func TestShardsThatStartTogether(t *testing.T) {
	w := undisturbed(t, parts...)
	for range 3 {
		dir := filepath.Join(scratch(t), "corpus")
		var runs []*process
		for _, shard := range []int{0, 1, 1, 2} {
			runs = append(runs, start(t, shardArgs(dir, shard, 3)...))
		}
		for i, run := range runs {
			o := run.wait()
			switch {
			case o.code == exitDone:
			case i == 1 || i == 2:
				checkOneLine(t, o, exitFailed, "1-of-3", "another run is writing here")
			default:
				t.Errorf("exit %d\n%s", o.code, o.stderr)
			}
		}
		mustExecute(t, "seal", dir)
		checkSame(t, dir, w.files)
	}
}

// What does not fit together is named, with exit 1, and nothing is changed:
// once it does fit, it can be sealed.
func TestSealNamesWhatDoesNotFit(t *testing.T) {
	w := undisturbed(t, parts...)
	root := scratch(t)
	written := func(name string, more ...string) string {
		dir := filepath.Join(root, name)
		for shard := range 3 {
			args := shardArgs(dir, shard, 3)
			if len(more) > 0 {
				args = with(args, more[0], more[1])
			}
			mustExecute(t, args...)
		}
		return dir
	}
	dir, other := written("corpus"), written("other", "--seed", "10")
	read := func(dir, name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	segment := w.segments[4]
	for _, c := range []struct {
		what  string
		name  string // of the file that is changed
		data  []byte // put there; nil removes it
		words []string
	}{
		{"a part is missing", "parts/1-of-3.json", nil,
			[]string{"incomplete", "missing parts/1-of-3.json"}},
		{"a part is of another seed", "parts/1-of-3.json", read(other, "parts/1-of-3.json"),
			[]string{"parts/1-of-3.json", "another corpus", "seed is 10, wanted 9"}},
		{"a part is of another split", "parts/0-of-2.json", read(dir, "parts/0-of-3.json"),
			[]string{"parts/0-of-2.json is foreign"}},
		{"a part is there twice", "parts/1-of-3.json", read(dir, "parts/0-of-3.json"),
			[]string{"parts/1-of-3.json holds shard 0", "twice"}},
		{"a part is cut off", "parts/2-of-3.json", read(dir, "parts/2-of-3.json")[:500],
			[]string{"parts/2-of-3.json", "corrupt"}},
		{"a segment is missing", segment, nil,
			[]string{segment, "no such file"}},
		{"a segment is of another seed", segment, read(other, segment),
			[]string{segment, "corrupt corpus"}}, // shorter and longer ones have words of their own
		{"a segment is cut off", segment, w.files[segment][:100],
			[]string{segment, "is not as it was written: 100 bytes"}},
		{"a segment is of no part", "traces/000013.pb.zst", w.files[segment],
			[]string{"traces/000013.pb.zst is of no part"}},
		{"a file is of no corpus", "notes.txt", []byte("mine"),
			[]string{"notes.txt"}},
	} {
		path := filepath.Join(dir, filepath.FromSlash(c.name))
		before := tree(t, dir)[c.name]
		replace(t, path, c.data)
		files := tree(t, dir)
		checkOneLine(t, execute(t, "seal", dir), exitFailed, append(c.words, dir)...)
		if !maps.EqualFunc(files, tree(t, dir), func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Error("something was changed")
		}
		replace(t, path, before)
		if t.Failed() {
			t.Fatal(c.what)
		}
	}
	mustExecute(t, "seal", dir)
	checkSame(t, dir, w.files)
}

// replace puts a file of this content in place of another, or none if nil.
func replace(t *testing.T, path string, data []byte) {
	t.Helper()
	err := os.Remove(path)
	if data != nil {
		err = os.WriteFile(path, data, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A shard of something else does not join, whatever is different.
func TestForeignShardDoesNotJoin(t *testing.T) {
	dir := filepath.Join(scratch(t), "corpus")
	mustExecute(t, shardArgs(dir, 0, 3)...)
	before := tree(t, dir)
	for _, c := range []struct {
		more  []string
		words string
	}{
		{[]string{"--seed", "10"}, "seed is 9, wanted 10"},
		{[]string{"-n", "126"}, "125, wanted 126"},
		{[]string{"--segment-iterations", "11"}, "10, wanted 11"},
		{[]string{"--format", "json"}, "proto, wanted json"},
		{[]string{"--compression", "none"}, "zstd, wanted none"},
		{[]string{"--vendor", "acme"}, "vendor, wanted acme"},
		{[]string{"--shard", "1/4"}, "3, wanted 4"},
	} {
		o := execute(t, with(shardArgs(dir, 1, 3), c.more[0], c.more[1])...)
		checkOneLine(t, o, exitUsage, dir, "another corpus", c.words)
		if !maps.EqualFunc(before, tree(t, dir), func(a, b []byte) bool { return string(a) == string(b) }) {
			t.Error("something was changed")
		}
		if t.Failed() {
			t.Fatalf("with %q", c.more)
		}
	}
}

// with returns a command line in which a flag has another value.
func with(args []string, flag, value string) []string {
	args = slices.Clone(args)
	if at := slices.Index(args, flag); at >= 0 {
		args[at+1] = value
		return args
	}
	return append(args, flag, value)
}
