package distance

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// part is what a measure says of one operation, key or the like.
type part struct {
	what   string
	value  float64 // the distance
	chance float64 // up to which distance two samples as large as these may be alike
	a, b   float64 // how many there are on each side
}

// parts are those of a measure.
type parts []part

// found is what a measure came to.
type found struct {
	value, chance float64
	n             uint64
	worst         []Worst
	parts         parts
}

const (
	// maxWorst is how many parts of a measure are told.
	maxWorst = 5
	// fewest is how many of something are to be expected on a side before it is worth a
	// word that there is none: with 4 expected it happens by chance once in 50 times.
	fewest = 4
	// goTogether is how much parts are taken to go together: two keys of the same spans do.
	goTogether = 0.3
)

// mean returns the mean of the parts, weighted by the mean of their shares of both sides.
func (ps parts) mean() (f found) {
	slices.SortFunc(ps, func(x, y part) int { return strings.Compare(x.what, y.what) })
	var a, b float64
	for i := range ps {
		a, b = a+ps[i].a, b+ps[i].b
	}
	weights := make([]float64, len(ps))
	var alone, together float64
	for i := range ps {
		p := &ps[i]
		w := &weights[i]
		switch {
		case a > 0 && b > 0:
			*w = p.a/a/2 + p.b/b/2
			if p.b == 0 && p.a*b/a < fewest || p.a == 0 && p.b*a/b < fewest {
				p.chance = 1
			}
		case a+b > 0:
			*w = (p.a + p.b) / (a + b)
		}
		f.value += float64(*w * p.value)
		c := float64(*w * min(p.chance, 1))
		alone, together = alone+float64(c*c), together+c
		f.n += uint64(p.a + p.b)
	}
	// About half of a part's chance is what is to be expected, which adds up; the other half is
	// for how that varies, which evens out as far as parts do not go together.
	varies := math.Sqrt(float64((1-goTogether)*alone) + float64(goTogether*float64(together*together)))
	f.chance = float64(together/2) + float64(varies/2)
	f.worst, f.parts = worst(ps, weights), ps
	return f
}

// worst returns the parts that add most to the measure.
func worst(ps parts, weights []float64) (all []Worst) {
	order := make([]int, 0, len(ps))
	for i := range ps {
		if ps[i].value > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Compare(float64(weights[j]*ps[j].value), float64(weights[i]*ps[i].value))
	})
	for _, i := range order[:min(len(order), maxWorst)] {
		all = append(all, Worst{What: ps[i].what, Value: round(ps[i].value), N: uint64(ps[i].a + ps[i].b)})
	}
	return all
}

// whole is a measure of one part.
func whole(value, chance float64, n uint64) found {
	return found{value: value, chance: min(chance, 1), n: n}
}

// round keeps 6 decimals: more is not known, and less to read.
func round(v float64) float64 { return math.Round(v*1e6) / 1e6 }

// What chance explains is bounded so that it is passed once in a thousand pairs of samples:
// there are some fifty measures.
const (
	ksBound = 1.95 // Kolmogorov-Smirnov, in units of spread
	sigmas  = 3.3  // of what is normal
)

// spread is by how much a share of a sample of a and one of b things varies.
func spread(a, b float64) float64 {
	if a <= 0 || b <= 0 {
		return 0
	}
	return math.Sqrt(1/a + 1/b)
}

// byKS is a part by the Kolmogorov-Smirnov distance.
func byKS(what string, x, y *sketch.Numbers) part {
	a, b := float64(x.Count()), float64(y.Count())
	return part{what: what, value: sketch.KS(x, y), chance: float64(ksBound * spread(a, b)), a: a, b: b}
}

// ks is a measure of one distribution on each side.
func ks(x, y *sketch.Numbers) found { return parts{byKS("", x, y)}.only() }

// only returns a measure of one part, without its name.
func (ps parts) only() found {
	f := ps.mean()
	f.worst, f.parts = nil, nil
	return f
}

