package replay_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/otlphttp"
)

// iterations is how often each hostile receiver is met in each way.
var iterations = flag.Int("iterations", 1, "times that each hostile receiver is met in each way")

// hostile is a receiver that breaks some rule, or keeps one that nobody keeps.
type hostile struct {
	why   string
	hangs bool   // it may say nothing: attempts are short, and on a busy machine may end before they began
	end   string // of every record without retries: "accepted", "rejected", "failed", "unknown"; "": various

	// reason is in the report without retries, where that does not depend on
	// which of two errors is seen first.
	reason string

	// serve handles one connection, which is closed when it returns. It counts
	// what it acknowledges.
	serve func(c *peer)
}

// peer is one connection of a hostile receiver.
type peer struct {
	net.Conn
	seen *counts
	n    int // of the connection, from 0
}

// counts is what a receiver knows: of requests that arrived whole, and of
// answers that it wrote whole.
type counts struct {
	mu                         sync.Mutex
	conns                      int
	arrived, accepted, partial int
}

func (c *counts) add(n *int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	*n++
	return *n
}

// write writes s and says whether that worked.
func (p *peer) write(s string) bool {
	_, err := p.Write([]byte(s))
	return err == nil
}

// reset has the connection end in a reset.
func (p *peer) reset() {
	c := p.Conn
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// more writes without end, at a rate that leaves the machine to others.
func (p *peer) more(s string) {
	for s := strings.Repeat(s, 1+4000/len(s)); p.write(s); {
		time.Sleep(time.Millisecond)
	}
}

// hang reads until the connection ends.
func (p *peer) hang() {
	b := make([]byte, 4096)
	for {
		if _, err := p.Read(b); err != nil {
			return
		}
	}
}

// receive runs a receiver until stop is called.
func receive(h *hostile, secure *tls.Config, seen *counts) (addr string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	var others sync.WaitGroup
	var mu sync.Mutex
	open := map[net.Conn]bool{}
	others.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open[c] = true
			mu.Unlock()
			others.Go(func() {
				defer c.Close()
				p := &peer{Conn: c, seen: seen, n: seen.add(&seen.conns) - 1}
				if secure != nil {
					p.Conn = tls.Server(c, secure)
				}
				h.serve(p)
			})
		}
	})
	return l.Addr().String(), func() {
		l.Close()
		mu.Lock()
		for c := range open {
			c.Close()
		}
		mu.Unlock()
		others.Wait()
	}, nil
}

// Secrets that no report may show, though receivers repeat them.
const secret = "s3cret-token"

// dialing makes the transport under test.
func dialing(p endpoint.Protocol, addr string, ca string) (replay.Transport, error) {
	s := endpoint.Settings{Protocol: p, Targets: []endpoint.Target{{Addr: addr, URL: "http://" + addr + "/"}}, Headers: []endpoint.Header{
		{Key: "authorization", Value: "Bearer " + secret}, {Key: "idempotency-key", Value: "1234"}}}
	if ca != "" {
		s.Targets = []endpoint.Target{{Addr: addr, URL: "https://" + addr + "/", Secure: true}}
		s.CACert = endpoint.File{Path: ca, Source: "--ca-cert"}
	}
	if p == endpoint.GRPC {
		s.Targets[0].URL = ""
		return otlpgrpc.New(otlpgrpc.Options{Settings: s, Connections: 2, UserAgent: "test"})
	}
	return otlphttp.New(otlphttp.Options{Settings: s, UserAgent: "test"})
}

const (
	hostileRecords = 6
	hostileItems   = 2 // of each record
)

