package main

import (
	"fmt"
	"io"
	"time"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func (a *amounts) add(b *amounts) {
	a.items, a.records, a.bytes, a.compressed = a.items+b.items, a.records+b.records, a.bytes+b.bytes, a.compressed+b.compressed
}

func (a *amounts) grow(by float64) {
	for _, n := range []*uint64{&a.items, &a.records, &a.bytes, &a.compressed} {
		*n = uint64(float64(*n) * by)
	}
}

// tellArrivals says how sessions arrive, and over which simulated time, unless it
// is one every interval.
func (a *app) tellArrivals(w io.Writer, plan *otelsim.Plan) {
	h := plan.Header()
	c := otelsim.CurveOf(&h)
	if c == nil {
		return
	}
	how := plan.Arrivals().String()
	if !plan.Arrivals().Rated() {
		how += fmt.Sprintf(", %v on average", h.Options.Interval)
	}
	fmt.Fprintf(w, "arrivals\t%s\n", how)
	first, _ := c.Reached(0)
	last, _ := c.Reached(plan.Count())
	start := h.Options.Start.Time()
	fmt.Fprintf(w, "arriving\tabout %v, from %s to about %s\n", text.Rough(time.Duration(last-first)),
		start.Add(time.Duration(first)).Format(time.RFC3339), start.Add(time.Duration(last)).Format(time.RFC3339))
}

// moreTime returns how many times as many points of metrics the run has as the
// sample. There is one of each series every so often of simulated time, so they
// grow with that: with the iterations, by more, when one starts every interval,
// and not when the sample is of the slow hours.
func (a *app) moreTime(plan *otelsim.Plan, s *sample, more float64) float64 {
	h := plan.Header()
	c := otelsim.CurveOf(&h)
	if c == nil {
		return more
	}
	arriving, _ := c.Reached(s.iterations)
	all, _ := c.Reached(plan.Count())
	tail := max(float64(s.last)-float64(h.Options.Start)-float64(arriving), 0) // the sessions that go on after it
	_, iterations := a.share(plan)
	share := float64(iterations) / float64(plan.Count())
	sampled := float64(plan.WithCount(s.iterations).Segments())
	return (float64(all) + tail*float64(plan.Segments())) / (float64(arriving) + tail*sampled) * share
}
