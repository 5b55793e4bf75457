package otlpgrpc_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
)

// nowhere takes everything at once.
type nowhere struct{}

func (nowhere) Send(context.Context, otlp.Signal, []byte) replay.Result { return replay.Result{} }
func (nowhere) Close() error                                            { return nil }

// BenchmarkLedger reports processor time per record, in microseconds, of a whole
// unpaced replay and of one with a ledger in a file, which take turns: sent to a
// receiver in another process, and to one that takes everything for nothing. What
// the ledger adds to the second is to be at most 5 percent of the first. The
// requests are small, which is the worst case.
func BenchmarkLedger(b *testing.B) {
	const records = 32768
	addr := startDiscard(b)
	transport, err := otlpgrpc.New(otlpgrpc.Options{
		Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}, Connections: connections, UserAgent: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = transport.Close() })
	dir := writeBenchCorpus(b, corpus.CompressionZstd, 16, 1024, records)
	laps := []*lap{
		{name: "sent", f: func() { replayOnce(b, transport, dir, "") }},
		{name: "sent-ledger", f: func() { replayOnce(b, transport, dir, filepath.Join(b.TempDir(), "l.zst")) }},
		{name: "nowhere", f: func() { replayOnce(b, nowhere{}, dir, "") }},
		{name: "nowhere-ledger", f: func() { replayOnce(b, nowhere{}, dir, filepath.Join(b.TempDir(), "l.zst")) }},
	}
	replayOnce(b, transport, dir, "") // connects
	b.ResetTimer()
	for b.Loop() {
		for _, l := range laps {
			l.run(b)
		}
	}
	us := map[string]float64{}
	for _, l := range laps {
		us[l.name] = float64(l.best) / records / 1e3
		b.ReportMetric(us[l.name], l.name+"-us/record")
	}
	// What a network does varies by more than the ledger costs, which is the same
	// whoever takes the requests.
	b.ReportMetric(100*(us["nowhere-ledger"]-us["nowhere"])/us["sent"], "%")
	b.ReportMetric(0, "ns/op")
}

// withLedger has o write a ledger to a file, and returns what ends that.
func withLedger(b *testing.B, o *replay.Options, path string) (end func()) {
	if path == "" {
		return func() {}
	}
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	if o.Ledger, err = ledger.NewWriter(f); err != nil {
		b.Fatal(err)
	}
	return func() {
		if err := o.Ledger.Err(); err != nil {
			b.Error(err)
		}
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	}
}
