package registry

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// FuzzLoad: no file makes the reader stop, and what it makes of one can be asked and
// packed.
func FuzzLoad(f *testing.F) {
	for _, m := range mistakes {
		f.Add([]byte(m.file), []byte("schema_url: https://x.example/schemas/x/1.0.0\n"))
	}
	files, err := filepath.Glob("testdata/*/*/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal(err)
	}
	manifest, err := os.ReadFile("testdata/acme/manifest.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range append(files, "testdata/acme.resolved.yaml") {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, manifest)
	}
	base := Dependency{Name: "base", Source: read(f, "testdata/base")}
	f.Fuzz(func(t *testing.T, data, manifest []byte) {
		var p input.Problems
		r := Load(Source{Name: "x", Files: []input.File{{Name: "x.yaml", Data: data}, {Name: "manifest.yaml", Data: manifest}}}, []Dependency{base}, &p)
		for _, a := range r.Attributes {
			if got, ok := r.Attribute(a.Key); !ok || got != a {
				t.Errorf("attribute %q is not found", a.Key)
			}
			r.Name(a.Key).Problem()
		}
		again, err := unpack(string(pack(r)))
		if err != nil {
			t.Fatal(err)
		}
		if dump(again) != dump(r) {
			t.Error("packing loses something")
		}
		Lint(r, Bundled(), &p)
		for _, problem := range p.All() {
			if problem.String() == "" || problem.Pos.File == "" {
				t.Errorf("a problem without a place: %q", problem)
			}
		}
	})
}
