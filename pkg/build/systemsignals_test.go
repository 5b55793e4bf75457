package build

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// store is a system of all protocols, some of whose names several protocols have.
const store = `
name: store
session: [{call: web.GET /items, count: 2}, {one_of: [shop.POST /orders, web.GET /items]}]
services:
  web:
    instances: 2
    operations:
      GET /items: {error: 3%, calls: [{call: api.ListItems, timeout: 30ms, optional: true}, {call: shop.POST /orders, probability: 30%, optional: true}]}
  api: {protocol: grpc, instances: 3, sticky: true, operations: {ListItems: {latency: 20, error: 5%, calls: [db.SELECT items, cache.GET]}}}
  db: {protocol: db, database: shop, operations: {SELECT items: {latency: 5, error: {rate: 2%, types: ["40001"]}}, INSERT orders: }}
  cache: {protocol: db, system: redis, operations: {GET: {latency: 1}}}
  tax: {operations: {GET /rate: {error: {rate: 10%, types: [404, 503, unavailable]}}}}
  shop:
    version: 1.2.3
    namespace: acme
    operations:
      POST /orders:
        error: 10%
        attributes: {store.order.id: {pattern: "ord-{digits:10}"}, store.total: {distribution: normal, mean: 30, stddev: 4}, store.gift: true}
        logs:
          - {body: "{store.order.id}: {store.total}, {store.gift}, {http.response.status_code} {error.type} {} in all", when: ok, attributes: {b: {pattern: "{hex:4}"}, a: 1}}
          - {body: "order {store.order.id} failed: {error.type}", severity: error, event: order.failed, when: failed}
          - {severity: debug, event: begins, at: start}
          - {severity: debug, event: begins, at: start}
        calls:
          - {call: tax.GET /rate, retry: {max_attempts: 3}, optional: true}
          - cache.GET
          - {span: price, own: 3, logs: [{body: once}, {body: once}]}
          - {span: price, own: 3, logs: [{body: "\"two\"\n", severity: fatal}]}
          - db.INSERT orders
          - {call: [mail.confirm, stock.reserve], batch: 3}
  mail: {protocol: messaging, operations: {confirm: {destination: orders, group: mailers, error: 5%}}}
  stock: {protocol: messaging, operations: {reserve: {destination: orders, logs: [{severity: warn, event: stocked, at: start, body: "{messaging.batch.message_count} came{messaging.message.id}"}]}}}
`

// ofStore returns the plan of the store alone, and the conventions that a corpus of
// it has.
func ofStore(t testing.TB) (*Plan, *semconv.Conventions) {
	t.Helper()
	in := alone(t, "store.yaml", store)
	p := compiled(t, in, Options{})
	c := *p.Conventions
	c.Systems = p.Systems()
	return p, &c
}

// brokenIn returns the rules that a segment of the store breaks after a change to its
// records.
func brokenIn(t *testing.T, p *Plan, c *semconv.Conventions, r Run, change func(*otlp.Traces, *otlp.Metrics, *otlp.Logs)) (rules []string) {
	t.Helper()
	found := func(rule, _ string) {
		if !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	audit := conform.NewAudit(c, p.Prefix(), conform.AuditOptions{Request: requestsOf(r.Seed)})
	judge := conform.NewSignalChecker(c, p.Prefix())
	err := generator(t, p, r).segment(1, sinks{
		traces: func(tr *otlp.Traces) error { change(tr, nil, nil); audit.Traces(tr); return nil },
		metrics: func(m *otlp.Metrics) error {
			m.Bounds = slices.Clone(m.Bounds)
			change(nil, m, nil)
			judge.Metrics(m, func(_ int, rule, text string) { found(rule, text) })
			audit.Metrics(m)
			return nil
		},
		logs: func(l *otlp.Logs) error {
			change(nil, nil, l)
			judge.Logs(l, func(_ int, rule, text string) { found(rule, text) })
			audit.Logs(l)
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	audit.Finish(found)
	slices.Sort(rules)
	return rules
}

// brokenBy returns the rules that a segment breaks after a change to a metric in one of its
// records of metrics, counted from 1.
func brokenBy(t *testing.T, p *Plan, c *semconv.Conventions, r Run, record int, metric string, change func(*otlp.Metrics, *otlp.Metric)) []string {
	t.Helper()
	records := 0
	return brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
		if m == nil {
			return
		}
		if records++; records != record {
			return
		}
		m.Points, m.Counts, m.Attrs, m.Resources = slices.Clone(m.Points), slices.Clone(m.Counts), slices.Clone(m.Attrs), slices.Clone(m.Resources)
		i := slices.IndexFunc(m.Metrics, func(x otlp.Metric) bool { return m.Strings.String(x.Name) == metric })
		if i < 0 {
			t.Fatalf("no metric %s", metric)
		}
		change(m, &m.Metrics[i])
	})
}

// TestMetricsOfSystemsFollowFromTheirSpans, all of them, and the judge sees what is
// changed, what is missing and what is too much.
func TestMetricsOfSystemsFollowFromTheirSpans(t *testing.T) {
	p, c := ofStore(t)
	r := run(200)
	r.SegmentIterations, r.MetricInterval = 100, 20e9
	for _, temporality := range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		r.Temporality = temporality
		names := make(map[string]bool)
		rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m != nil {
				for i := range m.Metrics {
					names[m.Strings.String(m.Metrics[i].Name)] = true
				}
			}
		})
		if len(rules) > 0 || len(names) != 9 {
			t.Errorf("temporality %d: found %q, with metrics %v", temporality, rules, names)
		}
	}
}

