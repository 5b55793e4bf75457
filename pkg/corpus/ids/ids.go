// Package ids is the part of the corpus format that ties ids to their origin.
//
//	trace id   +------------------------------+------------------------------+
//	           | 8 bytes: B(iteration 44 bits | 8 random bytes of the ids    |
//	           |   turn 16 bits, part 4 bits) | stream, never all zero       |
//	           +------------------------------+------------------------------+
//	span id    8 bytes: S(ordinal of the span in its trace, from 1)
//
// B is a bijection of 64-bit words chosen by the seed, S one chosen by the
// trace id and the seed. Trace ids of a corpus are therefore unique by
// construction, as are span ids within a trace, and the seed alone turns a
// trace id back into its iteration, turn and part. The low 56 bits of a trace
// id are random, as W3C Trace Context level 2 asks.
package ids

import (
	"encoding/binary"
	"math/bits"
)

// Field widths of an origin. Part of the format: do not change.
const (
	IterationBits = 44
	TurnBits      = 16
	PartBits      = 4

	MaxIterations = 1 << IterationBits
	MaxTurns      = 1 << TurnBits
	MaxParts      = 1 << PartBits
)

// The parts of a request. Part of the format: do not change.
const (
	PartRequest       = 0 // request validation
	PartOrchestration = 1
	PartResponse      = 2 // response validation
	PartUnified       = 3 // all of them nested under one root
	PartConsumer      = 4 // and up: of a system, whose request is PartOrchestration, those who consume what it has sent
)

// Origin is where a trace comes from.
type Origin struct {
	Iteration uint64 // below MaxIterations
	Turn      uint32 // from 0, below MaxTurns
	Part      uint32 // one of the Part constants, or above PartConsumer; below MaxParts
}

// Multipliers of the bijections: odd, from the 64-bit finalizers of MurmurHash3
// (Appleby) and SplitMix64 (Steele, Lea, Flood 2014). Part of the format.
const (
	mul1 = 0xff51afd7ed558ccd
	mul2 = 0xc4ceb9fe1a85ec53
	mul3 = 0x9e3779b97f4a7c15
	mul4 = 0xbf58476d1ce4e5b9
)

// Key holds the bijections of one seed. The zero value is not a key: use New.
type Key struct{ k0, k1, k2, span uint64 }

// New returns the key of seed.
func New(seed uint64) Key {
	// Four words of SplitMix64, from a state apart from the one that the
	// generator's streams start with.
	s := seed ^ 0x6f74656c73696d31 // "otelsim1"
	next := func() uint64 {
		s += mul3
		return mix(s)
	}
	return Key{next(), next(), next(), next()}
}

// mix is the finalizer of MurmurHash3, a bijection.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= mul1
	x ^= x >> 33
	x *= mul2
	x ^= x >> 33
	return x
}

// forward is a keyed bijection of 64-bit words: additions, multiplications by
// odd numbers and xor-shifts, each of which can be undone.
func forward(x, k0, k1, k2 uint64) uint64 {
	x += k0
	x ^= x >> 32
	x *= mul1
	x ^= k1
	x ^= x >> 29
	x *= mul4
	x += k2
	x ^= x >> 32
	return x
}

// backward is the inverse of forward.
func backward(x, k0, k1, k2 uint64) uint64 {
	x ^= x >> 32
	x -= k2
	x *= inv4
	x ^= x>>29 ^ x>>58
	x ^= k1
	x *= inv1
	x ^= x >> 32
	x -= k0
	return x
}

var (
	inv1 = inverse(mul1)
	inv4 = inverse(mul4)
)

// inverse returns the multiplicative inverse of an odd a modulo 2^64, by
// Newton's iteration: each step doubles the correct low bits, from 3.
func inverse(a uint64) uint64 {
	x := a
	for range 5 {
		x *= 2 - a*x
	}
	return x
}

// TraceID returns the id of the trace of origin o, with random in its low
// half. The fields of o must be within their widths.
func (k Key) TraceID(o Origin, random uint64) (id [16]byte) {
	w := o.Iteration<<(TurnBits+PartBits) | uint64(o.Turn)<<PartBits | uint64(o.Part)
	if random == 0 {
		random = 1
	}
	binary.BigEndian.PutUint64(id[:8], forward(w, k.k0, k.k1, k.k2))
	binary.BigEndian.PutUint64(id[8:], random)
	return id
}

// Origin returns where the trace id comes from. Every id has an answer; one
// that this key did not make has a meaningless one.
func (k Key) Origin(id [16]byte) Origin {
	w := backward(binary.BigEndian.Uint64(id[:8]), k.k0, k.k1, k.k2)
	return Origin{
		Iteration: w >> (TurnBits + PartBits),
		Turn:      uint32(w>>PartBits) & (MaxTurns - 1),
		Part:      uint32(w) & (MaxParts - 1),
	}
}

// SpanKey holds the bijection of one trace.
type SpanKey struct{ k0, k1, k2 uint64 }

// SpanKey returns the bijection of the spans of a trace.
func (k Key) SpanKey(trace [16]byte) SpanKey {
	hi := binary.BigEndian.Uint64(trace[:8])
	lo := binary.BigEndian.Uint64(trace[8:])
	a := mix(hi ^ k.span)
	b := mix(lo ^ a)
	return SpanKey{a, b, bits.RotateLeft64(a, 32) ^ b*mul3}
}

// SpanID returns the id of the span with the given ordinal, which must not be
// 0. The one ordinal that would map to the forbidden all-zero id takes the
// image of 0 instead, which no other ordinal has.
func (s SpanKey) SpanID(ordinal uint64) (id [8]byte) {
	w := forward(ordinal, s.k0, s.k1, s.k2)
	if w == 0 {
		w = forward(0, s.k0, s.k1, s.k2)
	}
	binary.BigEndian.PutUint64(id[:], w)
	return id
}

// Ordinal returns which span of the trace has an id: the inverse of SpanID. Every id
// has an answer; that of one which this trace does not have is any number, and
// small only by chance.
func (s SpanKey) Ordinal(id [8]byte) uint64 {
	return backward(binary.BigEndian.Uint64(id[:]), s.k0, s.k1, s.k2)
}
