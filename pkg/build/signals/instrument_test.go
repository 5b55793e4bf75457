package signals

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestExponentialBuckets holds slots to the definition: bucket i is above
// 2^(i/8) and up to 2^((i+1)/8).
func TestExponentialBuckets(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 20_000 {
		v, per := int64(1)<<r.IntN(63), []uint64{1, 1e3, 1e6, 1e9, 3600e9}[n%5]
		if n > 400 {
			v = r.Int64() >> r.IntN(63)
		}
		if v == 0 {
			continue
		}
		slot := expSlot(v, per)
		if slot < 1 || slot >= expSlots {
			t.Fatalf("%d/%d: slot %d is none of the %d", v, per, slot, expSlots)
		}
		i := float64(slot - 1 + expLowest)
		x := float64(v) / float64(per)
		low, high := math.Exp2(i/8), math.Exp2((i+1)/8)
		if x <= low*(1-1e-14) || x > high*(1+1e-14) {
			t.Errorf("%g is in the bucket above %g and up to %g", x, low, high)
		}
	}
	// Powers of two are bounds, and belong to the bucket below.
	for e := range 40 {
		if got, want := expSlot(1<<e, 1)-1+expLowest, 8*e-1; got != want {
			t.Errorf("2^%d is in bucket %d, want %d", e, got, want)
		}
	}
	if expSlot(0, 1) != 0 {
		t.Error("0 has a slot of its own")
	}
}

// TestExponentialBucketsAreMerged until they are few enough, and lose nothing.
func TestExponentialBucketsAreMerged(t *testing.T) {
	for _, row := range []struct {
		why    string
		values []int64
		scale  int32
	}{
		{"one value", []int64{7}, 3},
		{"20 powers of two fit", []int64{1, 1<<19 + 1}, 3},
		{"21 do not", []int64{1, 1 << 21}, 2},
		{"all that there are", []int64{1, math.MaxInt64}, 1},
	} {
		slots := make([]uint64, expSlots)
		for _, v := range row.values {
			slots[expSlot(v, 1)]++
		}
		var m otlp.Metrics
		m.Counts = []uint64{99} // of a point before
		var p otlp.Point
		exponential(&m, &p, slots)
		counts := m.Counts[p.Positive.Counts.Start:p.Positive.Counts.End]
		sum := uint64(0)
		for _, n := range counts {
			sum += n
		}
		if p.Scale != row.scale || sum != uint64(len(row.values)) || len(counts) > expBuckets || m.Counts[0] != 99 {
			t.Errorf("%s: scale %d and counts %v, want scale %d", row.why, p.Scale, counts, row.scale)
		}
		for _, v := range row.values {
			i := (expSlot(v, 1) - 1 + expLowest) >> (expScale - p.Scale)
			if at := i - int(p.Positive.Offset); at < 0 || at >= len(counts) || counts[at] == 0 {
				t.Errorf("%s: %d is not in bucket %d of %v from %d", row.why, v, i, counts, p.Positive.Offset)
			}
		}
	}
}

// TestBoundsAreExact: a value equal to a bound is in the bucket below it, in
// integers as in the unit of the metric.
func TestBoundsAreExact(t *testing.T) {
	for unit, bounds := range boundsByUnit {
		per := timeUnits[unit]
		if per == 0 {
			per = 1
		}
		m := metric{kind: otlp.MetricHistogram, per: per, bounds: bounds}
		for _, b := range bounds {
			m.limits = append(m.limits, limitOf(b, per))
		}
		if !slices.IsSorted(bounds) {
			t.Errorf("%s: bounds are not ascending", unit)
		}
		for i, limit := range m.limits {
			if m.float(limit) != bounds[i] || m.bucket(limit) != i || m.bucket(limit+1) != i+1 {
				t.Errorf("%s: bound %v: value %v, bucket %d, the next %d", unit, bounds[i], m.float(limit), m.bucket(limit), m.bucket(limit+1))
			}
		}
	}
}

func TestSumsStayWithinTheirIntegers(t *testing.T) {
	for _, row := range []struct{ a, b, want int64 }{
		{1, 2, 3}, {math.MaxInt64, 1, math.MaxInt64}, {math.MinInt64, -1, math.MinInt64}, {math.MinInt64, math.MaxInt64, -1},
	} {
		if got := add(row.a, row.b); got != row.want {
			t.Errorf("%d + %d: got %d, want %d", row.a, row.b, got, row.want)
		}
	}
}

