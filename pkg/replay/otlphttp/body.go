package otlphttp

import (
	"errors"
	"io"
	"sync"
)

// errTaken is what a body reads as once its payload is the caller's again.
var errTaken = errors.New("request was abandoned")

// lease lends a payload to net/http, which may read a body after the round
// trip is over: when the receiver answers early, or the context ends. Once it
// is taken back no byte of it can be read, so a request that was cut off ends
// short of its Content-Length and no receiver takes it for a whole one.
type lease struct {
	mu      sync.Mutex
	payload []byte
	taken   bool
	whole   bool // some body was read to its end
}

// take ends the lease, waiting for a read under way, which is a copy within
// memory. It returns whether the whole payload was read, so that it may be on
// its way or have arrived: what was read in part cannot be whole for anybody.
func (l *lease) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.payload, l.taken = nil, true
	return l.whole
}

// body is one reading of a lease. net/http asks for another when a connection
// that had been idle turns out to be gone before a byte of the request was
// written. See header for how it is kept from asking otherwise.
type body struct {
	lease *lease
	at    int
}

func (l *lease) open() (io.ReadCloser, error) { return &body{lease: l}, nil }

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.lease.mu.Lock()
	defer b.lease.mu.Unlock()
	if b.lease.taken {
		return 0, errTaken
	}
	n := copy(p, b.lease.payload[b.at:])
	b.at += n
	b.lease.whole = b.lease.whole || b.at == len(b.lease.payload)
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close implements io.Closer.
func (b *body) Close() error { return nil }
