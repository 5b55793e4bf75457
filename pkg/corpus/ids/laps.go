package ids

// LapKeys returns the words that a replay XORs the ids of a lap with: trace the low
// half of trace ids, span the span ids, as big-endian words. XOR keeps different ids
// different, and it leaves the high half of trace ids, which says where they come
// from. The first lap, 0, keeps its ids; no word of another is 0.
func LapKeys(seed, lap uint64) (trace, span uint64) {
	if lap == 0 {
		return 0, 0
	}
	h := finish(seed + lap*mul3)
	trace, span = finish(h^0x7472616365), finish(h^0x7370616e)
	return max(trace, 1), max(span, 1)
}

// finish is the finalizer of SplitMix64 (Steele, Lea, Flood 2014), a bijection:
// the laps of one seed have different words.
func finish(x uint64) uint64 {
	x = (x ^ x>>30) * mul4
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
