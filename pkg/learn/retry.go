package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// retry is how a call is made again at a place, until it succeeds or is given up.
type retry struct {
	number  int                // of all that there are
	ends    []float64          // spans, by how many attempts there are before the last one
	failing map[*class]float64 // what attempts before the last one are of
	wait    backoff
}

// run is a call that is made again.
func (r *retry) run(last *class, spans uint64) run {
	out := run{class: last, counts: new(sketch.Numbers), wait: new(sketch.Numbers), share: 1}
	out.counts.AddN(1, spans)
	if len(r.failing) > 0 {
		out.retry = r
	}
	return out
}

// retriesOf returns how the calls of each place are made again; nil where that cannot be said.
func (w *writer) retriesOf(x *waying, waits map[*path]backoff) (out []*retry) {
	for i := range x.places[0] {
		w.retries++
		r := &retry{number: w.retries, failing: make(map[*class]float64), wait: waits[x.places[0][i].to]}
		for n, p := range x.plans {
			r.add(p, &x.places[n][i])
		}
		if len(r.failing) > 0 && !w.canRetry(r, x.places[0][i].last) {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// add counts the attempts of the spans of a plan.
func (r *retry) add(p *plan, a *attempts) {
	for j, share := range a.again {
		for len(r.ends) <= j {
			r.ends = append(r.ends, 0)
		}
		r.ends[j] += float64(share * float64(p.spans))
	}
	for i := a.first; i < a.first+a.n; i++ {
		of := &p.groups[i][0]
		n := of.counts.Mean()
		if i == a.first+a.n-1 {
			n-- // the last attempt
		}
		if n > 0 {
			r.failing[of.class] += float64(n * float64(p.spans))
		}
	}
}

// canRetry reports whether it can be said how a call is made again that comes to an end with a
// class: what fails does so with words, each as often as everywhere, and all attempts are made
// where the last one fails with one of them.
func (w *writer) canRetry(r *retry, last *class) bool {
	if len(w.variantsOf(last)) != 1 {
		return false
	}
	words := r.words(w)
	if slices.ContainsFunc(words, func(x string) bool { return strings.ContainsAny(x, " \t\n") }) {
		return false
	}
	if last.failed() && slices.Contains(words, w.outcome(last)) {
		if slices.ContainsFunc(r.ends[:len(r.ends)-1], func(n float64) bool { return n > 0 }) {
			return false
		}
	}
	here, all := 0.0, 0.0
	for _, c := range r.classes() {
		here += r.failing[c]
		all += float64(c.Spans)
	}
	return !slices.ContainsFunc(r.classes(), func(c *class) bool { return beyondChance(r.failing[c], float64(here*float64(c.Spans))/all) })
}

// beyondChance reports whether there are more or fewer of something than chance explains.
func beyondChance(got, want float64) bool { return math.Abs(got-want) > float64(3.5*math.Sqrt(want))+1 }

// classes are those of attempts that are made again, in the order of their path.
func (r *retry) classes() (out []*class) {
	for c := range r.failing { // order-free: they are of one path
		return slices.DeleteFunc(slices.Clone(c.path.classes), func(c *class) bool { return r.failing[c] == 0 })
	}
	return nil
}

// words are what attempts that are made again fail with.
func (r *retry) words(w *writer) (out []string) {
	for _, c := range r.classes() {
		if word := w.outcome(c); !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}

// independent reports whether calls of one place are made again as often whatever comes of those
// of the others.
func (x *waying) independent(rs []*retry) bool {
	total := 0.0
	got := make(map[string]float64)
	for n, p := range x.plans {
		ways := []string{""}
		shares := []float64{float64(p.spans)}
		for i := range rs {
			more := x.places[n][i].share()
			for k := range ways {
				ways, shares = append(ways, ways[k]+"1"), append(shares, float64(shares[k]*more))
				ways[k], shares[k] = ways[k]+"0", float64(shares[k]*(1-more))
			}
		}
		for k := range ways {
			got[ways[k]] += shares[k]
		}
		total += float64(p.spans)
	}
	left := total
	for _, way := range slices.Sorted(maps.Keys(got)) {
		want := total
		for i, r := range rs {
			if once := r.ends[0] / total; way[i] == '0' {
				want = float64(want * once)
			} else {
				want = float64(want * (1 - once))
			}
		}
		if left -= want; beyondChance(got[way], want) {
			return false
		}
	}
	return !beyondChance(0, max(left, 0))
}

// retried writes a call that is made again.
func (w *writer) retried(r *run) *node {
	op := w.operations[r.class.path]
	out := mapping().set("call", word(op.service.name+"."+op.key)).set("variant", word(op.ofClass(r.class)[0].name))
	m := out.put("retry", mapping())
	most := len(r.retry.ends)
	m.put("max_attempts", raw(strconv.Itoa(most)))
	if len(r.retry.failing) > 1 || r.retry.failing[r.class] == 0 {
		rates, failed, left := list(), list(), 0.0
		for _, n := range r.retry.ends {
			left += n
		}
		for i, n := range r.retry.ends {
			if i == most-1 {
				n, left = 1, 1
			}
			rates.items = append(rates.items, raw(digits(n/left, 4)))
			left -= n
		}
		for _, c := range r.retry.classes() {
			for _, v := range op.ofClass(c) {
				failed.items = append(failed.items, word(v.name))
			}
		}
		m.put("success_rate_per_attempt", rates)
		m.put("failed_variants", failed)
	}
	r.retry.wait.write(m, most)
	errors := m.put("retryable_errors", list())
	for _, x := range r.retry.words(w) {
		errors.items = append(errors.items, word(x))
	}
	return out
}
