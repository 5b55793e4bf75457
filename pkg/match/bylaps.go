package match

import (
	"context"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// lapsAtOnce is how much of what arrived of a segment is joined at once, in bytes: if
// there is more, and of several laps, one lap after the other.
const lapsAtOnce = 64 << 20

// lapBudget is how much of a segment is in memory before it is written to a temporary
// file by laps, in bytes.
const lapBudget = 8 << 20

// byLaps joins a segment that was indexed, and of which much arrived, lap by lap. For
// that it is spilled once more.
func (w *worker) byLaps(ctx context.Context, segment uint64) (err error) {
	j, sp := w.joiner, w.received.spill
	if w.lapSpill == nil {
		if w.lapSpill, err = w.spills.add(w.TempDir, 1, lapBudget); err != nil {
			return err
		}
	}
	list := j.laps.list
	// Behind the laps are what is of none and the scraps.
	none, scraps := uint64(len(list)), uint64(len(list)+1)
	w.lapSpill.Restart(scraps+1, lapBudget)
	chunks, err := sp.Chunks(nil, segment)
	if err != nil {
		return err
	}
	for _, c := range chunks {
		if err := ctx.Err(); err != nil {
			return err
		}
		j.got.reset()
		if err := j.got.load(sp, c); err != nil {
			return err
		}
		if err := w.scatterLaps(list, true); err != nil {
			return err
		}
	}
	if err := w.lapSpill.Flush(); err != nil {
		return err
	}
	if err := j.got.loadAll(w.lapSpill, scraps); err != nil {
		return err
	}
	if err := w.scatterLaps(list, false); err != nil {
		return err
	}
	if err := w.lapSpill.Flush(); err != nil {
		return err
	}
	for i, lap := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := w.loadLap(uint64(i)); err != nil {
			return err
		}
		if _, err := j.lap(j.result.judge, lap, j.seq); err != nil {
			return err
		}
	}
	if err := w.loadLap(none); err != nil {
		return err
	}
	return j.madeUp(j.result.judge, j.seq)
}

func (w *worker) loadLap(partition uint64) error {
	if err := w.joiner.got.loadAll(w.lapSpill, partition); err != nil {
		return err
	}
	w.joiner.resolve()
	w.joiner.sequence()
	return nil
}

// scatterLaps spills what is loaded by lap. Data points are written as they are once
// their move is undone, since which lap they go to is a matter of those before, and
// scraps, if they are to wait, to the end.
func (w *worker) scatterLaps(list []uint32, wait bool) error {
	j := w.joiner
	w.parts, j.scraps = w.parts[:0], j.scraps[:0]
	for i := range j.got.items {
		if j.got.items[i].signal == otlp.SignalMetrics {
			j.firstMove(i)
		}
	}
	scraps := j.scraps
	if !wait {
		j.lateMoves()
		scraps = nil
	}
	for i := range j.got.items {
		it := &j.got.items[i]
		lap := it.lap
		if it.signal != otlp.SignalMetrics {
			lap = 0
			if _, l, ok := j.lapOf(it); ok {
				lap = l + 1
			}
		}
		partition, ok := slices.BinarySearch(list, lap-1)
		if lap == 0 || !ok {
			partition = len(list)
		}
		if len(scraps) > 0 && scraps[0].item == i {
			partition, scraps = len(list)+1, scraps[1:]
		}
		if err := w.putAgain(uint64(partition), it); err != nil {
			return err
		}
	}
	return nil
}

// putAgain spills an item that was loaded.
func (w *worker) putAgain(partition uint64, it *item) error {
	got := &w.joiner.got
	for n := len(w.parts); n < len(got.parts); n++ {
		w.parts = append(w.parts, part{got.parts[n].hash, got.parts[n].Bytes})
	}
	w.arrival = arrival{
		signal: it.signal, message: it.message, output: it.output, lap: it.lap,
		resource: it.parts[0], scope: it.parts[1], metric: it.parts[2], position: it.position, number: it.record,
		arrived: it.arrived, time: it.time, start: it.start, trace: it.wire, span: it.span, bytes: got.of(it),
	}
	return put(w.lapSpill, partition, &w.arrival, w.parts)
}
