package learn

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// timeline is a profile of so many minutes of a service with one operation, about 60 spans
// a second. The share of failures and the factor of durations are those of a minute.
func timeline(seed uint64, minutes int, failing, slower func(minute float64) float64) *profile.Profile {
	const begin = 1_000_000_000_000_000_000
	r := rand.New(rand.NewPCG(seed, 1))
	h := newHand(1)
	h.Starts = sketch.NewWindows(8192, 24)
	h.First, h.Last = begin, begin+uint64(minutes)*60e9
	var of [2]*profile.Class
	for i, outcome := range []string{"", "500"} {
		of[i] = h.class(uint64(10+i), "web", "GET /items", otlp.SpanKindServer, outcome, 1, 5)
		of[i].Minutes, of[i].Slow = sketch.NewWindows(256, 30), sketch.NewWindows(256, 30)
	}
	for range minutes * 3600 {
		at := r.Float64() * float64(minutes)
		c := of[0]
		if r.Float64() < failing(at) {
			c = of[1]
		}
		t := begin + uint64(at*60e9)
		h.Starts.Add(t, 1)
		c.Minutes.Add(t, 1)
		c.Spans, c.Traces = c.Spans+1, c.Traces+1
		c.Slow.Add(t, uint64(5000*slower(at)*math.Exp(1.2*r.NormFloat64())))
	}
	return h.Profile
}

func TestPeriodsAreFound(t *testing.T) {
	always := func(v float64) func(float64) float64 { return func(float64) float64 { return v } }
	within := func(from, to, usual, odd float64) func(float64) float64 {
		return func(m float64) float64 {
			if m >= from && m < to {
				return odd
			}
			return usual
		}
	}
	for _, row := range []struct {
		name            string
		failing, slower func(float64) float64
		from, to        float64 // minutes; 0, 0: none
	}{
		{"failures", within(20, 26, 0.02, 0.6), always(1), 20, 26},
		{"no more failures than usual", within(20, 26, 0.02, 0.03), always(1), 0, 0},
		{"none where there are some", within(20, 26, 0.5, 0), always(1), 20, 26},
		{"slowness", always(0.02), within(5, 9, 1, 10), 5, 9},
		{"a little slower", always(0.02), within(5, 9, 1, 1.5), 0, 0},
		{"nothing", always(0.3), always(1), 0, 0},
	} {
		for seed := range uint64(5) {
			p := timeline(seed, 60, row.failing, row.slower)
			got := Periods(p, 10)
			if row.to == 0 {
				if len(got) != 0 {
					t.Errorf("%s: %v", row.name, got)
				}
				continue
			}
			if len(got) != 1 {
				t.Errorf("%s: %d periods", row.name, len(got))
				continue
			}
			width := math.Ldexp(1, int(p.Classes[10].Minutes.Shift())) / 60e9
			from, to := float64(got[0].From-p.First)/60e9, float64(got[0].To-p.First)/60e9
			if math.Abs(from-row.from) > width || math.Abs(to-row.to) > width {
				t.Errorf("%s: from %.2f to %.2f minutes, want %v to %v, by %.2f", row.name, from, to, row.from, row.to, width)
			}
		}
	}
}

// Most of a time is never a period, nor is a time of which there is little.
func TestPeriodsAreSome(t *testing.T) {
	alternates := func(m float64) float64 { return math.Mod(math.Floor(m/2), 2) }
	if got := Periods(timeline(1, 60, alternates, func(float64) float64 { return 1 }), 10); len(got) > maxPeriods {
		t.Errorf("%d periods", len(got))
	}
	short := func(m float64) float64 {
		if m < 1 {
			return 1
		}
		return 0
	}
	once := func(float64) float64 { return 1 }
	if got := Periods(timeline(1, 60, short, once), 1000); len(got) != 0 {
		t.Errorf("one of too little: %v", got)
	}
	if got := Periods(timeline(1, 60, short, once), 10); len(got) != 1 {
		t.Errorf("%d periods in an hour of which a minute fails", len(got))
	}
	// All spans of a trace are slow together: that they are many says no more than one.
	p := timeline(1, 60, func(float64) float64 { return 0 }, func(m float64) float64 {
		if math.Mod(m, 7) < 0.3 {
			return 4
		}
		return 1
	})
	for _, c := range p.Classes {
		c.Traces = c.Spans / 50
	}
	if got := Periods(p, 10); len(got) != 0 {
		t.Errorf("a few slow traces are a period: %v", got)
	}
}

// TestPeriodsOfHoursAreToldToSeconds: an outage of minutes within three hours begins and ends within a
// window, 17 seconds, of when it did.
func TestPeriodsOfHoursAreToldToSeconds(t *testing.T) {
	const begin, from, to = uint64(1_767_225_600e9), uint64(60e9), uint64(240e9)
	b := profile.NewBuilder(profile.Options{})
	web := &intake.Resource{Hash: 1, Service: "web"}
	for i := range uint64(40_000) {
		at := i * 250e6
		s := intake.Span{Parent: -1, ID: otlp.SpanID{1}, Resource: web, Kind: otlp.SpanKindServer, Name: []byte("GET /"), Start: begin + at, End: begin + at + 1e6}
		if at >= from && at < to {
			s.Status = otlp.StatusError
		}
		spans := []intake.Span{s}
		for k := range uint64(15) { // of few spans it is not told so well
			spans = append(spans, intake.Span{Parent: 0, ID: otlp.SpanID{byte(k + 2)}, Resource: web, Kind: otlp.SpanKindInternal, Name: []byte("work"), Start: s.Start + k*6e4, End: s.Start + k*6e4 + 5e4})
		}
		b.Trace(&intake.Trace{ID: otlp.TraceID{byte(i >> 8), byte(i), 1}, Spans: spans})
	}
	periods := Periods(b.Finish(), 10)
	if len(periods) != 1 {
		t.Fatalf("got %d periods, want 1", len(periods))
	}
	off := func(got, want uint64) float64 { return math.Abs(float64(got)-float64(begin+want)) / 1e9 }
	if p := periods[0]; off(p.From, from) > 17.2 || off(p.To, to) > 17.2 {
		t.Errorf("from %.1f s and to %.1f s off, want 17.2 at most", off(p.From, from), off(p.To, to))
	}
}
