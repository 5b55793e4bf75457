package wire

import (
	"bytes"
	"fmt"
	"math"
)

// findNumber returns the value of a member that is an unsigned integer, 0 when
// it is absent or anything else.
func findNumber(b []byte, i int, name string) (uint64, error) {
	at := find(b, i, name)
	if at < 0 {
		return 0, malformed(b, i)
	}
	if at == 0 {
		return 0, nil
	}
	end := skip(b, at)
	if b[at] == '"' {
		at, end = at+1, end-1
	}
	v, _ := Decimal(b[at:end])
	return v, nil
}

// Decimal reads an unsigned integer of decimal digits, leading zeros or not. It is
// false for what has no digits, other bytes, or more than 64 bits.
func Decimal(digits []byte) (v uint64, ok bool) {
	if len(digits) == 0 {
		return 0, false
	}
	for _, c := range digits {
		d := uint64(c - '0')
		if d > 9 || v > (math.MaxUint64-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

// timeJSON handles a time, a number or a string of decimal digits.
func (p *pass) timeJSON(b []byte, i int, r *rule) (int, error) {
	after := skip(b, i)
	if after < 0 {
		return 0, malformed(b, i)
	}
	start, end := i, after
	if b[i] == '"' {
		start, end = i+1, after-1
	}
	digits := b[start:end]
	if len(digits) == 0 || string(digits) == "null" {
		return after, nil
	}
	t, ok := Decimal(digits)
	if !ok {
		return 0, fmt.Errorf("time %.40q: %w: %w", digits, ErrTime, malformed(b, i))
	}
	if t == 0 {
		return after, nil
	}
	changed, err := p.time(r.when, t)
	if err != nil || changed == t {
		return after, err
	}
	if !p.grow && decimals(changed) != len(digits) {
		return 0, fmt.Errorf("write time %d over %d: %w", changed, t, ErrDigits)
	}
	p.edits = append(p.edits, edit{start: start, end: end, value: changed})
	return after, nil
}

// decimals returns how many decimal digits v has.
func decimals(v uint64) int {
	n := 1
	for most := uint64(9); v > most && n < 20; n++ {
		most = most*10 + 9
	}
	return n
}

// idJSON handles an id in hex digits.
func (p *pass) idJSON(b []byte, i int, r *rule) (int, error) {
	after := skip(b, i)
	if after < 0 {
		return 0, malformed(b, i)
	}
	if p.mode&modeIDs != 0 && b[i] != '"' && b[i] != 'n' {
		return 0, fmt.Errorf("id %.40q: %w: %w", b[i:after], ErrID, malformed(b, i))
	}
	if b[i] != '"' || after-i == 2 {
		return after, nil // null, a number, or empty
	}
	digits := b[i+1 : after-1]
	var buf [16]byte
	id := buf[:8]
	if r.op == opTrace {
		id = buf[:]
	}
	if len(digits) != 2*len(id) || !parseHex(id, digits, true) {
		return 0, fmt.Errorf("id %.40q, want %d hex digits: %w: %w", digits, 2*len(id), ErrID, malformed(b, i))
	}
	return after, p.hexJSON(r.op, id, i+1)
}

// hexJSON gathers the change of an id whose digits begin at an index.
func (p *pass) hexJSON(o op, id []byte, at int) error {
	low, changes, err := p.reKeyed(o, id)
	if changes && p.mode&modeKeys != 0 {
		p.edits = append(p.edits, edit{start: at, end: at + 2*len(id), value: low, hex: true})
	}
	return err
}

// attrJSON handles the KeyValue object at b[i] and returns the index behind it.
func (p *pass) attrJSON(b []byte, i, depth int) (int, error) {
	if end := plainAttr(b, i); end > 0 {
		return end, nil
	}
	trace, value := false, 0
	for i++; ; {
		name, at := member(b, i)
		if at < 0 {
			return 0, malformed(b, i)
		}
		if name == nil {
			i = at
			break
		}
		if i = skip(b, at); i < 0 {
			return 0, malformed(b, at)
		}
		switch string(name) {
		case "key":
			trace = b[at] == '"' && holdsTraceID(b[at+1:i-1])
		case "value":
			value = at
		}
	}
	if value == 0 || b[value] != '{' {
		return i, nil
	}
	at := 0
	if trace {
		if at = find(b, value, "stringValue"); at < 0 {
			return 0, malformed(b, value)
		}
	}
	if at == 0 {
		_, err := p.object(b, value, msgAnyValue, depth)
		return i, err
	}
	if b[at] == '"' {
		if end := text(b, at); end-at == 34 {
			var id [16]byte
			if parseHex(id[:], b[at+1:end-1], false) {
				return i, p.hexJSON(opTrace, id[:], at+1)
			}
		}
	}
	return i, nil
}

// plainAttr returns the index behind the KeyValue object at b[i] when that is of the usual
// form, without spaces, and holds neither the id of a trace nor a list; 0 otherwise.
func plainAttr(b []byte, i int) int {
	const before, between = `{"key":"`, `","value":{"`
	if !bytes.HasPrefix(b[i:], []byte(before)) {
		return 0
	}
	i += len(before)
	n := bytes.IndexByte(b[i:], '"')
	if n < 0 || !bytes.HasPrefix(b[i+n:], []byte(between)) || n > 0 && b[i+n-1] == '\\' || holdsTraceID(b[i:i+n]) {
		return 0
	}
	i += n + len(between)
	if n = bytes.IndexByte(b[i:], '"'); n < 0 {
		return 0
	}
	switch string(b[i : i+n]) {
	case "stringValue", "intValue", "boolValue", "doubleValue":
	default:
		return 0
	}
	i += n + 1
	if i+1 >= len(b) || b[i] != ':' || b[i+1] == '{' || b[i+1] == '[' {
		return 0
	}
	if i = skip(b, i+1); i < 0 || !bytes.HasPrefix(b[i:], []byte("}}")) {
		return 0
	}
	return i + 2
}
