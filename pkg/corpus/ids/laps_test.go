package ids

import "testing"

// A ledger names laps by number, so the words of a lap are for ever.
func TestLapKeysOfEveryVersion(t *testing.T) {
	for _, v := range []struct{ seed, lap, trace, span uint64 }{
		{42, 0, 0, 0},
		{0, 1, 0x36655d36076596af, 0x5fa39de39191d9a4},
		{0, 2, 0xb061c0ce5a959bb1, 0x609026977433cdca},
		{0, 1000000, 0x36443993b4b044ee, 0xff604dca5dd18521},
		{42, 1, 0xf604e86b82f6496f, 0xd85e182dae40432a},
		{42, 2, 0x9f7a426f4a3ba007, 0xdf056ef2b8261f7f},
		{42, 1000000, 0x81f73f259f890687, 0xfc6c21056d88f0bc},
	} {
		if trace, span := LapKeys(v.seed, v.lap); trace != v.trace || span != v.span {
			t.Errorf("seed %d, lap %d: got %#x and %#x, want %#x and %#x", v.seed, v.lap, trace, span, v.trace, v.span)
		}
	}
}

func TestLapsHaveTheirOwnKeys(t *testing.T) {
	seen := make(map[uint64]uint64)
	for lap := range uint64(10000) {
		trace, span := LapKeys(7, lap)
		for _, word := range []uint64{trace, span} {
			if other, ok := seen[word]; ok && lap > 0 {
				t.Fatalf("laps %d and %d share a word", other, lap)
			}
			seen[word] = lap
		}
	}
}
