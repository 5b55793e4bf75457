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

// edits are faults that are planted in the source of match and form.
var edits = []struct{ name, file, from, to string }{
	{"spans known by their own id alone", "traces.go", "s, ok := j.bySpan.find(spanHash(g, &x.span), func(i uint32) bool {",
		"s, ok := uint32(0), false\n\tfor i := range j.sent.items {\n\t\tif j.sent.items[i].span == x.span && !ok {\n\t\t\ts, ok = uint32(i), true\n\t\t}\n\t}\n\t_ = (func(i uint32) bool {"},
	{"traces known by half of their id", "join.go", "lap, ok := j.laps.of(low)", "lap, ok := uint32(0), low >= 0"},
	{"laps of ids not undone", "traces.go", "form.Undo{TraceXor: w.trace, SpanXor: w.span, Shift: by}", "form.Undo{Shift: by}"},
	{"moved times not undone", "traces.go", "SpanXor: w.span, Shift: by}", "SpanXor: w.span}"},
	{"moved times of points not undone", "moved.go", "j.undo.Shift = e.Shift", "j.undo.Shift = 0"},
	{"starts of points not undone", "moved.go", "starts[p.Temporality]; s != 0", "starts[p.Temporality]; s == 1"},
	{"exemplars as their records", "moved.go", "return x.Shift + e.Run - x.Run", "return e.Shift"},
	{"fates forgotten", "units.go", "dst.Fate, dst.Attempted = e.Fate, e.Last", "dst.Attempted = e.Last"},
	{"times of sending forgotten", "units.go", "dst.Fate, dst.Attempted = e.Fate, e.Last", "dst.Fate = e.Fate"},
	{"attributes not in digests", "form/digest.go", "!zero || a.label != single {", "(!zero || a.label != single) && a.label != set {"},
	{"unknown fields not in digests", "form/digest.go", "\t\t\ttotal += unknownDigest(tag, value, word)\n", "\t\t\t_, _ = value, word\n"},
	{"changed points unknown", "points.go", "\tj.giveChanged()\n", ""},
	{"changed log records unknown", "logs.go", "\t\tj.giveAlike(left)\n", "\t\t_ = left\n"},
	{"altered points before equal ones", "moved.go", "ok && !alike {", "ok && alike && !alike {"},
}

// TestFaultsInTheSourceAreCaught builds the proof with faults in what it proves.
func TestFaultsInTheSourceAreCaught(t *testing.T) {
	if !*sourceFaults {
		t.Skip("with -source-faults")
	}
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("..", e.file))
			if err != nil {
				t.Fatal(err)
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(source), e.from); n != 1 {
				t.Fatalf("%s has %q %d times: the fault is to be planted anew", e.file, e.from, n)
			}
			dir := t.TempDir()
			file, overlay, program := filepath.Join(dir, "faulty.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "proof")
			replace, err := json.Marshal(map[string]map[string]string{"Replace": {path: file}})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{file: strings.Replace(string(source), e.from, e.to, 1), overlay: string(replace)} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
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
