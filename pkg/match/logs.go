package match

import (
	"encoding/binary"
	"slices"

	"github.com/otelsim/otelsim/pkg/match/form"
)

// mostCompared bounds how many log records of one trace are compared with each other;
// beyond, their order decides.
const mostCompared = 1 << 20

// pairLogs pairs the log records of a trace: those that are equal, then those most
// alike by span, time, event and body.
func (j *joiner) pairLogs(g uint32, w words) {
	u := &j.units
	by := j.logShift(g)
	for _, n := range u.arrived {
		x := &j.got.items[n]
		j.takeBack(x, w, j.shiftOfLog(x, by))
	}
	many := len(u.present) > fewLogs
	if many {
		u.byTime.reset(len(u.present))
		for p, m := range u.present {
			s := &j.sent.items[m]
			u.byTime.add(logHash(s, j.sent.digest(s)), uint32(p))
		}
	}
	left := 0
	for i := range u.arrived {
		if !j.giveEqual(i, many) {
			left++
		}
	}
	if left > 0 {
		j.giveAlike(left)
	}
}

// logShift returns how far the log records of a trace were moved: like its spans, or
// else as most of them say themselves. With a ledger it is what the first record of
// them says, which shiftOfLog may know better.
func (j *joiner) logShift(g uint32) int64 {
	u := &j.units
	if j.entries != nil || j.whole || j.shifts[g].known || len(u.arrived) == 0 {
		return j.shifts[g].by
	}
	u.diffs = u.diffs[:0]
	for _, n := range u.arrived {
		x := &j.got.items[n]
		for _, m := range u.present {
			if s := &j.sent.items[m]; s.span == x.span && len(u.diffs) < mostCompared {
				u.diffs = append(u.diffs, int64(x.time-s.time))
			}
		}
	}
	if len(u.diffs) > 0 {
		j.infer(g)
	}
	return j.shifts[g].by
}

// shiftOfLog returns how far a log record was moved, where the ledger has several
// shifts for the records of its trace: the one that takes it to where one was sent.
func (j *joiner) shiftOfLog(x *item, by int64) int64 {
	if j.entries == nil || len(j.units.present) > mostCompared {
		return by
	}
	for _, m := range j.units.present {
		s := &j.sent.items[m]
		if e := j.entryOf(s); e != nil && s.span == x.span && s.time+uint64(e.Shift) == x.time {
			return e.Shift
		}
	}
	return by
}

// fewLogs is how many log records are looked through one by one.
const fewLogs = 32

// logHash is what log records are found by where there are many.
func logHash(it *item, digest uint64) uint64 {
	return mingle(mingle(binary.BigEndian.Uint64(it.span[:]), it.time), digest)
}

// giveEqual gives a log record to the equal one that was sent, of several to that
// with the fewest copies. Where there are many they are found by byTime.
func (j *joiner) giveEqual(i int, many bool) bool {
	u := &j.units
	x := &j.got.items[u.arrived[i]]
	best, alike := int32(-1), int8(0)
	try := func(p uint32) bool {
		s := &j.sent.items[u.present[p]]
		if s.span != x.span || s.time != x.time {
			return false
		}
		if best >= 0 && alike == alikeAll && u.counts[p] >= u.counts[best] {
			return false
		}
		a := j.compare(x, s)
		if a&alikeItem == 0 {
			return false
		}
		if best < 0 || a > alike || a == alike && u.counts[p] < u.counts[best] {
			best, alike = int32(p), a
		}
		return a == alikeAll && u.counts[p] == 0
	}
	if many {
		u.byTime.find(logHash(x, j.got.digest(x)), try)
	} else {
		for p := range u.present {
			if try(uint32(p)) {
				break
			}
		}
	}
	if best >= 0 {
		j.give(i, best, alike)
	}
	return best >= 0
}

// giveAlike gives the log records that equal nothing to those most like them, first
// of all to those that no other was given to.
func (j *joiner) giveAlike(left int) {
	u := &j.units
	u.links = u.links[:0]
	if left*len(u.present) <= mostCompared {
		j.linkAlike()
	} else {
		j.linkInOrder()
	}
	// The most alike first, of those equally alike the first that was sent and arrived.
	slices.SortStableFunc(u.links, func(a, b link) int { return int(b.score) - int(a.score) })
	for _, l := range u.links {
		if u.assign[l.arrived] < 0 && u.counts[l.present] == 0 {
			j.give(int(l.arrived), l.present, j.compare(&j.got.items[u.arrived[l.arrived]], &j.sent.items[u.present[l.present]]))
		}
	}
	// What is left is one more copy of what it is like, if it is like anything.
	for _, l := range u.links {
		if u.assign[l.arrived] < 0 && l.score >= likeCopy {
			j.give(int(l.arrived), l.present, j.compare(&j.got.items[u.arrived[l.arrived]], &j.sent.items[u.present[l.present]]))
		}
	}
}

// link is how alike a log record that arrived and one that was sent are.
type link struct{ arrived, present, score int32 }

// What likeness counts.
const (
	likeSpan  = 8
	likeTime  = 8
	likeEvent = 4
	likeBody  = 2
	likeCopy  = likeSpan + likeTime
)

func (j *joiner) linkAlike() {
	u := &j.units
	for i, n := range u.arrived {
		if u.assign[i] >= 0 {
			continue
		}
		x := &j.got.items[n]
		event, body := logText(j.got.of(x))
		for p, m := range u.present {
			s := &j.sent.items[m]
			score := int32(0)
			if s.span == x.span {
				score += likeSpan
			}
			if s.time == x.time {
				score += likeTime
			}
			sentEvent, sentBody := logText(j.sent.of(s))
			if string(event) == string(sentEvent) {
				score += likeEvent
			}
			if string(body) == string(sentBody) {
				score += likeBody
			}
			if score > likeEvent+likeBody {
				u.links = append(u.links, link{int32(i), int32(p), score})
			}
		}
	}
}

// linkInOrder links what nothing was given to by order.
func (j *joiner) linkInOrder() {
	u := &j.units
	p := 0
	for i := range u.arrived {
		for p < len(u.present) && u.counts[p] > 0 {
			p++
		}
		if u.assign[i] < 0 && p < len(u.present) {
			u.links = append(u.links, link{int32(i), int32(p), 0})
			p++
		}
	}
}

// logText returns the event name and the body of a log record as they are encoded.
func logText(b []byte) (event, body []byte) {
	return form.Bytes(b, 12), form.Bytes(b, 5)
}
