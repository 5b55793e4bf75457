package build

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// odd are metrics of every type, with values and dimensions from all the places
// that they can come from.
const odd = `
  vendor.odd.duration:
    type: exponential_histogram
    unit: ms
    dimensions: [vendor.tenant.id, service.name]
    emitted_by: control-plane
    aligns_with_span: vendor.mcp.tool.execute.attempt
  vendor.odd.documents:
    type: exponential_histogram
    unit: "1"
    dimensions: [vendor.a2a.outcome, vendor.rag.cache.hit]
    aligns_with_span: vendor.context.augment
    value_attribute: vendor.rag.result.count
  vendor.odd.latest: {type: gauge, unit: ms, dimensions: [vendor.tenant.id], aligns_with_span: vendor.llm.call}
  vendor.odd.tokens:
    type: gauge
    unit: "{token}"
    dimensions: [gen_ai.token.type, vendor.mcp.attempt.index]
    aligns_with_span: vendor.llm.call
    value_attribute: gen_ai.usage.output_tokens
  vendor.odd.balance:
    type: updowncounter
    unit: s
    dimensions: [vendor.redaction.applied, error.type]
    aligns_with_span: vendor.task.execute
  vendor.odd.indexes:
    type: updowncounter
    dimensions: [vendor.mcp.attempt.index]
    aligns_with_span: vendor.mcp.tool.execute.attempt
    value_attribute: vendor.mcp.attempt.index
  vendor.odd.users: {dimensions: [enduser.id], aligns_with_span: vendor.planner}
`

// withMetrics returns the inputs with more metrics in the conventions.
func withMetrics(in Inputs, metrics string) Inputs {
	const section = "canonical_metrics:\n"
	in.Semconv.Data = bytes.Replace(in.Semconv.Data, []byte(section), []byte(section+metrics[1:]), 1)
	return in
}

