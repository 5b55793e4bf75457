package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// schedule is the one goroutine that decides when. It counts what was read,
// asks the pacer, sleeps, and releases; it never learns what became of a
// record.
type schedule struct {
	*run
	now      time.Duration // the clock when it was last looked at
	timer    *time.Timer
	cursor   cursor
	moves    moves
	complete bool // every record of every lap was released
}

// cursor is how far a schedule has come.
type cursor struct {
	records  uint64        // of all laps, of all shards
	items    uint64        // in them
	due      time.Duration // of the last record: due times never go back
	timeline timeline
}

// next returns when the next record is due by the pacer, and goes on to it.
func (c *cursor) next(pacer Pacer, lap uint64, rec *Record) time.Duration {
	due := c.due
	switch pacer.Unit() {
	case UnitRecords:
		due = pacer.Due(c.records)
	case UnitItems:
		due = pacer.Due(c.items)
	case UnitRecorded:
		due = pacer.Due(c.timeline.at(lap, rec.recorded()))
	}
	c.count(rec, max(c.due, due))
	return c.due
}

// count goes on to a record that is due.
func (c *cursor) count(rec *Record, due time.Duration) {
	c.due = due
	c.records++
	c.items += rec.Items
}

func newSchedule(r *run) *schedule {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &schedule{run: r, timer: t, moves: moves{wall: r.wall}}
}

// execute releases the batches of in, starting with first, until there are no
// more, the duration is over, or ctx ends.
func (s *schedule) execute(ctx context.Context, first lapBatch, in <-chan lapBatch) (err error) {
	// What was sent before is to be reported whatever happens here.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("schedule records: panic: %s", panicked(p).Message)
		}
	}()
	var over <-chan time.Time // which a source that keeps it waiting must not hide
	if s.Duration > 0 {
		t := time.NewTimer(s.Duration)
		defer t.Stop()
		over = t.C
	}
	for b, ok := first, true; ok; {
		if b.err != nil {
			return b.err
		}
		more := s.batch(ctx, b)
		b.leave()
		if !more {
			return nil
		}
		select {
		case b, ok = <-in:
		case <-over:
			s.complete = true
			return nil
		case <-ctx.Done():
			return nil
		}
	}
	s.complete = ctx.Err() == nil
	return nil
}

// batch releases the records of b. It returns false when the run is over.
func (s *schedule) batch(ctx context.Context, b lapBatch) bool {
	s.moves.begin(len(b.Records))
	s.moves.requests = s.requests(b)
	unpaced := s.Pacer.Unit() == UnitNone
	settled := !unpaced // nothing is to be late by that
	for i := range b.Records {
		rec := &b.Records[i]
		seat := seat{int64(len(rec.Payload)), !s.lend(b.Batch, &settled)}
		ours := s.Shard.owns(s.cursor.records)
		// Without a schedule a record is due when there is room for it; with
		// one, waiting for room makes it late.
		if ours && unpaced && !s.flight.enter(seat, s.stop) {
			return false
		}
		due, ok := s.await(ctx, b.lap, rec)
		if !ok {
			return false
		}
		if at := rec.recorded(); b.lap == 0 && at > 0 {
			s.lap.note(at, due)
		}
		retime := s.moves.next(i, rec, due)
		if !ours {
			continue
		}
		if !unpaced && !s.flight.enter(seat, s.stop) {
			return false
		}
		b.refs.Add(1)
		s.release(job{Record: rec, batch: b.Batch, lap: b.lap, due: due, retime: retime, seat: seat})
	}
	return true
}

// settleFor is how long a batch waits for another to land, before it is copied from.
const settleFor = 100 * time.Millisecond

// lend says whether a record of b is sent from where it is. Where it is not, for batches
// that linger, it waits a moment for one of them, once for each batch.
func (s *schedule) lend(b *Batch, settled *bool) bool {
	if b.inPlace() {
		return true
	}
	if *settled || b.kept {
		return false
	}
	*settled = true
	s.timer.Reset(settleFor)
	s.flight.settle(b.pool.mayLend, s.timer.C, s.stop)
	s.timer.Stop()
	return b.inPlace()
}

// await counts rec, and returns its due time when that has come. It returns
// false when the record is not to be sent.
func (s *schedule) await(ctx context.Context, lap uint64, rec *Record) (time.Duration, bool) {
	var due time.Duration
	if s.Pacer.Unit() == UnitNone {
		s.now = s.run.now()
		due = max(s.now, s.cursor.due)
		s.cursor.count(rec, due)
	} else {
		due = s.cursor.next(s.Pacer, lap, rec)
	}
	if s.Duration > 0 && due >= s.Duration {
		s.complete = true
		return 0, false
	}
	return due, s.sleep(ctx, due)
}

