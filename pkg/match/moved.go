package match

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// retimed is how a data point may have been moved: the lap and the record that it may
// be of.
type retimed struct {
	lap    uint32
	entry  *Entry // nil: its times were not
	record int32  // index of records; -1: whichever has its identity
}

// resolvePoints finds the laps and the records of the data points that arrived, in
// their order, and undoes what the replay did to them. Those that have a lap are done
// but for their record.
func (j *joiner) resolvePoints() {
	j.scraps = j.scraps[:0]
	for i := range j.got.items {
		it := &j.got.items[i]
		switch {
		case it.signal != otlp.SignalMetrics:
		case it.lap > 0:
			j.settle(it, -1)
		default:
			j.firstMove(i)
		}
	}
	j.lateMoves()
}

// firstMove resolves a data point that was moved in one way only, or equals one that
// was sent in some lap. Others are scraps.
func (j *joiner) firstMove(i int) {
	it := &j.got.items[i]
	at, ok := j.oneMove(it)
	if !ok {
		alike := false
		if at, alike, ok = j.bestMove(it); ok && !alike {
			j.scraps = append(j.scraps, scrap{i, at})
			return
		}
	}
	j.resolvePoint(it, at, ok)
}

// lateMoves resolves the scraps: what is equal to nothing goes to where something is
// missing, once that is known.
func (j *joiner) lateMoves() {
	left := j.scraps[:0]
	for _, l := range j.scraps {
		it := &j.got.items[l.item]
		if at, ok := j.alteredMove(it); ok {
			j.resolvePoint(it, at, true)
		} else {
			left = append(left, l)
		}
	}
	for _, l := range left {
		it := &j.got.items[l.item]
		if at, ok := j.changedMove(it); ok {
			l.at = at
		}
		j.resolvePoint(it, l.at, true)
	}
}

// scrap is a data point that is equal to none that was sent, and the first of the
// ways in which it may have been moved.
type scrap struct {
	item int
	at   retimed
}

// resolvePoint undoes how a data point was moved; ok is false when no way is known.
func (j *joiner) resolvePoint(it *item, at retimed, ok bool) {
	it.group, it.lap = noGroup, 0
	if !ok {
		j.got.identify(it)
		return
	}
	bytes := j.got.of(it)
	if j.undoPoint(it, bytes, at) == nil && at.entry != nil && it.time != 0 {
		it.time -= uint64(at.entry.Shift)
	}
	it.digested, it.lap = false, at.lap+1
	j.takePartsBack(it, wordsOf(j.seed, at.lap))
	j.settle(it, at.record)
}

// settle finds the record of a data point that is as it was sent, unless it is known.
func (j *joiner) settle(it *item, record int32) {
	j.got.identify(it)
	it.group = noGroup
	if s, ok := j.pointOf(it, record); ok {
		it.group = j.sent.items[s].group
	} else if record >= 0 {
		it.group = uint32(record)
	} else if r, ok := j.byTick.first(j.got.tick(it)); ok {
		it.group = r
	}
}

// oneMove returns how a data point was moved where there is but one way.
func (j *joiner) oneMove(it *item) (at retimed, ok bool) {
	if j.entries == nil {
		if len(j.laps.list) == 1 {
			return retimed{lap: j.laps.list[0], record: -1}, true
		}
		return retimed{}, false
	}
	if list := j.entries.ofTime(it.time); len(list) == 1 {
		return j.moveOf(list[0])
	}
	return retimed{}, false
}

// moveOf returns the move that an entry of the ledger tells.
func (j *joiner) moveOf(entry int32) (at retimed, ok bool) {
	e := &j.entries.list[entry]
	r, ok := slices.BinarySearchFunc(j.records, e.Record, func(r record, n uint64) int { return cmp.Compare(r.number, n) })
	return retimed{lap: uint32(e.Lap), entry: e, record: int32(r)}, ok
}

// bestMove returns how a data point was most likely moved, of several ways. Points of
// a series are equal in all laps, if nobody moved their times, but for the ids in
// their exemplars: then one that arrived goes to the first lap that has none.
//
// alike is false where none that was sent is equal to it.
func (j *joiner) bestMove(it *item) (best retimed, alike, ok bool) {
	if j.entries == nil && !j.fanOut {
		if best, alike, ok = j.unmovedMove(it); ok {
			return best, alike, ok
		}
	}
	rank, key := -1, uint64(0)
	j.eachMove(it, func(at retimed) bool {
		r, k := j.tryMove(it, at)
		if r > rank {
			best, rank, key = at, r, k
		}
		return rank == mostRank // of several alike the first
	})
	if alike = rank >= rankAlike; alike {
		j.taken.add(key, 0)
	}
	return best, alike, rank >= 0
}

// eachMove calls try with every way in which a data point may have been moved, until
// it returns true.
func (j *joiner) eachMove(it *item, try func(retimed) bool) {
	if j.entries == nil {
		for _, lap := range j.laps.list {
			if try(retimed{lap: lap, record: -1}) {
				return
			}
		}
		return
	}
	for _, n := range j.entries.ofTime(it.time) {
		if at, ok := j.moveOf(n); ok && try(at) {
			return
		}
	}
}

// The ranks of moves: by whether the point is then one that was sent, which the sender
// knows to have arrived, which no other is yet, which is of the same service, and which
// is equal to it.
const (
	rankSent = 1 << iota
	rankAccepted
	rankFree
	rankServed
	rankAlike
	mostRank = 2*rankAlike - 1
)

