package match

import (
	"bytes"
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/spill"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// item is an item of a side. It holds no pointers, so that the collector of garbage
// has nothing to do with a million of them.
type item struct {
	at               int // of its bytes in the side's
	bytes            uint32
	parts            [3]uint32 // numbers of resource, scope and metric; noPart: none
	position         uint32
	record           uint64 // of the segment's signal; of what was received its message
	arrived          int64
	time, start      uint64
	digest, identity uint64 // identity of data points: see identify
	trace, wire      otlp.TraceID
	span             otlp.SpanID
	lap              uint32 // plus 1; 0: unknown
	group            uint32 // of its trace; of a data point its record, counted from 0 in the side
	slot             int32  // of a sent item: its place in the unit at hand; -1: not in it
	output           uint16
	signal           otlp.Signal
	message          form.Message
	digested         bool
}

// side is the items of a segment, as they were sent or as they arrived. Its memory
// is used again for the next segment.
type side struct {
	data  []byte
	more  []byte // of items that stand nowhere in data: at is then -1 less their place here
	items []item
	parts []sidePart
	own   []byte // bytes of parts
	known table  // parts by hash
	hash  maphash.Seed

	numbers []uint32 // of the chunk's parts in parts
	chunks  []spill.Chunk
}

// sidePart is a part of items of a side.
type sidePart struct {
	Part
	hash   uint64 // of its bytes
	kind   uint8  // 0 of a resource, 1 of a scope, 2 of a metric
	ids    bool   // it may hold ids, which differ from lap to lap
	traits traits // as far as they were asked for
}

func (s *side) reset() {
	s.data, s.more, s.items, s.parts, s.own = s.data[:0], s.more[:0], s.items[:0], s.parts[:0], s.own[:0]
	s.known.reset(0)
}

// of returns the bytes of an item.
func (s *side) of(it *item) []byte {
	b, at := s.data, it.at
	if at < 0 {
		b, at = s.more, -1-at
	}
	end := at + int(it.bytes)
	return b[at:end:end]
}

// part returns the number of a part.
func (s *side) part(kind uint8, b []byte) uint32 {
	hash := maphash.Bytes(s.hash, b)
	n, ok := s.known.find(hash, func(i uint32) bool { return s.parts[i].kind == kind && bytes.Equal(s.parts[i].Bytes, b) })
	if ok {
		return n
	}
	if len(s.own)+len(b) > cap(s.own) { // what parts already point to stays where it is
		s.own = make([]byte, 0, max(2*cap(s.own), len(b), 64<<10))
	}
	start := len(s.own)
	s.own = append(s.own, b...)
	n = uint32(len(s.parts))
	own := s.own[start:len(s.own):len(s.own)]
	s.parts = append(s.parts, sidePart{
		Part: Part{Bytes: own, Digest: digestOf(form.ResourcePart+form.Message(kind), own)},
		hash: hash, kind: kind, ids: bytes.Contains(own, []byte("trace_id")),
	})
	s.known.add(hash, n)
	return n
}

// digestOf is form.Digest, with a number for what no digest can be made of: equal
// bytes only have the same.
func digestOf(m form.Message, b []byte) uint64 {
	d, err := form.Digest(m, b)
	if err == nil {
		return d
	}
	return mingle(textHash(b), uint64(len(b)))
}

// digest returns the digest of an item.
func (s *side) digest(it *item) uint64 {
	if !it.digested {
		it.digest, it.digested = digestOf(it.message, s.of(it)), true
	}
	return it.digest
}

// load appends the items of a chunk.
func (s *side) load(sp *spillFile, c spill.Chunk) (err error) {
	at := len(s.data)
	if s.data, err = sp.Read(s.data, c); err != nil {
		return err
	}
	s.numbers = s.numbers[:0]
	var a arrival
	for rest := s.data[at:]; len(rest) > 0; {
		if kind, part, after, ok := nextPart(rest); ok {
			s.numbers = append(s.numbers, s.part(kind, part))
			rest = after
			continue
		}
		if rest, err = a.next(rest); err != nil {
			return err
		}
		it := item{
			at: len(s.data) - len(rest) - len(a.bytes), bytes: uint32(len(a.bytes)),
			position: a.position, record: a.number, arrived: a.arrived, time: a.time, start: a.start,
			trace: a.trace, wire: a.trace, span: a.span, lap: a.lap, output: a.output, signal: a.signal, message: a.message,
		}
		for i, n := range [...]uint32{a.resource, a.scope, a.metric} {
			if it.parts[i] = noPart; n == noPart {
				continue
			}
			if uint64(n) >= uint64(len(s.numbers)) {
				return errSpill
			}
			it.parts[i] = s.numbers[n]
		}
		s.items = append(s.items, it)
	}
	return nil
}

// loadAll makes s what a partition holds.
func (s *side) loadAll(sp *spillFile, partition uint64) (err error) {
	s.reset()
	if s.chunks, err = sp.Chunks(s.chunks[:0], partition); err != nil {
		return err
	}
	s.reserve(int(sp.Bytes(partition)), int(sp.Items(partition)))
	for _, c := range s.chunks {
		if err := s.load(sp, c); err != nil {
			return err
		}
	}
	return nil
}

// reserve makes room for so many bytes and items, a little more at once than is asked
// for, so that segments that are a little larger ask for no more.
func (s *side) reserve(bytes, items int) {
	if cap(s.data) < bytes {
		s.data = nil // first, so that both are never there
		s.data = make([]byte, 0, bytes+bytes/16)
	}
	if cap(s.items) < items {
		s.items = nil
		s.items = make([]item, 0, items+items/16)
	}
}

// sortPoints puts the data points after all else, those of one metric and time
// together, in the order of the first of them, and numbers these in group.
func (s *side) sortPoints() {
	s.known.reset(0) // its parts are not asked for any more
	n := uint32(0)
	for i := range s.items {
		it := &s.items[i]
		if it.group = 0; it.signal != otlp.SignalMetrics {
			continue
		}
		tick := s.tick(it)
		g, ok := s.known.first(tick)
		if !ok {
			g, n = n, n+1
			s.known.add(tick, g)
		}
		it.group = g + 1
	}
	slices.SortStableFunc(s.items, func(a, b item) int { return cmp.Compare(a.group, b.group) })
}

// tick returns a hash of when a data point was taken, and of which metric it is.
func (s *side) tick(it *item) uint64 { return mingle(s.metric(it).name, it.time) }
