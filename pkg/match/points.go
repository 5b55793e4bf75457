package match

import (
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// starts are since when the points of a record count, by temporality.
type starts [3]uint64

// traits are what is asked of parts over and over: of a metric its name and
// temporality, of a resource its service.
type traits struct {
	known       bool
	name        uint64 // hash of a metric's name, or of the service and instance
	temporality otlp.Temporality
}

// trait returns the traits of one of an item's parts: 0 its resource, 2 its metric.
func (s *side) trait(it *item, kind int) *traits {
	n := it.parts[kind]
	if n == noPart {
		return &traits{}
	}
	t := &s.parts[n].traits
	if t.known {
		return t
	}
	b := s.parts[n].Bytes
	*t = traits{known: true}
	if kind == 2 {
		t.name, t.temporality = textHash(form.MetricName(b)), form.TemporalityOf(b)
		return t
	}
	for _, key := range [...]string{"service.name", "service.instance.id"} {
		v, _ := form.Attribute(form.ResourcePart, b, key)
		t.name = mingle(t.name, textHash([]byte(v.Text)))
	}
	return t
}

func (s *side) metric(it *item) *traits { return s.trait(it, 2) }

// service returns the hash of the service and instance that an item is of.
func (s *side) service(it *item) uint64 { return s.trait(it, 0).name }

// sameService reports whether an item that arrived is of the service and instance of
// one that was sent.
func (j *joiner) sameService(x, s *item) bool { return j.got.service(x) == j.sent.service(s) }

func textHash(b []byte) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, c := range b {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return spread(h)
}

// identify sets the identity of a data point.
func (s *side) identify(it *item) { it.identity = s.identity(it, s.of(it), it.time) }

// identity returns the identity of a data point: its metric, its attributes and its
// time.
func (s *side) identity(it *item, b []byte, time uint64) uint64 {
	attributes, err := form.AttributesDigest(it.message, b)
	if err != nil {
		attributes = digestOf(it.message, b)
	}
	return mingle(mingle(s.metric(it).name, attributes), time)
}

// indexPoints makes the table of the sent points, and their places in their records.
func (j *joiner) indexPoints() {
	s := &j.sent
	points := s.items[j.points.start:j.points.end]
	j.byPoint.reset(len(points))
	j.records = j.records[:0]
	j.byTick.reset(0)
	last, metric := uint64(0), noPart
	for i := range points {
		it := &points[i]
		key := it.record
		if j.whole {
			key = uint64(it.group)
		}
		if i == 0 || key != last {
			last = key
			metric = noPart
			j.records = append(j.records, record{run: run{j.points.start + i, 0}, number: it.record, time: it.time})
		}
		r := &j.records[len(j.records)-1]
		if metric != it.parts[2] {
			metric = it.parts[2]
			j.addTick(it, uint32(len(j.records)-1))
		}
		r.end = j.points.start + i + 1
		it.group = uint32(len(j.records) - 1)
		if t := s.metric(it).temporality; int(t) < len(r.starts) && r.starts[t] == 0 {
			r.starts[t] = it.start
		}
		s.identify(it)
		j.byPoint.add(it.identity, uint32(j.points.start+i))
	}
}

// addTick lets a record be found by the time and the metric of one of its points.
func (j *joiner) addTick(it *item, record uint32) {
	tick := j.sent.tick(it)
	if _, ok := j.byTick.first(tick); !ok {
		j.byTick.add(tick, record)
	}
}

// record is a metrics record that was sent.
type record struct {
	run           // of the sent items
	number uint64 // in the segment's file
	time   uint64
	starts starts
}

// pointOf returns the sent point with the identity of one that arrived, in a record
// unless that is -1, of several the one of its service.
func (j *joiner) pointOf(it *item, record int32) (uint32, bool) {
	first, found := uint32(0), false
	s, ok := j.byPoint.find(it.identity, func(n uint32) bool {
		s := &j.sent.items[n]
		if record >= 0 && s.group != uint32(record) {
			return false
		}
		if !found {
			first, found = n, true
		}
		return j.sameService(it, s)
	})
	if ok {
		return s, true
	}
	return first, found
}

// metrics hands the data points of all records in a lap to a judge.
func (j *joiner) metrics(to SegmentJudge, lap uint32, seq []uint32) (rest []uint32, err error) {
	for r := range j.records {
		rec := &j.records[r]
		var arrived []uint32
		arrived, seq = j.leading(seq, func(x *item) bool { return x.group == uint32(r) })
		list := j.numbers[:0]
		for i := rec.start; i < rec.end; i++ {
			list = append(list, uint32(i))
		}
		j.numbers = list
		present := j.presentOf(list)
		if len(present)+len(arrived) == 0 {
			continue
		}
		j.begin(present, arrived)
		j.unit.Signal, j.unit.Lap, j.unit.TraceID, j.unit.Wire = otlp.SignalMetrics, uint64(lap), otlp.TraceID{}, otlp.TraceID{}
		j.pairPoints(uint32(r))
		if err := j.finish(to); err != nil {
			return nil, err
		}
	}
	return seq, nil
}

// pairPoints pairs the data points of a record: those that are equal, then those of
// one identity, those of one service first, and then those that have other attributes
// but else are equal.
func (j *joiner) pairPoints(r uint32) {
	u := &j.units
	for _, rank := range [...]int8{rankEqual, rankService, rankIdentity} {
		for i, n := range u.arrived {
			if u.assign[i] < 0 {
				j.givePoint(i, &j.got.items[n], r, rank)
			}
		}
	}
	j.giveChanged()
}

// The ranks of what a data point may be given to.
const (
	rankEqual    = int8(3) // in everything
	rankService  = int8(2) // of one identity and service
	rankIdentity = int8(1) // of one identity
)

// givePoint gives a data point to one of its identity in the record, of at least that
// rank, of several to that with the fewest copies.
func (j *joiner) givePoint(i int, x *item, r uint32, rank int8) {
	best, alike := int32(-1), int8(0)
	j.byPoint.find(x.identity, func(n uint32) bool {
		s := &j.sent.items[n]
		if s.group != r || s.slot < 0 {
			return false
		}
		a := j.compare(x, s)
		if rank == rankEqual && a != alikeAll || rank == rankService && !j.sameService(x, s) {
			return false
		}
		if j.better(s.slot, a, best, alike) {
			best, alike = s.slot, a
		}
		return false
	})
	if best >= 0 {
		j.give(i, best, alike)
	}
}
