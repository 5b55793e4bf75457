package distance

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// Side is one of the two that are compared.
type Side struct {
	Name    string
	Profile *profile.Profile
	// Halves are the profiles of two halves of the traces, for the baseline: of the first
	// side. Nil where there are none.
	Halves [2]*profile.Profile
}

// Result is how far two sides are apart.
type Result struct {
	A, B     Side
	Measures []Measure // by group, and in it the one nearest to its limit, or farthest over it, first
	Outliers []Outlier // parts that are far apart by themselves, those of most first
	Notes    []string  // what a person should know
}

// Outlier is a part of a measure that is far apart by itself, however little it adds to it:
// farther than chance explains, and than it is in the halves of A.
type Outlier struct {
	Measure  string   `json:"measure"`
	What     string   `json:"what"`
	Value    float64  `json:"value"`
	Baseline *float64 `json:"baseline"` // of this part; nil where the halves do not both have it
	N        uint64   `json:"n"`
}

// Measure is one number for how far they are apart.
type Measure struct {
	Name     string   `json:"name"`
	Group    string   `json:"group"`
	Value    float64  `json:"value"`    // 0: equal
	Baseline *float64 `json:"baseline"` // of two halves of A; nil where there are too few traces
	Target   float64  `json:"target"`
	Chance   float64  `json:"chance"` // what samples as small as these may differ by
	Limit    float64  `json:"limit"`  // up to which the two are alike
	Apart    bool     `json:"apart"`
	N        uint64   `json:"n"` // how many things of both sides it is from
	Worst    []Worst  `json:"worst"`
}

// Worst is a part of a measure that adds much to it.
type Worst struct {
	What  string  `json:"what"`
	Value float64 `json:"value"`
	N     uint64  `json:"n"`
}

// The verdicts.
const (
	Alike = "alike"
	Apart = "apart"
)

const (
	// fewestTraces is how many traces, or other items where there are none, a side has at
	// least: of fewer nothing can be said.
	fewestTraces = 10
	// slack is how much more than its baseline a measure may be.
	slack = 0.02
)

// ErrTooFew says that a side has too little for any word.
var ErrTooFew = errors.New("too little to compare")

// Compare returns how far two sides are apart. An error says why nothing can be said: a
// side has next to nothing, or the two have no signal in common.
func Compare(a, b Side) (*Result, error) {
	for _, s := range []Side{a, b} {
		if err := enough(s); err != nil {
			return nil, err
		}
	}
	r := &Result{A: a, B: b}
	has, err := r.common()
	if err != nil {
		return nil, err
	}
	x, y := newView(a.Profile), newView(b.Profile)
	c := newComparison(x, y)
	var halves [2]*view
	if h := a.Halves; h[0] != nil && h[1] != nil && enough(Side{Profile: h[0]}) == nil && enough(Side{Profile: h[1]}) == nil {
		halves = [2]*view{newView(h[0]), newView(h[1])}
	} else {
		r.Notes = append(r.Notes, fmt.Sprintf("%s has too few traces for a baseline", a.Name))
	}
	for i := range measures {
		if d := &measures[i]; has[d.signal] {
			r.judge(c, d, x, y, halves)
		}
	}
	r.sort()
	r.note()
	return r, nil
}

// judge works out a measure and holds it to its limit.
func (r *Result) judge(c *comparison, d *definition, x, y *view, halves [2]*view) {
	f := d.of(c, x, y)
	m := Measure{Name: d.name, Group: d.group, Value: round(f.value), Target: d.target, Chance: round(f.chance), N: f.n, Worst: f.worst}
	if m.Worst == nil {
		m.Worst = []Worst{}
	}
	m.Limit = max(m.Target, m.Chance)
	var base found
	if halves[0] != nil {
		base = d.of(c, halves[0], halves[1])
		b := round(base.value)
		m.Baseline = &b
		m.Limit = max(m.Limit, round(b+slack))
	}
	m.Apart = m.Value > m.Limit
	r.Measures = append(r.Measures, m)
	if d.group != groupMetrics { // points of a series go together: what chance explains of one is not known
		r.Outliers = append(r.Outliers, outliers(d.name, f.parts, base.parts)...)
	}
}

