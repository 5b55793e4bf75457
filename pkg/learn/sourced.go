package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// How far what spans come to may be from what a metric does: of counts, and of sums, which
// profiles know to a percent.
const (
	nearCount = 0.01
	nearSum   = 0.025
)

func nearBy(a, b, by float64) bool { return math.Abs(a-b) <= float64(by*max(a, b)) }

// alikeNames is how many words a metric and an attribute have in common that are called alike.
const alikeNames = 3

// mostValues is how many values a dimension has that is written: more make a warning.
const mostValues = 100

// amount is what values of a metric come to.
type amount struct {
	count, sum float64
	by         map[string]map[uint64]float64 // by key and value: counts of a histogram, sums of a counter
}

func amountsOf(totals []profile.Total, histogram bool) (a amount) {
	a.by = make(map[string]map[uint64]float64)
	for i := range totals {
		t := &totals[i]
		a.count += float64(t.Count)
		a.sum += t.Sum
		n := t.Sum
		if histogram {
			n = float64(t.Count)
		}
		for _, v := range t.Values {
			if a.by[v.Key] == nil {
				a.by[v.Key] = make(map[uint64]float64)
			}
			a.by[v.Key][v.Hash] += n
		}
	}
	return a
}

// nanosecondsOf are those of units of time.
var nanosecondsOf = map[string]float64{"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9}

// valueOf returns the attribute of spans that has the values of a metric, "" for how long
// they last or how many they are, and whether these are the values.
func (x *giver) valueOf(m *profile.Metric, a *amount, not []string) (string, bool) {
	histogram := m.Kind != otlp.MetricSum
	nanos, duration := nanosecondsOf[m.Unit]
	switch {
	case len(not) > 0:
	case histogram && duration && nearBy(x.spans, a.count, nearCount) && nearBy(x.lasted, float64(a.sum*nanos), nearSum):
		return "", true
	case !histogram && duration && nearBy(x.lasted, float64(a.sum*nanos), nearSum):
		return "", true
	case !histogram && !duration && nearBy(x.spans, a.sum, nearCount):
		return "", true
	}
	for _, key := range slices.Sorted(maps.Keys(x.attributes)) {
		g := x.attributes[key]
		// Of several names some may have it by chance, unless it is called so.
		most := x.parts == nil || 2*g.present >= x.spans || wordsAlike(m.Name, key) >= alikeNames
		if most && g.numbers && g.written && g.sum > 0 && !slices.Contains(not, key) && nearBy(g.sum, a.sum, nearSum) && (!histogram || nearBy(g.present, a.count, nearCount)) {
			return key, true
		}
	}
	return "", false
}

// has reports whether spans have the values of a key that points have, as often as far as
// that can be told: each of them is a value of the metric.
func (x *giver) has(key string, values map[uint64]float64, each bool) bool {
	g := x.attributes[key]
	if g == nil || len(values) > mostValues || g.texts > mostValues {
		return false
	}
	apart, all := 0.0, 0.0
	for _, h := range slices.Sorted(maps.Keys(values)) {
		if g.few && g.values[h] == 0 {
			return false
		}
		apart += math.Abs(values[h] - g.values[h])
		all += values[h]
	}
	return !each || !g.few || apart <= float64(2*nearCount*all)
}

// source is where a metric comes from: spans, and what of them has its values.
type source struct {
	of         *giver
	value      string
	values     []source // with an attribute of their own each, in place of value
	split      string   // that attribute
	fixed      *sketch.Value
	dimensions []string
	series     int64 // that the dimensions make, at most
	near       int   // how much of the names is the same
	each       bool  // each span is a value, of as many points by each dimension
}

// sourceOf returns what spans a metric follows from; nil: none that are known.
func (w *writer) sourceOf(m *profile.Metric) (best *source) {
	if len(m.Totals) == 0 {
		return nil
	}
	a := amountsOf(m.Totals, m.Kind != otlp.MetricSum)
	if a.sum <= 0 {
		return nil
	}
	for _, of := range []func(string) []*giver{w.giversOf, w.jointOf} { // of one name, if there are such
		for _, x := range of(m.Service) {
			s := x.source(w, m, &a)
			if s == nil {
				continue
			}
			s.near = x.near(m.Name) + wordsAlike(m.Name, s.value)
			if best == nil || s.before(best) {
				best = s
			}
		}
		if best != nil {
			break
		}
	}
	return best
}

// before reports whether a source is likelier than another one: each of its spans counts, its names
// are nearer to that of the metric, or of one name there are more, of several fewer spans.
func (s *source) before(o *source) bool {
	switch {
	case s.each != o.each:
		return s.each
	case s.near != o.near:
		return s.near > o.near
	}
	return (s.of.spans > o.of.spans) == (s.of.parts == nil)
}

// near is how much of the name of spans is the same as of that of a metric.
func (x *giver) near(metric string) int {
	n := wordsAlike(metric, x.name)
	for _, p := range x.parts {
		n = max(n, p.near(metric))
	}
	return n
}

// wordsAlike is how many words of names are the same.
func wordsAlike(a, b string) (n int) {
	words := func(s string) []string {
		return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("._-/ ", r) })
	}
	for _, x := range words(a) {
		if slices.Contains(words(b), x) {
			n++
		}
	}
	return n
}

