package arrivals

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// start is a Thursday, at an odd time of the day.
var start = time.Date(2026, 1, 1, 9, 17, 23, 456_789_123, time.UTC)

// seededPlace stands for the streams of a seed.
func seededPlace(burst int, window, slack uint64) uint64 {
	return rand.New(rand.NewPCG(uint64(burst), window)).Uint64N(slack + 1)
}

func hour(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) }

// models are of every kind, with what is awkward about numbers.
var models = map[string]struct {
	model    Model
	interval time.Duration
}{
	"by the interval":   {Model{}, 500 * time.Millisecond},
	"an odd interval":   {Model{}, 333_333_333},
	"a nanosecond":      {Model{}, 1},
	"a year":            {Model{}, 365 * Day},
	"a rate":            {Model{Rate: 2_500_001}, 0},
	"the smallest rate": {Model{Rate: 1}, 0},
	"the largest rate":  {Model{Rate: MaxRate}, 0},
	"a day": {Model{Period: Day, Points: []Point{
		{hour(0), 200_000}, {hour(6), 1_000_000}, {hour(9.25), 20_000_007}, {hour(12), 25 * Million}, {hour(22), 5 * Million}}}, 0},
	"a day that begins late":      {Model{Period: Day, Points: []Point{{hour(7), 333_333}, {hour(19), 777_777}}}, 0},
	"one point":                   {Model{Period: Day, Points: []Point{{hour(13), 1_234_567}}}, 0},
	"closed at night":             {Model{Period: Day, Points: []Point{{hour(8), 0}, {hour(8) + time.Millisecond, 9 * Million}, {hour(20), 9 * Million}, {hour(20) + time.Millisecond, 0}}}, 0},
	"a week":                      {Model{Period: Week, Points: []Point{{hour(9), 12 * Million}, {hour(100), 1}, {hour(167.99), MaxRate}}}, 0},
	"at a pace":                   {Model{Rate: 2_500_001, Late: []Late{{By: 500_000, Weight: Million}}}, 0},
	"two at a pace":               {Model{Rate: 2_500_001, Late: []Late{{By: 500_000, Weight: Million}}, Together: 2}, 0},
	"at a pace, some late":        {Model{Rate: 2_500_001, Late: []Late{{By: 0, Weight: 3 * Million}, {By: 20 * Million, Weight: Million}}}, 0},
	"two by chance":               {Model{Rate: 2_500_001, Together: 2}, 0},
	"bursts":                      {Model{Rate: 2 * Million, Bursts: []Burst{{Every: 10 * time.Minute, Duration: 30 * time.Second, Factor: 20 * Million, At: time.Minute}}}, 0},
	"bursts at random":            {Model{Bursts: []Burst{{Every: 7*time.Minute + 1, Duration: 30*time.Second + 3, Factor: 2_500_000, Random: true}}}, 700 * time.Millisecond},
	"bursts that fill the window": {Model{Rate: Million, Bursts: []Burst{{Every: time.Minute, Duration: time.Minute, Factor: MaxFactor}}}, 0},
	"bursts over a day, two": {Model{Period: Day, Points: []Point{{hour(3), 0}, {hour(15), 3 * Million}}, Bursts: []Burst{
		{Every: time.Hour, Duration: 90 * time.Second, Factor: 9 * Million, Random: true},
		{Every: 24 * time.Hour, Duration: time.Hour, Factor: 1_500_000, At: 2 * time.Hour}}}, 0},
}

func curveOf(t *testing.T, name string) (*Curve, Model) {
	t.Helper()
	m := models[name]
	c, err := New(&m.model, Run{Start: start.UnixNano(), Interval: m.interval, Place: seededPlace})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return c, m.model
}