// hostileFile writes what is sent to hostile receivers.
func hostileFile(t *testing.T) string {
	t.Helper()
	var file []byte
	for i := range hostileRecords {
		tr := &otlp.Traces{Strings: otlp.NewStrings(), Resources: make([]otlp.Resource, 1), Scopes: make([]otlp.Scope, 1)}
		for k := range hostileItems {
			tr.Spans = append(tr.Spans, otlp.Span{TraceID: otlp.TraceID{1, byte(i)}, SpanID: otlp.SpanID{1, byte(i), byte(k + 1)},
				Name: tr.Strings.ID(strings.Repeat("work ", 300)), Start: 1e18 + uint64(i)*1e6, End: 1e18 + uint64(i)*1e6 + 1e5})
		}
		var block otlp.Block
		e := &otlp.Encoder{Format: otlp.FormatProto}
		if err := e.AppendRecord(&block, tr); err != nil {
			t.Fatal(err)
		}
		file = append(file, block.Data...)
	}
	path := filepath.Join(t.TempDir(), "traces.pb")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// way is how a receiver is met.
type way struct {
	name      string
	retryFor  time.Duration // 0: no retries
	laps      uint64
	interrupt time.Duration // 0: none
}

var ways = []way{
	{"once", 0, 1, 0},
	{"retries and laps", 300 * time.Millisecond, 3, 0},
	{"interrupted", 10 * time.Second, 0, 60 * time.Millisecond},
}

// What an attempt may take, and what a busy machine adds to a promise.
const (
	shortTimeout = 800 * time.Millisecond
	longTimeout  = 40 * time.Second
	promiseSlack = 15 * time.Second
)

// meet runs a replay against a hostile receiver and checks the report.
func meet(t *testing.T, h *hostile, w way, p endpoint.Protocol, path string, certs *authority) error {
	var seen counts
	var config *tls.Config
	ca := ""
	if certs != nil {
		config, ca = certs.server, certs.path
	}
	addr, stop, err := receive(h, config, &seen)
	if err != nil {
		return err
	}
	defer stop()
	tr, err := dialing(p, addr, ca)
	if err != nil {
		return err
	}
	src, err := replay.OpenFiles(context.Background(), []string{path}, replay.FilesOptions{})
	if err != nil {
		return err
	}
	defer src.Close()
	timeout := longTimeout
	if h.hangs {
		timeout = shortTimeout
	}
	o := replay.Options{Pacer: replay.Unpaced{}, Transport: tr, Laps: w.laps, NoRetry: w.retryFor == 0, RetryFor: w.retryFor,
		MaxInFlight: 3 * hostileRecords, Timeouts: [otlp.NumSignals]time.Duration{timeout, timeout, timeout}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	promise := w.retryFor + timeout
	if w.interrupt > 0 {
		o.Duration = time.Hour
		o.Pacer = replay.Constant{Rate: replay.PerSecond(300), Of: replay.UnitRecords}
		promise = w.interrupt + timeout
		time.AfterFunc(w.interrupt, cancel)
	}
	start := time.Now()
	rep, err := replay.Run(ctx, src, o)
	took := time.Since(start)
	_ = tr.Close()
	if err != nil {
		return err
	}
	if !h.hangs {
		promise = w.retryFor + w.interrupt
	}
	if took > promise+promiseSlack {
		return fmt.Errorf("took %v, promised were %v", took, promise)
	}
	return h.judge(rep, w, &seen)
}

// judge compares a report with what the receiver counted.
func (h *hostile) judge(rep *replay.Report, w way, seen *counts) error {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	r := rep.Records
	switch {
	case r.Due != r.Accepted+r.Rejected+r.Failed+r.Unknown:
		return fmt.Errorf("the ledger does not add up: %+v", r)
	case w.laps > 0 && r.Due != hostileRecords*w.laps:
		return fmt.Errorf("%d due, want %d laps of %d", r.Due, w.laps, hostileRecords)
	case (w.interrupt > 0) != rep.Interrupted:
		return fmt.Errorf("interrupted: %v", rep.Interrupted)
	case h.hangs && r.Accepted <= uint64(seen.accepted) && uint64(seen.accepted) <= r.Accepted+r.Unknown:
		// An answer that was written when its attempt had just ended came to nobody.
	case r.Accepted != uint64(seen.accepted) || r.Rejected != uint64(seen.partial):
		return fmt.Errorf("report %+v, %+v; the receiver accepted %d and rejected in part %d", r, rep.Reasons, seen.accepted, seen.partial)
	}
	switch {
	case rep.Sends < uint64(seen.arrived):
		return fmt.Errorf("%d requests arrived, the report has %d", seen.arrived, rep.Sends)
	case rep.LostRecords != r.Rejected+r.Failed+r.Unknown:
		return fmt.Errorf("lost %d of %+v", rep.LostRecords, r)
	}
	ends := map[string]uint64{"accepted": r.Accepted, "rejected": r.Rejected, "failed": r.Failed, "unknown": r.Unknown}
	late := h.hangs && slices.ContainsFunc(rep.Reasons, func(x replay.Reason) bool { return x.Reason == "timeout" })
	if w.retryFor == 0 && h.end != "" && ends[h.end] != r.Due && !(late && r.Failed+r.Unknown == r.Due) {
		return fmt.Errorf("want all %s: %+v, %+v", h.end, r, rep.Reasons)
	}
	var all bytes.Buffer
	if err := rep.WriteText(&all); err != nil {
		return err
	}
	text := all.String()
	j, err := json.Marshal(rep)
	if err != nil {
		return err
	}
	for _, x := range rep.Reasons {
		text += x.Reason + ": " + x.Message + "\n"
		if x.Reason == "panic" {
			return fmt.Errorf("panic: %s", x.Message)
		}
	}
	for _, c := range text + string(j) {
		if c < ' ' && c != '\n' || c >= 0x7f && c < 0xa0 {
			return fmt.Errorf("the report has %U: %q", c, text)
		}
	}
	if strings.Contains(text, "%!") || strings.Contains(text, secret) {
		return fmt.Errorf("the report says %q", text)
	}
	if w.retryFor == 0 && !strings.Contains(text, h.reason) && !late {
		return fmt.Errorf("want %q in %+v", h.reason, rep.Reasons)
	}
	return nil
}

// meetAll meets all receivers in all ways, many at a time: most of the time they
// are waited for.
func meetAll(t *testing.T, table []hostile, p endpoint.Protocol, certs *authority) {
	t.Parallel()
	log.SetOutput(io.Discard) // net/http tells there what comes without being asked for
	path := hostileFile(t)
	var all sync.WaitGroup
	room := make(chan struct{}, 16)
	for range *iterations {
		for i := range table {
			for _, w := range ways {
				room <- struct{}{}
				all.Go(func() {
					defer func() { <-room }()
					if err := meet(t, &table[i], w, p, path, certs); err != nil {
						t.Errorf("%s, %s: %v", table[i].why, w.name, err)
					}
				})
			}
		}
	}
	all.Wait()
}
