package build

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// What is over the bounds does not load, retries and the waits between them
// counted.
func TestWorstCasesCountAttempts(t *testing.T) {
	for root, want := range map[string]string{
		"{type: mcp.tool.execute, count: 150, error: 1, retry: {max_attempts: 100, backoff_base_ms: 1}}":                         "a trace may have over 10000 spans",
		"{type: mcp.tool.execute, count: 2000, error: 1, retry: {max_attempts: 2, backoff_base_ms: 3e8, backoff_multiplier: 1}}": "an iteration may last over 3650 days",
		"{type: planner, attributes: {note: " + strings.Repeat("x", 1_000_000) + "}}":                                            "bytes, and a record holds",
	} {
		in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+"root: {type: a2a.orchestrate, children: ["+root+"]}\n")
		var p input.Problems
		if plan := Compile(in, Options{Scenarios: []string{"own"}}, &p); plan != nil || !strings.Contains(p.Err().Error(), want) {
			t.Errorf("%.90s: got %v, want %s", root, p.All(), want)
		}
	}
}

// No iteration has more spans or lasts longer than its bounds say.
func TestBoundsHold(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+`root:
  type: a2a.orchestrate
  latency: {distribution: constant, value: 1}
  children:
    - {type: mcp.tool.execute, count: 3, latency: {distribution: constant, value: 5}, error: {rate: 1, types: [timeout]}, retry: {max_attempts: 4, backoff_base_ms: 100, backoff_multiplier: 2, backoff_jitter: 0}}
    - {type: a2a.call, parallel: true, latency: {distribution: constant, value: 1}, children: [{type: rag.retrieve, count: 5, latency: {distribution: constant, value: 7}}]}
`)
	plan := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
	s := plan.plan.Scenarios[0]
	spans, last := 0, uint64(0)
	g := generator(t, plan, run(4))
	for _, r := range collect(g, 0) {
		n := map[otlp.TraceID]int{}
		for _, x := range r.Spans {
			n[x.TraceID]++
			spans, last = max(spans, n[x.TraceID]), max(last, x.End)
		}
	}
	if spans != s.MaxSpans {
		t.Errorf("a trace of %d spans, and the bound is %d", spans, s.MaxSpans)
	}
	start := uint64(g.gen.StartOf(0))
	if last-start > s.MaxDuration || last-start < 3*(700+4*5)*1e6 {
		t.Errorf("lasts %d ns, and the bound is %d", last-start, s.MaxDuration)
	}
}

// Some sessions of this one are a hundred times as large as most: few of them say
// little about the mean.
func TestSegmentsOfLargeSessionsStaySmall(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+`root:
  type: a2a.orchestrate
  children: [{type: rag.retrieve, count: {distribution: log_normal, median: 60, sigma: 1.4, max: 2000}}]
`)
	plan := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
	r := run(4096)
	r.SegmentIterations = plan.SegmentIterations()
	g := generator(t, plan, r)
	if n := r.SegmentIterations; n&(n-1) != 0 || n > 512 {
		t.Errorf("segments of %d iterations", n)
	}
	for segment := range uint64(2) {
		var seg otlp.Segment
		if err := g.AppendSegment(&seg, segment); err != nil {
			t.Fatal(err)
		}
		size := len(seg.Blocks[otlp.SignalTraces].Data) + len(seg.Blocks[otlp.SignalLogs].Data)
		if size > segmentBytes || size < segmentBytes/5 {
			t.Errorf("segment %d of %d iterations: %d bytes", segment, r.SegmentIterations, size)
		}
	}
}

// Points that would not fit into memory are refused before any is made, and
// what is advised is taken.
func TestMetricsThatDoNotFitAreRefused(t *testing.T) {
	plan := compiledWithWarnings(t, bundled(t), Options{})
	for _, row := range []struct {
		count            uint64
		interval, metric time.Duration
		fits             bool
	}{
		{1000, 500 * time.Millisecond, 10 * time.Second, true},
		{50, 0, time.Nanosecond, false},
		{5, 0, time.Microsecond, false},
		{50, 500 * time.Millisecond, time.Millisecond, false},
		{277, time.Hour, 10 * time.Second, false},
		{100, 30 * time.Minute, 10 * time.Second, false},
		{100, 30 * time.Minute, 5 * time.Minute, true},
	} {
		r := run(row.count)
		r.SegmentIterations, r.Interval, r.MetricInterval = 1024, row.interval, row.metric
		_, err := NewGenerator(plan, r)
		if (err == nil) != row.fits {
			t.Errorf("%+v: got %v", row, err)
			continue
		}
		if err == nil {
			continue
		}
		_, after, _ := strings.Cut(err.Error(), "metric interval or shorter segments (")
		if after == "" {
			_, after, _ = strings.Cut(err.Error(), "metric interval (")
		}
		advised, _, _ := strings.Cut(after, " is enough")
		if r.MetricInterval, err = time.ParseDuration(advised); err != nil {
			t.Errorf("%+v: no advice: %v", row, err)
		} else if _, err = NewGenerator(plan, r); err != nil {
			t.Errorf("%+v: the advice %s is refused: %v", row, advised, err)
		}
		r.Signals, r.MetricInterval = []otlp.Signal{otlp.SignalTraces}, row.metric
		if _, err = NewGenerator(plan, r); err != nil {
			t.Errorf("%+v: refused without metrics: %v", row, err)
		}
	}
}

