package replay

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/race"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// nowhere takes everything at once.
type nowhere struct{}

func (nowhere) Send(context.Context, otlp.Signal, []byte) Result { return Result{} }
func (nowhere) Close() error                                     { return nil }

// mallocs returns how many allocations a run of some laps costs.
func mallocs(t *testing.T, src Source, laps uint64, series bool) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	// Pacing far ahead of the machine keeps the scheduler's arithmetic in.
	_, err := Run(t.Context(), src, Options{Pacer: Constant{PerSecond(maxRate), UnitItems}, Transport: nowhere{},
		Laps: laps, MaxInFlight: 4, Timeouts: timeouts(time.Minute), Series: series})
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	return after.Mallocs - before.Mallocs
}

// contextAllocs is what the context of an attempt costs: itself, its timer, the
// function of that and the one that cancels it. It belongs to the attempt alone,
// so its memory cannot serve the next; per record it is some 0.3 us.
const contextAllocs = 4

// A record costs the context of its attempt and nothing else, however many spans
// it has, in both formats: counted is the difference between a long run and a short one.
func TestNoAllocationPerRecordButItsContext(t *testing.T) {
	const requests = 100
	for _, c := range []struct {
		format otlp.Format
		series bool
		more   uint64 // laps of the long run
	}{{otlp.FormatProto, false, 200}, {otlp.FormatProto, true, 200}, {otlp.FormatJSON, false, 80}} {
		src := newEncodedSource(requests, 3, c.format)
		short := mallocs(t, src, 20, c.series)
		long := mallocs(t, src, 20+c.more, c.series)
		each := (float64(long) - float64(short)) / float64(requests*c.more)
		// The runtime itself allocates now and then; one in a hundred records is
		// far below one a record and above that noise.
		// JSON has lists from a pool, which the race detector empties at random.
		if each > contextAllocs+0.01 && !(c.format == otlp.FormatJSON && race.Detector()) {
			t.Errorf("%v, series %v: %.3f allocations per record, want %d", c.format, c.series, each, contextAllocs)
		}
	}
}

// A segment costs what opening a file does, however many records it has: reading it, and
// moving the times of its records, takes the memory of the segment before.
func TestNoAllocationPerRecordThatIsRead(t *testing.T) {
	for _, c := range []struct {
		format otlp.Format
		lazy   bool
	}{{otlp.FormatProto, false}, {otlp.FormatProto, true}, {otlp.FormatJSON, false}} {
		var took [2]float64
		for i, records := range []uint64{1, 8} { // of one segment
			src, err := OpenCorpus(t.Context(), writeCorpus(t, records, c.format), CorpusOptions{LazyScan: c.lazy})
			if err != nil {
				t.Fatal(err)
			}
			e, b := newRetimer(src, false), new(Batch)
			took[i] = testing.AllocsPerRun(10, func() {
				b.reset()
				if err := errors.Join(src.Rewind(t.Context()), src.Next(t.Context(), b)); err != nil || len(b.Records) != int(records) {
					t.Fatal(err, len(b.Records))
				}
				for i := range b.Records {
					if _, _, err := e.apply(&b.Records[i], b.Records[i].Payload, 0, retime{shift: 1}); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
		if took[1] > took[0] && !race.Detector() { // which empties pools at random
			t.Errorf("%v, lazy %v: %v allocations for a segment of eight records, %v for one of one", c.format, c.lazy, took[1], took[0])
		}
	}
}

// Everything but the network: schedule, hand-over, retime, re-key on all
// laps but the first, and the accounting.
func BenchmarkRun(b *testing.B) {
	for _, row := range []struct {
		name  string
		spans int
	}{{"request", 30}, {"512 items", 512}} {
		b.Run(row.name, func(b *testing.B) {
			src := newEncodedSource(64, row.spans, otlp.FormatProto)
			b.SetBytes(src.bytes() / 64)
			b.ReportAllocs()
			b.ResetTimer()
			_, err := Run(b.Context(), src, Options{Pacer: Unpaced{}, Transport: nowhere{},
				Laps: uint64(b.N)/64 + 1, MaxInFlight: runtime.GOMAXPROCS(0)})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

// One record through the parts that touch its bytes, without the runner.
func BenchmarkEdit(b *testing.B) {
	payload := encodeRequest(1, 30, otlp.FormatProto)
	e := newRetimer(newEncodedSource(0, 0, otlp.FormatProto), false)
	rec := scanned(new(scanner), otlp.SignalTraces, otlp.FormatProto, payload)
	for _, row := range []struct {
		name string
		lap  uint64
	}{{"retime", 0}, {"retime and re-key", 1}} {
		b.Run(row.name, func(b *testing.B) {
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := e.apply(&rec, payload, row.lap, retime{shift: 1, start: 1, prev: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("scan", func(b *testing.B) {
		var s scanner
		b.SetBytes(int64(len(payload)))
		b.ReportAllocs()
		for b.Loop() {
			s.index.Places = s.index.Places[:0]
			if _, err := s.scan(otlp.SignalTraces, otlp.FormatProto, payload); err != nil {
				b.Fatal(err)
			}
		}
	})
}
