package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// told gives the resource of the service web an attribute, which is alike in so many of
// its 1,000 traces, and of 300 sessions.
func (h *hand) told(key string, a *profile.Attribute, alike, ofSessions uint64) {
	s := h.Services["web"]
	if s == nil {
		s = &profile.Service{Spans: 2000, Instances: sketch.NewValues(8), Attributes: map[string]*profile.Attribute{}, Alike: map[string]*profile.Alike{}}
		h.Services["web"] = s
	}
	h.Sessions.Count = 300
	s.Attributes[key] = a
	s.Alike[key] = &profile.Alike{Traces: 1000, Alike: alike, Sessions: 300, SessionAlike: ofSessions}
}

// in says which value of an attribute the resources of a class have, and in how many of a
// hundred spans.
func (h *hand) in(id profile.ClassID, key, value string, percent uint64) {
	c := h.Classes[id]
	if c.Resource == nil {
		c.Resource = make(map[string]*sketch.Values)
	}
	v := sketch.NewValuesOf(8, 4)
	v.AddN(otlp.KindString, []byte(value), percent*c.Spans/100, 0)
	v.AddN(otlp.KindString, []byte("other"), c.Spans-percent*c.Spans/100, 0)
	c.Resource[key] = v
}

// TestDifferingResourcesAreLearnt: what stays the same in a session or in a request is a
// value of that, and what follows from the operation is said there.
func TestDifferingResourcesAreLearnt(t *testing.T) {
	many := make([]string, 40)
	for i := range many {
		many[i] = fmt.Sprintf("%08x", uint32(i+1)*2654435761)
	}
	for _, c := range []struct {
		name              string
		values            []string
		alike, ofSessions uint64
		front, cache      uint64 // percent of spans that are of the one value of their class
		want, not         []string
	}{
		{"of a session", []string{"acme", "blue"}, 1000, 300, 50, 50,
			[]string{"tenant: {distribution: categorical, values: {acme: 50, blue: 50}, per: session}", "attributes: {shop.tenant: {use: tenant}}"}, nil},
		{"of a request", []string{"acme", "blue"}, 995, 100, 50, 50,
			[]string{"tenant: {distribution: categorical, values: {acme: 50, blue: 50}}", "attributes: {shop.tenant: {use: tenant}}"}, nil},
		{"of ids", many, 1000, 300, 50, 50,
			[]string{`tenant: {pattern: "{hex:8}", pool: `, "attributes: {shop.tenant: {use: tenant}}"}, many},
		{"of nothing", []string{"acme", "blue"}, 600, 100, 50, 50, []string{"attributes: {shop.tenant: acme}"}, []string{"use:", "resource:"}},
		{"of the operation", []string{"front", "cache"}, 100, 100, 100, 100,
			[]string{"attributes: {shop.tenant: cache}", "resource: {shop.tenant: front}"}, []string{"use:"}},
		{"of operations as a rule", []string{"front", "cache"}, 100, 100, 99, 98,
			[]string{"resource: {shop.tenant: front}"}, []string{"use:"}},
		{"hardly of operations", []string{"front", "cache"}, 100, 100, 90, 90, []string{"attributes: {shop.tenant: cache}"}, []string{"resource:"}},
	} {
		h := small()
		h.told("shop.tenant", texts("shop.tenant", 1000, c.values...), c.alike, c.ofSessions)
		for id, percent := range map[profile.ClassID]uint64{10: c.front, 11: c.front} {
			h.in(id, "shop.tenant", "front", percent)
		}
		for id, percent := range map[profile.ClassID]uint64{20: c.cache, 21: c.cache} {
			h.in(id, "shop.tenant", "cache", percent)
		}
		says(t, c.name, learntOf(t, h), c.want, c.not)
	}
}

