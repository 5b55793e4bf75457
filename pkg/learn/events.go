package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile"
)

// exception is the name of the event of what failed.
const exception = "exception"

// events writes those of the spans of a class: one after the other where all spans have them in
// one order, else each name once, the earliest first.
func (w *writer) events(c *class) *node {
	out := list()
	for _, s := range w.noted(c) {
		e := s.event
		if s.name == exception {
			if x := w.exception(c); x != nil {
				out.items = append(out.items, x)
			} else if !c.throws() {
				w.leave("event exception", "too few traces, or spans that do not fail", e.Count)
			}
			continue
		}
		name, ok := w.policy.Name(s.name, e.Traces)
		if !ok || e.Spans < w.g.k {
			continue
		}
		x := mapping().with("name", name)
		if s.times > 1 {
			x.put("count", raw(strconv.Itoa(s.times)))
		}
		out.items = append(out.items, w.event(c, e, x))
	}
	return out
}

// noted is what stands in the list of events.
type noted struct {
	name  string
	event *profile.Event
	times int
}

// noted returns the events of the spans of a class, in their order.
func (w *writer) noted(c *class) (out []noted) {
	places := make(map[string][]uint64) // by name: how often it has each place
	for _, key := range slices.Sorted(maps.Keys(c.Steps)) {
		e := c.Steps[key]
		place, name := profile.StepOf(key)
		for len(places[name]) <= place {
			places[name] = append(places[name], 0)
		}
		places[name][place] += e.Count
		if place == len(out) && float64(e.Spans) >= float64(alwaysThere*float64(c.Spans)) {
			out = append(out, noted{name, e, 1})
		}
	}
	all := uint64(0)
	for _, e := range c.Events { // order-free: a sum
		all += e.Count
	}
	if len(out) > 0 && float64(len(out))*float64(c.Spans) >= float64(alwaysThere*float64(all)) {
		return inRow(out)
	}
	out = out[:0]
	for _, name := range slices.Sorted(maps.Keys(c.Events)) {
		out = append(out, noted{name, c.Events[name], timesOf(c.Events[name])})
	}
	slices.SortStableFunc(out, func(a, b noted) int { return cmp.Compare(mean(places[a.name]), mean(places[b.name])) })
	return out
}

// mean returns the mean place of what has each place so often, that of what is alone: the first.
func mean(places []uint64) float64 {
	sum, n := 0.0, 0.0
	for place, k := range places {
		sum, n = sum+float64(float64(place)*float64(k)), n+float64(k)
	}
	return sum / max(n, 1)
}

// inRow says steps that follow each other and have nothing but their name once.
func inRow(all []noted) (out []noted) {
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].name == s.name && len(s.event.Attributes)+len(out[n-1].event.Attributes) == 0 {
			out[n-1].times++
			continue
		}
		out = append(out, s)
	}
	return out
}

// maxTimes is how often an event of a span is written at most.
const maxTimes = 20

// timesOf is how often a span that has an event has it, in the mean.
func timesOf(e *profile.Event) int {
	return int(min(max(math.Round(float64(e.Count)/float64(max(e.Spans, 1))), 1), maxTimes))
}

// event writes what an event of spans of a class has besides its name.
func (w *writer) event(c *class, e *profile.Event, x *node) *node {
	if share := float64(e.Spans) / float64(c.Spans); share < alwaysThere {
		x.put("probability", raw(digits(share, 3)))
	}
	more := mapping()
	for _, key := range slices.Sorted(maps.Keys(e.Attributes)) {
		a := e.Attributes[key]
		name, ok := w.policy.Key(key, a.Traces)
		s := w.policy.Values(key, a, 0)
		v := w.chainedWith(c, key, a)
		if v == nil {
			v = w.sharedBy(key, a)
		}
		if v == nil {
			v = specNode(&s)
		}
		if ok && v != nil {
			more.put(name, present(v, a.Present, e.Count))
		}
	}
	if len(more.entries) > 0 {
		x.put("attributes", more)
	}
	return x
}

// exception writes the event of what failed, which takes the place of the one that spans have
// which fail by themselves; nil: there is none, or nothing that may be said of it says what
// happened.
func (w *writer) exception(c *class) *node {
	e := c.Events[exception]
	if e == nil || !c.failed() || e.Spans < w.g.k {
		return nil
	}
	for _, key := range []string{"exception.type", "exception.message"} {
		if a := e.Attributes[key]; a != nil && a.Present == e.Count {
			if s := w.policy.Values(key, a, 0); specNode(&s) != nil {
				return w.event(c, e, mapping().with("name", exception).with("when", "failed"))
			}
		}
	}
	return nil
}
