package learn

import (
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// later has spans of a production last about 5 ms and so many ms more, by chance up to a fifth to
// either side.
func later(p *profile.Production, ms ...float64) {
	base := new(sketch.Numbers)
	spread(base, 5, p.Spans)
	p.Own = new(sketch.Numbers)
	for i := range p.Spans {
		own := base.Quantile((float64(i) + 0.5) / float64(p.Spans))
		for at, wait := range ms {
			_, u := math.Modf((float64(i) + 0.5) * math.Sqrt([]float64{2, 3, 5}[at]))
			own += wait * 1e6 * (0.8 + 0.4*u)
		}
		p.Own.Add(own)
	}
}

// waiting is trying with waits of 100 ms.
func waiting(again uint64) *hand {
	h := trying(again)
	for _, id := range []profile.ClassID{10, 11} {
		for _, p := range h.Classes[id].Productions { // order-free: each alone
			if p.Groups[0][0].Class == 21 {
				later(p, 100)
			}
		}
	}
	return h
}

// allInAll has spans of a production last about 200 ms, and longer only where a child of about so many
// ms and waits need longer.
func allInAll(p *profile.Production, child, wait float64) {
	all, calls := new(sketch.Numbers), new(sketch.Numbers)
	spread(all, 200, p.Spans)
	spread(calls, child, p.Spans)
	p.Own, p.Duration, p.Covered = new(sketch.Numbers), new(sketch.Numbers), new(sketch.Numbers)
	for i := range p.Spans {
		_, u := math.Modf((float64(i) + 0.5) * math.Sqrt2)
		_, v := math.Modf((float64(i) + 0.5) * math.Sqrt(3))
		covered := calls.Quantile(u)
		lasts := max(all.Quantile((float64(i)+0.5)/float64(p.Spans)), covered+wait*1e6*(0.8+0.4*v))
		p.Duration.Add(lasts)
		p.Covered.Add(covered)
		p.Own.Add(lasts - covered)
	}
}

// TestRetriesAreLearnt where spans differ in nothing but how often they call something until it
// succeeds, and last as much longer as they wait.
func TestRetriesAreLearnt(t *testing.T) {
	const again = "success_rate_per_attempt: [0.8333, 1]"
	says(t, "again", learntOf(t, waiting(160)), []string{
		"max_attempts: 2", again, "failed_variants: [UNAVAILABLE]", "backoff_base_ms: 1", "retryable_errors: [UNAVAILABLE]",
		"variant: UNAVAILABLE\n                retry: {max_attempts: 2, backoff_base_ms: 1",
	}, []string{"jitter", "multiplier", "count: 2"})
	says(t, "too few", learntOf(t, waiting(0)), []string{"count: 2"}, []string{"retry"})

	for more, want := range map[uint64][]string{5: {"max_attempts: 2", again}, 20: {"3rd 20 of 20"}} { // order-free: each alone
		h := waiting(160)
		for _, p := range h.Classes[10].Productions { // order-free: one of them
			if r := &p.Groups[0][0]; r.Class == 21 {
				r.Counts = &sketch.Numbers{}
				r.Counts.AddN(1, 160-more)
				r.Counts.AddN(2, more)
			}
		}
		not := []string{"max_attempts: 3", "3rd"}
		if more >= 10 {
			not = []string{again}
		}
		says(t, "more attempts", learntOf(t, h), want, not)
	}
	for _, wait := range []float64{0, 100} {
		h := waiting(160)
		for _, p := range h.Classes[10].Productions { // order-free: each alone
			if p.Groups[0][0].Class == 21 {
				allInAll(p, 150, wait)
			} else {
				allInAll(p, 120, 0)
			}
		}
		says(t, "all in all", learntOf(t, h), []string{again, "latency: ", "backoff_base_ms: " + map[float64]string{0: "1\n", 100: "100\n"}[wait]}, []string{"charge failed"})
	}

	h := waiting(160)
	for _, p := range h.Classes[10].Productions { // order-free: one of them
		if p.Groups[0][0].Class == 21 {
			p.Own = new(sketch.Numbers)
			spread(p.Own, 10, 80)
			spread(p.Own, 400, 80)
		}
	}
	says(t, "longer by something else", learntOf(t, h), []string{"charge failed"}, []string{again})

	h = waiting(160) // of another service, which is not asked again when it is there
	h.class(30, "web", "store", 3, "", 960, 2).Above = 10
	for _, p := range h.Classes[10].Productions { // order-free: each alone
		counts := &sketch.Numbers{}
		counts.AddN(1, p.Spans)
		p.Groups = append(p.Groups, profile.Group{{Class: 30, Counts: counts}})
	}
	says(t, "with others", learntOf(t, h), []string{again, "span: store"}, nil)
	for _, p := range h.Classes[10].Productions { // order-free: one of them
		if p.Groups[0][0].Class == 21 {
			p.Groups = p.Groups[:2]
		}
	}
	says(t, "another thing is done then", learntOf(t, h), []string{"charge failed"}, []string{again})
}

// TestRetriesThatWaitOtherwise: what fails in another way may be waited for otherwise, each is said.
func TestRetriesThatWaitOtherwise(t *testing.T) {
	h := waiting(160)
	delete(h.Classes, profile.ClassID(11))
	does(h.Classes[10], 40, 1005, []uint64{22}, []uint64{20})
	h.calls(22, "charge", "pay", "RESOURCE_EXHAUSTED", 40)
	for _, p := range h.Classes[10].Productions { // order-free: one of them
		if p.Groups[0][0].Class == 22 {
			later(p, 1000)
		}
	}
	says(t, "two waits", learntOf(t, h), []string{
		"success_rate_per_attempt: [0.8333, 1]", "failed_variants: [UNAVAILABLE]", "backoff_base_ms: 10",
		"success_rate_per_attempt: [0, 1]", "failed_variants: [RESOURCE_EXHAUSTED]", "backoff_base_ms: 1000\n",
	}, []string{"optional", "failed_variants: [UNAVAILABLE, "})
}