// enough returns an error for a side of which nothing can be said.
func enough(s Side) error {
	p := s.Profile
	items := uint64(0)
	for _, size := range p.Sizes {
		items += size.Items
	}
	switch n := p.Traces.Count; {
	case items == 0:
		about := ""
		if left := p.Faults.LeftOut(); len(left) > 0 {
			about = " but for what is left out: " + strings.Join(left, ", ")
		}
		return fmt.Errorf("%s: %w: there is no span, point or log record%s", s.Name, ErrTooFew, about)
	case n > 0 && n < fewestTraces:
		return fmt.Errorf("%s: %w: %s, and at least %d are needed", s.Name, ErrTooFew, text.Counted(n, "trace"), fewestTraces)
	case n == 0 && items < fewestTraces:
		return fmt.Errorf("%s: %w: no trace, and no more than %s", s.Name, ErrTooFew, text.Counted(items, "item"))
	}
	return nil
}

// common returns which signals both sides have, and notes those that only one has.
func (r *Result) common() (has [otlp.NumSignals]bool, err error) {
	var of [2][]string
	some := false
	for sig := range otlp.Signal(otlp.NumSignals) {
		a, b := r.A.Profile.Sizes[sig].Items > 0, r.B.Profile.Sizes[sig].Items > 0
		has[sig] = a && b
		some = some || has[sig]
		if a {
			of[0] = append(of[0], sig.String())
		}
		if b {
			of[1] = append(of[1], sig.String())
		}
		switch {
		case a && !b:
			r.Notes = append(r.Notes, fmt.Sprintf("%s are not compared: %s has none", sig, r.B.Name))
		case b && !a:
			r.Notes = append(r.Notes, fmt.Sprintf("%s are not compared: %s has none", sig, r.A.Name))
		}
	}
	if !some {
		return has, fmt.Errorf("%s has %s only, and %s has %s: %w", r.A.Name, strings.Join(of[0], " and "), r.B.Name,
			strings.Join(of[1], " and "), ErrTooFew)
	}
	return has, nil
}

// sort puts the worst first within each group.
func (r *Result) sort() {
	slices.SortStableFunc(r.Measures, func(x, y Measure) int {
		if i, j := slices.Index(groups, x.Group), slices.Index(groups, y.Group); i != j {
			return i - j
		}
		if p, q := x.Value/x.Limit, y.Value/y.Limit; p != q {
			if p > q {
				return -1
			}
			return 1
		}
		return 0
	})
	slices.SortStableFunc(r.Outliers, func(x, y Outlier) int {
		return cmp.Compare(float64(y.Value*float64(y.N)), float64(x.Value*float64(x.N)))
	})
}

// farPart is by how much a part is apart that is an outlier, at least.
const farPart = 0.1

// outliers returns the parts that are far apart by themselves.
func outliers(name string, ps, base parts) (all []Outlier) {
	halves := make(map[string]float64)
	for i := range base {
		if base[i].a > 0 && base[i].b > 0 {
			halves[base[i].what] = base[i].value
		}
	}
	for i := range ps {
		p := &ps[i]
		half, ok := halves[p.what]
		if p.value <= farPart+2*half || p.value <= 1.5*p.chance {
			continue
		}
		o := Outlier{Measure: name, What: p.what, Value: round(p.value), N: uint64(p.a + p.b)}
		if ok {
			half = round(half)
			o.Baseline = &half
		}
		all = append(all, o)
	}
	return all
}

// note says what the profiles left out, and what was mended.
func (r *Result) note() {
	for _, s := range []*Side{&r.A, &r.B} {
		p := s.Profile
		if p.Left.Spans > 0 || p.Left.Traces > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("%s has more kinds of spans or shapes than are kept: %s and %s are counted without theirs",
				s.Name, text.Counted(p.Left.Spans, "span"), text.Counted(p.Left.Traces, "trace")))
		}
	}
	a, b := float64(r.A.Profile.Traces.Count), float64(r.B.Profile.Traces.Count)
	if a > 0 && b > 0 && max(a, b) > comparable*min(a, b) {
		r.Notes = append(r.Notes, fmt.Sprintf("%s has %s and %s %s: how often values come again is not compared", r.A.Name,
			text.Counted(uint64(a), "trace"), r.B.Name, text.Grouped(uint64(b))))
	}
}

// Apart reports whether any measure is over its limit.
func (r *Result) Apart() bool {
	return slices.ContainsFunc(r.Measures, func(m Measure) bool { return m.Apart })
}

// Verdict returns Alike or Apart.
func (r *Result) Verdict() string {
	if r.Apart() {
		return Apart
	}
	return Alike
}

// Of returns the measure of a name, and whether it was taken.
func (r *Result) Of(name string) (Measure, bool) {
	i := slices.IndexFunc(r.Measures, func(m Measure) bool { return m.Name == name })
	if i < 0 {
		return Measure{}, false
	}
	return r.Measures[i], true
}
