package learn

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// TestSpansSayTheirSession: where spans below those that begin traces have session.id, each
// that does has the value of its session; where those alone do, that is what systems do anyway.
func TestSpansSayTheirSession(t *testing.T) {
	for below, want := range map[bool]int{false: 0, true: 3} {
		h := small()
		h.Sessions = profile.Sessions{Count: 500, Traces: &sketch.Numbers{}, Pauses: &sketch.Numbers{}, Thinks: &sketch.Numbers{}, Starts: h.Starts}
		var ids []string
		for i := range 500 {
			ids = append(ids, fmt.Sprintf("sess_%016x", uint64(i+1)*0x9e3779b97f4a7c15))
		}
		h.Keys[sessionKey] = &profile.Key{Spans: 1000, Traces: 1000, Alike: 1000, Sessions: 500, SessionAlike: 500, Values: texts("", 1000, ids...).Values}
		for _, c := range h.Classes {
			if c.Roots > 0 || below && c.Service == "web" {
				c.Attributes[sessionKey] = texts("", c.Spans, ids...)
			}
		}
		got := learntOf(t, h)
		if n := strings.Count(got, `session.id: {use: session_id}`); n < want || want == 0 && n > 0 {
			t.Errorf("below: %t: %d spans say which session they are of in\n%s", below, n, got)
		}
		if named := !strings.Contains(got, "session_id: false"); named == below {
			t.Errorf("below: %t: systems name sessions: %t", below, named)
		}
		if below && !strings.Contains(got, `session_id: {pattern: "sess_{hex:16}", per: session}`) {
			t.Errorf("no session_id of the session in\n%s", got)
		}
	}
}

// TestIntegersAreLearnt: sizes are integers between quantiles, and few prices are what they are
// about, since others would be drawn between them.
func TestIntegersAreLearnt(t *testing.T) {
	for _, c := range []struct {
		name string
		of   func(i uint64) uint64
		want string
		not  string
	}{
		{"sizes", func(i uint64) uint64 { return 1000 + i*i%7919 }, "whole: true", "categorical"},
		{"prices", func(i uint64) uint64 { return 9900 * (1 + i%40) }, "shop.n:\n                distribution: categorical", "whole"},
	} {
		h := small()
		h.Classes[10].Attributes["shop.n"] = ints(950, 2000, c.of)
		says(t, c.name, learntOf(t, h), []string{c.want}, []string{c.not})
	}
}
