package scenario

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// Bounds of numbers that a distribution may be given, far outside of what
// telemetry holds and well inside of what 64-bit integers do.
const (
	maxNumber = 1e15
	maxSigma  = 10
	minChance = 1e-6 // of success in a geometric distribution
	maxCount  = 10_000

	maxQuantiles = 10_000
)

// domain is the range of the numbers that a distribution is about.
type domain struct{ low, high float64 }

var (
	durations = domain{0, maxMillis}
	counts    = domain{0, maxCount}
	anything  = domain{-maxNumber, maxNumber}
)

// distributions are the names that "distribution" can have, with their keys.
var distributions = map[string][]string{
	"constant":    {"value", "value_ms", "ms"},
	"normal":      {"mean", "mean_ms", "stddev", "stddev_ms", "variance"},
	"log_normal":  {"median", "median_ms", "sigma"},
	"exponential": {"mean", "mean_ms"},
	"uniform":     {"low", "min", "high", "max"},
	"poisson":     {"lambda", "mean"},
	"geometric":   {"p"},
	"categorical": {"values", "weights"},
	"bernoulli":   {"p", "probability"},
	"mixture":     {"components"},
	"pareto":      {"scale", "scale_ms", "alpha", "max", "max_ms"},
	"empirical":   {"quantiles", "at", "whole"},
}

func distributionNames() []string { return slices.Sorted(maps.Keys(distributions)) }

// kind reads the name of a distribution; "" when it is missing or wrong.
func (l *loader) kind(m input.Map) string {
	n := m.Get("distribution")
	if n == nil {
		m.Fail("distribution", "missing")
		return ""
	}
	s, ok := n.Str(l.p)
	if !ok {
		return ""
	}
	kind := strings.ReplaceAll(name(s), "-", "_")
	if _, ok := distributions[kind]; !ok {
		n.Fail(l.p, "%s", input.Unknown("distribution", s, distributionNames()))
		return ""
	}
	return kind
}

// distribution reads a mapping with the key "distribution" and the parameters
// that belong to it. extra are keys that the mapping has besides. It returns
// nil, with an error added, when the mapping does not describe numbers in d.
func (l *loader) distribution(n *input.Node, d domain, extra ...string) *dist.Spec {
	m, ok := n.Map(l.p)
	if !ok {
		return nil
	}
	kind := l.kind(m)
	if kind == "" {
		return nil
	}
	keys := append([]string{"distribution"}, distributions[kind]...)
	m, _ = n.Map(l.p, append(keys, extra...)...)
	before := l.p.Found()
	spec := l.spec(kind, m, d)
	if l.p.Found() > before {
		return nil
	}
	return spec
}

// spec reads the parameters of one kind. A distribution without spread is a
// Constant, so that no other code meets the degenerate cases.
func (l *loader) spec(kind string, m input.Map, d domain) *dist.Spec {
	switch kind {
	case "constant":
		return constant(l.number(m, 0, d.low, d.high, "value", "value_ms", "ms"))
	case "normal":
		mean := l.number(m, 100, d.low, d.high, "mean", "mean_ms")
		spread := l.number(m, 0.3, 0, maxNumber, "variance")
		stddev := l.number(m, mean*spread, 0, maxNumber, "stddev", "stddev_ms")
		if stddev == 0 {
			return constant(mean)
		}
		return &dist.Spec{Kind: dist.Normal, Mean: mean, Stddev: stddev}
	case "log_normal":
		median := l.positive(m, 100, d.high, "median", "median_ms")
		sigma := l.number(m, 0.8, 0, maxSigma, "sigma")
		if sigma == 0 {
			return constant(median)
		}
		return &dist.Spec{Kind: dist.LogNormal, Median: median, Sigma: sigma}
	case "exponential":
		return &dist.Spec{Kind: dist.Exponential, Mean: l.positive(m, 100, d.high, "mean", "mean_ms")}
	case "uniform":
		low := l.number(m, 0, d.low, d.high, "low", "min")
		high := l.number(m, 1, d.low, d.high, "high", "max")
		if low > high {
			m.Node.Fail(l.p, "low %v is above high %v", low, high)
		}
		if low == high {
			return constant(low)
		}
		return &dist.Spec{Kind: dist.Uniform, Low: low, High: high}
	case "poisson":
		mean := l.number(m, 1, 0, min(d.high, 1e6), "lambda", "mean")
		if mean == 0 {
			return constant(0)
		}
		return &dist.Spec{Kind: dist.Poisson, Mean: mean}
	case "geometric":
		p := l.number(m, 0.5, minChance, 1, "p")
		if p == 1 {
			return constant(1)
		}
		return &dist.Spec{Kind: dist.Geometric, P: p}
	case "bernoulli":
		return &dist.Spec{Kind: dist.Bernoulli, P: l.number(m, 0.5, 0, 1, "p", "probability")}
	case "pareto":
		return l.pareto(m, d)
	case "empirical":
		return l.empirical(m, d)
	case "categorical":
		return l.numericChoice(m, d)
	default:
		return l.mixture(m, d)
	}
}

