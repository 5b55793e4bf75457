package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestChoicesOfASessionAreLearnt: what is called again and again in a session hangs on a value
// that the session shares, and has that; where calls of a session differ, it does not.
func TestChoicesOfASessionAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name  string
		alike uint64 // of 1,000 traces and 300 sessions
		below bool   // the calls are what another span does
		apart bool   // they are of other names
		want  []string
		not   []string
	}{
		{"one for a session", 1000, false, false, []string{
			"model: {distribution: categorical, values: {m1: 40, m2: 40, m3: 20}, per: session}",
			"when: {model: [m1, m2]}", "when: {model: [m3]}", "ai.model: {use: model}",
		}, []string{"ai.model: m3", "ai.model: {distribution"}},
		{"one below another", 1000, true, false, []string{"when: {model: [m1, m2]}", "when: {model: [m3]}"}, []string{"ai.model: m3"}},
		{"what spans of a name always say", 1000, false, true, []string{"ai.model: m3"}, []string{"when:"}},
		{"one for each call", 500, false, false, []string{"ai.model: m3", "ai.model: {distribution: categorical, values: {m1: 50, m2: 50}}"}, []string{"when:", "use:"}},
	} {
		h, web := asking()
		chat := func(id uint64, address string, spans uint64, ms float64, models ...string) {
			name := "chat"
			if c.apart && id == 40 {
				name = "tell"
			}
			x := h.class(id, "web", name, otlp.SpanKindClient, "", spans, ms)
			x.Above, x.Target = 10, address
			does(x, spans, ms)
			x.Attributes["ai.model"] = texts("ai.model", spans, models...)
		}
		chat(20, "a.example", 800, 50, "m1", "m2")
		chat(40, "b.example", 200, 900, "m3")
		first, second := uint64(20), uint64(40)
		if c.below {
			for _, x := range []struct{ id, spans, of uint64 }{{60, 800, 20}, {80, 200, 40}} {
				at := h.class(x.id, "web", "task", otlp.SpanKindInternal, "", x.spans, 5)
				at.Above = 10
				does(at, x.spans, 5, []uint64{x.of})
			}
			first, second = 60, 80
		}
		does(web, 800, 5, []uint64{first})
		does(web, 200, 5, []uint64{second})
		all := texts("ai.model", 1000, "m1", "m2", "m1", "m2", "m3")
		h.Keys["ai.model"] = &profile.Key{Spans: 1000, Traces: 1000, Alike: c.alike, Sessions: 300, SessionAlike: 300 * c.alike / 1000, Values: all.Values}
		says(t, c.name, learntOf(t, h), c.want, c.not)
	}
}

// TestWhatIsLackedIsHungOn: calls of which some fail, with one tenant alone, hang on the tenant, be it
// on the spans or on their resources; where chance may have it so, they do not.
func TestWhatIsLackedIsHungOn(t *testing.T) {
	for _, c := range []struct {
		name      string
		failed    uint64 // spans, of 1,000
		resources bool
		tenants   []string // of all
		hangs     bool
	}{
		{"one of two", 50, false, []string{"acme", "acme", "blue"}, true},
		{"on the resource", 50, true, []string{"acme", "acme", "blue"}, true},
		{"the one that nearly all have", 20, false, []string{"blue", "blue", "blue", "blue", "blue", "blue", "blue", "blue", "blue", "acme"}, false},
	} {
		h, web := asking()
		all := texts("shop.tenant", 1000, c.tenants...)
		h.Keys["shop.tenant"] = &profile.Key{Spans: 1000, Traces: 1000, Alike: 1000, Sessions: 300, SessionAlike: 300, Values: all.Values}
		h.told("shop.tenant", all, 1000, 300)
		for id, x := range map[uint64]struct {
			outcome string
			spans   uint64
			tenants []string
		}{20: {"", 1000 - c.failed, c.tenants}, 21: {"500", c.failed, []string{"blue"}}} {
			at := h.calls(id, "fetch", "api.internal", x.outcome, x.spans)
			a := texts("shop.tenant", x.spans, x.tenants...)
			if c.resources {
				at.Resource = map[string]*sketch.Values{"shop.tenant": a.Values}
			} else {
				at.Attributes["shop.tenant"] = a
			}
			does(web, x.spans, 5, []uint64{id})
		}
		got := learntOf(t, h)
		if hangs := strings.Contains(got, "when: {tenant: [blue]}"); hangs != c.hangs {
			t.Errorf("%s: hangs %v, want %v, in\n%s", c.name, hangs, c.hangs, got)
		}
	}
}
