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

// attributes writes those of the spans of a class.
func (w *writer) attributes(c *class) *node {
	out := mapping()
	for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
		a := c.Attributes[key]
		name, ok := w.policy.Key(key, a.Traces)
		switch {
		case !ok, key == "session.id" && w.g.p.Sessions.Count > 0:
			continue
		case key == "error.type", (w.queues[c.path] != nil || w.senders[c.path] != nil) && slices.Contains(ofMessages, key):
			continue // it follows from the error, or from the message
		}
		x := w.sharedBy(key, a)
		if x == nil {
			s := w.policy.Values(key, a, 0)
			if x = specNode(&s); x == nil {
				w.leave(key, s.Reason, a.Present)
				continue
			}
		}
		out.put(name, present(x, a.Present, c.Spans))
	}
	return out
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
		total := uint64(0)
		for _, v := range s.Values {
			total += v.Weight
		}
		values := mapping()
		for _, v := range s.Values {
			values.putRaw(scalarOf(s.Kind, v.Text), raw(digits(float64(100*float64(v.Weight)/float64(total)), 3)))
		}
		return mapping().with("distribution", "categorical").set("values", values)
	case privacy.Pattern:
		out := mapping().with("pattern", s.Text)
		if s.Pool > 0 {
			out.put("pool", raw(strconv.FormatInt(min(s.Pool, maxPool), 10)))
			if s.Zipf > 0 {
				out.put("zipf", raw(digits(s.Zipf, 3)))
			}
		}
		return out
	case privacy.Numbers:
		f := fitted{family: "empirical", at: s.At, quantiles: s.Quantiles}
		if first, last := s.Quantiles[0], s.Quantiles[len(s.Quantiles)-1]; first == last {
			return raw(scalarOf(s.Kind, strconv.FormatFloat(first, 'f', -1, 64)))
		}
		if s.Kind == otlp.KindInt {
			return integers(s)
		}
		return f.said("", 5)
	}
	return nil
}

// integers writes quantiles of integers as the ones in the middle between two of them,
// with the share that lies there: a distribution of quantiles would draw fractions.
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

// constant is the text that most of what has an attribute of a resource has; "" where it
// may not be said, or is none.
func (w *writer) constant(key string, a *profile.Attribute) (name, value string) {
	name, ok := w.policy.Key(key, a.Traces)
	if !ok {
		return "", ""
	}
	s := w.policy.Values(key, a, 0)
	switch s.How {
	case privacy.Constant, privacy.Categorical:
		return name, s.Values[0].Text
	case privacy.Numbers:
		return name, strconv.FormatFloat(s.Quantiles[len(s.Quantiles)/2], 'f', -1, 64)
	}
	w.leave(key, "resources have constants only: "+s.Reason, a.Present)
	return "", ""
}

// sharedValue is a value that several spans of a trace, or of a session, have alike.
type sharedValue struct {
	name    string
	spec    privacy.Spec
	values  *sketch.Values
	session bool
	traces  uint64 // in which several spans have it
	used    bool
}

// mostDiffer is the share of traces, or of sessions, in which values may differ that are
// written as shared.
const mostDiffer = 0.03

// ofOutcomes are the keys that say how a span ended, which spans of a trace have alike where
// they end alike.
var ofOutcomes = []string{"error.type", "http.response.status_code", "http.status_code", "rpc.status_code", "rpc.response.status_code",
	"rpc.grpc.status_code", "db.response.status_code"}