// One session alone can have too many points.
func TestTicksCountTheLengthOfSessions(t *testing.T) {
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+`root: {type: a2a.orchestrate, latency: {distribution: log_normal, median: 1000, sigma: 1.8}, children: [{type: planner}]}
`)
	r := run(1)
	r.MetricInterval = 5 * time.Millisecond
	_, err := NewGenerator(compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}}), r)
	if err == nil || !strings.Contains(err.Error(), "with sessions of up to") || strings.Contains(err.Error(), "shorter segments") {
		t.Errorf("got %v", err)
	}
}

// Segments hold 1,024 iterations, or as many as stay below 64 MiB.
func TestSegmentsFollowTheSizeOfIterations(t *testing.T) {
	if n := compiledWithWarnings(t, bundled(t), Options{}).SegmentIterations(); n != 1024 {
		t.Errorf("the bundled scenarios: %d", n)
	}
	in := withDefinition(bundled(t), "own.yaml", "name: own\n"+who+"root: {type: a2a.orchestrate, children: [{type: rag.retrieve, count: 500}]}\n")
	plan := compiledWithWarnings(t, in, Options{Scenarios: []string{"own"}})
	n := plan.SegmentIterations()
	if mean := plan.meanBytes(); n == 0 || n&(n-1) != 0 || n >= 1024 || mean*n > segmentBytes || mean*2*n <= segmentBytes {
		t.Errorf("%d iterations of %d bytes", n, mean)
	}
	r := run(math.MaxUint32)
	r.SegmentIterations, r.Interval = math.MaxUint32, 0
	if _, err := NewGenerator(plan, r); err == nil || !strings.Contains(err.Error(), "segment iterations 4294967295") {
		t.Errorf("got %v", err)
	}
}

// Segments of systems are held to what fits into memory by what is in their sessions:
// calls, requests and the time between them, and series.
func TestRunsOfSystemsFitIntoMemory(t *testing.T) {
	const wide = "services: {web: {operations: {GET /: {calls: [{call: api.GET /, count: 500}]}}}, api: {operations: {GET /: }}}\n"
	const long = "session: [{call: web.GET /, count: 400}]\nconversation: {think_time: {distribution: constant, value: 300000}}\nservices: {web: {operations: {GET /: ATTRS}}}\n"
	refused := func(text string, change func(*Run)) string {
		r := run(math.MaxUint32)
		r.SegmentIterations, r.MetricInterval = 8, 10*time.Second
		change(&r)
		if _, err := NewGenerator(systemOf(t, "name: own\n"+text), r); err != nil {
			return err.Error()
		}
		return ""
	}
	plain := strings.Replace(long, "ATTRS", "", 1)
	routes := strings.Replace(long, "ATTRS", `{attributes: {http.route: {pattern: "/{hex:12}"}}}`, 1)
	for _, row := range []struct {
		why, text string
		change    func(*Run)
		want      string
	}{
		{"calls", wide, func(r *Run) { r.SegmentIterations = 1 << 20 }, "segment iterations 1048576: the spans and logs of a segment would take more than"},
		{"calls, in few sessions", wide, func(*Run) {}, ""},
		{"a long session", plain, func(r *Run) { r.MetricInterval = time.Second }, "with sessions of up to 33h"},
		{"a long session with few points", plain, func(*Run) {}, ""},
		{"a long session with a series for each request", routes, func(*Run) {}, "points of each series"},
	} {
		if got := refused(row.text, row.change); !strings.Contains(got, row.want) || (row.want == "") != (got == "") {
			t.Errorf("%s: got %q, want %q", row.why, got, row.want)
		}
	}
}