// rulesOf compiles metrics beside a small conventions file.
func rulesOf(t *testing.T, metrics string) (*Rules, []string) {
	t.Helper()
	var p input.Problems
	c := semconv.Parse(input.File{Name: "a.yaml", Data: []byte(`
span_names: {x.planner: {}, x.llm.call: {}}
planner_attributes:
  x.tenant.id: {type: string}
  x.score: {type: double}
  x.size: {type: int}
  x.session.id: {type: string}
canonical_metrics:
` + metrics)}, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	rules := Compile(Inputs{
		Conventions: c, Resource: &scenario.Resource{}, Version: "1",
		Plan: &plan.Plan{Prefix: "acme", Instances: 16, Strings: otlp.NewStrings(), Scenarios: []*plan.Scenario{{Name: "a", EmitMetrics: true, EmitLogs: true}}},
	}, &p)
	var lines []string
	for _, problem := range p.All() {
		lines = append(lines, problem.String())
	}
	return rules, lines
}

func TestMetricsThatMakeNoSense(t *testing.T) {
	for _, row := range []struct{ why, metrics, want string }{
		{"a span type that there is not", `  x.a: {aligns_with_span: x.thinker}`,
			`a.yaml:9:3: warning: metric x.a: no span is of the type "thinker" of aligns_with_span, so it has no points`},
		{"none at all", `  x.a: {}`, `a.yaml:9:3: warning: metric x.a: no span is of the type "" of aligns_with_span, so it has no points`},
		{"one name twice", "  x.a: {aligns_with_span: x.planner}\n  vendor.a: {aligns_with_span: x.planner}",
			`a.yaml:10:3: metric "vendor.a" is the same as one before: both have the namespace`},
		{"a dimension twice", `  x.a: {aligns_with_span: planner, dimensions: [x.tenant.id, vendor.tenant.id]}`,
			`a.yaml:9:3: warning: metric x.a: dimension vendor.tenant.id stands there twice`},
		{"a dimension that nothing defines", `  x.a: {aligns_with_span: planner, dimensions: [x.tenet.id]}`,
			`a.yaml:9:3: warning: metric x.a: the conventions define no attribute x.tenet.id, which is a dimension`},
		{"sessions", `  x.a: {aligns_with_span: planner, dimensions: [x.session.id]}`,
			`a.yaml:9:3: warning: metric x.a: dimension x.session.id is left out: every session would be a series of its own`},
		{"a value that nothing defines", `  x.a: {aligns_with_span: planner, value_attribute: x.sise}`,
			`a.yaml:9:3: warning: metric x.a: the conventions define no attribute x.sise, which it takes values from`},
		{"nothing wrong", `  x.a: {aligns_with_span: vendor.planner, dimensions: [vendor.tenant.id, gen_ai.token.type], value_attribute: x.size}`, ``},
	} {
		if _, got := rulesOf(t, row.metrics); strings.Join(got, "\n") != row.want {
			t.Errorf("%s: got\n%s\nwant\n%s", row.why, strings.Join(got, "\n"), row.want)
		}
	}
}

// TestDigestOfRules changes with whatever changes what is emitted.
func TestDigestOfRules(t *testing.T) {
	base := `  x.a: {aligns_with_span: planner, dimensions: [x.tenant.id], value_attribute: x.size}`
	digest := func(metrics string) string { r, _ := rulesOf(t, metrics); return r.Digest("plan") }
	if digest(base) != digest(base+"\n  # a comment") || digest(base) != digest(strings.ReplaceAll(base, "x.", "vendor.")) {
		t.Error("the digest depends on comments or on spelling")
	}
	seen := map[string]string{digest(base): "nothing"}
	for _, change := range []struct{ from, to string }{
		{"x.a:", "x.b:"}, {"planner", "llm.call"}, {"x.tenant.id", "x.score"}, {"x.size", "x.score"}, {"{", "{unit: ms, "},
		{"{", "{type: gauge, "}, {"{", "{type: histogram, "}, {"{", "{emitted_by: control-plane, "}, {"{", "{description: other, "},
	} {
		d := digest(strings.Replace(base, change.from, change.to, 1))
		if before, ok := seen[d]; ok {
			t.Errorf("%s for %s has the digest of %s", change.to, change.from, before)
		}
		seen[d] = change.to
	}
	r, _ := rulesOf(t, base)
	before := r.Digest("plan")
	r.scenarios[0].scenario.EmitLogs = false
	if r.Digest("plan") == before || r.Digest("other") == before {
		t.Error("the digest does not depend on the plan and on what its scenarios emit")
	}
}

// A conventions file may give any bounds: they take in what is no greater.
func TestBoundsTakeInWhatIsNoGreater(t *testing.T) {
	for _, row := range []struct {
		bound float64
		per   uint64
		want  int64
	}{
		{1.5, 1, 1}, {0.64, 1, 0}, {2, 1, 2}, {-0.5, 1, -1}, {0.07, 100, 7}, {81.92, 1_000_000_000, 81_920_000_000},
		{1e300, 1, math.MaxInt64}, {-1e300, 1, math.MinInt64}, {1e18, 1_000_000_000, math.MaxInt64},
	} {
		if got := limitOf(row.bound, row.per); got != row.want {
			t.Errorf("%v of %d: got %d, want %d", row.bound, row.per, got, row.want)
		}
	}
}
