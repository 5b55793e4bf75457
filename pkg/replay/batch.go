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
	lent    bool        // some of its records are sent from where they are
	lingers bool        // all were released, and it was lent
	kept    bool        // for the next laps: never given back, and its payloads are not changed
	spoiled atomic.Bool // a request that is over may still hold a payload
	pool    *batches
}

// reset empties b, keeping its memory.
func (b *Batch) reset() {
	b.Records, b.data, b.stamps, b.Index = b.Records[:0], b.data[:0], b.stamps[:0], 0
}

// inPlace says whether a record's payload may be changed and sent from where it
// is, with a reference to b until it was answered. Otherwise the reference is
// given up once there is a copy. The schedule asks, as it does the next.
func (b *Batch) inPlace() bool {
	if b.kept || !b.pool.mayLend() {
		return false
	}
	b.lent = true
	return true
}

// leave says that all records of b were released, and gives up the reference that
// releasing them took.
func (b *Batch) leave() {
	if b.lent {
		b.lent, b.lingers = false, true
		b.pool.linger.Add(1)
		b.pool.wake() // there may be more of them now
	}
	b.release()
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
	if b.lingers {
		b.lingers = false
		b.pool.linger.Add(-1)
	}
	b.pool.put(b)
}

// One batch is being sent from and one is being read, or ready; others linger until
// their last records were answered. A batch whose records are taken in place may be
// the next that does, so they are while fewer than mostLingering do, of small ones;
// two of maxBatches are left to go on with. Of large ones no more than fewBatches are
// made, and so many linger that what is apart is left: the memory is that of those, or of
// roomForBatches and two. Reading waits then for workers that copy, but not for a receiver.
const (
	maxBatches     = mostLingering + 2
	mostLingering  = 14
	fewBatches     = 3
	roomForBatches = 32 << 20 // bytes
)

// BatchMemory returns how many bytes the payloads of a source take at most, those that
// are sent from a copy left out.
func BatchMemory(src Source) int64 {
	if s, ok := src.(*corpusSource); ok {
		room := int64(s.room)
		return max(fewBatches*room, min(maxBatches*room, roomForBatches+2*room))
	}
	return roomForBatches
}

// batches is the memory of a run.
//
// What was given back last is used first: few batches that stay in the
// processor's cache serve better than all in turn.
type batches struct {
	mu     sync.Mutex
	free   []*Batch
	made   int
	apart  int           // of large ones, how many do not linger
	more   chan struct{} // has an element after there may be one to get
	linger atomic.Int32  // how many do
	bytes  atomic.Int64  // of payloads, in all batches
}

// newBatches returns memory for a run. Where there is a schedule, the next large batch is
// read while one is sent from, so that nothing is late for it. Without one, reading it may
// wait until another landed: most do soon, and copying records costs more.
func newBatches(p Pacer) *batches {
	b := &batches{apart: 2, more: make(chan struct{}, 1)}
	if p.Unit() == UnitNone {
		b.apart = 1
	}
	return b
}

// mayLend says whether one more batch may linger.
func (p *batches) mayLend() bool {
	n := int(p.linger.Load())
	return n < fewBatches-p.apart || n < mostLingering && p.bytes.Load() <= roomForBatches
}

// get returns an empty batch, one that was used before if there is one. It
// returns nil when done was closed first. One goroutine uses it.
func (p *batches) get(done <-chan struct{}) *Batch {
	for {
		if b := p.take(); b != nil {
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
	if p.made >= p.most() {
		return nil
	}
	p.made++
	return &Batch{pool: p}
}

// most returns how many batches there may be.
func (p *batches) most() int {
	if p.bytes.Load() <= roomForBatches {
		return maxBatches
	}
	return max(fewBatches, int(p.linger.Load())+p.apart)
}

// put gives back a batch. Of large ones no more are kept than are in use by turns.
func (p *batches) put(b *Batch) {
	p.mu.Lock()
	if p.made > fewBatches && p.bytes.Load() > roomForBatches {
		p.made--
		p.bytes.Add(-b.bytes)
	} else {
		p.free = append(p.free, b)
	}
	p.mu.Unlock()
	p.wake()
}

func (p *batches) wake() {
	select {
	case p.more <- struct{}{}:
	default:
	}
}
