package match

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// places says which segment an item is of, and which lap, as far as the item alone
// tells. It is read only, and used by all workers.
type places struct {
	key        ids.Key
	seed       uint64
	segments   uint64
	iterations uint64
	each       uint64 // iterations of a segment
	extents    []extent
	moved      []moved // with a ledger: of all metrics records, by time
	ledger     bool

	from    Segments
	once    sync.Once
	read    []moved // see ticks
	readErr error
}

// extent is when the points of a segment were taken.
type extent struct {
	segment     uint64
	first, last uint64
	most        uint64 // of last, of this segment and those before
}

// strangers is the partition of what is of no segment.
func (p *places) strangers() uint64 { return p.segments }

func newPlaces(s Segments) *places {
	p := &places{key: ids.New(s.Seed()), seed: s.Seed(), segments: s.Segments(), from: s}
	p.iterations, p.each = s.Iterations()
	for i := range p.segments {
		if e := s.Extent(i, otlp.SignalMetrics); e.Last > 0 {
			p.extents = append(p.extents, extent{segment: i, first: e.First, last: e.Last})
		}
	}
	slices.SortStableFunc(p.extents, func(a, b extent) int { return cmp.Compare(a.first, b.first) })
	most := uint64(0)
	for i := range p.extents {
		most = max(most, p.extents[i].last)
		p.extents[i].most = most
	}
	return p
}

// ofTrace returns the segment of a trace, or strangers.
func (p *places) ofTrace(id otlp.TraceID) uint64 {
	if id == (otlp.TraceID{}) {
		return p.strangers()
	}
	o := p.key.Origin(id)
	if o.Iteration >= p.iterations || p.each == 0 {
		return p.strangers()
	}
	if s := o.Iteration / p.each; s < p.segments {
		return s
	}
	return p.strangers()
}

// instances is how many processes the segments of a corpus are told to be of, one
// after the other. Part of the format.
const instances = 16

// processes is a set of them: those that a resource may be of.
type processes uint16

func (p processes) has(segment uint64) bool { return p>>(segment%instances)&1 != 0 }
func (p processes) one() bool               { return p != 0 && p&(p-1) == 0 }

// processesOf returns which processes of a corpus a resource may be of. Its instance
// id ends with the number of the process, or with that and the number of a session's
// instance.
func processesOf(resource []byte) (p processes) {
	v, ok := form.Attribute(form.ResourcePart, resource, "service.instance.id")
	if !ok || v.Kind != otlp.KindText {
		return 0
	}
	text := v.Text
	for range 2 {
		i := strings.LastIndexByte(text, '-')
		if i < 0 {
			break
		}
		n, err := strconv.ParseUint(text[i+1:], 10, 32)
		if err != nil {
			break
		}
		if n < instances {
			p |= 1 << n
		}
		text = text[:i]
	}
	return p
}

// ofPoint returns the segment of a data point, which is of one of the processes, as
// far as its resource tells.
func (p *places) ofPoint(time uint64, of processes) (segment uint64, err error) {
	if p.ledger {
		return find(p.moved, time, p.strangers(), of), nil
	}
	// Extents that begin after time are none; going back ends where none can reach it.
	i, _ := slices.BinarySearchFunc(p.extents, time, func(e extent, t uint64) int {
		if e.first > t {
			return 1
		}
		return -1
	})
	segment = p.strangers()
	all, fit := 0, 0
	for i--; i >= 0 && p.extents[i].most >= time; i-- {
		e := &p.extents[i]
		if e.last < time {
			continue
		}
		all++
		if of.has(e.segment) {
			fit++
		}
		if fit == 1 && of.has(e.segment) || fit == 0 {
			segment = e.segment
		}
	}
	if all < 2 || fit == 1 && of.one() {
		return segment, nil
	}
	ticks, err := p.ticks()
	if err != nil {
		return 0, err
	}
	if s := find(ticks, time, p.strangers(), of); s != p.strangers() {
		segment = s
	}
	return segment, nil
}

// moved is a metrics record as it was sent.
type moved struct{ time, segment uint64 }

