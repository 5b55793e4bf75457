package dist

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestInvalidSpecsNameTheParameter(t *testing.T) {
	nested := Spec{Kind: Constant, Weight: 1}
	for range maxDepth + 1 {
		nested = Spec{Kind: Mixture, Weight: 1, Components: []Spec{nested}}
	}
	many := Spec{Kind: Mixture, Components: slices.Repeat([]Spec{{Kind: Constant, Weight: 1}}, 3*maxComponents)}
	for _, c := range []struct {
		name string
		spec Spec
		want string
	}{
		{"a kind nobody knows", Spec{Kind: 77}, "unknown kind of distribution 77"},
		{"a constant that is no number", Spec{Kind: Constant, Value: math.NaN()}, "constant value must be a finite number, got NaN"},
		{"a normal without a mean", Spec{Kind: Normal, Mean: math.Inf(-1)}, "normal mean must be a finite number, got -Inf"},
		{"a negative spread", Spec{Kind: Normal, Stddev: -1}, "normal stddev must be at least 0, got -1"},
		{"a negative median", Spec{Kind: LogNormal, Median: -5, Mean: 3}, "log-normal median must be above 0, got -5"},
		{"a negative sigma", Spec{Kind: LogNormal, Median: 5, Sigma: -1}, "log-normal sigma must be at least 0, got -1"},
		{"neither median nor mean", Spec{Kind: LogNormal, Sigma: 1}, "log-normal mean must be above 0, got 0"},
		{"a negative coefficient of variation", Spec{Kind: LogNormal, Mean: 1, CV: -0.1}, "log-normal cv must be at least 0, got -0.1"},
		{"an exponential of mean zero", Spec{Kind: Exponential}, "exponential mean must be above 0, got 0"},
		{"ends in the wrong order", Spec{Kind: Uniform, Low: 2, High: 1}, "uniform high must be at least 2, got 1"},
		{"an end that is no number", Spec{Kind: Uniform, Low: math.NaN()}, "uniform low must be a finite number, got NaN"},
		{"a negative count", Spec{Kind: Poisson, Mean: -4}, "poisson mean must be at least 0, got -4"},
		{"trials that never succeed", Spec{Kind: Geometric}, "geometric p must be above 0, got 0"},
		{"more than certain", Spec{Kind: Geometric, P: 1.5}, "geometric p must be at most 1, got 1.5"},
		{"less than impossible", Spec{Kind: Bernoulli, P: -0.5}, "bernoulli p must be at least 0, got -0.5"},
		{"more than certain", Spec{Kind: Bernoulli, P: 2}, "bernoulli p must be at most 1, got 2"},
		{"a pareto from zero on", Spec{Kind: Pareto, Alpha: 2}, "pareto scale must be above 0, got 0"},
		{"a pareto without a mean", Spec{Kind: Pareto, Value: 1, Alpha: 1}, "pareto alpha must be above 1, got 1"},
		{"a pareto that ends where it begins", Spec{Kind: Pareto, Value: 2, Alpha: 2, High: 2}, "pareto max must be above 2, got 2"},
		{"one quantile", Spec{Kind: Empirical, Quantiles: []float64{5}}, "empirical quantiles must be 2 to 10000, got 1"},
		{"quantiles without end", Spec{Kind: Empirical, Quantiles: make([]float64, 10_001)}, "empirical quantiles must be 2 to 10000, got 10001"},
		{"quantiles that go down", Spec{Kind: Empirical, Quantiles: []float64{1, 3, 2}}, "empirical quantile 3 must be at least 3, got 2"},
		{"a quantile that is no number", Spec{Kind: Empirical, Quantiles: []float64{1, math.NaN()}}, "empirical quantile 2 must be a finite number, got NaN"},
		{"a mixture of nothing", Spec{Kind: Mixture}, "mixture has no components"},
		{"a mixture without weight", Spec{Kind: Mixture, Components: []Spec{{}}}, "mixture has no component with a weight above 0"},
		{"a negative weight", Spec{Kind: Mixture, Components: []Spec{{Weight: -1}}}, "component 1: weight must be at least 0, got -1"},
		{
			"a bad component", Spec{Kind: Mixture, Components: []Spec{{Weight: 1}, {Kind: Exponential, Weight: 1}}},
			"component 2: exponential mean must be above 0, got 0",
		},
		{"a mixture too deep", nested, "mixtures are nested more than 16 deep"},
		{"a mixture too wide", many, "mixture has more than 256 components"},
	} {
		err := c.spec.Validate()
		if err == nil || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, compileErr := Compile(c.spec, 1); compileErr == nil || err == nil || compileErr.Error() != err.Error() {
			t.Errorf("%s: Compile says %v, Validate %v", c.name, compileErr, err)
		}
	}
}

