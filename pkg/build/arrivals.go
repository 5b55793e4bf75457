package build

import (
	"fmt"
	"math"
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// Arrivals is how iterations of the plan arrive, nil when it is one every
// interval of the run. With arrivals that are Rated, the interval of a run is 0.
func (p *Plan) Arrivals() *arrivals.Model { return p.plan.Arrivals }

// PlaceBursts returns where a seed places bursts that are placed at random, as
// arrivals.Run asks for it.
func PlaceBursts(seed uint64) func(burst int, window, slack uint64) uint64 {
	return gen.PlaceBursts(seed)
}

// curve returns the curve of the run, nil when iterations start one every
// interval. The error is for a run that does not go with the plan's arrivals.
func (r *Run) curve(p *Plan) (*arrivals.Curve, error) {
	m := p.Arrivals()
	switch {
	case m == nil:
		return nil, nil
	case m.Rated() && r.Interval != 0:
		return nil, fmt.Errorf("interval %v: the arrivals of the config (%v) say themselves how many there are", r.Interval, m)
	case r.Deviation != 0:
		return nil, fmt.Errorf("interval deviation %v: it is about iterations that start one every interval, and the arrivals of the config are others (%v)", r.Deviation, m)
	}
	return arrivals.New(m, arrivals.Run{Start: r.Start.UnixNano(), Interval: r.Interval, Place: PlaceBursts(r.Seed)})
}

// segmentStart returns when a segment begins, in nanoseconds since 1970: no span
// of it starts before. first is its first iteration. A jitter is left out of it; arrivals by a curve
// are in order, so there it is when the first iteration starts.
func (g *Generator) segmentStart(first uint64) uint64 {
	if g.curve != nil {
		return uint64(g.gen.StartOf(first))
	}
	return uint64(g.run.Start.UnixNano() + int64(first)*int64(g.run.Interval))
}

// startsLast returns the longest time in which the n iterations of a segment
// start, in nanoseconds: by a curve, but for once in 10^15 segments.
func (r *Run) startsLast(c *arrivals.Curve, n uint64) uint64 {
	if c == nil {
		return (n-1)*uint64(r.Interval) + 2*uint64(r.Deviation)
	}
	end, _ := c.Reached(blocks(r.Count) * arrivals.BlockIterations)
	return c.Longest(r.stretch(n, c.Together()), end)
}

// blocks is how many blocks so many iterations need.
func blocks(n uint64) uint64 { return (n + arrivals.BlockIterations - 1) / arrivals.BlockIterations }

// stretch returns how many iterations arrive, on average, in the longest time in
// which n that follow each other do. Whole blocks take what they take. Of those
// that are not, the distances of n neighbours are nearly independent and
// exponential, so that together they are n times the mean with a deviation of its
// root; where some come at once, there are so many fewer of larger distances.
func (r *Run) stretch(n, atOnce uint64) uint64 {
	touched := blocks(n)
	if r.SegmentIterations%arrivals.BlockIterations != 0 && arrivals.BlockIterations%r.SegmentIterations != 0 {
		touched++
	}
	likely := n + 10*uint64(math.Sqrt(float64(n*atOnce))) + 40*atOnce
	return min(touched*arrivals.BlockIterations, likely)
}

// Turnaround returns the shortest simulated time in a run between the starts of a
// segment and of the one that comes so many after it, on average over what
// chance does. Of a run of very many segments, it is that of the first ones.
func (p *Plan) Turnaround(r Run, after uint64) time.Duration {
	c, err := r.curve(p)
	if err != nil {
		return 0 // which the run is refused for
	}
	const most = 4096 // segments, which are months of nearly all curves
	if c == nil {
		between := float64(after) * float64(r.SegmentIterations) * float64(r.Interval)
		return time.Duration(min(between, math.MaxInt64/2))
	}
	shortest := uint64(math.MaxInt64)
	for s := uint64(0); s+after < r.Segments() && s < most; s++ {
		from, _ := c.Reached(s * r.SegmentIterations)
		to, _ := c.Reached((s + after) * r.SegmentIterations)
		shortest = min(shortest, to-from)
	}
	return time.Duration(shortest)
}
