package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

var (
	mutants    = flag.Int("mutants", 20, "changed input files that are tried")
	mutantSeed = flag.Uint64("mutant-seed", 1, "the seed of the first of them; the others follow")
)

// TestMutantsThatAreAcceptedVerify changes the bundled inputs in ways that
// people and programs do: a value of another type or outside of its list,
// something required gone, keys swapped, doubled, misspelt. Whatever
// validate --strict accepts must generate, and verify must find nothing in it;
// whatever it refuses must be refused in few words that name the file.
func TestMutantsThatAreAcceptedVerify(t *testing.T) {
	dir, _ := inputFiles(t)
	h := &mutantHouse{dir: dir}
	names, err := filepath.Glob(filepath.Join(dir, "definitions", "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	h.definitions = names
	accepted := 0
	for i := range *mutants {
		seed := *mutantSeed + uint64(i)
		if h.try(t, seed) {
			accepted++
		}
	}
	t.Logf("%d of %d mutants were accepted", accepted, *mutants)
	if *mutants >= 100 && (accepted < *mutants/20 || accepted > *mutants*19/20) {
		t.Errorf("%d of %d mutants were accepted: that says little", accepted, *mutants)
	}
}

// mutantHouse is a folder with the bundled inputs.
type mutantHouse struct {
	dir         string
	definitions []string
}

// try makes one mutant and reports whether it was accepted.
func (h *mutantHouse) try(t *testing.T, seed uint64) bool {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	dir := filepath.Join(h.dir, "mutant")
	defer os.RemoveAll(dir)
	if err := os.MkdirAll(filepath.Join(dir, "definitions"), 0o700); err != nil {
		t.Fatal(err)
	}
	target := []string{"config.yaml", "config.yaml", "resource.yaml", "semconv.yaml", "semconv.yaml", "", "", ""}[r.IntN(8)]
	chosen := []string{}
	some := h.definitions[r.IntN(len(h.definitions))]
	if target == "" {
		target = filepath.Join("definitions", filepath.Base(some))
	}
	for i, name := range h.definitions {
		// Those of the control plane use the templates of the config.
		if plane := strings.HasPrefix(filepath.Base(name), "re"); plane || name == some || r.IntN(len(h.definitions)) < 4 && i > 0 {
			chosen = append(chosen, name)
		}
	}
	copyTo := func(from, name string) {
		data, err := os.ReadFile(from)
		if err == nil && filepath.Clean(name) == target {
			data = mutate(t, r, data)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"config.yaml", "resource.yaml", "semconv.yaml"} {
		copyTo(filepath.Join(h.dir, name), name)
	}
	slices.Sort(chosen)
	for _, name := range slices.Compact(chosen) {
		copyTo(name, filepath.Join("definitions", filepath.Base(name)))
	}
	return h.judge(t, r, seed, dir, target, "--config", filepath.Join(dir, "config.yaml"), "--semconv", filepath.Join(dir, "semconv.yaml"),
		"--definitions", filepath.Join(dir, "definitions"))
}

// TestMutantsOfSystemsThatAreAcceptedVerify is the same for a scenario of services.
func TestMutantsOfSystemsThatAreAcceptedVerify(t *testing.T) {
	shop, err := os.ReadFile("../../pkg/conform/trial/testdata/shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	h := &mutantHouse{dir: t.TempDir()}
	accepted := 0
	for i := range *mutants {
		seed := *mutantSeed + uint64(i)
		r := rand.New(rand.NewPCG(seed, 2))
		dir := filepath.Join(h.dir, "mutant")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, "shop.yaml")
		if err := os.WriteFile(name, mutate(t, r, shop), 0o600); err != nil {
			t.Fatal(err)
		}
		if h.judge(t, r, seed, dir, "shop.yaml", "--definitions", name) {
			accepted++
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d mutants were accepted", accepted, *mutants)
}

// judge holds a mutant to what is promised of it. inputs are the flags that name it.
func (h *mutantHouse) judge(t *testing.T, r *rand.Rand, seed uint64, dir, target string, inputs ...string) bool {
	t.Helper()
	inputs = append(inputs, "--vendor", []string{"vendor", "vendor", "acme"}[r.IntN(3)])
	args := append([]string{"validate", "--strict"}, inputs...)
	code, _, stderr := command(args...)
	fail := func(format string, args ...any) {
		t.Errorf("seed %d, %s: "+format, append([]any{seed, target}, args...)...)
	}
	if code != exitDone {
		if code != exitUsage || len(stderr) > 200_000 || !strings.Contains(stderr, "mutant") && !strings.Contains(stderr, "nothing to run") {
			fail("refused with exit %d, and %d bytes of words: %.300s", code, len(stderr), stderr)
		}
		return false
	}
	corpus := filepath.Join(dir, "corpus")
	shape := []string{"separate", "separate", "unified"}[r.IntN(3)]
	content := []string{"scenario", "scenario", "none", "raw", "redacted"}[r.IntN(5)]
	format := []string{"proto", "proto", "json"}[r.IntN(3)]
	args = append([]string{"-o", corpus, "-n", "30", "--segment-iterations", "30", "--interval", "1s", "--quiet", "--force",
		"--trace-shape", shape, "--content", content, "--format", format, "--metric-interval", "1h", "--seed", fmt.Sprint(seed)}, inputs...)
	if code, _, stderr := command(args...); code != exitDone && !strings.Contains(stderr, "nothing to run") {
		fail("accepted, and not generated (%s %s %s): %.600s", shape, content, format, stderr)
		return true
	} else if code != exitDone {
		return true
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"verify", corpus, "--quiet"}, &out, &errs); code != exitDone {
		fail("accepted, and verify finds (%s %s %s): %.900s %s", shape, content, format, out.String(), errs.String())
	}
	return true
}

// mutate returns a document with one change, now and then two.
func mutate(t *testing.T, r *rand.Rand, data []byte) []byte {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	var all []*yaml.Node // mappings and lists that are not empty
	var scalars []*yaml.Node
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		switch {
		case n.Kind == yaml.ScalarNode:
			scalars = append(scalars, n)
		case n.Kind != yaml.DocumentNode && len(n.Content) > 0:
			all = append(all, n)
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(&doc)
	for range 1 + r.IntN(5)/4 {
		alter(r, all[r.IntN(len(all))], all, scalars)
	}
	out, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// odd are values that are seldom right.
var odd = []string{`""`, "0", "-1", "1", "2", "0.5", "1.5", "1e12", "-0.001", "true", "false", "~", "[]", "{}", "weird", "[a, b]", "{a: 1}",
	`"5"`, "100000", "none", "error", "blocked", "allowed", "fail", "skip", "pass", "random", ".nan", "2026-01-01"}

// alter changes one mapping or list.
func alter(r *rand.Rand, n *yaml.Node, all, scalars []*yaml.Node) {
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	count := len(n.Content) / step
	if count == 0 {
		return
	}
	i := r.IntN(count) * step
	value := i + step - 1
	switch r.IntN(10) {
	case 0, 1, 2: // a value that is seldom right
		var v yaml.Node
		if err := yaml.Unmarshal([]byte(odd[r.IntN(len(odd))]), &v); err == nil && len(v.Content) == 1 {
			n.Content[value] = v.Content[0]
		}
	case 3, 4: // something is gone
		n.Content = slices.Delete(n.Content, i, i+step)
	case 5: // two change places: values of a mapping, items of a list
		k := r.IntN(count)*step + step - 1
		n.Content[value], n.Content[k] = n.Content[k], n.Content[value]
	case 6: // a key or item is there twice
		n.Content = slices.Insert(n.Content, i, slices.Clone(n.Content[i:i+step])...)
	case 7: // a value from elsewhere in the file
		n.Content[value] = scalars[r.IntN(len(scalars))]
	case 8: // a part from elsewhere in the file, unless it is around this one
		other := all[r.IntN(len(all))]
		if !holds(other, n) {
			n.Content[value] = other
		}
	case 9: // a key that is misspelt, or that of another place
		if step == 2 {
			k := *n.Content[i]
			if k.Value += "s"; r.IntN(2) == 0 {
				k.Value = scalars[r.IntN(len(scalars))].Value
			}
			n.Content[i] = &k
		}
	}
}

// holds reports whether n stands within outer.
func holds(outer, n *yaml.Node) bool {
	return outer == n || slices.ContainsFunc(outer.Content, func(c *yaml.Node) bool { return holds(c, n) })
}
