package rng

// Do NOT change these values. Every id, duration and value of a corpus follows
// from them: a seed must give the same corpus in every version. There is no
// reason good enough; a better generator is a new package with a new name.

import "testing"

func TestStreamsAreFrozen(t *testing.T) {
	for _, c := range []struct {
		name string
		key  Key
		want [3]uint64
	}{
		{"seed 0", New(0), [3]uint64{0x3a0fef863e488ae5, 0xcea36bc87efa68a1, 393273}},
		{"seed 42", New(42), [3]uint64{0x5477407bde043860, 0xdab0177f008c5275, 742231}},
		{"largest seed", New(1<<64 - 1), [3]uint64{0xb48f703e229402a5, 0x7f617f9785e7e901, 511447}},
		{"ids", New(42).For(IDs), [3]uint64{0xa0f23a8bcde35383, 0xd9baebc64e789c02, 676745}},
		{"latency", New(42).For(Latency), [3]uint64{0x362a0c7a217877ad, 0xaee8ed2ffd0ecd44, 141743}},
		{"outcome", New(42).For(Outcome), [3]uint64{0x864ed9d66abc1b0a, 0xb54086fbb692c1e5, 583789}},
		{"attributes", New(42).For(Attributes), [3]uint64{0xfdaf720b34a188d5, 0xb9e546abdb2a3986, 984047}},
		{"content", New(42).For(Content), [3]uint64{0x4b94f0ed620e672, 0x3550bf03aedbe2ed, 742416}},
		{"start", New(42).For(Start), [3]uint64{0xc8e165f6dbc9df66, 0x525b8602a172c1cc, 580398}},
		{"pick", New(42).For(Pick), [3]uint64{0xe70126a398347cc5, 0xb1ce7f44b3d87ec0, 754016}},
		{"iteration", New(42).For(IDs).Index(1), [3]uint64{0x4a5af7babe3a438, 0x5bc5bd3b8cb21e99, 672529}},
		{"path", New(42).For(IDs).Index(1 << 40).Index(Hash("llm.call")), [3]uint64{0x431893e7c3c7312d, 0x3221df6473b3f808, 143316}},
	} {
		s := c.key.Stream()
		got := [3]uint64{s.Uint64(), s.Uint64(), s.Below(1_000_000)}
		if got != c.want {
			t.Errorf("%s: got {%#x, %#x, %d}, want {%#x, %#x, %d}", c.name, got[0], got[1], got[2], c.want[0], c.want[1], c.want[2])
		}
	}
}

func TestHashIsFrozen(t *testing.T) {
	for _, c := range []struct {
		name string
		want uint64
	}{
		{"", 0xf52a15e9a9b5e89b},
		{"a", 0x2c0bdbf481420f8},
		{"llm.call", 0x630173cf650230c4},
	} {
		if got := Hash(c.name); got != c.want {
			t.Errorf("Hash(%q) = %#x, want %#x", c.name, got, c.want)
		}
	}
}
