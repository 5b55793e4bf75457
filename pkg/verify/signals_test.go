package verify

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// signals makes metrics and logs of the spans of a synthetic corpus, where its
// header has them: for each span name a counter and a histogram of durations,
// for each call a log record.
type signals struct {
	editLogs    func(iteration uint64, l *otlp.Logs)
	editMetrics func(segment uint64, tick int, m *otlp.Metrics)

	seen []seen
	logs otlp.Logs
}

// seen is a span that has ended.
type seen struct {
	name       string
	start, end uint64
	trace      otlp.TraceID
	span       otlp.SpanID
}

// allSignals is testHeader with metrics and logs.
func allSignals(count, segmentIterations uint64, temporality string) corpus.Header {
	h := testHeader(count, segmentIterations)
	h.Options.Signals = []string{"traces", "metrics", "logs"}
	h.Options.MetricInterval, h.Options.Temporality = 1_000_000_000, temporality
	return h
}

func (g *signals) iteration(s *synthetic, i uint64, seg *otlp.Segment) error {
	o := &s.header.Options
	if !o.Has(otlp.SignalLogs) && !o.Has(otlp.SignalMetrics) {
		return nil
	}
	l := &g.logs
	l.Reset()
	l.Strings = s.strs
	l.Attrs = append(l.Attrs, otlp.Attr{Key: s.strs.ID("service.name"), Word: uint64(s.strs.ID("synthetic"))})
	l.Resources = append(l.Resources, otlp.Resource{Attrs: otlp.Range{End: 1}})
	l.Scopes = append(l.Scopes, otlp.Scope{Name: s.strs.ID("test")})
	for k := range s.rec.Spans {
		x := &s.rec.Spans[k]
		name := s.strs.String(x.Name)
		g.seen = append(g.seen, seen{name, x.Start, x.End, x.TraceID, x.SpanID})
		if name == "call" {
			l.Records = append(l.Records, otlp.LogRecord{
				Time: x.End, Observed: x.End + 1000, TraceID: x.TraceID, SpanID: x.SpanID, Flags: 1, Severity: otlp.SeverityInfo,
				SeverityText: s.strs.ID("INFO"), EventName: s.strs.ID("tool.call"), Body: otlp.Attr{Word: uint64(s.strs.ID("Called."))},
			})
		}
	}
	if g.editLogs != nil {
		g.editLogs(i, l)
	}
	if !o.Has(otlp.SignalLogs) {
		return nil
	}
	return s.enc.AppendLogs(&seg.Blocks[otlp.SignalLogs], l)
}

var testBounds = []float64{100e-6, 500e-6, 895e-6}

// end writes a record for each tick of a segment.
func (g *signals) end(s *synthetic, segment uint64, seg *otlp.Segment) error {
	o := &s.header.Options
	all := g.seen
	g.seen = nil
	if !o.Has(otlp.SignalMetrics) || len(all) == 0 {
		return nil
	}
	start := uint64(o.Start) + segment*o.SegmentIterations*uint64(o.Interval)
	last := uint64(0)
	for _, x := range all {
		last = max(last, x.end)
	}
	before := start
	for tick := 1; before < last; tick++ {
		at := min(start+uint64(tick)*uint64(o.MetricInterval), last)
		m := g.tick(s, all, segment, start, before, at)
		if g.editMetrics != nil {
			g.editMetrics(segment, tick, m)
		}
		if err := s.enc.AppendMetrics(&seg.Blocks[otlp.SignalMetrics], m); err != nil {
			return err
		}
		before = at
	}
	return nil
}

