package e2e

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/otlpjsonfilereceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// TestReceiverReadsEverySpan has the Collector's otlpjsonfile receiver read
// JSON corpora of several segments, which it loses whole when two files begin
// alike or a line is over 1 MiB.
func TestReceiverReadsEverySpan(t *testing.T) {
	args := []string{"--seed", "42", "-n", "200", "--segment-iterations", "32"}
	want := make(map[pcommon.SpanID]bool)
	for i, line := range records(t, generate(t, args, "--format", "json", "--compression", "none"), "traces") {
		traces, err := (&ptrace.JSONUnmarshaler{}).UnmarshalTraces(line)
		if err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		eachSpan(traces, func(s ptrace.Span) { want[s.SpanID()] = true })
	}
	for _, compression := range []string{"none", "gzip"} {
		t.Run(compression, func(t *testing.T) {
			dir := generate(t, args, "--format", "json", "--compression", compression)
			files, _ := filepath.Glob(filepath.Join(dir, "traces", "*"))
			if len(files) < 7 {
				t.Fatalf("%d segments, want 7", len(files))
			}
			got := receive(t, dir, compression, len(want))
			for id := range want {
				if got[id] != 1 {
					t.Fatalf("span %s received %d times, want once (%d of %d spans arrived)", id, got[id], len(got), len(want))
				}
			}
			if len(got) != len(want) {
				t.Fatalf("received %d spans, want %d", len(got), len(want))
			}
		})
	}
}

// receive runs the receiver over a corpus until it has read want spans, or has
// read nothing new for a while.
func receive(t *testing.T, dir, compression string, want int) map[pcommon.SpanID]int {
	t.Helper()
	factory := otlpjsonfilereceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlpjsonfilereceiver.Config)
	cfg.Include = []string{filepath.Join(dir, "traces", "*")}
	cfg.StartAt = "beginning"
	cfg.IncludeFileName = false
	if compression == "gzip" {
		cfg.Compression = "gzip"
	}
	sink := new(consumertest.TracesSink)
	r, err := factory.CreateTraces(t.Context(), receivertest.NewNopSettings(factory.Type()), cfg, sink)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	// The receiver polls and never ends, so there is nothing to wait for but
	// the spans themselves.
	for idle, last := 0, 0; sink.SpanCount() < want && idle < 100; {
		time.Sleep(100 * time.Millisecond)
		if n := sink.SpanCount(); n > last {
			idle, last = 0, n
		} else {
			idle++
		}
	}
	if err := r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := make(map[pcommon.SpanID]int)
	for _, traces := range sink.AllTraces() {
		eachSpan(traces, func(s ptrace.Span) { got[s.SpanID()]++ })
	}
	return got
}

func eachSpan(traces ptrace.Traces, f func(ptrace.Span)) {
	for i := range traces.ResourceSpans().Len() {
		rs := traces.ResourceSpans().At(i)
		for j := range rs.ScopeSpans().Len() {
			ss := rs.ScopeSpans().At(j)
			for k := range ss.Spans().Len() {
				f(ss.Spans().At(k))
			}
		}
	}
}
