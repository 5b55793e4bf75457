package profile

import (
	"fmt"
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// TestResourcesOfMetrics: how many points of a metric have a resource with an attribute, and
// its values, as a whole and in parts.
func TestResourcesOfMetrics(t *testing.T) {
	resources := []*intake.Resource{
		{Hash: 1, Service: "web", Attributes: []intake.Attribute{text("tenant", "a"), text("part", "x")}},
		{Hash: 2, Service: "web", Attributes: []intake.Attribute{text("tenant", "b")}},
	}
	builders := []*Builder{NewBuilder(Options{}), NewBuilder(Options{}), NewBuilder(Options{})}
	for i, of := range []int{0, 1, 1, 0, 1} {
		p := &intake.Point{
			Metric: []byte("calls"), Unit: []byte("1"), Kind: otlp.MetricSum, Temporality: otlp.TemporalityCumulative, Monotonic: true,
			Start: 1, Time: uint64(i + 2), Value: float64(i), Resource: resources[of],
		}
		builders[0].Point(p)
		builders[1+i%2].Point(p)
	}
	for why, p := range []*Profile{builders[0].Finish(), Merge(builders[1].Finish(), builders[2].Finish())} {
		for _, m := range p.Metrics {
			got := fmt.Sprint(m.Points, len(m.Resource), m.Resource["tenant"].Present, m.Resource["tenant"].Values.Distinct(), m.Resource["part"].Present)
			if want := "5 2 5 2 2"; got != want {
				t.Errorf("%d: got %s, want %s", why, got, want)
			}
		}
	}
}

// TestSeriesAreCountedOneByOne: hundreds of series, which a metric of few dimensions has of a few
// instances, are counted exactly, in two parts too; thousands to a few percent.
func TestSeriesAreCountedOneByOne(t *testing.T) {
	for _, c := range []struct {
		series int
		off    float64
	}{{700, 0}, {20_000, 0.05}} {
		builders := []*Builder{NewBuilder(Options{}), NewBuilder(Options{}), NewBuilder(Options{})}
		web := &intake.Resource{Hash: 1, Service: "web"}
		for i := range 2 * c.series {
			p := &intake.Point{
				Metric: []byte("calls"), Unit: []byte("1"), Kind: otlp.MetricGauge, Time: uint64(i + 2), Value: 1, Resource: web,
				Attributes: []intake.Attribute{integer("n", int64(i%c.series))},
			}
			builders[0].Point(p)
			builders[1+i%2].Point(p)
		}
		for why, p := range []*Profile{builders[0].Finish(), Merge(builders[1].Finish(), builders[2].Finish())} {
			for _, m := range p.Metrics {
				if n := float64(m.Series.Distinct()); math.Abs(n-float64(c.series)) > c.off*float64(c.series) {
					t.Errorf("%d: got %v series, want %d", why, n, c.series)
				}
			}
		}
	}
}
