package learn

import (
	"strings"
	"testing"
)

// TestWhatIsDoneMoreOftenWithAWordLeansOnIt: a search that one tenant mostly does is there for each
// tenant as often as it was; one that both do as often as they come, or that few do, is there by
// weight alone.
func TestWhatIsDoneMoreOftenWithAWordLeansOnIt(t *testing.T) {
	few := func(words ...string) (out []string) {
		for i := range 100 {
			out = append(out, words[min(i/10, len(words)-1)])
		}
		return out
	}
	for _, c := range []struct {
		name     string
		searches uint64
		tenants  []string
		leans    bool
	}{
		{"one mostly", 300, few("blue", "acme"), true},
		{"both", 300, []string{"acme", "blue"}, false},
		{"too few", 40, few("blue", "acme"), false},
	} {
		h, web := asking()
		h.ofSessions("shop.tenant", "acme", "blue")
		for id, tenant := range map[uint64]string{60: "acme", 80: "blue"} { // on which there is something to hang
			h.calls(id, "pay", tenant+".internal", "", 200).Attributes["shop.tenant"] = texts("shop.tenant", 200, tenant)
			does(web, 200, 5, []uint64{id})
		}
		for id, x := range map[uint64]struct {
			name    string
			spans   uint64
			tenants []string
		}{20: {"fetch", 600 - c.searches, []string{"acme", "blue"}}, 40: {"search", c.searches, c.tenants}} {
			h.calls(id, x.name, x.name+".internal", "", x.spans).Attributes["shop.tenant"] = texts("shop.tenant", x.spans, x.tenants...)
			does(web, x.spans, 5, []uint64{id})
		}
		got := learntOf(t, h)
		if n := strings.Count(got, "span: search"); n > 1 != c.leans || n == 0 {
			t.Errorf("%s: searches stand at %d places, and lean %v is wanted, in\n%s", c.name, n, c.leans, got)
		}
	}
}