// sortMoved puts records into the order in which find looks for them.
func sortMoved(list []moved) {
	slices.SortFunc(list, func(a, b moved) int { return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.segment, b.segment)) })
}

// find returns the segment whose record has a time, best one of the processes.
func find(sorted []moved, time, none uint64, of processes) uint64 {
	i, _ := slices.BinarySearchFunc(sorted, time, func(m moved, t uint64) int { return cmp.Compare(m.time, t) })
	segment := none
	for ; i < len(sorted) && sorted[i].time == time; i++ {
		if of.has(sorted[i].segment) {
			return sorted[i].segment
		}
		if segment == none {
			segment = sorted[i].segment
		}
	}
	return segment
}

// ticks returns the times of the records of all metrics of the corpus, which it reads
// when they are first asked for: where neither the extents of segments nor the
// resource of a data point tell its segment.
func (p *places) ticks() ([]moved, error) {
	p.once.Do(func() { p.read, p.readErr = readTicks(p.from) })
	return p.read, p.readErr
}

func readTicks(from Segments) (list []moved, err error) {
	reader, err := from.NewReader()
	if err != nil {
		return nil, err
	}
	var split form.Splitter
	var framed, proto []byte
	stop := errors.New("stop")
	for segment := range from.Segments() {
		if framed, err = reader.AppendSegment(framed[:0], segment, otlp.SignalMetrics); err != nil {
			return nil, err
		}
		for rest := framed; len(rest) > 0; {
			var payload []byte
			if payload, rest, err = otlp.NextFrame(rest, from.Format()); err != nil {
				return nil, fmt.Errorf("segment %d: %w", segment, err)
			}
			proto = proto[:0]
			if payload, err = protoOf(&proto, otlp.SignalMetrics, from.Format(), payload); err != nil {
				return nil, fmt.Errorf("segment %d: %w", segment, err)
			}
			err = split.Split(otlp.SignalMetrics, payload, func(r *form.Raw) error {
				list = append(list, moved{time: r.Time, segment: segment})
				return stop
			})
			if err != nil && err != stop {
				return nil, fmt.Errorf("segment %d: %w", segment, err)
			}
		}
	}
	sortMoved(list)
	return list, nil
}

// mostOrdinal is more spans than a trace of a corpus has.
const mostOrdinal = 1 << 20

// mostLaps is how many laps are told apart where there is no ledger that says how
// many there were, and fewLaps how many are looked for of every span.
const (
	mostLaps = 4096
	fewLaps  = 64
)

// lapFinder finds the laps of a message's spans. That it starts anew with each one
// makes what it finds a matter of the message alone.
type lapFinder struct {
	seed   uint64
	likely uint32
	long   int // searches through all laps that may still be made
}

func (l *lapFinder) reset() { l.likely, l.long = 0, 2 }

// find returns the lap of a span's ids: the one in which the span id stands for a
// span of the trace. Where there is none the ids are not of this corpus, or one of
// them was changed.
func (l *lapFinder) find(key *ids.Key, trace otlp.TraceID, span otlp.SpanID) (lap uint32, ok bool) {
	if span == (otlp.SpanID{}) {
		return 0, false
	}
	if l.is(key, trace, span, l.likely) {
		return l.likely, true
	}
	most := uint32(fewLaps)
	if l.long > 0 {
		most = mostLaps
	}
	for lap := range most {
		if l.is(key, trace, span, lap) {
			l.likely = lap
			return lap, true
		}
	}
	l.long--
	return 0, false
}

func (l *lapFinder) is(key *ids.Key, trace otlp.TraceID, span otlp.SpanID, lap uint32) bool {
	w := wordsOf(l.seed, lap)
	xorTail(trace[8:], w.trace)
	xorTail(span[:], w.span)
	return key.SpanKey(trace).Ordinal(span)-1 < mostOrdinal
}

func xorTail(b []byte, word uint64) {
	binary.BigEndian.PutUint64(b, binary.BigEndian.Uint64(b)^word)
}
