package learn

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/profile"
)

// TestNumbersThatSpansOfATraceShare are a value, unless traces have several, or some spans other
// ones than the rest.
func TestNumbersThatSpansOfATraceShare(t *testing.T) {
	numbers := func(n, by uint64) *profile.Attribute {
		return ints(n, 64, func(i uint64) uint64 { return by * (1 + i%40) }) // too many to be said one by one
	}
	for _, c := range []struct {
		name  string
		alike uint64 // of 900 traces
		below uint64 // times the numbers of the root
		uses  int
	}{{"one", 890, 1, 2}, {"several", 500, 1, 0}, {"others below", 890, 3, 0}} {
		h := small()
		h.Classes[10].Attributes["shop.items"], h.Classes[20].Attributes["shop.items"] = numbers(950, 1), numbers(950, c.below)
		h.Keys["shop.items"] = &profile.Key{Spans: 1900, Traces: 900, Alike: c.alike, Values: numbers(950, 1).Values}
		got := learntOf(t, h)
		if n := strings.Count(got, "shop.items: {use: items}"); n != c.uses || strings.Contains(got, "\n  items:\n") != (n > 0) {
			t.Errorf("%s: %d uses in\n%s", c.name, n, got)
		}
	}
}
