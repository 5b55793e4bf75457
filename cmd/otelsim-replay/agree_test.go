package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
)

// keeper is a transport that keeps what is sent.
type keeper struct {
	mu       sync.Mutex
	payloads [otlp.NumSignals][][]byte
}

func (k *keeper) Send(_ context.Context, sig otlp.Signal, payload []byte) replay.Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.payloads[sig] = append(k.payloads[sig], bytes.Clone(payload))
	return replay.Result{}
}

func (k *keeper) Close() error { return nil }

type spanKey struct {
	trace otlp.TraceID
	span  otlp.SpanID
}

// The signals agree when they have been replayed as they do in the corpus: in
// the first lap and in one with other ids, in both formats.
func TestSignalsAgreeAfterReplay(t *testing.T) {
	generator := generatorOf(t)
	for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		dir := filepath.Join(t.TempDir(), "corpus")
		c := exec.Command(generator, "--seed", "3", "-n", "300", "--segment-iterations", "100", "--format", format.String(), "--quiet", "-o", dir)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		src, err := replay.OpenCorpus(t.Context(), dir, replay.CorpusOptions{})
		if err != nil {
			t.Fatal(err)
		}
		k := &keeper{}
		rep, err := replay.Run(t.Context(), src, replay.Options{Pacer: replay.Constant{Rate: replay.PerSecond(20000), Of: replay.UnitRecords}, Transport: k, Laps: 2,
			MaxInFlight: 8, Timeouts: [otlp.NumSignals]time.Duration{time.Minute, time.Minute, time.Minute}})
		if err != nil || rep.LostRecords > 0 {
			t.Fatal(err, rep.LostRecords)
		}
		checkAgreement(t, k, format)
	}
}

func checkAgreement(t *testing.T, k *keeper, f otlp.Format) {
	var d otlp.Decoder
	spans := map[spanKey][2]uint64{}
	for _, p := range k.payloads[otlp.SignalTraces] {
		var x otlp.Traces
		if err := d.Traces(&x, p, f); err != nil {
			t.Fatal(err)
		}
		for _, s := range x.Spans {
			spans[spanKey{s.TraceID, s.SpanID}] = [2]uint64{s.Start, s.End}
		}
	}
	logs := 0
	for _, p := range k.payloads[otlp.SignalLogs] {
		var x otlp.Logs
		if err := d.Logs(&x, p, f); err != nil {
			t.Fatal(err)
		}
		for _, r := range x.Records {
			s, ok := spans[spanKey{r.TraceID, r.SpanID}]
			if !ok || r.Time < s[0] || r.Time > s[1] {
				t.Fatalf("%v: a log at %d is not inside its span %v: %v", f, r.Time, s, ok)
			}
			logs++
		}
	}
	exemplars := 0
	for _, p := range k.payloads[otlp.SignalMetrics] {
		var x otlp.Metrics
		if err := d.Metrics(&x, p, f); err != nil {
			t.Fatal(err)
		}
		for _, e := range x.Exemplars {
			s, ok := spans[spanKey{e.TraceID, e.SpanID}]
			if !ok || e.Time != s[1] {
				t.Fatalf("%v: an exemplar at %d is not at the end of its span %v: %v", f, e.Time, s, ok)
			}
			exemplars++
		}
	}
	if logs == 0 || exemplars == 0 {
		t.Errorf("%v: %d logs, %d exemplars", f, logs, exemplars)
	}
}
