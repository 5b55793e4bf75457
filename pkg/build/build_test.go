package build

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// bundled returns the bundled inputs, but for systems, which have tests of their own.
func bundled(t testing.TB) Inputs {
	t.Helper()
	read := func(f fs.FS, name string) input.File {
		data, err := fs.ReadFile(f, name)
		if err != nil {
			t.Fatal(err)
		}
		return input.File{Name: name, Data: data}
	}
	in := Inputs{
		Config: read(config.FS, "config.yaml"), Resource: read(config.FS, "resource.yaml"),
		Semconv: read(config.FS, "semconv.yaml"), Bundled: true,
	}
	names, err := fs.Glob(definitions.FS, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if f := read(definitions.FS, n); !system.Match(f.Data) {
			in.Definitions = append(in.Definitions, f)
		}
	}
	return in
}

// alone returns inputs with one definition, which is not bundled.
func alone(t testing.TB, file, text string) Inputs {
	t.Helper()
	in := bundled(t)
	in.Bundled = false
	in.Definitions = []input.File{{Name: file, Data: []byte(text)}}
	return in
}

// system matches a file with services, or with those of another.
var system = regexp.MustCompile(`(?m)^(services|extends):`)

// compiled compiles inputs that must be without any finding.
func compiled(t testing.TB, in Inputs, o Options) *Plan {
	t.Helper()
	var p input.Problems
	plan := Compile(without(in, o.Scenarios), o, &p)
	for _, problem := range p.All() {
		t.Error(problem)
	}
	if plan == nil {
		t.FailNow()
	}
	return plan
}

// without leaves out bundled definitions that nobody asked for by name: to read them
// takes longer than what most tests are about.
func without(in Inputs, wanted []string) Inputs {
	if of := func(f input.File) bool { return system.Match(f.Data) }; len(wanted) == 0 || slices.ContainsFunc(in.Definitions, of) || slices.ContainsFunc(in.Own, of) {
		return in // those of systems may be of one another, and of agents
	}
	in.Definitions = slices.DeleteFunc(slices.Clone(in.Definitions), func(f input.File) bool {
		data, err := fs.ReadFile(definitions.FS, f.Name)
		return err == nil && bytes.Equal(data, f.Data) && !slices.Contains(wanted, strings.TrimSuffix(f.Name, ".yaml"))
	})
	return in
}

// sharedPlan is what bundledPlan made.
var sharedPlan *Plan

// bundledPlan returns the plan of the bundled inputs, with no options. Tests share it,
// since nothing changes a plan; those that compare plans compile their own.
func bundledPlan(t testing.TB) *Plan {
	t.Helper()
	if sharedPlan == nil {
		sharedPlan = compiled(t, bundled(t), Options{})
	}
	return sharedPlan
}

// run is a small run: several segments, jitter, every scenario.
func run(count uint64) Run {
	return Run{
		Seed: 42, Count: count, SegmentIterations: 16,
		Start:    time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Interval: 500 * time.Millisecond, Deviation: 100 * time.Millisecond,
	}
}

