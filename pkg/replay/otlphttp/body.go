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
}

// take ends the lease, waiting for a read under way, which is a copy within
// memory.
func (l *lease) take() {
	l.mu.Lock()
	l.payload, l.taken = nil, true
	l.mu.Unlock()
}

// body is one reading of a lease. net/http asks for another when it sends a
// request again of which nothing was written.
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
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Close implements io.Closer.
func (b *body) Close() error { return nil }
