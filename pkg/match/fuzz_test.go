package match

import (
	"hash/maphash"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// counter is a judge that counts what it is shown.
type counter struct{ sent, received uint64 }

func (c *counter) Begin(uint64) SegmentJudge      { return c }
func (c *counter) End(uint64, SegmentJudge) error { return nil }

func (c *counter) Take(u *Unit) error {
	c.sent += uint64(len(u.Pairs))
	c.received += uint64(len(u.MadeUp))
	for _, p := range u.Pairs {
		c.received += uint64(len(p.Copies))
	}
	return nil
}

// FuzzJoin joins any message with a small corpus: each item in it is a copy of one
// that was sent or made up, once, and all that was sent is said once a lap.
func FuzzJoin(f *testing.F) {
	c := small.Corpus(f, otelsim.Options{Seed: 7, Count: 2, SegmentIterations: 1, Scenarios: []string{"buy_insurance"}})
	for _, r := range small.Records(f, c) {
		if r.Segment == 0 && r.Number == 0 {
			f.Add(uint8(r.Signal), r.Payload)
		}
	}
	f.Add(uint8(otlp.SignalMetrics), []byte("\x0a\x02\x12\x00"))
	f.Fuzz(func(t *testing.T, signal uint8, payload []byte) {
		judge := new(counter)
		x := newChecker(Options{Sent: FromCorpus(c), TempDir: t.TempDir()}, judge)
		var err error
		if x.received.spill, err = x.spills.add(x.TempDir, x.places.segments+1, 64<<10); err != nil {
			t.Fatal(err)
		}
		defer x.spills.close()
		x.received.strangers = x.places.strangers()
		// What the goroutines of Check do, in this one.
		b := &batch{data: payload, messages: []envelope{{end: len(payload), signal: otlp.Signal(signal % otlp.NumSignals)}}}
		newSplitter(x.places, x.signals, maphash.MakeSeed()).split(b)
		if b.err != nil {
			return
		}
		outputs := []Output{{}}
		if err := x.received.collect(b, outputs); err != nil {
			t.Fatal(err)
		}
		if err := x.received.spill.Finish(); err != nil {
			t.Fatal(err)
		}
		w, err := x.newWorker()
		if err != nil {
			t.Fatal(err)
		}
		sent := uint64(0)
		for segment := range x.places.segments {
			r, err := w.segment(t.Context(), segment)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range r.sent {
				sent += n
			}
		}
		if _, err := w.strangers(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := uint64(0)
		for _, total := range c.Manifest().Totals {
			all += total.Items
		}
		laps := uint64(max(x.received.laps, 1))
		if judge.received != uint64(len(b.items)) || judge.sent != sent || sent != all*laps {
			t.Errorf("of %d items received %d are said, of %d sent in %d laps %d", len(b.items), judge.received, all, laps, judge.sent)
		}
	})
}
