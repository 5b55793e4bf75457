package wire

import (
	"encoding/binary"
	"fmt"
)

// Wire types of protobuf. Groups, which OTLP has never had, are refused.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// uvarint reads a varint of at most ten bytes at b[i:] and returns the index
// behind it, or a negative one.
func uvarint(b []byte, i int) (uint64, int) {
	var x uint64
	for n := 0; n < 10 && i < len(b); n++ {
		c := b[i]
		i++
		x |= uint64(c&0x7f) << (7 * n)
		if c < 0x80 {
			if n == 9 && c > 1 {
				return 0, -1
			}
			return x, i
		}
	}
	return 0, -1
}

// next reads the field at b[i:]: its tag, where its value is, and where the
// next field begins. For a varint the value is empty and is read by the few
// who want it. A negative index means that the field is malformed.
func next(b []byte, i int) (tag uint64, value []byte, after int) {
	if c := b[i]; c < 0x80 {
		tag = uint64(c)
		i++
	} else if tag, i = uvarint(b, i); i < 0 {
		return 0, nil, -1
	}
	if tag < 8 || tag >= 1<<32 {
		return 0, nil, -1
	}
	var n uint64
	switch tag & 7 {
	case wireVarint:
		_, i = uvarint(b, i)
		return tag, nil, i
	case wireFixed64:
		n = 8
	case wireFixed32:
		n = 4
	case wireBytes:
		if i < len(b) && b[i] < 0x80 {
			n = uint64(b[i])
			i++
		} else if n, i = uvarint(b, i); i < 0 {
			return 0, nil, -1
		}
	default:
		return 0, nil, -1
	}
	if n > uint64(len(b)-i) {
		return 0, nil, -1
	}
	after = i + int(n)
	return tag, b[i:after:after], after
}

// walk goes over message m, which b holds.
func (p *pass) walk(b []byte, m message, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%w: values nest deeper than %d", ErrMalformed, maxDepth)
	}
	if p.mode == modeItems || p.times.Start != nil || p.times.Exemplar != nil {
		if err := p.enter(b, m); err != nil {
			return err
		}
	}
	actions := &byNumber[m]
	for i := 0; i < len(b); {
		var value []byte
		tag, after := uint64(b[i]), 0
		// Nearly all fields are short and have a length; the rest go to next.
		if tag < 0x80 && tag&7 == wireBytes && tag >= 8 && i+1 < len(b) && b[i+1] < 0x80 {
			start := i + 2
			if after = start + int(b[i+1]); after > len(b) {
				return cut(b, i)
			}
			value = b[start:after:after]
		} else if tag, value, after = next(b, i); after < 0 {
			return cut(b, i)
		}
		i = after
		number := tag >> 3
		if number > maxNumber {
			continue
		}
		a := actions[number]
		if a.modes&p.mode == 0 {
			continue
		}
		var err error
		switch tag & 7 {
		case wireFixed64:
			if a.op == opTime {
				err = p.fixed(a.when, value)
			}
		case wireBytes:
			err = p.bytes(a, value, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cut says that b ends within the field at i, or that the field is damaged.
func cut(b []byte, i int) error {
	return fmt.Errorf("%w: field %d bytes before the end of its message", ErrMalformed, len(b)-i)
}

// fixed handles a time.
func (p *pass) fixed(w when, value []byte) error {
	t := binary.LittleEndian.Uint64(value)
	if t == 0 {
		return nil
	}
	moved, err := p.time(w, t)
	if err != nil || !p.apply {
		return err
	}
	binary.LittleEndian.PutUint64(value, moved)
	return p.changed()
}

// bytes handles a field with a length.
func (p *pass) bytes(a action, value []byte, depth int) error {
	switch a.op {
	case opMessage:
		if a.next >= msgArray {
			depth++ // only lists nest without end
		}
		return p.walk(value, a.next, depth)
	case opItem:
		if p.mode == modeItems {
			p.item = Item{Resource: p.item.Resource, Metric: p.item.Metric}
		}
		if err := p.walk(value, a.next, depth); err != nil {
			return err
		}
		p.end()
	case opAttr:
		return p.attr(value, depth)
	case opTrace, opSpan, opParent:
		return p.id(a.op, value)
	case opName:
		p.item.Name = value
	}
	return nil
}

// enter looks ahead in a message for what its fields need to know of each
// other, since no order of fields is promised.
func (p *pass) enter(b []byte, m message) error {
	switch {
	case p.mode == modeItems && (m >= msgResourceSpans && m <= msgResourceLogs || m == msgMetric):
		return p.enterItems(b, m)
	case p.mode&modeShift == 0:
		return nil
	case m >= msgGauge && m <= msgSummary && p.times.Start != nil:
		p.temporality = 0
		if m != msgGauge && m != msgSummary {
			v, err := lastVarint(b, 2)
			p.temporality = Temporality(min(v, 255))
			return err
		}
	case m >= msgNumberPoint && m <= msgSummaryPoint && p.times.Start != nil:
		p.pointTime = 0
		v, err := last(b, 3<<3|wireFixed64)
		if len(v) == 8 {
			p.pointTime = binary.LittleEndian.Uint64(v)
		}
		return err
	case m == msgExemplar && p.times.Exemplar != nil:
		var err error
		p.exemplar, err = last(b, 5<<3|wireBytes)
		return err
	}
	return nil
}

// last returns the value of the last field of b with that tag; of a field
// given twice the last counts.
func last(b []byte, tag uint64) (value []byte, err error) {
	for i := 0; i < len(b); {
		t, v, after := next(b, i)
		if after < 0 {
			return nil, cut(b, i)
		}
		if t == tag {
			value = v
		}
		i = after
	}
	return value, nil
}

// lastVarint is last for a varint field.
func lastVarint(b []byte, number uint64) (value uint64, err error) {
	for i := 0; i < len(b); {
		t, _, after := next(b, i)
		if after < 0 {
			return 0, cut(b, i)
		}
		if t == number<<3|wireVarint {
			_, start := uvarint(b, i)
			value, _ = uvarint(b, start)
		}
		i = after
	}
	return value, nil
}