func conventionsOf(t testing.TB, in Inputs) *semconv.Conventions {
	t.Helper()
	var p input.Problems
	c := semconv.Parse(in.Semconv, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return c
}

// audit is an audit and a checker for telemetry of a seed.
type audit struct {
	*conform.Audit
	checker  *conform.SignalChecker
	findings []string
}

func newAudit(c *semconv.Conventions, seed uint64, prefix string, counted func(otlp.TraceID) bool) *audit {
	return &audit{checker: conform.NewSignalChecker(c, prefix), Audit: conform.NewAudit(c, prefix, conform.AuditOptions{
		Request: requestsOf(seed), Counted: counted, Logged: counted,
	})}
}

// requestsOf names the requests of traces that a seed makes.
func requestsOf(seed uint64) func(otlp.TraceID) uint64 {
	key := ids.New(seed)
	return func(id otlp.TraceID) uint64 {
		o := key.Origin(id)
		return o.Iteration<<16 | uint64(o.Turn)
	}
}

func (a *audit) find(_, text string) { a.findings = append(a.findings, text) }

// sinks pass on all records, after a change to them.
func (a *audit) sinks(change func(*otlp.Traces, *otlp.Metrics, *otlp.Logs)) sinks {
	finding := func(_ int, rule, text string) { a.find(rule, text) }
	return sinks{
		traces: func(t *otlp.Traces) error { change(t, nil, nil); a.Traces(t); return nil },
		metrics: func(m *otlp.Metrics) error {
			change(nil, m, nil)
			a.Metrics(m)
			a.checker.Metrics(m, finding)
			return nil
		},
		logs: func(l *otlp.Logs) error { change(nil, nil, l); a.Logs(l); a.checker.Logs(l, finding); return nil },
	}
}

func unchanged(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {}

// TestSignalsAgree recomputes every point of every bundled scenario from the
// spans, and looks up the span of every log record and exemplar.
func TestSignalsAgree(t *testing.T) {
	in := withMetrics(withDefinition(bundled(t), "every.yaml", every), odd)
	for _, row := range []struct {
		name   string
		o      Options
		change func(r *Run)
	}{
		{"cumulative", Options{}, func(*Run) {}},
		{"delta", Options{}, func(r *Run) { r.Temporality = otlp.TemporalityDelta }},
		{"unified", Options{TraceShape: ShapeUnified, Vendor: "acme"}, func(r *Run) { r.MetricInterval = time.Second }},
		{"merged", Options{}, func(r *Run) { r.BatchItems = 100 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := run(600)
			r.SegmentIterations = 200
			row.change(&r)
			p := compiled(t, in, row.o)
			g := generator(t, p, r)
			a := newAudit(conventionsOf(t, in), r.Seed, p.Prefix(), nil)
			seen := make(map[string]int)
			count := func(_ *otlp.Traces, m *otlp.Metrics, l *otlp.Logs) {
				for i := 0; m != nil && i < len(m.Metrics); i++ {
					seen[m.Strings.String(m.Metrics[i].Name)]++
				}
				for i := 0; l != nil && i < len(l.Records); i++ {
					seen["log "+l.Strings.String(l.Records[i].EventName)]++
				}
			}
			for s := range r.Segments() {
				if err := g.segment(s, a.sinks(count)); err != nil {
					t.Fatal(err)
				}
				points, logs := a.Finish(a.find)
				if points < 1000 || logs < 1000 {
					t.Errorf("segment %d: only %d points and %d log records were compared", s, points, logs)
				}
			}
			for _, f := range a.findings[:min(20, len(a.findings))] {
				t.Error(f)
			}
			for _, m := range conventionsOf(t, in).Metrics {
				name := conventionsOf(t, in).Rename(m.Name, p.Prefix())
				if seen[name] == 0 && m.Name != "vendor.odd.tokens" {
					t.Errorf("no points of %s", name)
				}
			}
			if seen[p.Prefix()+".odd.tokens"] > 0 {
				t.Error("a dimension that is nowhere does not keep points away")
			}
			for _, e := range logNames {
				if seen["log "+p.Prefix()+"."+e] == 0 {
					t.Errorf("no logs %s", e)
				}
			}
		})
	}
}

var logNames = strings.Fields(`request.allowed request.flagged request.blocked request.failed response.allowed
	validation.error policy.decision turn.start turn.end llm.call tool.call tool.retry tool.attempt.failed
	context.augment rag.retrieve a2a.call step.failed`)

// TestFractionsAgree: the judge rounds fractions by itself, and comes to the same
// values, whichever way they lie.
func TestFractionsAgree(t *testing.T) {
	const warm = `
name: warm
context: {tenant: brackenwell, agent: care-assistant-01, mcp_server: phone}
root:
  type: a2a.orchestrate
  children:
    - type: task.execute
      children:
        - type: llm.call
          attributes:
            gen_ai.request.temperature: 0.1234567 # nearer to the millionth above
    - type: response.compose
`
	const metrics = `
  vendor.odd.warmth:
    type: histogram
    unit: "1"
    dimensions: [vendor.tenant.id]
    aligns_with_span: vendor.llm.call
    value_attribute: gen_ai.request.temperature
`
	in := withMetrics(withDefinition(bundled(t), "warm.yaml", warm), metrics)
	p := compiled(t, in, Options{Scenarios: []string{"warm"}})
	r := run(200)
	g := generator(t, p, r)
	a := newAudit(conventionsOf(t, in), r.Seed, p.Prefix(), nil)
	fractions := 0
	err := g.segment(0, a.sinks(func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
		for i := 0; m != nil && i < len(m.Metrics); i++ {
			if m.Strings.String(m.Metrics[i].Name) == "vendor.odd.warmth" {
				x := m.Points[m.Metrics[i].Points.Start]
				if x.Sum != float64(int64(x.Sum)) {
					fractions++
				}
			}
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	a.Finish(a.find)
	if fractions == 0 {
		t.Error("no point has a fraction: the test is void")
	}
	for _, f := range a.findings[:min(20, len(a.findings))] {
		t.Error(f)
	}
}

// TestAgreementNoticesViolations plants one of each kind.
func TestAgreementNoticesViolations(t *testing.T) {
	in := bundled(t)
	p := compiled(t, in, Options{})
	point := func(kind otlp.MetricKind, change func(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point)) func(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {
		done := 0
		return func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			for i := 0; m != nil && i < len(m.Metrics) && done == 0; i++ {
				x := &m.Metrics[i]
				if p := &m.Points[x.Points.Start]; x.Kind == kind && p.Exemplars.Len() > 0 {
					change(m, x, p)
					done++
				}
			}
		}
	}
	record := func(change func(l *otlp.Logs, r *otlp.LogRecord)) func(*otlp.Traces, *otlp.Metrics, *otlp.Logs) {
		return func(_ *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
			if l != nil {
				change(l, &l.Records[0])
			}
		}
	}
	records := 0
	for _, row := range []struct {
		why, want string
		change    func(*otlp.Traces, *otlp.Metrics, *otlp.Logs)
	}{
		{"a span that is lost", "the spans say", func(tr *otlp.Traces, _ *otlp.Metrics, _ *otlp.Logs) {
			if records++; tr != nil && records == 1 {
				tr.Spans = tr.Spans[1:]
			}
		}},
		{"a span that lasts a nanosecond less", "the spans say", func(tr *otlp.Traces, _ *otlp.Metrics, _ *otlp.Logs) {
			if tr != nil {
				tr.Spans[0].Start++
			}
		}},
		{"a count", "count is", point(otlp.MetricHistogram, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) { p.Count++ })},
		{"a sum", "sum is", point(otlp.MetricHistogram, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) { p.Sum *= 1 + 1e-15 })},
		{"a minimum", "minimum", point(otlp.MetricHistogram, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) { p.Min /= 2 })},
		{"a bucket", "buckets is", point(otlp.MetricHistogram, func(m *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			slices.Reverse(m.Counts[p.Buckets.Start:p.Buckets.End])
		})},
		{"a counter", "value is", point(otlp.MetricSum, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) { p.Value++ })},
		{"a point that vanishes", "has", func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m != nil {
				m.Metrics = m.Metrics[:len(m.Metrics)-1]
			}
		}},
		{"a start that moves", "starts anew", point(otlp.MetricSum, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) { p.Start-- })},
		{"an exemplar of another value", "the exemplar", point(otlp.MetricHistogram, func(m *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			m.Exemplars[p.Exemplars.Start].Value++
		})},
		{"an exemplar of no span", "the exemplar", point(otlp.MetricSum, func(m *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			m.Exemplars[p.Exemplars.Start].SpanID[0]++
		})},
		{"a metric that nothing defines", "is not defined", point(otlp.MetricSum, func(m *otlp.Metrics, x *otlp.Metric, _ *otlp.Point) {
			x.Name = x.Unit
		})},
		{"a unit", "unit is", point(otlp.MetricSum, func(m *otlp.Metrics, x *otlp.Metric, _ *otlp.Point) { x.Unit = x.Name })},
		{"a counter that may fall", "its data is not", point(otlp.MetricSum, func(_ *otlp.Metrics, x *otlp.Metric, _ *otlp.Point) { x.Monotonic = false })},
		{"a dimension that is missing", "dimension vendor.tenant.id is missing", point(otlp.MetricSum, func(_ *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			p.Attrs.Start++
		})},
		{"a dimension too many", "is not one of its dimensions", point(otlp.MetricSum, func(m *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			m.Attrs[p.Attrs.Start].Key++
		})},
		{"a value outside of its set", "has the value", point(otlp.MetricSum, func(m *otlp.Metrics, _ *otlp.Metric, p *otlp.Point) {
			m.Attrs[p.Attrs.End-1].Word++
		})},
		{"a session on the resource", "its resource has", point(otlp.MetricSum, func(m *otlp.Metrics, x *otlp.Metric, _ *otlp.Point) {
			id, _ := m.Strings.Lookup("vendor.session.id")
			m.Attrs[m.Resources[x.Resource].Attrs.Start].Key = id
		})},
		{"a log of no span", "no span", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.SpanID[0]++ })},
		{"a log after its span", "outside of span", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Time += 1e12 })},
		{"a log observed too early", "observed before", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Observed = r.Time - 1 })},
		{"an attribute that the span has not", "it is", record(func(l *otlp.Logs, r *otlp.LogRecord) { l.Attrs[r.Attrs.Start].Word++ })},
		{"a resource of another service", "resource attribute", record(func(l *otlp.Logs, r *otlp.LogRecord) {
			l.Attrs[l.Resources[r.Resource].Attrs.Start].Word++
		})},
		{"an event that there is not", "no event of that name", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.EventName++ })},
		{"a severity", "severity is", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Severity = 3 })},
		{"no flags", "flags are", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Flags = 0 })},
		{"no body", "no body", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Body.Kind = otlp.KindEmpty })},
		{"an attribute that must be there", "is missing", record(func(_ *otlp.Logs, r *otlp.LogRecord) { r.Attrs.End = r.Attrs.Start })},
	} {
		t.Run(row.why, func(t *testing.T) {
			r := run(40)
			r.SegmentIterations = 40
			a := newAudit(conventionsOf(t, in), r.Seed, p.Prefix(), nil)
			if err := generator(t, p, r).segment(0, a.sinks(row.change)); err != nil {
				t.Fatal(err)
			}
			a.Finish(a.find)
			if got := strings.Join(a.findings, "\n"); !strings.Contains(got, row.want) {
				t.Errorf("got findings %q, want one with %q", got, row.want)
			}
		})
	}
}

