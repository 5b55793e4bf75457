package replay

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

func newLedger(t testing.TB, out io.Writer) *ledger.Writer {
	t.Helper()
	w, err := ledger.NewWriter(out)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// readLedger reads a ledger that is whole.
func readLedger(t testing.TB, file io.Reader) (h *ledger.Header, f *ledger.Footer, all []ledger.Entry) {
	t.Helper()
	r, err := ledger.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Each(func(e *ledger.Entry) error { all = append(all, *e); return nil }); err != nil {
		t.Fatal(err)
	}
	return r.Header(), r.Footer(), all
}

// checkLines holds a ledger to the report of its run: both have the same sums, and
// the ledger has no record twice. The reader holds its lines to its sums.
func checkLines(t testing.TB, file io.Reader, rep *Report) {
	t.Helper()
	_, f, all := readLedger(t, file)
	for _, c := range []struct {
		what string
		got  ledger.Totals
		want Ledger
	}{{"records", f.Records, rep.Records}, {"items", f.Items, rep.Items}} {
		want := ledger.Totals{Due: c.want.Due, Accepted: c.want.Accepted, Rejected: c.want.Rejected, Failed: c.want.Failed, Unknown: c.want.Unknown}
		if c.got != want {
			t.Errorf("the ledger has %+v %s, the report %+v", c.got, c.what, want)
		}
	}
	if (f.End == ledger.Interrupted) != rep.Interrupted {
		t.Errorf("the ledger says %s, the report interrupted %v", f.End, rep.Interrupted)
	}
	retried := uint64(0)
	for _, e := range all {
		if e.Retries > 0 {
			retried++
		}
		if at := rep.Start.UnixNano(); e.First < at || e.Last > rep.End.UnixNano() {
			t.Errorf("attempts at %d and %d, outside of the run", e.First-at, e.Last-at)
		}
		if (e.Last > e.First) && e.Retries == 0 {
			t.Errorf("one attempt at two times: %+v", e)
		}
	}
	if retried != rep.Records.Retried || uint64(len(all)) != rep.Records.Due {
		t.Errorf("%d lines, %d of them retried: the report has %d and %d", len(all), retried, rep.Records.Due, rep.Records.Retried)
	}
}

// Every end that a record can come to stands in its line.
func TestTheLedgerSaysWhatBecameOfARecord(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now().UnixNano()
		f := newFake(func(n uint64, attempt int) (Result, time.Duration) {
			switch n {
			case 1:
				return Result{Class: Partial, Rejected: 2, Reason: "partial success"}, 0
			case 2:
				return Result{Class: Permanent, Reason: "http 400"}, 0
			case 3:
				return Result{Class: Retryable, Reason: "connection lost", Open: true, RetryAfter: 2 * time.Second}, 0
			case 4:
				if attempt == 0 {
					return Result{Class: Retryable, Reason: "http 503", RetryAfter: time.Second}, 0
				}
			case 5:
				return Result{}, time.Hour // over its timeout
			case 6:
				return Result{Class: Partial, Rejected: 9, Reason: "partial success"}, 0
			}
			return Result{}, 0
		})
		var file bytes.Buffer
		src := &fakeSource{records: 8, batch: 4, items: func(i int) uint64 { return uint64(3 + i) }}
		rep := replay(t, t.Context(), src, Options{Pacer: perSecond(10), Transport: f, RetryFor: 3 * time.Second, Timeouts: timeouts(time.Second),
			Ledger: newLedger(t, &file), Tool: "test 1"})
		checkLines(t, bytes.NewReader(file.Bytes()), rep)
		h, foot, all := readLedger(t, &file)
		if h.Tool != "test 1" || h.Source != "fake" || h.Corpus != nil || h.Time != "now" || !h.Start.Equal(rep.Start) || h.Exemplars != "record" {
			t.Errorf("got header %+v", h)
		}
		if foot.End != ledger.Complete || !foot.At.Equal(rep.End) {
			t.Errorf("got last line %+v", foot)
		}
		slices.SortFunc(all, func(a, b ledger.Entry) int { return int(a.First - b.First) })
		for n, want := range []ledger.Entry{
			{Outcome: ledger.Accepted},
			{Outcome: ledger.Rejected, Refused: 2},
			{Outcome: ledger.Failed},
			{Outcome: ledger.Unknown, Retries: 1, Last: 2e9},
			{Outcome: ledger.Accepted, Retries: 1, Last: 1e9},
			{Outcome: ledger.Unknown},
			{Outcome: ledger.Rejected, Refused: 9},
			{Outcome: ledger.Accepted},
		} {
			due := start + int64(n)*100e6
			want.Items, want.First, want.Last = uint64(3+n), due, due+want.Last
			want.Shift = due - int64(time.Hour) - int64(n)*int64(time.Millisecond)
			got := all[n]
			if n == 5 { // however often it fits
				want.Retries, want.Last = got.Retries, got.Last
			}
			if got != want {
				t.Errorf("record %d: got %+v, want %+v", n, got, want)
			}
		}
	})
}

