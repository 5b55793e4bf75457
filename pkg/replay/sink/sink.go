// Package sink is an OTLP receiver over gRPC and HTTP that counts what it
// accepts, can tell whether everything arrived exactly once, and misbehaves on
// request.
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

// Options says where to listen and what to do with what comes.
type Options struct {
	GRPCListen string      // "host:port", port 0 for any; "" for no gRPC
	HTTPListen string      // likewise
	TLS        *tls.Config // of both; nil is plaintext
	MaxMessage int         // bytes; 0 is DefaultMaxMessage
	Behaviour  Behaviour
	Ledger     *Ledger // nil: only count
	// OnRequest, if set, sees every request that is accepted, whole or in
	// part, from several goroutines. The payload is valid during the call.
	OnRequest func(sig otlp.Signal, format otlp.Format, payload []byte)
	// Report, if set, is called about every Every, from one goroutine.
	Report func(Snapshot)
	Every  time.Duration
}

// Sink is a running receiver.
type Sink struct {
	o        Options
	started  time.Time
	seq      atomic.Uint64 // requests so far, for Behaviour
	stats    stats
	conns    conns
	scratch  sync.Pool // of *scratch
	grpc     *grpc.Server
	http     *http.Server
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
	s := &Sink{o: o, started: time.Now(), stopping: make(chan struct{}), errs: make(chan error, 2)}
	s.scratch.New = func() any { return new(scratch) }
	grpcListener, err := s.listen(o.GRPCListen)
	if err != nil {
		return nil, err
	}
	httpListener, err := s.listen(o.HTTPListen)
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

func (s *Sink) listen(addr string) (net.Listener, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", addr, err)
	}
	return &listener{l, &s.conns}, nil
}

func (s *Sink) serveHTTP(l net.Listener) {
	if s.o.TLS != nil {
		l = tls.NewListener(l, s.o.TLS)
	}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 10 * time.Second,
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
// ends, then cuts them. Requests that hang or wait are refused at once.
func (s *Sink) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { close(s.stopping) })
	var err error
	if s.http != nil {
		if serr := s.http.Shutdown(ctx); serr != nil {
			err = errors.Join(err, s.http.Close())
		}
	}
	if s.grpc != nil {
		stop := context.AfterFunc(ctx, s.grpc.Stop)
		s.grpc.GracefulStop()
		stop()
	}
	s.running.Wait()
	if err != nil {
		return fmt.Errorf("stop sink: %w", err)
	}
	return nil
}

// conns finds the TCP connection of a request by its remote address, so that
// it can be cut.
type conns struct{ m sync.Map }

type listener struct {
	net.Listener
	conns *conns
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t := &tracked{Conn: c, conns: l.conns, key: c.RemoteAddr().String()}
	l.conns.m.Store(t.key, t)
	return t, nil
}

type tracked struct {
	net.Conn
	conns *conns
	key   string
}

// Close implements net.Conn.
func (t *tracked) Close() error {
	t.conns.m.CompareAndDelete(t.key, t)
	return t.Conn.Close()
}

// cut resets the connection from addr: the peer sees no orderly end.
func (c *conns) cut(addr string) {
	v, ok := c.m.Load(addr)
	if !ok {
		return
	}
	t := v.(*tracked)
	if tcp, ok := t.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the end is only more polite
	}
	_ = t.Close() // it is being destroyed
}
