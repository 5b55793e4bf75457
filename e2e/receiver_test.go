package e2e

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/otlpjsonfilereceiver"
	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// TestReceiverReadsEveryItem has the Collector's otlpjsonfile receiver read
// JSON corpora of several segments, which it loses whole when two files begin
// alike or a line is over 1 MiB.
func TestReceiverReadsEveryItem(t *testing.T) {
	args := []string{"--seed", "42", "-n", "200", "--segment-iterations", "32", "--signals", strings.Join(signals, ",")}
	plain := generate(t, args, "--format", "json", "--compression", "none")
	for _, compression := range []string{"none", "gzip"} {
		dir := plain
		if compression != "none" {
			dir = generate(t, args, "--format", "json", "--compression", compression)
		}
		for _, signal := range signals {
			t.Run(compression+"/"+signal, func(t *testing.T) {
				want := newBasket(signal)
				for _, line := range records(t, plain, signal) {
					want.add(t, line)
				}
				files, _ := filepath.Glob(filepath.Join(dir, signal, "*"))
				if len(files) < 7 {
					t.Fatalf("%d segments, want 7", len(files))
				}
				got := receive(t, filepath.Join(dir, signal, "*"), compression, signal, want.n)
				if d := diff(want, got); d != (difference{}) || want.n == 0 {
					t.Errorf("%+v among %d items", d, want.n)
				}
			})
		}
	}
}

// receive runs the receiver over files until it has read want items, or has
// read nothing new for a while.
func receive(t *testing.T, pattern, compression, signal string, want int) *basket {
	t.Helper()
	factory := otlpjsonfilereceiver.NewFactory()
	cfg := factory.CreateDefaultConfig().(*otlpjsonfilereceiver.Config)
	cfg.Include = []string{pattern}
	cfg.StartAt = "beginning"
	cfg.IncludeFileName = false
	if compression == "gzip" {
		cfg.Compression = "gzip"
	}
	set := receivertest.NewNopSettings(factory.Type())
	var traces consumertest.TracesSink
	var metrics consumertest.MetricsSink
	var logs consumertest.LogsSink
	var r component.Component
	var err error
	switch signal {
	case "traces":
		r, err = factory.CreateTraces(t.Context(), set, cfg, &traces)
	case "metrics":
		r, err = factory.CreateMetrics(t.Context(), set, cfg, &metrics)
	case "logs":
		r, err = factory.CreateLogs(t.Context(), set, cfg, &logs)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(t.Context(), componenttest.NewNopHost()); err != nil {
		t.Fatal(err)
	}
	count := func() int { return traces.SpanCount() + metrics.DataPointCount() + logs.LogRecordCount() }
	// The receiver polls and never ends, so there is nothing to wait for but
	// the items themselves.
	for idle, last := 0, 0; count() < want && idle < 100; {
		time.Sleep(100 * time.Millisecond)
		if n := count(); n > last {
			idle, last = 0, n
		} else {
			idle++
		}
	}
	if err := r.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := newBasket(signal)
	for _, d := range traces.AllTraces() {
		err = errors.Join(err, got.addTraces(d))
	}
	for _, d := range metrics.AllMetrics() {
		err = errors.Join(err, got.addMetrics(d))
	}
	for _, d := range logs.AllLogs() {
		err = errors.Join(err, got.addLogs(d))
	}
	if err != nil {
		t.Fatal(err)
	}
	return got
}
