package match

import "github.com/otelsim/otelsim/pkg/match/form"

// mostLike bounds with how many a data point is compared that are equal to it but
// for their attributes.
const mostLike = 64

// restKey returns what stays of a data point when its attributes change.
func (s *side) restKey(it *item, b []byte, time uint64) uint64 {
	rest, err := form.RestDigest(it.message, b)
	if err != nil {
		rest = digestOf(it.message, b)
	}
	return mingle(mingle(s.metric(it).name, s.service(it)), mingle(rest, time))
}

// giveChanged gives the data points that have no identity of the record to those that
// nothing was given to and that are equal but for their attributes, of several to the
// one with the most of them in common.
func (j *joiner) giveChanged() {
	u := &j.units
	var absent map[uint64][]int32 // by what stays
	for i, n := range u.arrived {
		if u.assign[i] >= 0 {
			continue
		}
		if absent == nil {
			absent = make(map[uint64][]int32)
			for p, m := range u.present {
				if u.counts[p] == 0 {
					s := &j.sent.items[m]
					key := j.sent.restKey(s, j.sent.of(s), s.time)
					absent[key] = append(absent[key], int32(p))
				}
			}
		}
		x := &j.got.items[n]
		list := absent[j.got.restKey(x, j.got.of(x), x.time)]
		best, least := int32(-1), 0
		for _, p := range list[:min(len(list), mostLike)] {
			if u.counts[p] > 0 {
				continue
			}
			if len(list) == 1 {
				best = p
				break
			}
			if d := j.unlike(x, j.got.of(x), &j.sent.items[u.present[p]]); best < 0 || d < least {
				best, least = p, d
			}
		}
		if best >= 0 {
			j.give(i, best, j.compare(x, &j.sent.items[u.present[best]]))
		}
	}
}

// unlike returns in how many fields an item that arrived differs from one that was
// sent.
func (j *joiner) unlike(x *item, b []byte, s *item) int {
	before, err1 := form.AppendFields(nil, s.message, j.sent.of(s))
	after, err2 := form.AppendFields(nil, x.message, b)
	if err1 != nil || err2 != nil {
		return 1 << 30
	}
	return len(form.Diff(before, after))
}

// restTable finds sent points by what stays of them. It is made when it is asked for.
type restTable struct {
	table
	made bool
}

// changedMove returns how a data point was most likely moved that has other attributes
// than were sent: to where one is missing that else is equal, of several the one with
// the most attributes in common.
func (j *joiner) changedMove(it *item) (best retimed, ok bool) {
	if !j.byRest.made {
		j.byRest.made = true
		j.byRest.reset(j.points.end - j.points.start)
		for i := j.points.start; i < j.points.end; i++ {
			s := &j.sent.items[i]
			j.byRest.add(j.sent.restKey(s, j.sent.of(s), s.time), uint32(i))
		}
	}
	return j.likeliest(it, &j.byRest.table, true, func(b []byte, time uint64) uint64 { return j.got.restKey(it, b, time) })
}

// alteredMove is changedMove for one that has the attributes of one that was sent. When
// none is missing it is one more copy.
func (j *joiner) alteredMove(it *item) (best retimed, ok bool) {
	return j.likeliest(it, &j.byPoint, false, func(b []byte, time uint64) uint64 { return j.got.identity(it, b, time) })
}

// What makes a move less likely, besides each field in which the data point then
// differs from what was sent. They fit an int of 32 bits together.
const (
	unlikelyFate    = 1 // the sender does not know it to have arrived
	unlikelyField   = 2
	unlikelyTaken   = 1 << 28 // another has arrived
	unlikelyService = 1 << 29 // it is of another service
)

// likeliest returns the likeliest of the moves that lead to a sent point in a table
// that has the key of the one that arrived. Only those of which none has arrived
// count when free is set.
func (j *joiner) likeliest(it *item, in *table, free bool, keyOf func(b []byte, time uint64) uint64) (best retimed, ok bool) {
	least, key := 0, uint64(0)
	j.eachMove(it, func(at retimed) bool {
		time, undone := j.tryUndo(it, at)
		if !undone {
			return false
		}
		tried := 0
		in.find(keyOf(j.scratch, time), func(n uint32) bool {
			s := &j.sent.items[n]
			k := j.takenKey(n, at, it)
			_, taken := j.taken.first(k)
			if taken && free || at.record >= 0 && s.group != uint32(at.record) {
				return false
			}
			d := unlikelyField * j.unlike(it, j.scratch, s)
			if at.entry != nil && at.entry.Fate != Accepted {
				d += unlikelyFate
			}
			if taken {
				d += unlikelyTaken
			}
			if !j.sameService(it, s) {
				d += unlikelyService
			}
			if !ok || d < least {
				best, least, key, ok = at, d, k, true
			}
			tried++
			return tried == mostLike
		})
		return false
	})
	if ok {
		j.taken.add(key, 0)
	}
	return best, ok
}
