package replay

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// recorder takes everything and keeps what a record says of itself: its ids and
// times, these since its own end, which is when the run has it due.
type recorder struct {
	mu   sync.Mutex
	seen []string
}

func (k *recorder) Send(_ context.Context, sig otlp.Signal, payload []byte) Result {
	c, err := wire.Count(sig, payload)
	text := fmt.Sprint(err, c.Items)
	if err := wire.Items(sig, payload, func(i wire.Item) {
		text += fmt.Sprintf(" %x/%x/%x %d-%d", i.TraceID, i.SpanID, i.ParentID, c.Last-i.Start, c.Last-i.Time)
	}); err != nil {
		text = err.Error()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = append(k.seen, text)
	return Result{}
}

func (k *recorder) Close() error { return nil }

// TestLazyScanSendsTheSame: who scans a record changes nothing of what is
// sent, in the first lap or a later one, nor of what is counted.
func TestLazyScanSendsTheSame(t *testing.T) {
	dir := writeCorpus(t, 21, otlp.FormatProto)
	for _, original := range []bool{false, true} {
		var seen [2][]string
		var items [2]Ledger
		for i, lazy := range []bool{false, true} {
			src, err := OpenCorpus(t.Context(), dir, CorpusOptions{LazyScan: lazy})
			if err != nil {
				t.Fatal(err)
			}
			unscanned := 0
			if err := Each(t.Context(), src, func(r *Record) error {
				if r.unscanned {
					unscanned++
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if (unscanned == 21) != lazy {
				t.Fatalf("lazy %v: %d of 21 records are left to the workers", lazy, unscanned)
			}
			var k recorder
			rep, err := Run(t.Context(), src, Options{Pacer: Unpaced{}, Transport: &k, Laps: 3, Original: original})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(k.seen)
			seen[i], items[i] = k.seen, rep.Items
		}
		if !slices.Equal(seen[0], seen[1]) || len(seen[0]) != 63 {
			t.Errorf("original %v: %d and %d records, which differ", original, len(seen[0]), len(seen[1]))
		}
		items[0].Late, items[1].Late = 0, 0 // a matter of the machine
		if items[0] != items[1] || items[0].Accepted != 3*61 {
			t.Errorf("original %v: items %+v and %+v", original, items[0], items[1])
		}
	}
}

// TestALateRecordEndsWhenItIsDue: the shift is found by the worker.
func TestALateRecordEndsWhenItIsDue(t *testing.T) {
	dir := writeCorpus(t, 5, otlp.FormatProto)
	src, err := OpenCorpus(t.Context(), dir, CorpusOptions{LazyScan: true})
	if err != nil {
		t.Fatal(err)
	}
	e := newRetimer(src, false)
	m := moves{wall: 1_900_000_000_000_000_000}
	m.begin(5)
	i := 0
	if err := Each(t.Context(), src, func(r *Record) error {
		due := 7 * (1 + i)
		_, items, err := e.apply(r, r.Payload, 0, m.next(i, r, time.Duration(due)))
		if err != nil {
			return err
		}
		c, err := wire.Count(r.Signal, r.Payload)
		if want := uint64(m.wall) + uint64(due); c.Last != want || c.Items != items {
			t.Errorf("record %d: %d items end at %d, want %d at %d", i, c.Items, c.Last, items, want)
		}
		i++
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
