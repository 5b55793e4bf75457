package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestWhatResourcesOfMetricsKeepIsLearnt: of what differs within a service that which the
// resources of a metric have as those of its spans have it.
func TestWhatResourcesOfMetricsKeepIsLearnt(t *testing.T) {
	for _, row := range []struct {
		why      string
		resource map[string][]string // of the points
		on       bool                // points have a tenant, too, which their spans always have
		spans    bool                // and these have that of their session
		want     string              // "": no key
	}{
		{"nothing", nil, false, false, ""},
		{"the tenant", map[string][]string{"bot.tenant": {"acme", "blue"}}, false, false, "resource: [bot.tenant]"},
		{"the part that asks", map[string][]string{"bot.part": {"asking"}}, false, false, "resource: [bot.part]"},
		{"both", map[string][]string{"bot.part": {"asking"}, "bot.tenant": {"acme", "blue"}}, false, false, "resource: [bot.part, bot.tenant]"},
		{"the part that tells", map[string][]string{"bot.part": {"front"}}, false, false, ""},
		{"what is alike", map[string][]string{"bot.zone": {"a"}}, false, false, ""},
		{"a tenant beside another one of spans", map[string][]string{"bot.tenant": {"acme", "blue"}}, true, false, ""},
		{"a tenant beside the same of spans", map[string][]string{"bot.tenant": {"acme", "blue"}}, true, true, "resource: [bot.tenant]"},
	} {
		h := asked()
		h.told("bot.tenant", texts("bot.tenant", 1000, "acme", "blue"), 1000, 300)
		h.told("bot.part", texts("bot.part", 1000, "front", "asking"), 100, 100)
		h.told("bot.zone", texts("bot.zone", 1000, "a"), 1000, 300)
		for id, part := range map[profile.ClassID]string{10: "front", 20: "asking", 30: "front"} {
			h.Classes[id].Resource = map[string]*sketch.Values{"bot.part": texts("bot.part", 1000, part).Values}
		}
		m := h.metric("web", "bot.metric", "{call}", otlp.MetricSum, 1)
		m.Monotonic, m.Totals = true, []profile.Total{total(0, 800, "bot.model", "large"), total(0, 200, "bot.model", "small")}
		m.Attributes = map[string]*profile.Attribute{"bot.model": counted(otlp.KindText, map[string]uint64{"large": 800, "small": 200}, nil)}
		if row.on {
			m.Totals = []profile.Total{total(0, 800, "bot.model", "large", "bot.tenant", "acme"), total(0, 200, "bot.model", "small", "bot.tenant", "acme")}
			m.Attributes["bot.tenant"] = counted(otlp.KindText, map[string]uint64{"acme": 1000}, nil)
			h.Classes[20].Attributes["bot.tenant"] = counted(otlp.KindText, map[string]uint64{"acme": 1000}, nil)
		}
		if row.spans {
			m.Totals = []profile.Total{total(0, 500, "bot.model", "large", "bot.tenant", "acme"), total(0, 300, "bot.model", "large", "bot.tenant", "blue"), total(0, 200, "bot.model", "small", "bot.tenant", "blue")}
			both := counted(otlp.KindText, map[string]uint64{"acme": 500, "blue": 500}, nil)
			m.Attributes["bot.tenant"], h.Classes[20].Attributes["bot.tenant"] = both, both
			h.Keys["bot.tenant"] = &profile.Key{Spans: 1000, Traces: 1000, Alike: 1000, Sessions: 300, SessionAlike: 300, Values: both.Values}
		}
		m.Resource = make(map[string]*profile.Attribute)
		for key, words := range row.resource {
			m.Resource[key] = texts(key, 1000, words...)
		}
		_, got, _ := strings.Cut(strings.Join(strings.Fields(learntOf(t, h)), " "), " metrics:")
		got, _, _ = strings.Cut(got, "operations:")
		if !strings.Contains(got, "from: ask") || strings.Contains(got, "resource:") != (row.want != "") || !strings.Contains(got, row.want) {
			t.Errorf("%s: want %q, got %s", row.why, row.want, got)
		}
	}
}
