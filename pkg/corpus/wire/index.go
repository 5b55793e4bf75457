package wire

import (
	"encoding/binary"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Index is where in a protobuf payload stands what changes when it is sent.
// Finding that takes one walk; changing it then takes none, however often.
// Since the walk is over before the first change, an error leaves the payload
// as it was. An Index belongs to one goroutine, a Places to none.
type Index struct {
	Items uint64 // spans, data points or log records
	// Last is the latest time of an item, in nanoseconds since the Unix epoch,
	// 0 when none has one. The start of a data point's series does not count.
	Last uint64
	// First is the earliest of the times that Last is the latest of.
	First uint64
	// Together asks that since when data points count moves with all other times,
	// whatever their temporality. Read leaves it.
	Together bool
	// Trace is the first trace id of a span or log record, zero when none has one.
	Trace  otlp.TraceID
	Bounds Bounds
	// Places are those of the payload, appended to what was there.
	Places Places

	payload     []byte
	table       *indexTable
	traced      bool
	temporality Temporality
}

// Places are offsets in a payload and what stands there. They hold for every
// payload with the same structure, such as the same one after changes.
type Places []place

// place is an offset below 1<<placeShift, and a kind.
type place uint32

const (
	placeShift = 29
	maxIndexed = 1 << placeShift

	placeTime       = place(0) << placeShift // a time that is not zero
	placeCumulative = place(1) << placeShift // since when a cumulative point counts
	placeDelta      = place(2) << placeShift // since when a delta point counts
	placeTrace      = place(3) << placeShift // the low half of a trace id
	placeSpan       = place(4) << placeShift // a span id
	placeHex        = place(5) << placeShift // the low half of a trace id in hex digits
	placeKind       = place(7) << placeShift
)

// Bounds are the least and the greatest of the times that all move alike. Least
// is 0 when there are none.
type Bounds struct{ Least, Most uint64 }

// indexTable has what to do with a field, by message and number: the numbers
// that tags of one byte have.
type indexTable [numMessages]struct {
	actions [16]action
	skipped [256]bool // by the first byte of a tag: a field with a length that is not looked at
}

// indexTimes and indexAll say what an Index of times, and one of ids too,
// looks at.
var (
	indexTimes = newIndexTable(modeShift)
	indexAll   = newIndexTable(modeShift | modeKeys)
)

func newIndexTable(modes mode) *indexTable {
	var t indexTable
	for m := range byNumber {
		for n, a := range byNumber[m] {
			// The first trace id of an item is wanted in any case.
			if a.modes&modes != 0 || a.op == opTrace && a.modes&modeItems != 0 {
				t[m].actions[n] = a
			}
		}
		for n := 1; n < len(t[m].actions); n++ {
			t[m].skipped[n<<3|wireBytes] = t[m].actions[n].op == opNone
		}
	}
	return &t
}

// Read walks a payload from end to end and fills x; with keys, places hold the
// ids that ReKey would change too.
func (x *Index) Read(sig otlp.Signal, payload []byte, keys bool) error {
	*x = Index{Places: x.Places, Together: x.Together, payload: payload, table: indexTimes}
	if keys {
		x.table = indexAll
	}
	err := check(sig)
	if err == nil && len(payload) >= maxIndexed {
		err = fmt.Errorf("%w: %d bytes are over the limit of %d", ErrRange, len(payload), maxIndexed-1)
	}
	if err == nil {
		err = x.walk(0, len(payload), root(sig), 0)
	}
	x.payload = nil
	if err != nil {
		return fmt.Errorf("walk %v payload of %d bytes: %w", sig, len(payload), err)
	}
	return nil
}

// walk goes over message m, which is payload[i:end].
func (x *Index) walk(i, end int, m message, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: values nest deeper than %d", ErrMalformed, maxDepth)
	}
	b := x.payload[:end]
	if m >= msgGauge && m <= msgSummary {
		x.temporality = 0
		if m != msgGauge && m != msgSummary {
			v, err := lastVarint(b[i:], 2)
			if err != nil {
				return err
			}
			x.temporality = Temporality(min(v, 255))
		}
	}
	actions, skipped := &x.table[m].actions, &x.table[m].skipped
	for i < len(b) {
		// Most of a payload is attributes.
		start := i
		for i+1 < len(b) && skipped[b[i]] && b[i+1] < 0x80 {
			start, i = i, i+2+int(b[i+1])
		}
		if i >= len(b) {
			if i > len(b) {
				return cut(b, start)
			}
			return nil
		}
		c := b[i]
		// Nearly all others are strings and messages shorter than 16 KiB with a tag
		// of one byte, or times.
		if c&0x87 == wireBytes && c >= 8 && i+2 < len(b) {
			n, at := int(b[i+1]), i+2
			if n >= 0x80 {
				n, at = n&0x7f|int(b[i+2])<<7, i+3
			}
			if n < 1<<14 {
				after := at + n
				if after > len(b) {
					return cut(b, i)
				}
				if a := &actions[c>>3]; a.op != opNone {
					if err := x.bytes(a, at, after, depth); err != nil {
						return err
					}
				}
				i = after
				continue
			}
		} else if c&0x87 == wireFixed64 && c >= 8 && i+9 <= len(b) {
			if a := &actions[c>>3]; a.op == opTime {
				x.time(a.when, i+1, binary.LittleEndian.Uint64(b[i+1:]))
			}
			i += 9
			continue
		}
		tag, value, after := next(b, i)
		if after < 0 {
			return cut(b, i)
		}
		if number := tag >> 3; number <= maxNumber {
			a := &actions[number]
			var err error
			switch tag & 7 {
			case wireFixed64:
				if a.op == opTime {
					x.time(a.when, after-8, binary.LittleEndian.Uint64(value))
				}
			case wireBytes:
				err = x.bytes(a, after-len(value), after, depth)
			}
			if err != nil {
				return err
			}
		}
		i = after
	}
	return nil
}

