package distance

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// spec is what made-up telemetry is like: a shop whose requests ask a database, some of them
// twice, with sessions, logs and a metric.
type spec struct {
	seed     uint64
	traces   int
	slower   float64 // durations of the database, times that
	tail     float64 // how often those are ten times as long
	failures float64 // share of queries that fail
	other    float64 // share of failures that are of another type
	value    float64 // share of requests of another country
	pairs    bool    // failures are of one country only, as many of it as before
	even     bool    // arrivals
	morning  bool    // all in the first half
	children int     // more of them
	ids      string  // prefix of ids
	pool     int     // ids come from so many
	quiet    bool    // half of the logs
}

func shop(seed uint64) spec {
	return spec{seed: seed, traces: 4000, slower: 1, tail: 0.002, failures: 0.05, other: 0.2, value: 0.3, pool: 1 << 30}
}

const capOfValues = 128

// sim fills a profile as a Builder would.
type sim struct {
	spec
	r *rand.Rand
	p *profile.Profile
}

func newSim(s spec) *sim {
	p := &profile.Profile{
		Shapes: make(map[uint64]*profile.Shape), Classes: make(map[profile.ClassID]*profile.Class), Services: make(map[string]*profile.Service),
		Keys: make(map[string]*profile.Key), Starts: sketch.NewWindows(4096, 20), Metrics: make(map[uint64]*profile.Metric), Logs: make(map[uint64]*profile.LogTemplate),
		Traces: profile.Traces{Spans: new(sketch.Numbers), Depth: new(sketch.Numbers), Width: new(sketch.Numbers), Seconds: new(sketch.Numbers), Roots: new(sketch.Numbers)},
		Sessions: profile.Sessions{Traces: new(sketch.Numbers), Pauses: new(sketch.Numbers), Starts: sketch.NewWindows(4096, 20),
			Orders: make(map[uint64]*profile.Order)},
	}
	return &sim{s, rand.New(rand.NewPCG(s.seed, 1)), p}
}

// made returns a side of such telemetry, with its halves.
func made(s spec) Side {
	all, halves := newSim(s), [2]*sim{newSim(s), newSim(s)}
	at := 0.0
	for i := range s.traces {
		step := 1.0
		if !s.even {
			step = all.r.ExpFloat64()
		}
		at += float64(step * 1e8)
		when := at
		if s.morning && i%10 != 0 {
			when /= 2
		}
		draw := rand.New(rand.NewPCG(s.seed, uint64(i)+7))
		all.trace(draw, uint64(i)+1, uint64(when)+1e18)
		halves[i/2%2].trace(rand.New(rand.NewPCG(s.seed, uint64(i)+7)), uint64(i)+1, uint64(when)+1e18)
	}
	return Side{Name: fmt.Sprint("shop ", s.seed), Profile: all.p, Halves: [2]*profile.Profile{halves[0].p, halves[1].p}}
}

// trace adds a trace. Each second one ends a session of two.
func (m *sim) trace(r *rand.Rand, id, start uint64) {
	p := m.p
	country := "de"
	if r.Float64() < m.value {
		country = "fr"
	}
	children := 1 + m.children
	if r.Float64() < 0.3 {
		children++
	}
	failed, sum := 0, 0.0
	for range children {
		outcome := ""
		rate := m.failures
		if m.pairs {
			if rate = 0; country == "de" {
				rate = m.failures / (1 - m.value)
			}
		}
		if r.Float64() < rate {
			outcome, failed = "timeout", failed+1
			if r.Float64() < m.other {
				outcome = "refused"
			}
		}
		d := float64(5e6 * math.Exp(r.NormFloat64()/2) * m.slower)
		if r.Float64() < m.tail {
			d *= 10
		}
		sum += d
		m.span(2, "db", "SELECT", otlp.SpanKindClient, outcome, d, id, "SELECT", fmt.Sprint(m.ids, r.IntN(m.pool)))
	}
	outcome := ""
	if failed > 0 {
		outcome = "500"
		p.Traces.Failed++
	}
	c := m.span(1, "web", "GET /", otlp.SpanKindServer, outcome, sum+1e6, id, country, fmt.Sprint(m.ids, r.IntN(m.pool)))
	c.Roots++
	c.Caused = 0
	key := profile.ClassID(20)
	prod := c.Productions[uint64(children)]
	if prod == nil {
		prod = &profile.Production{Groups: []profile.Group{{{Class: key, Counts: new(sketch.Numbers)}}}}
		c.Productions[uint64(children)] = prod
	}
	prod.Groups[0][0].Counts.Add(float64(children))
	m.whole(r, children, sum, id, start)
}

