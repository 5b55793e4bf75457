package distance

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// metricName names a metric with all that it is: two that differ in any of it are two.
func metricName(m *profile.Metric) string {
	kind := map[otlp.MetricKind]string{otlp.MetricGauge: "gauge", otlp.MetricSum: "sum", otlp.MetricHistogram: "histogram"}[m.Kind]
	if kind == "" {
		kind = fmt.Sprintf("kind %d", m.Kind)
	}
	if m.Monotonic {
		kind = "monotonic " + kind
	}
	switch m.Temporality {
	case otlp.TemporalityDelta:
		kind = "delta " + kind
	case otlp.TemporalityCumulative:
		kind = "cumulative " + kind
	}
	return fmt.Sprintf("%s: %s (%s in %q)", m.Service, m.Name, kind, m.Unit)
}

// metricsOf returns the metrics of a profile by name.
func metricsOf(v *view) map[string]*profile.Metric {
	all := make(map[string]*profile.Metric)
	for _, m := range v.p.Metrics {
		all[metricName(m)] = m
	}
	return all
}

func metricTV(_ *comparison, x, y *view) found {
	of := func(v *view) map[string]uint64 {
		all := make(map[string]uint64)
		for name, m := range metricsOf(v) {
			all[name] = m.Points
		}
		return all
	}
	return tv(of(x), of(y))
}

// byMetric makes a part of each metric that both sides have: of others metric_tv tells.
func byMetric(x, y *view, compare func(a, b *profile.Metric) part) found {
	a, b := metricsOf(x), metricsOf(y)
	var ps parts
	for name, m := range a {
		if o := b[name]; o != nil {
			q := compare(m, o)
			q.what, q.a, q.b = name, float64(m.Points), float64(o.Points)
			ps = append(ps, q)
		}
	}
	return ps.mean()
}

func metricSeries(_ *comparison, x, y *view) found {
	return byMetric(x, y, func(a, b *profile.Metric) part {
		q := part{}
		q.value, q.chance = byNumber(a.Series, b.Series, 1, 1)
		n, m := float64(a.Series.Distinct()), float64(b.Series.Distinct())
		q.chance = max(q.chance, uncertain(float64(late(a.Series)*n)+float64(late(b.Series)*m), max(n, m)))
		return q
	})
}

// late returns the share of series that have fewer points than others: they came up in the
// course of the run, such as those of rare errors, and might not have.
func late(series *sketch.Values) float64 {
	kept := series.Kept()
	n := 0.0
	for _, x := range kept {
		if 4*x.Count < 3*kept[0].Count {
			n++
		}
	}
	return n / float64(max(len(kept), 1))
}

// metricValues compares the values of points, and of histograms how many each counts where
// that differs more.
func metricValues(_ *comparison, x, y *view) found {
	return byMetric(x, y, func(a, b *profile.Metric) part {
		q := byKS("", a.Values, b.Values)
		if a.Counts.Count() > 0 && b.Counts.Count() > 0 {
			q = farther(q, byKS("", a.Counts, b.Counts))
		}
		if a.Temporality == otlp.TemporalityCumulative {
			q.chance *= 2 // each point has those before in it: they are worth about a quarter
		}
		return q
	})
}