// atTicks calls with the points of a segment, by name and attributes.
func atTicks(t *testing.T, g *Generator, segment uint64, point func(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point)) {
	t.Helper()
	if err := g.segment(segment, sinks{
		traces: func(*otlp.Traces) error { return nil },
		logs:   func(*otlp.Logs) error { return nil },
		metrics: func(m *otlp.Metrics) error {
			for i := range m.Metrics {
				x := &m.Metrics[i]
				for k := x.Points.Start; k < x.Points.End; k++ {
					point(m, x, &m.Points[k])
				}
			}
			return nil
		},
	}); err != nil {
		t.Fatal(err)
	}
}

// TestTicks holds points to their grid: every live series at every tick, starts
// where the temporality says, and the last tick at the end of the last span.
func TestTicks(t *testing.T) {
	p := compiled(t, withMetrics(bundled(t), odd), Options{})
	for _, temporality := range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		r := run(100)
		r.SegmentIterations, r.Temporality, r.MetricInterval = 50, temporality, 3*time.Second
		g := generator(t, p, r)
		start := uint64(r.Start.Add(50 * r.Interval).UnixNano())
		end := uint64(0)
		for i := uint64(50); i < 100; i++ {
			g.Iteration(i, func(tr *otlp.Traces) {
				for _, s := range tr.Spans {
					end = max(end, s.End)
				}
			})
		}
		live, times := make(map[string]uint64), []uint64{}
		counts := make(map[uint64]int)
		atTicks(t, g, 1, func(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point) {
			if len(times) == 0 || times[len(times)-1] != p.Time {
				times = append(times, p.Time)
			}
			if (p.Time-start)%uint64(3*time.Second) != 0 && p.Time != end {
				t.Errorf("a point at %d ns is at no tick", p.Time-start)
			}
			key := m.Strings.String(x.Name) + texts(attrsOfPoint(m, x, p))
			if live[key] == 0 {
				live[key] = p.Time
			}
			counts[p.Time]++
			want := start
			switch {
			case x.Kind == otlp.MetricGauge:
				want = 0
			case x.Temporality == otlp.TemporalityDelta && len(times) > 1:
				want = times[len(times)-2]
			case x.Temporality == otlp.TemporalityDelta:
				want = p.Time - uint64(3*time.Second)
			}
			if p.Start != want {
				t.Errorf("%s at %d: starts at %d, want %d", key, p.Time, p.Start, want)
			}
			if rising := strings.Contains(key, ".odd.balance") || strings.Contains(key, ".odd.indexes"); rising && x.Temporality != otlp.TemporalityCumulative {
				t.Errorf("%s: what goes up and down is not cumulative", key)
			}
		})
		if len(times) < 5 || times[len(times)-1] != end {
			t.Errorf("%s: %d ticks, the last one at %d; want it at %d, where the last span ends", temporality, len(times), times[len(times)-1], end)
		}
		for _, at := range times {
			want := 0
			for _, since := range live {
				if since <= at {
					want++
				}
			}
			if counts[at] != want {
				t.Errorf("%s: %d points at %d, want one of each of %d live series", temporality, counts[at], at, want)
			}
		}
	}
}

