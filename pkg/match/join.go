package match

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// joiner pairs what was sent of one segment with what arrived of it, and hands it on
// in units. Each worker has one, whose memory serves one segment after the other.
type joiner struct {
	key    ids.Key
	seed   uint64
	whole  bool // trace ids are compared whole: there are no laps
	fanOut bool // each output is to have everything

	sent, got side
	groups    []group
	order     []uint32 // of the sent items: by group, spans before log records
	points    run      // of the sent items
	records   []record // of the points
	byTrace   table    // groups, by the half of a trace id that laps leave
	bySpan    table    // sent spans and the first of log records, by group and span id
	byPoint   table    // sent points, by identity
	byRest    restTable
	byTick    table    // records, by the metrics and the time of their points
	seq       []uint32 // of what arrived: by lap, signal, group and order of arrival

	laps    lapTable
	entries *entries          // nil without a ledger
	shifts  []shift           // by group, in the lap at hand
	leaders map[uint64]leader // by request; nil: not asked for yet
	partial bool              // spans or logs are not compared, and there are no leaders among them
	astray  bool              // exemplars may have been moved otherwise: see Unit.Exemplars

	undo       form.Undo
	at         retimed // the data point at hand
	taken      table   // sent points that arrived in a lap
	scraps     []scrap
	gone       []uint32 // by sent point: the laps that have it, where counting
	counting   bool
	scratch    []byte
	onExemplar func([]byte) int64
	onStart    func(form.Point) uint64

	numbers []uint32
	known   [otlp.NumSignals]Known
	strange bool    // the items at hand are of no segment
	result  *result // what is counted
	units
}

// run is a range of a list.
type run struct{ start, end int }

// group is a trace that was sent.
type group struct {
	id, key     otlp.TraceID // key: see keyOf
	spans, logs run          // of order
	count       [2]uint32
}

const noGroup = ^uint32(0)

func newJoiner(seed uint64) *joiner {
	j := &joiner{key: ids.New(seed), seed: seed, result: new(result)}
	hash := maphash.MakeSeed()
	j.sent.hash, j.got.hash = hash, hash
	j.onExemplar, j.onStart = j.exemplar, j.start
	return j
}

// group returns the trace that an item is of, in whatever lap.
func (j *joiner) group(id *otlp.TraceID) (uint32, bool) {
	n := 8
	if j.whole {
		n = 16
	}
	return j.byTrace.find(j.traceHash(id), func(g uint32) bool { return string(j.groups[g].key[:n]) == string(id[:n]) })
}

// traceHash is the hash by which groups are found.
func (j *joiner) traceHash(id *otlp.TraceID) uint64 {
	high := binary.BigEndian.Uint64(id[:8])
	if j.whole {
		return mingle(high, binary.BigEndian.Uint64(id[8:]))
	}
	return high
}

// keyOf returns what the group of an item is found by: its trace id, and of what is of
// no trace, in what is compared without a corpus, its time.
func (j *joiner) keyOf(it *item) otlp.TraceID {
	key := it.trace
	if j.whole && key == (otlp.TraceID{}) {
		binary.BigEndian.PutUint64(key[8:], it.time)
	}
	return key
}

func spanHash(group uint32, span *otlp.SpanID) uint64 {
	return mingle(uint64(group), binary.BigEndian.Uint64(span[:]))
}

// index makes the tables of what was sent.
func (j *joiner) index() {
	s := &j.sent
	j.groups, j.leaders = j.groups[:0], nil
	j.byTrace.reset(len(s.items) / 4)
	j.bySpan.reset(len(s.items))
	j.byPoint.reset(0)
	j.taken.reset(0)
	j.byRest.made, j.counting = false, false
	j.points = run{}
	for i := range s.items {
		it := &s.items[i]
		if it.signal == otlp.SignalMetrics {
			if j.points.end == 0 {
				j.points.start = i
			}
			j.points.end = i + 1
			continue
		}
		key := j.keyOf(it)
		g, ok := j.group(&key)
		if !ok {
			g = uint32(len(j.groups))
			j.groups = append(j.groups, group{id: it.trace, key: key})
			j.byTrace.add(j.traceHash(&key), g)
		}
		it.group = g
		j.groups[g].count[kindOf(it.signal)]++
	}
	j.arrange()
	j.indexPoints()
	j.indexParts()
}