// A run that is stopped leaves in flight what it says nothing about but that it
// may have arrived, and has no line of what was never released.
func TestTheLedgerOfAStoppedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		f := newFake(func(n uint64, _ int) (Result, time.Duration) {
			if n < 3 {
				return Result{}, 0
			}
			return Result{}, time.Hour
		})
		time.AfterFunc(950*time.Millisecond, stop)
		var file bytes.Buffer
		rep := replay(t, ctx, &fakeSource{records: 100, batch: 7}, Options{Pacer: perSecond(10), Transport: f, NoRetry: true,
			Ledger: newLedger(t, &file)})
		checkLines(t, bytes.NewReader(file.Bytes()), rep)
		_, foot, all := readLedger(t, &file)
		want := ledger.Totals{Due: 10, Accepted: 3, Unknown: 7}
		if foot.End != ledger.Interrupted || foot.Records != want || len(all) != 10 {
			t.Errorf("got %+v and %d lines, want %+v and interrupted", foot, len(all), want)
		}
	})
}

// A source that breaks ends the ledger with that.
func TestTheLedgerOfABrokenSource(t *testing.T) {
	var file bytes.Buffer
	rep, err := Run(t.Context(), &fakeSource{records: 9, batch: 3, failAt: 2}, Options{Pacer: Unpaced{}, Transport: newFake(took(0)), Ledger: newLedger(t, &file)})
	if err == nil {
		t.Fatal("no error")
	}
	checkLines(t, bytes.NewReader(file.Bytes()), rep)
	if _, foot, _ := readLedger(t, &file); foot.End != ledger.Broken || foot.Records.Due != 6 {
		t.Errorf("got %+v", foot)
	}
}

// A disk that is full is no matter of the run.
func TestARunGoesOnWithoutItsLedger(t *testing.T) {
	w := newLedger(t, noRoom{})
	rep, err := Run(t.Context(), &fakeSource{records: 9, batch: 3}, Options{Pacer: Unpaced{}, Transport: newFake(took(0)), Ledger: w})
	if err != nil || rep.Records.Accepted != 9 {
		t.Errorf("got %+v, %v", rep.Records, err)
	}
	if err := w.Err(); err == nil || !strings.Contains(err.Error(), io.ErrShortWrite.Error()) {
		t.Errorf("the ledger says %v", err)
	}
}

type noRoom struct{}

func (noRoom) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// digests keeps the digest of every payload.
type digests struct {
	mu   sync.Mutex
	seen map[uint64]int
}

func (d *digests) Send(_ context.Context, _ otlp.Signal, payload []byte) Result {
	sum := xxhash.Sum64(payload)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[sum]++
	return Result{}
}

func (*digests) Close() error { return nil }