// pareto reads a distribution of rare, very large values: the least of them,
// how fast larger ones get rarer, and, when they are to end, where.
func (l *loader) pareto(m input.Map, d domain) *dist.Spec {
	out := &dist.Spec{Kind: dist.Pareto, Value: l.positive(m, 100, d.high, "scale", "scale_ms")}
	switch out.Alpha = m.Float("alpha", 0, 0, maxNumber); {
	case m.Get("alpha") == nil:
		m.Fail("alpha", "missing")
	case out.Alpha <= 1:
		m.Fail("alpha", "%v is not above 1, so there would be no mean", out.Alpha)
	}
	if key := l.spelling(m, []string{"max", "max_ms"}); key != "" {
		if out.High = m.Float(key, 0, 0, d.high); out.High <= out.Value {
			m.Fail(key, "%v is not above the scale %v", out.High, out.Value)
		}
	}
	return out
}

// empirical reads a distribution that is given by values at equal steps of
// probability: the least, those between, the greatest.
func (l *loader) empirical(m input.Map, d domain) *dist.Spec {
	out := &dist.Spec{Kind: dist.Empirical, Whole: m.Bool("whole", false)}
	if n := m.Get("quantiles"); n != nil && n.Kind != input.List {
		n.List(l.p)
		return out
	}
	items := m.List("quantiles")
	for i, item := range items {
		q, ok := item.Within(l.p, d.low, d.high)
		if ok && i > 0 && len(out.Quantiles) == i && q < out.Quantiles[i-1] {
			item.Fail(l.p, "%v is below the quantile before it; quantiles ascend", q)
		}
		out.Quantiles = append(out.Quantiles, q)
	}
	if n := len(items); n < 2 || n > maxQuantiles {
		m.Fail("quantiles", "found %d quantiles, want 2 to %d: the least value, any between, the greatest", n, maxQuantiles)
	} else {
		out.At = l.shares(m, n)
	}
	return out
}

// shares reads at which probabilities so many quantiles stand; nil: at equal steps.
func (l *loader) shares(m input.Map, quantiles int) (out []float64) {
	n := m.Get("at")
	if n == nil {
		return nil
	}
	items, ok := n.List(l.p)
	if !ok {
		return nil
	}
	before := l.p.Found()
	for i, item := range items {
		share, ok := item.Within(l.p, 0, 1)
		if ok && i > 0 && len(out) == i && share < out[i-1]+dist.LeastStep {
			item.Fail(l.p, "%v is not above the share before it by %v at least; shares ascend", share, dist.LeastStep)
		}
		out = append(out, share)
	}
	switch last := len(out) - 1; {
	case l.p.Found() > before:
	case last+1 != quantiles:
		m.Fail("at", "%d shares for %d quantiles; want one for each", last+1, quantiles)
	case out[0] != 0:
		items[0].Fail(l.p, "%v, want 0: the least value is the first quantile", out[0])
	case out[last] != 1:
		items[last].Fail(l.p, "%v, want 1: the greatest value is the last quantile", out[last])
	}
	if l.p.Found() > before {
		return nil
	}
	return out
}

func constant(v float64) *dist.Spec { return &dist.Spec{Kind: dist.Constant, Value: v} }

// number reads a parameter that has several spellings.
func (l *loader) number(m input.Map, fallback, low, high float64, keys ...string) float64 {
	key := l.spelling(m, keys)
	if key == "" {
		return fallback
	}
	return m.Float(key, fallback, low, high)
}

// positive reads a parameter that must be above zero.
func (l *loader) positive(m input.Map, fallback, high float64, keys ...string) float64 {
	v := l.number(m, fallback, 0, high, keys...)
	if v == 0 {
		m.Fail(l.spelling(m, keys), "0 is not above zero")
	}
	return v
}

