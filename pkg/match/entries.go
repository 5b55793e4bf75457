package match

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrLedger says that a ledger is not that of a replay of the corpus.
var ErrLedger = errors.New("the ledger is not of this corpus")

// ledgerBudget is how much of a ledger is in memory before it is written to a
// temporary file, in bytes.
const ledgerBudget = 8 << 20

// readLedger spills the ledger by segment, and keeps when metrics records were sent.
func (c *checker) readLedger(ctx context.Context) (err error) {
	if c.ledger, err = c.spills.add(c.TempDir, c.places.segments, ledgerBudget); err != nil {
		return err
	}
	c.places.ledger = true
	var scratch []byte
	err = c.Ledger.Each(ctx, func(e Entry) error {
		if e.Segment >= c.places.segments || e.Signal >= otlp.NumSignals || e.Lap >= math.MaxUint32 {
			return fmt.Errorf("%w: it has segment %d, lap %d; the corpus has %d segments", ErrLedger, e.Segment, e.Lap, c.places.segments)
		}
		if e.Signal == otlp.SignalMetrics && e.Time > 0 {
			c.places.moved = append(c.places.moved, moved{e.Time, e.Segment})
		}
		c.entries++
		scratch = appendEntry(scratch[:0], &e)
		b, err := c.ledger.Reserve(e.Segment, len(scratch))
		if err != nil {
			return err
		}
		b.Data = append(b.Data, scratch...)
		return nil
	})
	if err != nil {
		return err
	}
	sortMoved(c.places.moved)
	return c.ledger.Finish()
}

// entryBytes is the length of an entry in a chunk.
const entryBytes = 13*8 + 3