func (g *signals) tick(s *synthetic, all []seen, segment, start, before, at uint64) *otlp.Metrics {
	m := &otlp.Metrics{Strings: s.strs, Bounds: testBounds}
	id := s.strs.ID
	m.Attrs = append(m.Attrs, otlp.Attr{Key: id("service.instance.id"), Word: uint64(id(strconv.Itoa(int(segment % 2))))})
	m.Resources = []otlp.Resource{{Attrs: otlp.Range{End: 1}}}
	m.Scopes = []otlp.Scope{{Name: id("test")}}
	temporality := s.header.Options.OTLPTemporality()
	from := start
	if temporality == otlp.TemporalityDelta {
		from = before
	}
	names := []string{"root", "plan", "call", "answer"}
	calls := otlp.Metric{Name: id("calls"), Kind: otlp.MetricSum, Monotonic: true, Temporality: temporality, Points: otlp.Range{End: 4}}
	took := otlp.Metric{Name: id("took"), Unit: id("s"), Kind: otlp.MetricHistogram, Temporality: temporality, Points: otlp.Range{Start: 4, End: 8}}
	m.Metrics = []otlp.Metric{calls, took}
	m.Points = make([]otlp.Point, 8)
	for k, name := range names {
		a := uint32(len(m.Attrs))
		m.Attrs = append(m.Attrs, otlp.Attr{Key: id("name"), Word: uint64(id(name))}, otlp.Attr{Key: id("kind"), Word: uint64(id("internal"))})
		p := otlp.Point{Start: from, Time: at, Attrs: otlp.Range{Start: a, End: a + 2}, Kind: otlp.KindInt}
		h := p
		h.Kind, h.Bounds, h.Has = 0, otlp.Range{End: 3}, otlp.HasSum|otlp.HasMin|otlp.HasMax
		h.Buckets = otlp.Range{Start: uint32(len(m.Counts)), End: uint32(len(m.Counts)) + 4}
		h.Exemplars.Start = uint32(len(m.Exemplars))
		m.Counts = append(m.Counts, 0, 0, 0, 0)
		h.Min = math.Inf(1)
		for _, x := range all {
			if x.name != name || x.end > at || from != start && x.end <= from {
				continue
			}
			v := float64(x.end-x.start) / 1e9
			p.Value++
			h.Count++
			h.Sum += v
			h.Min, h.Max = min(h.Min, v), max(h.Max, v)
			m.Counts[h.Buckets.Start+uint32(bucketOf(testBounds, v))]++
			if h.Count == 1 {
				m.Exemplars = append(m.Exemplars, otlp.Exemplar{Time: x.end, Kind: otlp.KindDouble, Value: math.Float64bits(v), TraceID: x.trace, SpanID: x.span})
			}
		}
		if h.Count == 0 {
			h.Has = 0
		}
		h.Exemplars.End = uint32(len(m.Exemplars))
		m.Points[k], m.Points[4+k] = p, h
	}
	return m
}

// plantSignals writes a corpus of all signals, three segments of ten
// iterations, with what a test wants to see found.
func plantSignals(t *testing.T, h corpus.Header, g signals, edit func(iteration uint64, r *otlp.Traces)) string {
	t.Helper()
	o := options(t.TempDir(), h)
	o.NewFill = func() (corpus.Fill, error) { return (&synthetic{header: h, edit: edit, signals: g}).fill, nil }
	m := mustWrite(t, o)
	for _, total := range m.Totals {
		if total.Records == 0 {
			t.Fatalf("no %s: the test is void", total.Signal)
		}
	}
	return o.Dir
}

func TestAllSignalsAreWrittenAndVerified(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		for _, format := range []string{"proto", "json"} {
			h := allSignals(30, 10, temporality)
			h.Options.Format = format
			dir := plantSignals(t, h, signals{}, nil)
			checkClean(t, dir)
			r, err := judge(context.Background(), settings{Dir: dir, Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			var items uint64
			for _, total := range r.Manifest.Totals {
				items += total.Items
			}
			if have := r.Spans + r.Points + r.LogRecords; have != items || have == 0 {
				t.Errorf("%d items were verified, the manifest has %d", have, items)
			}
		}
	}
	// Each signal can be alone.
	for _, only := range [][]string{{"metrics"}, {"logs"}, {"metrics", "logs"}, {"traces", "logs"}} {
		h := allSignals(30, 10, "delta")
		h.Options.Signals = only
		if !slices.Contains(only, "metrics") {
			h.Options.MetricInterval, h.Options.Temporality = 0, ""
		}
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) {
			s := &synthetic{header: h}
			return func(segment uint64, seg *otlp.Segment) error {
				err := s.fill(segment, seg)
				if only[0] != "traces" {
					seg.Blocks[otlp.SignalTraces].Reset()
				}
				return err
			}, nil
		}
		mustWrite(t, o)
		checkClean(t, o.Dir)
	}
}

