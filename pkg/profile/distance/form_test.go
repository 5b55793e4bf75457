package distance

import (
	"fmt"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// coded returns a side with a metric whose points have codes of errors, which look like
// ids, so many times each.
func coded(codes []string, points []int) Side {
	s := newSim(shop(1))
	a := &profile.Attribute{Values: sketch.NewValues(capOfValues), Numbers: new(sketch.Numbers), Lengths: new(sketch.Numbers)}
	m := &profile.Metric{
		Service: "web", Name: "db.client.operation.duration", Unit: "s", Kind: otlp.MetricHistogram,
		Series: sketch.NewValues(capOfValues), Values: new(sketch.Numbers), Counts: new(sketch.Numbers), Rates: new(sketch.Numbers),
		Attributes: map[string]*profile.Attribute{"error.type": a},
	}
	s.p.Metrics[1] = m
	for id := range uint64(100) {
		s.whole(s.r, 0, 1e6, id+1, 1e18+id)
		s.span(1, "web", "GET /", otlp.SpanKindServer, "", 1e6, id+1, "de", "one")
	}
	for i, code := range codes {
		n := uint64(points[i])
		m.Points += n
		a.Present += n
		a.Kinds[otlp.KindString] += n
		a.Values.AddN(otlp.KindString, []byte(code), n, 0)
		a.Lengths.AddN(float64(len(code)), n)
	}
	return Side{Name: "coded", Profile: s.p}
}

// TestFewValuesByTheirShares: two codes that are about as often there are alike, whatever
// their numbers; one that is there far more often, one more, or codes of another form are
// not, though two values alone could have any form by chance.
func TestFewValuesByTheirShares(t *testing.T) {
	many := func(last int) (codes []string, points []int) {
		for i := range 40 {
			codes, points = append(codes, fmt.Sprint(40001+i)), append(points, 200+i%3)
		}
		points[39] = last
		return codes, points
	}
	plain, near, often := coded(many(200)), coded(many(215)), coded(many(4000))
	two := []string{"40001", "57014"}
	for _, c := range []struct {
		name        string
		a, b        Side
		far, chance bool // by more than the bound; chance explains it
	}{
		{"by chance", coded(two, []int{9100, 8900}), coded(two, []int{9300, 9240}), false, true},
		{"other codes", coded(two, []int{9100, 8900}), coded([]string{"40P01", "55P03"}, []int{9000, 9000}), true, true},
		{"one most of the time", coded(two, []int{9100, 8900}), coded(two, []int{16100, 1900}), true, false},
		{"one more", coded(two, []int{9000, 9000}), coded([]string{"40001", "57014", "53300"}, []int{6000, 6000, 6000}), true, false},
		{"many by chance", plain, near, false, true},
		{"one of many most of the time", plain, often, true, false},
	} {
		r := compare(t, c.a, c.b)
		if m, _ := r.Of("metric_attribute_tv"); m.Value > 0.1 != c.far || m.Apart == c.chance || !c.far && m.Value > 0.01 {
			t.Errorf("%s: %+v, want it far: %v, by chance: %v", c.name, m, c.far, c.chance)
		}
	}
}
