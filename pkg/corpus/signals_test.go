package corpus

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

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
func allSignals(count, segmentIterations uint64, temporality string) Header {
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

// Workers, formats, kills and shards change no byte of any signal.
func TestAllSignalsOfAnyRunAreTheSame(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"proto", "json"} {
		h := allSignals(60, 10, "cumulative")
		h.Options.Format = format
		want := options(t.TempDir(), h)
		want.Workers = 1
		mustWrite(t, want)

		o := options(t.TempDir(), h)
		o.Workers = 7
		mustWrite(t, o)
		checkSame(t, o.Dir, want.Dir)

		o = options(t.TempDir(), h)
		interrupt(t, o, 3)
		checkWhole(t, o.Dir)
		o.Resume = true
		mustWrite(t, o)
		checkSame(t, o.Dir, want.Dir)

		o = options(t.TempDir(), h)
		writeShards(t, o, 4)
		if _, err := seal(o.Dir); err != nil {
			t.Fatal(err)
		}
		checkSame(t, o.Dir, want.Dir)
	}
	// A kill between two signals of a segment is one of these.
	h := allSignals(20, 10, "delta")
	want := options(t.TempDir(), h)
	mustWrite(t, want)
	o := options("", h)
	o.Workers = 1
	n := operations(t, o)
	between := 0
	for k := range n {
		f := &faults{from: k, err: errKilled}
		o.Dir, o.Resume, o.hook = t.TempDir(), false, f.hook
		if _, err := Write(context.Background(), o); !errors.Is(err, errKilled) {
			t.Fatalf("operation %d of %d: %v", k, n, err)
		}
		all := files(t, o.Dir)
		if all["traces/000001.pb.zst"] != nil && all["logs/000001.pb.zst"] == nil {
			between++
		}
		o.Resume, o.hook = true, nil
		mustWrite(t, o)
		checkSame(t, o.Dir, want.Dir)
	}
	if between == 0 {
		t.Error("no kill was between two signals: the test is void")
	}
}

func TestMetricOptionsBelongToMetrics(t *testing.T) {
	for _, c := range []struct {
		what string
		edit func(o *Options)
		want string
	}{
		{"no temporality", func(o *Options) { o.Temporality = "" }, `temporality is "": want cumulative or delta`},
		{"a temporality that there is not", func(o *Options) { o.Temporality = "both" }, `temporality is "both"`},
		{"no interval", func(o *Options) { o.MetricInterval = 0 }, "metric_interval is 0s"},
		{"an interval below zero", func(o *Options) { o.MetricInterval = -1 }, "metric_interval is -1ns"},
		{"options of no metrics", func(o *Options) { o.Signals = []string{"traces", "logs"} }, "of a corpus without metrics"},
		{"signals out of order", func(o *Options) { o.Signals = []string{"metrics", "traces"} }, `signals is "metrics,traces"`},
		{"another temporality", func(o *Options) { o.Temporality = "delta" }, "temporality is cumulative, wanted delta"},
		{"another interval", func(o *Options) { o.MetricInterval *= 2 }, "metric_interval is 1s, wanted 2s"},
		{"fewer signals", func(o *Options) {
			o.Signals, o.MetricInterval, o.Temporality = []string{"traces"}, 0, ""
		}, "signals is traces,metrics,logs, wanted traces"},
	} {
		o := options(t.TempDir(), allSignals(40, 10, "cumulative"))
		interrupt(t, o, 2)
		o.Resume = true
		c.edit(&o.Header.Options)
		if _, err := Write(context.Background(), o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", c.what, err, c.want)
		}
	}
}

// bucketOf returns the bucket that counts v: a bound is in the one below it.
func bucketOf(bounds []float64, v float64) int {
	i, _ := slices.BinarySearch(bounds, v)
	return i
}
