package profile

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// totalsOf is what the points of metrics come to, by the metric and the value of key.0.
func totalsOf(p *Profile) string {
	out := ""
	for _, h := range sortedKeys(p.Metrics) {
		m := p.Metrics[h]
		sums := make(map[string]string)
		for _, t := range m.Totals {
			value := ""
			for _, v := range t.Values {
				x, _ := m.Attributes[v.Key].Values.Of(v.Hash)
				value += v.Key + "=" + x.Text
			}
			sums[value] = fmt.Sprintf("%d, %v", t.Count, t.Sum)
		}
		for _, value := range sortedKeys(sums) {
			out += fmt.Sprintf("%s{%s}: %s\n", m.Name, value, sums[value])
		}
	}
	return out
}

// TestTotalsOfMetrics are those of the latest points since each start, and of differences
// all of them, in any order and in parts.
func TestTotalsOfMetrics(t *testing.T) {
	resources := []*intake.Resource{{Hash: 1, Service: "web"}, {Hash: 2, Service: "web"}}
	point := func(resource int, kind otlp.MetricKind, temporality otlp.Temporality, start, time, count uint64, value float64, model string) *intake.Point {
		return &intake.Point{
			Metric: []byte("calls"), Unit: []byte("1"), Kind: kind, Temporality: temporality, Monotonic: true, Start: start, Time: time,
			Count: count, Value: value, Resource: resources[resource], Attributes: []intake.Attribute{text("model", model)},
		}
	}
	const delta, cumulative = otlp.TemporalityDelta, otlp.TemporalityCumulative
	for _, row := range []struct {
		why, want string
		points    []*intake.Point
	}{
		{"the latest of each start and resource", "calls{model=a}: 0, 27\ncalls{model=b}: 0, 3\n", []*intake.Point{
			point(0, otlp.MetricSum, cumulative, 1, 5, 0, 4, "a"), point(0, otlp.MetricSum, cumulative, 1, 9, 0, 6, "a"),
			point(0, otlp.MetricSum, cumulative, 10, 12, 0, 1, "a"), point(1, otlp.MetricSum, cumulative, 1, 5, 0, 20, "a"),
			point(1, otlp.MetricSum, cumulative, 1, 5, 0, 3, "b"),
		}},
		{"all differences", "calls{model=a}: 0, 4.5\n", []*intake.Point{
			point(0, otlp.MetricSum, delta, 1, 5, 0, 4, "a"), point(0, otlp.MetricSum, delta, 5, 9, 0, 0.25, "a"), point(1, otlp.MetricSum, delta, 5, 9, 0, 0.25, "a"),
		}},
		{"values of histograms", "calls{model=a}: 9, 70\n", []*intake.Point{
			point(0, otlp.MetricHistogram, cumulative, 1, 5, 4, 40, "a"), point(0, otlp.MetricHistogram, cumulative, 1, 9, 6, 60, "a"),
			point(1, otlp.MetricHistogram, cumulative, 1, 9, 3, 10, "a"),
		}},
		{"nothing of gauges", "", []*intake.Point{point(0, otlp.MetricGauge, otlp.TemporalityUnspecified, 0, 5, 0, 4, "a")}},
	} {
		var halves [2]*Builder
		forth, back := NewBuilder(Options{}), NewBuilder(Options{})
		for i := range halves {
			halves[i] = NewBuilder(Options{})
		}
		for i, p := range row.points {
			forth.Point(p)
			back.Point(row.points[len(row.points)-1-i])
			halves[i%2].Point(p)
		}
		for i, p := range []*Profile{forth.Finish(), back.Finish(), Merge(halves[0].Finish(), halves[1].Finish())} {
			if got := totalsOf(p); got != row.want {
				t.Errorf("%s, %d: got\n%s", row.why, i, got)
			}
		}
	}
	few := NewBuilder(Options{Others: 1})
	for i := range uint64(livesOfOthers + 1) {
		few.Point(point(0, otlp.MetricSum, cumulative, 1+i, 200, 0, 1, "a"))
	}
	if got := totalsOf(few.Finish()); got != "" {
		t.Errorf("some of more series than there is room for: got\n%s", got)
	}
}

// TestBucketsOfMetrics are known where all points have the same, in any order.
func TestBucketsOfMetrics(t *testing.T) {
	bounds := func(list ...float64) (out []byte) {
		for _, v := range list {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(v))
		}
		return out
	}
	for _, row := range []struct {
		points [][]byte
		want   string
	}{
		{[][]byte{bounds(1, 2.5), bounds(1, 2.5), bounds(1, 2.5)}, "{[1 2.5] false}"},
		{[][]byte{bounds(1, 2.5), bounds(1, 2.5), bounds(1, 3)}, "{[] true}"},
		{[][]byte{bounds(1), bounds(1, 3), bounds(1)}, "{[] true}"},
		{[][]byte{nil, nil}, "{[] false}"},
		{[][]byte{bounds(math.NaN()), bounds(math.NaN()), bounds(math.NaN())}, "{[NaN] false}"},
		{[][]byte{bounds(0), bounds(math.Copysign(0, -1)), bounds(0)}, "{[] true}"},
		{[][]byte{make([]byte, 8*mostBounds+8)}, "{[] true}"},
	} {
		whole, halves := NewBuilder(Options{}), [2]*Builder{NewBuilder(Options{}), NewBuilder(Options{})}
		for i, b := range row.points {
			p := &intake.Point{Metric: []byte("m"), Kind: otlp.MetricHistogram, Bounds: b, Resource: &intake.Resource{Service: "web"}}
			whole.Point(p)
			halves[i%2].Point(p)
		}
		for _, p := range []*Profile{whole.Finish(), Merge(halves[0].Finish(), halves[1].Finish())} {
			for _, m := range p.Metrics {
				if got := fmt.Sprint(m.Buckets); got != row.want {
					t.Errorf("%v: got %s, want %s", row.points, got, row.want)
				}
			}
		}
	}
}
