package profile

import (
	"fmt"
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
