package dist

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

// The tolerance is 5 standard errors of a binomial share.
func TestChoiceFollowsWeights(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []float64
		shares  []float64
	}{
		{"one item", []float64{0.2}, []float64{1}},
		{"equal items", []float64{1, 1, 1}, []float64{1. / 3, 1. / 3, 1. / 3}},
		{"percentages", []float64{70, 20, 10}, []float64{0.7, 0.2, 0.1}},
		{"items without weight at both ends and within", []float64{0, 3, 0, 1, 0}, []float64{0, 0.75, 0, 0.25, 0}},
		{"weights whose sum overflows", []float64{math.MaxFloat64, math.MaxFloat64}, []float64{0.5, 0.5}},
	} {
		choice, err := NewChoice(c.weights)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		const n = 100_000
		count := make([]int, len(c.weights))
		s := newTestStream(5)
		for range n {
			count[choice.Draw(&s)]++
		}
		for i, p := range c.shares {
			got, tolerance := float64(count[i])/n, 5*math.Sqrt(p*(1-p)/n)
			if math.Abs(got-p) > tolerance {
				t.Errorf("%s: item %d has share %v, want %v within %v", c.name, i, got, p, tolerance)
			}
		}
	}
}

func TestChoiceCoversEveryWord(t *testing.T) {
	choice, err := NewChoice([]float64{0, 1, 2, 0, 1, 0})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		word uint64
		want int
	}{
		{0, 1},
		{1<<62 - 1, 1},
		{1 << 62, 2},
		{3<<62 - 1, 2},
		{3 << 62, 4},
		{math.MaxUint64, 4},
	} {
		if got := choice.At(c.word); got != c.want {
			t.Errorf("word %#x picks item %d, want %d", c.word, got, c.want)
		}
	}
}

func TestInvalidChoices(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights []float64
		want    string
	}{
		{"nothing to choose from", nil, "no choice has a weight above 0"},
		{"no weight at all", []float64{0, 0}, "no choice has a weight above 0"},
		{"a negative weight", []float64{1, -2}, "choice 2: weight must be at least 0, got -2"},
		{"not a number", []float64{math.NaN()}, "choice 1: weight must be a finite number, got NaN"},
		{"infinite", []float64{math.Inf(1)}, "choice 1: weight must be a finite number, got +Inf"},
	} {
		if _, err := NewChoice(c.weights); err == nil || err.Error() != c.want {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestProbabilityIsExact(t *testing.T) {
	for _, c := range []struct {
		name    string
		p       float64
		yes, no []uint64
	}{
		{"zero is never", 0, nil, []uint64{0, 1, math.MaxUint64}},
		{"one is always", 1, []uint64{0, 1 << 63, math.MaxUint64}, nil},
		{"a half", 0.5, []uint64{0, 1<<63 - 1}, []uint64{1 << 63, math.MaxUint64}},
		{"the smallest number is not never", math.SmallestNonzeroFloat64, []uint64{0}, []uint64{1}},
		{"the number before one is not always", 1 - 0x1p-53, []uint64{math.MaxUint64 - 1<<11}, []uint64{math.MaxUint64 - 1<<11 + 1, math.MaxUint64}},
	} {
		p, err := NewProbability(c.p)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, w := range c.yes {
			if !p.Below(w) {
				t.Errorf("%s: word %#x is not below", c.name, w)
			}
		}
		for _, w := range c.no {
			if p.Below(w) {
				t.Errorf("%s: word %#x is below", c.name, w)
			}
		}
		if got, want := p.Always(), c.p == 1; got != want {
			t.Errorf("%s: Always is %v", c.name, got)
		}
		if got, want := p.Never(), c.p == 0; got != want {
			t.Errorf("%s: Never is %v", c.name, got)
		}
	}
	for _, bad := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		if _, err := NewProbability(bad); err == nil || !strings.HasPrefix(err.Error(), "probability must be ") {
			t.Errorf("probability %v: error %v, want one that names it", bad, err)
		}
	}
}

func TestTossesAndChoicesTakeOneWord(t *testing.T) {
	always, err := NewProbability(1)
	if err != nil {
		t.Fatal(err)
	}
	single, err := NewChoice([]float64{1})
	if err != nil {
		t.Fatal(err)
	}
	for name, draw := range map[string]func(s *rng.Stream){
		"never":             func(s *rng.Stream) { Probability{}.Draw(s) },
		"always":            func(s *rng.Stream) { always.Draw(s) },
		"a choice of one":   func(s *rng.Stream) { single.Draw(s) },
		"the pick of a run": func(s *rng.Stream) { PickTable().Draw(s) },
	} {
		got, want := newTestStream(1), newTestStream(1)
		draw(&got)
		want.Uint64()
		if got != want {
			t.Errorf("%s: does not take one word", name)
		}
	}
}

func TestCanonicalFormsOfChoicesAndProbabilities(t *testing.T) {
	seen := map[string]string{}
	add := func(name string, form []byte) {
		if !bytes.HasPrefix(form, []byte("prefix")) {
			t.Errorf("%s: what was in the buffer is gone", name)
		}
		if other, ok := seen[string(form)]; ok {
			t.Errorf("%s and %s have the same form", name, other)
		}
		seen[string(form)] = name
	}
	for name, weights := range map[string][]float64{
		"1":      {1},
		"0 1":    {0, 1},
		"1 1":    {1, 1},
		"1 0 1":  {1, 0, 1},
		"1 1.01": {1, 1.01},
	} {
		c, err := NewChoice(weights)
		if err != nil {
			t.Fatal(err)
		}
		add("weights "+name, c.AppendCanonical([]byte("prefix")))
	}
	for name, p := range map[string]float64{"never": 0, "always": 1, "half": 0.5, "nearly always": 1 - 0x1p-53} {
		c, err := NewProbability(p)
		if err != nil {
			t.Fatal(err)
		}
		add(name, c.AppendCanonical([]byte("prefix")))
	}
}

// Even makes what is seldom as likely as the rest, and nothing possible that was
// not, nor anything certain less so.
func TestEvenKeepsWhatIsCertain(t *testing.T) {
	if (*Choice)(nil).Even() != nil {
		t.Error("no choice became one")
	}
	c, err := NewChoice([]float64{1e-9, 0, 1, 0, 0})
	if err != nil {
		t.Fatal(err)
	}
	even := c.Even()
	for w, want := range map[uint64]int{0: 0, 1<<63 - 1: 0, 1 << 63: 2, math.MaxUint64: 2} {
		if got := even.At(w); got != want {
			t.Errorf("word %x: got %d, want %d", w, got, want)
		}
	}
	for p, want := range map[float64]float64{0: 0, 1e-12: 0.5, 0.5: 0.5, 0.999: 0.5, 1: 1} {
		from, err := NewProbability(p)
		if err != nil {
			t.Fatal(err)
		}
		if to, _ := NewProbability(want); from.Even() != to {
			t.Errorf("%v: got %+v, want %v", p, from.Even(), want)
		}
	}
}
