package replay

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// bulk is a transport that takes a while and notes the most bytes that it had at once.
type bulk struct {
	took time.Duration

	mu        sync.Mutex
	now, most int
}

func (k *bulk) Send(_ context.Context, _ otlp.Signal, payload []byte) Result {
	k.add(len(payload))
	time.Sleep(k.took)
	k.add(-len(payload))
	return Result{}
}

func (k *bulk) add(n int) {
	k.mu.Lock()
	k.now += n
	k.most = max(k.most, k.now)
	k.mu.Unlock()
}

func (k *bulk) Close() error { return nil }

// What is in flight is bounded in bytes, of which copies may be half; more is late, and
// all of it is sent.
func TestBytesInFlightAreBounded(t *testing.T) {
	const size = 9 // of the source's records
	for _, c := range []struct {
		what        string
		bytes, most int64
		batch       int
		laps        uint64
	}{
		{"in place", 7 * size, 7 * size, 1000, 1},
		{"from copies, of the one batch of all laps", 8 * size, 4 * size, 100, 10},
		{"alone", size - 1, size, 1000, 1},
	} {
		for _, p := range []Pacer{Unpaced{}, perSecond(1000)} {
			synctest.Test(t, func(t *testing.T) {
				k := &bulk{took: time.Second}
				rep := replay(t, t.Context(), &fakeSource{records: 100, batch: c.batch},
					Options{Pacer: p, Transport: k, Laps: c.laps, MaxInFlight: 50, MaxInFlightBytes: c.bytes})
				if rep.Records.Accepted != 100*c.laps || int64(k.most) != c.most {
					t.Errorf("%s, %v: got %d accepted, %d bytes at once; want %d, %d", c.what, p, rep.Records.Accepted, k.most, 100*c.laps, c.most)
				}
				if late := rep.Records.Late; (p == Unpaced{}) != (late == 0) {
					t.Errorf("%s, %v: %d late", c.what, p, late)
				}
			})
		}
	}
}

// A stop ends the wait for room, of bytes as of records.
func TestAStopWhileBytesAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		rep := replay(t, ctx, &fakeSource{records: 1000, batch: 10},
			Options{Pacer: Unpaced{}, Transport: newFake(took(time.Hour)), MaxInFlightBytes: 30, Timeouts: timeouts(8 * time.Second)})
		if rep.Records.Due != 3 || rep.Records.Unknown != 3 {
			t.Errorf("got %+v, want the three in flight unknown", rep.Records)
		}
	})
}

// Memory for copies is used again, and what lies idle is bounded whatever was asked for.
func TestCopiesAreBounded(t *testing.T) {
	var c copies
	small := c.get(100)
	c.put(small)
	if again := c.get(copyStep); &again[:1][0] != &small[:1][0] || len(again) != 0 {
		t.Error("memory that fits is not used again")
	} else {
		c.put(again)
	}
	for n := copyStep; n < mostCopies; n += 7 * copyStep {
		c.put(c.get(n))
	}
	idle := 0
	for _, b := range c.free {
		idle += cap(b)
	}
	if idle != c.held || idle > mostCopies {
		t.Errorf("%d bytes lie idle, %d are counted; want %d at most", idle, c.held, mostCopies)
	}
	c.lose(c.get(10))
	if c.held >= idle {
		t.Error("what was lost still counts")
	}
}
