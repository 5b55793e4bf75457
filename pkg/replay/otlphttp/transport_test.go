package otlphttp

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// serve runs f on loopback and returns a transport to it.
func serve(t *testing.T, s endpoint.Settings, f http.HandlerFunc) (*Transport, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	s.Targets = append(s.Targets, endpoint.Target{URL: server.URL + "/"})
	if s.Protocol == endpoint.GRPC {
		s.Protocol = endpoint.HTTPProtobuf
	}
	tr, err := New(Options{Settings: s, UserAgent: "otelsim-replay/1.2"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tr.Close() })
	return tr, server
}

func send(t *testing.T, tr *Transport, payload string) replay.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return tr.Send(ctx, otlp.SignalTraces, []byte(payload))
}

func TestStatusesMapToClasses(t *testing.T) {
	rows := []struct {
		why    string
		code   int
		header http.Header
		body   string
		want   replay.Result
	}{
		{"full success without a body", 200, nil, "", replay.Result{}},
		{"any 2xx", 202, nil, "", replay.Result{}},
		{"partial success", 200, http.Header{"Content-Type": {"application/x-protobuf"}},
			string(response.Append(nil, response.Partial{Rejected: 2, Message: "why"})),
			replay.Result{Class: replay.Partial, Rejected: 2, Reason: "partial success", Message: "why"}},
		{"partial success in JSON, though protobuf was sent", 200, http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			`{"partialSuccess":{"rejectedSpans":"2"}}`, replay.Result{Class: replay.Partial, Rejected: 2, Reason: "partial success"}},
		{"counts that overflow when they are added", 200, http.Header{"Content-Type": {"application/json"}},
			`{"partialSuccess":{"rejectedSpans":"9223372036854775807","rejectedLogRecords":1}}`,
			replay.Result{Class: replay.Partial, Rejected: math.MaxInt64, Reason: "partial success"}},
		{"a count beyond 64 bits", 200, http.Header{"Content-Type": {"application/json"}},
			`{"partialSuccess":{"rejectedSpans":"99999999999999999999","errorMessage":"all"}}`,
			replay.Result{Class: replay.Partial, Rejected: math.MaxInt64, Reason: "partial success", Message: "all"}},
		{"a warning", 200, http.Header{"Content-Type": {"application/json"}}, `{"partialSuccess":{"rejectedSpans":"0","errorMessage":"x is\u001b[31m deprecated"}}`,
			replay.Result{Reason: "warning", Message: `x is\x1b[31m deprecated`}},
		{"a negative count", 200, http.Header{"Content-Type": {"application/json"}}, `{"partialSuccess":{"rejectedSpans":"-5","errorMessage":"bad"}}`,
			replay.Result{Reason: "warning", Message: "rejected -5: bad"}},
		{"a success that is a web page", 200, http.Header{"Content-Type": {"text/html"}}, "<html>please log in",
			replay.Result{Reason: "no OTLP answer", Message: "http 200, text/html: <html>please log in"}},
		{"a web page of nothing", 200, http.Header{"Content-Type": {"text/html"}}, " \n", replay.Result{}},
		{"an answer that cannot be read is no success", 200, http.Header{"Content-Type": {"application/x-protobuf"}}, "\x80",
			replay.Result{Class: replay.Unknown, Reason: "unreadable answer", Message: `http 200: parse export response: malformed message: \x80`}},
		{"nor is a page that calls itself JSON", 200, http.Header{"Content-Type": {"application/json"}}, "<html>",
			replay.Result{Class: replay.Unknown, Reason: "unreadable answer",
				Message: "http 200: parse export response: malformed message: invalid character '<' looking for beginning of value: <html>"}},
		{"an answer without end", 200, http.Header{"Content-Type": {"application/json"}}, "{" + strings.Repeat(" ", maxAnswer) + "}",
			replay.Result{Class: replay.Unknown, Reason: "unreadable answer", Message: "more than 65536 bytes, which begin {"}},
		{"bad data", 400, http.Header{"Content-Type": {"application/x-protobuf"}}, string(response.AppendStatus(nil, response.Status{Code: 3, Message: "bad"})),
			replay.Result{Class: replay.Permanent, Reason: "http 400", Message: "bad"}},
		{"the same in JSON", 400, http.Header{"Content-Type": {"application/json"}}, `{"code":3,"message":"bad"}`,
			replay.Result{Class: replay.Permanent, Reason: "http 400", Message: "bad"}},
		{"no such path", 404, nil, "404 page not found\n", replay.Result{Class: replay.Permanent, Reason: "http 404", Message: "404 page not found"}},
		{"too many requests", 429, nil, "", replay.Result{Class: replay.Retryable, Throttled: true, Reason: "http 429"}},
		{"with a time", 429, http.Header{"Retry-After": {"7"}}, "", replay.Result{Class: replay.Retryable, Throttled: true, RetryAfter: 7 * time.Second, Reason: "http 429"}},
		{"500 is not among the retryable ones", 500, nil, "", replay.Result{Class: replay.Permanent, Reason: "http 500"}},
		{"bad gateway", 502, nil, "", replay.Result{Class: replay.Retryable, Reason: "http 502"}},
		{"unavailable", 503, nil, "", replay.Result{Class: replay.Retryable, Reason: "http 503"}},
		{"unavailable with a time is throttling", 503, http.Header{"Retry-After": {"1"}}, "", replay.Result{Class: replay.Retryable, Throttled: true, RetryAfter: time.Second, Reason: "http 503"}},
		{"gateway timeout", 504, nil, "", replay.Result{Class: replay.Retryable, Reason: "http 504"}},
		{"a redirect is not followed", 307, http.Header{"Location": {"/elsewhere"}}, "", replay.Result{Class: replay.Permanent, Reason: "http 307", Message: "redirect to /elsewhere"}},
	}
	for _, r := range rows {
		tr, _ := serve(t, endpoint.Settings{}, func(w http.ResponseWriter, req *http.Request) {
			_, _ = io.Copy(io.Discard, req.Body)
			w.Header()["Content-Type"] = nil
			for k, v := range r.header {
				w.Header()[k] = v
			}
			w.WriteHeader(r.code)
			_, _ = io.WriteString(w, r.body)
		})
		if got := send(t, tr, "x"); got != r.want {
			t.Errorf("%s: got %+v, want %+v", r.why, got, r.want)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rows := []struct {
		in   string
		want time.Duration
		ok   bool
	}{
		{"", 0, false}, {"0", 0, true}, {" 120 ", 2 * time.Minute, true}, {"-1", 0, false}, {"soon", 0, false}, {"1.5", 0, false},
		{"Sun, 01 Mar 2026 12:00:30 GMT", 30 * time.Second, true},
		{"Sunday, 01-Mar-26 12:00:30 GMT", 30 * time.Second, true},
		{"Sun, 01 Mar 2026 11:00:00 GMT", 0, true},
		{"9223372036854775807", 9223372036 * time.Second, true},
		{"99999999999999999999999999", 9223372036 * time.Second, true},
		{"-99999999999999999999999999", 0, false},
	}
	for _, r := range rows {
		if got, ok := retryAfter(r.in, now); got != r.want || ok != r.ok {
			t.Errorf("%q: got %v, %v; want %v, %v", r.in, got, ok, r.want, r.ok)
		}
	}
}

func TestRequestsAreWhatTheSpecificationSays(t *testing.T) {
	for _, c := range codec.Compressions {
		for _, p := range []endpoint.Protocol{endpoint.HTTPProtobuf, endpoint.HTTPJSON} {
			var got *http.Request
			var body []byte
			tr, _ := serve(t, endpoint.Settings{Protocol: p, Compression: c, Headers: []endpoint.Header{{Key: "x-team", Value: "a"}}},
				func(_ http.ResponseWriter, r *http.Request) {
					got = r
					body, _ = io.ReadAll(r.Body)
				})
			if r := send(t, tr, "payload"); r.Class != replay.Accepted {
				t.Fatalf("got %+v", r)
			}
			want := map[string]string{"Content-Type": "application/x-protobuf", "X-Team": "a", "User-Agent": "otelsim-replay/1.2", "Content-Encoding": c.String()}
			if p == endpoint.HTTPJSON {
				want["Content-Type"] = "application/json"
			}
			if c == codec.None {
				want["Content-Encoding"] = ""
			}
			for k, v := range want {
				if got.Header.Get(k) != v {
					t.Errorf("%v %v: %s is %q, want %q", p, c, k, got.Header.Get(k), v)
				}
			}
			if got.Method != "POST" || got.URL.Path != "/v1/traces" || got.ContentLength != int64(len(body)) {
				t.Errorf("got %s %s with %d bytes of %d", got.Method, got.URL.Path, len(body), got.ContentLength)
			}
			d, err := codec.NewDecoder()
			if err != nil {
				t.Fatal(err)
			}
			if body, err = d.Append(nil, body, c, 1000); err != nil || string(body) != "payload" {
				t.Errorf("%v %v: got %q, %v", p, c, body, err)
			}
		}
	}
}

func TestConnectionsAreKeptAndAnswersBounded(t *testing.T) {
	var mu sync.Mutex
	from := map[string]int{}
	n := 0
	tr, _ := serve(t, endpoint.Settings{}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		mu.Lock()
		defer mu.Unlock()
		from[r.RemoteAddr]++
		if n++; n%2 == 0 {
			http.Error(w, strings.Repeat("no ", 5000), http.StatusServiceUnavailable)
		}
	})
	for range 10 {
		send(t, tr, "x")
	}
	if len(from) != 1 {
		t.Errorf("10 requests over %d connections", len(from))
	}
	endless, _ := serve(t, endpoint.Settings{}, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		for {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	if r := send(t, endless, "x"); r.Class != replay.Permanent || len(r.Message) > 2000 {
		t.Errorf("an endless answer: got %v, %d bytes", r.Class, len(r.Message))
	}
}

func TestIdleConnectionsThatTheServerClosedAreNoFailure(t *testing.T) {
	tr, server := serve(t, endpoint.Settings{}, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	for n := range 20 {
		r := send(t, tr, "x")
		// A request may meet the end of its connection half way; then it is
		// not known whether it was taken, and only the caller may send again.
		if r.Class != replay.Accepted && r.Reason != "connection lost" {
			t.Errorf("%d: got %+v", n, r)
		}
		server.CloseClientConnections()
	}
}

func TestServerThatEndsWithoutAnAnswer(t *testing.T) {
	tr, server := serve(t, endpoint.Settings{}, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	if r := send(t, tr, "x"); r.Class != replay.Retryable || r.Reason != "connection lost" {
		t.Errorf("got %+v", r)
	}
	server.Close()
	if r := send(t, tr, "x"); r.Class != replay.Retryable || r.Reason != "connection refused" {
		t.Errorf("nobody there: got %+v", r)
	}
}

func TestTakenLeaseIsNeverRead(t *testing.T) {
	l := &lease{payload: []byte("payload")}
	a, _ := l.open()
	b, _ := l.open()
	p := make([]byte, 3)
	if n, err := a.Read(p); n != 3 || err != nil {
		t.Fatalf("got %d, %v", n, err)
	}
	l.take()
	for _, r := range []io.Reader{a, b} {
		if n, err := r.Read(p); n != 0 || err != errTaken {
			t.Errorf("got %d, %v", n, err)
		}
	}
	l = &lease{payload: []byte("payload")}
	for range 2 {
		r, _ := l.open()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, []byte("payload")) {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestBadOptionsAreErrors(t *testing.T) {
	for why, s := range map[string]endpoint.Settings{
		"no endpoint":  {},
		"no such file": {Targets: []endpoint.Target{{URL: "https://c/", Secure: true}}, CACert: endpoint.File{Path: "/nonexistent", Source: "--ca-cert"}},
		"no URL":       {Targets: []endpoint.Target{{URL: "http://\x00"}}},
	} {
		if _, err := New(Options{Settings: s}); err == nil {
			t.Errorf("%s: no error", why)
		}
	}
}

func TestReasonsAreFew(t *testing.T) {
	for err, want := range map[error]string{
		io.ErrUnexpectedEOF:                     "connection lost",
		context.DeadlineExceeded:                "timeout",
		fmt.Errorf("odd: %w", io.ErrNoProgress): "transport error",
	} {
		if got := reason(err); got != want {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
}
