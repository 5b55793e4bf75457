package otlpgrpc_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
)

// discardVariable makes this binary a server that reads requests and drops them,
// in a process of its own so that its work does not count as a client's.
const discardVariable = "OTELSIM_DISCARD_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(discardVariable) != "" {
		discard()
		return
	}
	os.Exit(m.Run())
}

// nothing is a codec of messages that nobody looks at.
type nothing struct{}

func (nothing) Name() string                             { return "proto" }
func (nothing) Marshal(any) (mem.BufferSlice, error)     { return nil, nil }
func (nothing) Unmarshal(d mem.BufferSlice, _ any) error { return nil }

func discard() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println("error", err)
		return
	}
	s := grpc.NewServer(grpc.ForceServerCodecV2(nothing{}), grpc.UnknownServiceHandler(func(_ any, stream grpc.ServerStream) error {
		if err := stream.RecvMsg(nil); err != nil {
			return err
		}
		return stream.SendMsg(nil)
	}))
	fmt.Println(l.Addr())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); s.Stop() }() // until the client is gone
	_ = s.Serve(l)
}

// startDiscard starts the server and returns its address.
func startDiscard(b *testing.B) string {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), discardVariable+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(line)
}

const (
	connections = 4
	inFlight    = 32
)

// bareClient sends payloads and does nothing else.
type bareClient struct {
	conns   []*grpc.ClientConn
	payload []byte
}

func newBareClient(b *testing.B, addr string, payload []byte) *bareClient {
	c := &bareClient{payload: payload}
	for range connections {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = conn.Close() })
		c.conns = append(c.conns, conn)
	}
	return c
}

// send sends the constant payload n times.
func (c *bareClient) send(b *testing.B, n int64) {
	c.sendEach(b, n, func(int64) []byte { return c.payload })
}

