package e2e

import (
	"testing"
)

// TestDiffSeesEveryFault plants what the other tests must not find.
func TestDiffSeesEveryFault(t *testing.T) {
	fill := func(pairs ...string) *basket {
		b := newBasket("traces")
		for i := 0; i < len(pairs); i += 2 {
			b.put(pairs[i], []byte(pairs[i+1]))
		}
		return b
	}
	for name, c := range map[string]struct {
		received *basket
		want     difference
	}{
		"equal":             {fill("1", "a", "2", "b", "2", "c", "3", "d", "3", "d"), difference{}},
		"lost":              {fill("2", "b", "2", "c", "3", "d", "3", "d"), difference{missing: 1}},
		"lost of its id":    {fill("1", "a", "2", "b", "3", "d", "3", "d"), difference{missing: 1}},
		"lost of two equal": {fill("1", "a", "2", "b", "2", "c", "3", "d"), difference{missing: 1}},
		"twice":             {fill("1", "a", "1", "a", "2", "b", "2", "c", "3", "d", "3", "d"), difference{extra: 1}},
		"altered":           {fill("1", "x", "2", "b", "2", "c", "3", "d", "3", "d"), difference{altered: 1}},
		"altered of its id": {fill("1", "a", "2", "x", "2", "c", "3", "d", "3", "d"), difference{altered: 1}},
		"another id":        {fill("9", "a", "2", "b", "2", "c", "3", "d", "3", "d"), difference{missing: 1, extra: 1}},
		"altered and twice": {fill("1", "a", "1", "x", "2", "b", "2", "c", "3", "d", "3", "d"), difference{extra: 1}},
	} {
		sent := fill("1", "a", "2", "b", "2", "c", "3", "d", "3", "d")
		if got := diff(sent, c.received); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
