package sketch

import (
	"maps"
	"slices"
)

// Windows counts what happens over time, in windows of equal width, which is a power of
// two in ns: the least for which there are no more of them than the cap, from the
// first to the last.
type Windows struct {
	most        uint64
	shift       uint
	counts      map[uint64]uint64
	first, last uint64 // windows
}

// NewWindows returns an empty one of at most so many windows, of 1<<shift ns at least.
func NewWindows(most int, shift uint) *Windows {
	return &Windows{most: uint64(most), shift: shift, counts: make(map[uint64]uint64)}
}

// Add counts n at a time in ns since the epoch.
func (w *Windows) Add(t, n uint64) { w.put(t>>w.shift, n) }

func (w *Windows) put(i, n uint64) {
	if len(w.counts) == 0 {
		w.first, w.last = i, i
	}
	w.first, w.last = min(w.first, i), max(w.last, i)
	for w.last-w.first >= w.most {
		w.coarsen(w.shift + 1)
		i >>= 1
	}
	w.counts[i] += n
}

// coarsen makes windows as wide as 1<<shift ns, if they are not that wide.
func (w *Windows) coarsen(shift uint) {
	by := shift - w.shift
	if shift <= w.shift {
		return
	}
	next := make(map[uint64]uint64, len(w.counts)/2+1)
	for i, n := range w.counts { // order-free: sums
		next[i>>by] += n
	}
	w.counts, w.shift, w.first, w.last = next, shift, w.first>>by, w.last>>by
}

// Merge adds all that o counts. Both have the same cap.
func (w *Windows) Merge(o *Windows) {
	if o == nil || len(o.counts) == 0 {
		return
	}
	w.coarsen(o.shift)
	for _, i := range slices.Sorted(maps.Keys(o.counts)) {
		w.Add(i<<o.shift, o.counts[i])
	}
}

// Coarse returns the same in windows of 1<<shift ns, or in its own where they are wider.
func (w *Windows) Coarse(shift uint) *Windows {
	c := &Windows{most: w.most, shift: w.shift, counts: maps.Clone(w.counts), first: w.first, last: w.last}
	c.coarsen(shift)
	return c
}

// Shift returns the width of a window, as 1<<shift ns.
func (w *Windows) Shift() uint { return w.shift }

// Range returns the first and the last window; an empty one has none.
func (w *Windows) Range() (first, last uint64, ok bool) {
	return w.first, w.last, len(w.counts) > 0
}

// At returns how many there are in a window, which begins at i<<Shift ns.
func (w *Windows) At(i uint64) uint64 { return w.counts[i] }
