package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/otelsim/otelsim/pkg/profile"
)

// exception is the name of the event of what failed.
const exception = "exception"

// events writes those of the spans of a class.
func (w *writer) events(c *class) *node {
	out := list()
	for _, key := range slices.Sorted(maps.Keys(c.Events)) {
		e := c.Events[key]
		if key == exception {
			if x := w.exception(c); x != nil {
				out.items = append(out.items, x)
			} else if !c.throws() {
				w.leave("event exception", "too few traces, or spans that do not fail", e.Count)
			}
			continue
		}
		name, ok := w.policy.Name(key, e.Traces)
		if !ok || e.Spans < w.g.k {
			continue
		}
		x := mapping().with("name", name)
		if n := timesOf(e); n > 1 {
			x.put("count", raw(strconv.Itoa(n)))
		}
		out.items = append(out.items, w.event(c, e, x))
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
