package replay

import (
	"bytes"
	"context"
	"sync"
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
	p := newBatches()
	a, b := p.get(nil), p.get(nil)
	p.put(b)
	p.put(a)
	if p.get(nil) != a || p.get(nil) != b {
		t.Error("not the one that was given back last")
	}
	for range maxBatches - 2 {
		p.get(nil)
	}
	done := make(chan struct{})
	close(done)
	if p.get(done) != nil {
		t.Errorf("got more than %d batches", maxBatches)
	}
}
