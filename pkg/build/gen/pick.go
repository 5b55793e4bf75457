package gen

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Picker assigns iterations to scenarios by weighted rendezvous hashing
// (Schindelhauer and Schomaker, 2005): of the exponentials E(seed, iteration,
// name) divided by the weight, the smallest wins. A scenario that joins only
// takes iterations, one that leaves only gives its own away.
type Picker struct {
	key      rng.Key
	hashes   []uint64
	weights  []uint64
	eachOnce bool
}

// NewPicker returns the picker over names, in byte order, with their weights
// in millionths. With eachOnce, iteration i is the i-th name.
func NewPicker(seed uint64, names []string, weights []uint64, eachOnce bool) Picker {
	p := Picker{key: rng.New(seed).For(rng.Pick), weights: weights, eachOnce: eachOnce}
	for _, n := range names {
		p.hashes = append(p.hashes, rng.Hash(n))
	}
	return p
}

// TraceIDs are the ids of a seed's traces.
type TraceIDs struct {
	ids ids.Key
	key rng.Key
}

// NewTraceIDs returns the ids of a seed.
func NewTraceIDs(seed uint64) TraceIDs { return TraceIDs{ids.New(seed), rng.New(seed).For(rng.IDs)} }

// TraceID returns the id of the trace of origin o.
func (t *TraceIDs) TraceID(o ids.Origin) otlp.TraceID {
	key := t.key.Index(o.Iteration).Index(hashTrace).Index(uint64(o.Turn)<<ids.PartBits | uint64(o.Part))
	return t.ids.TraceID(o, key.Uint64())
}

// exponential is the frozen table of E.
var exponential = dist.PickTable()

// Pick returns the index of the scenario of an iteration: of the scenarios
// with a positive weight, or 0 when there is none.
func (p *Picker) Pick(iteration uint64) int { return p.PickBy(p.weights, iteration) }

// PickBy is Pick with other weights, as many, in millionths.
func (p *Picker) PickBy(weights []uint64, iteration uint64) int {
	if p.eachOnce {
		return int(iteration % uint64(len(p.hashes)))
	}
	if len(p.hashes) == 1 {
		return 0
	}
	key := p.key.Index(iteration)
	best, bestE := -1, uint64(0)
	for i, h := range p.hashes {
		if weights[i] == 0 {
			continue
		}
		s := key.Index(h).Stream()
		e := uint64(exponential.Draw(&s))
		if best < 0 || less(e, weights[i], bestE, weights[best]) {
			best, bestE = i, e
		}
	}
	return max(best, 0)
}

// less reports whether a/wa < b/wb, exactly.
func less(a, wa, b, wb uint64) bool {
	ah, al := bits.Mul64(a, wb)
	bh, bl := bits.Mul64(b, wa)
	return ah < bh || ah == bh && al < bl
}
