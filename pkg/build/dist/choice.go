package dist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

// Choice picks one of n items by weight. It is immutable.
type Choice struct {
	// Item items[i] owns the words up to and including last[i] that no earlier
	// item owns. Items without weight are not listed; last ends with the
	// largest word.
	last  []uint64
	items []int32
}

// NewChoice returns a choice between len(weights) items. Only ratios of
// weights matter; an item of weight 0 is never picked, nor is one whose share is
// lost in the rounding of the sum, near 2^-53. Weights must be finite and not
// negative, and at least one above 0.
func NewChoice(weights []float64) (*Choice, error) {
	largest := 0.0
	for i, w := range weights {
		if err := atLeast("weight", w, 0); err != nil {
			return nil, fmt.Errorf("choice %d: %w", i+1, err)
		}
		largest = max(largest, w)
	}
	if largest == 0 {
		return nil, errors.New("no choice has a weight above 0")
	}
	total := 0.0
	for _, w := range weights {
		total += w / largest // at most 1 each, so the sum stays finite
	}
	c := &Choice{}
	sum, end := 0.0, uint64(0)
	for i, w := range weights {
		sum += w / largest
		if next := fraction(sum / total); next > end {
			end = next
			c.last = append(c.last, end-1)
			c.items = append(c.items, int32(i))
		}
	}
	c.last[len(c.last)-1] = math.MaxUint64
	return c, nil
}

// fraction returns x * 2^64 for x in [0, 1), and the largest word from there
// on.
func fraction(x float64) uint64 {
	if x >= 1 {
		return math.MaxUint64
	}
	return uint64(float64(x * 0x1p64))
}

// Draw returns the index of an item. It consumes one word of s.
func (c *Choice) Draw(s *rng.Stream) int { return c.At(s.Uint64()) }

// At returns the index of the item that the uniform word w picks.
func (c *Choice) At(w uint64) int {
	i, _ := slices.BinarySearch(c.last, w)
	return int(c.items[i])
}

// Even returns a choice between the same items, all as likely as each other,
// but for those that c never picks; nil of nil.
func (c *Choice) Even() *Choice {
	if c == nil {
		return nil
	}
	weights := make([]float64, slices.Max(c.items)+1)
	for _, item := range c.items {
		weights[item] = 1
	}
	out, err := NewChoice(weights)
	if err != nil {
		panic("dist: even choice: " + err.Error())
	}
	return out
}

// AppendCanonical appends to dst what decides c's draws, for digests: a count
// and that many words, big-endian.
func (c *Choice) AppendCanonical(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(2*len(c.last)))
	for i, w := range c.last {
		dst = binary.BigEndian.AppendUint64(dst, w)
		dst = binary.BigEndian.AppendUint64(dst, uint64(c.items[i]))
	}
	return dst
}

// Probability is a coin. The zero value never comes up. Probabilities can be
// compared with ==.
type Probability struct {
	always bool
	below  uint64
}

// NewProbability returns the coin that comes up with probability p in [0, 1]:
// 0 is never, 1 is always, and everything between is possible, at least once
// in 2^64.
func NewProbability(p float64) (Probability, error) {
	if err := firstError(atLeast("probability", p, 0), atMost("probability", p, 1)); err != nil {
		return Probability{}, err
	}
	switch p {
	case 0:
		return Probability{}, nil
	case 1:
		return Probability{always: true}, nil
	}
	return Probability{below: max(1, uint64(float64(p*0x1p64)))}, nil
}

// Always reports whether p always comes up.
func (p Probability) Always() bool { return p.always }

// Never reports whether p never comes up.
func (p Probability) Never() bool { return p == Probability{} }

// Below reports whether p comes up for the uniform word w.
func (p Probability) Below(w uint64) bool { return p.always || w < p.below }

// Even returns the coin that comes up half of the time, or p when that is
// certain either way.
func (p Probability) Even() Probability {
	if p.Always() || p.Never() {
		return p
	}
	return Probability{below: 1 << 63}
}

// Draw tosses p. It consumes one word of s, also when the result is certain,
// so that a change of a probability moves nothing else.
func (p Probability) Draw(s *rng.Stream) bool { return p.Below(s.Uint64()) }

// AppendCanonical appends to dst what decides p's draws, for digests: two
// words, big-endian.
func (p Probability) AppendCanonical(dst []byte) []byte {
	certain := uint64(0)
	if p.always {
		certain = 1
	}
	dst = binary.BigEndian.AppendUint64(dst, certain)
	return binary.BigEndian.AppendUint64(dst, p.below)
}