// tryMove returns how likely a move is, and the key of the sent point that it leads to.
func (j *joiner) tryMove(it *item, at retimed) (best int, key uint64) {
	time, ok := j.tryUndo(it, at)
	if !ok {
		return 0, 0
	}
	identity, digest := j.got.identity(it, j.scratch, time), digestOf(it.message, j.scratch)
	j.byPoint.find(identity, func(n uint32) bool {
		s := &j.sent.items[n]
		if at.record >= 0 && s.group != uint32(at.record) {
			return false
		}
		rank := rankSent
		if at.entry == nil || at.entry.Fate == Accepted {
			rank |= rankAccepted
		}
		k := j.takenKey(n, at, it)
		if _, taken := j.taken.first(k); !taken {
			rank |= rankFree
		}
		if j.sameService(it, s) {
			rank |= rankServed
		}
		if digest == j.sent.digest(s) && j.sameParts(it, s) {
			rank |= rankAlike
		}
		if rank > best {
			best, key = rank, k
		}
		return best == mostRank
	})
	return best, key
}

// tryUndo makes scratch what a data point is once a move is taken back, and returns its
// time then; it is false where the move cannot be.
func (j *joiner) tryUndo(it *item, at retimed) (time uint64, ok bool) {
	j.scratch = append(j.scratch[:0], j.got.of(it)...)
	if j.undoPoint(it, j.scratch, at) != nil {
		return 0, false
	}
	time = it.time
	if at.entry != nil {
		time -= uint64(at.entry.Shift)
	}
	return time, true
}

// takenKey is the key in taken of a sent point in the lap of a move.
func (j *joiner) takenKey(n uint32, at retimed, it *item) uint64 {
	return mingle(mingle(uint64(n), uint64(at.lap)), j.outputKey(it))
}

// outputKey tells outputs apart, where each is to have everything.
func (j *joiner) outputKey(it *item) uint64 {
	if j.fanOut {
		return uint64(it.output)
	}
	return 0
}

// undoPoint takes a move back in the bytes of a data point.
func (j *joiner) undoPoint(it *item, b []byte, at retimed) error {
	w := wordsOf(j.seed, at.lap)
	e := at.entry
	if w == (words{}) && (e == nil || e.Shift == 0 && e.Start == 0 && e.Prev == 0 && !e.Exemplars) {
		return nil
	}
	j.at = at
	j.undo = form.Undo{TraceXor: w.trace, SpanXor: w.span}
	if e != nil {
		j.undo.Shift = e.Shift
		j.undo.Temporality = j.got.metric(it).temporality
		if e.Start != 0 || e.Prev != 0 {
			j.undo.Start = j.onStart
		}
		if e.Exemplars {
			j.undo.Exemplar = j.onExemplar
		}
	}
	return j.undo.Apply(it.message, b)
}

// start returns since when a data point counted before it was moved: what the replay
// put there says nothing, so it is that of the record's points.
func (j *joiner) start(p form.Point) uint64 {
	e, as := j.at.entry, uint64(0)
	switch otlp.Temporality(p.Temporality) {
	case otlp.TemporalityCumulative:
		as = e.Start
	case otlp.TemporalityDelta:
		as = e.Prev
	}
	if as != 0 && p.Start == as {
		if s := j.records[j.at.record].starts[p.Temporality]; s != 0 {
			return s
		}
	}
	if p.Start == uint64(e.Shift) {
		return 0
	}
	return p.Start - uint64(e.Shift)
}

// leader is the record whose shift what was measured of a request took.
type leader struct {
	signal otlp.Signal
	record uint64
}

// requestOf is a name for the request that a trace is of. It is not 0.
func (j *joiner) requestOf(id *otlp.TraceID) uint64 {
	o := j.key.Origin(*id)
	return (o.Iteration<<ids.TurnBits | uint64(o.Turn)) + 1
}

// lead finds the leaders, among signals that were sent: a record of several requests
// goes by the first of them, and the log records of a request by its spans.
func (j *joiner) lead() {
	j.leaders = make(map[uint64]leader)
	for i := range j.sent.items {
		it := &j.sent.items[i]
		if it.position > 0 || it.signal == otlp.SignalMetrics || !j.entries.has[it.signal] {
			continue
		}
		request := j.requestOf(&it.trace)
		if l, ok := j.leaders[request]; !ok || l.signal == otlp.SignalLogs && it.signal == otlp.SignalTraces {
			j.leaders[request] = leader{it.signal, it.record}
		}
	}
}

// exemplar returns how far an exemplar of a trace was moved: with the request that
// the trace is of, where that was the first of some record, and otherwise with its
// own record.
func (j *joiner) exemplar(traceID []byte) int64 {
	e := j.at.entry
	var id otlp.TraceID
	if len(traceID) != len(id) {
		return e.Shift
	}
	copy(id[:], traceID)
	if j.leaders == nil {
		j.lead()
	}
	if l, ok := j.leaders[j.requestOf(&id)]; ok {
		if x := j.entries.find(uint64(j.at.lap), l.signal, l.record); x != nil {
			return x.Shift + e.Run - x.Run // as in the run that sent the exemplar
		}
		j.astray = true // it was to be sent, and was not
	} else {
		j.astray = j.astray || j.partial || len(j.leaders) == 0
	}
	return e.Shift
}
