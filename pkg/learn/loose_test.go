package learn

import (
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestChildrenThatOutliveAtTimes: a child that outlives its parent in some spans and ends
// before it in others is one that nobody waits for, and makes the parent no longer; one that
// hardly ever does is waited for.
func TestChildrenThatOutliveAtTimes(t *testing.T) {
	for _, c := range []struct {
		name          string
		outlive, ends uint64
		plans         int // of what the parent does with it
		async         bool
		own           float64 // ms, of the one that most spans do
	}{
		{"at times", 200, 800, 1, true, 40},
		{"always", 1000, 0, 1, true, 10},
		{"never", 0, 1000, 1, false, 5},
		{"hardly ever", 20, 980, 2, false, 5},
	} {
		h := newHand(1500)
		web := h.class(10, "web", "GET /items", otlp.SpanKindServer, "", 1500, 5)
		web.Roots = 1500
		does(web, 500, 40, []uint64{30}, []uint64{40})
		if c.outlive > 0 {
			does(web, c.outlive, 10, []uint64{20}, []uint64{30}, []uint64{40})
			web.Productions[uint64(len(web.Productions))].Groups[0][0].Async = true
		}
		if c.ends > 0 { // through both others, which follow each other
			does(web, c.ends, 5, []uint64{30, 20, 40})
		}
		for _, id := range []uint64{20, 30, 40} {
			does(h.class(id, "web", string(rune('a'+id)), otlp.SpanKindInternal, "", 1500, 1), 1500, 1)
		}
		g := newGrammar(h.Profile, 10)
		plans := 0
		for _, p := range g.byID[10].plans {
			async, has := false, false
			for _, r := range p.flat() {
				has = has || r.class.id == 20
				async = async || r.class.id == 20 && r.async
				if r.class.id != 20 && (r.async || c.async && len(p.groups) != 2 && len(p.groups) != 3) {
					t.Errorf("%s: %d groups, and %v async: %v", c.name, len(p.groups), r.class.id, r.async)
				}
			}
			if !has {
				continue
			}
			if plans++; plans > 1 {
				continue
			}
			if async != c.async {
				t.Errorf("%s: nobody waits for it: %v", c.name, async)
			}
			if own := p.lasts.own.Quantile(0.5) / 1e6; math.Abs(own-c.own) > 0.1 {
				t.Errorf("%s: own time of %v", c.name, own)
			}
		}
		if plans != c.plans {
			t.Errorf("%s: %d plans with it, want %d", c.name, plans, c.plans)
		}
	}
}

// TestAllIsOwnTimeWhereNobodyWaits: a span whose only child is one that nobody waits for lasts
// its own time, though the child covers some of that where it ends before.
func TestAllIsOwnTimeWhereNobodyWaits(t *testing.T) {
	h := newHand(1000)
	web := h.class(10, "web", "GET /items", otlp.SpanKindServer, "", 1000, 5)
	web.Roots = 1000
	for i, spans := range []uint64{200, 800} {
		does(web, spans, 12, []uint64{20})
		p := web.Productions[uint64(i+1)]
		p.Groups[0][0].Async = i == 0
		spread(p.Duration, 20, spans)
		p.Covered = &sketch.Numbers{}
		spread(p.Covered, 8, spans)
	}
	does(h.class(20, "web", "audit", otlp.SpanKindInternal, "", 1000, 8), 1000, 8)
	plans := newGrammar(h.Profile, 10).byID[10].plans
	if len(plans) != 1 {
		t.Fatalf("%d plans", len(plans))
	}
	if n := plans[0].lasts.covered.Count(); n > 0 {
		t.Errorf("%d spans wait for calls", n) // they would be taken for ones that calls make longer
	}
	if own := plans[0].lasts.own.Quantile(0.5) / 1e6; math.Abs(own-20) > 0.1 {
		t.Errorf("own time of %v", own)
	}
}
