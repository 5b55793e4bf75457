package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ReKey changes the ids of a protobuf payload: the low 8 bytes of every trace
// id by XOR with traceXor, and every span id by XOR with spanXor, both read as
// big-endian words, in spans, parents, links, log records and exemplars. A
// trace id that a string attribute holds as 32 lower-case hex digits changes
// too when the attribute's key is "trace_id" or ends in "_trace_id" or ".trace_id", on whatever
// and however deep the attribute is. Doing it twice with the same words undoes
// it.
//
// XOR is injective, so ids stay as different as they were, and references stay
// with what they refer to. Ids that are absent or all zero stay. The one id
// that would become all zero, which OTLP calls invalid, is an error that wraps
// ErrRange: replacing it by another value could collide with a second id.
func ReKey(sig otlp.Signal, payload []byte, traceXor, spanXor uint64) error {
	p := pass{mode: modeKeys, traceXor: traceXor, spanXor: spanXor}
	return p.run(sig, payload)
}

// id handles an id field.
func (p *pass) id(o op, id []byte) error {
	if len(id) == 0 {
		return nil
	}
	want := 8
	if o == opTrace {
		want = 16
	}
	if len(id) != want && p.back {
		return nil
	}
	if len(id) != want {
		return fmt.Errorf("%w: id of %d bytes, want %d", ErrMalformed, len(id), want)
	}
	if p.mode == modeItems {
		p.item.id(o, id)
		return nil
	}
	return p.reKey(o, id)
}

// reKey changes a binary id of the right length.
func (p *pass) reKey(o op, id []byte) error {
	low, changes, err := p.reKeyed(o, id)
	if !changes || !p.apply {
		return err
	}
	binary.BigEndian.PutUint64(id[len(id)-8:], low)
	return p.changed()
}

// reKeyed returns what the low half of a binary id becomes, and whether it is changed.
func (p *pass) reKeyed(o op, id []byte) (low uint64, changes bool, err error) {
	xor, high := p.spanXor, uint64(0)
	if o == opTrace {
		xor, high = p.traceXor, binary.BigEndian.Uint64(id)
	}
	old := binary.BigEndian.Uint64(id[len(id)-8:])
	switch low = old ^ xor; {
	case old|high == 0, low|high == 0 && p.back:
		return 0, false, nil
	case low|high == 0:
		// The copy keeps id, which may be an array of a caller, off the heap.
		return 0, false, fmt.Errorf("change id %x: %w: it would be all zero", bytes.Clone(id), ErrRange)
	}
	return low, true, nil
}

// attr handles a KeyValue.
func (p *pass) attr(b []byte, depth int) error {
	if p.mode == modeItems {
		h, err := attrHash(b)
		p.item.Attrs += h
		return err
	}
	key, value, err := keyValue(b)
	if err != nil {
		return err
	}
	// Most values are scalars; only lists can hold further attributes.
	if len(value) > 0 && (value[0] == 5<<3|wireBytes || value[0] == 6<<3|wireBytes) {
		return p.walk(value, msgAnyValue, depth)
	}
	if !holdsTraceID(key) {
		return nil
	}
	text, err := last(value, 1<<3|wireBytes)
	if err != nil || len(text) != 32 {
		return err
	}
	return p.hexTrace(text)
}

// keyValue reads a KeyValue.
func keyValue(b []byte) (key, value []byte, err error) {
	// The usual form first: a short key, then a short value, then nothing.
	if len(b) > 2 && b[0] == 1<<3|wireBytes && b[1] < 0x80 {
		if n := 2 + int(b[1]); n+1 < len(b) && b[n] == 2<<3|wireBytes && int(b[n+1]) == len(b)-n-2 && b[n+1] < 0x80 {
			return b[2:n], b[n+2:], nil
		}
	}
	for i := 0; i < len(b); {
		tag, v, after := next(b, i)
		if after < 0 {
			return nil, nil, cut(b, i)
		}
		switch tag {
		case 1<<3 | wireBytes:
			key = v
		case 2<<3 | wireBytes:
			value = v
		}
		i = after
	}
	return key, value, nil
}

// holdsTraceID reports whether an attribute's key says that it holds the id of
// a trace.
func holdsTraceID(key []byte) bool {
	const suffix = "trace_id"
	n := len(key) - len(suffix)
	return n >= 0 && key[len(key)-1] == 'd' && (n == 0 || key[n-1] == '_' || key[n-1] == '.') && bytes.HasSuffix(key, []byte(suffix))
}

// hexTrace changes a trace id of 32 lower-case hex digits; other text stays.
func (p *pass) hexTrace(text []byte) error {
	var id [16]byte
	if !parseHex(id[:], text, false) {
		return nil
	}
	err := p.reKey(opTrace, id[:])
	if p.apply && (err == nil || err == errUndone) {
		putHex(text, id[:])
	}
	return err
}

// parseHex reads digits into id, whose length is half of theirs, and reports
// whether all are hex digits, in lower case unless upper is allowed.
func parseHex(id, digits []byte, upper bool) bool {
	for i := range id {
		hi, lo := nibble(digits[2*i], upper), nibble(digits[2*i+1], upper)
		if hi|lo > 15 {
			return false
		}
		id[i] = hi<<4 | lo
	}
	return true
}

func nibble(c byte, upper bool) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case upper && c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 0xff
}

// putHex writes id as lower-case hex digits.
func putHex(digits, id []byte) {
	const hex = "0123456789abcdef"
	for i, c := range id {
		digits[2*i], digits[2*i+1] = hex[c>>4], hex[c&15]
	}
}