// source says how spans give a metric its values; nil: they do not.
func (x *giver) source(w *writer, m *profile.Metric, a *amount) *source {
	s, beside := &source{of: x}, int64(1)
	value, ok := x.valueOf(m, a, nil)
	s.each = ok && value == "" && (m.Kind != otlp.MetricSum || nanosecondsOf[m.Unit] == 0)
	for _, key := range slices.Sorted(maps.Keys(a.by)) {
		switch on := onAllPoints(m, key); {
		case x.has(key, a.by[key], s.each):
			if g := x.attributes[key]; g.written || key == "error.type" {
				s.dimensions = append(s.dimensions, key)
			}
		case on, w.onResource(m.Service, key, a.by[key]):
			if !on && w.resourceSays(m.Service, key) {
				s.dimensions = append(s.dimensions, key)
				beside = atMost(beside, int64(len(a.by[key])))
			}
		case s.split == "" && len(a.by[key]) <= mostSplit:
			s.split = key
		default:
			return nil
		}
	}
	if s.series = atMost(beside, x.series(s.dimensions)); s.series > mostSeries {
		return nil // it would be refused
	}
	if s.split == "" {
		s.value = value
		if !ok {
			return nil
		}
		return s
	}
	return s.splits(m)
}

// mostSeries is how many series a metric may have by what its dimensions may be together.
const mostSeries = 50_000

// mostSplit is how many values of a span a metric takes at most.
const mostSplit = 8

// splits finds the values of the spans that a metric takes by the attribute that tells
// them apart; nil: they are none of these.
func (s *source) splits(m *profile.Metric) *source {
	a := m.Attributes[s.split]
	if a == nil || !a.Values.All() {
		return nil
	}
	var taken []string
	for _, v := range a.Values.Kept() {
		part := slices.DeleteFunc(slices.Clone(m.Totals), func(t profile.Total) bool {
			return !slices.Contains(t.Values, profile.TotalValue{Key: s.split, Hash: v.Hash()})
		})
		n := amountsOf(part, m.Kind != otlp.MetricSum)
		value, ok := s.of.valueOf(m, &n, append(taken, s.split))
		if !ok {
			return nil
		}
		taken = append(taken, value)
		s.values = append(s.values, source{of: s.of, value: value, fixed: v})
	}
	if s.series *= int64(len(s.values)); s.series > mostSeries {
		return nil
	}
	slices.SortFunc(s.values, func(x, y source) int { return cmp.Compare(x.fixed.Text, y.fixed.Text) })
	return s
}

// onAllPoints reports whether all points of a metric have one value of a key.
func onAllPoints(m *profile.Metric, key string) bool {
	a := m.Attributes[key]
	return a != nil && a.Present == m.Points && a.Values != nil && a.Values.All() && a.Values.Distinct() == 1
}

// onResource reports whether the resources of a service have these values.
func (w *writer) onResource(service, key string, values map[uint64]float64) bool {
	s := w.whole.Services[service]
	if s == nil || s.Attributes[key] == nil || len(values) > mostValues {
		return false
	}
	for h := range values { // order-free: whether all are
		if _, ok := s.Attributes[key].Values.Of(h); !ok {
			return false
		}
	}
	return true
}

// resourceSays reports whether an attribute of the resource of a service is written.
func (w *writer) resourceSays(service, key string) bool {
	r := w.resource(w.serviceOf(service))
	return r.constants[key] != "" || r.shared[key] != nil || key == "service.name" || key == instanceKey
}

// followed writes a metric that follows from spans, beside what is said of it already. It
// reports whether it does.
func (w *writer) followed(to *node, m *profile.Metric) bool {
	s := w.sourceOf(m)
	if s == nil {
		return false
	}
	said := mapping().with("instrument", instrumentOf(m))
	from := list()
	for _, v := range s.values {
		x, ok := w.takes(&v)
		fixed, sayable := w.policy.Value(s.split, v.fixed.Text, w.tracesWithValue(m.Service, s.split, v.fixed.Text))
		key, named := w.policy.Key(s.split, 0)
		if !ok || !sayable || !named {
			return false
		}
		from.items = append(from.items, x.set("attributes", mapping().with(key, fixed)))
	}
	if s.split == "" {
		x, ok := w.takes(s)
		if !ok {
			return false
		}
		if len(x.entries) == 1 {
			x = x.entries[0].value
		}
		from = x
	}
	said.put("from", from)
	dimensions := list()
	for _, key := range s.dimensions {
		traces := s.of.traces
		if g := s.of.attributes[key]; g != nil {
			traces = g.traces
		}
		name, ok := w.policy.Key(key, traces)
		if !ok || key == sessionKey {
			return false
		}
		dimensions.items = append(dimensions.items, word(name))
	}
	if len(dimensions.items) > 0 {
		said.put("dimensions", dimensions)
	}
	if kept := w.keeps(s, m); len(kept.items) > 0 {
		said.put("resource", kept)
	}
	if buckets := bucketsOf(m); buckets != nil {
		said.put("buckets", buckets)
	}
	to.entries = append(to.entries, said.entries...)
	to.beside += ", of " + text.Counted(uint64(s.of.spans), "span")
	return true
}

// leading is the writer of the scenario that says for all of them what their services have.
func (w *writer) leading() *writer { return cmp.Or(w.first, w) }

// takes writes the spans of a source, and what of them has its values.
func (w *writer) takes(s *source) (*node, bool) {
	out, alone := mapping(), s.of.alone
	if s.of.parts == nil {
		out.with("span", s.of.name)
	} else {
		names := list()
		for _, p := range s.of.parts {
			if g := p.attributes[s.value]; s.value == "" || g != nil && g.written {
				names.items = append(names.items, word(p.name))
				alone = alone && p.alone
			}
		}
		out.put("span", names)
	}
	if !alone {
		out.with("kind", otlp.SpanKindName(s.of.kind))
	}
	if s.value == "" {
		return out, true
	}
	key, ok := w.policy.Key(s.value, s.of.attributes[s.value].traces)
	return out.with("value", key), ok
}