// TestTheJudgeOfSystemsMetricsNotices changes the second record of metrics, or one
// span.
func TestTheJudgeOfSystemsMetricsNotices(t *testing.T) {
	p, c := ofStore(t)
	r := run(200)
	r.SegmentIterations, r.MetricInterval = 100, 20e9
	word := func(m *otlp.Metrics, s string) otlp.StringID { return m.Strings.ID(s) }
	for _, row := range []struct {
		why, metric string
		plant       func(m *otlp.Metrics, x *otlp.Metric)
		want        string
	}{
		{"a sum", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Sum += 1e-9 }, "audit-point"},
		{"a count", "rpc.server.call.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Count++ }, "audit-point"},
		{"a bucket", "rpc.client.call.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Counts[m.Points[x.Points.Start].Buckets.Start+13]++
		}, "audit-point"},
		{"a maximum", "db.client.operation.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Max *= 2 }, "audit-point"},
		{"messages", "messaging.client.consumed.messages", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Value++ }, "audit-point"},
		{"messages as a fraction", "messaging.client.sent.messages", func(m *otlp.Metrics, x *otlp.Metric) {
			q := &m.Points[x.Points.Start]
			q.Kind, q.Value = otlp.KindDouble, math.Float64bits(0.5)
		}, "audit-point"},
		{"a point less", "http.client.request.duration", func(_ *otlp.Metrics, x *otlp.Metric) { x.Points.End-- }, "audit-series"},
		{"all points less", "messaging.process.duration", func(_ *otlp.Metrics, x *otlp.Metric) { x.Points.End = x.Points.Start }, "audit-series"},
		{"a point twice", "messaging.process.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			q := m.Points[x.Points.Start]
			x.Points = otlp.Range{Start: uint32(len(m.Points)), End: uint32(len(m.Points) + 2)}
			m.Points = append(m.Points, q, q)
		}, "audit-point"},
		{"the start", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Start++ }, "audit-point"},
		{"the time", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Points[x.Points.Start].Time -= 20e9 }, "audit-point"},
		{"another route", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			set(m, m.Points[x.Points.Start].Attrs, "http.route", word(m, "/nowhere"))
		}, "audit-series"},
		{"another instance", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			set(m, m.Resources[x.Resource].Attrs, "service.instance.id", word(m, "web-1-7"))
		}, "audit-series"},
		{"another version", "http.server.request.duration", func(m *otlp.Metrics, _ *otlp.Metric) {
			for i := range m.Resources {
				set(m, m.Resources[i].Attrs, "service.version", word(m, "1.2.4"))
			}
		}, "audit-series"},
		{"another scope", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) { m.Scopes[x.Scope].Name = word(m, "otelsim") }, "audit-series"},
		{"a metric by another name", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			x.Name = word(m, "http.client.request.duration")
		}, "audit-point"},
		{"a metric that there is not", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			x.Name = word(m, "http.server.duration")
		}, "metric-unknown"},
		{"the unit", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) { x.Unit = word(m, "ms") }, "metric-unit"},
		{"a counter that falls", "messaging.client.sent.messages", func(_ *otlp.Metrics, x *otlp.Metric) { x.Monotonic = false }, "metric-type"},
		{"no temporality", "messaging.client.sent.messages", func(_ *otlp.Metrics, x *otlp.Metric) { x.Temporality = 0 }, "metric-type"},
		{"the bounds", "db.client.operation.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Bounds[m.Points[x.Points.Start].Bounds.Start] = 0.002
		}, "metric-buckets"},
		{"what is no dimension", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Attrs[m.Points[x.Points.Start].Attrs.Start].Key = word(m, "store.order.id")
		}, "metric-dimension"},
		{"a code in words", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			set(m, m.Points[x.Points.Start].Attrs, "http.response.status_code", word(m, "200"))
		}, "attribute-type"},
		{"an exemplar of another span", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Exemplars[m.Points[x.Points.Start].Exemplars.Start].SpanID[0]++
		}, "audit-exemplar"},
		{"an exemplar of another time", "http.server.request.duration", func(m *otlp.Metrics, x *otlp.Metric) {
			m.Exemplars[m.Points[x.Points.Start].Exemplars.Start].Time++
		}, "audit-exemplar"},
	} {
		rules := brokenBy(t, p, c, r, 2, row.metric, row.plant)
		if !slices.Contains(rules, row.want) {
			t.Errorf("%s: found %q, want %s", row.why, rules, row.want)
		}
	}
	requests := 0
	rules := brokenIn(t, p, c, r, func(tr *otlp.Traces, _ *otlp.Metrics, _ *otlp.Logs) {
		if tr != nil {
			if requests++; requests == 10 {
				tr.Spans[0].End += 1000
			}
		}
	})
	if got := strings.Join(rules, " "); got != "audit-exemplar audit-point" && got != "audit-point" {
		t.Errorf("a longer span: found %q", got)
	}
}

