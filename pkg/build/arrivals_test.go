package build

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// arriving is a plan of one scenario with arrivals in its config.
func arriving(t testing.TB, config string) *Plan {
	t.Helper()
	in := bundled(t)
	in.Config.Data = append(slices.Clone(in.Config.Data), "\n"+config+"\n"...)
	return compiled(t, in, Options{Scenarios: []string{"buy_insurance"}})
}

// pace is a run in which iterations are half a second apart, or as the plan says.
func pace(p *Plan, count uint64) Run {
	r := Run{Seed: 7, Count: count, SegmentIterations: 1024, Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if m := p.Arrivals(); m == nil || !m.Rated() {
		r.Interval = 500 * time.Millisecond
	}
	return r
}

// starts returns when the iterations of a run start, since its start.
func starts(t testing.TB, p *Plan, r Run) []time.Duration {
	t.Helper()
	g := generator(t, p, r)
	out := make([]time.Duration, r.Count)
	for i := range out {
		out[i] = time.Duration(g.gen.StartOf(uint64(i)) - r.Start.UnixNano())
	}
	if !slices.IsSorted(out) {
		t.Fatal("iterations do not start in order")
	}
	return out
}

// dispersion returns by how many standard deviations the index of dispersion of
// the counts in windows, variance by mean, is off 1. With n windows, (n-1) times
// the index is chi-squared with n-1 degrees of freedom for a Poisson process, so
// that its deviation is the root of 2/(n-1).
func dispersion(starts []time.Duration, window time.Duration) float64 {
	n := int(starts[len(starts)-1] / window)
	counts := make([]float64, n)
	for _, at := range starts {
		if k := int(at / window); k < n {
			counts[k]++
		}
	}
	sum, squares := 0.0, 0.0
	for _, c := range counts {
		sum += c
	}
	mean := sum / float64(n)
	for _, c := range counts {
		squares += (c - mean) * (c - mean)
	}
	return (squares/float64(n-1)/mean - 1) / math.Sqrt(2/float64(n-1))
}

// In windows of a hundredth of a block, Poisson arrivals have the variance of a
// Poisson process, and constant ones, even with a jitter, have not.
func TestPoissonArrivalsAreDispersed(t *testing.T) {
	const blocks, window = 100, 1024 * 500 * time.Millisecond / 100
	for _, config := range []string{"arrivals: poisson", "arrivals: {rate: 2}", "arrivals: {day: {5: 2}}"} {
		p := arriving(t, config)
		if z := dispersion(starts(t, p, pace(p, blocks*1024)), window); math.Abs(z) >= 4 {
			t.Errorf("%s: the index of dispersion is off 1 by %.1f standard deviations", config, z)
		}
	}
	p := arriving(t, "arrivals: constant")
	for _, deviation := range []time.Duration{0, 250 * time.Millisecond, 2 * time.Second} {
		r := pace(p, blocks*1024)
		r.Deviation = deviation
		g := generator(t, p, r)
		all := make([]time.Duration, r.Count)
		for i := range all {
			all[i] = time.Duration(g.gen.StartOf(uint64(i)) - r.Start.UnixNano())
		}
		slices.Sort(all)
		if z := dispersion(all, window); math.Abs(z) < 4 {
			t.Errorf("constant arrivals with a deviation of %v pass for a Poisson process: %.1f standard deviations", deviation, z)
		}
	}
}

// The distances of Poisson arrivals are exponential: shares below multiples of
// the mean are.
func TestPoissonArrivalsHaveExponentialDistances(t *testing.T) {
	p := arriving(t, "arrivals: poisson")
	all := starts(t, p, pace(p, 50*1024))
	for _, of := range []float64{0.1, 0.5, 1, 2, 3} {
		below := 0
		for i := 1; i < len(all); i++ {
			if float64(all[i]-all[i-1]) < of*5e8 {
				below++
			}
		}
		checkBinomial(t, fmt.Sprintf("distances below %v means", of), below, len(all)-1, 1-math.Exp(-of))
	}
}

// checkBinomial holds a share to what it should be within five deviations.
func checkBinomial(t *testing.T, what string, hits, n int, want float64) {
	t.Helper()
	got, sigma := float64(hits)/float64(n), math.Sqrt(want*(1-want)/float64(n))
	if math.Abs(got-want) > 5*sigma {
		t.Errorf("%s: %d of %d, want %.4f of them within %.4f", what, hits, n, want, 5*sigma)
	}
}

// Every hour of the day gets its share of what arrives, over several days.
func TestTheRateCurveIsRecoveredByHour(t *testing.T) {
	p := arriving(t, "arrivals: {day: {0: 0.05, 6: 0.1, 9: 0.8, 12: 1, 18: 0.9, 22: 0.3}}")
	points := [][2]float64{{0, 0.05}, {6, 0.1}, {9, 0.8}, {12, 1}, {18, 0.9}, {22, 0.3}, {24, 0.05}}
	var area [24]float64
	total := 0.0
	for h := range area {
		for i := 1; i < len(points); i++ {
			a, b := points[i-1], points[i]
			from, to := math.Max(a[0], float64(h)), math.Min(b[0], float64(h+1))
			if to > from {
				middle := a[1] + (b[1]-a[1])*((from+to)/2-a[0])/(b[0]-a[0])
				area[h] += middle * (to - from) * 3600
			}
		}
		total += area[h]
	}
	const days = 3
	r := pace(p, uint64(days*total))
	r.Start = r.Start.Add(15*time.Hour + 7*time.Minute) // hours are those of the clock
	var counts [24]int
	n := 0
	for _, at := range starts(t, p, r) {
		if at < days*24*time.Hour {
			counts[r.Start.Add(at).Hour()]++
			n++
		}
	}
	// The count over whole days is what the curve says, but for the last block.
	if math.Abs(float64(n)-days*total) > 1024 {
		t.Errorf("%d in %d days, want %.0f", n, days, days*total)
	}
	for h, c := range counts {
		checkBinomial(t, fmt.Sprintf("hour %d", h), c, n, area[h]/total)
	}
	if math.Abs(float64(counts[12])-float64(n)/24) < 5*math.Sqrt(float64(n)/24) {
		t.Error("the test cannot tell the curve from even arrivals")
	}
}

// A week begins with Monday, whatever day the run begins with.
func TestTheWeekBeginsWithMonday(t *testing.T) {
	p := arriving(t, "arrivals: {week: {mon: 0.2, sat: 0.2, sat 0:01: 0, sun 23:59: 0}}")
	r := pace(p, 50_000)                         // from a Thursday on
	r.Signals = []otlp.Signal{otlp.SignalTraces} // points every 10 s of a weekend would be many
	saturdays, mondays := 0, 0
	for _, at := range starts(t, p, r) {
		switch day := r.Start.Add(at).Weekday(); {
		case day == time.Saturday || day == time.Sunday:
			saturdays++
		case day == time.Monday:
			mondays++
		}
	}
	if saturdays > 40 || mondays < 5000 { // in the minute after midnight, and that before it
		t.Errorf("%d on Saturdays and Sundays, %d on Mondays", saturdays, mondays)
	}
}

// A burst has its share of what arrives, where it is said to be; one placed at
// random is where the seed says, in every window elsewhere.
func TestBurstsAreRecovered(t *testing.T) {
	const n = 60_000
	share := 20.0 * 30 / (600 + 19*30)
	p := arriving(t, "arrivals: {rate: 2, bursts: {every: 10m, duration: 30s, factor: 20, at: 4m}}")
	inside := 0
	for _, at := range starts(t, p, pace(p, n)) {
		if into := at % (10 * time.Minute); into >= 4*time.Minute && into < 4*time.Minute+30*time.Second {
			inside++
		}
	}
	checkBinomial(t, "in bursts", inside, n, share)

	p = arriving(t, "arrivals: {rate: 2, bursts: {every: 10m, duration: 30s, factor: 20}}")
	r := pace(p, n)
	place, places := PlaceBursts(r.Seed), map[uint64]bool{}
	inside = 0
	found, windows := 0, map[uint64][]time.Duration{}
	for _, at := range starts(t, p, r) {
		w := uint64(at / (10 * time.Minute))
		begins := time.Duration(place(0, w, uint64(10*time.Minute-30*time.Second)))
		places[uint64(begins/time.Minute)] = true
		into := at % (10 * time.Minute)
		if into >= begins && into < begins+30*time.Second {
			inside++
		}
		windows[w] = append(windows[w], into)
	}
	checkBinomial(t, "in bursts at random", inside, n, share)
	if len(places) < 8 {
		t.Errorf("bursts begin in %d of 10 minutes", len(places))
	}
	// From the data alone: the densest half minute of a window is the burst's.
	for w, in := range windows {
		best, at, j := 0, time.Duration(0), 0
		for i := range in {
			for in[i]-in[j] > 30*time.Second {
				j++
			}
			if i-j > best {
				best, at = i-j, in[j]
			}
		}
		begins := time.Duration(place(0, w, uint64(10*time.Minute-30*time.Second)))
		if d := at - begins; d > -2*time.Second && d < 2*time.Second {
			found++
		}
	}
	if found < len(windows)-2 { // the last is not whole
		t.Errorf("found the bursts of %d windows of %d", found, len(windows))
	}
}

// mixed has everything that the time of an iteration decides.
const mixed = `
arrivals:
  day: {0: 0.5, 1: 4, 2: 1}
  bursts: {every: 10m, duration: 1m, factor: 5}
  late: {1: 3, 30: 1}
  together: 3
phases:
  - {name: rush, from: 10m, to: 25m, weights: {new_claim_phone: 3}}
  - {name: slow, from: 5m, to: 20m, latency_factor: 3, error_rate: 0.2}
`

func mixedPlan(t testing.TB) *Plan {
	t.Helper()
	in := bundled(t)
	in.Config.Data = append(slices.Clone(in.Config.Data), mixed...)
	return compiled(t, in, Options{Scenarios: []string{"buy_insurance", "new_claim_phone", "claim_conversation"}})
}

// Segments are the same in any order and by any generator, a longer run has the
// same ones but for the last, and an iteration alone is the one of the run.
func TestArrivalsAreThoseOfAnyIterationAlone(t *testing.T) {
	p := mixedPlan(t)
	r := pace(p, 1500)
	r.SegmentIterations = 100 // most blocks are of several, and some segments of two
	segment := func(g *Generator, i uint64) [3][]byte {
		var seg otlp.Segment
		if err := g.AppendSegment(&seg, i); err != nil {
			t.Fatal(err)
		}
		return [3][]byte{seg.Blocks[0].Data, seg.Blocks[1].Data, seg.Blocks[2].Data}
	}
	forwards, longer := generator(t, p, r), r
	longer.Count = 5000
	other := generator(t, p, longer)
	var want [][3][]byte
	for i := range r.Segments() {
		want = append(want, segment(forwards, i))
	}
	for i := int(r.Segments()) - 1; i >= 0; i-- {
		got := segment(other, uint64(i))
		for sig := range got {
			if !bytes.Equal(got[sig], want[i][sig]) {
				t.Fatalf("segment %d, signal %d differs backwards in a longer run", i, sig)
			}
		}
	}
	alone := generator(t, p, longer)
	for _, i := range []uint64{1499, 0, 1024, 1023, 4999, 731} {
		if a, b := iterationBytes(generator(t, p, longer), i), iterationBytes(alone, i); !bytes.Equal(a, b) {
			t.Errorf("iteration %d alone differs", i)
		}
	}
	seeded := NewSeeded(r.Seed, r.Start.UnixNano(), r.Interval, 0, forwards.curve)
	draw := Draw{Seed: r.Seed, Shifts: p.Shifts(), Curve: forwards.curve}
	for _, s := range p.Scenarios() {
		draw.Names, draw.Weights = append(draw.Names, s.Name), append(draw.Weights, s.WeightMillionths)
	}
	pick, moved := draw.Picker(), 0
	for i := range uint64(1500) {
		info := alone.Iteration(i, func(*otlp.Traces) {})
		if at := uint64(info.Start.UnixNano()); at != seeded.StartOf(i) {
			t.Fatalf("iteration %d starts at %v, by the seed at %v", i, at, seeded.StartOf(i))
		}
		if name := draw.Names[pick(i)]; name != info.Scenario {
			t.Fatalf("iteration %d runs %s, by its header %s", i, info.Scenario, name)
		}
		if since := info.Start.Sub(r.Start); since >= 10*time.Minute && since < 25*time.Minute {
			moved++
		}
	}
	if moved == 0 {
		t.Error("no iteration was in the phase with other weights")
	}
}

// Once a generator runs, finding out when its iterations start allocates nothing.
func TestStartsAllocateNothing(t *testing.T) {
	p := mixedPlan(t)
	g := generator(t, p, pace(p, 1<<20))
	i := uint64(0)
	g.gen.StartOf(i)
	if n := testing.AllocsPerRun(5, func() {
		for range 3 * 1024 {
			i++
			g.gen.StartOf(i)
		}
	}); n != 0 {
		t.Errorf("%v allocations in three blocks", n)
	}
}

// What the seed draws for one purpose is not what it draws for another: other
// seeds and other blocks are at other times.
func TestBlocksHaveStreamsOfTheirOwn(t *testing.T) {
	p := arriving(t, "arrivals: poisson")
	r := pace(p, 3*1024)
	one := starts(t, p, r)
	r.Seed++
	two := starts(t, p, r)
	block := 1024 * r.Interval
	same := 0
	for i := range one[:1024] {
		if one[i] == two[i] || one[i] == one[i+1024]-block || one[i+1024] == one[i+2048]-block {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d starts are the same in another block or with another seed", same)
	}
}

// A plan digest covers the arrivals; constant ones leave it as it was.
func TestThePlanDigestCoversArrivals(t *testing.T) {
	seen := map[string]string{}
	for _, config := range []string{"", "arrivals: poisson", "arrivals: {rate: 2}", "arrivals: {day: {0: 2}}", "arrivals: {week: {0: 2}}",
		"arrivals: {bursts: {every: 1m, duration: 1s, factor: 2}}", "arrivals: {bursts: {every: 1m, duration: 1s, factor: 2, at: 0}}",
		"arrivals: {late: 0}", "arrivals: {late: 2}", "arrivals: {late: {0: 1, 2: 1}}", "arrivals: {together: 2}", "arrivals: {late: 0, together: 2}"} {
		d := arriving(t, config).Digest()
		if other, ok := seen[d]; ok {
			t.Errorf("%q and %q have one digest", config, other)
		}
		seen[d] = config
	}
	if d := arriving(t, "arrivals: constant").Digest(); seen[d] != "" || len(seen) != 12 {
		t.Error("constant arrivals change the digest")
	}
}

// What cannot be run is told before anything is made.
func TestRunsThatArrivalsRuleOut(t *testing.T) {
	for _, row := range []struct {
		config string
		change func(r *Run)
		want   string
	}{
		{"arrivals: {rate: 2}", func(r *Run) { r.Interval = time.Second }, "interval 1s: the arrivals of the config (Poisson, 2 a second) say themselves"},
		{"arrivals: poisson", func(r *Run) { r.Interval = 0 }, "need one above 0"},
		{"arrivals: poisson", func(r *Run) { r.Deviation = 1 }, "interval deviation 1ns: it is about"},
		{"arrivals: {rate: 0.000001}", func(r *Run) { r.Count = 10_000 }, "would pass the year 2262: count 10000, with the arrivals of the config"},
		{"arrivals: {rate: 0.1}", func(r *Run) { r.MetricInterval = 50 * time.Millisecond }, "which arrive in up to 2h50m40s"},
	} {
		p := arriving(t, row.config)
		r := pace(p, 3000)
		row.change(&r)
		if _, err := NewGenerator(p, r); err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.config, err, row.want)
		}
	}
}