// The corpus, its seed and the ledger say every byte that was sent: which record a
// line is of, and how its times were moved.
func TestTheLedgerSaysEveryByteThatWasSent(t *testing.T) {
	for _, format := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		c := memory(t, format)
		for _, pacer := range []Pacer{Constant{PerSecond(20_000), UnitRecords}, Timeline{PerSecond(1000)}, Unpaced{}} {
			for _, o := range []Options{{}, {Original: true}, {Shard: Shard{Of: 2}}} {
				for _, lazy := range []bool{false, true} {
					signals := []otlp.Signal(nil)
					if lazy {
						signals = []otlp.Signal{otlp.SignalTraces}
					}
					t.Run(fmt.Sprint(format, pacer, o.Original, o.Shard, lazy), func(t *testing.T) {
						src, err := NewCorpus(t.Context(), c, "memory", CorpusOptions{ByTime: pacer.Unit() == UnitRecorded, Signals: signals, LazyScan: lazy})
						if err != nil {
							t.Fatal(err)
						}
						sent := &digests{seen: map[uint64]int{}}
						var file bytes.Buffer
						o.Pacer, o.Transport, o.Laps = pacer, sent, 2
						var runs []ledgerOf
						for o.Shard.Index = 0; o.Shard.Index < max(o.Shard.Of, 1); o.Shard.Index++ {
							o.Ledger = newLedger(t, &file)
							rep := replay(t, t.Context(), src, o)
							if rep.Records.Due < 20 {
								t.Fatalf("%d records", rep.Records.Due)
							}
							checkLines(t, bytes.NewReader(file.Bytes()), rep)
							h, _, all := readLedger(t, &file)
							runs = append(runs, ledgerOf{h, all})
						}
						resend(t, c, runs, sent.seen)
						for _, n := range sent.seen {
							if n != 0 {
								t.Fatalf("%d payloads were sent that the ledger does not tell, or the other way round", n)
							}
						}
					})
				}
			}
		}
	}
}

// ledgerOf is what the ledger of a run says.
type ledgerOf struct {
	*ledger.Header
	all []ledger.Entry
}

// resend makes what was sent from what the ledgers say, and takes it from seen.
func resend(t *testing.T, c *corpus.Corpus, runs []ledgerOf, seen map[uint64]int) {
	t.Helper()
	want, err := ledger.CorpusOf(&c.Manifest().Header)
	if err != nil {
		t.Fatal(err)
	}
	src, err := NewCorpus(t.Context(), c, "memory", CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records, key, s := recordsOf(t, c), ids.New(src.Seed()), new(scanner)
	requests := map[[2]uint64]map[uint64]int64{} // their shifts, less the start of the run
	for _, run := range runs {
		if err := run.Of(want); err != nil {
			t.Fatal(err)
		}
		for _, l := range run.all {
			if l.Signal == otlp.SignalMetrics {
				continue
			}
			of := [2]uint64{l.Lap, l.Segment}
			if requests[of] == nil {
				requests[of] = map[uint64]int64{}
			}
			sh, err := s.scan(l.Signal, src.Format(), records[place{l.Segment, l.Record, l.Signal}])
			if err != nil {
				t.Fatal(err)
			}
			requests[of][requestOf(key.Origin(sh.trace))] = l.Shift - run.Start.UnixNano()
		}
	}
	for _, run := range runs {
		e := newRetimer(src, run.Time == ledger.TimeOriginal)
		for i, l := range run.all {
			r := retime{shift: l.Shift, start: l.Start, prev: l.Prev}
			if run.Exemplars == ledger.ExemplarsRequests {
				for request, shift := range requests[[2]uint64{l.Lap, l.Segment}] {
					r.requests = append(r.requests, requestShift{request, shift + run.Start.UnixNano()})
				}
				slices.SortFunc(r.requests, func(a, b requestShift) int { return cmp.Compare(a.request, b.request) })
			}
			rec := scanned(s, l.Signal, src.Format(), bytes.Clone(records[place{l.Segment, l.Record, l.Signal}]))
			sent, _, err := e.apply(&rec, rec.Payload, l.Lap, r)
			if err != nil || rec.Items != l.Items {
				t.Fatalf("line %d says %d items, the record has %d: %v", i+2, l.Items, rec.Items, err)
			}
			if l.Signal == otlp.SignalMetrics {
				if sh, err := s.scan(l.Signal, src.Format(), sent); err != nil || sh.last != l.Time {
					t.Errorf("line %d: time %d, the record has %d, %v", i+2, l.Time, sh.last, err)
				}
			}
			seen[xxhash.Sum64(sent)]--
		}
	}
}

// place is where a record stands in a corpus.
type place struct {
	segment, record uint64
	signal          otlp.Signal
}

func recordsOf(t *testing.T, c *corpus.Corpus) map[place][]byte {
	t.Helper()
	all := map[place][]byte{}
	for _, r := range small.Records(t, c) {
		all[place{r.Segment, r.Number, r.Signal}] = r.Payload
	}
	return all
}

// memory is a corpus of all signals, with exemplars.
func memory(t *testing.T, f otlp.Format) *corpus.Corpus {
	t.Helper()
	return small.Corpus(t, otelsim.Options{Seed: testSeed, Count: 24, SegmentIterations: 8, Format: f})
}
