package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

func TestPayloadArrivesByteIdentical(t *testing.T) {
	for _, p := range protocols {
		for _, c := range codec.Compressions {
			w := way{p.protocol, c}
			t.Run(w.String(), func(t *testing.T) {
				var got sync.Map
				s := start(t, sink.Options{OnRequest: func(sig otlp.Signal, _ otlp.Format, b []byte) {
					got.Store(fmt.Sprint(sig, " ", string(b)), true)
				}})
				tr := dial(t, s, w)
				total := int64(0)
				for sig := range otlp.Signal(otlp.NumSignals) {
					for n, b := range [][]byte{payload(t, w, sig, 1), payload(t, w, sig, 2), nil} {
						if b == nil && w.protocol != endpoint.HTTPJSON {
							b = protoPayload(t, sig, 3, 300, 1000)
						} else if b == nil {
							b = []byte(`{}`)
						}
						keep := bytes.Clone(b)
						if r := send(t, tr, sig, b); r != (replay.Result{}) {
							t.Errorf("%v %d: got %+v", sig, n, r)
						}
						if !bytes.Equal(b, keep) {
							t.Errorf("%v %d: the payload was changed", sig, n)
						}
						if _, ok := got.Load(fmt.Sprint(sig, " ", string(keep))); !ok {
							t.Errorf("%v %d: %d bytes did not arrive as they were", sig, n, len(b))
						}
						total += int64(len(b))
					}
				}
				if c := s.Snapshot().Total(); c.Requests != 9 || c.Bytes != total {
					t.Errorf("got %+v, want 9 requests of %d bytes", c, total)
				}
			})
		}
	}
}

func TestAnswersMapToResults(t *testing.T) {
	grpc, http := "grpc ", "http "
	rows := []struct {
		why        string
		b          sink.Behaviour
		want       replay.Result // Reason for gRPC
		httpReason string
	}{
		{"a refusal that may pass", sink.Behaviour{Fail: 1},
			replay.Result{Class: replay.Retryable, Reason: grpc + "Unavailable"}, http + "503"},
		{"throttling with a wish", sink.Behaviour{Throttle: 1, RetryAfter: 3 * time.Second},
			replay.Result{Class: replay.Retryable, Throttled: true, RetryAfter: 3 * time.Second, Reason: grpc + "ResourceExhausted"}, http + "429"},
		{"throttling without", sink.Behaviour{Throttle: 1},
			replay.Result{Class: replay.Retryable, Throttled: true, Reason: grpc + "ResourceExhausted"}, http + "429"},
		{"some items rejected", sink.Behaviour{Partial: 1, PartialItems: 2},
			replay.Result{Class: replay.Partial, Rejected: 2, Reason: "partial success", Message: sink.PartialMessage}, "partial success"},
		{"all items rejected", sink.Behaviour{Partial: 1, PartialItems: 100},
			replay.Result{Class: replay.Partial, Rejected: items, Reason: "partial success", Message: sink.PartialMessage}, "partial success"},
		{"an answer that takes its time", sink.Behaviour{Delay: time.Millisecond}, replay.Result{}, ""},
	}
	for _, r := range rows {
		s := start(t, sink.Options{Behaviour: r.b})
		for _, w := range protocols {
			tr := dial(t, s, w)
			for sig := range otlp.Signal(otlp.NumSignals) {
				want := r.want
				if w.protocol != endpoint.GRPC {
					want.Reason = r.httpReason
				}
				got := send(t, tr, sig, payload(t, w, sig, 1))
				if want.Class != replay.Partial && want.Class != replay.Accepted && got.Message != "" {
					got.Message = "" // any will do
				}
				if got != want {
					t.Errorf("%s: %v %v: got %+v, want %+v", r.why, w, sig, got, want)
				}
			}
		}
	}
}

func TestWhatIsNotOTLPIsRefusedForGood(t *testing.T) {
	s := start(t, sink.Options{MaxMessage: 10_000})
	for _, w := range protocols {
		tr := dial(t, s, w)
		got := send(t, tr, otlp.SignalLogs, []byte("\x0a\xff{"))
		if got.Class != replay.Permanent || got.Message == "" || got.Reason != "grpc InvalidArgument" && got.Reason != "http 400" {
			t.Errorf("%v: got %+v", w, got)
		}
		got = send(t, tr, otlp.SignalLogs, make([]byte, 20_000))
		if got.Class != replay.Permanent || got.Reason != "grpc ResourceExhausted" && got.Reason != "http 413" {
			t.Errorf("%v: a request over the limit: got %+v", w, got)
		}
	}
	if c := s.Snapshot(); c.Malformed < 5 || c.Total() != (sink.Counts{}) {
		t.Errorf("got %+v", c)
	}
	bomb := bytes.Repeat([]byte{0}, 1<<20)
	for _, p := range protocols {
		for _, c := range []codec.Compression{codec.Gzip, codec.Zstd} {
			got := send(t, dial(t, s, way{p.protocol, c}), otlp.SignalLogs, bomb)
			if got.Class != replay.Permanent || got.Reason != "grpc ResourceExhausted" && got.Reason != "http 413" {
				t.Errorf("%v %v: a bomb: got %+v", p, c, got)
			}
		}
	}
}

