package profile

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// TestStepIsHowOwnTimeGoesWithChildren: of requests that are slow throughout both are long at
// the same time; and logarithms are about those.
func TestStepIsHowOwnTimeGoesWithChildren(t *testing.T) {
	for _, ns := range []uint64{0, 1, 2, 3, 1000, 123_456_789, 1 << 60} {
		if got, want := float64(logarithm(ns))/64, math.Log2(float64(ns+1))+1; math.Abs(got-want) > 0.11 {
			t.Errorf("logarithm of %d: %v, want about %v", ns, got, want)
		}
	}
	for _, together := range []bool{false, true} {
		b, r := NewBuilder(Options{}), rand.New(rand.NewPCG(1, 2))
		web := &intake.Resource{Hash: 1, Service: "web"}
		for i := range 500 {
			own, child := r.ExpFloat64(), r.ExpFloat64()
			if together {
				child = own
			}
			x := &intake.Trace{ID: otlp.TraceID{14: byte(i >> 8), 15: byte(i)}}
			x.Spans = []intake.Span{
				at(-1, web, otlp.SpanKindServer, "GET", 0, own+child),
				at(0, web, otlp.SpanKindClient, "SELECT", 0.25*own, 0.25*own+child),
			}
			b.Trace(x)
		}
		for _, c := range b.Finish().Classes {
			for _, p := range c.Productions {
				if len(p.Groups) == 0 {
					if p.Step.N != 0 {
						t.Errorf("%d of %s, which has no children", p.Step.N, c.Name)
					}
					continue
				}
				if got := p.Lead.Float() / 500; math.Abs(got-250) > 5 {
					t.Errorf("%v thousandths of own time are before children, want 250", got)
				}
				if got := p.Step.Correlation(); p.Step.N != 500 || got > 0.95 != together || !together && math.Abs(got) > 0.15 {
					t.Errorf("%v: correlation %v of %d", together, got, p.Step.N)
				}
			}
		}
	}
}
