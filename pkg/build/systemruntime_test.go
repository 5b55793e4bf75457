package build

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// plant is a system whose instances tell all that they can.
const plant = `
name: plant
session: [{call: web.GET /items, count: 2}]
services:
  web:
    instances: 2
    runtime: nodejs
    operations:
      GET /items:
        own: 2s
        calls: [{call: api.ListItems, timeout: 30ms, optional: true}, {call: [mail.confirm, stock.reserve], batch: 3, queue: 4s}, {call: stock.reserve, trace: same, batch: 2}]
    metrics:
      plant.doors: {instrument: updowncounter, unit: "{door}", base: 3, per_request: 2}
      plant.rate: {instrument: counter, unit: "{item}", base: 30, per_request: 2, noise: 20%}
      plant.size: {instrument: histogram, unit: By, base: 3000, per_request: 70, per_load: 200, noise: 0.5, attributes: {plant.room: hall}}
      plant.span: {instrument: exponential_histogram, unit: s, base: 0.3, per_load: 0.2, noise: 0.5}
      plant.warmth: {instrument: gauge, unit: Cel, base: 20.5, per_load: -2, noise: 1%}
  api: {protocol: grpc, runtime: {kind: go, cores: 4, memory: 1GiB, connections: 1}, operations: {ListItems: {latency: 2000, calls: [db.SELECT items]}}}
  db: {protocol: db, database: shop, operations: {SELECT items: {latency: 1500}}}
  mail: {protocol: messaging, runtime: jvm, operations: {confirm: {destination: orders, group: mailers, error: 5%}}}
  stock:
    protocol: messaging
    runtime: process
    operations: {reserve: {destination: orders, latency: 900}}
    metrics: {plant.pile: {instrument: gauge, per_waiting: 1.5, noise: 5%}, plant.heap: {instrument: histogram, per_waiting: 1, base: 1}}
`

// ofPlant returns the plan of the plant, and the conventions that a corpus of it has.
func ofPlant(t testing.TB) (*Plan, *semconv.Conventions) {
	t.Helper()
	return withCorpus(t, alone(t, "plant.yaml", plant))
}

// withCorpus returns the plan of systems, and the conventions as a corpus of it says them.
func withCorpus(t testing.TB, in Inputs) (*Plan, *semconv.Conventions) {
	t.Helper()
	p := compiled(t, in, Options{})
	text, err := semconv.AppendSystems(in.Semconv.Data, p.Systems())
	if err != nil {
		t.Fatal(err)
	}
	var problems input.Problems
	return p, semconv.Parse(input.File{Name: "semconv.yaml", Data: text}, &problems)
}

func ofPlantRun() Run {
	r := run(60)
	r.SegmentIterations, r.MetricInterval = 30, 4e9
	return r
}

// TestWhatInstancesTellFitsTheirSpans, in both temporalities, and what is counted is
// not always zero.
func TestWhatInstancesTellFitsTheirSpans(t *testing.T) {
	p, c := ofPlant(t)
	r := ofPlantRun()
	for _, temporality := range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		r.Temporality = temporality
		most := make(map[string]float64)
		rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m == nil {
				return
			}
			for i := range m.Metrics {
				name := m.Strings.String(m.Metrics[i].Name)
				for _, q := range m.Points[m.Metrics[i].Points.Start:m.Metrics[i].Points.End] {
					v := float64(int64(q.Value))
					if q.Kind == otlp.KindDouble {
						v = math.Float64frombits(q.Value)
					}
					most[name] = max(most[name], v, float64(q.Count))
				}
			}
		})
		if len(rules) > 0 {
			t.Errorf("temporality %d: found %q", temporality, rules)
		}
		for _, name := range []string{"http.server.active_requests", "db.client.connection.count", "queue.length", "plant.pile"} {
			if most[name] < 2 {
				t.Errorf("temporality %d: %s is %v at most", temporality, name, most[name])
			}
		}
		for name, v := range most {
			if v == 0 {
				t.Errorf("temporality %d: %s is always 0", temporality, name)
			}
		}
	}
}

