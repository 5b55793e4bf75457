package replay

import (
	"sync"
	"sync/atomic"
	"time"
)

// flight is what is in flight: records that were released and are not done. The
// schedule enters them, and waits for room; workers have them land.
type flight struct {
	mostRecords, mostBytes int64

	records, bytes, copied atomic.Int64 // the last: of bytes, those of copies
	waits                  atomic.Bool
	more                   chan struct{} // has an element after a landing that was waited for
}

func newFlight(records int, bytes int64) *flight {
	return &flight{mostRecords: int64(records), mostBytes: bytes, more: make(chan struct{}, 1)}
}

// seat is what a record in flight takes.
type seat struct {
	size   int64 // of its payload, in bytes
	copied bool  // which has memory of its own
}

// enter waits until a record has room, and counts it. One that is larger than all the
// room flies alone, and copies may take half of it. It returns false when stop was
// closed first. One goroutine uses it.
func (f *flight) enter(s seat, stop <-chan struct{}) bool {
	for !f.fits(s) {
		f.waits.Store(true)
		if f.fits(s) { // what lands from now on tells
			f.waits.Store(false)
			break
		}
		select {
		case <-f.more:
		case <-stop:
			return false
		}
	}
	f.records.Add(1)
	f.bytes.Add(s.size)
	if s.copied {
		f.copied.Add(s.size)
	}
	return true
}

func (f *flight) fits(s seat) bool {
	n, copied := f.records.Load(), f.copied.Load()
	return n < f.mostRecords && (f.bytes.Load()+s.size <= f.mostBytes || n == 0) &&
		(!s.copied || copied+s.size <= f.mostBytes/2 || copied == 0)
}

// land ends the flight of a record.
func (f *flight) land(s seat) {
	f.bytes.Add(-s.size)
	if s.copied {
		f.copied.Add(-s.size)
	}
	f.records.Add(-1)
	if f.waits.Load() && f.waits.CompareAndSwap(true, false) {
		select {
		case f.more <- struct{}{}:
		default: // of a wait before, which was over without it
		}
	}
}

// settle waits until done says so, while more than a quarter of the room is taken, and no longer
// than until over. What done looks at changes before a record lands. The goroutine is that
// of enter.
func (f *flight) settle(done func() bool, over <-chan time.Time, stop <-chan struct{}) {
	for !done() && f.busy() {
		f.waits.Store(true)
		if done() || !f.busy() { // what lands from now on tells
			f.waits.Store(false)
			return
		}
		select {
		case <-f.more:
		case <-over:
			return
		case <-stop:
			return
		}
	}
}

// busy says whether more than a quarter of the room is taken.
func (f *flight) busy() bool {
	return f.records.Load() > f.mostRecords/4 || f.bytes.Load() > f.mostBytes/4
}

// copies is memory for payloads that are not sent from where they are. What flies is
// bounded, and so is what lies idle beside it.
type copies struct {
	mu   sync.Mutex
	free [][]byte
	held int // bytes of memory, of all that is used or lies idle
}

// Copies are kept for others while all of them come to mostCopies bytes. Memory comes
// in multiples of copyStep, so that one serves for many.
const (
	mostCopies = DefaultMaxInFlightBytes / 2
	copyStep   = 32 << 10
)

// get returns no bytes, with room for n, in the smallest piece of memory that has it.
func (c *copies) get(n int) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	best := -1
	for i, b := range c.free {
		if cap(b) >= n && (best < 0 || cap(b) < cap(c.free[best])) {
			best = i
		}
		if cap(b) >= n && cap(b) < n+copyStep {
			break
		}
	}
	size := (n + copyStep - 1) / copyStep * copyStep
	if best < 0 && len(c.free) > 0 && c.held+size > mostCopies {
		c.held -= cap(c.take(0)) // too small; another takes its place
	}
	if best >= 0 {
		return c.take(best)
	}
	c.held += size
	return make([]byte, 0, size)
}

// take takes piece i of what lies idle.
func (c *copies) take(i int) []byte {
	b, last := c.free[i], len(c.free)-1
	c.free[i], c.free[last] = c.free[last], nil
	c.free = c.free[:last]
	return b
}

// put takes back what get returned; nil is nothing.
func (c *copies) put(b []byte) {
	if cap(b) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held > mostCopies {
		c.held -= cap(b)
		return
	}
	c.free = append(c.free, b[:0])
}

// lose says that what get returned does not come back.
func (c *copies) lose(b []byte) {
	c.mu.Lock()
	c.held -= cap(b)
	c.mu.Unlock()
}