// sendEach sends n payloads.
func (c *bareClient) sendEach(b *testing.B, n int64, payload func(i int64) []byte) {
	var next atomic.Int64
	var wg sync.WaitGroup
	opts := []grpc.CallOption{grpc.ForceCodecV2(otlpgrpc.Codec{}), grpc.StaticMethod()}
	for w := range inFlight {
		conn := c.conns[w%connections]
		wg.Go(func() {
			request, answer := &otlpgrpc.Payload{}, &otlpgrpc.Payload{}
			for i := next.Add(1); i <= n; i = next.Add(1) {
				request.Bytes = payload(i - 1)
				if err := conn.Invoke(context.Background(), otlpgrpc.Methods[otlp.SignalTraces], request, answer, opts...); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// lap is one thing to measure: the least processor time of this process in which
// f has run, since other work on the machine only adds.
type lap struct {
	name string
	f    func()
	best time.Duration
}

func (l *lap) run(b *testing.B) {
	start := processorTime(b)
	l.f()
	if took := processorTime(b) - start; l.best == 0 || took < l.best {
		l.best = took
	}
}

// BenchmarkReplayAgainstBareClient reports processor time per record, in
// microseconds: of a bare client of the library; of reading a corpus, with its
// digest, and with decompression; of a bare client that decompresses its files and
// sends what is in them; and of a whole unpaced replay of it, with all that. All that is not reading (division into records, schedule, retiming,
// sending, accounting) is to cost at most 1.3 times what the bare client does.
func BenchmarkReplayAgainstBareClient(b *testing.B) {
	for _, row := range []struct {
		spans            int
		segment, records uint64
	}{{16, 1024, 32768}, {512, 32, 2048}} {
		b.Run(fmt.Sprintf("%d spans", row.spans), func(b *testing.B) {
			addr := startDiscard(b)
			bare := newBareClient(b, addr, otlp.AppendTraces(nil, benchRequest(1, row.spans), otlp.FormatProto))
			transport, err := otlpgrpc.New(otlpgrpc.Options{
				Settings: endpoint.Settings{Targets: []endpoint.Target{{Addr: addr}}}, Connections: connections, UserAgent: "bench"})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = transport.Close() })
			plain := writeBenchCorpus(b, corpus.CompressionNone, row.spans, row.segment, row.records)
			zstd := writeBenchCorpus(b, corpus.CompressionZstd, row.spans, row.segment, row.records)
			laps := []*lap{
				{name: "bare", f: func() { bare.send(b, int64(row.records)) }},
				{name: "send", f: func() { sendConstant(b, transport, bare.payload, int64(row.records)) }},
				{name: "replay", f: func() { replayOnce(b, transport, plain, "") }},
				{name: "replay-zstd", f: func() { replayOnce(b, transport, zstd, "") }},
				{name: "read", f: func() { readOnce(b, plain) }},
				{name: "read-zstd", f: func() { readOnce(b, zstd) }},
				{name: "bare-zstd", f: decodeAndSend(b, bare, zstd)},
			}
			bare.send(b, inFlight*connections) // connects
			replayOnce(b, transport, plain, "")
			b.SetBytes(int64(row.records) * int64(len(bare.payload)))
			b.ResetTimer()
			for b.Loop() {
				for _, l := range laps {
					l.run(b)
				}
			}
			us := map[string]float64{}
			for _, l := range laps {
				us[l.name] = float64(l.best) / float64(row.records) / 1e3
				b.ReportMetric(us[l.name], l.name+"-us/record")
			}
			b.ReportMetric((us["replay"]-us["read"])/us["bare"], "ratio")
			b.ReportMetric(us["replay"]/us["bare"], "ratio-with-read")
			b.ReportMetric(us["replay-zstd"]/us["bare"], "ratio-with-zstd")
			b.ReportMetric(us["replay-zstd"]/us["bare-zstd"], "ratio-to-bare-zstd")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// sendConstant is what the transport costs without a runner.
func sendConstant(b *testing.B, t replay.Transport, payload []byte, n int64) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range inFlight {
		wg.Go(func() {
			for next.Add(1) <= n {
				if r := t.Send(context.Background(), otlp.SignalTraces, payload); r.Class != replay.Accepted {
					b.Errorf("%+v", r)
				}
			}
		})
	}
	wg.Wait()
}

func replayOnce(b *testing.B, t replay.Transport, dir, ledger string) {
	src, err := replay.OpenCorpus(b.Context(), dir, replay.CorpusOptions{LazyScan: true})
	if err != nil {
		b.Fatal(err)
	}
	o := replay.Options{Pacer: replay.Unpaced{}, Transport: t, MaxInFlight: inFlight}
	end := withLedger(b, &o, ledger)
	rep, err := replay.Run(b.Context(), src, o)
	end()
	if err != nil || rep.LostRecords > 0 || rep.Records.Accepted != src.Total().Records {
		b.Fatal(err, rep)
	}
	if err := src.Close(); err != nil {
		b.Fatal(err)
	}
}

// readOnce reads a corpus as a replay does, and does nothing with it.
func readOnce(b *testing.B, dir string) {
	c, err := corpus.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	r, err := c.NewReader()
	if err != nil {
		b.Fatal(err)
	}
	var data []byte
	for i := range c.Manifest().Segments {
		if data, err = r.AppendSegment(data[:0], uint64(i), otlp.SignalTraces); err != nil {
			b.Fatal(err)
		}
	}
}

// decodeAndSend returns what sends a corpus with a bare client: nothing is checked, no
// time is moved, and nothing is read ahead.
func decodeAndSend(b *testing.B, bare *bareClient, dir string) func() {
	files, err := filepath.Glob(filepath.Join(dir, "traces", "*"))
	if err != nil || len(files) == 0 {
		b.Fatal(err, len(files))
	}
	var raw [][]byte
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		raw = append(raw, data)
	}
	d, err := codec.NewDecoder()
	if err != nil {
		b.Fatal(err)
	}
	var out []byte
	var records [][]byte
	return func() {
		for _, file := range raw {
			if out, err = d.Append(out[:0], file, codec.Zstd, 1<<30); err != nil {
				b.Fatal(err)
			}
			records = records[:0]
			for rest := out; len(rest) > 0; {
				var record []byte
				if record, rest, err = otlp.NextFrame(rest, otlp.FormatProto); err != nil {
					b.Fatal(err)
				}
				records = append(records, record)
			}
			bare.sendEach(b, int64(len(records)), func(i int64) []byte { return records[i] })
		}
	}
}

func writeBenchCorpus(b *testing.B, compression corpus.Compression, spans int, segment, records uint64) string {
	dir := filepath.Join(b.TempDir(), "corpus")
	o := corpus.Options{Count: records, SegmentIterations: segment, Signals: []string{"traces"}, Format: "proto",
		TraceShape: "separate", Content: "scenario", Start: firstStart}
	zeros := strings.Repeat("0", 64)
	_, err := corpus.Write(b.Context(), corpus.WriteOptions{
		Dir: dir, Workers: 1, Compression: compression,
		Header: corpus.Header{Revision: 1, Seed: 7, PlanDigest: zeros, Prefix: "vendor", Options: o,
			Scenarios: []corpus.Scenario{{Name: "test", Weight: 1, Digest: zeros}}},
		Conventions: []byte("version: 1\n"), BuildInfo: []byte("{}\n"),
		NewFill: func() (corpus.Fill, error) {
			e := &otlp.Encoder{}
			return func(index uint64, seg *otlp.Segment) error {
				first, count := o.Iterations(index)
				for i := first; i < first+count; i++ {
					if err := e.AppendRecord(&seg.Blocks[otlp.SignalTraces], benchRequest(i, spans)); err != nil {
						return err
					}
				}
				return nil
			}, nil
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	return dir
}

var (
	benchStrings = otlp.NewStrings()
	benchValues  = numbered("value %d of some length", 97)
	benchKeys    = numbered("vendor.attribute.%d", 12)
)

func numbered(format string, n int) (list []otlp.StringID) {
	for i := range n {
		list = append(list, benchStrings.ID(fmt.Sprintf(format, i)))
	}
	return list
}

const firstStart = 1767225600e9

// benchRequest is one trace of spans of some 600 bytes.
func benchRequest(iteration uint64, spans int) *otlp.Traces {
	t := &otlp.Traces{Strings: benchStrings, Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
	key := ids.New(7)
	trace := otlp.TraceID(key.TraceID(ids.Origin{Iteration: iteration}, iteration+1))
	start := firstStart + iteration*10e6
	for i := range uint64(spans) {
		s := otlp.Span{TraceID: trace, SpanID: key.SpanKey(trace).SpanID(i + 1), Name: t.Strings.ID("vendor.llm.call"),
			Start: start + i*1e4, End: start + 100e6 - i*1e4, Kind: 3, Flags: 0x101}
		if i > 0 {
			s.ParentID = t.Spans[0].SpanID
		}
		s.Attrs.Start = uint32(len(t.Attrs))
		for k := range uint64(12) {
			value := benchValues[(i+k*iteration)%uint64(len(benchValues))]
			t.Attrs = append(t.Attrs, otlp.Attr{Key: benchKeys[k], Word: uint64(value)})
		}
		s.Attrs.End = uint32(len(t.Attrs))
		t.Spans = append(t.Spans, s)
	}
	return t
}
