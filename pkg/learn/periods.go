package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Periods finds the stretches of a capture's time in which it is another system: spans
// fail much more often, or last much longer, than at most other times. A capture that is
// shorter than a few windows of a profile has none.
func Periods(p *profile.Profile, minTraces uint64) []profile.Period {
	o := newOddness(p)
	if o == nil {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(p.Classes)) {
		o.add(p.Classes[id])
	}
	o.judge()
	return o.periods(max(minTraces, 1))
}

// Bounds of what is odd. A share of failures that is farther from the usual one than
// chance takes it, and by half as much; a mean duration that is so many times the usual.
const (
	oddChance   = 6.0  // standard deviations
	oddShare    = 0.03 // at least
	oddTimes    = 2.5
	oddSpans    = 100  // of a window, of as many traces, to say how long they last in it
	oddOfAll    = 0.03 // of the spans of a window, for it to be odd
	mostOdd     = 0.5  // of the windows: what is odd is not usual
	minWindows  = 8    // of the capture
	mostWindows = 1024
	fewWindows  = 256  // or fewer, where there would be fewer spans than leastSpans in each
	leastSpans  = 1000 // else
	oddWindows  = 2    // of a period: one alone may be chance
	oddTraces   = 10   // of a period, as a multiple of what something needs to be said
	maxPeriods  = 3
)

// oddness is what is odd in each window of a profile's time.
type oddness struct {
	shift       uint
	first, last uint64 // windows
	begin, end  uint64 // of the capture, ns
	starts      *sketch.Windows
	paths       map[uint64]*pathTimes
	spans, odd  []float64
}

// pathTimes is what spans that differ in their outcome alone are in each window.
type pathTimes struct {
	spans, slow []float64   // how many, and how long in all
	failed      [][]float64 // how many of each outcome but the usual one
	all, traces float64     // spans, and about how many traces have any
}

// each is how many spans a trace has that has any: what happens to one of them happens to
// the others, so that they count as one.
func (x *pathTimes) each() float64 { return max(1, x.all/max(x.traces, 1)) }

func newOddness(p *profile.Profile) *oddness {
	o := &oddness{starts: p.Starts, first: math.MaxUint64, begin: p.First, end: p.Last, paths: make(map[uint64]*pathTimes)}
	spans := uint64(0)
	for _, c := range p.Classes { // order-free: a maximum, and a sum
		o.shift = max(o.shift, c.Minutes.Shift(), c.Slow.Shift())
		spans += c.Spans
	}
	for _, c := range p.Classes { // order-free: the ends of all
		if first, last, ok := c.Minutes.Coarse(o.shift).Range(); ok {
			o.first, o.last = min(o.first, first), max(o.last, last)
		}
	}
	if o.first > o.last {
		return nil
	}
	// Each class has few windows of its own: not all of them need be at times near each other.
	for n := o.last - o.first; n >= mostWindows || n >= fewWindows && spans < n*leastSpans; n = o.last - o.first {
		o.shift++
		o.first, o.last = o.first/2, o.last/2
	}
	if o.last-o.first+1 < minWindows {
		return nil
	}
	n := o.last - o.first + 1
	o.spans, o.odd = make([]float64, n), make([]float64, n)
	return o
}

// add counts a class.
func (o *oddness) add(c *profile.Class) {
	x := o.paths[c.Path]
	if x == nil {
		x = &pathTimes{spans: make([]float64, len(o.spans)), slow: make([]float64, len(o.spans))}
		o.paths[c.Path] = x
	}
	x.all, x.traces = x.all+float64(c.Spans), max(x.traces, float64(c.Traces))
	n, slow := o.counts(c.Minutes), o.counts(c.Slow)
	for i := range n {
		x.spans[i] += n[i]
		x.slow[i] += slow[i]
		o.spans[i] += n[i]
	}
	if c.Outcome != "" {
		x.failed = append(x.failed, n)
	}
}

func (o *oddness) counts(w *sketch.Windows) []float64 {
	out := make([]float64, len(o.spans))
	c := w.Coarse(o.shift)
	for i := range out {
		out[i] = float64(c.At(o.first + uint64(i)))
	}
	return out
}

// judge counts the spans of each window that are of another kind than usual.
func (o *oddness) judge() {
	for _, id := range slices.Sorted(maps.Keys(o.paths)) {
		x := o.paths[id]
		most := make([]float64, len(o.spans)) // of a path each span counts once
		for _, failed := range x.failed {
			usual := median(failed, x.spans, 1)
			for i, n := range x.spans {
				off := math.Abs(failed[i] - float64(n*usual))
				chance := 5 + float64(oddChance*math.Sqrt(float64(n/x.each()*usual)*(1-usual)))
				if off/x.each() > chance && off > float64(n*max(oddShare, min(usual, 1-usual)/2)) {
					most[i] = max(most[i], off)
				}
			}
		}
		enough := float64(oddSpans * x.each())
		usual := median(x.slow, x.spans, enough)
		for i, n := range x.spans {
			if mean := x.slow[i] / n; n >= enough && (mean > float64(oddTimes*usual) || mean < usual/oddTimes) {
				most[i] = n
			}
			o.odd[i] += most[i]
		}
	}
}

