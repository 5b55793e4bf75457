package match_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// keeper is a transport that keeps what it is given.
type keeper struct {
	mu     sync.Mutex
	format otlp.Format
	list   []message
}

func (k *keeper) Send(_ context.Context, sig otlp.Signal, payload []byte) replay.Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.list = append(k.list, message{sig, k.format, slices.Clone(payload)})
	return replay.Result{}
}

func (k *keeper) Close() error { return nil }

// entries is the ledger of a replay.
type entries []match.Entry

func (e entries) Each(_ context.Context, visit func(match.Entry) error) error {
	for _, x := range e {
		if err := visit(x); err != nil {
			return err
		}
	}
	return nil
}

// replayed sends a corpus and returns what arrived, in random order, and the ledger.
func replayed(t *testing.T, c *corpus.Corpus, o replay.Options) ([]message, entries) {
	t.Helper()
	src, err := replay.NewCorpus(t.Context(), c, "a corpus", replay.CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	var file bytes.Buffer
	if o.Ledger, err = ledger.NewWriter(&file); err != nil {
		t.Fatal(err)
	}
	k := &keeper{format: c.Manifest().Options.OTLPFormat()}
	o.Transport = k
	if _, err := replay.Run(t.Context(), src, o); err != nil {
		t.Fatal(err)
	}
	if err := o.Ledger.Err(); err != nil {
		t.Fatal(err)
	}
	r, err := ledger.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var list entries
	err = r.Each(func(e *ledger.Entry) error {
		list = append(list, match.Entry{
			Lap: e.Lap, Segment: e.Segment, Record: e.Record, Signal: e.Signal, Items: e.Items, Refused: e.Refused,
			First: e.First, Last: e.Last, Retries: e.Retries, Shift: e.Shift, Time: e.Time, Start: e.Start, Prev: e.Prev,
			Fate: match.Fate(e.Outcome), Exemplars: r.Header().Exemplars == ledger.ExemplarsRequests,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(k.list), func(i, j int) { k.list[i], k.list[j] = k.list[j], k.list[i] })
	return k.list, list
}

func TestLapsAndMovedTimesAreUndone(t *testing.T) {
	slow := replay.Constant{Rate: replay.PerSecond(5000), Of: replay.UnitRecords}
	for _, test := range []struct {
		name     string
		made     otelsim.Options
		original bool
		pacer    replay.Pacer
		laps     uint32
	}{
		{"moved", otelsim.Options{}, false, slow, 3},
		{"moved in bursts", otelsim.Options{Temporality: otelsim.Delta}, false, replay.Unpaced{}, 3},
		{"moved JSON", otelsim.Options{Format: otelsim.JSON, Temporality: otelsim.Delta}, false, slow, 3},
		{"as recorded", otelsim.Options{}, true, replay.Unpaced{}, 3},
		{"JSON as recorded", otelsim.Options{Format: otelsim.JSON, Temporality: otelsim.Delta}, true, replay.Unpaced{}, 3},
		{"many laps as recorded", otelsim.Options{Count: 3, SegmentIterations: 2}, true, replay.Unpaced{}, 70},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := made(t, test.made)
			list, book := replayed(t, c, replay.Options{Original: test.original, Laps: uint64(test.laps), Pacer: test.pacer})
			o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Workers: 2, TempDir: t.TempDir()}
			j, s := check(t, o)
			want := counts{exact: int(s.Received[0] + s.Received[2])}
			if test.original {
				want.exact += int(s.Received[1])
			}
			if j.counts != want || s.Laps != uint64(test.laps) || test.original != (len(s.Undecided) == 0) || test.original != (len(s.Notes) == 0) {
				t.Errorf("without a ledger: got %+v and %+v, want %+v\n%.400v", j.counts, s, want, j.lines)
			}

			// One lap after the other it comes to the same.
			byLaps := func(name string, want *tally, summary *match.Summary) {
				t.Helper()
				j := new(tally)
				s, err := match.CheckByLaps(t.Context(), o, j, 1)
				if err != nil {
					t.Fatal(err)
				}
				if j.counts != want.counts || !reflect.DeepEqual(s, summary) {
					t.Errorf("%s, lap by lap: got %+v and %+v, want %+v and %+v", name, j.counts, s, want.counts, summary)
				}
			}
			byLaps("without a ledger", j, s)

			o.Ledger = book
			j, s = check(t, o)
			want = counts{exact: int(s.Received[0] + s.Received[1] + s.Received[2])}
			if j.counts != want || s.Laps != uint64(test.laps) || s.Sent != s.Received || len(s.Undecided)+len(s.Notes) > 0 {
				t.Errorf("with the ledger: got %+v and %+v, want %+v\n%.400v", j.counts, s, want, j.lines)
			}
			byLaps("with the ledger", j, s)
		})
	}
}
