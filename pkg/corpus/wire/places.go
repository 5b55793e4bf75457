package wire

import (
	"encoding/binary"
	"fmt"
)

// Change is what to do at the places of a payload.
type Change struct {
	// Shift in nanoseconds is added to every time but those below.
	Shift int64
	// Cumulative and Delta are since when the points of such series count, in
	// nanoseconds since the Unix epoch.
	Cumulative, Delta uint64
	// Keep leaves a time as it is that would leave 64 bits or become zero, where
	// it is an error otherwise.
	Keep bool
	// TraceXor and SpanXor are for the ids, where places hold them: see ReKey.
	TraceXor, SpanXor uint64
}

// Apply changes a payload at its places, whose bounds are those of its times
// now. It wraps ErrRange, and has changed nothing, where Times.Apply or ReKey
// would. A change with the opposite shift and the same words undoes it but for
// the starts of points.
func (p Places) Apply(payload []byte, b Bounds, c *Change) error {
	_, least := moved(b.Least, c.Shift)
	_, most := moved(b.Most, c.Shift)
	whole := b.Least == 0 || least && most
	if !whole && !c.Keep {
		return fmt.Errorf("shift times from %d to %d by %d: %w", b.Least, b.Most, c.Shift, ErrRange)
	}
	if c.Cumulative == 0 || c.Delta == 0 || c.TraceXor|c.SpanXor != 0 {
		if err := p.check(payload, c); err != nil {
			return err
		}
	}
	for _, pl := range p {
		at := int(pl & (maxIndexed - 1))
		switch word := payload[at : at+8]; pl & placeKind {
		case placeTime:
			if t, ok := moved(binary.LittleEndian.Uint64(word), c.Shift); ok || whole {
				binary.LittleEndian.PutUint64(word, t)
			}
		case placeCumulative:
			binary.LittleEndian.PutUint64(word, c.Cumulative)
		case placeDelta:
			binary.LittleEndian.PutUint64(word, c.Delta)
		case placeTrace:
			binary.BigEndian.PutUint64(word, binary.BigEndian.Uint64(word)^c.TraceXor)
		case placeSpan:
			binary.BigEndian.PutUint64(word, binary.BigEndian.Uint64(word)^c.SpanXor)
		case placeHex:
			var id [8]byte
			digits := payload[at : at+16]
			parseHex(id[:], digits, false)
			binary.BigEndian.PutUint64(id[:], binary.BigEndian.Uint64(id[:])^c.TraceXor)
			putHex(digits, id[:])
		}
	}
	return nil
}

// moved returns t + shift, and whether that is a time: not zero, which means
// unset and would not come back, and within 64 bits.
func moved(t uint64, shift int64) (uint64, bool) {
	sum := t + uint64(shift)
	if shift < 0 {
		return sum, sum < t && sum > 0
	}
	return sum, sum >= t
}

// check looks for a start of zero, which means unset, and for ids that would
// become zero.
func (p Places) check(payload []byte, c *Change) error {
	for _, pl := range p {
		at := int(pl & (maxIndexed - 1))
		var high, low uint64
		switch pl & placeKind {
		case placeCumulative:
			low = c.Cumulative
		case placeDelta:
			low = c.Delta
		case placeTrace:
			high = binary.BigEndian.Uint64(payload[at-8:])
			low = binary.BigEndian.Uint64(payload[at:]) ^ c.TraceXor
		case placeSpan:
			low = binary.BigEndian.Uint64(payload[at:]) ^ c.SpanXor
		case placeHex:
			var id [16]byte
			parseHex(id[:], payload[at-16:at+16], false)
			high, low = binary.BigEndian.Uint64(id[:]), binary.BigEndian.Uint64(id[8:])^c.TraceXor
		default:
			continue
		}
		if high|low == 0 {
			return fmt.Errorf("change start or id at byte %d: %w: it would be all zero", at, ErrRange)
		}
	}
	return nil
}
