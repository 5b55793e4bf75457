package match

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// However small the memory and whatever the partitions, each holds what was put there,
// in its order, with its parts.
func TestSpillKeepsPartitionsInOrder(t *testing.T) {
	const partitions = 50
	for _, budget := range []int{1, 100 << 10, 64 << 20} {
		s, err := newSpill(t.TempDir(), partitions, budget)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		r := rand.New(rand.NewPCG(1, uint64(budget)))
		hash := maphash.MakeSeed()
		var parts []part
		for i := range 9 {
			b := fmt.Appendf(nil, "part %d", i)
			parts = append(parts, part{maphash.Bytes(hash, b), b})
		}
		want := make([][]arrival, partitions)
		for n := range 20000 {
			p := r.IntN(partitions)
			a := arrival{
				signal: otlp.Signal(n % 3), message: 5, output: uint16(n), lap: uint32(n % 7), resource: uint32(r.IntN(9)),
				scope: uint32(r.IntN(9)), metric: noPart, position: uint32(n), number: uint64(n) << 40, arrived: -int64(n),
				time: uint64(n) * 3, start: uint64(n) * 5, trace: otlp.TraceID{byte(n), 1}, span: otlp.SpanID{2, byte(n)},
				bytes: bytes.Repeat([]byte{byte(n)}, r.IntN(40)),
			}
			if n%5000 == 77 {
				a.bytes = make([]byte, 3<<20) // longer than any block
			}
			if err := put(s, uint64(p), &a, parts); err != nil {
				t.Fatal(err)
			}
			want[p] = append(want[p], a)
		}
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		got := side{hash: hash}
		for p := range want {
			if err := got.loadAll(s, uint64(p)); err != nil {
				t.Fatal(err)
			}
			compareArrivals(t, &got, want[p], parts)
		}
	}
}

func compareArrivals(t *testing.T, got *side, want []arrival, parts []part) {
	t.Helper()
	if len(got.items) != len(want) {
		t.Fatalf("got %d items, want %d", len(got.items), len(want))
	}
	for i := range want {
		it, a := &got.items[i], &want[i]
		same := it.signal == a.signal && it.message == a.message && it.output == a.output && it.lap == a.lap && it.position == a.position &&
			it.record == a.number && it.arrived == a.arrived && it.time == a.time && it.start == a.start && it.trace == a.trace &&
			it.wire == a.trace && it.span == a.span && bytes.Equal(got.of(it), a.bytes) && it.parts[2] == noPart &&
			bytes.Equal(got.parts[it.parts[0]].Bytes, parts[a.resource].bytes) && bytes.Equal(got.parts[it.parts[1]].Bytes, parts[a.scope].bytes)
		if !same {
			t.Fatalf("item %d: got %+v, want %+v", i, it, a)
		}
	}
}

// What is not as it was written is told, and never believed.
func TestSpillTellsWhatIsNotItsOwn(t *testing.T) {
	const header = 12                                           // of a chunk
	for _, at := range []int{header, header + 25, header + 9} { // kind, length, resource
		s, err := newSpill(t.TempDir(), 1, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		a := arrival{resource: noPart, scope: noPart, metric: noPart, bytes: []byte("abc")}
		if err := put(s, 0, &a, nil); err != nil {
			t.Fatal(err)
		}
		b, err := s.Reserve(0, 0)
		if err != nil {
			t.Fatal(err)
		}
		b.Data[at] = 0x7f
		if err := s.Finish(); err != nil {
			t.Fatal(err)
		}
		var got side
		if err := got.loadAll(s, 0); !errors.Is(err, errSpill) {
			t.Errorf("byte %d changed: got %v", at, err)
		}
	}
}

func TestTableFindsInTheOrderOfAdding(t *testing.T) {
	var x table
	x.reset(0)
	r := rand.New(rand.NewPCG(5, 6))
	want := make(map[uint64][]uint32)
	for i := range uint32(3000) {
		h := uint64(r.IntN(500))
		x.add(h, i)
		want[h] = append(want[h], i)
	}
	for h, list := range want {
		var got []uint32
		x.find(h, func(v uint32) bool { got = append(got, v); return false })
		if fmt.Sprint(got) != fmt.Sprint(list) {
			t.Fatalf("hash %d: got %v, want %v", h, got, list)
		}
	}
	if _, ok := x.first(501); ok {
		t.Error("found what was never added")
	}
	x.reset(10)
	if _, ok := x.first(1); ok {
		t.Error("found what was there before")
	}
}

func TestMostCommon(t *testing.T) {
	for _, test := range []struct {
		list []int64
		want int64
	}{
		{[]int64{4}, 4}, {[]int64{1, 2, 2, 3}, 2}, {[]int64{5, -3, 5, -3}, -3}, {[]int64{-1 << 63, 7}, 7}, {[]int64{3, -2, 9}, -2},
	} {
		if got := mostCommon(test.list); got != test.want {
			t.Errorf("%v: got %d, want %d", test.list, got, test.want)
		}
	}
}
