package rules

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// TestThresholds has the thresholds that the specification of consistent sampling and
// the Collector's documentation give, of four digits: "ot=th:c" for 25 %.
func TestThresholds(t *testing.T) {
	for _, c := range []struct {
		rate   float64
		digits int
		want   uint64
	}{
		{1, 4, 0},
		{0.5, 4, 0x80000000000000},
		{0.25, 4, 0xc0000000000000},
		{0.1, 4, 0xe6660000000000},
		{0.01, 4, 0xfd70a000000000},    // one more, as the first is F
		{0.99, 4, 0x028f6000000000},    // likewise, of a 0
		{1.0 / 3, 3, 0xaab00000000000}, // rounded up
		{0.25, 14, 0xc0000000000000},
	} {
		if got := threshold(c.rate, c.digits); got != c.want {
			t.Errorf("%v with %d digits: got %014x, want %014x", c.rate, c.digits, got, c.want)
		}
	}
}

func TestProportionalTakesTheLastBits(t *testing.T) {
	keeps := decider("proportional", 0.25, 0, 4)
	for _, c := range []struct {
		low  uint64
		want bool
	}{{0x00c0000000000000, true}, {0x00bfffffffffffff, false}, {0xffbfffffffffffff, false}, {0xff << 48, true}} {
		var id otlp.TraceID
		binary.BigEndian.PutUint64(id[8:], c.low)
		if keeps(id) != c.want {
			t.Errorf("%016x: got %t", c.low, !c.want)
		}
	}
	if decider("equalizing", 0, 0, 4)(otlp.TraceID{15: 0xff, 14: 0xff}) {
		t.Error("a rate of 0 keeps a trace")
	}
}

// TestHashSeed works out FNV-1a by hand, and where the bound of the buckets is: 14 bits,
// the share rounded down.
func TestHashSeed(t *testing.T) {
	id := otlp.TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	const seed = 0x01020304
	want := uint32(2166136261)
	for _, b := range append([]byte{4, 3, 2, 1}, id[:]...) {
		want = (want ^ uint32(b)) * 16777619
	}
	if got := hashSeed(id, seed); got != want {
		t.Fatalf("got %08x, want %08x", got, want)
	}
	bucket := float64(want % 16384)
	if decider("hash_seed", bucket/16384, seed, 4)(id) || !decider("hash_seed", (bucket+1.5)/16384, seed, 4)(id) {
		t.Error("the bucket of the id is not where the bound is")
	}
}

// TestSamplersKeepTheirShare: of made-up ids, as many as the rate says, and not the same
// ones by every seed.
func TestSamplersKeepTheirShare(t *testing.T) {
	var got [3]shares
	same := 0
	for i := range uint64(20000) {
		var id otlp.TraceID
		binary.BigEndian.PutUint64(id[8:], (i+1)*0x9e3779b97f4a7c15)
		one, other := decider("hash_seed", 0.1, 1, 4)(id), decider("hash_seed", 0.1, 2, 4)(id)
		for k, kept := range []bool{decider("proportional", 0.1, 0, 4)(id), one, other} {
			got[k].n++
			if kept {
				got[k].kept++
			}
		}
		if one && other {
			same++
		}
	}
	for k, s := range got {
		if s.fault(0.1, "traces") != "" {
			t.Errorf("sampler %d: %v", k, s)
		}
	}
	if same > 400 {
		t.Errorf("%d traces are kept by both seeds", same)
	}
}

// TestTail compares with sums of terms worked out with binomial coefficients.
func TestTail(t *testing.T) {
	for _, n := range []uint64{1, 7, 30} {
		for _, rate := range []float64{0.01, 0.3, 0.9} {
			sum, coefficient := 0.0, 1.0
			for k := range n {
				sum += coefficient * math.Pow(rate, float64(k)) * math.Pow(1-rate, float64(n-k))
				coefficient = coefficient * float64(n-k) / float64(k+1)
				if float64(k) >= float64(n)*rate {
					break
				}
				if got := tail(n, k, rate); math.Abs(got-sum) > 1e-9*sum {
					t.Errorf("%d of %d at %v: got %v, want %v", k, n, rate, got, sum)
				}
			}
		}
	}
}

func TestRateBounds(t *testing.T) {
	for _, c := range []struct {
		n, kept uint64
		rate    float64
		fault   bool
	}{
		{1000, 100, 0.1, false}, {1000, 150, 0.1, true}, {1000, 140, 0.1, false}, {1000, 55, 0.1, true}, {1000, 60, 0.1, false},
		{10, 0, 0.1, false}, {10, 10, 0.1, true}, {0, 0, 0.1, false}, {100, 1, 0, true}, {100, 0, 0, false}, {100, 99, 1, true}, {100, 100, 1, false},
		{100_000_000, 10_000_000, 0.1, false}, {100_000_000, 10_020_000, 0.1, true}, {1000, 7, -1, false},
	} {
		if got := (shares{c.n, c.kept}).fault(c.rate, "traces"); (got != "") != c.fault {
			t.Errorf("%d of %d at %v: %q", c.kept, c.n, c.rate, got)
		}
	}
}

