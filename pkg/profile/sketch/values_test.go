package sketch

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// drawn is a value of a trace.
type drawn struct {
	kind  otlp.Kind
	word  uint64
	trace uint64
}

// values draws what n traces have, of d different values, and returns it by trace.
func drawValues(r *rand.Rand, n, d int) [][]drawn {
	out := make([][]drawn, n)
	for i := range out {
		for range r.IntN(4) {
			kinds := []otlp.Kind{otlp.KindString, otlp.KindInt, otlp.KindDouble, otlp.KindBytes}
			out[i] = append(out[i], drawn{kinds[r.IntN(len(kinds))], uint64(r.IntN(d)), uint64(i + 1)})
		}
	}
	return out
}

func fill(v *Values, traces [][]drawn) *Values {
	for _, trace := range traces {
		for _, x := range trace {
			switch x.kind {
			case otlp.KindString, otlp.KindBytes:
				v.Add(x.kind, fmt.Appendf(nil, "value %d", x.word), x.trace)
			default:
				v.AddWord(x.kind, x.word, 1, x.trace)
			}
		}
	}
	return v
}

// What is kept are the lowest hashes with all of their counts, whatever the order of
// traces, how they are merged, and when caps are lowered.
func TestValuesAreOfTheSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		traces := drawValues(r, r.IntN(300), 1+r.IntN(60))
		most := 1 + r.IntN(40)
		v := fill(NewValuesOf(most, 8), traces)
		want := v.Append(nil)
		exact(t, v, traces, most)
		r.Shuffle(len(traces), func(i, j int) { traces[i], traces[j] = traces[j], traces[i] })
		cut := r.IntN(len(traces) + 1)
		a, b := fill(NewValuesOf(most+r.IntN(9), 12), traces[:cut]), NewValuesOf(most, 8)
		half := cut + r.IntN(len(traces)-cut+1)
		fill(b, traces[cut:half])
		b.Merge(a)
		b.Merge(fill(NewValuesOf(most, 9), traces[half:]))
		if !bytes.Equal(b.Append(nil), want) {
			t.Fatalf("merged something else comes out, with a cap of %d", most)
		}
		lowered := fill(NewValuesOf(2*most+3, 12), traces[:half])
		lowered.Limit(most, 8)
		if !bytes.Equal(fill(lowered, traces[half:]).Append(nil), want) {
			t.Fatalf("something else comes out when the cap is lowered to %d on the way", most)
		}
	}
}

// exact holds a table to counts without a cap.
func exact(t *testing.T, v *Values, traces [][]drawn, most int) {
	t.Helper()
	type counts struct{ n, traces uint64 }
	all := make(map[uint64]counts)
	for _, trace := range traces {
		seen := make(map[uint64]bool)
		for _, x := range trace {
			h := HashWord(x.kind, x.word)
			if x.kind == otlp.KindString || x.kind == otlp.KindBytes {
				h = Hash(x.kind, fmt.Appendf(nil, "value %d", x.word))
			}
			c := all[h]
			c.n++
			if !seen[h] {
				c.traces++
			}
			seen[h], all[h] = true, c
		}
	}
	var hashes []uint64
	for h := range all {
		hashes = append(hashes, h)
	}
	slices.Sort(hashes)
	hashes = hashes[:min(len(hashes), most)]
	if len(v.Kept()) != len(hashes) || v.All() != (len(all) <= most) {
		t.Fatalf("%d kept of %d, want %d; all: %v", len(v.Kept()), len(all), len(hashes), v.All())
	}
	if v.All() && v.Distinct() != uint64(len(all)) {
		t.Fatalf("%d different ones, want %d", v.Distinct(), len(all))
	}
	for _, h := range hashes {
		if x, ok := v.Of(h); !ok || x.Count != all[h].n || x.Traces != all[h].traces || x.Hash() != h {
			t.Fatalf("value %x: %+v, %v; want %+v", h, x, ok, all[h])
		}
	}
	if !v.All() && v.Bound() != hashes[len(hashes)-1] {
		t.Fatal("the bound is not the greatest that is kept")
	}
}

