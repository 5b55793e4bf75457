package build

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// everything returns the inputs of the golden case with everything that systems can say:
// two systems, one laid over the other, with the agents that they ask, phases, values and
// metrics, and agents whose tools call services, in a config with arrivals and phases.
func everything(t *testing.T) Inputs {
	t.Helper()
	in := bundled(t)
	in.Bundled = false
	in.Definitions = nil
	read := func(name string) input.File {
		data, err := os.ReadFile(filepath.Join("../../golden/system-everything/input", name))
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: filepath.Base(name), Data: data}
	}
	for _, name := range []string{"desk.yaml", "desk_at_night.yaml", "helper.yaml", "clerk.yaml"} {
		in.Definitions = append(in.Definitions, read("definitions/"+name))
	}
	base := in.Config
	in.Config = read("config.yaml")
	in.Config.Base = &base
	return in
}

func everythingRun(count uint64) Run {
	r := run(count)
	r.Interval, r.Deviation = 0, 0 // the config says how sessions arrive
	return r
}

// With everything that systems can say, any iteration made alone is the one of the run,
// and a longer run begins with the shorter one.
func TestIterationsOfSystemsWithEverythingStandAlone(t *testing.T) {
	p := compiled(t, everything(t), Options{})
	r := everythingRun(72)
	g := generator(t, p, r)
	var whole []byte
	for s := range r.Segments() {
		whole = append(whole, unframe(t, segment(t, g, s).Data)...)
	}
	longer := generator(t, p, everythingRun(3000))
	alone := make([][]byte, r.Count)
	for i := int(r.Count) - 1; i >= 0; i-- {
		alone[i] = iterationBytes(longer, uint64(i))
		if i%9 == 0 && !bytes.Equal(alone[i], iterationBytes(generator(t, p, r), uint64(i))) {
			t.Fatalf("iteration %d differs when nothing was made before it", i)
		}
	}
	if !bytes.Equal(whole, bytes.Join(alone, nil)) {
		t.Error("iterations made alone, the last first, differ from those of the run")
	}
}

// An attribute more moves nothing but itself; an edit of one system leaves the
// iterations of the other as they were.
func TestEditsOfSystemsWithEverythingStayLocal(t *testing.T) {
	const n = 100
	in := everything(t)
	of := func(in Inputs) *Generator { return generator(t, compiled(t, in, Options{}), everythingRun(n)) }
	before := of(in)
	probed := of(edited(t, in, "desk.yaml", `desk.request: {pattern: "{uuid}"}`,
		`desk.request: {pattern: "{uuid}"}, vendor.probe: {distribution: uniform, low: 0, high: 9}`))
	night := of(edited(t, in, "desk_at_night.yaml", "latency: 12", "latency: 13"))
	with, by := 0, map[string]int{}
	for i := range uint64(n) {
		if want, got := withoutProbe(before, i), withoutProbe(probed, i); want != got {
			t.Fatalf("iteration %d: more than the new attribute changed:\n%s\n%s", i, want, got)
		}
		was := iterationBytes(before, i)
		if !bytes.Equal(was, iterationBytes(probed, i)) {
			with++
		}
		name := before.Iteration(i, func(*otlp.Traces) {}).Scenario
		switch same := bytes.Equal(was, iterationBytes(night, i)); {
		case name != "desk_at_night" && !same:
			t.Errorf("iteration %d of %s changes with desk_at_night", i, name)
		case name != "desk_at_night" || !same: // calls may take longer than what an edited latency says
			by[name]++
		}
	}
	if with < n/4 || by["desk"] < n/5 || by["desk_at_night"] < n/5 || by["clerk"] < n/10 {
		t.Errorf("%d iterations have the attribute; of %v the rest is as it should be", with, by)
	}
}