func rat(v uint64) *big.Rat             { return new(big.Rat).SetInt(new(big.Int).SetUint64(v)) }
func mul(a, b *big.Rat) *big.Rat        { return new(big.Rat).Mul(a, b) }
func add(a, b *big.Rat) *big.Rat        { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat        { return new(big.Rat).Sub(a, b) }
func quo(a, b *big.Rat) *big.Rat        { return new(big.Rat).Quo(a, b) }
func (a wide) rat() *big.Rat            { return add(mul(rat(a.hi), mul(rat(1<<32), rat(1<<32))), rat(a.lo)) }
func millionths(v uint64) *big.Rat      { return quo(rat(v), rat(Million)) }
func seconds(d time.Duration) *big.Rat  { return quo(rat(uint64(d)), rat(1e9)) }
func nanos(v uint64) *big.Rat           { return quo(rat(v), rat(1e9)) }
func floor(r *big.Rat) (i *big.Int)     { return new(big.Int).Div(r.Num(), r.Denom()) }
func floorTo(r, unit *big.Rat) *big.Rat { return mul(new(big.Rat).SetInt(floor(quo(r, unit))), unit) }

// exact is the integral in iterations as the documentation has it: by area, of
// one line after the other, with no period taken at once.
func exact(m *Model, interval time.Duration, t uint64) *big.Rat {
	unit := quo(rat(1), rat(Million)) // of rates
	mean, base := millionths(m.Rate), new(big.Rat)
	switch {
	case len(m.Points) > 0:
		base, mean = ofCurve(m, t)
	default:
		if m.Rate == 0 {
			mean = quo(rat(1), seconds(interval))
		}
		base = mul(mean, nanos(t))
	}
	for i, b := range m.Bursts {
		extra := mul(mean, millionths(b.Factor-Million))
		if m.Rated() {
			extra = floorTo(extra, unit)
		}
		for w := uint64(0); w*uint64(b.Every) < t; w++ {
			begins := w*uint64(b.Every) + uint64(b.At)
			if slack := uint64(b.Every - b.Duration); b.Random && slack > 0 {
				begins += seededPlace(i, w, slack)
			}
			if t > begins {
				base = add(base, mul(extra, nanos(min(t-begins, uint64(b.Duration)))))
			}
		}
	}
	return base
}

// ofCurve returns the integral of the lines over the first t nanoseconds, and
// their mean.
func ofCurve(m *Model, t uint64) (sum, mean *big.Rat) {
	period := uint64(m.Period)
	type corner struct {
		at   uint64
		rate *big.Rat
	}
	var corners []corner
	n := len(m.Points)
	last, first := m.Points[n-1], m.Points[0]
	gap := period - uint64(last.At) + uint64(first.At)
	share := quo(rat(period-uint64(last.At)), rat(gap))
	midnight := floorTo(add(mul(millionths(last.Rate), sub(rat(1), share)), mul(millionths(first.Rate), share)), quo(rat(1), rat(Million)))
	if first.At > 0 {
		corners = append(corners, corner{0, midnight})
	}
	for _, p := range m.Points {
		corners = append(corners, corner{uint64(p.At), millionths(p.Rate)})
	}
	corners = append(corners, corner{period, midnight})
	area := func(to uint64) *big.Rat { // of one period
		sum := new(big.Rat)
		for i := 1; i < len(corners) && corners[i-1].at < to; i++ {
			a, b := corners[i-1], corners[i]
			u := min(to, b.at) - a.at
			height := add(a.rate, mul(sub(b.rate, a.rate), quo(rat(u), rat(2*(b.at-a.at)))))
			sum = add(sum, mul(height, nanos(u)))
		}
		return sum
	}
	monday := time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC) // the one before the start
	phase := uint64(start.Sub(monday)) % period
	whole := area(period)
	sum = sub(mul(whole, rat((phase+t)/period)), area(phase))
	return add(sum, area((phase+t)%period)), quo(whole, nanos(period))
}

