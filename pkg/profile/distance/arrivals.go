package distance

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

const (
	// perWindow is how many arrivals there are in a window on average, at least: as wide as
	// a few times between them, the windows of what comes evenly and of what comes by chance
	// look different.
	perWindow = 4
	// fewestWindows is how many windows a side has before they are compared.
	fewestWindows = 20
	// curveParts is how many parts of the run the curve has.
	curveParts = 20
)

func arrivalKS(_ *comparison, x, y *view) found {
	f := windowsKS(x.p.Starts, y.p.Starts)
	if c := clumps(x, y); c > 0 {
		f.chance = min(f.chance/math.Sqrt(c), 1)
	}
	return f
}

func sessionArrivals(_ *comparison, x, y *view) found {
	return windowsKS(x.p.Sessions.Starts, y.p.Sessions.Starts)
}

// clumps returns how many things come by themselves for each trace: those of a session come
// together, and there are as many as there are sessions by chance.
func clumps(x, y *view) float64 {
	least := 1.0
	for _, v := range []*view{x, y} {
		if n := float64(v.p.Traces.Count); n > 0 {
			in := float64(v.p.Sessions.Traces.Mean() * float64(v.p.Sessions.Traces.Count()))
			least = min(least, max(n-in+float64(v.p.Sessions.Count), 1)/n)
		}
	}
	return least
}

// windowsKS compares how many arrive in windows of the same width, by the mean of their
// side: how evenly they come, and not how many, of which arrival_rate tells.
func windowsKS(x, y *sketch.Windows) found {
	if empty(x) || empty(y) {
		return found{}
	}
	shift := max(x.Shift(), y.Shift())
	for {
		a, b := x.Coarse(shift), y.Coarse(shift)
		n, windows := sizeOf(a), length(a)
		m, more := sizeOf(b), length(b)
		if windows < fewestWindows || more < fewestWindows {
			return found{} // too short a run
		}
		if float64(n+m) >= perWindow*float64(windows+more) {
			p, q := inner(a), inner(b)
			k := countsKS(p, q)
			return whole(k, float64(ksBound*spread(float64(len(p)), float64(len(q)))), n+m)
		}
		shift++
	}
}

func empty(w *sketch.Windows) bool {
	if w == nil {
		return true
	}
	_, _, ok := w.Range()
	return !ok
}

// length returns how many windows there are from the first to the last.
func length(w *sketch.Windows) uint64 {
	first, last, _ := w.Range()
	return last - first + 1
}

func sizeOf(w *sketch.Windows) (n uint64) {
	first, last, _ := w.Range()
	for i := first; i <= last; i++ {
		n += w.At(i)
	}
	return n
}

// inner returns the counts of all windows but the first and the last, which the run covers
// in part.
func inner(w *sketch.Windows) (counts []uint64) {
	first, last, _ := w.Range()
	for i := first + 1; i < last; i++ {
		counts = append(counts, w.At(i))
	}
	return counts
}

// countsKS compares counts as parts of their mean. A count is spread evenly up to the next
// one: else a mean that is a little other would move all of them.
func countsKS(x, y []uint64) float64 {
	f, g := newRising(x), newRising(y)
	if f.mean == 0 || g.mean == 0 {
		return 0
	}
	most := 0.0
	for _, r := range []*rising{f, g} {
		for k := range r.below {
			at := float64(k) / r.mean
			most = max(most, math.Abs(f.at(at)-g.at(at)))
		}
	}
	return most
}

// rising is the distribution of counts: the share of windows with fewer than k.
type rising struct {
	mean  float64
	below []float64
}

func newRising(counts []uint64) *rising {
	r := &rising{below: make([]float64, slices.Max(counts)+2)}
	for _, c := range counts {
		r.mean += (float64(c) + 0.5) / float64(len(counts))
		r.below[c+1]++
	}
	sum := 0.0
	for k := range r.below {
		sum += r.below[k]
		r.below[k] = sum / float64(len(counts))
	}
	return r
}

func (r *rising) at(part float64) float64 {
	v := float64(part * r.mean)
	k := int(v)
	if k+1 >= len(r.below) {
		return 1
	}
	return r.below[k] + float64((r.below[k+1]-r.below[k])*(v-float64(k)))
}

// middle is the part of the traces that is left out at each end of the run, where single ones
// may be far from all others.
const middle = 0.02

// within returns the windows between which all but the first and the last of the traces start.
func within(w *sketch.Windows) *sketch.Windows {
	first, last, _ := w.Range()
	n, left := float64(sizeOf(w)), 0.0
	from, to := first, last
	for ; from < last; from++ {
		if left += float64(w.At(from)); left > float64(middle*n) {
			break
		}
	}
	for left = 0; to > from; to-- {
		if left += float64(w.At(to)); left > float64(middle*n) {
			break
		}
	}
	out := sketch.NewWindows(int(to-from)+1, w.Shift())
	for i := from; i <= to; i++ {
		if n := w.At(i); n > 0 {
			out.Add(i<<w.Shift(), n)
		}
	}
	return out
}

// runs returns the middle of both runs; false where one is too short for a word.
func runs(x, y *view) (a, b *sketch.Windows, ok bool) {
	if empty(x.p.Starts) || empty(y.p.Starts) {
		return nil, nil, false
	}
	a, b = within(x.p.Starts), within(y.p.Starts)
	return a, b, min(length(a), length(b)) >= fewestWindows
}

// arrivalRate compares how many traces start in a second, in the middle of the run.
func arrivalRate(_ *comparison, x, y *view) found {
	a, b, ok := runs(x, y)
	if !ok {
		return found{}
	}
	rate := func(w *sketch.Windows) float64 {
		return float64(sizeOf(w)) / math.Ldexp(float64(length(w)), int(w.Shift()))
	}
	n, m := float64(sizeOf(a)), float64(sizeOf(b))
	c := clumps(x, y)
	return whole(relative(rate(a), rate(b)), float64(sigmas*spread(float64(n*c), float64(m*c))), uint64(n+m))
}

// rateCurve compares the shares of traces that start in each twentieth of the middle of the
// run.
func rateCurve(_ *comparison, x, y *view) found {
	a, b, ok := runs(x, y)
	if !ok {
		return found{}
	}
	n, m, c := float64(sizeOf(a)), float64(sizeOf(b)), clumps(x, y)
	s := spread(float64(n*c), float64(m*c))
	f := found{n: uint64(n + m), chance: float64(1.3 * s)}
	p, q := Curve(a, curveParts), Curve(b, curveParts)
	for i := range p {
		f.value += math.Abs(p[i]-q[i]) / 2
		f.chance += float64(0.4 * float64(deviation((p[i]+q[i])/2)*s))
	}
	return f
}

// Curve returns the shares of what is counted in so many equal parts of the time from the
// first window to the last. What a window has is spread evenly over it.
func Curve(w *sketch.Windows, parts int) []float64 {
	first, _, _ := w.Range()
	out := make([]float64, parts)
	windows, all := float64(length(w)), float64(sizeOf(w))
	for i := range length(w) {
		n := float64(w.At(first+i)) / all
		if n == 0 {
			continue
		}
		from := float64(i) * float64(parts) / windows
		to := float64(i+1) * float64(parts) / windows
		for k := int(from); k < parts && float64(k) < to; k++ {
			out[k] += float64(n * (min(to, float64(k+1)) - max(from, float64(k))) / (to - from))
		}
	}
	return out
}
