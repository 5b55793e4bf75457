package sink_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/sink"
)

// secure turns the target into one over TLS.
func secure(s *endpoint.Settings) {
	s.Targets[0].Secure = true
	s.Targets[0].URL = strings.Replace(s.Targets[0].URL, "http:", "https:", 1)
}

func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	rows := []struct {
		why    string
		server *tls.Config
		edit   func(*endpoint.Settings)
		ok     bool
	}{
		{"a certificate that we trust", ours.server(t, nil), func(s *endpoint.Settings) { s.CACert = ours.file(".crt") }, true},
		{"one that we do not", ours.server(t, nil), func(s *endpoint.Settings) { s.CACert = theirs.file(".crt") }, false},
		{"a client certificate that the server trusts", ours.server(t, theirs), func(s *endpoint.Settings) {
			s.CACert = ours.file(".crt")
			s.Cert, s.Key = theirs.client(t)
		}, true},
		{"one that it does not", ours.server(t, theirs), func(s *endpoint.Settings) {
			s.CACert = ours.file(".crt")
			s.Cert, s.Key = ours.client(t)
		}, false},
		{"none where it wants one", ours.server(t, theirs), func(s *endpoint.Settings) { s.CACert = ours.file(".crt") }, false},
		{"a server that does not speak TLS", nil, func(s *endpoint.Settings) { s.CACert = ours.file(".crt") }, false},
	}
	for _, r := range rows {
		s := start(t, sink.Options{TLS: r.server})
		for _, w := range protocols {
			tr := dial(t, s, w, secure, r.edit)
			for range 3 { // it must not depend on how far the connection got
				got := send(t, tr, otlp.SignalTraces, payload(t, w, otlp.SignalTraces, 1))
				switch {
				case r.ok && got.Class != replay.Accepted:
					t.Errorf("%s: %v: got %+v", r.why, w, got)
				case !r.ok && (got.Class != replay.Permanent || got.Reason != "tls refused" || got.Message == ""):
					t.Errorf("%s: %v: got %+v", r.why, w, got)
				}
			}
		}
	}
}

func TestConnectionThatEndsInTheHandshakeIsRetryable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Close()
		}
	}()
	for _, w := range protocols {
		tr := dialSettings(t, endpoint.Settings{Protocol: w.protocol, Targets: []endpoint.Target{
			{Addr: l.Addr().String(), URL: "https://" + l.Addr().String() + "/", Secure: true}}})
		if got := send(t, tr, otlp.SignalLogs, payload(t, w, otlp.SignalLogs, 1)); got.Class != replay.Retryable {
			t.Errorf("%v: got %+v", w, got)
		}
	}
	l.Close()
	<-done
}
