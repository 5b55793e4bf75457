package judge

import (
	"math/bits"
	"time"
)

// delays counts durations in buckets that are a 64th of their power of two wide.
type delays struct {
	counts []uint64
	count  uint64
	most   int64
}

// fine is how many bits below the first one tell buckets apart.
const fine = 6

// bucketOf returns the bucket of a duration in ns, which is not negative.
func bucketOf(ns int64) int {
	if ns < 1<<fine {
		return int(ns)
	}
	shift := bits.Len64(uint64(ns)) - fine - 1
	return (shift+1)<<fine + int(ns>>shift) - 1<<fine
}

// topOf returns the longest duration of a bucket.
func topOf(bucket int) int64 {
	if bucket < 1<<fine {
		return int64(bucket)
	}
	shift := bucket>>fine - 1
	return (int64(bucket&(1<<fine-1))+1<<fine+1)<<shift - 1
}

func (d *delays) add(ns int64) {
	b := bucketOf(ns)
	for b >= len(d.counts) {
		d.counts = append(d.counts, 0)
	}
	d.counts[b]++
	d.count++
	d.most = max(d.most, ns)
}

func (d *delays) join(other *delays) {
	for len(d.counts) < len(other.counts) {
		d.counts = append(d.counts, 0)
	}
	for b, n := range other.counts {
		d.counts[b] += n
	}
	d.count += other.count
	d.most = max(d.most, other.most)
}

// at returns what permille of a thousand durations took at most.
func (d *delays) at(permille uint64) time.Duration {
	hi, lo := bits.Mul64(d.count, permille)
	rank, rest := bits.Div64(hi, lo, 1000)
	if rest > 0 {
		rank++
	}
	seen := uint64(0)
	for b, n := range d.counts {
		if seen += n; n > 0 && seen >= rank {
			return time.Duration(min(topOf(b), d.most))
		}
	}
	return time.Duration(d.most)
}

// result returns what is told of them, nil when none is known.
func (d *delays) result(limit time.Duration) *Delays {
	if d.count == 0 {
		return nil
	}
	return &Delays{d.count, d.at(500), d.at(990), time.Duration(d.most), limit, d.curve()}
}

// maxCurve bounds the points of a curve.
const maxCurve = 200

// curve returns the distribution, without buckets that add little to it.
func (d *delays) curve() (all []Quantile) {
	seen, told := uint64(0), uint64(0)
	least := max(d.count/maxCurve, 1)
	for b, n := range d.counts {
		seen += n
		// Each nine is told, however few items are in it.
		if n > 0 && (seen-told >= least || d.count-seen <= (d.count-told)/2) {
			told = seen
			hi, lo := bits.Mul64(seen, 1_000_000)
			part, _ := bits.Div64(hi, lo, d.count)
			all = append(all, Quantile{part, time.Duration(min(topOf(b), d.most))})
		}
	}
	return all
}