// How many there are is within five standard errors, from few to many and for all
// precisions, and folding registers gives what fewer would have counted.
func TestDistinctIsNear(t *testing.T) {
	for precision := 6; precision <= 12; precision += 2 {
		for _, n := range []int{33, 100, 1000, 20000, 200000} {
			v, folded := NewValuesOf(32, precision), NewValuesOf(32, 12)
			for i := range n {
				v.AddWord(otlp.KindInt, uint64(i), 1, 0)
				folded.AddWord(otlp.KindInt, uint64(i), 1, 0)
			}
			got, se := float64(v.Distinct()), v.Error()*float64(n)
			if math.Abs(got-float64(n)) > max(5*se, 1) || se == 0 {
				t.Errorf("precision %d: %v of %d, standard error %v", precision, got, n, se)
			}
			folded.Limit(32, precision)
			if !bytes.Equal(folded.Append(nil), v.Append(nil)) {
				t.Errorf("precision %d: folded registers differ", precision)
			}
		}
	}
}

func TestTextsOfValues(t *testing.T) {
	v := NewValues(8)
	long := bytes.Repeat([]byte("x"), MaxText)
	v.Add(otlp.KindString, long, 1)
	v.Add(otlp.KindString, append(long, 'a'), 1)
	v.Add(otlp.KindString, append(long, 'b'), 1)
	v.Add(otlp.KindString, append(long, 'b'), 2)
	v.AddWord(otlp.KindInt, ^uint64(0), 1, 3)
	v.AddWord(otlp.KindBool, 1, 1, 3)
	v.AddWord(otlp.KindDouble, math.Float64bits(0.25), 1, 3)
	v.AddHash(42, otlp.KindString, []byte("many"), 7, 4)
	var got []string
	for _, x := range v.Kept() {
		got = append(got, fmt.Sprintf("%.5s %d/%d", x.Text, x.Count, x.Traces))
	}
	want := []string{"many 7/1", "xxxxx 2/2", "-1 1/1", "0.25 1/1", "true 1/1", "xxxxx 1/1", "xxxxx 1/1"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Without more room nothing is allocated, whether or not a value is kept.
func TestKnownValuesTakeNoMemory(t *testing.T) {
	v := NewValues(16)
	for i := range uint64(1000) {
		v.AddWord(otlp.KindInt, i, 1, i)
	}
	i, text := uint64(0), []byte("some text")
	v.Add(otlp.KindString, text, 1)
	if n := testing.AllocsPerRun(500, func() { i++; v.AddWord(otlp.KindInt, i, 1, i); v.Add(otlp.KindString, text, i) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkValues(b *testing.B) {
	v, texts := NewValues(256), make([][]byte, 1000)
	for i := range texts {
		texts[i] = fmt.Appendf(nil, "some-value-%d", i)
	}
	b.Run("text", func(b *testing.B) {
		for i := range b.N {
			v.Add(otlp.KindString, texts[i%len(texts)], uint64(i))
		}
	})
	b.Run("word", func(b *testing.B) {
		for i := range b.N {
			v.AddWord(otlp.KindInt, uint64(i%1000), 1, uint64(i))
		}
	})
}

// TestLeastTrace: of the traces that have a value the least is known, in any order and
// from parts.
func TestLeastTrace(t *testing.T) {
	traces := []uint64{9, 4, 0, 7}
	for range 2 {
		whole, part := NewValues(4), NewValues(4)
		for i, trace := range traces {
			[]*Values{whole, part}[i%2].Add(otlp.KindString, []byte("a"), trace)
		}
		whole.Merge(part)
		if x := whole.Kept()[0]; x.Trace != 4 || x.Traces != 3 {
			t.Errorf("got %d as the least of %d", x.Trace, x.Traces)
		}
		slices.Reverse(traces)
	}
}
