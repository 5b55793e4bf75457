package stats

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Of returns what a profile says. The profile is left as it is, and not kept.
func Of(p *profile.Profile) *Report {
	r := &Report{Sizes: make(map[string]Size), Faults: Faults(p.Faults), Left: Left{
		Classes: p.Left.Classes, Shapes: p.Left.Shapes, Productions: p.Left.Productions, Spans: p.Left.Spans, Traces: p.Left.Traces,
	}}
	if p.Last > 0 {
		r.Range = Range{instant(p.First), instant(p.Last), float64(p.Last-p.First) / 1e9}
	}
	for sig := range otlp.Signal(otlp.NumSignals) {
		s := p.Sizes[sig]
		r.Sizes[sig.String()] = Size{s.Items, s.Bytes, ratio(float64(s.Bytes), s.Items)}
	}
	s := p.Sample
	r.Sample = Sample{s.Traces, s.Spans, s.Bytes, s.Compressed, ratio(float64(s.Compressed), s.Spans)}
	r.Traces = tracesOf(&p.Traces, r.Range.Seconds)
	r.Sessions = Sessions{p.Sessions.Count, counts(p.Sessions.Traces), spread(p.Sessions.Pauses), len(p.Sessions.Orders)}
	r.Arrivals = arrivalsOf(p.Starts)
	r.Operations = operations(p, r.Range.Seconds)
	r.Services = services(p, r.Operations)
	r.Edges = edges(p)
	r.Shapes = shapes(p)
	r.Failures = failures(p)
	r.Attributes = attributes(p)
	r.Metrics = metrics(p)
	r.Logs = logs(p)
	return r
}

// instant writes a time in ns since the epoch.
func instant(ns uint64) string {
	return time.Unix(int64(ns/1e9), int64(ns%1e9)).UTC().Format(time.RFC3339Nano)
}

// ratio returns v by n, rounded to six digits after the point; 0 of nothing.
func ratio(v float64, n uint64) float64 {
	if n == 0 {
		return 0
	}
	return round(v / float64(n))
}

func round(v float64) float64 { return math.Round(float64(v*1e6)) / 1e6 }

// share is ratio of counts.
func share(part, whole uint64) float64 { return ratio(float64(part), whole) }

// per returns n in a second, as far as the time is known.
func per(n uint64, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return round(float64(n) / seconds)
}

// spread sums numbers up.
func spread(n *sketch.Numbers) Spread {
	low, high := n.Bounds()
	q := func(p float64) float64 { return round(n.Quantile(p)) }
	if n.Count() == 0 {
		return Spread{}
	}
	return Spread{n.Count(), round(n.Mean()), round(low), q(0.05), q(0.25), q(0.5), q(0.75), q(0.95), q(0.99), round(high)}
}

// counts sums up numbers that are whole.
func counts(n *sketch.Numbers) Spread {
	s := spread(n)
	if s.Count == 0 {
		return s
	}
	s.Mean = ratio(float64(whole(n)), s.Count)
	for _, v := range []*float64{&s.P5, &s.P25, &s.P50, &s.P75, &s.P95, &s.P99} {
		*v = math.Floor(*v)
	}
	return s
}

// sum returns the sum of numbers, about.
func sum(n *sketch.Numbers) float64 {
	if n.Count() == 0 {
		return 0
	}
	return float64(n.Mean() * float64(n.Count()))
}

// whole returns the sum of counts: exactly, where each is less than 64.
func whole(n *sketch.Numbers) (total uint64) {
	n.Each(func(low, high float64, many uint64) {
		v := math.Ceil(low)
		if high-low > 1 {
			v = math.Round((low + high) / 2)
		}
		total += uint64(max(v, 0)) * many
	})
	return total
}

