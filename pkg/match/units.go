package match

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// units builds one unit at a time, in memory that it uses again.
type units struct {
	unit   Unit
	sents  []Sent
	recvs  []Received
	pairs  []Pair
	copies []*Received
	made   []*Received

	present []uint32 // sent items of the unit
	arrived []uint32 // items of the unit that arrived
	assign  []int32  // by arrived: index into present; -1: made up
	alike   []int8   // by arrived: how like what was sent it is
	counts  []uint32 // by present: copies
	chosen  []uint32 // memory of present
	partner []int    // by arrived: the sent item with its id; -1: none
	diffs   []int64
	links   []link
	byTime  table // log records by what they are found by: see logHash
	own     []byte
}

// fillItem makes the public form of an item.
func (s *side) fillItem(dst *Item, it *item) {
	*dst = Item{
		Signal: it.signal, Message: it.message, Bytes: s.of(it), Digest: s.digest(it),
		TraceID: it.trace, SpanID: it.span, Time: it.time,
	}
	for i, p := range [...]**Part{&dst.Resource, &dst.Scope, &dst.Metric} {
		if n := it.parts[i]; n != noPart {
			*p = &s.parts[n].Part
		}
	}
}

// begin starts a unit of what was sent and what arrived.
func (j *joiner) begin(present, arrived []uint32) {
	u := &j.units
	u.present, u.arrived = present, arrived
	u.assign = slices.Grow(u.assign[:0], len(arrived))[:len(arrived)]
	u.alike = slices.Grow(u.alike[:0], len(arrived))[:len(arrived)]
	u.counts = slices.Grow(u.counts[:0], len(present))[:len(present)]
	clear(u.counts)
	for i := range u.assign {
		u.assign[i], u.alike[i] = -1, 0
	}
}

// give makes an item that arrived a copy of one that was sent.
func (j *joiner) give(arrived int, present int32, alike int8) {
	j.units.assign[arrived], j.units.alike[arrived] = present, alike
	j.units.counts[present]++
	if j.entries != nil {
		s := &j.sent.items[j.units.present[present]]
		j.result.witness.see(&j.got.items[j.units.arrived[arrived]], s, j.entryOf(s))
	}
}

// better reports whether a sent item of the unit, as much alike as that, is to have a
// copy rather than the best so far: it has fewer, or as many and is more alike. best is
// -1 where there is none yet.
func (u *units) better(slot int32, alike int8, best int32, bestAlike int8) bool {
	return best < 0 || u.counts[slot] < u.counts[best] || u.counts[slot] == u.counts[best] && alike > bestAlike
}

// How like what arrived is to what was sent.
const (
	alikeItem  = 1 // the item is
	alikeParts = 2 // resource, scope and metric are
	alikeAll   = alikeItem | alikeParts
)

// compare returns how like an item that arrived is to one that was sent.
func (j *joiner) compare(x, s *item) int8 {
	a := int8(0)
	switch {
	case x.digested && s.digested:
		if x.digest == s.digest && x.message == s.message {
			a = alikeItem
		}
	case x.message == s.message && string(j.got.of(x)) == string(j.sent.of(s)):
		x.digest, x.digested = j.sent.digest(s), true
		a = alikeItem
	case x.message == s.message && j.got.digest(x) == j.sent.digest(s):
		a = alikeItem
	}
	if j.sameParts(x, s) {
		a |= alikeParts
	}
	return a
}

// sameParts reports whether an item that arrived has resource, scope and metric of
// one that was sent.
func (j *joiner) sameParts(x, s *item) bool {
	for i, p := range x.parts {
		q := s.parts[i]
		if (p == noPart) != (q == noPart) || p != noPart && j.got.parts[p].Digest != j.sent.parts[q].Digest {
			return false
		}
	}
	return true
}

// finish hands the unit to the judge, unless there is nothing in it.
func (j *joiner) finish(to SegmentJudge) error {
	u := &j.units
	if len(u.present) == 0 && len(u.arrived) == 0 {
		return nil
	}
	j.result.sent[u.unit.Signal] += uint64(len(u.present))
	u.sents = slices.Grow(u.sents[:0], len(u.present))[:len(u.present)]
	u.pairs = slices.Grow(u.pairs[:0], len(u.present))[:len(u.present)]
	clear(u.unit.Refused)
	for i, n := range u.present {
		j.fillSent(&u.sents[i], &j.sent.items[n])
		u.pairs[i] = Pair{Sent: &u.sents[i]}
	}
	j.fillReceived()
	if u.unit.Known = nil; !j.strange {
		u.unit.Known = &j.known[u.unit.Signal]
	}
	u.unit.Exemplars = j.astray && u.unit.Signal == otlp.SignalMetrics
	u.unit.Pairs, u.unit.MadeUp = u.pairs, u.made
	return to.Take(&u.unit)
}

func (j *joiner) fillSent(dst *Sent, it *item) {
	*dst = Sent{Record: it.record, Position: it.position}
	j.sent.fillItem(&dst.Item, it)
	if it.signal != otlp.SignalMetrics {
		dst.Iteration = j.key.Origin(it.trace).Iteration
	}
	e := j.entryOf(it)
	if e == nil {
		return
	}
	dst.Fate, dst.Attempted = e.Fate, e.Last
	if e.Fate == Rejected {
		if j.unit.Refused == nil {
			j.unit.Refused = make(map[uint64]uint64)
		}
		j.unit.Refused[it.record] = e.Refused
	}
}

// fillReceived makes the copies of each pair and what was made up.
func (j *joiner) fillReceived() {
	u := &j.units
	n := len(u.arrived)
	u.recvs = slices.Grow(u.recvs[:0], n)[:n]
	u.copies, u.made = slices.Grow(u.copies[:0], n)[:n], u.made[:0]
	at := uint32(0)
	for i, c := range u.counts {
		u.pairs[i].Copies = u.copies[at : at : at+c]
		at += c
	}
	several := false
	for i, n := range u.arrived {
		it := &j.got.items[n]
		r := &u.recvs[i]
		*r = Received{Output: int(it.output), Message: it.record, Position: it.position, Arrived: it.arrived, Wire: it.wire}
		j.got.fillItem(&r.Item, it)
		if p := u.assign[i]; p < 0 {
			u.made = append(u.made, r)
		} else {
			several = several || u.counts[p] > 1
		}
	}
	if !several {
		j.addCopies(func(int8) bool { return true })
		return
	}
	for _, alike := range [...]int8{alikeAll, alikeItem, alikeParts, 0} {
		j.addCopies(func(a int8) bool { return a == alike })
	}
}

// addCopies adds those copies to their pairs that are so much alike.
func (j *joiner) addCopies(alike func(int8) bool) {
	u := &j.units
	for i, p := range u.assign {
		if p >= 0 && alike(u.alike[i]) {
			u.pairs[p].Copies = append(u.pairs[p].Copies, &u.recvs[i])
		}
	}
}
