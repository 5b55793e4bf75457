package sketch

import "slices"

// tallies are counts by bucket. Most of what is counted falls into buckets that are close
// together: those are found at once.
type tallies struct {
	run   []uint64 // of the buckets from first on, most of which have any
	rest  []tally  // of the others that have any, ascending
	first int32
	at    int32 // the place in rest that was added to last
	tried int32 // how long rest was when the run was chosen
}

type tally struct {
	bucket int32
	n      uint64
}

const (
	leastRest = 16 // that a run is chosen for
	sparse    = 3  // places of a run for each bucket that has any, at most: as much memory as in rest
)

func (s *tallies) put(i int32, n uint64) {
	if k := uint32(i - s.first); k < uint32(len(s.run)) {
		s.run[k] += n
		return
	}
	if int(s.at) < len(s.rest) && s.rest[s.at].bucket == i {
		s.rest[s.at].n += n
		return
	}
	at, found := slices.BinarySearchFunc(s.rest, i, func(x tally, i int32) int { return int(x.bucket - i) })
	s.at = int32(at)
	if found {
		s.rest[at].n += n
		return
	}
	s.rest = slices.Insert(s.rest, at, tally{i, n})
	if len(s.rest) >= max(leastRest, 2*int(s.tried)) {
		list := make([]tally, 0, len(s.run)+len(s.rest))
		for c := s.begin(); c.next(); {
			list = append(list, c.tally)
		}
		s.arrange(list)
	}
}

// arrange sets the tallies to those of a list, which ascends, and chooses the run.
func (s *tallies) arrange(list []tally) {
	from, to := 0, len(list)
	for to-from >= leastRest/2 && int(list[to-1].bucket-list[from].bucket) >= sparse*(to-from) {
		// The end that is farther off is none of it.
		if list[to-1].bucket-list[to-2].bucket > list[from+1].bucket-list[from].bucket {
			to--
		} else {
			from++
		}
	}
	s.run, s.rest, s.at, s.first = nil, nil, 0, 0
	if to-from >= leastRest/2 {
		s.first = list[from].bucket
		s.run = make([]uint64, list[to-1].bucket-s.first+1)
		for _, x := range list[from:to] {
			s.run[x.bucket-s.first] = x.n
		}
		list = slices.Delete(list, from, to)
	}
	s.rest = slices.Clip(slices.Clone(list))
	s.tried = int32(len(s.rest))
}

// merge adds all of o.
func (s *tallies) merge(o *tallies) {
	list := make([]tally, 0, max(len(s.run)+len(s.rest), len(o.run)+len(o.rest)))
	eachOfTwo(s, o, func(bucket int32, m, n uint64) { list = append(list, tally{bucket, m + n}) })
	s.arrange(list)
}

// eachOfTwo visits the buckets that either has any in, ascending.
func eachOfTwo(a, b *tallies, visit func(bucket int32, m, n uint64)) {
	x, y := a.begin(), b.begin()
	for inX, inY := x.next(), y.next(); inX || inY; {
		switch {
		case !inY || inX && x.bucket < y.bucket:
			visit(x.bucket, x.n, 0)
			inX = x.next()
		case !inX || y.bucket < x.bucket:
			visit(y.bucket, 0, y.n)
			inY = y.next()
		default:
			visit(x.bucket, x.n, y.n)
			inX, inY = x.next(), y.next()
		}
	}
}

// cursor walks the buckets that have any, ascending.
type cursor struct {
	tally     // where it is
	of        *tallies
	run, rest int // that come next
}

func (s *tallies) begin() cursor { return cursor{of: s} }

func (c *cursor) next() bool {
	s := c.of
	for c.run < len(s.run) && s.run[c.run] == 0 {
		c.run++
	}
	inRun, inRest := c.run < len(s.run), c.rest < len(s.rest)
	switch {
	case inRun && (!inRest || s.first+int32(c.run) < s.rest[c.rest].bucket):
		c.tally = tally{s.first + int32(c.run), s.run[c.run]}
		c.run++
	case inRest:
		c.tally = s.rest[c.rest]
		c.rest++
	}
	return inRun || inRest
}
