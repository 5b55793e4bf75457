package sink_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// What is refused, cut off or left hanging is not received; sent again until
// it is accepted, everything has arrived exactly once.
func TestOnlyWhatIsAcceptedCounts(t *testing.T) {
	for _, w := range protocols {
		ledger := sink.NewLedger()
		format := otlp.FormatProto
		if w.protocol == endpoint.HTTPJSON {
			format = otlp.FormatJSON
		}
		s := start(t, sink.Options{Ledger: ledger, Behaviour: sink.Behaviour{
			Seed: 1, Throttle: 0.15, Fail: 0.15, Cut: 0.1, Hang: 0.02,
		}})
		tr := dial(t, s, w)
		const requests = 60
		attempts, bytes := 0, 0
		for n := range requests {
			sig := otlp.Signal(n % otlp.NumSignals)
			b := payload(t, w, sig, n)
			bytes += len(b)
			if err := ledger.Expect(sig, format, b); err != nil {
				t.Fatal(err)
			}
			for class := replay.Retryable; class == replay.Retryable; attempts++ {
				ctx, cancel := untilHung(s)
				class = tr.Send(ctx, sig, b).Class
				cancel()
				if class == replay.Permanent {
					t.Fatalf("%v: request %d: permanent", w, n)
				}
			}
		}
		for sig, b := range ledger.Balance() {
			if !b.Exact() || b.Expected != requests/otlp.NumSignals*items {
				t.Errorf("%v %v: got %+v", w, otlp.Signal(sig), b)
			}
		}
		got := s.Snapshot()
		if c := got.Total(); c != (sink.Counts{Requests: requests, Items: requests * items, Bytes: int64(bytes)}) {
			t.Errorf("%v: got %+v", w, c)
		}
		refused := got.Throttled + got.Failed + got.Cut + got.Hung
		// A connection that fails to open is an attempt that never arrived.
		if got.Throttled == 0 || got.Failed == 0 || got.Cut == 0 || got.Hung == 0 || int(refused) > attempts-requests {
			t.Errorf("%v: %d attempts for %d requests, refused: %+v", w, attempts, requests, got)
		}
	}
}

// untilHung returns a context that is done when s lets another request hang. A
// timeout would also give requests up that are merely slow, and have arrived.
func untilHung(s *sink.Sink) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	before := s.Snapshot().Hung
	go func() {
		for ctx.Err() == nil && s.Snapshot().Hung == before {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	return ctx, cancel
}

func TestRejectedItemsAreNotReceived(t *testing.T) {
	ledger := sink.NewLedger()
	s := start(t, sink.Options{Ledger: ledger, Behaviour: sink.Behaviour{Partial: 1, PartialItems: 2}})
	w := protocols[0]
	b := payload(t, w, otlp.SignalLogs, 1)
	if err := ledger.Expect(otlp.SignalLogs, otlp.FormatProto, b); err != nil {
		t.Fatal(err)
	}
	send(t, dial(t, s, w), otlp.SignalLogs, b)
	want := sink.Balance{Expected: items, Received: items - 2, Missing: 2}
	if got := ledger.Balance()[otlp.SignalLogs]; got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	wantCounts := sink.Counts{Requests: 1, Items: items - 2, Bytes: int64(len(b)), Partial: 1, Rejected: 2}
	if got := s.Snapshot().Signals[otlp.SignalLogs]; got != wantCounts {
		t.Errorf("got %+v, want %+v", got, wantCounts)
	}
}

func TestHTTPRefusesWhatIsNotItsOwn(t *testing.T) {
	s := start(t, sink.Options{})
	rows := []struct {
		why, method, path, contentType, encoding string
		want                                     int
	}{
		{"a protobuf request", "POST", "/v1/traces", "application/x-protobuf", "", 200},
		{"with the identity", "POST", "/v1/traces", "application/x-protobuf", "identity", 200},
		{"with the identity in capitals", "POST", "/v1/traces", "application/x-protobuf", "Identity", 200},
		{"an encoding in capitals, which is not there", "POST", "/v1/logs", "application/json", "GZIP", 400},
		{"another path", "POST", "/v1/profiles", "application/x-protobuf", "", 404},
		{"another method", "GET", "/v1/traces", "", "", 405},
		{"another type", "POST", "/v1/logs", "text/plain", "", 415},
		{"no type", "POST", "/v1/logs", "", "", 415},
		{"another encoding", "POST", "/v1/logs", "application/json", "br", 415},
		{"an encoding that is not there", "POST", "/v1/logs", "application/json", "gzip", 400},
		{"an empty body, which is no JSON", "POST", "/v1/logs", "application/json; charset=utf-8", "", 400},
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, r := range rows {
		req, err := http.NewRequest(r.method, "http://"+s.HTTPAddr().String()+r.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", r.contentType)
		if r.encoding != "" {
			req.Header.Set("Content-Encoding", r.encoding)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != r.want {
			t.Errorf("%s: got %d, want %d", r.why, resp.StatusCode, r.want)
		}
	}
}

func TestStopReleasesRequestsThatWait(t *testing.T) {
	for _, b := range []sink.Behaviour{{Hang: 1}, {Delay: time.Hour}} {
		s, err := sink.Start(sink.Options{GRPCListen: "127.0.0.1:0", HTTPListen: "127.0.0.1:0", Behaviour: b})
		if err != nil {
			t.Fatal(err)
		}
		results := make(chan replay.Result)
		for _, w := range protocols {
			tr := dial(t, s, w)
			b := payload(t, w, otlp.SignalLogs, 1)
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
				defer cancel()
				results <- tr.Send(ctx, otlp.SignalLogs, b)
			}()
		}
		for s.Arrived() < uint64(len(protocols)) {
			time.Sleep(time.Millisecond) // real requests, on their way
		}
		begin := time.Now()
		stop(t, s)
		for range protocols {
			if r := <-results; r.Class != replay.Retryable || r.Reason == "timeout" {
				t.Errorf("%+v: got %+v", b, r)
			}
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%+v: took %v", b, took)
		}
	}
}

func TestAddressInUseIsAnError(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, o := range []sink.Options{
		{GRPCListen: l.Addr().String()},
		{GRPCListen: "127.0.0.1:0", HTTPListen: l.Addr().String()},
	} {
		var op *net.OpError
		if _, err := sink.Start(o); !errors.As(err, &op) || !strings.Contains(err.Error(), l.Addr().String()) {
			t.Errorf("got %v", err)
		}
	}
}

func TestReportsComeAtTheirInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reports atomic.Int64
		s, err := sink.Start(sink.Options{Every: time.Second, Report: func(sink.Snapshot) { reports.Add(1) }})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10*time.Second + time.Millisecond) // of fake time
		stop(t, s)
		if got := reports.Load(); got != 10 {
			t.Errorf("got %d reports, want 10", got)
		}
	})
}
