package leaks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/learn/privacy"
)

// TestEveryPlaceIsLookedAt: a secret that an output has is found wherever in a capture it
// is, rare or, in free text, in all traces; and none where the output has none.
func TestEveryPlaceIsLookedAt(t *testing.T) {
	if len(places) < 30 {
		t.Fatal("too few places")
	}
	public := privacy.Bundled()
	for _, everywhere := range []bool{false, true} {
		in := capture(t, everywhere)
		var b strings.Builder
		b.WriteString("services:\n")
		for i := range places {
			fmt.Fprintf(&b, "  key%d: x-%s_1\n", i, secretOf(i))
		}
		r := run(t, in, b.String(), Options{Public: public, Goroutines: 2})
		found := make(map[int]string)
		for _, f := range r.Findings {
			found[f.Where.Line] = f.Kind
		}
		for i, x := range places {
			if kind := found[i+2]; kind == "" || everywhere && x.free && kind != Free {
				t.Errorf("everywhere %v: a secret in %s: got %q", everywhere, x.name, kind)
			}
		}
		if r.Leaks != uint64(len(places)) || r.Traces < 40 {
			t.Errorf("got %d leaks in %d traces", r.Leaks, r.Traces)
		}
		if r := run(t, in, "services:\n  cart: {protocol: http}\n  zarquon: {}\n", Options{Public: public}); r.Leaks != 0 {
			t.Errorf("nothing is there: got %v", r.Findings)
		}
	}
}
