package replay

import (
	"sync"
	"sync/atomic"

	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Batch is a run of records with the memory that holds them: a segment of a
// corpus, or a piece of a file.
//
// Payloads are sent from where they are, so a batch stays until the last of its
// records was answered. A receiver that hangs must not stop the reading by
// that: when batches linger, workers copy what they take and let go of it. See
// batches.
type Batch struct {
	Records []Record // in the order in which they are sent
	Index   uint64   // of the segment or piece in the lap

	data   []byte      // for the source: memory of the payloads, reused
	bytes  int64       // of data, as the pool knows it
	stamps wire.Places // likewise, of Record.stamps

	refs    atomic.Int32
	kept    bool        // for the next laps: never given back, and its payloads are not changed
	spoiled atomic.Bool // a request that is over may still hold a payload
	pool    *batches
}

// reset empties b, keeping its memory.
func (b *Batch) reset() {
	b.Records, b.data, b.stamps, b.Index = b.Records[:0], b.data[:0], b.stamps[:0], 0
}

// inPlace says whether a record's payload may be changed and sent from where it
// is, with a reference to b until it was answered.
func (b *Batch) inPlace() bool {
	if b.kept {
		return false
	}
	n := b.pool.inUse.Load()
	return n <= fewInPlace || n <= mostInPlace && b.pool.bytes.Load() <= roomInPlace
}

// measure tells the pool how much memory b holds.
func (b *Batch) measure() {
	n := int64(cap(b.data))
	b.pool.bytes.Add(n - b.bytes)
	b.bytes = n
}

// release gives up one reference; the last returns b to the prefetcher.
func (b *Batch) release() {
	if b.refs.Add(-1) > 0 || b.kept {
		return
	}
	if b.spoiled.Swap(false) {
		b.data = nil
		b.measure()
	}
	b.pool.put(b)
}

// One batch is being sent from and one is being read, or ready; others
// linger until their last records were answered. Records are taken in place
// while there are at most mostInPlace, small ones, or fewInPlace, however large.
// One of them is that of the record, so that no more than mostInPlace can ever
// linger, and two of maxBatches are left to go on with.
const (
	maxBatches  = 16
	mostInPlace = 14
	fewInPlace  = 5
	roomInPlace = 128 << 20
)

// batches is the memory of a run.
//
// What was given back last is used first: few batches that stay in the
// processor's cache serve better than all in turn.
type batches struct {
	mu    sync.Mutex
	free  []*Batch
	made  int
	more  chan struct{} // has an element after free grew
	inUse atomic.Int32  // not in free
	bytes atomic.Int64  // of payloads, in all batches
}

func newBatches() *batches { return &batches{more: make(chan struct{}, 1)} }

// get returns an empty batch, one that was used before if there is one. It
// returns nil when done was closed first. One goroutine uses it.
func (p *batches) get(done <-chan struct{}) *Batch {
	for {
		if b := p.take(); b != nil {
			p.inUse.Add(1)
			b.reset()
			return b
		}
		select {
		case <-p.more:
		case <-done:
			return nil
		}
	}
}

// take returns a batch, nil when all are in use.
func (p *batches) take() *Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		b := p.free[n-1]
		p.free = p.free[:n-1]
		return b
	}
	if p.made == maxBatches {
		return nil
	}
	p.made++
	return &Batch{pool: p}
}

// put gives back a batch.
func (p *batches) put(b *Batch) {
	p.inUse.Add(-1)
	p.mu.Lock()
	p.free = append(p.free, b)
	p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
}
