package match

import (
	"bytes"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// unmovedMove is bestMove without a ledger, and without trying all laps: a data point
// without ids is the same in each of them, and of one with ids an exemplar tells which
// lap it is of. ok is false where neither tells.
func (j *joiner) unmovedMove(it *item) (best retimed, alike, ok bool) {
	b := j.got.of(it)
	last := wordsOf(j.seed, j.laps.list[len(j.laps.list)-1])
	j.scratch = append(j.scratch[:0], b...)
	j.undo = form.Undo{TraceXor: last.trace, SpanXor: last.span}
	if j.undo.Apply(it.message, j.scratch) != nil {
		return retimed{}, false, false
	}
	if !bytes.Equal(b, j.scratch) {
		lap, ok := j.lapOfExemplar(it.message, b)
		if !ok {
			return retimed{}, false, false
		}
		best = retimed{lap: lap, record: -1}
		rank, key := j.tryMove(it, best)
		if alike = rank >= rankAlike; alike {
			j.taken.add(key, 0)
		}
		return best, alike, true
	}
	return j.nextLap(it, b)
}

// nextLap gives a data point without ids to the first lap that has none equal to it,
// and to the first of all where each has one.
func (j *joiner) nextLap(it *item, b []byte) (best retimed, alike, ok bool) {
	if !j.counting {
		j.counting = true
		j.gone = append(j.gone[:0], make([]uint32, j.points.end-j.points.start)...)
	}
	at, least, served := -1, uint32(0), false
	digest := j.got.digest(it)
	j.byPoint.find(j.got.identity(it, b, it.time), func(n uint32) bool {
		s := &j.sent.items[n]
		if digest != j.sent.digest(s) || !j.sameParts(it, s) {
			return false
		}
		gone := j.gone[int(n)-j.points.start]
		here := j.sameService(it, s)
		if at < 0 || here && !served || here == served && gone < least {
			at, least, served = int(n), gone, here
		}
		return false
	})
	best = retimed{lap: j.laps.list[0], record: -1}
	if at < 0 {
		return best, false, true
	}
	if int(least) < len(j.laps.list) {
		best.lap = j.laps.list[least]
		j.gone[at-j.points.start]++
		j.taken.add(j.takenKey(uint32(at), best, it), 0)
	}
	return best, true, true
}

// lapOfExemplar returns the lap of the first exemplar of a data point that is of a
// trace that was sent.
func (j *joiner) lapOfExemplar(m form.Message, b []byte) (lap uint32, ok bool) {
	form.EachExemplar(m, b, func(id []byte) bool {
		if len(id) == len(otlp.TraceID{}) {
			_, lap, ok = j.lapOf(&item{trace: otlp.TraceID(id)})
		}
		return ok
	})
	return lap, ok
}
