package otlphttp

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// success returns what the body of a 2xx says. One that should be an OTLP answer
// and cannot be read leaves open what the receiver did; one of another kind, from
// receivers that know no better or from a web page, is told.
func (t *Transport) success(resp *http.Response, body []byte) replay.Result {
	if len(body) > maxAnswer {
		return replay.Result{Class: replay.Unknown, Reason: "unreadable answer",
			Message: fmt.Sprintf("more than %d bytes, which begin %s", maxAnswer, body[:100])}
	}
	var p response.Partial
	var err error
	switch kind := mediaType(resp); kind {
	case "application/x-protobuf", "application/protobuf":
		p, err = response.Parse(body)
	case "application/json":
		p, err = response.ParseJSON(body)
	case "":
		if t.json {
			p, err = response.ParseJSON(body)
		} else {
			p, err = response.Parse(body)
		}
	default:
		if len(bytes.TrimSpace(body)) > 0 {
			return replay.Result{Class: replay.Accepted, Reason: "no OTLP answer",
				Message: fmt.Sprintf("http %d, %s: %s", resp.StatusCode, kind, body)}
		}
	}
	switch {
	case err != nil:
		return replay.Result{Class: replay.Unknown, Reason: "unreadable answer",
			Message: fmt.Sprintf("http %d: %v: %s", resp.StatusCode, err, body)}
	case p.Rejected > 0:
		return replay.Result{Class: replay.Partial, Rejected: p.Rejected, Reason: "partial success", Message: p.Message}
	}
	return replay.Result{Class: replay.Accepted, Reason: p.Kind(), Message: p.Warning()}
}

// failure returns what any other status means: four of them are retryable, all
// others, redirects among them, are not.
func failure(resp *http.Response, body []byte, now time.Time) replay.Result {
	r := replay.Result{
		Class:   replay.Permanent,
		Reason:  "http " + strconv.Itoa(resp.StatusCode),
		Message: message(resp, body),
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		var asked bool
		r.Class = replay.Retryable
		r.RetryAfter, asked = retryAfter(resp.Header.Get("Retry-After"), now)
		r.Throttled = asked || resp.StatusCode == http.StatusTooManyRequests
	}
	return r
}

// retryAfter reads a Retry-After header: seconds or a date.
func retryAfter(v string, now time.Time) (time.Duration, bool) {
	v = strings.TrimSpace(v)
	if v == "" {
		return 0, false
	}
	// A number beyond 64 bits is read as the largest: it is a wait all the same.
	if s, err := strconv.ParseUint(v, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(s, math.MaxInt64/uint64(time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
}

// message returns what an error response says for people.
func message(resp *http.Response, body []byte) string {
	var s response.Status
	var err error
	switch mediaType(resp) {
	case "application/x-protobuf", "application/protobuf":
		s, err = response.ParseStatus(body)
	case "application/json":
		s, err = response.ParseStatusJSON(body)
	default:
		s.Message = string(body)
	}
	if err != nil {
		s.Message = err.Error()
	}
	if loc := resp.Header.Get("Location"); loc != "" {
		s.Message = "redirect to " + loc
	}
	return s.Message
}

func mediaType(resp *http.Response) string {
	m, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return m
}

// broken returns the result of a round trip without a whole answer. The
// receiver may have taken the request or not, or not have been there: the
// specification lets the client try again. Only what cannot change is
// permanent, a refusal of TLS: a certificate that does not verify, a peer that
// does not speak TLS, or an alert from it.
func (t *Transport) broken(ctx context.Context, err error) replay.Result {
	r := replay.Result{Class: replay.Retryable, Reason: reason(err), Message: err.Error()}
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	switch {
	case refused(err):
		r.Class, r.Reason = replay.Permanent, "tls refused"
		if plain {
			r.Message += "; " + plainHint
		}
	case speaksGRPC(err):
		r = replay.Result{Class: replay.Permanent, Reason: wrongProtocol, Message: grpcHint}
	case speaksTLS(err):
		r = replay.Result{Class: replay.Permanent, Reason: wrongProtocol, Message: tlsHint}
	case ctx.Err() != nil:
		r.Reason = "canceled"
		if d, ok := ctx.Deadline(); ok && !time.Now().Before(d) {
			r.Reason = "timeout"
		}
	case t.secure && errors.Is(err, io.EOF) && r.Reason == "connection lost":
		r.Message += "; " + plainHint
	}
	return r
}

const wrongProtocol = "wrong protocol"

// Hints say what to do about a receiver that speaks something else.
const (
	grpcHint  = "the receiver speaks gRPC at this port: send with grpc (--protocol), or to its port for HTTP, 4318 by default"
	tlsHint   = "the receiver speaks TLS at this port: write https:// before it"
	plainHint = "if the receiver has no TLS at this port, write http:// before it"
)

// speaksGRPC reports whether the answer began with a frame of HTTP/2, as that of
// a gRPC server does to a request of HTTP/1: three bytes of length, of which the
// first are zero. net/http has no name for it, and quotes what it read.
func speaksGRPC(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x00\x00`)
}

// speaksTLS reports whether the answer was an alert of TLS.
func speaksTLS(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`)
}

// reason sorts what can happen to a connection into a few words.
func reason(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var slow net.Error
	switch {
	case errors.As(err, &dns):
		return "name not resolved"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &slow) && slow.Timeout():
		return "timeout"
	case errors.As(err, &op) && op.Op == "dial":
		return "not connected"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		strings.HasSuffix(err.Error(), "server closed idle connection"): // net/http has no name for it
		return "connection lost"
	}
	return "transport error"
}
