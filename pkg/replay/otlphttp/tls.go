package otlphttp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"sync"
	"time"
)

// handshakeTimeout bounds what a peer that accepts and then says nothing can
// cost when a context allows more.
const handshakeTimeout = 10 * time.Second

// alertWait is how long a failed write waits for the reader to tell why.
const alertWait = 250 * time.Millisecond

// dialTLS opens connections whose errors tell a refusal of TLS from a peer
// that went away.
type dialTLS struct {
	dialer *net.Dialer
	config *tls.Config
}

func (d *dialTLS) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	raw, err := d.dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	c := d.config.Clone()
	if c.ServerName, _, err = net.SplitHostPort(addr); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	c.ServerName, _, _ = strings.Cut(c.ServerName, "%") // no certificate has a zone
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	t := tls.Client(raw, c)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return &alertConn{Conn: t, failed: make(chan struct{})}, nil
}

// alertConn makes a write that fails after an alert from the peer fail with
// that alert. In TLS 1.3 a server judges the client's certificate when the
// client is already writing its request; the alert is then there to be read,
// but the write is what fails first.
type alertConn struct {
	net.Conn
	once   sync.Once
	failed chan struct{} // closed after err is set
	err    error         // of the first read that failed
}

// Read implements net.Conn.
func (c *alertConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.once.Do(func() {
			c.err = err
			close(c.failed)
		})
	}
	return n, err
}

// Write implements net.Conn.
func (c *alertConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err == nil {
		return n, nil
	}
	t := time.NewTimer(alertWait)
	defer t.Stop()
	select {
	case <-c.failed:
		if refused(c.err) {
			err = c.err
		}
	case <-t.C:
	}
	return n, err
}

// refused reports whether err is the end of all attempts to agree on TLS: a
// certificate that does not verify, something that is not TLS, or an alert.
// Timeouts and broken connections are not.
func refused(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	if errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) ||
		errors.As(err, &invalid) || errors.As(err, &record) {
		return true
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}