func appendEntry(dst []byte, e *Entry) []byte {
	for _, w := range [...]uint64{
		e.Lap, e.Segment, e.Record, e.Items, e.Refused, uint64(e.First), uint64(e.Last), e.Retries,
		uint64(e.Shift), e.Time, e.Start, e.Prev, uint64(e.Run),
	} {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	exemplars := byte(0)
	if e.Exemplars {
		exemplars = 1
	}
	return append(dst, byte(e.Signal), byte(e.Fate), exemplars)
}

func entryAt(b []byte) (e Entry) {
	var w [13]uint64
	for i := range w {
		w[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	b = b[8*len(w):]
	return Entry{
		Lap: w[0], Segment: w[1], Record: w[2], Items: w[3], Refused: w[4], First: int64(w[5]), Last: int64(w[6]), Retries: w[7],
		Shift: int64(w[8]), Time: w[9], Start: w[10], Prev: w[11], Run: int64(w[12]),
		Signal: otlp.Signal(b[0]), Fate: Fate(b[1]), Exemplars: b[2] == 1,
	}
}

// entries are what the ledger says of one segment.
type entries struct {
	data   []byte
	list   []Entry                  // by lap, signal and record
	byTime []int32                  // of list: those of metrics, by time and then as there
	at     [otlp.NumSignals][]int32 // of the lap at hand: index of a record's entry plus 1
	has    [otlp.NumSignals]bool    // whether list has any of a signal
}

// load reads the entries of a segment that are of some signals.
func (e *entries) load(sp *spillFile, segment uint64, signals [otlp.NumSignals]bool) error {
	chunks, err := sp.Chunks(nil, segment)
	if err != nil {
		return err
	}
	e.list, e.byTime = e.list[:0], e.byTime[:0]
	for _, c := range chunks {
		if e.data, err = sp.Read(e.data[:0], c); err != nil {
			return err
		}
		for b := e.data; len(b) >= entryBytes; b = b[entryBytes:] {
			if x := entryAt(b); x.Signal < otlp.NumSignals && signals[x.Signal] {
				e.list = append(e.list, x)
			}
		}
	}
	slices.SortFunc(e.list, func(a, b Entry) int {
		return cmp.Or(compareEntry(&a, b.Lap, b.Signal, b.Record), cmp.Compare(a.Last, b.Last))
	})
	e.has = [otlp.NumSignals]bool{}
	for i := range e.list {
		e.has[e.list[i].Signal] = true
		if x := &e.list[i]; x.Signal == otlp.SignalMetrics {
			e.byTime = append(e.byTime, int32(i))
		}
	}
	slices.SortStableFunc(e.byTime, func(a, b int32) int { return cmp.Compare(e.list[a].Time, e.list[b].Time) })
	return nil
}

func compareEntry(e *Entry, lap uint64, sig otlp.Signal, record uint64) int {
	return cmp.Or(cmp.Compare(e.Lap, lap), cmp.Compare(e.Signal, sig), cmp.Compare(e.Record, record))
}

// check holds the entries against the records of their segment.
func (e *entries) check(records *[otlp.NumSignals][]uint32) error {
	for i := range e.list {
		x := &e.list[i]
		of := records[x.Signal]
		if x.Record >= uint64(len(of)) {
			return fmt.Errorf("%w: segment %d has %d records of %s, and no record %d", ErrLedger, x.Segment, len(of), x.Signal, x.Record)
		}
		if n := uint64(of[x.Record]); n != x.Items {
			return fmt.Errorf("%w: record %d of %s in segment %d has %d items, not %d", ErrLedger, x.Record, x.Signal, x.Segment, n, x.Items)
		}
	}
	return nil
}

// laps appends the laps that there are entries of, from the first.
func (e *entries) laps(dst []uint32) []uint32 {
	for i := range e.list {
		if lap := uint32(e.list[i].Lap); len(dst) == 0 || dst[len(dst)-1] != lap {
			dst = append(dst, lap)
		}
	}
	return dst
}

// begin goes to a lap.
func (e *entries) begin(lap uint32) {
	for s := range e.at {
		e.at[s] = e.at[s][:0]
	}
	first, _ := slices.BinarySearchFunc(e.list, lap, func(x Entry, lap uint32) int { return cmp.Compare(x.Lap, uint64(lap)) })
	for i := first; i < len(e.list) && e.list[i].Lap == uint64(lap); i++ {
		x := &e.list[i]
		at := &e.at[x.Signal]
		for uint64(len(*at)) <= x.Record {
			*at = append(*at, 0)
		}
		(*at)[x.Record] = int32(i + 1)
	}
}

// of returns the entry of a record in the lap at hand, nil when it has none.
func (e *entries) of(sig otlp.Signal, record uint64) *Entry {
	if at := e.at[sig]; record < uint64(len(at)) && at[record] > 0 {
		return &e.list[at[record]-1]
	}
	return nil
}

// find returns the entry of a record in any lap, nil when it has none.
func (e *entries) find(lap uint64, sig otlp.Signal, record uint64) *Entry {
	i, ok := slices.BinarySearchFunc(e.list, lap, func(x Entry, lap uint64) int { return compareEntry(&x, lap, sig, record) })
	if !ok {
		return nil
	}
	return &e.list[i]
}

// ofTime returns the entries of the metrics records that were sent with a time, as
// indices of list.
func (e *entries) ofTime(time uint64) []int32 {
	first, _ := slices.BinarySearchFunc(e.byTime, time, func(i int32, t uint64) int { return cmp.Compare(e.list[i].Time, t) })
	end := first
	for end < len(e.byTime) && e.list[e.byTime[end]].Time == time {
		end++
	}
	return e.byTime[first:end]
}

// entryOf returns the entry of the record that holds a sent item, in the lap at hand.
func (j *joiner) entryOf(it *item) *Entry {
	if j.entries == nil {
		return nil
	}
	return j.entries.of(it.signal, it.record)
}

// wasSent reports whether an item was sent in the lap at hand.
func (j *joiner) wasSent(it *item) bool { return j.entries == nil || j.entryOf(it) != nil }