// indexParts fills known.
func (j *joiner) indexParts() {
	for s := range j.known {
		k := &j.known[s]
		if k.Resources == nil {
			k.Resources, k.Scopes = make(map[uint64]bool), make(map[uint64]bool)
		}
		clear(k.Resources)
		clear(k.Scopes)
	}
	resource, scope := noPart, noPart
	signal := otlp.Signal(otlp.NumSignals)
	for i := range j.sent.items {
		it := &j.sent.items[i]
		if it.parts[0] == resource && it.parts[1] == scope && it.signal == signal {
			continue
		}
		resource, scope, signal = it.parts[0], it.parts[1], it.signal
		k := &j.known[signal]
		if resource != noPart {
			k.Resources[j.sent.parts[resource].Digest] = true
		}
		if scope != noPart {
			k.Scopes[j.sent.parts[scope].Digest] = true
		}
	}
}

// kindOf returns 0 for spans, 1 for log records.
func kindOf(sig otlp.Signal) int {
	if sig == otlp.SignalLogs {
		return 1
	}
	return 0
}

// arrange fills order and bySpan.
func (j *joiner) arrange() {
	at := 0
	for g := range j.groups {
		p := &j.groups[g]
		p.spans = run{at, at}
		at += int(p.count[0])
		p.logs = run{at, at}
		at += int(p.count[1])
	}
	j.order = slices.Grow(j.order[:0], at)[:at]
	for i := range j.sent.items {
		it := &j.sent.items[i]
		if it.signal == otlp.SignalMetrics {
			continue
		}
		r := &j.groups[it.group].spans
		if it.signal == otlp.SignalLogs {
			r = &j.groups[it.group].logs
		} else {
			j.bySpan.add(spanHash(it.group, &it.span), uint32(i))
		}
		j.order[r.end] = uint32(i)
		r.end++
	}
}

// lapOf returns the trace and the lap that the id of an item is of.
func (j *joiner) lapOf(it *item) (g, lap uint32, ok bool) {
	key := j.keyOf(it)
	if g, ok = j.group(&key); !ok || j.whole {
		return g, 0, ok
	}
	low := binary.BigEndian.Uint64(it.trace[8:]) ^ binary.BigEndian.Uint64(j.groups[g].id[8:])
	lap, ok = j.laps.of(low)
	return g, lap, ok
}

// resolve finds the trace and the lap of what arrived, and takes the lap out of its
// ids.
func (j *joiner) resolve() {
	for i := range j.got.items {
		it := &j.got.items[i]
		if it.signal == otlp.SignalMetrics {
			continue
		}
		it.group, it.lap = noGroup, 0
		g, lap, ok := j.lapOf(it)
		if !ok {
			continue
		}
		it.group, it.lap = g, lap+1
		it.trace = j.groups[g].id
		if w := wordsOf(j.seed, lap); w.span != 0 && it.span != (otlp.SpanID{}) {
			xorTail(it.span[:], w.span)
		}
	}
	j.resolvePoints()
}

// sequence sorts what arrived.
func (j *joiner) sequence() {
	n := len(j.got.items)
	j.seq = slices.Grow(j.seq[:0], n)[:n]
	for i := range j.seq {
		j.seq[i] = uint32(i)
	}
	items := j.got.items
	slices.SortFunc(j.seq, func(a, b uint32) int { return before(&items[a], &items[b]) })
}

// before compares what arrived by lap, signal, group and order of arrival.
func before(x, y *item) int {
	if c := cmp.Or(cmp.Compare(x.lap, y.lap), cmp.Compare(x.signal, y.signal), cmp.Compare(x.group, y.group)); c != 0 {
		return c
	}
	if x.group == noGroup {
		if c := bytes.Compare(x.trace[:], y.trace[:]); c != 0 {
			return c
		}
	}
	return arrivedBefore(x, y)
}

func arrivedBefore(x, y *item) int {
	if c := cmp.Compare(x.output, y.output); c != 0 {
		return c
	}
	if c := cmp.Compare(x.record, y.record); c != 0 {
		return c
	}
	return cmp.Compare(x.position, y.position)
}
