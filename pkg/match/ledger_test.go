package match_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
)

// What the ledger says of a record is said of its items, and what it does not have was
// never sent.
func TestFatesAreThoseOfTheLedger(t *testing.T) {
	c := made(t, otelsim.Options{Count: 8, SegmentIterations: 4})
	list, book := replayed(t, c, replay.Options{Laps: 2, Pacer: replay.Unpaced{}})
	fates := make(map[[4]uint64]match.Fate)
	missing, gone := 0, uint64(0)
	for i := range book {
		e := &book[i]
		switch e.Fate = match.Fate(i % 4); e.Fate {
		case match.Rejected:
			e.Refused = uint64(i)
		}
		fates[[4]uint64{e.Lap, e.Segment, uint64(e.Signal), e.Record}] = e.Fate
		e.Last = int64(i) + 1
		if e.Segment == 1 && e.Record == 0 && e.Signal == otlp.SignalTraces {
			missing++
			gone += e.Items
			fates[[4]uint64{e.Lap, e.Segment, uint64(e.Signal), e.Record}] = 99
		}
	}
	if missing != 2 {
		t.Fatalf("%d records are to be missing, want one in each of 2 laps", missing)
	}
	book = slices.DeleteFunc(book, func(e match.Entry) bool { return e.Segment == 1 && e.Record == 0 && e.Signal == otlp.SignalTraces })
	j := &tally{each: func(u *match.Unit) error {
		for _, p := range u.Pairs {
			s := p.Sent
			want := fates[[4]uint64{u.Lap, u.Segment, uint64(u.Signal), s.Record}]
			if s.Fate != want || s.Attempted == 0 || (want == match.Rejected) != (u.Refused[s.Record] > 0) {
				t.Errorf("lap %d, segment %d, %s record %d: got fate %d, attempted at %d, %d refused; want fate %d",
					u.Lap, u.Segment, u.Signal, s.Record, s.Fate, s.Attempted, u.Refused[s.Record], want)
			}
		}
		return nil
	}}
	o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Ledger: book, TempDir: t.TempDir(), Workers: 2}
	s, err := match.Check(t.Context(), o, j)
	if err != nil {
		t.Fatal(err)
	}
	if s.Sent[0]+gone != s.Received[0] || j.lost > 0 || uint64(j.madeUp) != gone {
		t.Errorf("got %d spans sent of %d received, %d of them from records that were never sent, and %+v", s.Sent[0], s.Received[0], gone, j.counts)
	}
}

func TestALedgerOfAnotherCorpusIsTold(t *testing.T) {
	c := made(t, otelsim.Options{Count: 8, SegmentIterations: 4})
	list, book := replayed(t, c, replay.Options{Pacer: replay.Unpaced{}})
	for name, spoil := range map[string]func(*match.Entry){
		"segment": func(e *match.Entry) { e.Segment = 2 },
		"record":  func(e *match.Entry) { e.Record = 1 << 40 },
		"items":   func(e *match.Entry) { e.Items++ },
		"signal":  func(e *match.Entry) { e.Signal = 7 },
		"lap":     func(e *match.Entry) { e.Lap = 1 << 40 },
	} {
		wrong := slices.Clone(book)
		spoil(&wrong[len(wrong)/2])
		o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Ledger: wrong, TempDir: t.TempDir()}
		if s, err := match.Check(t.Context(), o, new(tally)); !errors.Is(err, match.ErrLedger) {
			t.Errorf("another %s: got %+v, %v", name, s, err)
		}
	}
}