// attrsOfPoint returns the attributes of a point's resource and its own.
func attrsOfPoint(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point) [2]map[string]any {
	t := &otlp.Traces{Strings: m.Strings, Attrs: m.Attrs, Text: m.Text}
	return [2]map[string]any{attrsOf(t, m.Resources[x.Resource].Attrs), attrsOf(t, p.Attrs)}
}

// TestResourcesOfMetrics are those of the plane that the conventions name, of
// the instance that the spans of the segment name, without a session.
func TestResourcesOfMetrics(t *testing.T) {
	p := compiled(t, withMetrics(bundled(t), odd), Options{})
	r := run(16 * 20)
	g := generator(t, p, r)
	for _, segment := range []uint64{0, 15, 17} {
		instances := make(map[any]string)
		g.Iteration(segment*16, func(tr *otlp.Traces) {
			for _, res := range tr.Resources {
				a := attrsOf(tr, res.Attrs)
				if a["vendor.component"] != "tool_server" {
					instances[a["vendor.module"]] = a["service.instance.id"].(string)
				}
			}
		})
		seen := make(map[string]bool)
		atTicks(t, g, segment, func(m *otlp.Metrics, x *otlp.Metric, p *otlp.Point) {
			name, a := m.Strings.String(x.Name), attrsOfPoint(m, x, p)[0]
			plane := "data-plane"
			if strings.Contains(name, "validation") || name == "vendor.odd.duration" {
				plane = "control-plane"
			}
			if a["vendor.module"] != plane || a["vendor.session.id"] != nil || a["vendor.tenant.id"] == nil {
				t.Errorf("%s: got resource %v, want that of the %s without a session", name, a, plane)
			}
			if want := instances[plane]; want != "" && a["service.instance.id"] != want {
				t.Errorf("segment %d: %s is of instance %v, the spans of %s", segment, name, a["service.instance.id"], want)
			}
			seen[plane] = true
		})
		if len(seen) != 2 {
			t.Errorf("segment %d: got the planes %v", segment, seen)
		}
	}
}