// The integral is exact: rounded up to a unit, and in curves counted from the
// first whole unit.
func TestIntegralIsExact(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	unit := quo(rat(1), rat(unitsPerIteration))
	for name, m := range models {
		c, model := curveOf(t, name)
		from := new(big.Rat) // of the period's units before the run, what there is of the last one
		if len(model.Points) > 0 {
			upTo := uint64(start.Sub(time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC))) % uint64(model.Period)
			if c.phase != upTo {
				t.Fatalf("%s: phase %d, want %d", name, c.phase, upTo)
			}
			before := quo(ofPhase(&model, upTo), unit)
			from = mul(sub(c.origin.rat(), before), unit)
			if from.Sign() < 0 || from.Cmp(unit) >= 0 {
				t.Fatalf("%s: the origin is not the next whole unit", name)
			}
		}
		times := []uint64{0, 1, 2, uint64(time.Minute), uint64(Day), uint64(Day) - c.phase%uint64(Day), uint64(3 * Week)}
		for range 60 {
			times = append(times, r.Uint64N(1<<(1+r.UintN(50))))
		}
		for _, at := range times {
			want := quo(sub(exact(&model, m.interval, at), from), unit)
			got := c.passed(at).rat()
			if d := sub(got, want); d.Sign() < 0 || d.Cmp(rat(1)) >= 0 {
				t.Fatalf("%s: at %v the integral is %v units, want %s", name, time.Duration(at), got.FloatString(0), want.FloatString(6))
			}
		}
	}
}

// ofPhase is the integral from the beginning of the period.
func ofPhase(m *Model, phase uint64) *big.Rat {
	// One period from the start of the run, less what is left of the first one.
	whole, _ := ofCurve(m, uint64(m.Period))
	rest, _ := ofCurve(m, uint64(m.Period)-phase)
	return sub(whole, rest)
}

// An iteration starts in the nanosecond in which the integral passes its draw,
// whatever the search guesses.
func TestDrawsAreWhereTheIntegralPassesThem(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for name := range models {
		c, _ := curveOf(t, name)
		for _, block := range []uint64{0, 1, 7, 1000} {
			if _, ok := c.Reached((block + 1) * BlockIterations); !ok {
				continue
			}
			draws := make([]uint64, BlockIterations)
			for i := range draws {
				draws[i] = r.Uint64N(BlockUnits)
			}
			draws[0], draws[1] = 0, BlockUnits-1
			slices.Sort(draws)
			at := slices.Clone(draws)
			c.Spread(block, at)
			for i, u := range draws {
				x := product(block, BlockUnits).plus(wide{0, u})
				if x.less(c.passed(at[i])) || !x.less(c.passed(at[i]+1)) {
					t.Fatalf("%s: block %d, draw %d of %d units is put at %v, where the integral does not pass it", name, block, i, u, time.Duration(at[i]))
				}
			}
			if !slices.IsSorted(at) {
				t.Fatalf("%s: block %d is out of order", name, block)
			}
			first, _ := c.Reached(block * BlockIterations)
			next, _ := c.Reached((block + 1) * BlockIterations)
			if at[0] != first || at[len(at)-1] > next {
				t.Fatalf("%s: block %d is from %v to %v, want %v to %v", name, block, at[0], at[len(at)-1], first, next)
			}
		}
	}
}

func TestTheEndOfTimeIsTold(t *testing.T) {
	c, _ := curveOf(t, "the smallest rate")
	// A millionth per second from 2026 to 2262: some 7,450 iterations.
	if at, ok := c.Reached(7000); !ok || at > c.limit {
		t.Errorf("7000 iterations: %v, %v", time.Duration(at), ok)
	}
	if at, ok := c.Reached(8000); ok || at != c.limit {
		t.Errorf("8000 iterations: %v, %v", time.Duration(at), ok)
	}
	at := []uint64{0, BlockUnits - 1}
	if c.Spread(1<<40, at); at[0] != c.limit || at[1] != c.limit {
		t.Errorf("a block beyond is at %v", at)
	}
}