// TestTheJudgeOfSystemsLogsNotices changes the records of one request.
func TestTheJudgeOfSystemsLogsNotices(t *testing.T) {
	p, c := ofStore(t)
	r := run(200)
	r.SegmentIterations = 100
	at := func(l *otlp.Logs, event string) *otlp.LogRecord {
		i := slices.IndexFunc(l.Records, func(x otlp.LogRecord) bool { return l.Strings.String(x.EventName) == event })
		return &l.Records[i]
	}
	last := func(l *otlp.Logs) *otlp.LogRecord { // of the order
		for i := len(l.Records) - 1; ; i-- {
			if l.Strings.String(l.Records[i].EventName) != "stocked" {
				return &l.Records[i]
			}
		}
	}
	attribute := func(l *otlp.Logs, key string) *otlp.Attr { // of the record that has some
		for i := range l.Records {
			for n := l.Records[i].Attrs.Start; n < l.Records[i].Attrs.End; n++ {
				if l.Strings.String(l.Attrs[n].Key) == key {
					return &l.Attrs[n]
				}
			}
		}
		t.Fatalf("no log record has %s", key)
		return nil
	}
	for _, row := range []struct {
		why   string
		plant func(l *otlp.Logs)
		want  string
	}{
		{"nothing", func(*otlp.Logs) {}, ""},
		{"one less", func(l *otlp.Logs) { l.Records = l.Records[1:] }, "audit-log-missing"},
		{"one twice", func(l *otlp.Logs) { l.Records = append(l.Records, l.Records[0]) }, "audit-log"},
		{"another time", func(l *otlp.Logs) { at(l, "begins").Time++ }, "audit-log audit-log-missing"},
		{"observed before", func(l *otlp.Logs) { at(l, "begins").Observed -= 2e6 }, "audit-log"},
		{"another severity", func(l *otlp.Logs) { at(l, "begins").Severity = otlp.SeverityInfo }, "audit-log audit-log-missing log-severity"},
		{"another word for it", func(l *otlp.Logs) { at(l, "begins").SeverityText = l.Strings.ID("INFO") }, "log-severity"},
		{"another event", func(l *otlp.Logs) { at(l, "begins").EventName = l.Strings.ID("ends") }, "audit-log audit-log-missing"},
		{"another body", func(l *otlp.Logs) {
			l.Text[otlp.UnpackRange(last(l).Body.Word).Start]++
		}, "audit-log audit-log-missing"},
		{"no body", func(l *otlp.Logs) { last(l).EventName, last(l).Body.Kind = 0, otlp.KindEmpty }, "audit-log audit-log-missing log-body"},
		{"an attribute more", func(l *otlp.Logs) {
			l.Attrs = append(l.Attrs, otlp.Attr{Key: l.Strings.ID("own"), Kind: otlp.KindInt})
			at(l, "begins").Attrs = otlp.Range{Start: uint32(len(l.Attrs) - 1), End: uint32(len(l.Attrs))}
		}, "audit-log audit-log-missing"},
		{"another constant", func(l *otlp.Logs) { attribute(l, "a").Word++ }, "audit-log"},
		{"a constant of another type", func(l *otlp.Logs) { attribute(l, "a").Kind = otlp.KindBool }, "audit-log"},
		{"another form", func(l *otlp.Logs) {
			b := attribute(l, "b")
			b.Kind, b.Word = otlp.KindString, uint64(l.Strings.ID("00fg"))
		}, "audit-log"},
		{"another span", func(l *otlp.Logs) { at(l, "begins").SpanID[0]++ }, "audit-log audit-log-missing"},
		{"another scope", func(l *otlp.Logs) { l.Scopes[at(l, "begins").Scope].Name = l.Strings.ID("otelsim") }, "audit-log"},
		{"another resource", func(l *otlp.Logs) {
			x := l.Resources[at(l, "begins").Resource].Attrs
			for i := x.Start; i < x.End; i++ {
				if l.Strings.String(l.Attrs[i].Key) == "service.version" {
					l.Attrs[i].Word = uint64(l.Strings.ID("1.2.4"))
				}
			}
		}, "audit-log"},
		{"other flags", func(l *otlp.Logs) { at(l, "begins").Flags = 0 }, "log-flags"},
	} {
		done := false
		rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, _ *otlp.Metrics, l *otlp.Logs) {
			if l != nil && !done && slices.ContainsFunc(l.Records, func(x otlp.LogRecord) bool { return x.Severity == otlp.SeverityFatal }) {
				done = true
				row.plant(l)
			}
		})
		if got := strings.Join(rules, " "); got != row.want || !done {
			t.Errorf("%s: found %q, want %q", row.why, got, row.want)
		}
	}
}

