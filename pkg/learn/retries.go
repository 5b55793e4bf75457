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

// waying is plans of a class that differ in nothing but how often calls are made again.
type waying struct {
	plans  []*plan
	places [][]attempts // of each plan
	direct *plan        // in which each call is made once; nil: none
}

// findRetries finds where spans call something again, and where that is said as such: where they
// do the same otherwise, and last as much longer as they wait.
func (w *writer) findRetries() {
	done := make(map[*path]bool)
	var visit func(at *path)
	visit = func(at *path) {
		if done[at] {
			return
		}
		done[at] = true
		for r := range at.runs() {
			visit(r.class.path)
		}
		w.retryAll(at)
	}
	for _, at := range w.g.order {
		if w.reached[at] {
			visit(at)
		}
	}
}

// retryAll writes plans of the classes of a path as ones with retries.
func (w *writer) retryAll(at *path) {
	again := make(map[*path]int)
	for _, t := range w.g.triesOf(at) {
		if w.retriable(t.to) {
			again[t.to] = len(t.made)
		}
	}
	if len(again) == 0 {
		return
	}
	all := make(map[*class][]*waying)
	var direct *plan
	for _, c := range at.classes {
		all[c] = wayings(c, again)
		for _, x := range all[c] {
			if x.direct != nil && x.varies() && (direct == nil || x.direct.spans > direct.spans) {
				direct = x.direct
			}
		}
	}
	if direct == nil {
		return
	}
	waits := make(map[*path]backoff)
	for _, to := range w.g.order {
		if again[to] > 0 {
			waits[to] = backoffOf(at, all, to)
		}
	}
	for _, c := range at.classes {
		var said []*plan
		for _, x := range all[c] {
			said = append(said, w.retry(x, direct, waits)...)
		}
		c.said = said
	}
}

// retriable reports whether attempts of a path can be told from each other by what they come to:
// they are ways of an operation, which follow from no value.
func (w *writer) retriable(to *path) bool {
	if len(to.classes) < 2 || w.senders[to] != nil || w.queues[to] != nil {
		return false
	}
	var all []*variant
	for _, c := range to.classes {
		of := w.variantsOf(c)
		if slices.ContainsFunc(of, func(v *variant) bool { return v.on != nil }) {
			return false
		}
		all = append(all, of...)
	}
	return w.chooseVariants(all).on == nil
}

// wayings groups the plans of a class by what they do but for further attempts. again is how many
// attempts there are at most, by what is called.
func wayings(c *class, again map[*path]int) (out []*waying) {
	by := make(map[string]*waying)
	for _, p := range c.plans {
		var places []attempts
		p.attempts(func(a attempts, ok bool) {
			if most := again[a.to]; ok && most > 0 {
				for len(a.again) > most { // what fewer traces have is taken for the nearest
					a.again[len(a.again)-2] += a.again[len(a.again)-1]
					a.again = a.again[:len(a.again)-1]
				}
				places = append(places, a)
			}
		})
		key := p.keyBut(places)
		if by[key] == nil {
			by[key] = &waying{}
			out = append(out, by[key])
		}
		x := by[key]
		x.plans, x.places = append(x.plans, p), append(x.places, places)
		if !p.mixed && !slices.ContainsFunc(places, func(a attempts) bool { return a.share() > 0 }) {
			x.direct = p
		}
	}
	return out
}

// keyBut is equal for plans that are the same but for how many attempts there are.
func (x *plan) keyBut(places []attempts) string {
	var b strings.Builder
	if x.mixed {
		b.WriteByte('~')
	}
	for i := 0; i < len(x.groups); i++ {
		at := slices.IndexFunc(places, func(a attempts) bool { return a.first == i })
		if at >= 0 {
			i += places[at].n - 1
			last := run{class: places[at].last}
			b.WriteString("*" + last.key() + ";")
			continue
		}
		for _, r := range x.groups[i] {
			b.WriteString(r.key() + ",")
		}
		b.WriteByte(';')
	}
	return b.String()
}

// share is how often there is more than one attempt.
func (a *attempts) share() float64 { return 1 - a.again[0] }

// varies reports whether some plans have further attempts.
func (x *waying) varies() bool {
	return slices.ContainsFunc(x.places, func(all []attempts) bool {
		return slices.ContainsFunc(all, func(a attempts) bool { return a.share() > 0 })
	})
}

// retry returns plans as one with retries, or as they are. direct is what spans of the path do
// without further attempts.
func (w *writer) retry(x *waying, direct *plan, waits map[*path]backoff) []*plan {
	if !x.varies() {
		return x.plans
	}
	if x.direct != nil {
		direct = x.direct
	}
	rs := w.retriesOf(x, waits)
	if rs == nil || !x.independent(rs) || !x.lastsAs(direct, waits) {
		return x.plans
	}
	out := &plan{lasts: newLasts()}
	for _, p := range x.plans {
		out.spans += p.spans
		out.traces += p.traces
	}
	if x.direct != nil {
		out.lasts.merge(&direct.lasts)
	} else {
		out.lasts.own = thinned(direct.lasts.own, out.spans)
	}
	rest, k := x.rest(), 0
	for i := 0; i < len(x.plans[0].groups); i++ {
		if k < len(rs) && x.places[0][k].first == i {
			a := &x.places[0][k]
			i += a.n - 1
			out.groups = append(out.groups, []run{rs[k].run(a.last, out.spans)})
			k++
			continue
		}
		out.groups, rest = append(out.groups, rest[0]), rest[1:]
	}
	for _, r := range rs {
		for c := range r.failing { // order-free: they are of one path
			c.path.retried = true
		}
	}
	return []*plan{out}
}

// rest is what the plans do but for what is called again, as often as all of them do.
func (x *waying) rest() (out [][]run) {
	for n, p := range x.plans {
		at := 0
		for i := 0; i < len(p.groups); i++ {
			if k := slices.IndexFunc(x.places[n], func(a attempts) bool { return a.first == i }); k >= 0 {
				i += x.places[n][k].n - 1
				continue
			}
			if n == 0 {
				out = append(out, nil)
			}
			for j, r := range p.groups[i] {
				if n == 0 {
					of := r
					of.counts, of.wait = new(sketch.Numbers), new(sketch.Numbers)
					out[at] = append(out[at], of)
				}
				out[at][j].counts.Merge(r.counts)
				out[at][j].wait.Merge(r.wait)
			}
			at++
		}
	}
	return out
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
	names := func(c *class) (out []*node) {
		for _, v := range op.variants {
			if v.class == c {
				out = append(out, word(v.name))
			}
		}
		return out
	}
	out := mapping().set("call", word(op.service.name+"."+op.key)).set("variant", names(r.class)[0])
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
			failed.items = append(failed.items, names(c)...)
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
