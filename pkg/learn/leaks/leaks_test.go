package leaks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	traces "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// TestEveryPlaceIsLookedAt: a secret that an output has is found wherever in a capture it
// is, rare or, in free text, in all traces; and none where the output has none.
func TestEveryPlaceIsLookedAt(t *testing.T) {
	if len(places) < 30 {
		t.Fatal("too few places")
	}
	public := privacy.Bundled()
	for _, everywhere := range []bool{false, true} {
		in := capture(t, everywhere)
		var b strings.Builder
		b.WriteString("services:\n")
		for i := range places {
			fmt.Fprintf(&b, "  key%d: x-%s_1\n", i, secretOf(i))
		}
		r := run(t, in, b.String(), Options{Public: public, Goroutines: 2})
		found := make(map[int]string)
		for _, f := range r.Findings {
			found[f.Where.Line] = f.Kind
		}
		for i, x := range places {
			if kind := found[i+2]; kind == "" || everywhere && x.free && kind != Free {
				t.Errorf("everywhere %v: a secret in %s: got %q", everywhere, x.name, kind)
			}
		}
		if r.Leaks != uint64(len(places)) || r.Traces < 40 {
			t.Errorf("got %d leaks in %d traces", r.Leaks, r.Traces)
		}
		if r := run(t, in, "services:\n  cart: {protocol: http}\n  zarquon: {}\n", Options{Public: public}); r.Leaks != 0 {
			t.Errorf("nothing is there: got %v", r.Findings)
		}
	}
}

// TestNamesOfServices: these are names and no free text, however many words they have.
func TestNamesOfServices(t *testing.T) {
	in := write(t, otelsim.Options{Seed: 3, Count: 40, Scenarios: []string{"shop"}}, func(r record) []byte {
		return eachResource(t, r, func(s *traces.ResourceSpans) {
			s.Resource.Attributes[0] = pair("service.name", str("the warehouse of zarquons"))
		})
	}, filepath.Join(t.TempDir(), "capture.binpb"))
	if r := run(t, in, "services:\n  the warehouse of zarquons: {}\n", Options{Public: privacy.Bundled()}); r.Leaks != 0 {
		t.Errorf("got %v", r.Findings)
	}
}

// TestFolders: texts and telemetry are looked through, in folders below each other.
func TestFolders(t *testing.T) {
	in := capture(t, false)
	dir := t.TempDir()
	plan, err := otelsim.New(otelsim.Options{Seed: 4, Count: 5, Scenarios: []string{"shop"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plan.Write(context.Background(), otelsim.WriteOptions{Dir: filepath.Join(dir, "data")}); err != nil {
		t.Fatal(err)
	}
	look := func() Result {
		var out Outputs
		if err := out.Dir(dir); err != nil {
			t.Fatal(err)
		}
		r, err := Test(context.Background(), in, &out, Options{Public: privacy.Bundled()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// The same shop with another seed: what drew it, drew both.
	r := look()
	if r.Seen < 20 {
		t.Errorf("%d texts of a corpus are seen in another", r.Seen)
	}
	if slices.ContainsFunc(r.Findings, func(f findings.Finding) bool { return f.Kind == Secret }) {
		t.Errorf("ids that are drawn are found: %s", messages(r.Findings))
	}
	before := r.Leaks // texts of that shop that few traces have
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("two lines\nof "+secretOf(0)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, otelsim.Options{Seed: 4, Count: 1, Scenarios: []string{"shop"}}, func(r record) []byte {
		return (&planter{done: make(map[string]bool)}).record(t, r)
	}, filepath.Join(dir, "data.binpb"))
	if r = look(); r.Leaks < before+3 {
		t.Errorf("got %d leaks of %d", r.Leaks, before)
	}
	if !slices.ContainsFunc(r.Findings, func(f findings.Finding) bool {
		return strings.HasSuffix(f.Where.File, "/notes.txt") && f.Where.Line == 2
	}) {
		t.Errorf("the text is not looked through: %s", messages(r.Findings))
	}
}
