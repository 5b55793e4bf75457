package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestRareCallsAreNotSaid: what few traces call from a place is not called from there, however
// many call it elsewhere, and however little else the spans of that place do.
func TestRareCallsAreNotSaid(t *testing.T) {
	for _, row := range []struct {
		spans uint64 // of 100
		call  bool
	}{{10, true}, {9, false}, {3, false}} {
		h := newHand(1000)
		for id, spans := range map[uint64]uint64{10: 100, 30: 900} {
			h.class(id, "web", map[uint64]string{10: "GET /a", 30: "GET /b"}[id], otlp.SpanKindServer, "", spans, 5).Roots = spans
		}
		does(h.Classes[10], 100-row.spans, 5)
		for range row.spans / 3 { // in different ways, of which each is rare
			does(h.Classes[10], 3, 5, []uint64{20})
		}
		if n := row.spans % 3; n > 0 {
			does(h.Classes[10], n, 5, []uint64{20}, []uint64{20})
		}
		does(h.Classes[30], 900, 5, []uint64{20})
		does(h.class(20, "api", "Do", otlp.SpanKindServer, "", 900+row.spans, 5), 900+row.spans, 5)
		m := modelOf(t, h, 0)
		_, a, _ := strings.Cut(fileOf(t, m, "scenarios/learnt.yaml"), "GET /a: #")
		if got := strings.Contains(a, "api.Do"); got != row.call {
			t.Errorf("in %d traces: called: %v\n%s", row.spans, got, a)
		}
		if told := strings.Contains(m.Report, "call what too few traces call from there"); told == row.call {
			t.Errorf("in %d traces: %s", row.spans, m.Report)
		}
	}
}
