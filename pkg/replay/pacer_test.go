package replay

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// ratio returns r as an exact rational.
func ratio(r Rate) *big.Rat {
	return new(big.Rat).SetFrac(new(big.Int).SetUint64(r.num), new(big.Int).SetUint64(r.den))
}

func whole(n uint64) *big.Rat { return new(big.Rat).SetInt(new(big.Int).SetUint64(n)) }

// floor returns the floor of x, or the largest Duration when it does not fit.
func floor(x *big.Rat) time.Duration {
	q := new(big.Int).Quo(x.Num(), x.Denom())
	if !q.IsInt64() {
		return math.MaxInt64
	}
	return time.Duration(q.Int64())
}

// exactDue computes a schedule from its definition, in rationals.
func exactDue(p Pacer, n uint64) time.Duration {
	ns := new(big.Rat).SetInt64(1e9)
	switch p := p.(type) {
	case Constant:
		x := new(big.Rat).Mul(whole(n), ns)
		return floor(x.Quo(x, ratio(p.Rate)))
	case Timeline:
		return floor(new(big.Rat).Quo(whole(n), ratio(p.Speed)))
	case Ramp:
		over := new(big.Rat).SetInt64(int64(p.Over))
		steady := new(big.Rat).Mul(whole(n), ns)
		steady.Quo(steady, ratio(p.Rate)) // n / rate
		half := new(big.Rat).Quo(over, big.NewRat(2, 1))
		if steady.Cmp(half) > 0 {
			return floor(steady.Add(steady, half))
		}
		square := new(big.Rat).Mul(new(big.Rat).Mul(big.NewRat(2, 1), over), steady)
		f := new(big.Int).Quo(square.Num(), square.Denom())
		return time.Duration(f.Sqrt(f).Int64())
	}
	panic(fmt.Sprintf("no definition of %T", p))
}

// randomRate draws a rate up to 10 million a second with up to six decimals,
// its magnitude uniform.
func randomRate(r *rand.Rand) Rate {
	digits := r.Uint64N(uint64(math.Pow(10, float64(1+r.IntN(13))))) + 1
	rate, err := ParseRate(fmt.Sprintf("%d.%06d", digits/1e6, digits%1e6))
	if err != nil {
		panic(err)
	}
	return rate
}

// randomCount draws a count up to 10^12, its magnitude uniform.
func randomCount(r *rand.Rand) uint64 { return r.Uint64N(1 << (1 + r.IntN(40))) }

func randomPacer(r *rand.Rand) Pacer {
	rate := randomRate(r)
	switch r.IntN(4) {
	case 0:
		return Constant{rate, UnitRecords}
	case 1:
		return Constant{rate, UnitItems}
	case 2:
		return Ramp{rate, UnitRecords, time.Duration(1 + r.Int64N(1<<(1+r.IntN(50))))}
	}
	return Timeline{rate}
}

// differs returns the first of trials random places at which a schedule made
// by wrap is not the exact one.
func differs(trials int, wrap func(Pacer) Pacer) (string, bool) {
	r := rand.New(rand.NewPCG(4, 1))
	for range trials {
		p, n := randomPacer(r), randomCount(r)
		if got, want := wrap(p).Due(n), exactDue(p, n); got != want {
			return fmt.Sprintf("%v: Due(%d): got %d ns, want %d ns", p, n, got, want), true
		}
	}
	return "", false
}

func TestDueIsTheFloorOfTheExactTime(t *testing.T) {
	if text, bad := differs(200_000, func(p Pacer) Pacer { return p }); bad {
		t.Fatal(text)
	}
}

// truncated is the schedule that multiplies a rounded interval, as many load
// generators do; slow is one that is a nanosecond off at one record in a
// thousand. The comparison must see both.
type truncated struct{ Pacer }

func (p truncated) Due(n uint64) time.Duration { return time.Duration(n) * p.Pacer.Due(1) }

type slow struct{ Pacer }

func (p slow) Due(n uint64) time.Duration {
	d := p.Pacer.Due(n)
	if n%1000 == 999 {
		d++
	}
	return d
}

func TestTheComparisonSeesRoundedIntervals(t *testing.T) {
	for _, wrap := range []func(Pacer) Pacer{
		func(p Pacer) Pacer { return truncated{p} },
		func(p Pacer) Pacer { return slow{p} },
	} {
		if _, bad := differs(200_000, wrap); !bad {
			t.Errorf("%T passes for exact", wrap(Unpaced{}))
		}
	}
}

func TestDueNeverFalls(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	for range 2_000 {
		p, n := randomPacer(r), randomCount(r)
		last := p.Due(n)
		for i := range uint64(50) {
			due := p.Due(n + i + 1)
			if due < last {
				t.Fatalf("%v: Due(%d) = %d after Due(%d) = %d", p, n+i+1, due, n+i, last)
			}
			last = due
		}
	}
}

// A second holds exactly Rate records however many seconds have passed.
func TestAConstantRateDoesNotDrift(t *testing.T) {
	for _, rate := range []uint64{1, 3, 7, 5000, 300_000, 999_999, 1_500_000, 9_999_991, 10_000_000} {
		p := Constant{PerSecond(rate), UnitRecords}
		for _, s := range []uint64{0, 1, 59, 86_400, min(1e12/rate, 1e9)} {
			if got, want := p.Due(s*rate), time.Duration(s)*time.Second; got != want {
				t.Errorf("%v: Due(%d): got %v, want %v", p, s*rate, got, want)
			}
			if s*rate > 0 {
				if got, limit := p.Due(s*rate-1), time.Duration(s)*time.Second; got >= limit {
					t.Errorf("%v: Due(%d): got %v, want under %v", p, s*rate-1, got, limit)
				}
			}
		}
	}
}