func generator(t testing.TB, p *Plan, r Run) *Generator {
	t.Helper()
	g, err := NewGenerator(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// iterationBytes returns the encoded requests of one iteration.
func iterationBytes(g *Generator, i uint64) []byte {
	var out []byte
	g.Iteration(i, func(t *otlp.Traces) { out = otlp.AppendTraces(out, t, otlp.FormatProto) })
	return out
}

// segment returns the uncompressed bytes of a segment.
func segment(t testing.TB, g *Generator, index uint64) *otlp.Block {
	t.Helper()
	var seg otlp.Segment
	if err := g.AppendSegment(&seg, index); err != nil {
		t.Fatal(err)
	}
	return &seg.Blocks[otlp.SignalTraces]
}

// unframe joins the payloads of framed records.
func unframe(t testing.TB, data []byte) []byte {
	t.Helper()
	var out []byte
	for len(data) > 0 {
		n := binary.BigEndian.Uint32(data)
		out = append(out, data[4:4+n]...)
		data = data[4+n:]
	}
	return out
}

func TestAnyIterationRebuiltAloneEqualsItsBytes(t *testing.T) {
	p := bundledPlan(t)
	r := run(50)
	var whole []byte
	g := generator(t, p, r)
	for s := range r.Segments() {
		whole = append(whole, unframe(t, segment(t, g, s).Data)...)
	}
	// Backwards, each on a generator of its own, so that nothing can leak from
	// one iteration into the next.
	var alone [][]byte
	for i := int(r.Count) - 1; i >= 0; i-- {
		alone = append([][]byte{iterationBytes(generator(t, p, r), uint64(i))}, alone...)
	}
	for i, b := range alone {
		if !bytes.HasPrefix(whole, b) {
			t.Fatalf("iteration %d rebuilt alone differs from its bytes in the corpus", i)
		}
		whole = whole[len(b):]
	}
	if len(whole) > 0 {
		t.Fatalf("%d bytes of the corpus belong to no iteration", len(whole))
	}
}

func TestSegmentsAreThoseOfAnyOrder(t *testing.T) {
	p := bundledPlan(t)
	r := run(64)
	forward, backward := generator(t, p, r), generator(t, p, r)
	var want [4][]byte
	for i := range want {
		want[i] = bytes.Clone(segment(t, forward, uint64(i)).Data)
	}
	for i := len(want) - 1; i >= 0; i-- {
		if got := segment(t, backward, uint64(i)).Data; !bytes.Equal(got, want[i]) {
			t.Errorf("segment %d depends on what was generated before it", i)
		}
	}
}

func TestEveryTraceIDInvertsToItsIteration(t *testing.T) {
	p := bundledPlan(t)
	r := run(200)
	g := generator(t, p, r)
	seen := map[otlp.TraceID]bool{}
	for i := range r.Count {
		info := g.Iteration(i, func(*otlp.Traces) {})
		for _, id := range info.Traces {
			if o, ok := g.Find(id); !ok || o.Iteration != i {
				t.Fatalf("trace %x of iteration %d: inverts to %+v, found %v", id, i, o, ok)
			}
			if seen[id] {
				t.Fatalf("trace id %x twice", id)
			}
			seen[id] = true
			id[15] ^= 1
			if _, ok := g.Find(id); ok {
				t.Fatalf("trace %x is none of this run, and was found", id)
			}
		}
	}
	other := r
	other.Seed++
	h := generator(t, p, other)
	for id := range seen {
		if _, ok := h.Find(id); ok {
			t.Fatalf("trace %x of seed %d found with seed %d", id, r.Seed, other.Seed)
		}
	}
}

func TestLargerCountLeavesEarlierSegments(t *testing.T) {
	p := bundledPlan(t)
	small, large := generator(t, p, run(40)), generator(t, p, run(400))
	for s := range uint64(2) {
		if !bytes.Equal(segment(t, small, s).Data, segment(t, large, s).Data) {
			t.Errorf("segment %d changes with the count", s)
		}
	}
	// The last one was partial: its iterations are the first of the full one.
	part, full := segment(t, small, 2).Data, segment(t, large, 2).Data
	if !bytes.HasPrefix(full, part) {
		t.Error("the iterations of a partial segment change with the count")
	}
}

func TestStartTimesAccumulateNothing(t *testing.T) {
	p := bundledPlan(t)
	r := run(1000)
	g := generator(t, p, r)
	jittered := false
	for i := range r.Count {
		got := g.Iteration(i, func(*otlp.Traces) {}).Start
		least := r.Start.Add(time.Duration(i) * r.Interval)
		if late := got.Sub(least); late < 0 || late > 2*r.Deviation {
			t.Fatalf("iteration %d starts at %s, want within %s of %s", i, got, 2*r.Deviation, least)
		}
		jittered = jittered || !got.Equal(least)
	}
	if !jittered {
		t.Error("no start has any jitter")
	}
}

// TestPrefixIsTheOnlyNamespace looks for a name under another prefix.
func TestPrefixIsTheOnlyNamespace(t *testing.T) {
	p := compiled(t, bundled(t), Options{Vendor: "acme"})
	g := generator(t, p, run(60))
	for i := range uint64(60) {
		g.Iteration(i, func(tr *otlp.Traces) {
			for _, a := range tr.Attrs {
				if key := tr.Strings.String(a.Key); strings.HasPrefix(key, "vendor.") {
					t.Fatalf("iteration %d: attribute %s", i, key)
				}
			}
			for _, s := range tr.Spans {
				if name := tr.Strings.String(s.Name); strings.HasPrefix(name, "vendor.") {
					t.Fatalf("iteration %d: span %s", i, name)
				}
			}
		})
	}
}

func TestPrefixMustBeOurs(t *testing.T) {
	for _, v := range []string{"gen_ai", "MCP", "cp", "a b", "9a", "a.b"} {
		var p input.Problems
		if Compile(bundled(t), Options{Vendor: v}, &p) != nil || p.Errors() == 0 {
			t.Errorf("prefix %q: accepted", v)
		}
	}
}

func TestRunsBeyondTimestampsAreRefused(t *testing.T) {
	p := bundledPlan(t)
	for name, change := range map[string]func(*Run){
		"so many intervals that the clock overflows": func(r *Run) { r.Count, r.Interval = 1<<43, time.Hour },
		"more iterations than an id holds":           func(r *Run) { r.Count = 1<<44 + 1; r.Interval = 0 },
		"a start before the epoch":                   func(r *Run) { r.Start = time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC) },
		"a negative interval":                        func(r *Run) { r.Interval = -1 },
		"no iterations in a segment":                 func(r *Run) { r.SegmentIterations = 0 },
	} {
		r := run(10)
		change(&r)
		if _, err := NewGenerator(p, r); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
