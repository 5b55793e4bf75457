package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestPaceIsOfWhatIsAskedFor: traces that begin since a message was sent, and further ones of a
// session, are not asked for by themselves, neither at a rate nor at an interval nor by hour.
func TestPaceIsOfWhatIsAskedFor(t *testing.T) {
	few := func(h *hand) *hand { // 100 sessions in the same time
		h.Sessions.Count, h.Sessions.Starts = 100, sketch.NewWindows(1024, 20)
		for i := range uint64(100) {
			h.Sessions.Starts.Add(i*10_000_000_000, 1)
		}
		return h
	}
	for _, c := range []struct {
		name           string
		h              *hand
		interval, rate string // of 1,000 traces in 1,000 seconds
	}{
		{"requests", small(), "interval_ms: 1000", "0: 1\n"},
		{"messages", sending(), "interval_ms: 2000", "0: 0.5\n"},
		{"sessions", few(small()), "interval_ms: 99", "0: 0.101\n"},
	} {
		if got := learntOf(t, c.h); !strings.Contains(got, c.interval) {
			t.Errorf("%s: no %s in\n%.300s", c.name, c.interval, got)
		}
		policy, err := privacy.New(privacy.Options{TimesOfDay: true})
		if err != nil {
			t.Fatal(err)
		}
		w, err := newWriter(c.h.Profile, policy, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(w.config(nil)); !strings.Contains(got, c.rate) {
			t.Errorf("%s: no %s in\n%s", c.name, c.rate, got)
		}
	}
}