// Load is relative to the mean without bursts, and its mean over a period is 1.
func TestLoadIsRelativeToTheMean(t *testing.T) {
	var none *Curve
	if none.Load(12345) != Million || none.PerSecond(1) != 0 {
		t.Error("constant arrivals have a load other than the mean")
	}
	for name := range models {
		c, m := curveOf(t, name)
		period := m.Period
		if period == 0 {
			period = Day
		}
		bare := *c
		bare.bursts = nil
		const n = 20_000
		sum, extra, most := 0.0, 0, uint64(0)
		for i := range uint64(n) {
			at := i * uint64(period) / n
			load := bare.Load(at)
			sum += float64(load)
			most = max(most, c.Load(at))
			if with := c.Load(at); with != load {
				extra++
				if with < load+m.Bursts[0].Factor-Million && with < load+m.Bursts[len(m.Bursts)-1].Factor-Million {
					t.Fatalf("%s: load %d, %d with a burst", name, load, with)
				}
			}
		}
		// Trapezoids of n cells are off by no more than the jumps in it.
		if mean := sum / n; math.Abs(mean-Million) > 1000 {
			t.Errorf("%s: mean load %v, want %d", name, mean, Million)
		}
		if bound := m.MostLoad(); most > bound || bound > 2*most+3*Million {
			t.Errorf("%s: load up to %d, the bound is %d", name, most, bound)
		}
		busy := 0.0
		for _, b := range m.Bursts {
			busy += float64(b.Duration) / float64(b.Every)
		}
		if got := float64(extra) / n; math.Abs(got-busy) > 0.005 {
			t.Errorf("%s: bursts are on for %v of the time, want %v", name, got, busy)
		}
	}
	var constant *Model
	if constant.MostLoad() != Million {
		t.Error("the load of constant arrivals is not bounded by the mean")
	}
	c, _ := curveOf(t, "closed at night")
	// The run starts at 9:17, 17 minutes before; 21:00 is 11:42:37 later.
	if night := c.Load(uint64(11*time.Hour + 45*time.Minute)); night != 0 {
		t.Errorf("load at night is %d", night)
	}
	if got := c.PerSecond(uint64(time.Hour)); got != 9*Million {
		t.Errorf("%s a second by day, want 9", Decimal(got))
	}
	c, _ = curveOf(t, "bursts")
	if got := c.PerSecond(uint64(75 * time.Second)); got != 40*Million {
		t.Errorf("%s a second in a burst, want 40", Decimal(got))
	}
	if got := c.Load(uint64(75 * time.Second)); got != 20*Million {
		t.Errorf("load %d in a burst, want 20 millions", got)
	}
}

// Longest bounds every stretch, and not by much.
func TestLongestIsABound(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for name := range models {
		c, m := curveOf(t, name)
		for _, n := range []uint64{1, 64, BlockIterations, 50_000} {
			end, ok := c.Reached(20 * n)
			if !ok {
				continue
			}
			bound, seen := c.Longest(n, end), uint64(0)
			for range 300 {
				first := r.Uint64N(20 * n)
				from, _ := c.Reached(first)
				to, _ := c.Reached(min(first+n, 20*n))
				seen = max(seen, to-from)
			}
			if seen > bound {
				t.Fatalf("%s: %d iterations took %v, the bound is %v", name, n, time.Duration(seen), time.Duration(bound))
			}
			if slack := uint64(m.Period) / 500; len(m.Bursts) == 0 && n > 1 && bound > seen+slack+seen/2+2 {
				t.Errorf("%s: %d iterations took at most %v, the bound is %v", name, n, time.Duration(seen), time.Duration(bound))
			}
		}
	}
}

