package otlpgrpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// success returns what the body of an OK response says. One that cannot be
// read is still an OK: the receiver has taken the request.
func success(body []byte) replay.Result {
	p, err := response.Parse(body)
	switch {
	case err != nil:
		return replay.Result{Class: replay.Accepted, Message: err.Error()}
	case p.Rejected > 0:
		return replay.Result{Class: replay.Partial, Rejected: p.Rejected, Reason: "partial success", Message: p.Message}
	}
	return replay.Result{Class: replay.Accepted, Message: p.Message}
}

// failure returns what an error of the library means, by the table of the OTLP
// specification.
func failure(ctx context.Context, err error, refused *refusal) replay.Result {
	s := status.Convert(err)
	// The receiver knows the deadline too, and may be the first to say so.
	if ctx.Err() != nil || s.Code() == codes.DeadlineExceeded && passed(ctx) {
		return ended(ctx, s)
	}
	r := replay.Result{
		Class:   replay.Permanent,
		Reason:  "grpc " + s.Code().String(),
		Message: s.Message(),
	}
	if speaksHTTP(s) {
		return replay.Result{Class: replay.Permanent, Reason: "wrong protocol", Message: hint + ": " + s.Message()}
	}
	delay, asked := retryInfo(s)
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.DataLoss:
		r.Class = replay.Retryable
	case codes.Unavailable:
		if e := refused.err.Load(); e != nil {
			return replay.Result{Class: replay.Permanent, Reason: "tls refused", Message: (*e).Error()}
		}
		// With a delay it is backpressure; a RetryInfo of zero only says that
		// the request may be sent again.
		r.Class, r.Throttled = replay.Retryable, delay > 0
	case codes.ResourceExhausted:
		// Without RetryInfo the receiver does not expect to recover.
		if asked {
			r.Class, r.Throttled = replay.Retryable, true
		}
	}
	if r.Class == replay.Retryable {
		r.RetryAfter = delay
	}
	return r
}

// hint says what to do about a receiver that does not speak gRPC.
const hint = "the receiver speaks HTTP but not gRPC at this port: send with http/protobuf (--protocol), or to its port for gRPC, 4317 by default"

// speaksHTTP reports whether an error is about a peer that answers as a server
// of plain HTTP does, which sending again cannot change: one of HTTP/1 to the
// preface of HTTP/2, or one of HTTP/2 that does not know gRPC. One that is
// unavailable in HTTP/2 may be a proxy that waits for what is behind it. The
// library has no other way to tell than its text.
func speaksHTTP(s *status.Status) bool {
	if s.Code() == codes.Unavailable {
		return strings.Contains(s.Message(), "looked like an HTTP/1.1 header")
	}
	return strings.Contains(s.Message(), "unexpected HTTP status code") && strings.Contains(s.Message(), "unexpected content-type")
}

// ended returns the result of a request whose context ended before an answer
// was there. Whether the receiver took it is unknown.
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