// median is that of a[i]/b[i], over all i with at least so much of b.
func median(a, b []float64, least float64) float64 {
	var all []float64
	for i := range a {
		if b[i] >= least {
			all = append(all, a[i]/b[i])
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// traces is how many start in some windows.
func (o *oddness) traces(from, to int) (n uint64) {
	starts := o.starts.Coarse(o.shift)
	by := starts.Shift() - o.shift // 0 unless the windows of traces are wider
	for i := (o.first + uint64(from)) >> by; i <= (o.first+uint64(to))>>by; i++ {
		n += starts.At(i)
	}
	return n
}

// periods puts odd windows that follow each other, or are one apart, together.
func (o *oddness) periods(minTraces uint64) (out []profile.Period) {
	type stretch struct {
		from, to int // windows; to is the last
		odd      int // of them
		spans    float64
	}
	var all []stretch
	odd := 0
	for i, n := range o.spans {
		if n == 0 || o.odd[i] <= float64(oddOfAll*n) {
			continue
		}
		odd++
		if k := len(all) - 1; k >= 0 && i-all[k].to <= 2 {
			all[k].to, all[k].odd, all[k].spans = i, all[k].odd+1, all[k].spans+n
			continue
		}
		all = append(all, stretch{i, i, 1, n})
	}
	if float64(odd) > float64(mostOdd*float64(len(o.spans))) {
		return nil
	}
	all = slices.DeleteFunc(all, func(s stretch) bool { return s.odd < oddWindows || o.traces(s.from, s.to) < oddTraces*minTraces })
	slices.SortStableFunc(all, func(a, b stretch) int { return cmp.Compare(b.spans, a.spans) })
	all = all[:min(len(all), maxPeriods)]
	slices.SortFunc(all, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	for _, s := range all {
		from, to := (o.first+uint64(s.from))<<o.shift, (o.first+uint64(s.to)+1)<<o.shift
		out = append(out, profile.Period{From: max(from, o.begin), To: min(to, o.end+1)})
	}
	return out
}

// Part is what the traces that start in a period of a capture are like.
type Part struct {
	Period  profile.Period
	Profile *profile.Profile
}

// FromParts learns from a profile of a capture, in some periods of which it is another
// system: each of these is a scenario of its own, and so is the rest. What is of sessions,
// resources and metrics is that of the whole.
func FromParts(whole, rest *profile.Profile, parts []Part, policy *privacy.Policy) (*Model, error) {
	w, err := newWriter(within(whole, rest), policy, 0, 0)
	if err != nil {
		return nil, err
	}
	var more []*writer
	for i, part := range parts {
		x, err := newWriter(within(whole, part.Profile), policy, 0, i+1)
		if err != nil {
			return nil, err
		}
		x.period, x.first = part.Period, w
		more = append(more, x)
	}
	w.whole = whole
	return w.model(more), nil
}

// within returns a part of a whole, with what the whole says of more than traces.
func within(whole, part *profile.Profile) *profile.Profile {
	p := *part
	p.First, p.Last, p.Starts = whole.First, whole.Last, whole.Starts
	p.Sessions, p.Services, p.Metrics, p.Keys, p.Parts = whole.Sessions, whole.Services, whole.Metrics, whole.Keys, whole.Parts
	return &p
}

// name is that of the scenario.
func (w *writer) name() string {
	if w.number == 0 {
		return "learnt"
	}
	return periodPrefix + strconv.Itoa(w.number)
}

const periodPrefix = "learnt_period_"

// OfPeriod reports whether a file of a name is that of the scenario of a period.
func OfPeriod(name string) bool {
	stem, file := strings.CutSuffix(name, ".yaml")
	number, ok := strings.CutPrefix(stem, periodPrefix)
	n, err := strconv.Atoi(number)
	return file && ok && err == nil && n > 0
}

// offset is a time counted from the first trace.
func (w *writer) offset(at uint64) time.Duration {
	return time.Duration(at - w.g.p.First).Round(100 * time.Millisecond)
}

// phases writes when the scenarios of periods come up in place of the usual one.
func (w *writer) phases(m *node, parts []*writer) {
	if len(parts) == 0 {
		return
	}
	all := m.put("phases", list())
	add := func(name, not string, from, to time.Duration) *node {
		x := mapping().with("name", name)
		if from > 0 {
			x.put("from", raw(from.String()))
		}
		if to > 0 {
			x.put("to", raw(to.String()))
		}
		x.put("weights", mapping().set(not, raw("0")))
		all.items = append(all.items, x)
		return x
	}
	for _, x := range parts {
		from, to := x.offset(x.period.From), x.offset(x.period.To)
		if from > 0 {
			add("before "+x.name(), x.name(), 0, from)
		}
		add(x.name(), w.name(), from, to)
		add("after "+x.name(), x.name(), to, 0)
	}
}