// time notes the time t at an offset. Zero means unset, and stays.
func (x *Index) time(w when, at int, t uint64) {
	if t == 0 {
		return
	}
	switch {
	case w == whenPointStart && x.Together:
	case w == whenPointStart && x.temporality == TemporalityCumulative:
		x.Places = append(x.Places, placeCumulative|place(at))
		return
	case w == whenPointStart && x.temporality == TemporalityDelta:
		x.Places = append(x.Places, placeDelta|place(at))
		return
	case w != whenPointStart && w < whenEvent:
		x.Last = max(x.Last, t)
		x.First = min(x.First-1, t-1) + 1 // none, 0, is the greatest of all
	}
	x.Places = append(x.Places, placeTime|place(at))
	x.Bounds.Most = max(x.Bounds.Most, t)
	x.Bounds.Least = min(x.Bounds.Least-1, t-1) + 1
}

// bytes handles the field payload[at:after].
func (x *Index) bytes(a *action, at, after, depth int) error {
	switch a.op {
	case opMessage:
		if a.next >= msgArray {
			depth++ // only lists nest without end
		}
		return x.walk(at, after, a.next, depth)
	case opItem:
		x.Items++
		if a.next == msgSpan && x.traced && x.table == indexTimes {
			at = x.span(at, after)
		}
		return x.walk(at, after, a.next, depth)
	case opTrace:
		return x.trace(a, at, after)
	case opSpan, opParent:
		return x.id(placeSpan, at, after, 8)
	case opAttr:
		return x.attr(at, after, depth)
	}
	return nil
}

// trace notes a trace id.
func (x *Index) trace(a *action, at, after int) error {
	if !x.traced && after-at == 16 && a.modes&modeItems != 0 {
		x.traced = true
		x.Trace = otlp.TraceID(x.payload[at:after])
	}
	if x.table == indexTimes {
		return nil
	}
	return x.id(placeTrace, at, after, 16)
}

// id notes an id of n bytes by its low half, unless it is absent or zero.
func (x *Index) id(kind place, at, after, n int) error {
	if at == after {
		return nil
	}
	if after-at != n {
		return fmt.Errorf("%w: id of %d bytes, want %d", ErrMalformed, after-at, n)
	}
	for _, c := range x.payload[at:after] {
		if c != 0 {
			x.Places = append(x.Places, kind|place(after-8))
			return nil
		}
	}
	return nil
}

// attr looks for trace ids in the KeyValue payload[at:after].
func (x *Index) attr(at, after, depth int) error {
	b := x.payload[at:after]
	// The usual form: a short key, then a short value, then nothing.
	if len(b) > 2 && b[0] == 1<<3|wireBytes && b[1] < 0x80 {
		if n := 2 + int(b[1]); n+2 < len(b) && b[n] == 2<<3|wireBytes && int(b[n+1]) == len(b)-n-2 && b[n+1] < 0x80 &&
			!isList(b[n+2]) && !holdsTraceID(b[2:n]) {
			return nil
		}
	}
	_, key, err := locate(b, 1<<3|wireBytes)
	if err != nil {
		return err
	}
	start, value, err := locate(b, 2<<3|wireBytes)
	if err != nil || len(value) == 0 {
		return err
	}
	start += at
	if isList(value[0]) {
		return x.walk(start, start+len(value), msgAnyValue, depth)
	}
	if !holdsTraceID(key) {
		return nil
	}
	n, text, err := locate(value, 1<<3|wireBytes)
	if err != nil || len(text) != 32 {
		return err
	}
	var id otlp.TraceID
	if parseHex(id[:], text, false) && id != (otlp.TraceID{}) {
		x.Places = append(x.Places, placeHex|place(start+n+16))
	}
	return nil
}

// isList reports whether a value that begins with this tag can hold attributes.
func isList(tag byte) bool { return tag == 5<<3|wireBytes || tag == 6<<3|wireBytes }

// locate is last with the index of the value in b.
func locate(b []byte, tag uint64) (at int, value []byte, err error) {
	for i := 0; i < len(b); {
		t, v, after := next(b, i)
		if after < 0 {
			return 0, nil, cut(b, i)
		}
		if t == tag {
			at, value = after-len(v), v
		}
		i = after
	}
	return at, value, nil
}