// spelling returns which of the spellings of a key is used, "" when none is.
func (l *loader) spelling(m input.Map, keys []string) string {
	used := ""
	for _, key := range keys {
		if m.Get(key) == nil {
			continue
		}
		if used != "" {
			m.Fail(key, "means the same as %q; write one of them", used)
			continue
		}
		used = key
	}
	return used
}

// numericChoice reads a categorical distribution where numbers are wanted.
func (l *loader) numericChoice(m input.Map, d domain) *dist.Spec {
	values, weights := l.choices(m)
	out := &dist.Spec{Kind: dist.Mixture}
	for i, v := range values {
		component := dist.Spec{Kind: dist.Constant, Weight: weights[i]}
		switch v.Kind {
		case Int:
			component.Value = float64(v.Int)
		case Double:
			component.Value = v.Double
		default:
			m.Fail("values", "want numbers here")
			return nil
		}
		if component.Value < d.low || component.Value > d.high {
			m.Fail("values", "%v is not between %v and %v", component.Value, d.low, d.high)
		}
		out.Components = append(out.Components, component)
	}
	return out
}

func (l *loader) mixture(m input.Map, d domain) *dist.Spec {
	out := &dist.Spec{Kind: dist.Mixture}
	total := 0.0
	for _, item := range m.List("components") {
		spec := l.distribution(item, d, "weight")
		if spec == nil {
			continue
		}
		c, _ := item.Map(l.p)
		spec.Weight = c.Float("weight", 1, 0, maxNumber)
		total += spec.Weight
		out.Components = append(out.Components, *spec)
	}
	if len(m.List("components")) == 0 {
		m.Fail("components", "no components; a mixture needs at least one")
	} else if total == 0 && len(out.Components) > 0 {
		m.Fail("components", "all weights are zero")
	}
	return out
}

// choices reads the values and weights of a categorical distribution: a
// mapping of value to weight, or a list beside a list of weights.
func (l *loader) choices(m input.Map) ([]Value, []float64) {
	n := m.Get("values")
	if n == nil {
		m.Fail("values", "missing")
		return nil, nil
	}
	before := l.p.Found()
	var values []Value
	var weights []float64
	if n.Kind == input.Mapping {
		section, _ := n.Map(l.p)
		if m.Get("weights") != nil {
			m.Fail("weights", "the values carry their weights already")
		}
		for _, e := range section.Entries() {
			v, ok := l.value(e.Name)
			w, okWeight := e.Value.Within(l.p, 0, maxNumber)
			if ok && okWeight {
				values, weights = append(values, v), append(weights, w)
			}
		}
		sortByText(values, weights)
	} else {
		items, _ := n.List(l.p)
		for _, item := range items {
			if v, ok := l.value(item); ok {
				values = append(values, v)
			}
		}
		weights = l.weights(m, len(items))
	}
	switch {
	case n.Kind != input.Mapping && len(values) > 0 && len(values) != len(weights):
		m.Fail("weights", "found %d weights for %d values", len(weights), len(values))
		return nil, nil
	case len(values) == 0:
		if l.p.Found() == before {
			n.Fail(l.p, "no values")
		}
		return nil, nil
	}
	total := 0.0
	for _, w := range weights {
		total += w
	}
	if total == 0 {
		n.Fail(l.p, "all weights are zero")
	}
	return values, weights
}

// weights reads the weights of n values; equal ones when none are given.
func (l *loader) weights(m input.Map, n int) []float64 {
	var out []float64
	if m.Get("weights") == nil {
		for range n {
			out = append(out, 1)
		}
		return out
	}
	for _, item := range m.List("weights") {
		if w, ok := item.Within(l.p, 0, maxNumber); ok {
			out = append(out, w)
		}
	}
	return out
}

// sortByText orders the values of a mapping, which has no order of its own,
// together with their weights.
func sortByText(values []Value, weights []float64) {
	type pair struct {
		value  Value
		weight float64
	}
	pairs := make([]pair, len(values))
	for i := range values {
		pairs[i] = pair{values[i], weights[i]}
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.value.String(), b.value.String()), cmp.Compare(a.value.Kind, b.value.Kind))
	})
	for i, p := range pairs {
		values[i], weights[i] = p.value, p.weight
	}
}
