package judge

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var sourceFaults = flag.Bool("source-faults", false, "build match with faults in it, one after the other, and see that each is found")

// edit is a change to a file of match.
type edit struct{ file, from, to string }

// planted are faults in the source of match and form.
var planted = []struct {
	name  string
	edits []edit
}{
	{"spans known by their own id alone", []edit{
		{"join.go", "return mingle(uint64(group), ", "return mingle(0, "},
		{"traces.go", "if it.group != g || it.span != x.span || it.slot < 0 {", "if it.span != x.span || it.slot < 0 || int(it.slot) >= len(j.counts) {"},
		{"traces.go", "return it.group == g && it.span == x.span", "return it.span == x.span"},
	}},
	{"traces known by half of their id", []edit{{"join.go", "\tlap, ok = j.laps.of(low)\n", "\tlap, ok = j.laps.of(low)\n\tok = true\n"}}},
	{"laps of ids not undone", []edit{{"traces.go", "form.Undo{TraceXor: w.trace, SpanXor: w.span, Shift: by}", "form.Undo{Shift: by}"}}},
	{"moved times not undone", []edit{{"traces.go", "SpanXor: w.span, Shift: by}", "SpanXor: w.span}"}}},
	{"moved times of points not undone", []edit{{"moved.go", "j.undo.Shift = e.Shift", "j.undo.Shift = 0"}}},
	{"starts of points not undone", []edit{{"moved.go", "starts[p.Temporality]; s != 0", "starts[p.Temporality]; s == 1"}}},
	{"exemplars as their records", []edit{{"moved.go", "return x.Shift + e.Run - x.Run", "return e.Shift"}}},
	{"fates forgotten", []edit{{"units.go", "dst.Fate, dst.Attempted = e.Fate, e.Last", "dst.Attempted = e.Last"}}},
	{"times of sending forgotten", []edit{{"units.go", "dst.Fate, dst.Attempted = e.Fate, e.Last", "dst.Fate = e.Fate"}}},
	{"attributes not in digests", []edit{{"form/digest.go", "!zero || a.label != single {", "(!zero || a.label != single) && a.label != set {"}}},
	{"unknown fields not in digests", []edit{{"form/digest.go", "\t\t\ttotal += unknownDigest(tag, value, word)\n", "\t\t\t_, _ = value, word\n"}}},
	{"changed points unknown", []edit{{"points.go", "\tj.giveChanged()\n", ""}}},
	{"changed log records unknown", []edit{{"logs.go", "\t\tj.giveAlike(left)\n", "\t\t_ = left\n"}}},
	{"altered points before equal ones", []edit{{"moved.go", "ok && !alike {", "ok && alike && !alike {"}}},
}

// TestFaultsInTheSourceAreCaught builds the proof with faults in what it proves.
func TestFaultsInTheSourceAreCaught(t *testing.T) {
	if !*sourceFaults {
		t.Skip("with -source-faults")
	}
	for _, f := range planted {
		t.Run(f.name, func(t *testing.T) {
			dir := t.TempDir()
			program := filepath.Join(dir, "proof")
			overlay := plant(t, dir, f.edits)
			if out, err := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
				t.Fatalf("build: %v\n%s", err, out)
			}
			out, err := exec.Command(program, "-test.run", "TestWhatIsFoundIsWhatWasDone", "-test.failfast", "-seeds", "60").CombinedOutput()
			_, found, _ := strings.Cut(string(out), "workers; ")
			if err == nil || found == "" {
				t.Errorf("no trial shows it (%v)", err)
				return
			}
			_, found, _ = strings.Cut(found, "\n")
			line, _, _ := strings.Cut(strings.TrimSpace(found), "\n")
			t.Log(line)
		})
	}
}

// plant writes the edited files and returns the file that has them built in place of
// those that are there.
func plant(t *testing.T, dir string, edits []edit) (overlay string) {
	t.Helper()
	replace, texts := make(map[string]string), make(map[string]string)
	for _, e := range edits {
		path, err := filepath.Abs(filepath.Join("..", e.file))
		if err != nil {
			t.Fatal(err)
		}
		if texts[path] == "" {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			texts[path] = string(source)
		}
		if n := strings.Count(texts[path], e.from); n != 1 {
			t.Fatalf("%s has %q %d times: the fault is to be planted anew", e.file, e.from, n)
		}
		texts[path] = strings.Replace(texts[path], e.from, e.to, 1)
		replace[path] = filepath.Join(dir, strings.ReplaceAll(e.file, "/", "_"))
		if err := os.WriteFile(replace[path], []byte(texts[path]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(overlay, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return overlay
}
