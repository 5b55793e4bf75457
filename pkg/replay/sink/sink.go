// Package sink is an OTLP receiver over gRPC and HTTP that counts what it
// accepts, can tell whether everything arrived exactly once, and misbehaves on
// request.
//
//	expected := sink.NewLedger()
//	err := expected.Expect(otlp.SignalTraces, otlp.FormatProto, payload) // for each record
//	s, err := sink.Start(sink.Options{HTTPListen: "127.0.0.1:0", Ledger: expected})
//	send(s.HTTPAddr())
//	err = s.Stop(ctx)
//	exact := expected.Balance()[otlp.SignalTraces].Exact()
//
// It walks the wire and builds no messages. What it counts is what it has
// acknowledged: a request that it refuses, or never answers, adds nothing. An
// acknowledgement may still be lost on its way, and then the sender's retry
// is, rightly, a duplicate.
package sink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// DefaultMaxMessage is the size of the largest request that is taken, before
// and after decompression.
const DefaultMaxMessage = 16 << 20

// DefaultMaxConnections is how many connections are open at a time.
const DefaultMaxConnections = 4096

// DefaultBodyTimeout is how long a request may take to arrive.
const DefaultBodyTimeout = 30 * time.Second

// stopGrace is how long Stop lets connections be that have no request to be
// answered: one may just be arriving.
const stopGrace = time.Second

// Options says where to listen and what to do with what comes.
type Options struct {
	GRPCListen string      // "host:port", port 0 for any; "" for no gRPC
	HTTPListen string      // likewise
	TLS        *tls.Config // of both; nil is plaintext
	MaxMessage int         // bytes; 0 is DefaultMaxMessage
	// MaxConnections is how many connections are open at a time, of all
	// listeners together; more are closed at once. 0 is DefaultMaxConnections.
	MaxConnections int
	// BodyTimeout is how long a request may take to arrive; its connection is
	// cut then. 0 is DefaultBodyTimeout.
	BodyTimeout time.Duration
	Behaviour   Behaviour // the zero value: everything is right
	Ledger      *Ledger   // told what is accepted; nil: only count
	// OnRequest, if set, sees every request that is accepted, whole or in
	// part, from several goroutines. The payload is valid during the call.
	OnRequest func(sig otlp.Signal, format otlp.Format, payload []byte)
	// Keep, if set, is told of the same requests before they are answered, without
	// the items that are rejected, and when they had arrived. Requests without
	// items it is not told of. The payload is valid during the call. After an
	// error of it the request is refused, so that the sender may send it again.
	Keep func(sig otlp.Signal, format otlp.Format, payload []byte, arrived time.Time) error
	// Report, if set, is called about every Every, from one goroutine; when that
	// is 0, never.
	Report func(Snapshot)
	Every  time.Duration
}

// Sink is a running receiver.
type Sink struct {
	o       Options
	started time.Time
	seq     atomic.Uint64 // requests so far, for Behaviour
	stats   stats
	limit   limit
	busy    atomic.Int64 // requests that have arrived and are not answered
	scratch sync.Pool    // of *scratch
	grpc    *grpc.Server
	http    *http.Server

	grpcConns, httpConns conns

	grpcAddr net.Addr
	httpAddr net.Addr
	stopping chan struct{}
	stopOnce sync.Once
	running  sync.WaitGroup
	errs     chan error
}

// Start listens and serves until Stop.
func Start(o Options) (*Sink, error) {
	if err := o.Behaviour.check(); err != nil {
		return nil, err
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.MaxConnections <= 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	if o.BodyTimeout <= 0 {
		o.BodyTimeout = DefaultBodyTimeout
	}
	s := &Sink{o: o, started: time.Now(), stopping: make(chan struct{}), errs: make(chan error, 2)}
	s.limit.most = int64(o.MaxConnections)
	s.scratch.New = func() any { return new(scratch) }
	grpcListener, err := s.listen(o.GRPCListen, &s.grpcConns)
	if err != nil {
		return nil, err
	}
	httpListener, err := s.listen(o.HTTPListen, &s.httpConns)
	if err != nil {
		if grpcListener != nil {
			err = errors.Join(err, grpcListener.Close())
		}
		return nil, err
	}
	if grpcListener != nil {
		s.grpcAddr = grpcListener.Addr()
		s.serveGRPC(grpcListener)
	}
	if httpListener != nil {
		s.httpAddr = httpListener.Addr()
		s.serveHTTP(httpListener)
	}
	if o.Report != nil && o.Every > 0 {
		s.running.Go(s.report)
	}
	return s, nil
}

func (s *Sink) listen(addr string, c *conns) (net.Listener, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return &listener{l, c, &s.limit}, nil
}

func (s *Sink) serveHTTP(l net.Listener) {
	if s.o.TLS != nil {
		l = tls.NewListener(l, s.o.TLS)
	}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: handshakeTimeout,
		IdleTimeout:       2 * time.Minute, // more than senders keep one
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.running.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.errs <- fmt.Errorf("serve HTTP: %w", err)
		}
	})
}

func (s *Sink) report() {
	t := time.NewTicker(s.o.Every)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			s.o.Report(s.Snapshot())
		case <-s.stopping:
			return
		}
	}
}

// GRPCAddr returns the address that gRPC is served on, nil for none.
func (s *Sink) GRPCAddr() net.Addr { return s.grpcAddr }

// HTTPAddr returns the address that HTTP is served on, nil for none.
func (s *Sink) HTTPAddr() net.Addr { return s.httpAddr }

// Arrived returns the number of requests that were read so far, whatever
// became of them.
func (s *Sink) Arrived() uint64 { return s.seq.Load() }

// Errors yields an error when serving ends before Stop.
func (s *Sink) Errors() <-chan error { return s.errs }

// Stop takes no more connections, lets requests under way finish until ctx
// ends, then cuts them. Requests that hang or wait are refused at once, and
// connections without a request that has arrived are cut after a second.
func (s *Sink) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { close(s.stopping) })
	grace, cancel := context.WithCancel(ctx)
	defer cancel()
	var ending sync.WaitGroup
	if s.http != nil {
		// An error says that connections were left: they are cut below.
		ending.Go(func() { _ = s.http.Shutdown(grace) })
	}
	if s.grpc != nil {
		ending.Go(s.grpc.GracefulStop)
	}
	ending.Go(s.running.Wait)
	ended := make(chan struct{})
	go func() {
		ending.Wait()
		close(ended)
	}()
	err := s.await(ctx, ended)
	cancel()
	// The libraries wait for handshakes even when they are told not to wait: a
	// connection that is closed has none.
	s.httpConns.closeAll()
	s.grpcConns.closeAll()
	if s.http != nil {
		err = errors.Join(err, s.http.Close())
	}
	if s.grpc != nil {
		s.grpc.Stop()
	}
	<-ended
	if err != nil {
		return fmt.Errorf("stop sink: %w", err)
	}
	return nil
}

// await returns when the servers have ended by themselves, when nothing is left
// to wait for, or with an error when ctx ends before.
func (s *Sink) await(ctx context.Context, ended <-chan struct{}) error {
	grace := time.NewTimer(stopGrace)
	defer grace.Stop()
	select {
	case <-ended:
		return nil
	case <-grace.C:
	case <-ctx.Done():
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for s.busy.Load() > 0 {
		select {
		case <-look.C:
		case <-ended:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("%d requests that had arrived were not answered: %w", s.busy.Load(), ctx.Err())
		}
	}
	return nil
}