func TestVerifyFindsWrongLogs(t *testing.T) {
	for _, c := range []struct {
		what string
		edit func(r *otlp.LogRecord)
		want [][]string
	}{
		{"nothing", func(*otlp.LogRecord) {}, nil},
		{"a time after the span", func(r *otlp.LogRecord) { r.Time += 1500; r.Observed += 1500 },
			[][]string{{"logs/000001.pb.zst: record 2: trace ", ": span ", "log record 0: its time is 1.5us after its span"}}},
		{"a time before the span", func(r *otlp.LogRecord) { r.Time -= 1_000_000 }, [][]string{{"before its span"}}},
		{"no time", func(r *otlp.LogRecord) { r.Time = 0 }, [][]string{{"no time"}, {"before its span"}}},
		{"a time after it was observed", func(r *otlp.LogRecord) { r.Observed = r.Time - 1 }, [][]string{{"observed 1ns before it happened"}}},
		{"a span that is not there", func(r *otlp.LogRecord) { r.SpanID[3] ^= 1 }, [][]string{{"no such span"}}},
		{"a span id of zero", func(r *otlp.LogRecord) { r.SpanID = otlp.SpanID{} }, [][]string{{"an id is zero"}}},
		{"a trace id of zero", func(r *otlp.LogRecord) { r.TraceID = otlp.TraceID{} }, [][]string{{"an id is zero"}}},
		{"a trace of this iteration that is not there", func(r *otlp.LogRecord) { r.TraceID[15] ^= 1 }, [][]string{{"no such span"}}},
		{"a trace of elsewhere", func(r *otlp.LogRecord) { r.TraceID[0] ^= 1 }, [][]string{{"its trace id is of iteration"}}},
		{"no severity", func(r *otlp.LogRecord) { r.Severity = 0 }, [][]string{{"severity is 0"}}},
		{"a severity that there is not", func(r *otlp.LogRecord) { r.Severity = 25 }, [][]string{{"severity is 25"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := plantSignals(t, allSignals(30, 10, "cumulative"), signals{editLogs: func(i uint64, l *otlp.Logs) {
				if i == 12 {
					c.edit(&l.Records[0])
				}
			}}, nil)
			checkFound(t, dir, c.want...)
		})
	}
}

func TestVerifyFindsWrongMetrics(t *testing.T) {
	const calls, took = 2, 6 // the points of calls
	for _, c := range []struct {
		what        string
		temporality string
		edit        func(m *otlp.Metrics)
		want        [][]string
	}{
		{"nothing", "cumulative", func(*otlp.Metrics) {}, nil},
		{"nothing of deltas", "delta", func(*otlp.Metrics) {}, nil},
		{"a counter that falls", "cumulative", func(m *otlp.Metrics) { m.Points[calls].Value = 1 },
			[][]string{{"metrics/000001.pb.zst: record 2: ", `series calls{kind="internal", name="call"} at 2026-01-01T00:00:08Z: it is less than`}}},
		{"an integer that begins anew too early", "cumulative", func(m *otlp.Metrics) { m.Points[calls].Start++ },
			[][]string{{"before the end of the point before"}, {"record 3", "before the end of"}}},
		{"a delta that overlaps", "delta", func(m *otlp.Metrics) { m.Points[calls].Start-- }, [][]string{{"starts 1ns before the end of the point before"}}},
		{"a start after its time", "delta", func(m *otlp.Metrics) { m.Points[calls].Start = m.Points[calls].Time + 1 }, [][]string{{"starts 1ns after its time"}}},
		{"no start", "delta", func(m *otlp.Metrics) { m.Points[calls].Start = 0 }, [][]string{{"no start"}, {"starts"}}},
		{"no time", "cumulative", func(m *otlp.Metrics) { m.Points[calls].Time = 0 }, [][]string{{"no time"}, {"follows a point"}}},
		{"no value", "cumulative", func(m *otlp.Metrics) { m.Points[calls].Kind = otlp.KindEmpty }, [][]string{{"it is less"}, {"no value"}}},
		{"a series twice in a record", "cumulative", func(m *otlp.Metrics) { m.Points[calls].Attrs = m.Points[calls+1].Attrs }, [][]string{{"follows a point at"}}},
		{"a series of another scope", "cumulative", func(m *otlp.Metrics) {
			x := m.Metrics[0]
			x.Scope = uint32(len(m.Scopes))
			m.Scopes = append(m.Scopes, otlp.Scope{Name: m.Strings.ID("another")})
			m.Metrics = append(m.Metrics, x)
		}, nil},
		{"the wrong temporality", "cumulative", func(m *otlp.Metrics) { m.Metrics[0].Temporality = otlp.TemporalityDelta },
			[][]string{{"metric calls: temporality is 1, want 2, which is cumulative"}, {"starts"}, {"starts"}, {"starts"}, {"starts"}}},
		{"no name", "cumulative", func(m *otlp.Metrics) { m.Metrics[0].Name = 0 }, [][]string{{"metric 0 has no name"}}},
		{"no points", "cumulative", func(m *otlp.Metrics) { m.Metrics[0].Points.End = 0 }, [][]string{{"metric calls has no points"}}},
		{"a bucket that lost a value", "cumulative", func(m *otlp.Metrics) { m.Counts[m.Points[took].Buckets.Start+3]-- },
			[][]string{{"series took", "its buckets hold ", ", its count is "}}},
		{"a bucket too few", "cumulative", func(m *otlp.Metrics) { m.Points[took].Buckets.End-- }, [][]string{{"it has 3 buckets and 3 bounds"}}},
		{"bounds that fall", "cumulative", func(m *otlp.Metrics) { m.Bounds = []float64{100e-6, 500e-6, 500e-6} },
			[][]string{{"bound 0.0005 does not follow bound 0.0005"}, {"bound"}, {"bound"}, {"bound"}, {"exemplar", "no bucket counts its value"}}},
		{"a minimum over the maximum", "cumulative", func(m *otlp.Metrics) { m.Points[took].Min = 1 },
			[][]string{{"its minimum is 1, its maximum 0.000896"}, {"exemplar", "is not between"}}},
		{"a maximum that is in no bucket", "cumulative", func(m *otlp.Metrics) { m.Points[took+1].Max = 9 }, [][]string{{"no bucket counts its maximum 9"}}},
		{"an exemplar of no span", "cumulative", func(m *otlp.Metrics) { m.Exemplars[2].SpanID[0] ^= 1 },
			[][]string{{"record 2: trace ", ": span ", "exemplar of series took", "no such span in the segment"}}},
		{"an exemplar without id", "cumulative", func(m *otlp.Metrics) { m.Exemplars[2].TraceID = otlp.TraceID{} }, [][]string{{"an id is zero"}}},
		{"an exemplar after its span", "cumulative", func(m *otlp.Metrics) { m.Exemplars[2].Time += 200_000 }, [][]string{{"is outside of the span"}}},
		{"an exemplar before its point", "delta", func(m *otlp.Metrics) { m.Exemplars[2].Time = 1 }, [][]string{{"outside of the point's"}, {"outside of the span"}}},
		{"an exemplar without value", "delta", func(m *otlp.Metrics) { m.Exemplars[2].Kind = otlp.KindEmpty }, [][]string{{"it has no value"}}},
		{"an exemplar of another bucket", "delta", func(m *otlp.Metrics) { m.Exemplars[2].Value = math.Float64bits(400e-6) },
			[][]string{{"is not between"}, {"no bucket counts its value 0.0004"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			dir := plantSignals(t, allSignals(30, 10, c.temporality), signals{editMetrics: func(segment uint64, tick int, m *otlp.Metrics) {
				if segment == 1 && tick == 3 {
					c.edit(m)
				}
			}}, nil)
			checkFound(t, dir, c.want...)
		})
	}
}

func TestVerifyFindsInstancesThatOverlap(t *testing.T) {
	for _, temporality := range []string{"cumulative", "delta"} {
		dir := plantSignals(t, allSignals(40, 10, temporality), signals{editMetrics: func(segment uint64, tick int, m *otlp.Metrics) {
			for i := range m.Points {
				if segment == 2 && (temporality == "cumulative" || tick == 1) {
					m.Points[i].Start -= 5_100_000_000 // segment 0 has the same instance, and ends 5.5 s before
				}
			}
		}}, nil)
		checkClean(t, dir)
		dir = plantSignals(t, allSignals(40, 10, temporality), signals{editMetrics: func(segment uint64, tick int, m *otlp.Metrics) {
			for i := range m.Points {
				if segment == 2 && (temporality == "cumulative" || tick == 1) {
					m.Points[i].Start -= 5_800_000_000
				}
			}
		}}, nil)
		checkFound(t, dir, []string{"metrics/000002.pb.zst: 8 series, ", "begin at 2026-01-01T00:00:04.2Z or so, when segment 0 still writes them"})
	}
}

// What traces do not have is not looked for in them.
func TestDamagedTracesHideNoOtherFindings(t *testing.T) {
	h := allSignals(30, 10, "cumulative")
	o := options(t.TempDir(), h)
	o.Compression = corpus.CompressionNone
	o.NewFill = func() (corpus.Fill, error) {
		return func(segment uint64, seg *otlp.Segment) error {
			s := &synthetic{header: h, signals: signals{editLogs: func(i uint64, l *otlp.Logs) {
				if i == 12 {
					l.Records[0].Severity = 0
				}
			}}}
			if err := s.fill(segment, seg); err != nil || segment != 1 {
				return err
			}
			data := seg.Blocks[otlp.SignalTraces].Data
			data[len(data)-1] = 0xff // within the last record
			data[5] = 0xff
			return nil
		}, nil
	}
	mustWrite(t, o)
	r, err := judge(context.Background(), settings{Dir: o.Dir, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var logs []string
	for _, f := range r.Findings() {
		if !strings.HasPrefix(f.File, "traces/") {
			logs = append(logs, f.String())
		}
	}
	if len(r.Findings()) < 2 || len(logs) != 1 || !strings.Contains(logs[0], "severity is 0") {
		t.Errorf("got %v", r.Findings())
	}
}

// audited counts what it is lent, and complains of segment 1.
type audited struct{ traces, metrics, logs, segments int }

func (a *audited) Traces(t *otlp.Traces)   { a.traces += len(t.Spans) }
func (a *audited) Metrics(m *otlp.Metrics) { a.metrics += len(m.Points) }
func (a *audited) Logs(l *otlp.Logs)       { a.logs += len(l.Records) }

func (a *audited) Finish(report func(problem)) (points, logs int) {
	if a.segments++; a.segments == 2 {
		report(problem{Rule: "audit", Text: "the signals disagree"})
	}
	points, logs = a.metrics, a.logs
	a.metrics, a.logs = 0, 0
	return points, logs
}

func TestVerifyAsksTheAuditAndTheChecks(t *testing.T) {
	h := allSignals(30, 10, "cumulative")
	dir := plantSignals(t, h, signals{}, nil)
	audit := &audited{}
	o := settings{Dir: dir, Workers: 1, NewAudit: func() segmentAudit { return audit }, NewSignalChecks: func() signalChecks {
		return signalChecks{
			Metrics: func(m *otlp.Metrics, report func(int, problem)) {
				if m.Points[0].Value == 5 {
					report(1, problem{Rule: "house", Text: "has five"})
				}
			},
			Logs: func(l *otlp.Logs, report func(int, problem)) {
				if len(l.Records) == 3 && l.Records[0].Time < uint64(h.Options.Start)+2e9 {
					report(2, problem{Rule: "house", Text: "is the third"})
				}
			},
		}
	}}
	r, err := judge(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Findings() {
		got = append(got, f.String())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{"metrics/000001.pb.zst: record 0: metric took: has five", "logs/000000.pb.zst: record 2: trace ", ": is the third", "segment 1: the signals disagree"} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant in it %s", text, want)
		}
	}
	if m := r.Manifest.Totals; uint64(audit.traces) != m[0].Items || r.AuditedPoints != m[1].Items || r.AuditedLogs != m[2].Items {
		t.Errorf("got %d spans, %d points and %d logs, want %v", audit.traces, r.AuditedPoints, r.AuditedLogs, m)
	}
	// What an audit says of a segment that is not whole is nothing new.
	if err := os.Truncate(filepath.Join(dir, "logs", "000001.pb.zst"), 50); err != nil {
		t.Fatal(err)
	}
	*audit = audited{}
	if r, err = judge(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings() {
		if strings.Contains(f.Text, "disagree") {
			t.Errorf("got %v", f)
		}
	}
}

// exponential returns a record of one exponential histogram.
func exponential(s *otlp.Strings, h corpus.Header) *otlp.Metrics {
	m := &otlp.Metrics{Strings: s, Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
	m.Counts = []uint64{1, 0, 2, 4}
	start := uint64(h.Options.Start)
	m.Points = []otlp.Point{{Start: start, Time: start + 1, Count: 8, ZeroCount: 1, Has: otlp.HasSum | otlp.HasMin | otlp.HasMax, Min: 0, Max: 3, Scale: 1,
		Positive: otlp.Buckets{Counts: otlp.Range{End: 3}, Offset: -1}, Negative: otlp.Buckets{Counts: otlp.Range{Start: 3, End: 4}}}}
	m.Metrics = []otlp.Metric{{Name: s.ID("exp"), Kind: otlp.MetricExpHistogram, Temporality: otlp.TemporalityCumulative, Points: otlp.Range{End: 1}}}
	return m
}

func TestVerifyFindsWrongPointsOfOtherKinds(t *testing.T) {
	for _, c := range []struct {
		what string
		edit func(s *otlp.Strings, m *otlp.Metrics)
		want [][]string
	}{
		{"nothing", func(*otlp.Strings, *otlp.Metrics) {}, nil},
		{"a count that the buckets do not hold", func(_ *otlp.Strings, m *otlp.Metrics) { m.Points[0].Count = 7 }, [][]string{{"its buckets hold 8 values, its count is 7"}}},
		{"zeros that are not counted", func(_ *otlp.Strings, m *otlp.Metrics) { m.Points[0].ZeroCount = 0 }, [][]string{{"its buckets hold 7 values, its count is 8"}}},
		{"a count that falls", func(_ *otlp.Strings, m *otlp.Metrics) {
			p := m.Points[0]
			p.Time++
			p.Count, p.ZeroCount = 7, 0
			m.Points = append(m.Points, p)
			m.Metrics[0].Points.End = 2
		}, [][]string{{"it is less than the point before"}}},
		{"a gauge, which may fall", func(_ *otlp.Strings, m *otlp.Metrics) {
			m.Metrics[0].Kind, m.Metrics[0].Temporality = otlp.MetricGauge, 0
			p := otlp.Point{Time: m.Points[0].Time, Kind: otlp.KindInt, Value: 5}
			q := p
			q.Time, q.Value = p.Time+1, 4
			m.Points = []otlp.Point{p, q}
			m.Metrics[0].Points.End = 2
		}, nil},
		{"a sum that may fall", func(_ *otlp.Strings, m *otlp.Metrics) {
			m.Metrics[0].Kind = otlp.MetricSum
			p := otlp.Point{Start: m.Points[0].Start, Time: m.Points[0].Time, Kind: otlp.KindInt, Value: 5}
			q := p
			q.Time, q.Value = p.Time+1, 4
			m.Points = []otlp.Point{p, q}
			m.Metrics[0].Points.End = 2
		}, nil},
		{"a metric of no kind", func(_ *otlp.Strings, m *otlp.Metrics) {
			m.Metrics = append(m.Metrics, otlp.Metric{Name: m.Metrics[0].Name})
		}, [][]string{{"metric exp has no points"}}},
	} {
		h := allSignals(5, 10, "cumulative")
		h.Options.Signals = []string{"metrics"}
		o := options(t.TempDir(), h)
		o.NewFill = func() (corpus.Fill, error) {
			return func(_ uint64, seg *otlp.Segment) error {
				s := otlp.NewStrings()
				m := exponential(s, h)
				c.edit(s, m)
				return new(otlp.Encoder).AppendMetrics(&seg.Blocks[otlp.SignalMetrics], m)
			}, nil
		}
		mustWrite(t, o)
		t.Run(c.what, func(t *testing.T) { checkFound(t, o.Dir, c.want...) })
	}
}

// Whatever decodes can be checked and printed.
func FuzzSignals(f *testing.F) {
	h := allSignals(3, 3, "cumulative")
	s := &synthetic{header: h}
	var seg otlp.Segment
	if err := s.fill(0, &seg); err != nil {
		f.Fatal(err)
	}
	for _, sig := range []otlp.Signal{otlp.SignalMetrics, otlp.SignalLogs} {
		payload, _, err := otlp.NextFrame(seg.Blocks[sig].Data, otlp.FormatProto)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload)
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		v := &verifier{o: settings{MaxExamples: 10}, report: Report{Manifest: &corpus.Manifest{Header: h}}}
		sv := &segmentVerifier{v: v, key: ids.New(h.Seed)} // which decompresses nothing
		fv := &fileVerifier{s: sv, r: &segmentReport{found: newFindings(10)}, segment: &corpus.SegmentInfo{Iterations: 3}, info: &corpus.FileInfo{}, found: newFindings(10)}
		sv.traces.reset(fv)
		sv.tracesWhole = true
		sv.series.reset(fv)
		var d otlp.Decoder
		for n := range 2 {
			if d.Metrics(&sv.metrics, payload, otlp.FormatProto) == nil {
				fv.metricsRecord(n, &sv.metrics)
			}
		}
		if d.Logs(&sv.logs, payload, otlp.FormatProto) != nil {
			return
		}
		fv.logsRecord(0, &sv.logs)
	})
}