func TestSpecsThatDoNotFitTheirScale(t *testing.T) {
	wide := Spec{Kind: Mixture, Components: slices.Repeat([]Spec{{Kind: Constant, Weight: 1}}, maxComponents+1)}
	for _, c := range []struct {
		name  string
		spec  Spec
		scale float64
		want  string
	}{
		{"no scale", Spec{}, 0, "scale must be a whole number in [1, 2^40], got 0"},
		{"a part of a unit", Spec{}, 1.5, "scale must be a whole number in [1, 2^40], got 1.5"},
		{"a scale that is no number", Spec{}, math.NaN(), "scale must be a whole number in [1, 2^40], got NaN"},
		{"a value too large", Spec{Value: 1e15}, 1e6, "values must stay below 4.6e18 units, got 1e+21"},
		{"a value too small", Spec{Value: -1e15}, 1e6, "values must stay below 4.6e18 units, got 1e+21"},
		{"an interval too wide", Spec{Kind: Uniform, Low: -math.MaxFloat64, High: math.MaxFloat64}, 1, "values must stay below 4.6e18 units, got 1.7976931348623157e+308"},
		{"a tail too long", Spec{Kind: LogNormal, Median: 1, Sigma: 200}, 1, "values must stay below 4.6e18 units, got +Inf"},
		{"a spread beyond numbers", Spec{Kind: LogNormal, Mean: 1, CV: 1e200}, 1, "values must stay below 4.6e18 units, got NaN"},
		{"a quantile too large", Spec{Kind: Empirical, Quantiles: []float64{0, 1e19}}, 1, "values must stay below 4.6e18 units, got 1e+19"},
		{"a tail too heavy", Spec{Kind: Pareto, Value: 1e12, Alpha: 1.01}, 1, "values must stay below 4.6e18 units, got 6.8"},
		{"a count too large", Spec{Kind: Poisson, Mean: 1e15}, 1e6, "values must stay below 4.6e18 units, got 1"},
		{"trials without end", Spec{Kind: Geometric, P: 1e-300}, 1, "values must stay below 4.6e18 units, got 2.28"},
		{"a component too large", Spec{Kind: Mixture, Components: []Spec{{Value: 1e19, Weight: 1}}}, 1, "component 1: values must stay below"},
		{"a mixture too wide for tables", wide, 1, "mixture has more than 256 components"},
	} {
		if _, err := Compile(c.spec, c.scale); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func TestDegenerateSpecsAreConstants(t *testing.T) {
	for _, c := range []struct {
		name string
		spec Spec
		want int64
	}{
		{"a constant", Spec{Kind: Constant, Value: 12.5}, 12500},
		{"a negative constant rounds to nearest", Spec{Kind: Constant, Value: -0.0126}, -13},
		{"a normal without spread", Spec{Kind: Normal, Mean: 20}, 20000},
		{"a log-normal without spread", Spec{Kind: LogNormal, Mean: 20}, 20000},
		{"a uniform of one point", Spec{Kind: Uniform, Low: 3, High: 3}, 3000},
		{"no events", Spec{Kind: Poisson}, 0},
		{"success at once", Spec{Kind: Geometric, P: 1}, 1000},
		{"a sure thing", Spec{Kind: Bernoulli, P: 1}, 1000},
		{"quantiles that are all one", Spec{Kind: Empirical, Quantiles: []float64{7, 7, 7}}, 7000},
		{"a mixture of one", Spec{Kind: Mixture, Components: []Spec{{Value: 4, Weight: 9}}}, 4000},
	} {
		table := mustCompile(t, c.spec, 1000)
		if low, high := table.Bounds(); low != c.want || high != c.want {
			t.Errorf("%s: bounds [%d, %d], want [%d, %d]", c.name, low, high, c.want, c.want)
		}
		s := newTestStream(1)
		for range 100 {
			if got := table.Draw(&s); got != c.want {
				t.Fatalf("%s: got %d, want %d", c.name, got, c.want)
			}
		}
	}
	var zero Table
	s := newTestStream(1)
	if got := zero.Draw(&s); got != 0 {
		t.Errorf("the zero table draws %d, want 0", got)
	}
}
