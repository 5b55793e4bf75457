package learn

import (
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// groups writes what is done one after the other. last says that the last failure is that
// of who calls.
func (w *writer) groups(groups [][]run, last bool) (out []*node) {
	if isMixed(groups) {
		return w.group(slices.Concat(groups...), false)
	}
	for i, runs := range groups {
		items := w.group(runs, last && i == len(groups)-1)
		if !beside(runs) {
			out = append(out, items[0])
			continue
		}
		all := mapping()
		all.put("all", list(items...))
		all.put("parallel", raw("true"))
		out = append(out, all)
	}
	return out
}

// beside reports whether what is in a group runs at the same time.
func beside(runs []run) bool {
	_, most := runs[0].counts.Bounds()
	return len(runs) > 1 || runs[0].together && most > 1
}

func (w *writer) group(runs []run, last bool) (out []*node) {
	aparts := w.aparts(runs)
	said := make([]bool, len(aparts))
	for i := range runs {
		at := slices.IndexFunc(aparts, func(all []worded) bool { return has(all, &runs[i]) })
		switch {
		case at < 0:
			out = append(out, w.run(&runs[i], last))
		case !said[at]:
			said[at] = true
			out = append(out, w.eitherOf(aparts[at]))
		}
	}
	return out
}

// run writes a call, or a span within the service, with how often and whether anybody
// waits for it. counted says that the failure of it is that of who calls.
func (w *writer) run(r *run, counted bool) *node {
	out := w.called(r)
	place := mapping()
	if n := w.count(r.counts); n != nil {
		place.put("count", n)
	}
	if r.share < 1 {
		place.put("probability", raw(digits(r.share, 3)))
	}
	switch {
	case r.after:
		place.put("after", raw("true"))
		if wait := fit(r.wait, 1e6); r.wait.Quantile(0.9) >= leastDelay {
			place.put("delay", wait.duration())
		}
	case r.async:
		place.put("async", raw("true"))
	case r.class.failed() && !counted:
		place.put("optional", raw("true"))
	}
	if len(place.entries) == 0 {
		return out
	}
	if out.scalar() {
		out = mapping().set("call", out)
	}
	out.entries = append(out.entries, place.entries...)
	return out
}

// leastDelay is what 90 of 100 wait for at least, in nanoseconds, where it is written how long
// something waits that starts when a span has ended. Below it is what starting takes.
const leastDelay = 1e5

func (n *node) set(key string, value *node) *node {
	n.put(key, value)
	return n
}

// called writes who is called, without the place.
func (w *writer) called(r *run) *node {
	if r.retry != nil {
		return w.retried(r)
	}
	c := r.class
	op := w.operations[c.path]
	if s := w.senders[c.path]; s != nil {
		return w.sends(c, s)
	}
	if op == nil {
		return w.inner(c)
	}
	name := word(op.service.name + "." + op.key)
	if len(op.variants) == 1 || len(c.path.classes) == 1 {
		return name
	}
	of := op.ofClass(c)
	if len(of) == 1 {
		return mapping().set("call", name).set("variant", word(of[0].name))
	}
	either, choice := list(), w.chooseVariants(of)
	for i, v := range of {
		x := mapping().set("call", name).set("variant", word(v.name))
		choice.put(w, x, i)
		either.items = append(either.items, x)
	}
	return mapping().set("one_of", either)
}

// inner writes a span that stands within its operation.
func (w *writer) inner(c *class) *node {
	variants := w.variantsOf(c)
	either, choice := list(), w.chooseVariants(variants)
	for i, v := range variants {
		x := mapping()
		if len(variants) > 1 {
			choice.put(w, x, i)
		}
		x.put("span", word(w.spanName(c)))
		if c.Kind > 1 {
			x.put("kind", word(otlp.SpanKindName(c.Kind)))
		}
		w.measures(x, c)
		w.body(x, v)
		either.items = append(either.items, x)
	}
	out := mapping().set("one_of", either)
	if len(variants) == 1 {
		out = either.items[0]
	}
	out.above = w.tried(c.path)
	return out
}

// maxCounts is how many different numbers of calls are written each with its weight.
const maxCounts = 12

// count writes how many there are; nil: one. The simpler things are to be, the fewer there
// are at most: from the second level on there is their mean.
func (w *writer) count(s *sketch.Numbers) *node {
	low, high := s.Bounds()
	if w.level >= 2 && s.Count() > 0 {
		low = max(1, math.Round(s.Mean()))
		high = low
	}
	if s.Count() == 0 || high <= 1 {
		return nil
	}
	if low == high {
		return raw(digits(low, 6))
	}
	out := mapping().with("distribution", "categorical")
	values := mapping()
	n, whole := 0, true
	s.Each(func(l, h float64, k uint64) {
		n++
		at := math.Ceil(l)
		whole = whole && (at+1 >= h || l == h)
		values.putRaw(digits(at, 6), raw(digits(float64(100*float64(k)/float64(s.Count())), 3)))
	})
	if n <= maxCounts && whole {
		out.put("values", values)
		return out
	}
	f := fit(s, 1)
	if f.family == "constant" {
		return raw(digits(math.Round(f.a), 6))
	}
	m := f.numbers()
	m.put("min", raw(digits(max(1, low), 6)))
	most := s.Quantile(0.999)
	if w.level == 1 {
		most = s.Quantile(0.9)
	}
	m.put("max", raw(digits(max(1, low, math.Floor(most)), 6)))
	return m
}
