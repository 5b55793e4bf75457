package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/randomsystem"
)

var (
	roundSeeds    = flag.Uint64("roundtrip-seeds", 0, "`N` random systems that TestRoundTrip learns, beside the bundled scenarios; 0: a small one alone")
	roundSessions = flag.Uint64("roundtrip-sessions", 20_000, "`N` sessions of each")
	roundCase     = flag.String("roundtrip-case", "", "the `NAME` of the only case to try")
	roundTable    = flag.String("roundtrip-table", "", "append the measures to `FILE`")
)

// byName are tried when they are named, since not all of their measures keep to their bounds yet.
var byName = map[string][]string{"agents_genai": {"--semconv", "genai"}, "agents_unified": {"--trace-shape", "unified"}}

// measure is one of the JSON of compare.
type measure struct {
	Name     string
	Value    float64
	Baseline *float64
	Chance   float64
}

// bound is the most that what is generated may be apart from what it was learnt from:
// more than two halves of that are by little, or next to nothing. Of few sessions it may be
// what chance explains.
func (m *measure) bound(few bool) float64 {
	least := 0.03
	if m.Name == "duration_p99" || m.Name == "attribute_cardinality" { // relative
		least = 0.1
	}
	if few {
		least = math.Max(least, m.Chance)
	}
	if m.Baseline == nil {
		return least
	}
	return math.Max(least, *m.Baseline+0.02)
}

// TestRoundTrip generates, learns from that, generates as many sessions from what was
// learnt with another seed, and compares the two. In a small sample chance alone may be more
// than the bound: there it may be as much as that.
func TestRoundTrip(t *testing.T) {
	sessions := *roundSessions
	cases := map[string][]string{"shop": {"--scenario", "shop"}, "shop_incident": {"--scenario", "shop_incident"}, "agents": nil}
	if *roundSeeds == 0 {
		cases, sessions = map[string][]string{}, 600
	}
	var names []string
	for name := range cases { // order-free: sorted
		names = append(names, name)
	}
	slices.Sort(names)
	if args, ok := byName[*roundCase]; ok {
		cases[*roundCase], names = args, append(names, *roundCase)
	}
	for seed := range max(*roundSeeds, 1) {
		name := fmt.Sprintf("random_%d", seed)
		cases[name] = []string{"--definitions", randomFile(t, seed)}
		names = append(names, name)
	}
	for _, name := range names {
		if *roundCase != "" && *roundCase != name {
			continue
		}
		t.Run(name, func(t *testing.T) {
			dir := scratch(t)
			a, model, b := filepath.Join(dir, "a"), filepath.Join(dir, "model"), filepath.Join(dir, "b")
			n := strconv.FormatUint(sessions, 10)
			mustRun(t, append(cases[name], "--seed", "1", "-n", n, "--quiet", "-o", a)...)
			mustRun(t, "learn", "--quiet", a, "-o", model)
			if code, _, stderr := command("validate", "--strict", "--project", filepath.Join(model, "project.yaml")); code != exitDone {
				t.Errorf("what was learnt is not what --strict accepts: %s", stderr) // how near it comes is told all the same
			}
			mustRun(t, "--project", filepath.Join(model, "project.yaml"), "--seed", "2", "-n", n, "--quiet", "-o", b)
			checkMeasures(t, name, a, b)
		})
	}
}

func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := command(args...)
	if code != exitDone {
		t.Fatalf("otelsim-gen %s: exit %d: %s", strings.Join(args, " "), code, stderr)
	}
	return stdout
}

// randomFile writes a random system to a file.
func randomFile(t *testing.T, seed uint64) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "random.yaml")
	if err := os.WriteFile(name, []byte(randomsystem.New(seed).Text), 0o666); err != nil {
		t.Fatal(err)
	}
	return name
}

// checkMeasures holds the measures of what was generated to their bounds.
func checkMeasures(t *testing.T, name, a, b string) {
	t.Helper()
	code, stdout, stderr := command("compare", "--quiet", "--json", a, b)
	if code != exitDone && code != exitFailed {
		t.Fatalf("compare: exit %d: %s", code, stderr)
	}
	var got struct{ Measures []measure }
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || len(got.Measures) < 10 {
		t.Fatalf("%v: %.300s", err, stdout)
	}
	var table strings.Builder
	for _, m := range got.Measures {
		bound, baseline := m.bound(*roundSeeds == 0), math.NaN()
		if m.Baseline != nil {
			baseline = *m.Baseline
		}
		word := "ok"
		if m.Value > bound {
			word = "FAR"
			t.Errorf("%s: %.4f, want at most %.4f", m.Name, m.Value, bound)
		}
		fmt.Fprintf(&table, "%-14s %-28s %9.4f %9.4f %9.4f %s\n", name, m.Name, m.Value, baseline, bound, word)
	}
	t.Logf("case, measure, value, baseline, bound:\n%s", table.String())
	if *roundTable != "" {
		f, err := os.OpenFile(*roundTable, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(table.String()); err != nil {
			t.Fatal(err)
		}
	}
}