// findShared finds the keys whose values are alike within a trace or a session.
func (w *writer) findShared() {
	taken := make(map[string]bool)
	single := w.single()
	for _, key := range slices.Sorted(maps.Keys(w.g.p.Keys)) {
		k := w.g.p.Keys[key]
		if slices.Contains(ofOutcomes, key) {
			continue
		}
		ofTrace := k.Traces >= w.g.k && float64(k.Alike) >= float64((1-mostDiffer)*float64(k.Traces))
		ofSession := k.Sessions >= w.g.k && float64(k.SessionAlike) >= float64((1-mostDiffer)*float64(k.Sessions))
		// Where sessions have one value as often as they are one request, it is that of the request.
		ofRequest := single > 0 && k.Sessions >= w.g.k && math.Abs(float64(k.SessionAlike)/float64(k.Sessions)-single) <= mostDiffer
		if !ofTrace && !ofSession && !ofRequest || k.Traces > 0 && float64(k.Alike) < float64((1-mostDiffer)*float64(k.Traces)) {
			continue
		}
		a := &profile.Attribute{Present: k.Spans, Traces: w.tracesWith(key), Values: k.Values}
		for _, v := range k.Values.Kept() {
			a.Kinds[v.Kind] += v.Count
		}
		s := &sharedValue{values: k.Values, traces: k.Traces}
		draws := a.Traces
		if ofSession {
			s.session, draws = true, w.g.p.Sessions.Count
		}
		s.spec = w.policy.Values(key, a, draws)
		name, ok := w.policy.Key(key, a.Traces)
		if !ok || s.spec.How != privacy.Categorical && s.spec.How != privacy.Pattern {
			continue
		}
		s.name = valueName(name)
		for n := 2; taken[s.name]; n++ {
			s.name = valueName(name) + strconv.Itoa(n)
		}
		taken[s.name] = true
		w.shared[key] = s
	}
}

// tracesWith is at least how many traces have a key, by the class that most have it.
func (w *writer) tracesWith(key string) (n uint64) {
	for _, at := range w.g.order {
		for _, c := range at.classes {
			if a := c.Attributes[key]; a != nil {
				n = max(n, a.Traces)
			}
		}
	}
	return n
}

// valueName is what a value is called that attributes of a key share: its last words.
func valueName(key string) string {
	parts := strings.FieldsFunc(key, func(r rune) bool { return r == '.' || r == '_' || r == '-' || r == '/' || r == ' ' })
	if n := len(parts); n > 1 && slices.Contains([]string{"id", "name", "key", "code", "type", "number"}, parts[n-1]) {
		parts = parts[n-2:]
		return strings.Join(parts, "_")
	}
	if len(parts) == 0 {
		return "value"
	}
	return parts[len(parts)-1]
}

// sharedBy writes that an attribute of a class is the shared value of its key; nil: its
// values are others.
func (w *writer) sharedBy(key string, a *profile.Attribute) *node {
	s := w.shared[key]
	if s == nil {
		return nil
	}
	own := w.policy.Values(key, a, 0)
	switch {
	case own.How != s.spec.How || own.Kind != s.spec.Kind, own.How == privacy.Pattern && own.Text != s.spec.Text:
		return nil
	case own.How == privacy.Categorical && unlike(a.Values, s.values) > 0.05:
		return nil
	}
	if !s.used {
		s.used = true
		w.values = append(w.values, s)
	}
	return mapping().with("use", s.name)
}

// unlike is the total variation distance of the values of two.
func unlike(a, b *sketch.Values) float64 {
	shares := make(map[string]float64)
	for i, s := range []*sketch.Values{a, b} {
		for _, v := range s.Kept() {
			share := float64(v.Count) / float64(s.Count())
			if i > 0 {
				share = -share
			}
			shares[v.Text] += share
		}
	}
	sum := 0.0
	for _, k := range slices.Sorted(maps.Keys(shares)) {
		sum += math.Abs(shares[k])
	}
	return float64(sum / 2)
}

// valuesNode writes the shared values that something uses.
func (w *writer) valuesNode() *node {
	slices.SortFunc(w.values, func(a, b *sharedValue) int { return strings.Compare(a.name, b.name) })
	out := mapping()
	for _, s := range w.values {
		x := specNode(&s.spec)
		if s.session {
			x.with("per", "session")
		}
		out.put(s.name, x)
	}
	out.above = "What spans of one request, or of one session, have in common."
	return out
}