// TestTheJudgeOfInstancesNotices changes one point of a metric in the second record, or
// what the record says of the metric.
func TestTheJudgeOfInstancesNotices(t *testing.T) {
	p, c := ofPlant(t)
	number := func(q *otlp.Point, by float64) {
		if q.Kind == otlp.KindDouble {
			q.Value = math.Float64bits(math.Float64frombits(q.Value) + by)
		} else {
			q.Value = uint64(int64(q.Value) + int64(by))
		}
	}
	more := func(by float64) func(*otlp.Metrics, *otlp.Metric) {
		return func(m *otlp.Metrics, x *otlp.Metric) { number(&m.Points[x.Points.Start], by) }
	}
	count := func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Count++ }
	for _, row := range []struct {
		why, metric string
		plant       func(m *otlp.Metrics, x *otlp.Metric)
		want        string
	}{
		{"a request more", "http.server.active_requests", more(1), "audit-point"},
		{"a connection less", "db.client.connection.count", more(-1), "audit-point"},
		{"a message more", "queue.length", more(1), "audit-point"},
		{"a thread more", "process.thread.count", more(1), "audit-runtime"},
		{"a file more", "process.unix.file_descriptor.count", more(1), "audit-runtime"},
		{"more time of processors", "process.cpu.time", more(1e-3), "audit-runtime"},
		{"more time than there is", "process.cpu.time", more(1e3), "audit-runtime"},
		{"less time than before", "process.cpu.time", more(-1), "audit-point"},
		{"another share", "process.cpu.utilization", more(1e-4), "audit-runtime"},
		{"memory", "process.memory.usage", more(4096), "audit-runtime"},
		{"more memory than there is", "process.memory.usage", more(1 << 40), "audit-runtime"},
		{"the share of memory", "process.memory.utilization", more(1e-4), "audit-runtime"},
		{"uptime", "process.uptime", more(1e-3), "audit-runtime"},
		{"time of a state", "go.cpu.time", more(1e-3), "audit-runtime"},
		{"a goroutine", "go.goroutine.count", more(1), "audit-runtime"},
		{"freed", "go.memory.allocated", more(-1e9), "audit-point"},
		{"a limit", "go.memory.limit", more(1), "audit-runtime"},
		{"memory of a type", "go.memory.used", more(64), "audit-runtime"},
		{"a goal below what is used", "go.memory.gc.goal", more(-1e9), "audit-runtime"},
		{"a cycle", "go.memory.gc.cycles", more(1), "audit-runtime"},
		{"a constant", "go.config.gogc", more(1), "audit-runtime"},
		{"a pause", "go.memory.gc.pause.duration", count, "audit-point"},
		{"a processor", "jvm.cpu.count", more(1), "audit-runtime"},
		{"memory of a pool", "jvm.memory.used", more(64), "audit-runtime"},
		{"more than is set aside", "jvm.memory.committed", more(-1e9), "audit-runtime"},
		{"the limit of a pool", "jvm.memory.limit", more(64), "audit-runtime"},
		{"a thread of a state", "jvm.thread.count", more(1), "audit-runtime"},
		{"a class", "jvm.class.count", more(1), "audit-runtime"},
		{"a long pause", "jvm.gc.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Max += 5 }, "audit-point"},
		{"time of the loop", "nodejs.eventloop.time", more(1e-3), "audit-runtime"},
		{"the loop's share", "nodejs.eventloop.utilization", more(1e-3), "audit-runtime"},
		{"a delay", "nodejs.eventloop.delay.p90", more(1), "audit-runtime"},

		{"an own one", "plant.doors", more(1), "audit-point"},
		{"an own one as a fraction", "plant.doors", func(m *otlp.Metrics, x *otlp.Metric) {
			q := &m.Points[x.Points.Start]
			q.Kind, q.Value = otlp.KindDouble, math.Float64bits(float64(q.Value))
		}, "audit-point"},
		{"an own counter", "plant.rate", more(500), "audit-point"},
		{"an own gauge", "plant.warmth", more(0.4), "audit-point"},
		{"what waits", "plant.pile", more(-100), "audit-point"},
		{"an own sum", "plant.size", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Sum *= 3 }, "audit-point"},
		{"an own bucket", "plant.size", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Counts[m.Points[x.Points.Start].Buckets.Start+9]++
		}, "audit-point"},
		{"an own count", "plant.span", count, "audit-point"},
		{"a bound less", "plant.heap", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Bounds.End-- }, "audit-point"},
		{"no bounds", "jvm.gc.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			q := &m.Points[x.Points.Start]
			q.Bounds.End = q.Bounds.Start
		}, "audit-point"},
		{"an exemplar", "plant.size", func(m *otlp.Metrics, x *otlp.Metric) {
			n := uint32(len(m.Exemplars))
			m.Exemplars = append(m.Exemplars, otlp.Exemplar{Time: 1})
			m.Points[x.Points.Start].Exemplars = otlp.Range{Start: n, End: n + 1}
		}, "audit-exemplar"},
		{"an own one that is exact", "plant.heap", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Max++ }, "audit-point"},

		{"a point less", "process.uptime", func(_ *otlp.Metrics, x *otlp.Metric) { x.Points.End-- }, "audit-series"},
		{"a series of nobody", "jvm.class.count", func(m *otlp.Metrics, x *otlp.Metric) { x.Name = m.Strings.ID("process.uptime") }, "audit-series"},
		{"another start", "process.cpu.time", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Start++ }, "audit-point"},
		{"another unit", "go.memory.used", func(m *otlp.Metrics, x *otlp.Metric) { x.Unit = m.Strings.ID("s") }, "metric-unit"},
		{"a counter that falls", "process.cpu.time", func(_ *otlp.Metrics, x *otlp.Metric) { x.Monotonic = false }, "metric-type"},
		{"an up-down counter of differences", "go.goroutine.count", func(_ *otlp.Metrics, x *otlp.Metric) { x.Temporality = otlp.TemporalityDelta }, "metric-type"},
		{"a gauge with a temporality", "plant.warmth", func(_ *otlp.Metrics, x *otlp.Metric) { x.Temporality = otlp.TemporalityCumulative }, "metric-type"},
		{"a dimension that is missing", "go.cpu.time", func(m *otlp.Metrics, x *otlp.Metric) {
			q := &m.Points[x.Points.Start]
			q.Attrs.End = q.Attrs.Start
		}, "metric-dimension"},
		{"no member of a dimension", "go.cpu.time", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[m.Points[x.Points.Start].Attrs.Start].Word = uint64(m.Strings.ID("process"))
		}, "metric-dimension"},
		{"another value of an own dimension", "plant.size", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[m.Points[x.Points.Start].Attrs.Start].Word = uint64(m.Strings.ID("process"))
		}, "metric-dimension"},
		{"an own dimension that is missing", "plant.size", func(m *otlp.Metrics, x *otlp.Metric) {
			q := &m.Points[x.Points.Start]
			q.Attrs.End = q.Attrs.Start
		}, "metric-dimension"},
	} {
		rules := brokenBy(t, p, c, ofPlantRun(), 4, row.metric, row.plant)
		if !slices.Contains(rules, row.want) {
			t.Errorf("%s of %s: found %q, want %s", row.why, row.metric, rules, row.want)
		}
	}
}

