package replay_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// authority is a certificate of the receivers, and the file that has clients
// trust it.
type authority struct {
	server *tls.Config
	path   string
}

func newAuthority(t *testing.T, protocols ...string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	pair := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return &authority{&tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: protocols}, path}
}

// bare has a receiver speak without TLS to a client that wants it.
func bare(f func(*peer)) func(*peer) {
	return func(p *peer) {
		p.Conn = p.Conn.(*tls.Conn).NetConn()
		f(p)
	}
}

// hello reads what a client of TLS begins with, and answers it.
func hello(answer string) func(*peer) {
	return bare(func(p *peer) {
		_, _ = p.Read(make([]byte, 2048))
		p.write(answer)
	})
}

// unlike has a receiver use another certificate than its clients trust.
func unlike(t *testing.T, f func(*peer)) func(*peer) {
	other := newAuthority(t, "h2")
	return func(p *peer) {
		p.Conn = tls.Server(p.Conn.(*tls.Conn).NetConn(), other.server)
		f(p)
	}
}

// handshakes are receivers that go wrong before a byte of HTTP is there. What is
// refused for good is so from the first record on.
func handshakes(t *testing.T) []hostile {
	const drop = 2 * time.Millisecond
	return []hostile{
		{"TLS: silent", true, "failed", "timeout", bare((*peer).hang)},
		{"TLS: closes at once", false, "failed", "", bare(func(*peer) {})},
		{"TLS: resets at once", false, "failed", "", bare((*peer).reset)},
		{"TLS: closes after the hello", false, "failed", "", hello("")},
		{"TLS: half a record", false, "failed", "", hello("\x16\x03\x03\x10\x00abc")},
		{"TLS: records of nothing", false, "failed", "tls refused", hello("\x16\x03\x03\xff\xff" + string(make([]byte, 70000)))},
		{"TLS: an alert", false, "failed", "tls refused", hello("\x15\x03\x03\x00\x02\x02\x28")},
		{"TLS: HTTP without it", false, "failed", "http://", hello("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")},
		{"TLS: gRPC without it", false, "failed", "http://", hello("\x00\x00\x06\x04\x00\x00\x00\x00\x00\x00\x05\x00\x00@\x00")},
		{"TLS: another certificate", false, "failed", "tls refused", unlike(t, (*peer).hang)},
		{"TLS: a byte now and then", true, "failed", "timeout", bare(func(p *peer) {
			for _, c := range "\x16\x03\x03\x40\x00" + string(make([]byte, 16384)) {
				if !p.write(string(c)) {
					return
				}
				time.Sleep(drop)
			}
		})},
	}
}

// cutOff closes a connection below TLS, which is no end of a stream.
func cutOff(p *peer) bool {
	_ = p.Conn.(*tls.Conn).NetConn().Close()
	return false
}

func TestHostileReceiversOfTLS(t *testing.T) {
	http := append(handshakes(t),
		hostile{"TLS: silent after the handshake", true, "unknown", "timeout", (*peer).hang},
		hostile{"TLS: cut after the request", false, "unknown", "connection lost", alternately(cutOff)},
		hostile{"TLS: an answer cut in its body", false, "unknown", "", alternately(func(p *peer) bool {
			p.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{")
			return cutOff(p)
		})},
		hostile{"TLS: takes every second, and cuts", false, "", "", alternately(func(p *peer) bool { return p.take(plainOK) }, cutOff)},
		hostile{"TLS: takes all", false, "accepted", "", takes(plainOK)},
	)
	meetAll(t, http, endpoint.HTTPProtobuf, newAuthority(t))
}

func TestHostileReceiversOfGRPCOverTLS(t *testing.T) {
	grpc := append(handshakes(t),
		hostile{"TLS: silent after the handshake", true, "failed", "timeout", (*peer).hang},
		hostile{"TLS: cut after the request", false, "unknown", "Unavailable", http2(greets, func(p *peer, _ uint32) bool { return cutOff(p) })},
		hostile{"TLS: takes every second, and cuts", false, "", "", inTurn(takesOne, func(p *peer, _ uint32) bool { return cutOff(p) })},
		hostile{"TLS: takes all", false, "accepted", "", http2(greets, takesOne)},
	)
	meetAll(t, grpc, endpoint.GRPC, newAuthority(t, "h2"))
}
