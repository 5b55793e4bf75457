package match

import (
	"cmp"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// shift is how far the times of a trace were moved in a lap.
type shift struct {
	by    int64
	known bool
}

// traces hands the spans or the log records of all traces in a lap to a judge. seq is
// what arrived of them, rest what is of none of the traces.
func (j *joiner) traces(to SegmentJudge, sig otlp.Signal, lap uint32, seq []uint32) (rest []uint32, err error) {
	for g := range j.groups {
		p := &j.groups[g]
		var arrived []uint32
		arrived, seq = j.leading(seq, func(x *item) bool { return x.group == uint32(g) })
		r := p.spans
		if sig == otlp.SignalLogs {
			r = p.logs
		}
		present := j.presentOf(j.order[r.start:r.end])
		if len(present)+len(arrived) == 0 {
			continue
		}
		if j.entries != nil && len(present) > 0 {
			j.shifts[g] = shift{j.entryOf(&j.sent.items[present[0]]).Shift, true}
		}
		j.begin(present, arrived)
		j.unit.Signal, j.unit.Lap, j.unit.TraceID, j.unit.Wire = sig, uint64(lap), p.id, p.id
		w := wordsOf(j.seed, lap)
		if w.trace != 0 {
			xorTail(j.unit.Wire[8:], w.trace)
		}
		if sig == otlp.SignalTraces {
			j.pairSpans(uint32(g), w)
		} else {
			j.pairLogs(uint32(g), w)
		}
		if err := j.finish(to); err != nil {
			return nil, err
		}
	}
	return seq, nil
}

// presentOf returns those of some items that were sent in the lap at hand, with their
// places in the unit.
func (j *joiner) presentOf(list []uint32) []uint32 {
	u := &j.units
	if j.entries == nil {
		for i, n := range list {
			j.sent.items[n].slot = int32(i)
		}
		return list
	}
	u.chosen = u.chosen[:0]
	for _, n := range list {
		it := &j.sent.items[n]
		it.slot = -1
		if j.wasSent(it) {
			it.slot = int32(len(u.chosen))
			u.chosen = append(u.chosen, n)
		}
	}
	return u.chosen
}

// pairSpans pairs the spans of a trace.
func (j *joiner) pairSpans(g uint32, w words) {
	u := &j.units
	u.partner = slices.Grow(u.partner[:0], len(u.arrived))[:len(u.arrived)]
	u.diffs = u.diffs[:0]
	for i, n := range u.arrived {
		x := &j.got.items[n]
		u.partner[i] = j.spanOf(g, x)
		if s := u.partner[i]; s >= 0 && j.entries == nil && !j.whole {
			u.diffs = append(u.diffs, int64(x.time-j.sent.items[s].time))
		}
	}
	if j.entries == nil && len(u.diffs) > 0 {
		j.infer(g)
	}
	for i, n := range u.arrived {
		by := j.shifts[g].by
		s := u.partner[i]
		if s >= 0 && j.entries != nil {
			if e := j.entryOf(&j.sent.items[s]); e != nil {
				by = e.Shift
			}
		}
		j.takeBack(&j.got.items[n], w, by)
	}
	j.pairById(g)
}

// pairById gives each span that arrived to the one that was sent with its id. Ids are
// there once in a corpus; what diff compares may have copies of its own, of which
// equal ones find each other first.
func (j *joiner) pairById(g uint32) {
	u := &j.units
	for _, least := range [...]int8{alikeAll, 0} {
		for i, s := range u.partner {
			if s < 0 || u.assign[i] >= 0 {
				continue
			}
			x := &j.got.items[u.arrived[i]]
			best, alike := int32(-1), int8(0)
			j.bySpan.find(spanHash(g, &x.span), func(n uint32) bool {
				it := &j.sent.items[n]
				if it.group != g || it.span != x.span || it.slot < 0 {
					return false
				}
				a := j.compare(x, it)
				if a >= least && j.better(it.slot, a, best, alike) {
					best, alike = it.slot, a
				}
				return false
			})
			if best >= 0 {
				j.give(i, best, alike)
			}
		}
	}
}

// spanOf returns the sent span with the id of one that arrived, or -1.
func (j *joiner) spanOf(g uint32, x *item) int {
	s, ok := j.bySpan.find(spanHash(g, &x.span), func(i uint32) bool {
		it := &j.sent.items[i]
		return it.group == g && it.span == x.span
	})
	if !ok {
		return -1
	}
	return int(s)
}

// takeBack undoes what the replay did to an item.
func (j *joiner) takeBack(x *item, w words, by int64) {
	if w == (words{}) && by == 0 {
		return
	}
	j.undo = form.Undo{TraceXor: w.trace, SpanXor: w.span, Shift: by}
	if j.undo.Apply(x.message, j.got.of(x)) == nil && x.time != 0 {
		x.time -= uint64(by)
	}
	x.digested = false
	j.takePartsBack(x, w)
}

// takePartsBack undoes the lap of ids in the parts of an item, where there are any.
func (j *joiner) takePartsBack(x *item, w words) {
	if w == (words{}) {
		return
	}
	for i, n := range x.parts {
		if n == noPart || !j.got.parts[n].ids {
			continue
		}
		kind := form.ResourcePart + form.Message(i)
		j.own = append(j.own[:0], j.got.parts[n].Bytes...)
		j.undo = form.Undo{TraceXor: w.trace, SpanXor: w.span}
		if j.undo.Apply(kind, j.own) == nil {
			x.parts[i] = j.got.part(uint8(i), j.own)
		}
	}
}

// infer takes the shift of a trace from diffs.
func (j *joiner) infer(g uint32) {
	by := mostCommon(j.diffs)
	j.shifts[g] = shift{by, true}
	j.result.inferred = j.result.inferred || by != 0
}

// mostCommon returns the number that a list has most often, of several the one
// nearest to 0. It sorts the list.
func mostCommon(list []int64) int64 {
	if len(list) == 1 {
		return list[0]
	}
	slices.Sort(list)
	best, most := list[0], 0
	for i := 0; i < len(list); {
		k := i + 1
		for k < len(list) && list[k] == list[i] {
			k++
		}
		if n := k - i; n > most || n == most && nearer(list[i], best) {
			best, most = list[i], n
		}
		i = k
	}
	return best
}

func nearer(a, b int64) bool {
	x, y := uint64(a), uint64(b)
	if a < 0 {
		x = -x
	}
	if b < 0 {
		y = -y
	}
	return cmp.Less(x, y)
}
