package otlpgrpc

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// success returns what the body of an OK response says. One that cannot be
// read leaves open what the receiver did.
func success(body []byte) replay.Result {
	p, err := response.Parse(body)
	switch {
	case err != nil:
		return replay.Result{Class: replay.Unknown, Reason: "unreadable answer", Message: err.Error()}
	case p.Rejected > 0:
		return replay.Result{Class: replay.Partial, Rejected: p.Rejected, Reason: "partial success", Message: p.Message}
	}
	return replay.Result{Class: replay.Accepted, Reason: p.Kind(), Message: p.Warning()}
}

// failure returns what an error of the library means, by the table of the OTLP
// specification, and whether the receiver may have the request all the same.
func (m *call) failure(ctx context.Context, err error, c *conn) replay.Result {
	s, ok := status.FromError(err)
	if !ok {
		// Not what a receiver said: the stream ended under our hands.
		s = status.New(codes.Unavailable, "connection lost: "+err.Error())
	}
	r := classify(ctx, s, m.answered, c)
	r.Message = response.Said(r.Message)
	switch {
	case !m.answered && !strings.Contains(s.Message(), httpStatus):
		r.Open = m.sent && !unprocessed(s)
		r.Unsent = !r.Open
	case m.answered && (s.Code() == codes.DeadlineExceeded || s.Code() == codes.Canceled):
		// It ran out of time, and says nothing of what it did by then.
		r.Open = true
	}
	return r
}

// classify returns what a status means. Answered says that it is the receiver's.
func classify(ctx context.Context, s *status.Status, answered bool, c *conn) replay.Result {
	if !answered {
		if wrong, ok := c.wrongProtocol(s); ok {
			return wrong
		}
	}
	// The receiver knows the deadline too, and may be the first to say so.
	if ctx.Err() != nil || s.Code() == codes.DeadlineExceeded && passed(ctx) {
		return ended(ctx, s)
	}
	r := replay.Result{
		Class:   replay.Permanent,
		Reason:  "grpc " + s.Code().String(),
		Message: s.Message(),
	}
	delay, asked := retryInfo(s)
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.DataLoss:
		r.Class = replay.Retryable
	case codes.Unavailable:
		switch {
		case answered:
		case strings.Contains(s.Message(), handshakeLost):
			r.Message += "; " + tlsHint
		case !c.secure && strings.Contains(s.Message(), prefaceLost):
			r.Message += "; " + closedHint
		}
		// With a delay it is backpressure; a RetryInfo of zero only says that
		// the request may be sent again.
		r.Class, r.Throttled = replay.Retryable, delay > 0
	case codes.ResourceExhausted:
		// Without RetryInfo the receiver does not expect to recover. As the code
		// of a stream's reset it asks for calm.
		if asked || strings.Contains(s.Message(), calm) && !answered {
			r.Class, r.Throttled = replay.Retryable, true
		}
	case codes.Internal:
		if answered && strings.HasPrefix(s.Message(), noMessage) {
			r.Class, r.Reason = replay.Unknown, "unreadable answer"
		}
	}
	if r.Class == replay.Retryable {
		r.RetryAfter = delay
	}
	return r
}

// What the library says of an answer, and has no other way to tell.
const (
	httpStatus    = "unexpected HTTP status code"
	noMessage     = "cardinality violation" // OK, and no message
	refusedStream = "stream terminated by RST_STREAM with error code: REFUSED_STREAM"
	calm          = "stream terminated by RST_STREAM with error code: ENHANCE_YOUR_CALM"
	draining      = "server is draining the connection"
	drained       = "the connection is draining" // the same, of a stream that reads
	handshakeLost = "authentication handshake failed: EOF"
	prefaceLost   = "error reading server preface: " // and how
	noALPN        = "missing selected ALPN property"
	refusedALPN   = "no application protocol"
)

// unprocessed reports whether the receiver, by the rules of HTTP/2, has said that
// it did not look at the request.
func unprocessed(s *status.Status) bool {
	return strings.Contains(s.Message(), refusedStream) || strings.Contains(s.Message(), draining) ||
		strings.Contains(s.Message(), drained)
}

// Hints say what to do about a receiver that does not speak gRPC as we do.
const (
	httpHint = "the receiver speaks HTTP but not gRPC at this port: send with http/protobuf (--protocol), or to its port for gRPC, 4317 by default"
	tlsHint  = "the endpoint is taken for one with TLS, as host:port is: if it has none, write http:// before it, or give --insecure"
	bareHint = "the receiver speaks TLS at this port: write https:// before it"
	// Some that speak TLS close what does not, without a word.
	closedHint = "if the receiver has TLS at this port, write https:// before it"
)

// wrongProtocol returns the result where the peer speaks something else, which
// sending again cannot change: HTTP/1, HTTP/2 without gRPC, TLS or none, or
// another certificate. One that is unavailable in HTTP/2 may be a proxy that
// waits for what is behind it.
func (c *conn) wrongProtocol(s *status.Status) (replay.Result, bool) {
	r := replay.Result{Class: replay.Permanent, Reason: "wrong protocol"}
	// What never connected is unavailable, or took all of its time.
	apart := s.Code() == codes.Unavailable || s.Code() == codes.DeadlineExceeded
	switch err := c.refusal.err.Load(); {
	case apart && (strings.Contains(s.Message(), noALPN) || err != nil && strings.Contains((*err).Error(), refusedALPN)):
		r.Message = httpHint + ": TLS without HTTP/2" // which gRPC is made of
	case apart && err != nil:
		r.Reason, r.Message = "tls refused", (*err).Error()
		if _, plain := errors.AsType[tls.RecordHeaderError](*err); plain {
			r.Message += "; " + tlsHint
		}
	case apart && !c.secure && c.dialer.first.isTLS():
		r.Message = bareHint
	case apart && (strings.Contains(s.Message(), "looked like an HTTP/1.1 header") || !c.secure && c.dialer.first.isHTTP1()),
		!apart && strings.Contains(s.Message(), httpStatus) && strings.Contains(s.Message(), "unexpected content-type"):
		r.Message = httpHint + ": " + s.Message()
	default:
		return replay.Result{}, false
	}
	return r, true
}

// ended returns the result of a request whose context ended before an answer
// was there.
func ended(ctx context.Context, s *status.Status) replay.Result {
	r := replay.Result{Class: replay.Retryable, Reason: "canceled", Message: s.Message()}
	if passed(ctx) {
		r.Reason = "timeout"
	}
	return r
}

// passed reports whether the deadline of ctx has passed, whatever the context
// itself says: some end as canceled at their deadline.
func passed(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && !time.Now().Before(d)
}

// retryInfo returns the delay of the RetryInfo among the details of s, and
// whether there is one.
func retryInfo(s *status.Status) (time.Duration, bool) {
	for _, d := range s.Proto().GetDetails() {
		if d.GetTypeUrl() != response.RetryInfoURL {
			continue
		}
		delay, err := response.ParseRetryInfo(d.GetValue())
		return delay, err == nil
	}
	return 0, false
}
