package learn

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// sharedValue is a value that several spans of a trace, or of a session, have alike.
type sharedValue struct {
	name    string
	spec    privacy.Spec
	values  *sketch.Values
	session bool
	span    bool // it is of spans, see chains
	used    bool
	follows *follower // nil: it is drawn by itself
}

// mostDiffer is the share of traces, or of sessions, in which values may differ that are
// written as shared.
const mostDiffer = 0.03

// mostAlike reports whether no more differ of so many.
func mostAlike(alike, of uint64) bool {
	return float64(alike) >= float64((1-mostDiffer)*float64(of))
}

// ofOutcomes are the keys that say how a span ended, which spans of a trace have alike where
// they end alike.
var ofOutcomes = []string{"error.type", "http.response.status_code", "http.status_code", "rpc.status_code", "rpc.response.status_code",
	"rpc.grpc.status_code", "db.response.status_code"}

// findShared finds the keys whose values are alike within a trace or a session.
func (w *writer) findShared() {
	for _, key := range slices.Sorted(maps.Keys(w.g.p.Keys)) {
		k := w.g.p.Keys[key]
		if slices.Contains(ofOutcomes, key) {
			continue
		}
		a := &profile.Attribute{Present: k.Spans, Traces: max(w.tracesWith(key), privacy.Draws(k.Values)), Values: k.Values}
		s := w.alike(key, k, a, w.tracesWith(key))
		if s == nil {
			continue
		}
		name, ok := w.policy.Key(key, a.Traces)
		if !ok || s.spec.How != privacy.Categorical && s.spec.How != privacy.Pattern {
			continue
		}
		s.name = w.newValue(name)
		w.shared[key] = s
	}
	w.findParts()
	w.findRepeated()
}

// alike returns the value that spans of a trace, or of a session, have of a key, which so many
// traces have at least; nil: they have several.
func (w *writer) alike(key string, k *profile.Key, a *profile.Attribute, traces uint64) *sharedValue {
	single := w.single()
	ofTrace := k.Traces >= w.g.k && mostAlike(k.Alike, k.Traces)
	ofSession := k.Sessions >= w.g.k && mostAlike(k.SessionAlike, k.Sessions)
	// Where sessions have one value as often as they are one request, it is that of the request.
	ofRequest := single > 0 && k.Sessions >= w.g.k && math.Abs(float64(k.SessionAlike)/float64(k.Sessions)-single) <= mostDiffer
	if key == sessionKey && w.g.p.Sessions.Count > 0 { // however few there are, or spans differ
		ofSession = true
	} else if !ofTrace && !ofSession && !ofRequest || !mostAlike(k.Alike, k.Traces) {
		return nil
	}
	for _, v := range k.Values.Kept() {
		a.Kinds[v.Kind] += v.Count
	}
	s := &sharedValue{values: k.Values}
	draws := min(traces, w.requests())
	if ofSession {
		s.session, draws = true, w.g.p.Sessions.Count
	}
	s.spec = w.policy.Values(key, a, draws)
	return s
}

// newValue returns a name for a value of a key, which no other one has.
func (w *writer) newValue(key string) string {
	name := valueName(key)
	for n := 2; w.valueNames[name]; n++ {
		name = valueName(key) + strconv.Itoa(n)
	}
	w.valueNames[name] = true
	return name
}

// pathKey is a key of attributes of spans that differ in their outcome alone.
type pathKey struct {
	path *path
	key  string
}

// findRepeated finds the keys that spans of a path have with one value in each trace, although
// they are there several times.
func (w *writer) findRepeated() {
	for _, at := range w.g.order {
		for _, c := range at.classes {
			for _, key := range slices.Sorted(maps.Keys(c.Attributes)) {
				a, id := c.Attributes[key], pathKey{at, key}
				once := privacy.Draws(a.Values)
				if w.shared[key] != nil || w.repeated[id] != nil || slices.Contains(ofOutcomes, key) || !repeats(a, once) {
					continue
				}
				spec := w.policy.Values(key, a, once)
				if name, ok := w.policy.Key(key, a.Traces); ok && spec.How == privacy.Pattern && spec.Pool > 0 {
					w.repeated[id] = &sharedValue{name: w.newValue(name), spec: spec}
				}
			}
		}
	}
}

// repeats reports whether several spans of a trace have an attribute, and nearly always with
// one value, of which there are so many pairs with a trace.
func repeats(a *profile.Attribute, pairs uint64) bool {
	// How many pairs there are is not known well where few of many values are kept. These come
	// again in a trace then, or they do not.
	spans, traces := uint64(0), uint64(0)
	for _, v := range a.Values.Kept() {
		spans, traces = spans+v.Count, traces+v.Traces
	}
	again := float64(a.Present)/float64(max(a.Traces, 1)) - 1
	if float64(spans) < float64((1+again/2)*float64(traces)) {
		return false
	}
	return float64(pairs) <= float64((1+mostDiffer)*float64(a.Traces)) && float64(a.Present) > float64((1+2*mostDiffer)*float64(pairs))
}

// sharedOf writes that an attribute of a class has one value in each trace; nil: it has not.
func (w *writer) sharedOf(c *class, key string, a *profile.Attribute) *node {
	s := w.repeated[pathKey{c.path, key}]
	if s == nil || float64(privacy.Draws(a.Values)) > float64((1+mostDiffer)*float64(a.Traces)) {
		return nil
	}
	if own := w.policy.Values(key, a, 0); own.How != s.spec.How || own.Text != s.spec.Text {
		return nil
	}
	return w.use(s)
}

// use writes that something has a shared value.
func (w *writer) use(s *sharedValue) *node {
	if !s.used {
		s.used = true
		w.values = append(w.values, s)
		if s.follows != nil {
			w.use(s.follows.of)
		}
	}
	return mapping().with("use", s.name)
}

// requests is how many traces continue no other one, about: those of one request have its
// values alike. Without any it is all there may be.
func (w *writer) requests() (n uint64) {
	for _, at := range w.g.order {
		for _, c := range at.classes {
			n += c.Roots - min(c.Linked, c.Roots)
		}
	}
	if n == 0 {
		return math.MaxUint64
	}
	return n
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
	if w.hangs(key, a) || key == sessionKey && s.session {
		return w.use(s)
	}
	own := w.policy.Values(key, a, 0)
	switch {
	case s.session && own.How != privacy.Constant:
		// All of a session have one value, whichever spans have which ones more often.
	case own.How != s.spec.How || own.Kind != s.spec.Kind, own.How == privacy.Pattern && own.Text != s.spec.Text:
		return nil
	case own.How == privacy.Categorical && s.spec.Other == 0 && unlike(a.Values, s.values):
		return nil // ids for which others stand are one value all the same
	}
	return w.use(s)
}

// mostUnlike is the total variation distance up to which values are taken to be of one kind.
const mostUnlike = 0.05

// unlike reports whether the values of two are farther apart than those of one kind.
func unlike(a, b *sketch.Values) bool {
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
	return float64(sum/2) > mostUnlike
}

// valuesNode writes the shared values that something uses.
func (w *writer) valuesNode() *node {
	slices.SortFunc(w.values, func(a, b *sharedValue) int { return strings.Compare(a.name, b.name) })
	out := mapping()
	for _, s := range w.values {
		if s.follows != nil {
			out.put(s.name, s.follows.node())
			continue
		}
		x := specNode(&s.spec)
		switch {
		case s.session:
			x.with("per", "session")
		case s.span:
			x.with("per", "span")
		}
		out.put(s.name, x)
	}
	out.above = "What spans of one request, of one session, or below each other, have in common."
	return out
}
