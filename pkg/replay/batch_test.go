package replay

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// One record of each batch hangs, so that every batch lingers: the others are
// sent when they are due all the same.
func TestBatchesThatLingerDoNotStopTheReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake(func(n uint64, _ int) (Result, time.Duration) {
			if n%2 == 0 {
				return Result{}, time.Hour
			}
			return Result{}, 0
		})
		p := perSecond(100)
		rep := replay(t, t.Context(), &fakeSource{records: 8 * maxBatches, batch: 2},
			Options{Pacer: p, Transport: f, Timeouts: timeouts(2 * time.Hour)})
		for i, s := range f.sent {
			if want := (sent{uint64(i), p.Due(uint64(i))}); s != want {
				t.Fatalf("send %d: got %v, want %v", i, s, want)
			}
		}
		if rep.Records.Accepted != 8*maxBatches || rep.Records.Late != 0 {
			t.Errorf("got %+v, want %d accepted in time", rep.Records, 8*maxBatches)
		}
	})
}

// keeper fails every third record and keeps what it got, as a transport may
// that says so.
type keeper struct {
	mu     sync.Mutex
	n      int
	kept   [][]byte
	copies [][]byte
}

func (k *keeper) Send(_ context.Context, _ otlp.Signal, payload []byte) Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.n++; k.n%3 > 0 {
		return Result{}
	}
	k.kept, k.copies = append(k.kept, payload), append(k.copies, bytes.Clone(payload))
	return Result{Class: Permanent, Reason: "http 400", Held: true}
}

func (k *keeper) Close() error { return nil }

func TestMemoryThatIsHeldIsNotUsedAgain(t *testing.T) {
	k := &keeper{}
	rep := replay(t, t.Context(), &fakeSource{records: 500, batch: 10}, Options{Pacer: Unpaced{}, Transport: k, MaxInFlight: 3})
	if rep.Records.Failed != uint64(len(k.kept)) || len(k.kept) != 166 {
		t.Fatalf("got %+v, %d kept", rep.Records, len(k.kept))
	}
	for i := range k.kept {
		if !bytes.Equal(k.kept[i], k.copies[i]) {
			t.Fatalf("failed record %d became %x, was %x", i, k.kept[i], k.copies[i])
		}
	}
}

func TestLastFreedIsUsedFirst(t *testing.T) {
	p := newBatches(perSecond(1))
	a, b := p.get(nil), p.get(nil)
	p.put(b)
	p.put(a)
	if p.get(nil) != a || p.get(nil) != b {
		t.Error("not the one that was given back last")
	}
	for range maxBatches - 2 {
		p.get(nil)
	}
	if p.get(closed()) != nil {
		t.Errorf("got more than %d batches", maxBatches)
	}
}

func closed() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// Of large batches one lingers, however long its receiver takes, one is sent from, and
// one is read; what the others hold is copied from them.
func TestOneLargeBatchLingers(t *testing.T) {
	p := newBatches(perSecond(1))
	next := func() *Batch {
		b := p.get(closed())
		if b != nil {
			b.data = make([]byte, 0, roomForBatches+1)
			b.measure()
			b.refs.Add(1) // the schedule's
		}
		return b
	}
	a, b := next(), next()
	if !a.inPlace() {
		t.Fatal("the first batch is copied from")
	}
	a.refs.Add(1) // of a record that hangs
	a.leave()
	c := next()
	if c == nil {
		t.Fatal("nothing to read into beside a batch that lingers and one that is sent from")
	}
	if b.inPlace() {
		t.Error("two large batches may linger")
	}
	b.refs.Add(1) // of a record that is yet to be copied
	b.leave()
	if d := next(); d != nil {
		t.Error("four large batches")
	}
	b.release()
	if next() != b {
		t.Error("a batch that was left is not used again")
	}
	a.release()
	if !c.inPlace() {
		t.Error("nothing lingers, and records are copied")
	}
}

// Without a schedule two large batches linger, and the memory is that of three.
func TestTwoLargeBatchesLingerWithoutASchedule(t *testing.T) {
	p := newBatches(Unpaced{})
	for i := range fewBatches {
		b := p.get(closed())
		b.data = make([]byte, 0, roomForBatches+1)
		b.measure()
		b.refs.Add(2) // the schedule's, and that of a record that hangs
		if got, want := b.inPlace(), i < 2; got != want {
			t.Errorf("batch %d: in place %v, want %v", i, got, want)
		}
		b.leave()
	}
	if p.get(closed()) != nil {
		t.Error("four large batches")
	}
}

// copied counts payloads that do not lie in the memory of a large batch.
type copied struct {
	*fakeTransport
	n atomic.Int64
}

func (c *copied) Send(ctx context.Context, sig otlp.Signal, payload []byte) Result {
	if cap(payload) <= copyStep {
		c.n.Add(1)
	}
	return c.fakeTransport.Send(ctx, sig, payload)
}

// Without a schedule, large batches are sent from where they are while a receiver answers
// in turn. One that is late, or leaves a record of each batch without an answer, has others
// sent from copies, as many at a time as there may be.
func TestLargeBatchesWaitAMomentForOthersToLand(t *testing.T) {
	const records, batch, inFlight = 200, 10, 25
	hanging := func(n uint64, _ int) (Result, time.Duration) {
		if n%batch == 0 {
			return Result{}, time.Hour
		}
		return Result{}, time.Millisecond
	}
	for _, c := range []struct {
		what   string
		answer func(uint64, int) (Result, time.Duration)
		copies bool
		most   int           // records in flight
		within time.Duration // all records but the last of a receiver that hangs were sent
	}{
		{"in turn", nil, false, 2 * batch, records * time.Millisecond},
		{"late", took(10 * settleFor), true, inFlight, (records/inFlight + 1) * 10 * settleFor},
		{"hanging", hanging, true, inFlight, (records/batch - inFlight/4) * settleFor},
	} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			if c.answer == nil { // a record each millisecond
				c.answer = func(n uint64, _ int) (Result, time.Duration) {
					return Result{}, time.Until(start.Add(time.Duration(n+1) * time.Millisecond))
				}
			}
			k := &copied{fakeTransport: newFake(c.answer)}
			rep := replay(t, t.Context(), &fakeSource{records: records, batch: batch, large: true},
				Options{Pacer: Unpaced{}, Transport: k, MaxInFlight: inFlight, Timeouts: timeouts(2 * time.Hour)})
			if n := k.n.Load(); (n > 0) != c.copies || rep.Records.Accepted != records {
				t.Errorf("%s: %d copies, want any: %v; %d accepted", c.what, n, c.copies, rep.Records.Accepted)
			}
			if last := k.sent[len(k.sent)-1].at; last > c.within {
				t.Errorf("%s: the last record was sent after %v, want %v at most", c.what, last, c.within)
			}
			if k.most != c.most {
				t.Errorf("%s: %d records in flight at most, want %d", c.what, k.most, c.most)
			}
		})
	}
}

// After many small batches come large ones: what is kept of them is for three.
func TestFewLargeBatchesAreKept(t *testing.T) {
	p := newBatches(perSecond(1))
	var all []*Batch
	for range 6 {
		all = append(all, p.get(nil))
	}
	for _, b := range all {
		b.data = make([]byte, 0, roomForBatches/2)
		b.measure()
		b.refs.Add(1)
		b.leave()
	}
	if n := len(p.free); n != fewBatches || p.made != n || p.bytes.Load() != int64(n)*roomForBatches/2 {
		t.Errorf("%d batches are kept of %d made, with %d bytes", n, p.made, p.bytes.Load())
	}
}