func TestHangingReceiverEndsWithTheContext(t *testing.T) {
	s := start(t, sink.Options{Behaviour: sink.Behaviour{Hang: 1}})
	for _, w := range protocols {
		tr := dial(t, s, w)
		for _, cancelled := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			want := "timeout"
			if cancelled {
				cancel()
				ctx, cancel = context.WithCancel(context.Background())
				time.AfterFunc(50*time.Millisecond, cancel)
				want = "canceled"
			}
			begin := time.Now()
			got := tr.Send(ctx, otlp.SignalTraces, payload(t, w, otlp.SignalTraces, 1))
			cancel()
			if took := time.Since(begin); got.Class != replay.Retryable || got.Reason != want || took > 2*time.Second {
				t.Errorf("%v: got %+v after %v, want %s", w, got, took, want)
			}
		}
	}
	if c := s.Snapshot(); c.Hung != 6 || c.Total().Requests != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestCutConnectionsAreRetryableAndHeal(t *testing.T) {
	s := start(t, sink.Options{Behaviour: sink.Behaviour{Seed: 1, Cut: 0.5}})
	for _, w := range protocols {
		tr := dial(t, s, w)
		classes := map[replay.Class]int{}
		for n := range 20 {
			r := send(t, tr, otlp.SignalTraces, payload(t, w, otlp.SignalTraces, n))
			classes[r.Class]++
			if r.Class == replay.Retryable && r.Reason != "grpc Unavailable" && r.Reason != "connection lost" {
				t.Errorf("%v: got %+v", w, r)
			}
		}
		if classes[replay.Retryable] < 3 || classes[replay.Accepted] < 3 || len(classes) != 2 {
			t.Errorf("%v: got %v", w, classes)
		}
	}
	if c := s.Snapshot(); c.Cut < 9 {
		t.Errorf("got %+v", c)
	}
}

func TestReceiverThatDiesAndComesBack(t *testing.T) {
	s := start(t, sink.Options{})
	o := sink.Options{GRPCListen: s.GRPCAddr().String(), HTTPListen: s.HTTPAddr().String()}
	transports := map[way]replay.Transport{}
	for _, w := range protocols {
		transports[w] = dial(t, s, w)
		if r := send(t, transports[w], otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 1)); r.Class != replay.Accepted {
			t.Fatalf("%v: alive: got %+v", w, r)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.Stop(ended) // without grace: it dies
	for w, tr := range transports {
		r := send(t, tr, otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 2))
		for range 3 { // idle connections may say so first
			if r.Class != replay.Retryable {
				t.Errorf("%v: dead: got %+v", w, r)
			}
			r = send(t, tr, otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 2))
		}
		if r.Reason != "grpc Unavailable" && r.Reason != "connection refused" {
			t.Errorf("%v: dead: got %+v", w, r)
		}
	}
	start(t, o)
	for w, tr := range transports {
		deadline := time.Now().Add(5 * time.Second)
		for {
			r := send(t, tr, otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 3))
			if r.Class == replay.Accepted {
				break
			}
			if r.Class != replay.Retryable || time.Now().After(deadline) {
				t.Errorf("%v: back: got %+v", w, r)
				break
			}
			time.Sleep(20 * time.Millisecond) // a real receiver, real backoff
		}
	}
}

func TestEveryTargetGetsItsTurn(t *testing.T) {
	a, b := start(t, sink.Options{}), start(t, sink.Options{})
	for _, w := range protocols {
		tr := dial(t, a, w, func(s *endpoint.Settings) {
			if w.protocol == endpoint.GRPC {
				s.Targets = append(s.Targets, endpoint.Target{Addr: b.GRPCAddr().String()})
			} else {
				s.Targets = append(s.Targets, endpoint.Target{URL: "http://" + b.HTTPAddr().String() + "/"})
			}
		})
		beforeA, beforeB := a.Snapshot(), b.Snapshot()
		for n := range 8 {
			send(t, tr, otlp.SignalTraces, payload(t, w, otlp.SignalTraces, n))
		}
		for _, d := range []sink.Snapshot{a.Snapshot().Since(beforeA), b.Snapshot().Since(beforeB)} {
			if d.Total().Requests != 4 {
				t.Errorf("%v: got %+v, want 4 requests each", w, d.Total())
			}
		}
	}
}

