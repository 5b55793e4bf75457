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
	return mingle(mingle(s.metric(it).name, s.service(it).name), mingle(rest, time))
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
