package learn

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// waying is plans of a class that differ in nothing but how often calls are made again.
type waying struct {
	plans  []*plan
	places [][]attempts // of each plan
	direct *plan        // in which each call is made once, of them or of others; nil: none
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
	of := make(map[*class][]*waying)
	var all []*waying
	var direct *plan
	for _, c := range at.classes {
		of[c] = wayings(c, again)
		all = append(all, of[c]...)
		for _, x := range of[c] {
			if x.direct != nil && x.varies() && (direct == nil || x.direct.spans > direct.spans) {
				direct = x.direct
			}
		}
	}
	if direct == nil {
		return
	}
	waits := make(map[*path]backoff)
	for to := range again { // order-free: each alone
		waits[to] = backoffOf(all, to)
	}
	for _, c := range at.classes {
		var said []*plan
		for _, x := range of[c] {
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
	for at, group := range x.steps(places) {
		if at >= 0 {
			last := run{class: places[at].last}
			b.WriteString("*" + last.key() + ";")
			continue
		}
		for _, r := range group {
			b.WriteString(r.key() + ",")
		}
		b.WriteByte(';')
	}
	return b.String()
}

// steps are the groups of a plan, those of the attempts at a place as one, with the index of the
// place; -1: the group is of none.
func (x *plan) steps(places []attempts) iter.Seq2[int, []run] {
	return func(yield func(int, []run) bool) {
		for i := 0; i < len(x.groups); i++ {
			at, group := slices.IndexFunc(places, func(a attempts) bool { return a.first == i }), x.groups[i]
			if at >= 0 {
				i += places[at].n - 1
			}
			if !yield(at, group) {
				return
			}
		}
	}
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
// without further attempts. Where not all that fails is waited for alike, it is one of those in
// which something fails in one way.
func (w *writer) retry(x *waying, direct *plan, waits map[*path]backoff) []*plan {
	if !x.varies() {
		return x.plans
	}
	if x.direct != nil {
		direct = x.direct
	}
	if out := w.asOne(x, direct, waits); out != nil {
		return []*plan{out}
	}
	if x.direct == nil {
		return x.plans
	}
	var out []*plan
	left := x
	for _, c := range x.failing() {
		y, others := left.with(c)
		if !y.varies() {
			continue
		}
		of := make(map[*path]backoff)
		for i := range y.places[0] {
			to := y.places[0][i].to
			of[to] = backoffOf([]*waying{y}, to)
		}
		if is := w.asOne(y, direct, of); is != nil {
			out, left = append(out, is), others
		}
	}
	return append(out, left.plans...)
}

// failing returns what fails and is made again, by how often.
func (x *waying) failing() []*class {
	all := &retry{failing: make(map[*class]float64)}
	for n, p := range x.plans {
		for i := range x.places[n] {
			all.add(p, &x.places[n][i])
		}
	}
	return slices.SortedFunc(maps.Keys(all.failing), func(a, b *class) int {
		return cmp.Or(cmp.Compare(all.failing[b], all.failing[a]), cmp.Compare(a.id, b.id))
	})
}

// with returns the plans in which nothing else fails and is made again than spans of a class, and
// the others.
func (x *waying) with(c *class) (some, others *waying) {
	some, others = &waying{direct: x.direct}, &waying{direct: x.direct}
	for n, p := range x.plans {
		of := &retry{failing: make(map[*class]float64)}
		for i := range x.places[n] {
			of.add(p, &x.places[n][i])
		}
		to := some
		if delete(of.failing, c); len(of.failing) > 0 {
			to = others
		}
		to.plans, to.places = append(to.plans, p), append(to.places, x.places[n])
	}
	return some, others
}

// asOne returns plans as one with retries, whose waits are known; nil where it is another thing.
func (w *writer) asOne(x *waying, direct *plan, waits map[*path]backoff) *plan {
	rs := w.retriesOf(x, waits)
	if rs == nil || !x.independent(rs) || !x.lastsAs(direct, waits) {
		return nil
	}
	out := &plan{lasts: newLasts()}
	for _, p := range x.plans {
		out.spans += p.spans
		out.traces += p.traces
		out.productions = append(out.productions, p.productions...)
	}
	if slices.Contains(x.plans, direct) {
		out.lasts.merge(&direct.lasts)
	} else {
		out.lasts.own = thinned(direct.lasts.own, out.spans)
	}
	rest := x.rest()
	for at := range x.plans[0].steps(x.places[0]) {
		if at >= 0 {
			out.groups = append(out.groups, []run{rs[at].run(x.places[0][at].last, out.spans)})
			continue
		}
		out.groups, rest = append(out.groups, rest[0]), rest[1:]
	}
	for _, r := range rs {
		for c := range r.failing { // order-free: they are of one path
			c.path.retried = true
		}
	}
	return out
}

// rest is what the plans do but for what is called again, as often as all of them do.
func (x *waying) rest() (out [][]run) {
	for n, p := range x.plans {
		i := 0
		for at, group := range p.steps(x.places[n]) {
			if at >= 0 {
				continue
			}
			if n == 0 {
				out = append(out, nil)
			}
			for j, r := range group {
				if n == 0 {
					of := r
					of.counts, of.wait = new(sketch.Numbers), new(sketch.Numbers)
					out[i] = append(out[i], of)
				}
				out[i][j].counts.Merge(r.counts)
				out[i][j].wait.Merge(r.wait)
			}
			i++
		}
	}
	return out
}