func TestManySendersAtOnceLoseNothingAndLeaveNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, w := range []way{{endpoint.GRPC, codec.None}, {endpoint.GRPC, codec.Zstd}, {endpoint.HTTPProtobuf, codec.Gzip}, {endpoint.HTTPJSON, codec.Zstd}} {
		t.Run(w.String(), func(t *testing.T) {
			ledger := sink.NewLedger()
			format := otlp.FormatProto
			if w.protocol == endpoint.HTTPJSON {
				format = otlp.FormatJSON
			}
			const senders, each = 32, 20
			var payloads [][]byte
			for n := range senders * each {
				b := payload(t, w, otlp.Signal(n%3), n)
				if err := ledger.Expect(otlp.Signal(n%3), format, b); err != nil {
					t.Fatal(err)
				}
				payloads = append(payloads, b)
			}
			s := start(t, sink.Options{Ledger: ledger})
			tr := dial(t, s, w)
			var wg sync.WaitGroup
			for g := range senders {
				wg.Go(func() {
					for n := g * each; n < (g+1)*each; n++ {
						if r := send(t, tr, otlp.Signal(n%3), payloads[n]); r.Class != replay.Accepted {
							t.Errorf("%d: got %+v", n, r)
						}
					}
				})
			}
			wg.Wait()
			var total int64
			for sig, b := range ledger.Balance() {
				total += b.Received
				if !b.Exact() {
					t.Errorf("%v: got %+v", otlp.Signal(sig), b)
				}
			}
			if total != senders*each*items {
				t.Errorf("received %d items, want %d", total, senders*each*items)
			}
		})
	}
	checkGoroutines(t, before)
}

// checkGoroutines waits until no more goroutines run than before.
func checkGoroutines(t *testing.T, before int) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Errorf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
			return
		}
		time.Sleep(5 * time.Millisecond) // they are real ones, ending
	}
}

// A sender uses its memory for the next payload when one was accepted, and
// takes new memory when one was not. No request may be accepted that mixes
// bytes of two payloads. Over HTTP the memory is free in either case.
func TestAcceptedPayloadIsTheCallersAgain(t *testing.T) {
	for _, p := range protocols[:2] {
		for _, c := range []codec.Compression{codec.None, codec.Gzip} {
			w := way{p.protocol, c}
			var mixed, whole, failed atomic.Int64
			s := start(t, sink.Options{OnRequest: func(_ otlp.Signal, _ otlp.Format, b []byte) {
				text := b[bytes.IndexByte(b, '=')+1:]
				if len(bytes.TrimLeft(text, string(text[:1]))) > 0 {
					mixed.Add(1)
				} else {
					whole.Add(1)
				}
			}})
			tr := dial(t, s, w)
			var wg sync.WaitGroup
			for g := range 8 {
				wg.Go(func() {
					b := textLog(300_000)
					end := time.Now().Add(300 * time.Millisecond)
					for n := 0; time.Now().Before(end); n++ {
						text := b[bytes.IndexByte(b, '=')+1:]
						for i := range text {
							text[i] = byte('a' + n%26)
						}
						limit := 5 * time.Second
						if n%2 == 1 {
							limit = time.Duration(n*37+g*211) % 8000 * time.Microsecond
						}
						ctx, cancel := context.WithTimeout(context.Background(), limit)
						r := tr.Send(ctx, otlp.SignalLogs, b)
						cancel()
						if r.Class != replay.Accepted {
							failed.Add(1)
							if w.protocol == endpoint.GRPC {
								b = textLog(300_000)
							}
						}
					}
				})
			}
			wg.Wait()
			if mixed.Load() > 0 || whole.Load() == 0 || failed.Load() == 0 {
				t.Errorf("%v: %d requests were mixed, %d whole, %d failed; want none, some, some", w, mixed.Load(), whole.Load(), failed.Load())
			}
		}
	}
}

// textLog returns a request whose last n bytes, after a '=', are a text.
func textLog(n int) []byte {
	text := append([]byte("="), bytes.Repeat([]byte{'a'}, n)...)
	for _, tag := range []byte{0x0a, 0x2a, 0x12, 0x12, 0x0a} { // string_value, body, record, scope, resource
		var head []byte
		head = append(head, tag)
		size := len(text)
		for ; size >= 0x80; size >>= 7 {
			head = append(head, byte(size)|0x80)
		}
		text = append(append(head, byte(size)), text...)
	}
	return text
}

func TestMain(m *testing.M) {
	if os.Getenv(benchServer) != "" {
		serveBenchmark()
		return
	}
	os.Exit(m.Run())
}