// A segment can have so many points that the longest stretch of the curve takes,
// not the mean one, and not that of a night that it cannot be in.
func TestTicksAreBoundedByTheLongestSegment(t *testing.T) {
	p := arriving(t, "arrivals: {day: {8: 0, 8.001: 1, 20: 1, 20.001: 0}}")
	r := pace(p, 200_000)
	g := generator(t, p, r)
	bound := time.Duration(r.startsLast(g.curve, 1024))
	if bound < 12*time.Hour+1000*time.Second || bound > 12*time.Hour+1300*time.Second {
		t.Errorf("a segment lasts up to %v, want 12 hours of night and its 17 minutes", bound)
	}
	r.Start = r.Start.Add(8 * time.Hour)
	r.Count = 5000 // over before the night
	g = generator(t, p, r)
	if bound := time.Duration(r.startsLast(g.curve, 1024)); bound > 20*time.Minute {
		t.Errorf("by day a segment lasts up to %v", bound)
	}
	r.SegmentIterations = 64
	if short := time.Duration(r.startsLast(g.curve, 64)); short > 4*time.Minute {
		t.Errorf("64 iterations last up to %v", short)
	}
	longest := time.Duration(0)
	all := starts(t, p, r)
	for i := 64; i < len(all); i++ {
		longest = max(longest, all[i]-all[i-64])
	}
	if bound := time.Duration(r.startsLast(g.curve, 65)); longest > bound {
		t.Errorf("65 iterations take %v, the bound is %v", longest, bound)
	}
	if got := p.Turnaround(r, 16); got > 1100*time.Second || got < 1000*time.Second {
		t.Errorf("16 segments of 64 last %v at least, want 1024 s", got)
	}
}

// Errors of arrivals are found with everything else that is wrong.
func TestMistakesInArrivalsStopTheRun(t *testing.T) {
	in := bundled(t)
	in.Config.Data = append(slices.Clone(in.Config.Data), "arrivals: {rate: 0}\nphases: [{name: x, to: 0}]\n"...)
	var p input.Problems
	if plan := Compile(in, Options{}, &p); plan != nil || p.Errors() != 2 {
		t.Errorf("%d errors: %v", p.Errors(), p.All())
	}
}
