package gen_test

import (
	"math"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/arrivals"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Phases slow services down, let operations fail, and take services away, and touch
// nothing else.
func TestPhasesOfSystems(t *testing.T) {
	in := bundled()
	cfg := *in.Config
	cfg.Phases = []scenario.Phase{
		{Name: "slow", From: 0, To: 1000 * time.Second, Services: []string{"db"}, LatencyFactor: 4},
		{Name: "failing", From: 1000 * time.Second, To: 2000 * time.Second, Operations: []string{"api.Get"}, LatencyFactor: 1, ErrorRate: 0.5, ErrorType: "ABORTED"},
		{Name: "gone", From: 2000 * time.Second, To: 3000 * time.Second, Services: []string{"api"}, LatencyFactor: 1, ErrorRate: 1, ErrorType: "unavailable"},
		{Name: "of agents", From: 0, To: 4000 * time.Second, Tools: []string{"new_claim"}, LatencyFactor: 9, ErrorRate: 1, ErrorType: "unavailable"},
	}
	in.Config = &cfg
	var p input.Problems
	in.Definitions = scenario.Parse([]input.File{{Name: "a.yaml", Data: []byte(`
name: phased
services:
  web: {operations: {GET /: {own: 5, calls: [{call: api.Get, optional: true}, db.SELECT x]}}}
  api: {protocol: grpc, operations: {Get: {own: 10}}}
  db: {protocol: db, operations: {SELECT x: {latency: 10}}}
`)}}, in.Config, scenario.ParseOptions{Prefixes: []string{"vendor"}}, &p)
	compiled := plan.Compile(in, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	const each = 2000 // iterations of a phase, two a second; the last four are of none
	took, failed, answers := [4]float64{}, [4]int{}, [4]int{}
	runSystem(t, compiled, 9, 4*each, func(m *answered) {
		phase := m.iteration / each
		for i := range m.t.Spans {
			x := &m.t.Spans[i]
			switch m.name(i) {
			case "SELECT x":
				took[phase] += float64(x.End-x.Start) / 1e6 / each
			case "api/Get":
				if x.Kind == otlp.SpanKindServer {
					answers[phase]++
				} else if x.Status == otlp.StatusError {
					failed[phase]++
				}
			}
		}
	})
	for phase, want := range [4]float64{41, 11, 11, 11} { // with a millisecond of network
		if math.Abs(took[phase]-want) > sigmas*0.3*want/math.Sqrt(each) {
			t.Errorf("phase %d: the database takes %.2f ms in the mean, want %.0f", phase, took[phase], want)
		}
	}
	for phase, want := range [4]float64{0, 0.5, 1, 0} {
		near(t, "failures in a phase", failed[phase], each, want)
	}
	if answers != [4]int{each, each, 0, each} {
		t.Errorf("%v were answered by phase", answers)
	}
}

// What has a capacity takes longer as the load nears it, and what has none does not.
func TestLatencyFollowsTheLoad(t *testing.T) {
	day := arrivals.Model{Period: arrivals.Day, Points: []arrivals.Point{{Rate: 60_000}, {At: 12 * time.Hour, Rate: 420_000}}}
	curve, err := arrivals.New(&day, arrivals.Run{Start: 1e18})
	if err != nil {
		t.Fatal(err)
	}
	p := system(t, `
name: loaded
services:
  web: {operations: {GET /: {own: 5, calls: [db.SELECT x, cache.GET x]}}}
  db: {protocol: db, capacity: 2, operations: {SELECT x: {latency: 10}}}
  cache: {protocol: db, operations: {GET x: {latency: 10}}}
`)
	const count = 20_000
	g, err := gen.New(p, gen.Config{Seed: 4, Count: count, SegmentIterations: count, Start: 1e18, Interval: 5e8, Curve: curve})
	if err != nil {
		t.Fatal(err)
	}
	var took, plain, want [10]float64
	var n [10]int
	m := &answered{t: &otlp.Traces{Strings: p.Strings}}
	for i := range uint64(count) {
		if err := g.Iteration(i, m.t, func() error {
			load := g.Load(int64(m.t.Spans[0].Start))
			// Of a day whose rate goes up for twelve hours, sevenfold, and down again.
			hour := float64(m.t.Spans[0].Start%uint64(24*time.Hour)) / 3.6e12
			if of := (60 + 360*(1-math.Abs(hour/12-1))) / 240; math.Abs(float64(load)/1e6-of) > 1e-5 {
				t.Fatalf("at %.3f h a load of %d millionths, want %.6f", hour, load, of)
			}
			class := min(int(load*4/1e6), 9)
			n[class]++
			want[class] += min(1e6/(2e6-float64(load)), 20)
			for k := range m.t.Spans {
				ms := float64(m.t.Spans[k].End-m.t.Spans[k].Start)/1e6 - 1 // of network
				switch m.name(k) {
				case "SELECT x":
					took[class] += ms / 10
				case "GET x":
					plain[class] += ms / 10
				}
			}
			m.t.Reset()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	seen := 0
	for class := range n {
		if n[class] < 100 {
			continue
		}
		seen++
		k := float64(n[class])
		if got, want := took[class]/k, want[class]/k; math.Abs(got-want) > sigmas*0.4*want/math.Sqrt(k) {
			t.Errorf("at a load of about %.2f it takes %.3f times as long, want %.3f", float64(class)/4, got, want)
		}
		if got := plain[class] / k; math.Abs(got-1) > sigmas*0.4/math.Sqrt(k) {
			t.Errorf("at a load of about %.2f what has no capacity takes %.3f times as long", float64(class)/4, got)
		}
	}
	if seen < 4 {
		t.Errorf("%d classes of load were seen", seen)
	}
}

func TestSlowdown(t *testing.T) {
	for _, c := range []struct{ capacity, load, want uint64 }{
		{0, 5_000_000, 1_000_000}, {2_000_000, 1_000_000, 1_000_000}, {2_000_000, 0, 500_000}, {2_000_000, 1_500_000, 2_000_000},
		{2_000_000, 1_950_000, 20_000_000}, {2_000_000, 1_999_999, 20_000_000}, {2_000_000, 2_000_000, 20_000_000},
		{2_000_000, 9_000_000, 20_000_000}, {1_010_000, 1_000_000, 1_000_000}, {1_000_000_000, 500_000_000, 1_998_000},
	} {
		if got := (&plan.Act{Capacity: c.capacity}).Slowdown(c.load); got != c.want {
			t.Errorf("capacity %d, load %d: %d, want %d", c.capacity, c.load, got, c.want)
		}
	}
}