// TestScenariosMaySayNothing runs a scenario without metrics and logs among
// others.
func TestScenariosMaySayNothing(t *testing.T) {
	in := bundled(t)
	one := func(name string) Inputs {
		for _, d := range in.Definitions {
			if strings.Contains(string(d.Data), "\nname: "+name+"\n") || strings.HasPrefix(string(d.Data), "name: "+name+"\n") {
				d.Data = append(bytes.Clone(d.Data), "\nemit_metrics: false\nemit_logs: false\n"...)
				d.Data = bytes.Replace(d.Data, []byte("name: "+name+"\n"), []byte("name: silent\n"), 1)
				return withDefinition(in, "silent.yaml", string(d.Data))
			}
		}
		t.Fatalf("no scenario %s", name)
		return in
	}
	p := compiled(t, one("new_claim_phone"), Options{})
	r := run(400)
	r.SegmentIterations = 400
	g := generator(t, p, r)
	key := ids.New(r.Seed)
	quiet := func(id otlp.TraceID) bool { return g.gen.Scenario(key.Origin(id).Iteration).Name == "silent" }
	a := newAudit(conventionsOf(t, in), r.Seed, "vendor", func(id otlp.TraceID) bool { return !quiet(id) })
	traces := 0
	if err := g.segment(0, a.sinks(func(tr *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
		if tr != nil && quiet(tr.Spans[0].TraceID) {
			traces++
		}
		for i := 0; l != nil && i < len(l.Records); i++ {
			if quiet(l.Records[i].TraceID) {
				t.Errorf("a scenario without logs has %s", l.Strings.String(l.Records[i].EventName))
			}
		}
	})); err != nil {
		t.Fatal(err)
	}
	a.Finish(a.find)
	if traces == 0 || len(a.findings) > 0 {
		t.Errorf("got %d requests of the silent scenario and findings %q", traces, a.findings)
	}
}

// TestSegmentsOfAllSignalsAreThoseOfAnyOrder makes segments forwards, backwards
// and on generators of their own, with an iteration printed in between.
func TestSegmentsOfAllSignalsAreThoseOfAnyOrder(t *testing.T) {
	p := compiled(t, withMetrics(bundled(t), odd), Options{})
	for _, temporality := range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		r := run(70)
		r.Temporality, r.BatchItems = temporality, 40
		forward, backward := generator(t, p, r), generator(t, p, r)
		want := make([]otlp.Segment, r.Segments())
		for i := range want {
			if err := forward.AppendSegment(&want[i], uint64(i)); err != nil {
				t.Fatal(err)
			}
			for sig, b := range want[i].Blocks {
				if b.Items == 0 {
					t.Errorf("segment %d has no %s", i, otlp.Signal(sig))
				}
			}
		}
		for i := len(want) - 1; i >= 0; i-- {
			for _, g := range []*Generator{backward, generator(t, p, r)} {
				g.IterationLogs(uint64(i), func(*otlp.Traces, *otlp.Logs) {})
				var got otlp.Segment
				if err := g.AppendSegment(&got, uint64(i)); err != nil {
					t.Fatal(err)
				}
				for sig := range got.Blocks {
					if !bytes.Equal(got.Blocks[sig].Data, want[i].Blocks[sig].Data) {
						t.Errorf("segment %d: %s depend on what was generated before", i, otlp.Signal(sig))
					}
				}
			}
		}
		// A longer run changes the metrics of the last, partial segment alone.
		r.Count += 20
		longer := generator(t, p, r)
		for i := range want {
			var got otlp.Segment
			if err := longer.AppendSegment(&got, uint64(i)); err != nil {
				t.Fatal(err)
			}
			last := i == len(want)-1
			if same := bytes.Equal(got.Blocks[otlp.SignalMetrics].Data, want[i].Blocks[otlp.SignalMetrics].Data); same == last {
				t.Errorf("segment %d of a longer run: same metrics %v, want %v", i, same, !last)
			}
			if !bytes.HasPrefix(got.Blocks[otlp.SignalTraces].Data, want[i].Blocks[otlp.SignalTraces].Data) && r.BatchItems == 0 {
				t.Errorf("segment %d of a longer run has other traces", i)
			}
		}
	}
}

