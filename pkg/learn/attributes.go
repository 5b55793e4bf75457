package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// attributes writes those of the spans of a class, some of which may be of other numbers.
func (w *writer) attributes(c *class, numbers map[string]*sketch.Numbers) *node {
	out := mapping()
	for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
		a := c.Attributes[key]
		name, ok := w.policy.Key(key, a.Traces)
		switch {
		case !ok, key == sessionKey && w.g.p.Sessions.Count > 0 && !w.below:
			continue // systems give it to what begins requests
		case key == "error.type", (w.queues[c.path] != nil || w.senders[c.path] != nil) && slices.Contains(ofMessages, key):
			continue // it follows from the error, or from the message
		}
		x := w.partOf(key, a)
		if x == nil {
			x = w.chainedBy(c, key)
		}
		if x == nil {
			x = w.followedBy(c, key, a)
		}
		if x == nil {
			x = w.sharedBy(key, a)
		}
		if x == nil {
			x = w.sharedOf(c, key, a)
		}
		if x == nil {
			x = w.rootedBy(c, key, numbers[key])
		}
		if x == nil {
			of := *a
			if n := numbers[key]; n != nil {
				of.Numbers = n
			}
			s := w.policy.Values(key, &of, 0)
			if x = specNode(&s); x == nil {
				w.leave(key, s.Reason, a.Present)
				continue
			}
		}
		out.put(name, present(x, a.Present, c.Spans))
	}
	return out
}

// sessionKey is what says which session a span is of.
const sessionKey = "session.id"

// toldBelow reports whether spans below those that begin traces say which session they are of.
func toldBelow(g *grammar) bool {
	for _, at := range g.order {
		for _, c := range at.classes {
			if a := c.Attributes[sessionKey]; a != nil && a.Present > c.Roots {
				return true
			}
		}
	}
	return false
}

// always is the share from which on something is there always.
const alwaysThere = 0.9995

// present says on which share of the spans something is.
func present(x *node, has, spans uint64) *node {
	share := float64(has) / float64(spans)
	if share >= alwaysThere || spans == 0 {
		return x
	}
	if x.scalar() {
		x = mapping().set("value", x)
	}
	x.put("present", raw(digits(share, 3)))
	return x
}

// leave notes values that are not written.
func (w *writer) leave(key, reason string, n uint64) {
	if w.leftKeys == nil {
		w.leftKeys = make(map[string]leftKey)
	}
	l := w.leftKeys[key]
	w.leftKeys[key] = leftKey{reason, l.n + n}
}

// leftKey is why values of a key are not written, and how many there are.
type leftKey struct {
	reason string
	n      uint64
}

// specNode writes what may be said of values; nil: nothing.
func specNode(s *privacy.Spec) *node {
	switch s.How {
	case privacy.Constant:
		return raw(scalarOf(s.Kind, s.Values[0].Text))
	case privacy.Categorical:
		return mapping().with("distribution", "categorical").set("values", weightsNode(s))
	case privacy.Pattern:
		out := mapping().with("pattern", s.Text)
		if s.Pool > 0 {
			out.put("pool", raw(strconv.FormatInt(min(s.Pool, maxPool), 10)))
			if s.Zipf > 0 {
				out.put("zipf", raw(digits(s.Zipf, 3)))
			}
		}
		if s.At != nil {
			f := fitted{family: "empirical", at: s.At, quantiles: s.Quantiles}
			f.within(privacy.MaxLength, 4)
			out.put("length", f.said("", 5))
		}
		return out
	case privacy.Numbers:
		f := fitted{family: "empirical", at: s.At, quantiles: s.Quantiles}
		if first, last := s.Quantiles[0], s.Quantiles[len(s.Quantiles)-1]; first == last {
			return raw(scalarOf(s.Kind, strconv.FormatFloat(first, 'f', -1, 64)))
		}
		whole := s.Kind == otlp.KindInt
		if great := max(-f.quantiles[0], f.quantiles[len(f.quantiles)-1]); whole && (!s.Filled || great > mostNumber) {
			return integers(s)
		}
		f.within(mostNumber, 5)
		out := f.said("", 5)
		if whole {
			out.put("whole", raw("true"))
		}
		return out
	}
	return nil
}

// weightsNode writes values that are said one by one with their weights, in percent.
func weightsNode(s *privacy.Spec) *node {
	out, total := mapping(), float64(s.Weight())
	for _, v := range s.Values {
		out.putRaw(scalarOf(s.Kind, v.Text), raw(digits(float64(100*float64(v.Weight)/total), 3)))
	}
	return out
}

// integers writes quantiles of integers, between which there are others than would be drawn, as
// the ones in the middle between two of them, with the share that lies there.
func integers(s *privacy.Spec) *node {
	values := mapping()
	share, last := 0.0, ""
	put := func() {
		if last != "" && share > 0 {
			values.putRaw(last, raw(digits(float64(100*share), 3)))
		}
	}
	for i := range s.Quantiles[1:] {
		text := strconv.FormatFloat(math.Round((s.Quantiles[i]+s.Quantiles[i+1])/2), 'f', -1, 64)
		if text != last {
			put()
			share, last = 0, text
		}
		share += s.At[i+1] - s.At[i]
	}
	put()
	return mapping().with("distribution", "categorical").set("values", values)
}

// maxPool is how many texts a pattern may have.
const maxPool = 1_000_000

// scalarOf writes a value of a kind.
func scalarOf(kind otlp.Kind, text string) string {
	switch kind {
	case otlp.KindInt, otlp.KindBool:
		return text
	case otlp.KindDouble:
		if v, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(v, 0) && !math.IsNaN(v) {
			if text = strconv.FormatFloat(v, 'f', -1, 64); !strings.Contains(text, ".") {
				text += ".0"
			}
			return text
		}
	}
	return quoted(text)
}

// constant is the text that most of what has an attribute of a resource has, which may be
// empty; false: it may not be said, or is none.
func (w *writer) constant(key string, a *profile.Attribute) (value string, ok bool) {
	if _, ok := w.policy.Key(key, a.Traces); !ok {
		return "", false
	}
	s := w.policy.Values(key, a, 0)
	switch s.How {
	case privacy.Constant, privacy.Categorical:
		return s.Values[0].Text, true
	case privacy.Numbers:
		return strconv.FormatFloat(s.Median(), 'f', -1, 64), true
	}
	w.leave(key, "resources have constants only: "+s.Reason, a.Present)
	return "", false
}
