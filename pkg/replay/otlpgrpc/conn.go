package otlpgrpc

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
)

// StallTimeout is how long a connection may take no byte at all before it is
// given up. Calls end by their own contexts; this ends what a peer that does
// not read would otherwise let pile up behind them.
const StallTimeout = 20 * time.Second

// stallConn fails a write that makes no progress within the timeout, or up to a
// sixteenth sooner: setting a deadline costs much next to a small write, so one
// serves for many.
type stallConn struct {
	net.Conn
	timeout time.Duration
	set     atomic.Int64 // when the deadline was set, nanoseconds since the Unix epoch
	ending  atomic.Bool  // nothing is to be written any more but goodbye
	first   *firstBytes  // nil: nobody asks
	read    int          // bytes; the reader's
	closed  func(*stallConn)
}

// farewell is how long a connection that nobody needs any more may take to say
// goodbye. A peer that does not read would have each wait on its own.
const farewell = 250 * time.Millisecond

// end gives what is being written, and what may come yet, no more than farewell.
func (c *stallConn) end() {
	c.ending.Store(true)
	_ = c.Conn.SetWriteDeadline(time.Now().Add(farewell))
}

// Close implements net.Conn.
func (c *stallConn) Close() error {
	if c.closed != nil {
		c.closed(c)
	}
	return c.Conn.Close()
}

// SetWriteDeadline implements net.Conn, for TLS, which says goodbye too.
func (c *stallConn) SetWriteDeadline(t time.Time) error {
	if c.ending.Load() {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// Read implements net.Conn.
func (c *stallConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.first != nil && c.read < len(c.first.data) {
		c.first.add(b[:n])
		c.read += n
	}
	return n, err
}

// Write implements net.Conn. A write may be large and its peer slow: as long as
// bytes are taken, it goes on.
func (c *stallConn) Write(b []byte) (written int, err error) {
	for {
		now := time.Now()
		if last := c.set.Load(); err != nil || now.UnixNano()-last > int64(c.timeout/16) {
			if err := c.SetWriteDeadline(now.Add(c.timeout)); err != nil {
				return written, err
			}
			c.set.Store(now.UnixNano())
			if c.ending.Load() {
				c.end() // whose deadline was just replaced
			}
		}
		var n int
		n, err = c.Conn.Write(b[written:])
		written += n
		if n == 0 || c.ending.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return written, err
		}
	}
}

// refusal remembers that TLS was refused, by us or by the peer. The library
// reports that as Unavailable, like a peer that is not there, but trying again
// will not change a certificate.
type refusal struct{ err atomic.Pointer[error] }

func (r *refusal) note(err error) {
	if err != nil && refused(err) {
		r.err.Store(&err)
	}
}

// watchedTLS is TLS whose refusals are noted: errors of the handshake, and
// alerts that arrive after it, as TLS 1.3 sends them to a client whose
// certificate it does not like.
type watchedTLS struct {
	credentials.TransportCredentials
	refusal *refusal
}

func newTLS(c *tls.Config, r *refusal) credentials.TransportCredentials {
	return &watchedTLS{credentials.NewTLS(c), r}
}

// ClientHandshake implements credentials.TransportCredentials.
func (w *watchedTLS) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	c, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		w.refusal.note(err)
		return c, info, err
	}
	return &watchedConn{Conn: c, refusal: w.refusal}, info, nil
}

// Clone implements credentials.TransportCredentials.
func (w *watchedTLS) Clone() credentials.TransportCredentials {
	return &watchedTLS{w.TransportCredentials.Clone(), w.refusal}
}

type watchedConn struct {
	net.Conn
	refusal *refusal
	taken   atomic.Bool // the peer has sent something: it takes us
}

// Read implements net.Conn.
func (c *watchedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil {
		c.refusal.note(err)
	} else if n > 0 && c.taken.CompareAndSwap(false, true) {
		c.refusal.err.Store(nil)
	}
	return n, err
}

// alertWait is how long a failed write looks for an alert.
const alertWait = 250 * time.Millisecond

// Write implements net.Conn. A server of TLS 1.3 judges our certificate when we
// are already writing, so that a write may fail before anyone has read why.
func (c *watchedConn) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	if err != nil && !c.taken.Load() {
		// The connection is lost, and nothing on it can be missed.
		if c.SetReadDeadline(time.Now().Add(alertWait)) == nil {
			_, rerr := c.Conn.Read(make([]byte, 1))
			c.refusal.note(rerr)
		}
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
