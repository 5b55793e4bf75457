package sink

import (
	"net"
	"sync"
	"sync/atomic"
)

// limit bounds the connections of all listeners of a sink together. Each costs a
// file descriptor and some tens of kilobytes even when nothing is sent on it.
type limit struct {
	most    int64
	open    atomic.Int64
	refused atomic.Int64
}

// conns finds the TCP connection of a request by its remote address, so that
// it can be cut, and all of one listener.
type conns struct{ m sync.Map }

// listener closes at once what comes beyond the limit: a sender tries again,
// and is not left to wait for a place that nobody may give back.
type listener struct {
	net.Listener
	conns *conns
	limit *limit
}

var (
	_ net.Listener = (*listener)(nil)
	_ net.Conn     = (*tracked)(nil)
)

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.limit.open.Add(1) <= l.limit.most {
			t := &tracked{Conn: c, conns: l.conns, limit: l.limit, key: c.RemoteAddr().String()}
			l.conns.m.Store(t.key, t)
			return t, nil
		}
		l.limit.open.Add(-1)
		l.limit.refused.Add(1)
		_ = c.Close() // nothing was said on it
	}
}

type tracked struct {
	net.Conn
	conns  *conns
	limit  *limit
	key    string
	closed atomic.Bool
}

// Close implements net.Conn.
func (t *tracked) Close() error {
	if !t.closed.Swap(true) {
		t.conns.m.CompareAndDelete(t.key, t)
		t.limit.open.Add(-1)
	}
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

// closeAll closes every connection, whatever it is doing.
func (c *conns) closeAll() {
	c.m.Range(func(_, v any) bool {
		_ = v.(*tracked).Close() // it is being given up
		return true
	})
}
