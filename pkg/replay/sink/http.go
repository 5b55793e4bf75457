package sink

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/replay/response"
)

// handler returns the handler of the three paths.
func (s *Sink) handler() http.Handler {
	mux := http.NewServeMux()
	for sig := range otlp.Signal(otlp.NumSignals) {
		mux.HandleFunc("POST /v1/"+sig.String(), func(w http.ResponseWriter, r *http.Request) { s.post(w, r, sig) })
	}
	return mux
}

// httpError is a request that is refused for its form.
type httpError struct {
	status int
	err    error
}

// errBody is why a request has no whole body: its connection broke.
var errBody = errors.New("read body")

func (s *Sink) post(w http.ResponseWriter, r *http.Request, sig otlp.Signal) {
	m := s.scratch.Get().(*scratch)
	defer s.scratch.Put(m)
	format, herr := contentFormat(r)
	var payload []byte
	if herr == nil {
		payload, herr = s.content(w, r, m)
	}
	if herr != nil {
		if !errors.Is(herr.err, errBody) { // which did not arrive whole: see export
			s.stats.malformed.Add(1)
		}
		s.refuse(w, format, herr.status, codes.InvalidArgument, herr.err.Error())
		return
	}
	m.arrived = time.Now()
	s.busy.Add(1)
	defer s.busy.Add(-1)
	act, err := s.begin(r.Context())
	if err != nil {
		s.refuse(w, format, http.StatusServiceUnavailable, codes.Unavailable, err.Error())
		return
	}
	v := s.finish(sig, format, act, payload, m)
	if v.bad != nil {
		s.refuse(w, format, http.StatusBadRequest, codes.InvalidArgument, v.bad.Error())
		return
	}
	if v.unkept != nil {
		s.refuse(w, format, http.StatusServiceUnavailable, codes.Unavailable, unkeptMessage)
		return
	}
	switch v.act {
	case throttle:
		seconds := (s.o.Behaviour.RetryAfter + time.Second - 1) / time.Second
		w.Header().Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
		s.refuse(w, format, http.StatusTooManyRequests, codes.ResourceExhausted, throttleMessage)
	case fail:
		s.refuse(w, format, http.StatusServiceUnavailable, codes.Unavailable, failMessage)
	case cut:
		s.httpConns.cut(r.RemoteAddr)
		panic(http.ErrAbortHandler) // the server's way to give no answer
	default:
		s.answer(w, format, http.StatusOK, func(dst []byte) []byte {
			if format == otlp.FormatJSON {
				return response.AppendJSON(dst, sig, v.partial)
			}
			return response.Append(dst, v.partial)
		})
	}
}

func (s *Sink) refuse(w http.ResponseWriter, format otlp.Format, code int, c codes.Code, message string) {
	st := response.Status{Code: int32(c), Message: message}
	s.answer(w, format, code, func(dst []byte) []byte {
		if format == otlp.FormatJSON {
			return response.AppendStatusJSON(dst, st)
		}
		return response.AppendStatus(dst, st)
	})
}

func (s *Sink) answer(w http.ResponseWriter, format otlp.Format, code int, body func([]byte) []byte) {
	w.Header().Set("Content-Type", "application/x-protobuf")
	if format == otlp.FormatJSON {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(code)
	_, _ = w.Write(body(nil)) // the client is gone if this fails
}

func contentFormat(r *http.Request) (otlp.Format, *httpError) {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil {
		switch t {
		case "application/x-protobuf":
			return otlp.FormatProto, nil
		case "application/json":
			return otlp.FormatJSON, nil
		}
	}
	return otlp.FormatProto, &httpError{http.StatusUnsupportedMediaType,
		fmt.Errorf("content type %q: want application/x-protobuf or application/json", r.Header.Get("Content-Type"))}
}

// content reads the body into m and opens it.
func (s *Sink) content(w http.ResponseWriter, r *http.Request, m *scratch) ([]byte, *httpError) {
	c := codec.None
	// Names of codings are in any case (RFC 9110, 8.4.1).
	if e := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); e != "" && e != "identity" {
		var err error
		if c, err = codec.ParseCompression(e); err != nil || c == codec.None {
			return nil, &httpError{http.StatusUnsupportedMediaType, fmt.Errorf("content encoding %q: want gzip or zstd", e)}
		}
	}
	// The buffer grows with what comes: a length that is claimed costs nothing.
	b := bytes.NewBuffer(m.body[:0])
	arriving := http.NewResponseController(w)
	// It is the server's own connection, which has deadlines.
	_ = arriving.SetReadDeadline(time.Now().Add(s.o.BodyTimeout))
	_, err := b.ReadFrom(http.MaxBytesReader(w, io.NopCloser(r.Body), int64(s.o.MaxMessage)))
	m.body = b.Bytes()
	var long *http.MaxBytesError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &httpError{http.StatusRequestTimeout, fmt.Errorf("%w: it takes more than %v", errBody, s.o.BodyTimeout)}
	case err == nil:
		_ = arriving.SetReadDeadline(time.Time{})
	}
	switch {
	case errors.As(err, &long):
		return nil, &httpError{http.StatusRequestEntityTooLarge, err}
	case err != nil:
		return nil, &httpError{http.StatusBadRequest, fmt.Errorf("%w: %w", errBody, err)}
	case c == codec.None:
		return m.body, nil
	}
	if m.decoder == nil {
		if m.decoder, err = codec.NewDecoder(); err != nil {
			return nil, &httpError{http.StatusInternalServerError, err}
		}
	}
	m.content, err = m.decoder.Append(m.content[:0], m.body, c, int64(s.o.MaxMessage))
	switch {
	case errors.Is(err, codec.ErrLimit):
		return nil, &httpError{http.StatusRequestEntityTooLarge, err}
	case err != nil:
		return nil, &httpError{http.StatusBadRequest, err}
	}
	return m.content, nil
}