func TestModelsThatNoRunCanHave(t *testing.T) {
	day := func(points ...Point) Model { return Model{Period: Day, Points: points} }
	burst := func(b Burst) Model { return Model{Bursts: []Burst{b}} }
	for _, x := range []struct {
		model    Model
		interval time.Duration
		want     string
	}{
		{Model{}, 0, "Poisson arrivals need one above 0"},
		{Model{Rate: MaxRate + 1}, 0, "at most 1000000"},
		{Model{Rate: 1, Period: Day, Points: []Point{{0, 1}}}, 0, "want one of them"},
		{Model{Period: Day}, 1, "repeats after"},
		{Model{Period: time.Hour, Points: []Point{{0, 1}}}, 0, "repeats after 1h0m0s"},
		{Model{Period: Day, Points: make([]Point, MaxPoints+1)}, 0, "2017 points"},
		{day(Point{0, 0}, Point{hour(3), 0}), 0, "nothing would ever arrive"},
		{day(Point{hour(24), 1}), 0, "whole milliseconds below"},
		{day(Point{-1, 1}), 0, "whole milliseconds below"},
		{day(Point{1, 1}), 0, "whole milliseconds below"},
		{day(Point{hour(2), 1}, Point{hour(1), 1}), 0, "each once, by time"},
		{day(Point{0, MaxRate + 1}), 0, "at most 1000000"},
		{Model{Bursts: make([]Burst, MaxBursts+1)}, 1, "at most 8"},
		{burst(Burst{}), 1, "every is 0s"},
		{burst(Burst{Every: MaxEvery + 1}), 1, "every is"},
		{burst(Burst{Every: 10}), 1, "duration is 0s"},
		{burst(Burst{Every: 10, Duration: 11}), 1, "duration is 11ns"},
		{burst(Burst{Every: 10, Duration: 5, Factor: Million}), 1, "more than 1"},
		{burst(Burst{Every: 10, Duration: 5, Factor: MaxFactor + 1}), 1, "at most 1000"},
		{burst(Burst{Every: 10, Duration: 5, Factor: MaxFactor, At: 6}), 1, "ends with its window"},
		{burst(Burst{Every: 10, Duration: 5, Factor: MaxFactor, At: 1, Random: true}), 1, "at random"},
		{Model{Rate: 1, Bursts: []Burst{{Every: 10, Duration: 5, Factor: Million + 1}}}, 0, "adds less than"},
		{Model{Rate: 1, Late: make([]Late, MaxLateness+1)}, 0, "late has 9 entries"},
		{Model{Rate: 1, Late: []Late{{By: MaxLate + 1, Weight: 1}}}, 0, "at most 1024"},
		{Model{Rate: 1, Late: []Late{{By: 1}}}, 0, "late has the weight 0"},
		{Model{Rate: 1, Late: []Late{{By: 1, Weight: 1}, {By: 1, Weight: 2}}}, 0, "the least first"},
		{Model{Rate: 1, Together: 1}, 0, "together is 1"},
		{Model{Rate: 1, Together: MaxTogether + 1}, 0, "together is 1025"},
	} {
		_, err := New(&x.model, Run{Interval: x.interval, Place: seededPlace})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v, want %q", x.model, err, x.want)
		}
	}
	if _, err := New(&Model{}, Run{Start: -1, Interval: 1}); err == nil {
		t.Error("a start before 1970 is taken")
	}
	random := models["bursts at random"].model
	if _, err := New(&random, Run{Interval: 1}); err == nil {
		t.Error("bursts at random are taken without a place")
	}
}

// Models that differ have other canonical forms and other descriptions.
func TestModelsAreToldApart(t *testing.T) {
	forms, texts := map[string]string{}, map[string]string{}
	for name, m := range models {
		if len(m.model.Points)+len(m.model.Bursts) == 0 && m.model.Rate == 0 {
			name = "by the interval"
		}
		form := fmt.Sprintf("%x", m.model.AppendCanonical(nil))
		if other, ok := forms[form]; ok && other != name {
			t.Errorf("%s and %s have one form", name, other)
		}
		forms[form] = name
		if other, ok := texts[m.model.String()]; ok && other != name {
			t.Errorf("%s and %s: %s", name, other, m.model.String())
		}
		texts[m.model.String()] = name
	}
}

func BenchmarkSpread(b *testing.B) {
	for name, m := range models {
		b.Run(name, func(b *testing.B) {
			c, err := New(&m.model, Run{Start: start.UnixNano(), Interval: m.interval, Place: seededPlace})
			if err != nil {
				b.Fatal(err)
			}
			r := rand.New(rand.NewPCG(3, 4))
			draws := make([]uint64, BlockIterations)
			for i := range draws {
				draws[i] = r.Uint64N(BlockUnits)
			}
			slices.Sort(draws)
			at := make([]uint64, len(draws))
			b.ReportAllocs()
			for b.Loop() {
				copy(at, draws)
				c.Spread(3, at)
			}
		})
	}
}
