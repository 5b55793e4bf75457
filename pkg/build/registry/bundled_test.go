package registry

import (
	"flag"
	"os"
	"reflect"
	"testing"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/pkg/build/input"
)

var update = flag.Bool("update", false, "pack config/registry/*.yaml again")

const packedFile = "../../../config/registry/registries.bin"

// fromYAML reads a bundled registry from the file that people read.
func fromYAML(t testing.TB, name string) *Registry {
	t.Helper()
	data, err := os.ReadFile("../../../config/registry/" + name)
	if err != nil {
		t.Fatal(err)
	}
	name = "bundled/registry/" + name
	var p input.Problems
	r := Load(Source{Name: name, Files: []input.File{{Name: name, Data: data}}}, nil, &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	return r
}

// TestBundledIsWhatTheFilesSay: the packed form, which is embedded, is that of the
// YAML files. Run with -update after a change of those.
func TestBundledIsWhatTheFilesSay(t *testing.T) {
	want := []*Registry{fromYAML(t, "otel.yaml"), fromYAML(t, "genai.yaml")}
	packed := packAll(want...)
	if *update {
		if err := os.WriteFile(packedFile, []byte(packed), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d bytes", len(packed))
		return
	}
	if packed != config.Registries {
		t.Fatalf("%s is not that of the YAML files: go test ./pkg/build/registry -run TestBundledIsWhatTheFilesSay -update", packedFile)
	}
	got, err := unpackAll(config.Registries)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d registries, want %d", len(got), len(want))
	}
	for i := range want {
		want[i].groups = nil // which no one asks bundled facts for
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("registry %d is another one", i)
		}
	}
	if want[0].SchemaURL != officialURL || want[1].SchemaURL != genaiURL {
		t.Errorf("they are %q and %q, want %q and %q", want[0].SchemaURL, want[1].SchemaURL, officialURL, genaiURL)
	}
}

// TestCounts: the official registry is read in full.
func TestCounts(t *testing.T) {
	all, err := unpackAll(config.Registries)
	if err != nil {
		t.Fatal(err)
	}
	count := func(r *Registry) [7]int {
		return [7]int{len(r.Attributes), len(r.Spans), len(r.Metrics), len(r.Events), len(r.Entities), len(r.SpanRefinements), len(r.MetricRefinements)}
	}
	for i, want := range [][7]int{{943, 78, 541, 32, 64, 0, 0}, {106, 15, 26, 3, 1, 8, 9}} {
		if got := count(all[i]); got != want {
			t.Errorf("registry %d has %d, want %d", i, got, want)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	b.SetBytes(int64(len(config.Registries)))
	b.ReportAllocs()
	for b.Loop() {
		all, err := unpackAll(config.Registries)
		if err != nil {
			b.Fatal(err)
		}
		Layer(all...)
	}
}

func BenchmarkYAML(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		fromYAML(b, "otel.yaml")
		fromYAML(b, "genai.yaml")
	}
}
