package learn

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// resourceOf is what the resource of a service says: what is alike on all, what follows
// from the request or the session, and what from the operation.
type resourceOf struct {
	constants map[string]string
	shared    map[string]*sharedValue // by key
	instances map[string]ofInstances  // likewise
	parts     []string                // keys whose constant is that of most spans
}

// ofInstances is a pattern of which each instance has a text: another one, or one of a pool.
type ofInstances struct {
	pattern string
	pool    uint64 // 0: another one
}

// resources is what a writer knows of resources.
type resources struct {
	services map[*service]*resourceOf
	values   map[string]*sharedValue // that they alone have, by key of attributes
	around   map[string]string       // what is said of the resource of spans around those that are written
}

func newResources() resources {
	return resources{services: make(map[*service]*resourceOf), values: make(map[string]*sharedValue)}
}

// resource works out what the resource of a service says, once.
func (w *writer) resource(s *service) *resourceOf {
	if r := w.resources.services[s]; r != nil {
		return r
	}
	r := &resourceOf{make(map[string]string), make(map[string]*sharedValue), make(map[string]ofInstances), nil}
	w.resources.services[s] = r
	told := w.g.p.Services[s.was]
	if told == nil {
		return r
	}
	texts := int64(1) // that values which differ have together
	for _, key := range slices.Sorted(maps.Keys(told.Attributes)) {
		if key == "service.name" || key == instanceKey {
			continue
		}
		if of, ok := w.byInstance(key, told); ok {
			r.instances[key] = of
			continue
		}
		var x *sharedValue
		parts := w.partly(s, key)
		if parts == 0 {
			x = w.resourceValue(key, told)
		}
		switch {
		case x == nil:
		case texts*x.texts() > maxResources:
			w.leave(key, "resources of a service are up to "+digits(maxResources, 4), told.Attributes[key].Present)
		default:
			texts *= x.texts()
			r.shared[key] = x
			continue
		}
		if value, ok := w.constant(key, told.Attributes[key]); ok {
			r.constants[key] = value
			if parts > 0 && texts*parts <= maxResources {
				texts *= parts
				r.parts = append(r.parts, key)
			}
		}
	}
	return r
}

// byInstance returns the form of an attribute of resources that has one text for each instance,
// which may not be said; false: it has not.
func (w *writer) byInstance(key string, told *profile.Service) (of ofInstances, ok bool) {
	a, pairs, all := told.Attributes[key], told.Pairs[key], told.Instances.Distinct()
	if _, ok := w.policy.Key(key, a.Traces); !ok || pairs.Distinct() == 0 || !mostOnce(pairs, told.Instances) {
		return of, false
	}
	if id := told.Attributes[instanceKey]; (id == nil || id.Present < told.Spans) && !mostOnce(told.Instances, a.Values) {
		return of, false // each resource counts as an instance, and something else differs
	}
	if of.pattern, ok = w.policy.Hidden(key, a); !ok {
		return of, false
	}
	if values := a.Values.Distinct(); !mostOnce(told.Instances, a.Values) {
		of.pool = max(1, uint64(math.Round(float64(values)*float64(instances(told))/float64(all))))
	}
	return of, true
}

// instanceKey is the attribute that names an instance.
const instanceKey = "service.instance.id"

// mostOnce reports whether there are no more of some than of others, as far as counting them
// tells.
func mostOnce(some, others *sketch.Values) bool {
	room := 1 + float64(4*math.Hypot(some.Error(), others.Error()))
	return float64(some.Distinct()) <= float64(float64(others.Distinct())*room)
}

// maxResources is how many resources an instance of a service may have.
const maxResources = 1000

// texts is how many values a shared value has.
func (s *sharedValue) texts() int64 { return textsOf(&s.spec) }

// textsOf is how many texts there may be where values are said one by one or by their form.
func textsOf(s *privacy.Spec) int64 {
	if s.How == privacy.Pattern {
		if s.Pool <= 0 {
			return math.MaxInt32
		}
		return s.Pool
	}
	return max(int64(len(s.Values)), 1)
}

// partly returns how many values an attribute of the resource of a service has that follow
// from what its spans are of, which is so where nearly all of each class have one; else 0.
func (w *writer) partly(s *service, key string) int64 {
	var all, most uint64
	values := make(map[string]bool)
	for _, at := range w.g.order {
		for _, c := range at.classes {
			if v := c.Resource[key]; c.Service == s.was && v != nil {
				x, n := mostOf(c, key)
				values[x] = true
				all, most = all+v.Count(), most+n
			}
		}
	}
	if len(values) < 2 || !mostAlike(most, all) {
		return 0
	}
	return int64(len(values))
}