// TestTheJudgeOfInstancesNoticesSpans that go on longer, and those that are missing.
func TestTheJudgeOfInstancesNoticesSpans(t *testing.T) {
	p, c := ofPlant(t)
	for _, row := range []struct {
		why  string
		kind uint8
	}{{"a longer request", otlp.SpanKindServer}, {"a longer call of a database", otlp.SpanKindClient}, {"a message that was sent before", otlp.SpanKindProducer}} {
		rules := brokenIn(t, p, c, ofPlantRun(), func(tr *otlp.Traces, _ *otlp.Metrics, _ *otlp.Logs) {
			if tr == nil {
				return
			}
			for i := range tr.Spans {
				if tr.Spans[i].Kind == row.kind {
					tr.Spans[i].Start -= 3e9
					tr.Spans[i].End -= 3e9
				}
			}
		})
		if !slices.Contains(rules, "audit-point") {
			t.Errorf("%s: found %q", row.why, rules)
		}
	}
}

// TestInstancesTellTheSameWhateverIsMadeBeside: a longer run moves nothing but the last
// segment, and another service moves nothing of these.
func TestInstancesTellTheSameWhateverIsMadeBeside(t *testing.T) {
	p, _ := ofPlant(t)
	r := ofPlantRun()
	made := func(p *Plan, r Run) (out string) {
		err := generator(t, p, r).segment(0, sinks{
			traces: func(*otlp.Traces) error { return nil }, logs: func(*otlp.Logs) error { return nil },
			metrics: func(m *otlp.Metrics) error {
				var b otlp.Block
				e := otlp.Encoder{Format: otlp.FormatJSON}
				if err := e.AppendMetrics(&b, m); err != nil {
					return err
				}
				out += string(b.Data)
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	want := made(p, r)
	longer := r
	longer.Count = 1000
	if made(p, longer) != want {
		t.Error("a longer run moves the first segment")
	}
	other := r
	other.Seed++
	if got := made(p, other); got == want || !strings.Contains(got, "process.uptime") {
		t.Error("another seed moves nothing")
	}
}

// TestWhatInstancesTellAllocatesNothing for each span or tick.
func TestWhatInstancesTellAllocatesNothing(t *testing.T) {
	p, _ := ofPlant(t)
	r := run(1 << 20)
	r.SegmentIterations, r.MetricInterval = 50, 2e9
	g := generator(t, p, r)
	var seg otlp.Segment
	again := func() {
		seg.Reset()
		if err := g.AppendSegment(&seg, 3); err != nil {
			t.Fatal(err)
		}
	}
	again()
	if got := testing.AllocsPerRun(3, again); got > 20 || seg.Blocks[otlp.SignalMetrics].Items < 1000 {
		t.Errorf("%v allocations for a segment of %d points, want a few for the segment", got, seg.Blocks[otlp.SignalMetrics].Items)
	}
}

// TestSeriesOfInstancesAreBounded: too many are refused, and a run asks for longer ticks
// where records of them would fill the memory.
func TestSeriesOfInstancesAreBounded(t *testing.T) {
	in := bundled(t)
	in.Bundled = false
	of := func(instances string) input.File {
		return input.File{Name: "plant.yaml", Data: []byte(strings.Replace(plant, "instances: 2", "instances: "+instances, 1))}
	}
	in.Definitions = []input.File{of("1000")}
	p := compiled(t, in, Options{})
	r := run(1000)
	r.SegmentIterations, r.MetricInterval = 1000, 1e9
	if _, err := NewGenerator(p, r); err == nil || !strings.Contains(err.Error(), "points of each series") {
		t.Errorf("got %v", err)
	}
	if r.MetricInterval *= 60; p.rules.Pulses() < 24_000 {
		t.Errorf("%d series", p.rules.Pulses())
	}
	if _, err := NewGenerator(p, r); err != nil {
		t.Error(err)
	}
	more := strings.Repeat("      plant.moreX: {instrument: gauge, base: 1}\n", 40)
	for i := 0; strings.Contains(more, "X"); i++ {
		more = strings.Replace(more, "X", string(rune('a'+i%26))+string(rune('a'+i/26)), 1)
	}
	in.Definitions = []input.File{of("1000")}
	in.Definitions[0].Data = []byte(strings.Replace(string(in.Definitions[0].Data), "      plant.doors", more+"      plant.doors", 1))
	var problems input.Problems
	if Compile(in, Options{}, &problems); problems.Errors() != 1 ||
		!strings.Contains(problems.All()[0].String(), "plant.yaml:5:3: services.web.instances: runtime and metrics make 64000 series of its 1000 instances") {
		t.Errorf("got %v", problems.All())
	}
}

// TestWhatInstancesTellFollowsTheLoad: processors and memory with the requests of each
// tick, and what goes by the load with the curve of the arrivals, which the judge has to
// know.
func TestWhatInstancesTellFollowsTheLoad(t *testing.T) {
	in := bundled(t)
	in.Bundled = false
	in.Definitions = []input.File{{Name: "a.yaml", Data: []byte(`
services:
  web:
    runtime: {kind: process, cores: 8}
    operations: {GET /: {latency: 900}}
    metrics: {a.load: {instrument: gauge, per_load: 100}, a.sum: {instrument: counter, per_load: 3, noise: 1%}}
`)}}
	in.Config.Data = append(slices.Clone(in.Config.Data), "\narrivals: {bursts: {every: 200s, duration: 50s, factor: 30}}\n"...)
	p := compiled(t, in, Options{})
	c := *p.Conventions
	c.Systems = p.Systems()
	r := pace(p, 1024)
	r.MetricInterval = 10e9
	curve, err := r.curve(p)
	if err != nil {
		t.Fatal(err)
	}
	for _, load := range []func(uint64) uint64{nil, func(at uint64) uint64 { return curve.Load(at - uint64(r.Start.UnixNano())) }} {
		audit := conform.NewAudit(&c, p.Prefix(), conform.AuditOptions{Request: requestsOf(r.Seed), Load: load})
		var quiet, busy []map[string]float64
		err := generator(t, p, r).segment(0, sinks{
			traces: func(tr *otlp.Traces) error { audit.Traces(tr); return nil },
			logs:   func(*otlp.Logs) error { return nil },
			metrics: func(m *otlp.Metrics) error {
				audit.Metrics(m)
				values := make(map[string]float64)
				for i := range m.Metrics {
					q := m.Points[m.Metrics[i].Points.Start]
					values[m.Strings.String(m.Metrics[i].Name)] = math.Float64frombits(q.Value)
					if q.Kind == otlp.KindInt {
						values[m.Strings.String(m.Metrics[i].Name)] = float64(q.Value)
					}
				}
				if values["a.load"] > 1000 {
					busy = append(busy, values)
				} else {
					quiet = append(quiet, values)
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		audit.Finish(func(rule, text string) {
			if found++; load != nil {
				t.Error(rule, text)
			}
		})
		if load == nil && found == 0 {
			t.Error("who does not know the load finds nothing")
		}
		least := func(list []map[string]float64, name string) float64 {
			out := math.Inf(1)
			for _, v := range list {
				out = min(out, v[name])
			}
			return out
		}
		for _, name := range []string{"process.cpu.utilization", "process.memory.usage"} {
			if len(busy) < 3 || len(quiet) < 3 || least(busy[1:], name) <= least(quiet, name) {
				t.Errorf("%s: %v when busy in %d ticks, %v in %d", name, least(busy[1:], name), len(busy), least(quiet, name), len(quiet))
			}
		}
	}
}