// wants returns what is wanted of the pairs of a unit, "absent 3" or "there", with the
// faults of it.
func wants(t testing.TB, s *Segment, u *match.Unit) string {
	t.Helper()
	if err := s.Unit(u); err != nil {
		t.Fatal(err)
	}
	var out []string
	for i := range u.Pairs {
		w := s.Want(i)
		text := "there"
		if w.Absent {
			text = "absent"
		}
		if w.Rule != nil {
			text += fmt.Sprint(" ", w.Rule.Line)
		}
		out = append(out, text)
	}
	for _, f := range s.Faults() {
		out = append(out, fmt.Sprint(f.Kind, " ", f.Rule.Line, " of ", f.Pair, ": ", f.Message))
	}
	return strings.Join(out, "; ")
}

func TestSampledUnits(t *testing.T) {
	const (
		tail   = "sample:\n  rate: 0.5\n  drop:\n    - attributes: {probe: true}\n  keep:\n    - status: error\n    - min_duration: 2s\n    - min_spans: 3"
		exact  = "sample: {rate: 0, consistent: {mode: proportional}}"
		all    = "sample: {rate: 1, consistent: {mode: proportional}}"
		filter = "filter:\n  drop:\n    - {name: b}\nsample: {rate: 0.5}"
	)
	for _, c := range []struct {
		name, file string
		unit       []string
		want       string
	}{
		{"arrived by chance", tail, []string{"span name=a", "span name=b"}, "there 2; there 2"},
		{"not by chance", tail, []string{"span name=a -> ", "span name=b -> "}, "absent 2; absent 2"},
		{"in part", tail, []string{"span name=a", "span name=b -> "}, "there 2; there 2; partial 2 of 1: 1 of 2 items arrived: sampling takes whole traces"},
		{"kept by an error", tail, []string{"span name=a -> ", "span status=ERROR -> "}, "there 6; there 6"},
		{"kept by its duration", tail, []string{"span ms=2000 -> "}, "there 7"},
		{"shorter", tail, []string{"span ms=1999 -> "}, "absent 2"},
		{"kept by its size", tail, []string{"span -> ", "span -> ", "span -> "}, "there 8; there 8; there 8"},
		{"dropped all the same", tail, []string{"span a.probe=true status=ERROR", "span name=b"}, "absent 4; absent 4"},
		{"dropped by its id", exact, []string{"span name=a"}, "absent 1"},
		{"kept by its id", all, []string{"span name=a -> "}, "there 1"},
		{"filtered spans are no part", filter, []string{"span name=a", "span name=b -> "}, "there 4; absent 3"},
		{"logs are not sampled", all, []string{"log name=a -> "}, "there"},
		{"each item", "sample: {unit: item, rate: 0.5}", []string{"span name=a", "span name=b -> "}, "there 1; absent 1"},
		{"each log record", "sample: {unit: item, rate: 0.5, signals: logs}", []string{"log name=a", "log name=b -> "}, "there 1; absent 1"},
	} {
		if got := wants(t, load(t, c.file).Begin(nil), unit(t, c.unit...)); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// TestTheIdOnTheWireDecides: laps have other ids, and a sampler sees those.
func TestTheIdOnTheWireDecides(t *testing.T) {
	r := load(t, "sample: {rate: 0.5, consistent: {mode: proportional}}")
	u := unit(t, "span name=a")
	if got := wants(t, r.Begin(nil), u); got != "absent 1" {
		t.Fatal(got)
	}
	u.Wire = otlp.TraceID{9: 0xff}
	if got := wants(t, r.Begin(nil), u); got != "there 1" {
		t.Error(got)
	}
}

// TestWhatMayHaveArrivedIsNotCounted: a trace without an answer says nothing of a rate,
// nor does it show that a trace was sampled in part.
func TestWhatMayHaveArrivedIsNotCounted(t *testing.T) {
	r := load(t, "sample: {rate: 1}")
	s := r.Begin(nil)
	u := unit(t, "span name=a -> ", "span name=b -> ")
	for i := range u.Pairs {
		u.Pairs[i].Sent.Fate = match.Unknown
	}
	if got := wants(t, s, u); got != "absent 1; absent 1" {
		t.Error(got)
	}
	part := unit(t, "span name=a", "span name=b -> ")
	part.Pairs[1].Sent.Fate = match.Failed
	if got := wants(t, s, part); got != "there 1; there 1" {
		t.Error(got)
	}
	var total Totals
	total.Add(s)
	if f := total.Faults(); len(f) != 0 {
		t.Errorf("got %+v", f)
	}
	if got := wants(t, s, unit(t, "span name=a -> ")); got != "absent 1" {
		t.Error(got)
	}
	total = Totals{}
	total.Add(s)
	if f := total.Faults(); len(f) != 1 || f[0].Kind != "rate" || f[0].Rule.Line != 1 || !strings.HasPrefix(f[0].Message, "0 of 1 traces arrived") {
		t.Errorf("got %+v", f)
	}
}