// TestRareValuesOfResourcesAreNotWritten, whatever they follow from.
func TestRareValuesOfResourcesAreNotWritten(t *testing.T) {
	h := small()
	a := texts("shop.part", 1000, "front")
	a.Values.AddN(otlp.KindString, []byte("nordvik"), 50, 1) // in one trace
	h.told("shop.part", a, 100, 100)
	h.in(10, "shop.part", "front", 100)
	h.in(20, "shop.part", "nordvik", 100)
	if got := learntOf(t, h); strings.Contains(got, "nordvik") || !strings.Contains(got, "shop.part: front") {
		t.Error(got)
	}
}

// TestEmptyTextsOfResourcesAreLearnt: a version that says nothing is there all the same.
func TestEmptyTextsOfResourcesAreLearnt(t *testing.T) {
	h := small()
	h.told("service.version", texts("service.version", 1000, ""), 100, 100)
	h.told("shop.part", texts("shop.part", 1000, ""), 100, 100)
	says(t, "empty", learntOf(t, h), []string{`attributes: {service.version: "", shop.part: ""}`}, []string{"version: {", " version:"})
}

// TestTextsOfInstancesAreLearnt: a host or a pod of each instance, or some that they share, of
// which no name is said.
func TestTextsOfInstancesAreLearnt(t *testing.T) {
	pods := []string{"web-7d9f4c-x2x9k", "web-7d9f4c-b81qq", "web-7d9f4c-m4n7t", "web-7d9f4c-zz0p3"}
	for _, c := range []struct {
		name, key  string
		values     []string
		pairs      int
		named      bool // instances have names
		want, nots []string
	}{
		{"its own", "k8s.pod.name", pods, 4, true, []string{`attributes: {k8s.pod.name: {pattern: "`}, []string{"pool:"}},
		{"its own, without a name", "k8s.pod.name", pods, 4, false, []string{`attributes: {k8s.pod.name: {pattern: "`}, []string{"pool:"}},
		{"of few", "k8s.node.name", pods[:2], 4, true, []string{`attributes: {k8s.node.name: {pattern: "`, "pool: 2}"}, nil},
		{"one host", "host.name", []string{"vm"}, 4, true, []string{`attributes: {host.name: {pattern: "{word:2}", pool: 1}}`}, nil},
		{"of traces", "k8s.node.name", pods[:2], 8, true, nil, []string{"pattern: \"web"}},
		{"with something else", "k8s.node.name", pods[:2], 4, false, nil, []string{"pool: 2"}},
		{"no secret", "cloud.region", []string{"eu", "us"}, 4, true, []string{"cloud.region: eu"}, []string{"pattern"}},
	} {
		h := small()
		h.told(c.key, texts(c.key, 1000, c.values...), 600, 100)
		s := h.Services["web"]
		s.Pairs = map[string]*sketch.Values{c.key: sketch.NewValues(64)}
		for i := range 4 {
			s.Instances.Add(otlp.KindString, fmt.Append(nil, i), 1)
		}
		for i := range c.pairs {
			s.Pairs[c.key].Add(otlp.KindString, fmt.Append(nil, i), 1)
		}
		if c.named {
			s.Attributes["service.instance.id"] = texts("service.instance.id", 2000, "a", "b", "c", "d")
		}
		says(t, c.name, learntOf(t, h), c.want, append(c.nots, pods...))
	}
}

// TestResourcesHaveValuesOfSpans: where spans of a service have an attribute as their resources
// have it, it is one value, be the sessions that come to it others than most are.
func TestResourcesHaveValuesOfSpans(t *testing.T) {
	for value, one := range map[string]bool{"acme": true, "blue": false} {
		h := small()
		h.ofSessions("shop.tenant", "acme", "blue")
		h.told("shop.tenant", texts("shop.tenant", 1000, "acme", "acme", "acme", "blue"), 1000, 300)
		for id, c := range h.Classes {
			if c.Service == "web" {
				c.Attributes["shop.tenant"] = texts("shop.tenant", c.Spans, "acme")
				h.in(id, "shop.tenant", value, 100)
			}
		}
		if got := learntOf(t, h); strings.Contains(got, "attributes: {shop.tenant: {use: tenant}}") != one || strings.Contains(got, "use: tenant2") == one {
			t.Errorf("resources have %s, spans acme:\n%s", value, got)
		}
	}
}
