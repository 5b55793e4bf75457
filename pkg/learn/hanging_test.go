package learn

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
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
