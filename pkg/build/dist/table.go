package dist

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/rng"
)

// The layout of a quantile table. A word w stands for the probability
// (w + 1/2) / 2^64. Each half of the range is cut into octaves towards its end,
// [1/4, 1/2), [1/8, 1/4) ... down to 2^-32, and every octave into equal cells;
// one last cell holds the rest. So cells are equal in the middle and shrink
// with the tail, and the error of a straight line across a cell shrinks with
// them. These numbers are part of every frozen draw: do not change them.
const (
	octaves   = 31
	cellBits  = 5
	octave    = 1 << cellBits
	half      = 1 + octaves*octave // cells of one half
	knotCount = 2*half + 1         // the ends of all cells, lowest first
	fracBits  = 16                 // knots carry this many bits below the unit, fewer when they are huge
)

// shape says how a Table turns a word into a value.
type shape uint8

// The shapes. The values are part of the plan digest: do not change them.
const (
	linear   shape = 0 // a straight line, low + u * span
	quantile shape = 1 // straight lines between knots
	steps    shape = 2 // first + the index of the step that u falls on
	mixed    shape = 3 // one of parts, by choice
	even     shape = 4 // straight lines between knots at equal steps of u
	uneven   shape = 5 // straight lines between knots, each up to its last word
)

// Table is a compiled distribution. It is immutable, and draws from it may run
// in parallel. The zero value always gives 0.
type Table struct {
	shape    shape
	shift    uint8 // bits below the unit in low, span and knots
	unit     int64 // what a value is multiplied by after rounding to whole numbers
	min, max int64 // bounds of what Draw returns
	low      int64
	span     uint64
	knots    []int64  // never decreasing; knotCount of them in a quantile table
	first    int64    // value of the first step
	last     []uint64 // the last word of each step, and of each line of an uneven table; increasing
	choice   *Choice
	parts    []*Table
	mean     mean
}

// Draw returns a sample, in the unit that Compile was given. It consumes one
// word of s, or two for a mixture, whatever the outcome; it allocates nothing.
func (t *Table) Draw(s *rng.Stream) int64 {
	if t.shape == mixed {
		t = t.parts[t.choice.Draw(s)]
	}
	return t.at(s.Uint64())
}

// Spread returns the k-th of samples that lie more evenly than chance would have them, each
// part of which is like the distribution: for things that are drawn once and then used in
// different proportions. s is for mixtures, which are drawn.
func (t *Table) Spread(k uint64, s *rng.Stream) int64 {
	if t.shape == mixed {
		return t.Draw(s)
	}
	const golden = 0x9e3779b97f4a7c15 // 2^64 by the golden ratio, whose multiples are spread best
	return t.at(k * golden)
}

// Late returns what 99 of 100 draws do not pass, in the unit that Compile was given;
// of a mixture, the largest such value of its parts.
func (t *Table) Late() int64 {
	if t.shape != mixed {
		return t.at(math.MaxUint64 / 100 * 99)
	}
	late := int64(math.MinInt64)
	for i, share := range t.choice.Shares() {
		if share > 0 {
			late = max(late, t.parts[i].Late())
		}
	}
	return late
}

// at returns the value for word w; t is not a mixture.
func (t *Table) at(w uint64) int64 {
	var v int64
	switch t.shape {
	case linear:
		v = t.round(t.low + along(w, t.span))
	case quantile:
		v = t.round(t.between(w))
	case even:
		i, f := bits.Mul64(w, uint64(len(t.knots)-1))
		a := t.knots[i]
		v = t.round(a + along(f, uint64(t.knots[i+1]-a)))
	case uneven:
		v = t.round(t.within(w))
	case steps:
		i, _ := slices.BinarySearch(t.last, w)
		v = t.first + int64(i)
	}
	return min(max(v*t.unit, t.min), t.max)
}

// within returns the quantile for w of an uneven table, before rounding.
func (t *Table) within(w uint64) int64 {
	i, _ := slices.BinarySearch(t.last, w)
	begin := uint64(0)
	if i > 0 {
		begin = t.last[i-1] + 1
	}
	f := w // of a line over all words
	if width := t.last[i] - begin + 1; width > 0 {
		f, _ = bits.Div64(w-begin, 0, width)
	}
	a := t.knots[i]
	return a + along(f, uint64(t.knots[i+1]-a))
}

// between returns the quantile for w, before rounding.
func (t *Table) between(w uint64) int64 {
	if w < 1<<63 {
		i, f := cell(w)
		a, b := t.knots[i], t.knots[i+1]
		return a + along(f, uint64(b-a))
	}
	i, f := cell(^w)
	a, b := t.knots[knotCount-1-i], t.knots[knotCount-2-i]
	return a - along(f, uint64(a-b))
}

// cell returns the cell of w < 2^63, counted from the tail, and how far into
// the cell w is, in 2^-64.
func cell(w uint64) (i int, f uint64) {
	zeros := bits.LeadingZeros64(w)
	if zeros > octaves {
		return 0, w << 32
	}
	w <<= zeros + 1 // past the leading one, which the octave implies
	return 1 + (octaves-zeros)*octave + int(w>>(64-cellBits)), w << cellBits
}

// along returns the part f / 2^64 of span.
func along(f, span uint64) int64 {
	hi, _ := bits.Mul64(f, span)
	return int64(hi)
}

func (t *Table) round(v int64) int64 {
	return (v + 1<<t.shift>>1) >> t.shift
}

// Bounds returns the least and the greatest value that Draw returns. The open
// ends of a distribution are cut where the probability beyond is 2^-33.
func (t *Table) Bounds() (low, high int64) { return t.min, t.max }

// AppendCanonical appends to dst what decides t's draws, for digests: words of
// 8 bytes, big-endian, every list preceded by its length.
func (t *Table) AppendCanonical(dst []byte) []byte {
	head := [...]uint64{uint64(t.shape), uint64(t.shift), uint64(t.unit), uint64(t.min), uint64(t.max),
		uint64(t.low), t.span, uint64(t.first), uint64(len(t.knots))}
	dst = slices.Grow(dst, 8*(len(head)+len(t.knots)+len(t.last)+2))
	for _, w := range head {
		dst = binary.BigEndian.AppendUint64(dst, w)
	}
	for _, k := range t.knots {
		dst = binary.BigEndian.AppendUint64(dst, uint64(k))
	}
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(t.last)))
	for _, w := range t.last {
		dst = binary.BigEndian.AppendUint64(dst, w)
	}
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(t.parts)))
	for i, p := range t.parts {
		if i == 0 {
			dst = t.choice.AppendCanonical(dst)
		}
		dst = p.AppendCanonical(dst)
	}
	return dst
}
