package learn

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Bounds of how the load of a capture is told that changes.
const (
	loadBins    = 256           // in which it is looked at, at most
	fewestBins  = 16            // of a capture whose load may change
	leastBins   = 2             // of a stretch of one load
	mostLoads   = 8             // stretches
	mostBursts  = 8             // in config.yaml
	loadChance  = 15            // of what chance makes likelier, by the logarithm, that a change is none
	loadApart   = 0.1           // part by which the loads before and after a change differ at least
	longestLoad = 4 * time.Hour // beyond that the load tells hours of the day
	leastBurst  = 0.03          // part of the lowest load that comes on top of it at least
	mostFactor  = 900           // between the highest and the lowest load
)

// stretch is a part of a capture in which as many arrive all the time.
type stretch struct {
	from, to   int     // bins; to is behind the last one
	n, seconds float64 // that arrive, and how long it is
	rate       float64
}

// load is how many arrive in each bin, and how long that is.
type load struct {
	counts, seconds []float64
	noise           float64 // by how much counts next to each other differ more than by chance
}

// loadOf counts starts from the first to the last one; false: there are too few to tell.
func loadOf(starts *sketch.Windows, first, last uint64) (l load, ok bool) {
	from, to, some := starts.Range()
	if !some || last <= first || last-first > uint64(longestLoad) {
		return l, false
	}
	shift := starts.Shift()
	for to>>(shift-starts.Shift())-from>>(shift-starts.Shift()) >= loadBins {
		shift++
	}
	// Sessions go on after the last of them has started.
	last = min(last, (to+1)<<starts.Shift())
	bins := starts.Coarse(shift)
	from, to, _ = bins.Range()
	for i := from; i <= to; i++ {
		begin, end := max(i<<shift, first), min((i+1)<<shift, last)
		if begin >= end {
			continue // the last start of all
		}
		l.counts, l.seconds = append(l.counts, float64(bins.At(i))), append(l.seconds, float64(end-begin)/1e9)
	}
	n := len(l.counts)
	if n < fewestBins {
		return l, false
	}
	for i := 2; i < n-1; i++ { // of whole bins
		if both := l.counts[i-1] + l.counts[i]; both > 0 {
			apart := l.counts[i] - l.counts[i-1]
			l.noise += float64(apart*apart) / both / float64(n-3)
		}
	}
	return l, true
}

// sum returns how many arrive in some bins, and in how many seconds.
func (l *load) sum(from, to int) (n, seconds float64) {
	for i := from; i < to; i++ {
		n, seconds = n+l.counts[i], seconds+l.seconds[i]
	}
	return n, seconds
}

// likely returns the logarithm of how likely n arrivals by chance are in some seconds, at their
// own rate, but for what is the same at any.
func likely(n, seconds float64) float64 {
	if n == 0 {
		return 0
	}
	return float64(n * math.Log(n/seconds))
}

// split returns where the load of a stretch changes most, and how much likelier that is than
// that it does not; 0: nowhere. No load is told of fewer than k, unless of none.
func (l *load) split(s stretch, k float64) (at int, gain float64) {
	all, seconds := l.sum(s.from, s.to)
	for i := s.from + leastBins; i <= s.to-leastBins; i++ {
		n, before := l.sum(s.from, i)
		m, after := all-n, seconds-before
		p, q := n/before, m/after
		if math.Abs(p-q) <= float64(loadApart*max(p, q)) || 0 < n && n < k || 0 < m && m < k {
			continue
		}
		if g := likely(n, before) + likely(m, after) - likely(all, seconds); g > gain {
			at, gain = i, g
		}
	}
	if gain <= float64(loadChance*max(1, l.noise)) {
		return 0, 0
	}
	return at, gain
}

// stretches splits a capture where its load changes.
func (l *load) stretches(k uint64) []stretch {
	all := []stretch{{from: 0, to: len(l.counts)}}
	for len(all) < mostLoads {
		which, at, most := 0, 0, 0.0
		for i, s := range all {
			if where, gain := l.split(s, float64(k)); gain > most {
				which, at, most = i, where, gain
			}
		}
		if at == 0 {
			break
		}
		rest := stretch{from: at, to: all[which].to}
		all[which].to = at
		all = slices.Insert(all, which+1, rest)
	}
	l.level(all)
	return all
}

// level gives each stretch its load, which is the same for those that chance alone could have
// made differ.
func (l *load) level(all []stretch) {
	for i := range all {
		s := &all[i]
		s.n, s.seconds = l.sum(s.from, s.to)
		s.rate = s.n / s.seconds
	}
	order := make([]*stretch, len(all))
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, func(a, b *stretch) int { return cmp.Compare(a.rate, b.rate) })
	for i := 0; i < len(order); {
		n, seconds, end := order[i].n, order[i].seconds, i+1
		for ; end < len(order); end++ {
			m, more := order[end].n, order[end].seconds
			if likely(n, seconds)+likely(m, more)-likely(n+m, seconds+more) > float64(loadChance*max(1, l.noise)) {
				break
			}
			n, seconds = n+m, seconds+more
		}
		for ; i < end; i++ {
			order[i].rate = n / seconds
		}
	}
}

// bursts says the loads of stretches as the lowest one and what comes on top of it; nil: it does
// not change.
func (l *load) bursts(all []stretch) (rate float64, bursts *node) {
	if len(all) < 2 {
		return 0, nil
	}
	high := 0.0
	rate = math.Inf(1)
	for _, s := range all {
		rate, high = min(rate, s.rate), max(high, s.rate)
	}
	rate = max(rate, high/mostFactor)
	_, whole := l.sum(0, len(l.counts))
	bursts = list()
	l.above(bursts, all, rate, rate, whole)
	return rate, bursts
}

// above writes what of some stretches is above a level, in units of a rate.
func (l *load) above(out *node, all []stretch, level, rate, whole float64) {
	for i := 0; i < len(all); i++ {
		if all[i].rate <= level {
			continue
		}
		end, next := i+1, all[i].rate
		for ; end < len(all) && all[end].rate > level; end++ {
			next = min(next, all[end].rate)
		}
		_, at := l.sum(0, all[i].from)
		_, long := l.sum(all[i].from, all[end-1].to)
		if next-level > float64(leastBurst*rate) {
			out.items = append(out.items, mapping().
				set("every", raw(seconds(whole))).set("duration", raw(seconds(long))).
				set("at", raw(seconds(at))).number("factor", 1+(next-level)/rate, 4))
		}
		l.above(out, all[i:end], next, rate, whole)
		i = end - 1
	}
}

// seconds writes a time, in whole milliseconds.
func seconds(s float64) string {
	return (time.Duration(math.Floor(float64(s*1000))) * time.Millisecond).String()
}

// isChanging reports whether the load of a capture changes.
func (w *writer) isChanging() bool {
	_, _, changes := w.changes()
	return changes
}

// changes says how the load of a capture changes; false: it does not, as far as may be told.
func (w *writer) changes() (rate float64, bursts *node, ok bool) {
	l, ok := loadOf(w.starts())
	if !ok {
		return 0, nil, false
	}
	rate, bursts = l.bursts(l.stretches(w.g.k))
	if bursts == nil || len(bursts.items) == 0 || len(bursts.items) > mostBursts || rate < 1e-5 {
		return 0, nil, false
	}
	return min(float64(rate*w.requested()), 1000/leastInterval), bursts, true
}
