package gen

import (
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
)

// Names of the streams of arrivals.
var (
	hashBlock = rng.Hash("block of arrivals")
	hashBurst = rng.Hash("burst of arrivals")
)

// PlaceBursts returns where a seed places bursts that are placed at random: see
// arrivals.Run.
func PlaceBursts(seed uint64) func(burst int, window, slack uint64) uint64 {
	key := rng.New(seed).For(rng.Start).Index(hashBurst)
	return func(burst int, window, slack uint64) uint64 {
		s := key.Index(uint64(burst)).Index(window).Stream()
		return s.Below(slack + 1)
	}
}

// block holds when the iterations of a block start, in nanoseconds since the
// start of the run.
type block struct {
	number uint64
	at     [arrivals.BlockIterations]uint64
}

// schedule says when iterations start: by a curve, or one every interval with a
// jitter.
type schedule struct {
	key                 rng.Key
	curve               *arrivals.Curve // nil: by the interval
	interval, deviation int64
}

// fill draws a block: the iterations that it counts, in order, as the curve spreads them.
func (s *schedule) fill(b *block, number uint64) {
	draws := s.key.Index(hashBlock).Index(number).Stream()
	s.curve.Draw(b.at[:], draws.Below)
	s.curve.Spread(number, b.at[:])
	b.number = number
}

// within returns when an iteration of the block starts.
func (b *block) within(i uint64) int64 { return int64(b.at[i%arrivals.BlockIterations]) }

// constant is when an iteration starts without a curve: i intervals after the
// start, later by a jitter that is uniform in [0, 2 x deviation].
func (s *schedule) constant(i uint64) int64 {
	at := int64(i) * s.interval
	if s.deviation > 0 {
		draw := s.key.Index(i).Stream()
		at += int64(draw.Below(2*uint64(s.deviation) + 1))
	}
	return at
}

// Starts says when the iterations of a run start. It is safe for concurrent use.
type Starts struct {
	schedule
	recent [32]atomic.Pointer[block] // by number
}

// NewStarts returns when the iterations of a run start: by the curve, or when it
// is nil, one every interval, up to twice the deviation later.
func NewStarts(seed uint64, curve *arrivals.Curve, interval, deviation int64) *Starts {
	return &Starts{schedule: schedule{rng.New(seed).For(rng.Start), curve, interval, deviation}}
}

// Offset returns when an iteration starts, in nanoseconds since the start of the
// run.
func (s *Starts) Offset(i uint64) int64 {
	if s.curve == nil {
		return s.constant(i)
	}
	number := i / arrivals.BlockIterations
	place := &s.recent[number%uint64(len(s.recent))]
	b := place.Load()
	if b == nil || b.number != number {
		b = new(block)
		s.fill(b, number)
		place.Store(b)
	}
	return b.within(i)
}

// offset is what Starts.Offset is, for one goroutine: the block at hand is kept.
func (g *Generator) offset(i uint64) int64 {
	if g.starts.curve == nil {
		return g.starts.constant(i)
	}
	number := i / arrivals.BlockIterations
	if g.block == nil {
		g.block = new(block)
		g.starts.fill(g.block, number)
	}
	if g.block.number != number {
		g.starts.fill(g.block, number)
	}
	return g.block.within(i)
}

// Load returns the load at a time, in nanoseconds since 1970, in millionths of
// the mean: see arrivals.Curve.Load.
func (g *Generator) Load(at int64) uint64 { return g.cfg.Curve.Load(uint64(max(at-g.cfg.Start, 0))) }

// span returns a bound of when the last iteration starts, in nanoseconds since
// the start of the run, its jitter left out; false when that is no time.
func (c *Config) span() (uint64, bool) {
	if c.Curve == nil {
		hi, span := bits.Mul64(c.Count, uint64(c.Interval))
		return span, hi == 0
	}
	blocks := (c.Count + arrivals.BlockIterations - 1) / arrivals.BlockIterations
	return c.Curve.Reached(blocks * arrivals.BlockIterations)
}

// pace says how iterations follow each other, for messages.
func (c *Config) pace() string {
	if c.Curve == nil {
		return fmt.Sprintf("with %v between iterations", time.Duration(c.Interval))
	}
	return "with the arrivals of the config"
}
