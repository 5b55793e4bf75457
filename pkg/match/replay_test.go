package match_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

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
			if j.counts != want || s.Sent != s.Received || s.Laps != uint64(test.laps) || test.original != (len(s.Undecided) == 0) || test.original != (len(s.Notes) == 0) {
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

// astray counts the data points that differ from what was sent, in units that say that
// exemplars may, and in others.
type astray struct {
	mu              sync.Mutex
	excused, others int
}

func (a *astray) Begin(uint64) match.SegmentJudge          { return a }
func (a *astray) End(_ uint64, _ match.SegmentJudge) error { return nil }

func (a *astray) Take(u *match.Unit) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range u.Pairs {
		switch {
		case len(p.Copies) == 0 || p.Copies[0].Digest == p.Sent.Digest:
		case u.Exemplars && u.Signal == otlp.SignalMetrics:
			a.excused++
		default:
			a.others++
		}
	}
	return nil
}

// TestExemplarsOfWhatWasNotSent: by how much an exemplar was moved is not known when the
// replay ended before its request, or when the request is not compared. The unit says so,
// and only then.
func TestExemplarsOfWhatWasNotSent(t *testing.T) {
	c := made(t, otelsim.Options{Count: 60, SegmentIterations: 60})
	pacer := replay.Constant{Rate: replay.PerSecond(2000), Of: replay.UnitRecords}
	for _, test := range []struct {
		name    string
		length  time.Duration
		sent    []otlp.Signal // nil: all
		signals []otlp.Signal
		excused bool
	}{
		{"whole", 0, nil, nil, false},
		{"cut short", 60 * time.Millisecond, nil, nil, true},
		{"metrics alone", 0, nil, []otlp.Signal{otlp.SignalMetrics}, true},
		{"without traces", 0, nil, []otlp.Signal{otlp.SignalMetrics, otlp.SignalLogs}, false}, // logs move as their spans do
		{"traces left out of the run", 0, []otlp.Signal{otlp.SignalMetrics, otlp.SignalLogs}, nil, false},
		{"no request sent yet", 0, []otlp.Signal{otlp.SignalMetrics}, nil, true},
	} {
		list, book := replayed(t, c, replay.Options{Pacer: pacer, Duration: test.length, Laps: 1})
		if test.sent != nil {
			list = slices.DeleteFunc(list, func(m message) bool { return !slices.Contains(test.sent, m.signal) })
			book = slices.DeleteFunc(book, func(e match.Entry) bool { return !slices.Contains(test.sent, e.Signal) })
		}
		var a astray
		_, err := match.Check(t.Context(), match.Options{
			Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Ledger: book, Signals: test.signals, TempDir: t.TempDir(),
		}, &a)
		if err != nil {
			t.Fatal(err)
		}
		if a.others > 0 || test.excused != (a.excused > 0) {
			t.Errorf("%s: %d points differ and are excused, %d are not", test.name, a.excused, a.others)
		}
	}
}