// byShares is a part that compares how many of all have something.
func byShares(what string, some, all [2]float64) part {
	p := part{what: what, a: all[0], b: all[1]}
	if all[0] == 0 || all[1] == 0 {
		p.value = 1
		return p
	}
	x, y := some[0]/all[0], some[1]/all[1]
	p.value = math.Abs(x - y)
	p.chance = float64(sigmas * float64(deviation((some[0]+some[1])/(all[0]+all[1]))*spread(all[0], all[1])))
	return p
}

// deviation is the standard deviation of what happens with probability p.
func deviation(p float64) float64 { return math.Sqrt(float64(p * (1 - p))) }

// relative returns by how much the smaller of two falls short of the greater.
func relative(x, y float64) float64 {
	if most := max(x, y); most > 0 {
		return math.Abs(x-y) / most
	}
	return 0
}

// byCounts is a part by the total variation distance of two distributions over names:
// half the sum of what the shares differ by.
func byCounts(what string, x, y map[string]uint64) part {
	t := tally(x, y)
	p := part{what: what, a: t.a, b: t.b}
	if t.a == 0 || t.b == 0 {
		p.value = 1
		return p
	}
	p.value, p.chance = t.distance()
	return p
}

// table is two distributions over the same names.
type table struct {
	names []string
	x, y  []float64
	a, b  float64
}

func tally(x, y map[string]uint64) (t table) {
	for name := range x {
		t.names = append(t.names, name)
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			t.names = append(t.names, name)
		}
	}
	slices.Sort(t.names)
	for _, name := range t.names {
		i, j := float64(x[name]), float64(y[name])
		t.x, t.y = append(t.x, i), append(t.y, j)
		t.a, t.b = t.a+i, t.b+j
	}
	return t
}

// distance returns the total variation distance, and up to which it may be chance: what is
// to be expected of two samples of one distribution, with room for how that varies.
func (t *table) distance() (value, chance float64) {
	s := spread(t.a, t.b)
	for i := range t.names {
		value += math.Abs(t.x[i]/t.a-t.y[i]/t.b) / 2
		chance += float64(0.4 * float64(deviation((t.x[i]+t.y[i])/(t.a+t.b))*s))
	}
	return value, chance + float64(1.3*s)
}

// tv is the total variation distance as a measure, with the names that differ most. It is
// 0 where both sides are empty and 1 where one is.
func tv(x, y map[string]uint64) found {
	t := tally(x, y)
	if t.a == 0 || t.b == 0 {
		f := found{n: uint64(t.a + t.b)}
		if f.n > 0 {
			f.value = 1
		}
		return f
	}
	f := found{n: uint64(t.a + t.b)}
	f.value, f.chance = t.distance()
	t.tell(&f, t.a, t.b)
	return f
}

// tell notes which names differ most, as shares of so many.
func (t *table) tell(f *found, a, b float64) {
	for i, name := range t.names {
		if d := round(math.Abs(t.x[i]/a - t.y[i]/b)); d > 0 {
			f.worst = append(f.worst, Worst{What: name, Value: d, N: uint64(t.x[i] + t.y[i])})
		}
	}
	slices.SortStableFunc(f.worst, func(x, y Worst) int { return cmp.Compare(y.Value, x.Value) })
	f.worst = f.worst[:min(len(f.worst), maxWorst)]
}

// rates compares how many there are of each name for each of so many things on both sides:
// what the rates differ by, by their sum (the Bray-Curtis distance). It is 0 where both
// sides are empty and 1 where one is.
func rates(x, y map[string]uint64, a, b uint64) (f found) {
	t := tally(x, y)
	f.n = uint64(t.a + t.b)
	if f.n == 0 || a == 0 || b == 0 {
		return f
	}
	var apart, all float64
	for i := range t.names {
		p, q := t.x[i]/float64(a), t.y[i]/float64(b)
		apart, all = apart+math.Abs(p-q), all+p+q
	}
	f.value = apart / all
	if t.a > 0 && t.b > 0 {
		_, f.chance = t.distance()
		f.chance += float64(sigmas / 2 * spread(t.a, t.b)) // of how many there are at all
	} else if max(t.a, t.b) < fewest {
		f.chance = 1
	}
	t.tell(&f, float64(a), float64(b))
	return f
}