// mostOf returns the value of an attribute that most resources of a class have.
func mostOf(c *class, key string) (text string, n uint64) {
	v := c.Resource[key]
	if v == nil {
		return "", 0
	}
	for _, x := range v.Kept() {
		if x.Count > n || x.Count == n && x.Text < text {
			text, n = x.Text, x.Count
		}
	}
	return text, n
}

// resourceValue returns the value that all spans of a request, or of a session, have on the
// resource of a service; nil: there is none.
func (w *writer) resourceValue(key string, told *profile.Service) *sharedValue {
	a, alike := told.Attributes[key], told.Alike[key]
	name, ok := w.policy.Key(key, a.Traces)
	if !ok || alike == nil || alike.Traces < w.g.k || !mostAlike(alike.Alike, alike.Traces) {
		return nil
	}
	ofSession := alike.Sessions >= w.g.k && mostAlike(alike.SessionAlike, alike.Sessions)
	draws := a.Traces
	if ofSession {
		draws = min(w.g.p.Sessions.Count, a.Traces)
	}
	out := &sharedValue{session: ofSession, values: a.Values, spec: w.policy.Values(key, a, draws)}
	if out.spec.How != privacy.Categorical && (out.spec.How != privacy.Pattern || out.spec.Pool < 2) {
		return nil
	}
	for _, known := range []*sharedValue{w.shared[key], w.resources.values[key]} { // which are the same ones
		if known != nil && known.session == ofSession && known.spec.How == out.spec.How && known.spec.Text == out.spec.Text && known.texts() <= maxResources &&
			(out.spec.How == privacy.Pattern || !unlike(known.values, a.Values) || known == w.shared[key] && w.asOnSpans(told, key)) {
			return known
		}
	}
	out.name = w.newValue(name)
	w.resources.values[key] = out
	return out
}

// asOnSpans reports whether spans of a service have an attribute as their resources have it: of
// each class that has both as many have each value, whichever classes there are more of.
func (w *writer) asOnSpans(told *profile.Service, key string) bool {
	some := false
	for _, at := range w.g.order {
		for _, c := range at.classes {
			a, v := c.Attributes[key], c.Resource[key]
			if w.g.p.Services[c.Service] != told || a == nil || v == nil {
				continue
			}
			if !a.Values.All() || !v.All() || unlike(a.Values, v) {
				return false
			}
			some = true
		}
	}
	return some
}

// resourceNode writes the attributes of the resource of a service but those that have keys
// of their own.
func (w *writer) resourceNode(m *node, s *service) {
	more := mapping()
	r := w.resource(s)
	for _, key := range slices.Sorted(maps.Keys(w.g.p.Services[s.was].Attributes)) {
		value, said := r.constants[key]
		shared, of := r.shared[key], r.instances[key]
		switch {
		case of.pattern != "":
			name, _ := w.policy.Key(key, w.g.p.Services[s.was].Attributes[key].Traces)
			text := mapping().with("pattern", of.pattern)
			if of.pool > 0 {
				text.put("pool", raw(strconv.FormatUint(of.pool, 10)))
			}
			more.put(name, text)
		case shared != nil:
			name, _ := w.policy.Key(key, shared.spec.Traces)
			more.put(name, w.use(shared))
		case !said:
		case value != "" && (key == "service.version" || key == "service.namespace") && !slices.Contains(r.parts, key):
			m.with(strings.TrimPrefix(key, "service."), value)
		default:
			name, _ := w.policy.Key(key, w.g.p.Services[s.was].Attributes[key].Traces)
			more.with(name, value)
		}
	}
	if len(more.entries) > 0 {
		m.put("attributes", more)
	}
}

// within writes in what the resource of the spans of a class is another one than that of
// what is around them, and then what is within these.
func (w *writer) within(m *node, c *class, write func()) {
	around := w.resources.around
	out := mapping()
	s := w.serviceOf(c.Service)
	for _, key := range w.resource(s).parts {
		text, _ := mostOf(c, key)
		name, value := w.part(s, key, text)
		if value == "" || value == cmp.Or(around[key], w.resource(s).constants[key]) {
			continue
		}
		if len(out.entries) == 0 {
			w.resources.around = make(map[string]string)
			maps.Copy(w.resources.around, around)
		}
		w.resources.around[key] = value
		out.with(name, value)
	}
	if len(out.entries) > 0 {
		m.put("resource", out)
	}
	write()
	w.resources.around = around
}

// part returns how an attribute and a value of it are said; "" where they may not be.
func (w *writer) part(s *service, key, text string) (name, value string) {
	a := w.g.p.Services[s.was].Attributes[key]
	for _, x := range a.Values.Kept() {
		if x.Text != text {
			continue
		}
		if name, ok := w.policy.Key(key, a.Traces); ok {
			value, _ = w.policy.Value(key, text, x.Traces)
			return name, value
		}
	}
	return "", ""
}
