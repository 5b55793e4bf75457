package sketch

import (
	"encoding/binary"
	"slices"
)

// Windows counts what happens over time, in windows of equal width, which is a power of
// two in ns: the least for which there are no more of them than the cap, from the
// first to the last.
type Windows struct {
	most   uint64
	shift  uint
	first  uint64 // window
	counts []uint64
}

// NewWindows returns an empty one of at most so many windows, of 1<<shift ns at least.
func NewWindows(most int, shift uint) *Windows {
	return &Windows{most: uint64(max(most, 1)), shift: shift}
}

// Add counts n at a time in ns since the epoch.
func (w *Windows) Add(t, n uint64) {
	i := t >> w.shift
	if k := i - w.first; k < uint64(len(w.counts)) {
		w.counts[k] += n
		return
	}
	if len(w.counts) == 0 {
		w.first, w.counts = i, append(w.counts, n)
		return
	}
	for max(i, w.last())-min(i, w.first) >= w.most {
		w.coarsen(w.shift + 1)
		i >>= 1
	}
	if i < w.first {
		w.counts = slices.Insert(w.counts, 0, make([]uint64, w.first-i)...)
		w.first = i
	}
	for w.last() < i {
		w.counts = append(w.counts, 0)
	}
	w.counts[i-w.first] += n
}

// last returns the last window of one that has any.
func (w *Windows) last() uint64 { return w.first + uint64(len(w.counts)) - 1 }

// coarsen makes windows as wide as 1<<shift ns, if they are not that wide.
func (w *Windows) coarsen(shift uint) {
	if shift <= w.shift {
		return
	}
	by := shift - w.shift
	w.shift = shift
	if len(w.counts) == 0 {
		return
	}
	first := w.first >> by
	next := make([]uint64, w.last()>>by-first+1)
	for k, n := range w.counts {
		next[(w.first+uint64(k))>>by-first] += n
	}
	w.first, w.counts = first, next
}

// Merge adds all that o counts. Both have the same cap.
func (w *Windows) Merge(o *Windows) {
	if o == nil || len(o.counts) == 0 {
		return
	}
	w.coarsen(o.shift)
	// The ends first: they alone say how wide windows have to be, and those between them
	// need not be windows that something is in.
	w.Add(o.first<<o.shift, 0)
	w.Add(o.last()<<o.shift, 0)
	for k, n := range o.counts {
		w.Add((o.first+uint64(k))<<o.shift, n)
	}
}

// Coarse returns the same in windows of 1<<shift ns, or in its own where they are wider.
func (w *Windows) Coarse(shift uint) *Windows {
	c := &Windows{most: w.most, shift: w.shift, first: w.first, counts: slices.Clone(w.counts)}
	c.coarsen(shift)
	return c
}

// Shift returns the width of a window, as 1<<shift ns.
func (w *Windows) Shift() uint { return w.shift }

// Range returns the first and the last window; an empty one has none.
func (w *Windows) Range() (first, last uint64, ok bool) {
	if w == nil || len(w.counts) == 0 {
		return 0, 0, false
	}
	return w.first, w.last(), true
}

// At returns how many there are in a window, which begins at i<<Shift ns.
func (w *Windows) At(i uint64) uint64 {
	if k := i - w.first; k < uint64(len(w.counts)) {
		return w.counts[k]
	}
	return 0
}

// Append appends all that it counts in one form.
func (w *Windows) Append(dst []byte) []byte {
	if w == nil || len(w.counts) == 0 {
		return append(dst, 0)
	}
	dst = append(dst, byte(w.shift)+1)
	dst = binary.AppendUvarint(dst, w.first)
	for _, n := range w.counts {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}
