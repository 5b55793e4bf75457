package replay

import (
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
	Records []Record
	Index   uint64 // of the segment or piece in the lap

	data  []byte      // for the source: memory of the payloads, reused
	bytes int64       // of data, as the pool knows it
	times wire.Places // likewise, of Record.times

	refs    atomic.Int32
	kept    bool        // for the next laps: never given back, and its payloads are not changed
	spoiled atomic.Bool // a request that failed may still hold a payload
	pool    *batches
}

// reset empties b, keeping its memory.
func (b *Batch) reset() {
	b.Records, b.data, b.times, b.Index = b.Records[:0], b.data[:0], b.times[:0], 0
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

// release gives up one reference; the last returns b to the reader.
func (b *Batch) release() {
	if b.refs.Add(-1) > 0 || b.kept {
		return
	}
	if b.spoiled.Swap(false) {
		b.data = nil
		b.measure()
	}
	b.pool.inUse.Add(-1)
	b.pool.free <- b // has room for every batch there is
}

// One batch is being sent from, one may be ready and one is being read; others
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
type batches struct {
	free  chan *Batch
	made  int          // the reader's
	inUse atomic.Int32 // not in free
	bytes atomic.Int64 // of payloads, in all batches
}

func newBatches() *batches { return &batches{free: make(chan *Batch, maxBatches)} }

// get returns an empty batch, one that was used before if there is one. It
// returns nil when done was closed first.
func (p *batches) get(done <-chan struct{}) *Batch {
	var b *Batch
	select {
	case b = <-p.free:
	default:
		if p.made < maxBatches {
			p.made++
			b = &Batch{pool: p}
			break
		}
		select {
		case b = <-p.free:
		case <-done:
			return nil
		}
	}
	p.inUse.Add(1)
	b.reset()
	return b
}

// put gives back a batch that was not used.
func (p *batches) put(b *Batch) {
	p.inUse.Add(-1)
	p.free <- b
}