// TestLogsOfAnIteration are those that its segment holds.
func TestLogsOfAnIteration(t *testing.T) {
	p := bundledPlan(t)
	r := run(32)
	r.SegmentIterations = 32
	g := generator(t, p, r)
	var want otlp.Segment
	if err := g.AppendSegment(&want, 0); err != nil {
		t.Fatal(err)
	}
	var got otlp.Block
	for i := range r.Count {
		g.IterationLogs(i, func(_ *otlp.Traces, l *otlp.Logs) {
			if err := g.encoder.AppendLogs(&got, l); err != nil {
				t.Fatal(err)
			}
		})
	}
	if !bytes.Equal(got.Data, want.Blocks[otlp.SignalLogs].Data) {
		t.Error("the logs of the iterations are not those of their segment")
	}
	r.Signals = []otlp.Signal{otlp.SignalTraces}
	generator(t, p, r).IterationLogs(0, func(_ *otlp.Traces, l *otlp.Logs) {
		if len(l.Records) > 0 {
			t.Error("a run without logs has some")
		}
	})
}

// TestSignalsAllocateNothing makes segments again once there is memory for
// them.
func TestSignalsAllocateNothing(t *testing.T) {
	vendors := compiled(t, withMetrics(bundled(t), odd), Options{})
	genai := compiled(t, words(t, bundled(t), "semconv-genai.yaml"), Options{}) // names follow from values
	for _, row := range []struct {
		p      *Plan
		format otlp.Format
	}{{vendors, otlp.FormatProto}, {vendors, otlp.FormatJSON}, {genai, otlp.FormatProto}} {
		format := row.format
		r := run(1 << 20)
		r.SegmentIterations, r.Format = 100, format
		g := generator(t, row.p, r)
		var seg otlp.Segment
		again := func() {
			seg.Reset()
			if err := g.AppendSegment(&seg, 3); err != nil {
				t.Fatal(err)
			}
		}
		again()
		items := uint64(0)
		for _, b := range seg.Blocks {
			items += b.Items
		}
		if got := testing.AllocsPerRun(5, again); got > 20 || items < 3000 {
			t.Errorf("%s: %v allocations for a segment of %d items, want a few for the segment", format, got, items)
		}
	}
}

// TestDecodedSignalsAgree is the agreement of what is on the wire.
func TestDecodedSignalsAgree(t *testing.T) {
	in := bundled(t)
	p := compiled(t, in, Options{})
	for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		r := run(100)
		r.SegmentIterations, r.Format = 100, format
		var seg otlp.Segment
		if err := generator(t, p, r).AppendSegment(&seg, 0); err != nil {
			t.Fatal(err)
		}
		a := newAudit(conventionsOf(t, in), r.Seed, "vendor", nil)
		to := a.sinks(unchanged)
		var d otlp.Decoder
		for sig := range seg.Blocks {
			for rest := seg.Blocks[sig].Data; len(rest) > 0; {
				payload, next, err := otlp.NextFrame(rest, format)
				if err != nil {
					t.Fatal(err)
				}
				rest = next
				switch otlp.Signal(sig) {
				case otlp.SignalTraces:
					var m otlp.Traces
					if err = d.Traces(&m, payload, format); err == nil {
						err = to.traces(&m)
					}
				case otlp.SignalMetrics:
					var m otlp.Metrics
					if err = d.Metrics(&m, payload, format); err == nil {
						err = to.metrics(&m)
					}
				case otlp.SignalLogs:
					var m otlp.Logs
					if err = d.Logs(&m, payload, format); err == nil {
						err = to.logs(&m)
					}
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		points, logs := a.Finish(a.find)
		if points == 0 || logs == 0 || len(a.findings) > 0 {
			t.Errorf("%s: of %d points and %d logs: %q", format, points, logs, a.findings[:min(3, len(a.findings))])
		}
	}
}
