package sink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay/otlpgrpc"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// maxStreams bounds the requests at a time of one connection, and so the
// memory that a client can claim.
const maxStreams = 1024

// handshakeTimeout is how long a connection may take to say what it is.
const handshakeTimeout = 10 * time.Second

func (s *Sink) serveGRPC(l net.Listener) {
	otlpgrpc.RegisterCompressors()
	opts := []grpc.ServerOption{
		grpc.ForceServerCodecV2(otlpgrpc.Codec{}),
		grpc.MaxRecvMsgSize(s.o.MaxMessage),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.ConnectionTimeout(handshakeTimeout),
		// A request of the usual sizes fits, so that no sender waits for the
		// window to open.
		grpc.InitialWindowSize(1 << 20),
		grpc.InitialConnWindowSize(8 << 20),
	}
	if s.o.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.o.TLS)))
	}
	s.grpc = grpc.NewServer(opts...)
	for sig := range otlp.Signal(otlp.NumSignals) {
		s.grpc.RegisterService(s.service(sig), nil)
	}
	s.running.Go(func() {
		if err := s.grpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			s.errs <- fmt.Errorf("serve gRPC: %w", err)
		}
	})
}

// service describes the export service of sig to the library.
func (s *Sink) service(sig otlp.Signal) *grpc.ServiceDesc {
	name, method, _ := strings.Cut(strings.TrimPrefix(otlpgrpc.Methods[sig], "/"), "/")
	return &grpc.ServiceDesc{
		ServiceName: name,
		Methods: []grpc.MethodDesc{{
			MethodName: method,
			Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
				return s.export(ctx, sig, decode)
			},
		}},
	}
}

func (s *Sink) export(ctx context.Context, sig otlp.Signal, decode func(any) error) (any, error) {
	m := s.scratch.Get().(*scratch)
	defer s.scratch.Put(m)
	request := otlpgrpc.Payload{Bytes: m.content}
	late := time.AfterFunc(s.o.BodyTimeout, func() { s.cutGRPC(ctx) })
	err := decode(&request)
	late.Stop()
	m.content = request.Bytes
	if err != nil {
		// A request that did not arrive whole, since its connection broke or was
		// cut, is not one that cannot be read.
		if ctx.Err() == nil {
			s.stats.malformed.Add(1)
		}
		return nil, err
	}
	m.arrived = time.Now()
	s.busy.Add(1)
	defer s.busy.Add(-1)
	act, err := s.begin(ctx)
	switch {
	case errors.Is(err, errStopping):
		return nil, status.Error(codes.Unavailable, err.Error())
	case err != nil:
		return nil, status.FromContextError(err).Err()
	}
	v := s.finish(sig, otlp.FormatProto, act, request.Bytes, m)
	if v.bad != nil {
		return nil, status.Error(codes.InvalidArgument, v.bad.Error())
	}
	if v.unkept != nil {
		return nil, status.Error(codes.Unavailable, unkeptMessage)
	}
	switch v.act {
	case throttle:
		return nil, s.throttleGRPC(ctx)
	case fail:
		return nil, status.Error(codes.Unavailable, failMessage)
	case cut:
		s.cutGRPC(ctx)
		return nil, status.Error(codes.Unavailable, failMessage)
	}
	// The library keeps the answer for as long as it likes.
	return &otlpgrpc.Payload{Bytes: response.Append(nil, v.partial)}, nil
}

// cutGRPC resets the connection of a request.
func (s *Sink) cutGRPC(ctx context.Context) {
	if p, ok := peer.FromContext(ctx); ok {
		s.grpcConns.cut(p.Addr.String())
	}
}

const (
	failMessage     = "unavailable as the sink was told to be"
	throttleMessage = "throttled as the sink was told to"
)

// throttleGRPC returns ResourceExhausted with RetryInfo. The details are put
// into the trailer by hand, as the library would, which saves their packages.
func (s *Sink) throttleGRPC(ctx context.Context) error {
	details := response.AppendStatus(nil, response.Status{
		Code:       int32(codes.ResourceExhausted),
		Message:    throttleMessage,
		RetryInfo:  true,
		RetryDelay: s.o.Behaviour.RetryAfter,
	})
	if err := grpc.SetTrailer(ctx, metadata.Pairs("grpc-status-details-bin", string(details))); err != nil {
		return status.Errorf(codes.Internal, "set details: %v", err)
	}
	return status.Error(codes.ResourceExhausted, throttleMessage)
}