func TestARampMeetsItsRate(t *testing.T) {
	p := Ramp{PerSecond(1000), UnitRecords, 10 * time.Second}
	for _, row := range []struct {
		n    uint64
		want time.Duration
		why  string
	}{
		{0, 0, "the first record opens the run"},
		{50, time.Second, "1000 t^2 / 20 = 50 at one second"},
		{1250, 5 * time.Second, "a quarter of the area at half the time"},
		{5000, 10 * time.Second, "the area of the triangle"},
		{5001, 10*time.Second + time.Millisecond, "the full rate afterwards"},
		{6000, 11 * time.Second, "a thousand in the next second"},
	} {
		if got := p.Due(row.n); got != row.want {
			t.Errorf("%s: Due(%d): got %v, want %v", row.why, row.n, got, row.want)
		}
	}
}

func TestDueSaturates(t *testing.T) {
	slowest, _ := ParseRate("0.000000001")
	for _, p := range []Pacer{
		Constant{slowest, UnitRecords}, Timeline{slowest},
		Ramp{slowest, UnitRecords, time.Second}, Ramp{slowest, UnitRecords, math.MaxInt64},
		Ramp{PerSecond(maxRate), UnitRecords, math.MaxInt64},
	} {
		if got, want := p.Due(math.MaxUint64), exactDue(p, math.MaxUint64); got != want {
			t.Errorf("%v: got %d, want %d", p, got, want)
		}
	}
	if got := (Constant{slowest, UnitRecords}).Due(math.MaxUint64); got != never {
		t.Errorf("got %d, want the largest duration", got)
	}
}

func TestPacersAreValues(t *testing.T) {
	half, _ := ParseRate("0.5")
	same, _ := ParseRate("0.50")
	if (Constant{half, UnitRecords}) != (Constant{same, UnitRecords}) {
		t.Error("equal schedules differ")
	}
	for _, row := range []struct {
		p    Pacer
		want string
	}{
		{Constant{PerSecond(5000), UnitRecords}, "5000 records/s"},
		{Constant{half, UnitItems}, "0.5 items/s"},
		{Ramp{PerSecond(10), UnitRecords, 5 * time.Second}, "0 to 10 records/s over 5s"},
		{Timeline{PerSecond(2)}, "recorded timeline x 2"},
		{Unpaced{}, "unpaced"},
	} {
		if got := row.p.String(); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}

func TestSquareRootIsTheFloor(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 3))
	check := func(x u192) {
		b := new(big.Int).SetUint64(x[1])
		b.Add(b.Lsh(b, 64), new(big.Int).SetUint64(x[0]))
		if got, want := x.sqrt(), b.Sqrt(b).Uint64(); got != want {
			t.Fatalf("sqrt of %#x: got %d, want %d", x, got, want)
		}
	}
	for range 100_000 {
		root := r.Uint64N(1 << (1 + r.IntN(62)))
		square := mul64(root, root, 1)
		check(square)
		check(square.add(u192{1}))
		if root > 0 {
			check(square.add(u192{math.MaxUint64, math.MaxUint64, math.MaxUint64})) // -1
		}
		check(u192{r.Uint64(), r.Uint64N(1 << 62)})
	}
	check(u192{})
}

func TestParseRate(t *testing.T) {
	for _, row := range []struct {
		in, want, why string
	}{
		{"5000", "5000", "a whole number"},
		{"0.5", "0.5", "a fraction"},
		{".5", "0.5", "no whole part"},
		{"1e6", "1000000", "an exponent"},
		{"2.5E3", "2500", "a mantissa with decimals and an exponent"},
		{"5e-3", "0.005", "a negative exponent"},
		{"0.10", "0.1", "trailing zeros"},
		{"10k", "10000", "a factor"},
		{"10_000", "10000", "groups"},
		{"1.000000000000", "1", "more decimals than allowed, all zero"},
		{"1000000000", "1000000000", "the largest"},
		{"0.000000001", "0.000000001", "the smallest"},
	} {
		r, err := ParseRate(row.in)
		if err != nil || r.String() != row.want {
			t.Errorf("%s: ParseRate(%q): got %v, %v, want %s", row.why, row.in, r, err, row.want)
		}
	}
	for _, in := range []string{"", "0", "0.0", "-1", "+1", "x", "1e", "1e99", "1e400", "0x10", "010", "1_",
		"1000000001", "1e10", "0.0000000001", "1.2.3", "NaN", "Inf", "99999999999999999999", " 5"} {
		if r, err := ParseRate(in); err == nil {
			t.Errorf("ParseRate(%q): got %v, want an error", in, r)
		}
	}
}

func BenchmarkDue(b *testing.B) {
	for _, p := range []Pacer{Constant{PerSecond(5000), UnitRecords}, Ramp{PerSecond(5000), UnitRecords, time.Hour}} {
		b.Run(fmt.Sprintf("%T", p), func(b *testing.B) {
			n := uint64(0)
			for b.Loop() {
				p.Due(n)
				n++
			}
		})
	}
}
