package verify

import (
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// tickChecker checks when the points of a file are: at multiples of the metric
// interval since the segment's start, the last ones at the end of its last span,
// and those of a series at each of these times from its first one on.
type tickChecker struct {
	times []uint64 // so far, each once
}

// tick takes the time of a point and returns the number of its tick. Times that
// go back have been complained of: they are taken for the latest.
func (c *metricChecker) tick(p *otlp.Point) int {
	t := &c.ticks
	if n := len(t.times); n == 0 || p.Time > t.times[n-1] {
		t.times = append(t.times, p.Time)
	}
	return len(t.times) - 1
}

// present checks that a series has had a point at the tick before.
func (c *metricChecker) present(s *seriesState, p *otlp.Point, had bool) {
	n := c.tick(p)
	if had && s.tick < n-1 && c.f.s.v.o.Seeded != nil {
		c.complain(s, p, "it has no point at %v, where others have one", corpus.Nanos(c.ticks.times[s.tick+1]))
	}
	s.tick = n
}

// finish checks the times of all ticks, and that no series ends before the last.
func (c *metricChecker) finish() {
	m := c.f.s.v.report.Manifest
	interval := uint64(m.Options.MetricInterval)
	if c.f.s.v.o.Seeded == nil || c.f.broken || interval == 0 {
		return
	}
	start := uint64(m.Options.Start) + c.f.segment.FirstIteration*uint64(m.Options.Interval)
	if m.Arrivals != nil { // iterations are in order: the segment begins with its first
		start = c.f.s.v.o.Seeded.StartOf(c.f.segment.FirstIteration)
	}
	times := c.ticks.times
	for i, at := range times {
		// Whatever the first is, the others follow one by one: a series is at
		// each of them.
		regular := at >= start && (at-start)%interval == 0 && (i == 0 || at-times[i-1] == interval)
		if i == len(times)-1 {
			regular = i == 0 || at-times[i-1] <= interval
		}
		if !regular {
			c.f.at(rulePoint, c.n, "points are at %v, which is not a multiple of %v since %v, or not the next", corpus.Nanos(at), m.Options.MetricInterval, corpus.Nanos(start))
		}
	}
	for i := range c.known {
		if s := &c.known[i]; s.tick < len(times)-1 {
			c.complain(s, &s.point, "it is the last of its series, and others go on until %v", corpus.Nanos(times[len(times)-1]))
		}
	}
}