// requests returns how the requests of a batch with metrics will be moved, by
// name: their due times are known before they come. Without a schedule nobody
// knows, and nil is returned.
func (s *schedule) requests(b lapBatch) []requestShift {
	metrics := slices.ContainsFunc(b.Records, func(r Record) bool { return r.Signal == otlp.SignalMetrics })
	if !metrics || s.Pacer.Unit() == UnitNone {
		return nil
	}
	ahead := s.cursor
	var out []requestShift
	for i := range b.Records {
		rec := &b.Records[i]
		due := ahead.next(s.Pacer, b.lap, rec)
		if rec.request > 0 && rec.Lead == i {
			out = append(out, requestShift{rec.request, int64(uint64(s.wall+int64(due)) - rec.End)})
		}
	}
	slices.SortFunc(out, func(a, b requestShift) int { return cmp.Compare(a.request, b.request) })
	return out
}

// sleep returns when due has come, or false when ctx ended first. A sleep can
// last a millisecond more than it was asked for, so the clock is read once per
// wake-up and everything that is due by then goes without another look.
func (s *schedule) sleep(ctx context.Context, due time.Duration) bool {
	if due <= s.now {
		return true
	}
	for s.now = s.run.now(); s.now < due; s.now = s.run.now() {
		s.timer.Reset(due - s.now)
		select {
		case <-s.timer.C:
		case <-ctx.Done():
			s.timer.Stop()
			return false
		}
	}
	return true
}

// timeline is the recorded time since the start of the run. It does not go
// back, and a lap begins where the one before ended.
type timeline struct {
	lap   uint64
	began bool
	first uint64 // recorded time of the lap's first record
	base  uint64 // where the lap began
	last  uint64 // the last answer
}

// at returns the time in the run of a record of that lap and recorded time, which is
// 0 for a record that goes with the one before.
func (t *timeline) at(lap, recorded uint64) uint64 {
	if recorded == 0 {
		return t.last
	}
	if !t.began || lap != t.lap {
		*t = timeline{lap: lap, began: true, first: recorded, base: t.last, last: t.last}
	}
	if recorded > t.first {
		t.last = max(t.last, t.base+(recorded-t.first))
	}
	return t.last
}

// retime says how the times of a record are to change: everything moves by
// shift, except where metric points say since when they count.
type retime struct {
	shift int64  // nanoseconds, modulo 2^64
	start uint64 // of cumulative points: one for each (lap, segment)
	prev  uint64 // of delta points: when the point before was taken

	// requests are, for a metrics record, how the requests of its batch are moved,
	// by name: exemplars go with them. Where they are not known, exemplars go with
	// the record.
	requests []requestShift
}

// requestShift is how a request is moved.
type requestShift struct {
	request uint64 // Record.request
	shift   int64
}

// moves keeps what the records of one batch share.
type moves struct {
	wall   int64   // start of the run
	shifts []int64 // by record of the batch
	start  uint64  // due time of the batch's first record
	tick   uint64  // recorded time of the last metrics record
	moved  uint64  // where that went
	before uint64  // where the tick before that went

	requests []requestShift // of the batch
}

// begin forgets the batch before and makes room for n records.
func (m *moves) begin(n int) {
	if cap(m.shifts) < n {
		m.shifts = make([]int64, n)
	}
	*m = moves{wall: m.wall, shifts: m.shifts[:n]}
}

// next returns the retiming of record i of the batch, which is due.
func (m *moves) next(i int, rec *Record, due time.Duration) retime {
	at := uint64(m.wall + int64(due))
	if i == 0 {
		*m = moves{wall: m.wall, shifts: m.shifts, requests: m.requests, start: at, moved: at, before: at}
	}
	switch {
	case rec.Lead == i && rec.End == 0 && !rec.unscanned:
		m.shifts[i] = 0 // what has no time stays as it is
	case rec.Lead == i:
		m.shifts[i] = int64(at - rec.End)
	default:
		m.shifts[i] = m.shifts[rec.Lead]
	}
	t := retime{shift: m.shifts[i], start: m.start}
	if rec.Signal == otlp.SignalMetrics {
		if rec.End != m.tick {
			m.before, m.moved = m.moved, rec.End+uint64(m.shifts[i])
			m.tick = rec.End
		}
		t.requests = m.requests
	}
	t.prev = m.before
	return t
}
