package build

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// editRun is how many iterations the edits are compared over.
const editRun = 300

// history is what a run consists of: the scenario and bytes of each iteration.
type history struct {
	scenario []string
	bytes    [][]byte
}

func historyOf(t *testing.T, in Inputs) history {
	t.Helper()
	p := compiled(t, in, Options{})
	g := generator(t, p, run(editRun))
	var h history
	for i := range uint64(editRun) {
		h.bytes = append(h.bytes, iterationBytes(g, i))
		h.scenario = append(h.scenario, g.Iteration(i, func(*otlp.Traces) {}).Scenario)
	}
	return h
}

// withDefinition returns in with one more definition.
func withDefinition(in Inputs, name, text string) Inputs {
	in.Definitions = append(slices.Clone(in.Definitions), input.File{Name: name, Data: []byte(text)})
	return in
}

// edited returns in with a replacement in one definition.
func edited(t *testing.T, in Inputs, name, old, new string) Inputs {
	t.Helper()
	in.Definitions = slices.Clone(in.Definitions)
	for i, f := range in.Definitions {
		if f.Name == name {
			if !bytes.Contains(f.Data, []byte(old)) {
				t.Fatalf("%s does not contain %q", name, old)
			}
			in.Definitions[i].Data = bytes.Replace(f.Data, []byte(old), []byte(new), 1)
			return in
		}
	}
	t.Fatalf("no definition %s", name)
	return in
}

// configured returns in with text before a piece of its config.
func configured(t *testing.T, in Inputs, before, text string) Inputs {
	t.Helper()
	if !bytes.Contains(in.Config.Data, []byte(before)) {
		t.Fatalf("the config does not contain %q", before)
	}
	in.Config.Data = bytes.Replace(in.Config.Data, []byte(before), []byte(text+before), 1)
	return in
}

const joining = `
name: joining
workload_weight: 3
control_plane: {request_outcome: blocked, block_reason: request_policy}
`

func TestAddingAScenarioOnlyTakesIterations(t *testing.T) {
	before := historyOf(t, bundled(t))
	after := historyOf(t, withDefinition(bundled(t), "joining.yaml", joining))
	taken := 0
	for i := range editRun {
		if after.scenario[i] == "joining" {
			taken++
			continue
		}
		if before.scenario[i] != after.scenario[i] || !bytes.Equal(before.bytes[i], after.bytes[i]) {
			t.Fatalf("iteration %d was not taken and changed: %s, then %s", i, before.scenario[i], after.scenario[i])
		}
	}
	if taken == 0 || taken == editRun {
		t.Fatalf("the new scenario took %d of %d iterations", taken, editRun)
	}
}

func TestRemovingAScenarioOnlyGivesItsOwnAway(t *testing.T) {
	before := historyOf(t, withDefinition(bundled(t), "joining.yaml", joining))
	after := historyOf(t, bundled(t))
	for i := range editRun {
		if before.scenario[i] != "joining" && !bytes.Equal(before.bytes[i], after.bytes[i]) {
			t.Fatalf("iteration %d of %s changed when another scenario left", i, before.scenario[i])
		}
	}
}

func TestRaisingAWeightOnlyTakesIterations(t *testing.T) {
	before := historyOf(t, withDefinition(bundled(t), "joining.yaml", joining))
	after := historyOf(t, withDefinition(bundled(t), "joining.yaml", strings.Replace(joining, "weight: 3", "weight: 6", 1)))
	more := 0
	for i := range editRun {
		switch {
		case after.scenario[i] == "joining" && before.scenario[i] != "joining":
			more++
		case !bytes.Equal(before.bytes[i], after.bytes[i]):
			t.Fatalf("iteration %d of %s changed", i, before.scenario[i])
		}
	}
	if more == 0 {
		t.Fatal("doubling a weight took no iteration")
	}
}

// TestAddingAnAttributeMovesNothingElse edits one attribute into a scenario:
// other scenarios keep their bytes, and its own spans keep their ids, times,
// status and every other attribute.
func TestAddingAnAttributeMovesNothingElse(t *testing.T) {
	in := bundled(t)
	changed := edited(t, in, "diagnose_device.yaml",
		"vendor.rag.source: vector_db",
		"vendor.rag.source: vector_db\n            vendor.probe: {distribution: uniform, low: 0, high: 1000000}")
	before, after := historyOf(t, in), historyOf(t, changed)
	touched := 0
	for i := range editRun {
		if before.scenario[i] != "diagnose_device" {
			if !bytes.Equal(before.bytes[i], after.bytes[i]) {
				t.Fatalf("iteration %d of %s changed", i, before.scenario[i])
			}
			continue
		}
		if !bytes.Equal(before.bytes[i], after.bytes[i]) {
			touched++
		}
	}
	if touched == 0 {
		t.Fatal("the attribute appears nowhere")
	}
	a := generator(t, compiled(t, in, Options{}), run(editRun))
	b := generator(t, compiled(t, changed, Options{}), run(editRun))
	for i := range uint64(editRun) {
		if want, got := withoutProbe(a, i), withoutProbe(b, i); want != got {
			t.Fatalf("iteration %d: more than the new attribute changed:\n%s\n%s", i, want, got)
		}
	}
}

// withoutProbe describes an iteration, but for the attribute vendor.probe.
func withoutProbe(g *Generator, i uint64) string {
	var out strings.Builder
	g.Iteration(i, func(t *otlp.Traces) {
		for _, s := range t.Spans {
			span := s
			span.Name, span.Attrs, span.Message = 0, otlp.Range{}, 0
			describe(&out, t.Strings.String(s.Name), span)
			for _, a := range t.Attrs[s.Attrs.Start:s.Attrs.End] {
				if key := t.Strings.String(a.Key); key != "vendor.probe" {
					describe(&out, key, valueOf(t, a))
				}
			}
		}
	})
	return out.String()
}
