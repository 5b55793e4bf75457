package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
)

// TestWhatIsMixedKeepsToAChoice: what is there now and then of many things that are rare is not
// there beside that of other words of a value that is chosen once, whose spans never are.
func TestWhatIsMixedKeepsToAChoice(t *testing.T) {
	for _, c := range []struct {
		name  string
		alike uint64 // of 1,000 traces
		third string // the model of the second
		want  []string
		not   []string
	}{
		{"by a value", 1000, "m3", []string{
			"one_of: - weight: 80 when: {model: [m1, m2]} all: - span: chat",
			"probability: 0.625 - weight: 20 when: {model: [m3]} all: - span: chat", // half of all, of 80 of 100
		}, nil},
		{"by none", 500, "m3", []string{"probability: 0.5"}, []string{"when:"}},
		{"of some words", 1000, "m2", []string{"probability: 0.5"}, []string{"when:"}},
	} {
		h := newHand(1000)
		web := h.class(10, "web", "POST /ask", otlp.SpanKindServer, "", 1000, 5)
		web.Roots = 1000
		add := func(id uint64, name, address string, models ...string) {
			x := h.calls(id, name, address, "", 500)
			if len(models) > 0 {
				x.Attributes["ai.model"] = texts("ai.model", 500, models...)
			}
		}
		add(20, "chat", "a.example", "m1", "m2")
		add(40, "chat", "b.example", c.third)
		for i := range 7 {
			add(uint64(60+20*i), "load", string(rune('c'+i))+".example")
		}
		for i := range 128 { // each with some others, and all of them rare
			var others [][]uint64
			for k := range 7 {
				if i>>k&1 == 1 {
					others = append(others, []uint64{uint64(60 + 20*k)})
				}
			}
			does(web, 5, 5, append([][]uint64{{20}}, others...)...)
			does(web, 5, 5, append([][]uint64{{40}}, others...)...)
		}
		all := texts("ai.model", 1000, "m1", "m2", "m1", "m2", "m3")
		h.Keys["ai.model"] = &profile.Key{Spans: 1000, Traces: 1000, Alike: c.alike, Values: all.Values}
		says(t, c.name, strings.Join(strings.Fields(learntOf(t, h)), " "), c.want, c.not)
	}
}