// whole counts a trace as such.
func (m *sim) whole(r *rand.Rand, children int, sum float64, id, start uint64) {
	p := m.p
	p.Traces.Count++
	p.Traces.Spans.Add(float64(children + 1))
	p.Traces.Depth.Add(2)
	p.Traces.Width.Add(float64(children))
	p.Traces.Roots.Add(1)
	p.Traces.Seconds.Add(sum + 1e6)
	p.Traces.Busy.Add(uint64(sum))
	p.Traces.Covered.Add(uint64(sum))
	p.Starts.Add(start, 1)
	p.Sizes[otlp.SignalTraces].Items += uint64(children + 1)
	p.Sizes[otlp.SignalTraces].Bytes += 300 * uint64(children+1)
	p.Sample.Spans += uint64(children + 1)
	p.Sample.Compressed += 50 * uint64(children+1)
	shape := p.Shapes[uint64(1+min(children, 2))]
	if shape == nil {
		shape = &profile.Shape{Text: fmt.Sprintf("web GET / (db SELECT x%d)", children), Seconds: new(sketch.Numbers)}
		p.Shapes[uint64(1+min(children, 2))] = shape
	}
	shape.Traces++
	if id%4 < 2 {
		p.Sessions.Count++
		p.Sessions.Traces.Add(2)
		p.Sessions.Pauses.Add(float64(1e9 * r.ExpFloat64()))
		p.Sessions.Starts.Add(start, 1)
	}
	if !m.quiet || id%2 == 0 {
		l := p.Logs[1]
		if l == nil {
			l = &profile.LogTemplate{Service: "web", Severity: 9, Body: "request {digits} done"}
			p.Logs[1] = l
		}
		l.Records++
		p.Sizes[otlp.SignalLogs].Items++
		p.Sizes[otlp.SignalLogs].Bytes += 100
	}
	x := p.Metrics[1]
	if x == nil {
		x = &profile.Metric{Service: "web", Name: "requests", Unit: "1", Kind: otlp.MetricSum, Values: new(sketch.Numbers), Series: sketch.NewValues(capOfValues)}
		p.Metrics[1] = x
	}
	x.Points++
	x.Values.Add(float64(r.IntN(100)))
	x.Series.Add(otlp.KindString, fmt.Append(nil, r.IntN(20)), 0)
	p.Sizes[otlp.SignalMetrics].Items++
	p.Sizes[otlp.SignalMetrics].Bytes += 40
}

func (m *sim) span(path uint64, service, name string, kind uint8, outcome string, d float64, id uint64, value, unique string) *profile.Class {
	h := profile.ClassID(path*10 + uint64(strings.Index(" tr5", outcome[:min(len(outcome), 1)])))
	c := m.p.Classes[h]
	if c == nil {
		c = &profile.Class{Service: service, Name: name, Kind: kind, Outcome: outcome, Path: path, Operation: profile.OperationID(path), Duration: new(sketch.Numbers),
			Own: new(sketch.Numbers), Attributes: make(map[string]*profile.Attribute), Productions: make(map[uint64]*profile.Production)}
		m.p.Classes[h] = c
	}
	c.Spans++
	c.Caused++
	c.Duration.Add(d)
	c.Own.Add(d / 2)
	for k, v := range map[string]string{"value": value, "id": unique} {
		a := c.Attributes[k]
		if a == nil {
			a = &profile.Attribute{Values: sketch.NewValues(capOfValues), Lengths: new(sketch.Numbers)}
			c.Attributes[k] = a
		}
		a.Present++
		a.Kinds[otlp.KindString]++
		a.Values.Add(otlp.KindString, []byte(v), id)
		a.Lengths.Add(float64(len(v)))
		key := m.p.Keys[k]
		if key == nil {
			key = &profile.Key{Values: sketch.NewValues(4 * capOfValues)}
			m.p.Keys[k] = key
		}
		key.Spans++
		key.Values.Add(otlp.KindString, []byte(v), id)
	}
	return c
}
