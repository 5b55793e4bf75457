package rules

import (
	"encoding/binary"
	"hash/fnv"
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// sampler is the rule sample: which traces, or items, go on.
type sampler struct {
	rule    *Rule
	signals signalSet
	items   bool                       // each item is decided on its own
	rate    float64                    // of those that no keep takes; below 0: any share
	keep    []clause                   // of what always goes on
	drop    []clause                   // of what never does
	decide  func(id otlp.TraceID) bool // exactly; nil: nobody knows which
}

// The modes of the Collector's probabilistic sampler.
var sampleModes = []string{"proportional", "equalizing", "hash_seed"}

// randomBits of a trace id are random by the specification of consistent sampling: its
// last ones.
const randomBits = 56

// decider returns the decision of the probabilistic sampler. The percentage is a
// float32 there, and so are the products of it, which decides where they are rounded.
func decider(mode string, rate float64, seed uint32, precision int) func(otlp.TraceID) bool {
	percentage := float32(rate * 100)
	if mode == "hash_seed" {
		const buckets = 1 << 14
		accepted := uint32(percentage * float32(buckets/100.0))
		return func(id otlp.TraceID) bool { return hashSeed(id, seed)%buckets < accepted }
	}
	if percentage == 0 {
		return func(otlp.TraceID) bool { return false }
	}
	t := threshold(float64(percentage)/100, precision)
	return func(id otlp.TraceID) bool {
		return binary.BigEndian.Uint64(id[8:])&(1<<randomBits-1) >= t
	}
}

// hashSeed is FNV-1a over the seed, its lowest byte first, and the id.
func hashSeed(id otlp.TraceID, seed uint32) uint32 {
	h := fnv.New32a()
	b := binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(id)), seed)
	h.Write(append(b, id[:]...))
	return h.Sum32()
}

// threshold returns below which randomness a trace is dropped: 1 - rate in 56 bits,
// rounded to so many hexadecimal digits, not counting leading zeros and Fs.
func threshold(rate float64, digits int) uint64 {
	if rate >= 1 {
		return 0
	}
	const all, most = uint64(1) << randomBits, randomBits / 4
	rate = max(rate, 1/float64(all))
	_, kept := math.Frexp(rate)
	_, dropped := math.Frexp(1 - rate)
	digits = min(most, digits+max(-kept/4, -dropped/4))
	t := all - uint64(math.Round(rate*float64(all)))
	if shift := 4 * (most - digits); shift > 0 {
		t = (t + 1<<(shift-1)) >> shift << shift
	}
	return t
}

// sampleUnit decides what should have become of the items of a unit that filters left.
func (s *Segment) sampleUnit(u *match.Unit) {
	p := s.rules.sampler
	if p == nil || !p.signals.has(u.Signal) || u.TraceID == (otlp.TraceID{}) {
		return
	}
	s.scheme.hit[p.rule.id] = true
	left := s.left[:0]
	for i := range u.Pairs {
		if !s.wants[i].Absent {
			left = append(left, i)
		}
	}
	s.left = left
	if !p.items && len(left) > 0 {
		s.sample(p, u, left)
		return
	}
	for i := range left {
		s.sample(p, u, left[i:i+1])
	}
}

// sample decides on a trace, or on one item of it.
func (s *Segment) sample(p *sampler, u *match.Unit, left []int) {
	holds := func(c *condition) bool { return c.trace(s.views, left) }
	dropped, kept := s.first(p.drop, holds), s.first(p.keep, holds)
	switch {
	case dropped != nil:
		s.want(left, true, dropped)
	case kept != nil:
		s.want(left, false, kept)
	default:
		s.sampleByRate(p, u, left)
	}
}

// want says of items whether a sampler wants them.
func (s *Segment) want(items []int, absent bool, rule *Rule) {
	for _, i := range items {
		s.wants[i].Absent, s.wants[i].Rule = absent, rule
	}
}

// sampleByRate decides on what no condition takes.
func (s *Segment) sampleByRate(p *sampler, u *match.Unit, left []int) {
	arrived, known, missing := 0, true, -1
	for _, i := range left {
		pair := &u.Pairs[i]
		switch {
		case len(pair.Copies) > 0:
			arrived++
		case pair.Sent.Fate != match.Accepted:
			known = false
		case missing < 0:
			missing = i
		}
	}
	absent := arrived == 0
	if p.decide != nil {
		absent = !p.decide(u.Wire)
	} else {
		s.count(known, arrived > 0)
		if arrived > 0 && missing >= 0 {
			s.faults = append(s.faults, Fault{Kind: "partial", Rule: p.rule, Pair: missing,
				Message: partial(arrived, len(left))})
		}
	}
	s.want(left, absent, p.rule)
}

// count counts a decision that may have fallen either way.
func (s *Segment) count(known, kept bool) {
	if !known {
		return
	}
	s.sampled.n++
	if kept {
		s.sampled.kept++
	}
}

// trace reports whether a condition over a whole trace holds: what it says of spans
// holds for one of them, durations are from the first start to the last end.
func (c *condition) trace(views []view, spans []int) bool {
	if len(spans) < c.minSpans {
		return false
	}
	if c.minDuration > 0 || c.maxDuration > 0 {
		first, last, any := int64(0), int64(0), false
		for _, i := range spans {
			start, end, ok := views[i].times()
			if !ok {
				continue
			}
			if !any || start < first {
				first = start
			}
			if !any || end > last {
				last = end
			}
			any = true
		}
		if !any || !c.lasts(last-first) {
			return false
		}
	}
	one := *c
	one.minDuration, one.maxDuration, one.minSpans = 0, 0, 0
	for _, i := range spans {
		if one.holds(&views[i]) {
			return true
		}
	}
	return false
}
