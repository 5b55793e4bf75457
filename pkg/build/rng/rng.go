// Package rng gives every use of randomness a stream of its own. A stream is
// named by what it is for, never by when it is asked for, so that drawing more
// or less in one place moves nothing in another.
//
//	root(seed) -> For(purpose) -> Index(iteration) -> Index(path) -> Stream
//
// A Key is 128 bits; each step mixes one word into it. A Stream is PCG-DXSM of
// math/rand/v2, whose output is frozen by Go's own regression tests and by
// ours. All arithmetic is on integers.
package rng

import (
	"math/bits"
	"math/rand/v2"
)

// Purpose keeps the streams of different uses apart. The values are part of
// the determinism contract: do not change or reuse them.
type Purpose uint64

// The purposes.
const (
	IDs        Purpose = 1 // trace ids, session, request and call ids, users
	Latency    Purpose = 2 // durations, gaps, think times
	Outcome    Purpose = 3 // errors, presence and counts of spans
	Attributes Purpose = 4 // attribute values
	Content    Purpose = 5 // conversation samples and texts
	Start      Purpose = 6 // start times of iterations
	Pick       Purpose = 7 // which scenario an iteration runs

	NumPurposes = 8 // one more than the last that iterations have

	Runtime Purpose = 9 // what instances of services tell of themselves
)

// Key names a stream or a family of streams.
type Key struct{ hi, lo uint64 }

// New returns the root key of a seed.
func New(seed uint64) Key {
	return Key{mix(seed ^ 0x6f74656c73696d00), mix(seed + 0x9e3779b97f4a7c15)}
}

// For returns the key of one purpose.
func (k Key) For(p Purpose) Key { return k.Index(uint64(p) | 1<<63) }

// Index returns the key of member i of the family k.
func (k Key) Index(i uint64) Key {
	// Two different odd multipliers keep the halves independent; adding before
	// mixing makes the order of steps matter.
	lo := mix(k.lo + i*0x9e3779b97f4a7c15)
	hi := mix(k.hi ^ bits.RotateLeft64(lo, 23) + i*0xd1342543de82ef95)
	return Key{hi, lo}
}

// Stream returns the stream that k names, at its start.
func (k Key) Stream() (s Stream) {
	s.pcg.Seed(k.hi, k.lo)
	return s
}

// Uint64 returns the first word of k's stream, for uses that need only one.
func (k Key) Uint64() uint64 {
	s := k.Stream()
	return s.Uint64()
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014; Stafford's
// variant 13), a bijection.
func mix(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return x
}

// Hash returns a 64-bit name for s: FNV-1a, finished by mix. It names streams
// at compile time; it is not a defence against chosen collisions.
func Hash(s string) uint64 {
	h := uint64(0xcbf29ce484222325)
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 0x100000001b3
	}
	return mix(h)
}

// Stream is a sequence of random words. The zero value is a valid stream; use
// Key.Stream. Copying a Stream forks it.
type Stream struct{ pcg rand.PCG }

// Uint64 returns the next word.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() }

// Below returns a uniform value in [0, n), n > 0. It takes the high word of
// u*n without rejection: the bias is below n/2^64, and every call consumes
// exactly one word, which keeps streams aligned.
func (s *Stream) Below(n uint64) uint64 {
	hi, _ := bits.Mul64(s.pcg.Uint64(), n)
	return hi
}