// What a message is known by stands in what its consumer logs.
func TestConsumersLogWhatTheyGot(t *testing.T) {
	p, _ := ofStore(t)
	seen := 0
	for i := range uint64(20) {
		generator(t, p, run(20)).IterationLogs(i, func(_ *otlp.Traces, l *otlp.Logs) {
			for _, x := range l.Records {
				if l.Strings.String(x.EventName) != "stocked" {
					continue
				}
				seen++
				at := otlp.UnpackRange(x.Body.Word)
				if got := string(l.Text[at.Start:at.End]); got != "3 came" {
					t.Errorf("got %q", got)
				}
			}
		})
	}
	if seen == 0 {
		t.Error("nobody has consumed anything")
	}
}

// set gives an attribute of a list that has it another word.
func set(m *otlp.Metrics, r otlp.Range, key string, value otlp.StringID) {
	for i := r.Start; i < r.End; i++ {
		if m.Strings.String(m.Attrs[i].Key) == key {
			m.Attrs[i].Kind, m.Attrs[i].Word = otlp.KindString, uint64(value)
		}
	}
}

// Segments of a system with all signals take no memory for each span.
func TestSignalsOfSystemsAllocateNothing(t *testing.T) {
	p, _ := ofStore(t)
	r := run(1 << 20)
	r.SegmentIterations = 100
	g := generator(t, p, r)
	var seg otlp.Segment
	again := func() {
		seg.Reset()
		if err := g.AppendSegment(&seg, 3); err != nil {
			t.Fatal(err)
		}
	}
	again()
	if got := testing.AllocsPerRun(5, again); got > 20 || seg.Blocks[otlp.SignalTraces].Items < 1500 || seg.Blocks[otlp.SignalMetrics].Items < 50 {
		t.Errorf("%v allocations for a segment of %d spans and %d points, want a few for the segment",
			got, seg.Blocks[otlp.SignalTraces].Items, seg.Blocks[otlp.SignalMetrics].Items)
	}
}