func tracesOf(t *profile.Traces, seconds float64) Traces {
	out := Traces{
		Count: t.Count, Failed: t.Failed, ErrorRate: share(t.Failed, t.Count), PerSecond: per(t.Count, seconds),
		Spans: counts(t.Spans), Depth: counts(t.Depth), Width: counts(t.Width), Roots: counts(t.Roots), Duration: spread(t.Seconds),
	}
	if covered := t.Covered.Float(); covered > 0 {
		out.Parallelism = round(t.Busy.Float() / covered)
	}
	return out
}

// maxWindows is how many windows of arrivals there are at most.
const maxWindows = 512

func arrivalsOf(w *sketch.Windows) Arrivals {
	a := Arrivals{Counts: []uint64{}}
	if w == nil {
		return a
	}
	first, last, ok := w.Range()
	if !ok {
		return a
	}
	for last-first >= maxWindows {
		w = w.Coarse(w.Shift() + 1)
		first, last, _ = w.Range()
	}
	a.First, a.Window = instant(first<<w.Shift()), 1<<w.Shift()
	for i := first; i <= last; i++ {
		a.Counts = append(a.Counts, w.At(i))
	}
	return a
}

func shapes(p *profile.Profile) []Shape {
	all := make([]Shape, 0, len(p.Shapes))
	for _, id := range slices.Sorted(maps.Keys(p.Shapes)) {
		s := p.Shapes[id]
		all = append(all, Shape{fmt.Sprintf("%016x", id), text.Clean(s.Text), s.Traces, share(s.Traces, p.Traces.Count),
			ratio(float64(s.Spans), s.Traces), spread(s.Seconds)})
	}
	slices.SortStableFunc(all, func(a, b Shape) int {
		return cmp.Or(cmp.Compare(b.Traces, a.Traces), cmp.Compare(a.Text, b.Text))
	})
	return all
}

func metrics(p *profile.Profile) []Metric {
	all := make([]Metric, 0, len(p.Metrics))
	for _, id := range slices.Sorted(maps.Keys(p.Metrics)) {
		m := p.Metrics[id]
		out := Metric{text.Clean(m.Service), text.Clean(m.Name), text.Clean(m.Unit), metricType(m.Kind), m.Temporality.String(), m.Monotonic,
			m.Points, m.Series.Distinct(), []Dimension{}}
		for _, key := range slices.Sorted(maps.Keys(m.Attributes)) {
			out.Attributes = append(out.Attributes, Dimension{text.Clean(key), m.Attributes[key].Values.Distinct()})
		}
		slices.SortStableFunc(out.Attributes, func(a, b Dimension) int { return cmp.Compare(b.Distinct, a.Distinct) })
		all = append(all, out)
	}
	slices.SortStableFunc(all, func(a, b Metric) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type, b.Type))
	})
	return all
}

// metricType names a kind of metrics as the protocol does.
func metricType(k otlp.MetricKind) string {
	names := [...]string{"none", "gauge", "sum", "histogram", "exponential_histogram"}
	if int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

func logs(p *profile.Profile) []Log {
	all := make([]Log, 0, len(p.Logs))
	for _, id := range slices.Sorted(maps.Keys(p.Logs)) {
		l := p.Logs[id]
		all = append(all, Log{text.Clean(l.Service), severity(l.Severity), l.Severity, text.Clean(l.Event), text.Clean(l.Body), l.Records,
			share(l.Records, p.Sizes[otlp.SignalLogs].Items), l.Traces})
	}
	slices.SortStableFunc(all, func(a, b Log) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), cmp.Compare(b.Records, a.Records), cmp.Compare(a.Service, b.Service),
			cmp.Compare(a.Event, b.Event), cmp.Compare(a.Body, b.Body))
	})
	return all
}

// severity returns the short name of a severity number.
func severity(n uint8) string {
	if n == 0 || n > 24 {
		return "UNSPECIFIED"
	}
	name := [...]string{"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"}[(n-1)/4]
	if k := (n - 1) % 4; k > 0 {
		name += fmt.Sprint(k + 1)
	}
	return name
}
