// Do not change these values. They are part of the corpus format: ids of
// corpora that exist were made so, and replays and checks read them back.

package ids

import (
	"encoding/hex"
	"testing"
)

var frozen = []struct {
	seed    uint64
	origin  Origin
	random  uint64
	trace   string
	span1   string // of ordinal 1
	span10k string // of ordinal 10,000
}{
	{0, Origin{0, 0, 0}, 0, "6de442f5090686c80000000000000001", "76574fff6d795dda", "449b9de591fc73eb"},
	{0, Origin{1, 0, 1}, 0xfedcba9876543210, "4fe55dd330a2bb0cfedcba9876543210", "27f42feec4dfb0b7", "4fa07b9f5ff7bc61"},
	{0, Origin{17592186044415, 65535, 15}, 0xfedcba9876543210, "4b9f65d629616314fedcba9876543210", "c3ed550602464a83", "134df43b875d07f5"},
	{1, Origin{0, 0, 0}, 0xfedcba9876543210, "444c6906c76abd80fedcba9876543210", "f7d4c12595a9cbe8", "c30a15cb1eab5512"},
	{1, Origin{123456789, 7, 2}, 0, "b5eb708ba889b15a0000000000000001", "4ecba5e33653f59f", "6cf17391d2737008"},
	{42, Origin{0, 0, 0}, 0xfedcba9876543210, "de69cfeb81270dbffedcba9876543210", "d5f3cd38d9bc4e93", "cf9bad648f3f7bbf"},
	{42, Origin{1, 0, 1}, 0, "854b89e477fd13d90000000000000001", "155319c0a1f4d293", "b1ab637024b4889b"},
	{42, Origin{123456789, 7, 2}, 0xfedcba9876543210, "8b92ae3181bc99b0fedcba9876543210", "a2c4e963620d07ff", "4a147a6cb2ac4488"},
	{42, Origin{17592186044415, 65535, 15}, 0, "e168a9ce992dbdc10000000000000001", "882d3ff2f9126c56", "c007064bc201efaf"},
	{18446744073709551615, Origin{0, 0, 0}, 0, "26204cd4d3d4b3b00000000000000001", "7b900ab24033e36e", "24f9cacf2353bf44"},
	{18446744073709551615, Origin{123456789, 7, 2}, 0xfedcba9876543210, "01e052db5d692f66fedcba9876543210", "ef6b95f488c22b71", "699053fac66bcb71"},
}

func TestFrozenIDs(t *testing.T) {
	for _, v := range frozen {
		k := New(v.seed)
		trace := k.TraceID(v.origin, v.random)
		if got := hex.EncodeToString(trace[:]); got != v.trace {
			t.Errorf("seed %d, %+v: got trace id %s, want %s", v.seed, v.origin, got, v.trace)
		}
		s := k.SpanKey(trace)
		first, late := s.SpanID(1), s.SpanID(10000)
		if got := hex.EncodeToString(first[:]); got != v.span1 {
			t.Errorf("seed %d, %+v: got span id 1 %s, want %s", v.seed, v.origin, got, v.span1)
		}
		if got := hex.EncodeToString(late[:]); got != v.span10k {
			t.Errorf("seed %d, %+v: got span id 10000 %s, want %s", v.seed, v.origin, got, v.span10k)
		}
	}
}
