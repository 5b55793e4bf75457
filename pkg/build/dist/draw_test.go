package dist

import (
	"bytes"
	"fmt"
	"math"
	"testing"
)

func TestDrawTakesOneWordAndAMixtureTwo(t *testing.T) {
	one := Spec{Kind: Normal, Mean: 1, Stddev: 1, Weight: 1}
	inner := Spec{Kind: Mixture, Weight: 2, Components: []Spec{one, {Kind: Constant, Weight: 1}}}
	for _, c := range []struct {
		name  string
		spec  Spec
		words int
	}{
		{"a constant, though it is certain", Spec{Kind: Constant, Value: 3}, 1},
		{"a quantile table", one, 1},
		{"evenly spaced knots", Spec{Kind: Empirical, Quantiles: []float64{1, 2, 4}}, 1},
		{"steps", Spec{Kind: Poisson, Mean: 4}, 1},
		{"steps with one value", Spec{Kind: Bernoulli, P: 1}, 1},
		{"a mixture", Spec{Kind: Mixture, Components: []Spec{one, one}}, 2},
		{"a mixture of one", Spec{Kind: Mixture, Components: []Spec{one}}, 2},
		{"a mixture within a mixture, whichever is taken", Spec{Kind: Mixture, Components: []Spec{one, inner}}, 2},
	} {
		table := mustCompile(t, c.spec, 1)
		for i := range uint64(20) {
			got, want := newTestStream(i), newTestStream(i)
			table.Draw(&got)
			for range c.words {
				want.Uint64()
			}
			if got != want {
				t.Errorf("%s: a draw does not take %d words", c.name, c.words)
				break
			}
		}
	}
}

func TestDrawDoesNotAllocate(t *testing.T) {
	mixture := mustCompile(t, Spec{Kind: Mixture, Components: []Spec{
		{Kind: Exponential, Mean: 3, Weight: 1}, {Kind: Poisson, Mean: 3, Weight: 1}, {Kind: Uniform, High: 3, Weight: 1},
	}}, 1e6)
	choice, err := NewChoice([]float64{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	s := newTestStream(1)
	sink := int64(0)
	if n := testing.AllocsPerRun(1000, func() { sink += mixture.Draw(&s) + int64(choice.Draw(&s)) }); n != 0 {
		t.Errorf("a draw allocates %v times, want 0", n)
	}
	_ = sink
}

func TestFloorTakesTheMassBelowIt(t *testing.T) {
	spec := Spec{Kind: Normal, Mean: 0, Stddev: 10}
	table, err := CompileAtLeast(spec, 1000, 0)
	if err != nil {
		t.Fatal(err)
	}
	free := mustCompile(t, spec, 1000)
	for _, w := range []uint64{0, 1 << 40, 1 << 62, 1<<63 + 1<<50, 1<<63 + 1<<62, math.MaxUint64} {
		if got, want := table.at(w), max(free.at(w), 0); got != want {
			t.Errorf("word %#x: got %d, want %d", w, got, want)
		}
	}
	if low, high := table.Bounds(); low != 0 || high < 60_000 {
		t.Errorf("bounds [%d, %d], want [0, more than 6 stddevs]", low, high)
	}
	if low, _ := free.Bounds(); low >= 0 {
		t.Errorf("without a floor the lower bound is %d, want it below 0", low)
	}
}

// The digest of a plan covers its tables by their canonical form, so whatever
// changes a draw must change the form. Appending must leave what is there.
func TestCanonicalFormTellsTablesApart(t *testing.T) {
	specs := []Spec{
		{Kind: Constant, Value: 1},
		{Kind: Constant, Value: 2},
		{Kind: Uniform, Low: 1, High: 2},
		{Kind: Normal, Mean: 10, Stddev: 1},
		{Kind: Normal, Mean: 10, Stddev: 1.0001},
		{Kind: Poisson, Mean: 3},
		{Kind: Poisson, Mean: 3.0001},
		{Kind: Pareto, Value: 3, Alpha: 2},
		{Kind: Pareto, Value: 3, Alpha: 2.0001},
		{Kind: Pareto, Value: 3, Alpha: 2, High: 1e9},
		{Kind: Empirical, Quantiles: []float64{1, 2, 3}},
		{Kind: Empirical, Quantiles: []float64{1, 2, 2, 3}},
		{Kind: Mixture, Components: []Spec{{Kind: Constant, Weight: 1}, {Kind: Constant, Value: 1, Weight: 1}}},
		{Kind: Mixture, Components: []Spec{{Kind: Constant, Weight: 1}, {Kind: Constant, Value: 1, Weight: 1.0001}}},
	}
	seen := map[string]string{}
	for _, spec := range specs {
		for _, scale := range []float64{1000, 7000} {
			table := mustCompile(t, spec, scale)
			name := fmt.Sprintf("%+v at %v", spec, scale)
			form := table.AppendCanonical([]byte("prefix"))
			if !bytes.HasPrefix(form, []byte("prefix")) {
				t.Fatalf("%s: what was in the buffer is gone", name)
			}
			if other, ok := seen[string(form)]; ok {
				t.Errorf("%s and %s have the same form", name, other)
			}
			seen[string(form)] = name
			if again := mustCompile(t, spec, scale).AppendCanonical([]byte("prefix")); !bytes.Equal(form, again) {
				t.Errorf("%s: compiled twice, two forms", name)
			}
		}
	}
	floor, err := CompileAtLeast(specs[3], 1000, 9000)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(floor.AppendCanonical(nil), mustCompile(t, specs[3], 1000).AppendCanonical(nil)) {
		t.Error("a floor does not change the form")
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, c := range []struct {
		name string
		spec Spec
	}{
		{"constant", Spec{Kind: Constant, Value: 1}},
		{"log-normal", Spec{Kind: LogNormal, Median: 100, Sigma: 0.6}},
		{"poisson", Spec{Kind: Poisson, Mean: 4}},
		{"mixture", Spec{Kind: Mixture, Components: []Spec{{Kind: Constant, Weight: 1}, {Kind: Exponential, Mean: 1, Weight: 1}}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			table := mustCompile(b, c.spec, 1e6)
			s := newTestStream(1)
			b.ReportAllocs()
			for b.Loop() {
				table.Draw(&s)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		mustCompile(b, Spec{Kind: LogNormal, Median: 100, Sigma: 0.6}, 1e6)
	}
}
