package input

import "testing"

const baseText = `a: 1
b:
  c: 2
  d: {e: 3}
  f: [1, 2]
g: x
`

// loadOver loads own over the base of the tests.
func loadOver(own string) (*Node, *Problems) {
	var p Problems
	base := File{Name: "base.yaml", Data: []byte(baseText)}
	return Load(File{Name: "own.yaml", Data: []byte(own), Base: &base}, &p), &p
}

func TestLayers(t *testing.T) {
	for _, row := range []struct{ why, own, want string }{
		{"without the key nothing is laid over anything", "a: 5\n", "{a: 5}"},
		{"nothing of one's own is the base", "extends: bundled\n", "{a: 1, b: {c: 2, d: {e: 3}, f: [1, 2]}, g: x}"},
		{"mappings merge, keys of the base first", "z: 9\nextends: bundled\nb: {h: 4, d: {e: 5, i: 6}}\n",
			"{a: 1, b: {c: 2, d: {e: 5, i: 6}, f: [1, 2], h: 4}, g: x, z: 9}"},
		{"lists are replaced", "extends: bundled\nb: {f: [7]}\n", "{a: 1, b: {c: 2, d: {e: 3}, f: [7]}, g: x}"},
		{"a mapping is replaced by what is none, and the other way round", "extends: bundled\nb: 3\ng: {h: 1}\n", "{a: 1, b: 3, g: {h: 1}}"},
		{"a key without a value is taken away", "extends: bundled\na:\nb: {d: ~, f: null}\n", "{b: {c: 2}, g: x}"},
		{"at every depth", "extends: bundled\nb: {d: {e: }}\n", "{a: 1, b: {c: 2, d: {}, f: [1, 2]}, g: x}"},
		{"an alias is what it stands for", "extends: bundled\nx: &x {e: 8}\nb: {d: *x}\n", "{a: 1, b: {c: 2, d: {e: 8}, f: [1, 2]}, g: x, x: {e: 8}}"},
	} {
		n, p := loadOver(row.own)
		if n == nil || p.Errors()+p.Warnings() > 0 {
			t.Errorf("%s: %v", row.why, lines(p))
			continue
		}
		if got := dump(n); got != row.want {
			t.Errorf("%s: got %s, want %s", row.why, got, row.want)
		}
	}
}

func TestLayersKeepPositions(t *testing.T) {
	n, p := loadOver("extends: bundled\nb:\n  c: 7\n  d:\n  new: 5\n")
	m, _ := n.Map(p)
	b, _ := m.Map("b")
	for key, want := range map[string]string{"c": "own.yaml:3:6", "d": "own.yaml:4:3", "f": "base.yaml:5:6", "new": "own.yaml:5:8"} {
		if got := b.At(key).String(); got != want {
			t.Errorf("%s is at %s, want %s", key, got, want)
		}
	}
	if got := m.At("a").String(); got != "base.yaml:1:4" {
		t.Errorf("a is at %s", got)
	}
	b.Fail("d", "missing")
	b.Get("f").Fail(p, "odd")
	checkLines(t, lines(p), "base.yaml:5:6: b.f: odd", "own.yaml:4:3: b.d: missing")
	if !n.Layered {
		t.Error("the document does not say that it is laid over another")
	}
}

func TestLayersOfMistakes(t *testing.T) {
	for _, row := range []struct{ why, own, want string }{
		{"another file", "extends: base.yaml\n",
			`own.yaml:1:10: extends: found "base.yaml", want "bundled": a file is laid over the one that comes with the program, over no other`},
		{"a list", "extends: [bundled]\n", "own.yaml:1:10: extends: found a list, want a string"},
		{"no name", "a: 2\nextends:\n", `own.yaml:2:1: extends: empty, want "bundled"`},
		{"a slip in what is taken away", "extends: bundled\nb:\n  dd:\n", `own.yaml:3:3: warning: nothing to take away: unknown key "dd"; did you mean "d"? allowed: c, d, f`},
		{"a mapping that is meant to empty another", "extends: bundled\nb: {}\n",
			"own.yaml:2:4: warning: b: has no effect: it is empty, and what it is laid over stays; a key without a value takes it away"},
	} {
		_, p := loadOver(row.own)
		t.Log(row.why)
		checkLines(t, lines(p), row.want)
	}
}

// A base that cannot be used is told, and nothing is laid over it; a file without a
// base has no such key.
func TestLayersWithoutABase(t *testing.T) {
	var p Problems
	base := File{Name: "base.yaml", Data: []byte("[")}
	if n := Load(File{Name: "own.yaml", Data: []byte("extends: bundled\n"), Base: &base}, &p); n != nil || p.Errors() != 1 {
		t.Errorf("got %v, %v", n, lines(&p))
	}
	p = Problems{}
	n := Load(File{Name: "own.yaml", Data: []byte("extends: bundled\n")}, &p)
	n.Map(&p, "a")
	checkLines(t, lines(&p), `own.yaml:1:1: unknown key "extends"; allowed: a`)
}
