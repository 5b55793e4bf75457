package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// CountJSON is Count for an OTLP/JSON object.
func CountJSON(sig otlp.Signal, object []byte) (Counts, error) {
	p := pass{mode: modeCount}
	if err := p.runJSON(sig, object); err != nil {
		return Counts{}, err
	}
	return p.counts, nil
}

// ScanJSON is CountJSON, and looks at the ids too: see ErrID.
func ScanJSON(sig otlp.Signal, object []byte) (Counts, error) {
	p := pass{mode: modeCount | modeIDs}
	if err := p.runJSON(sig, object); err != nil {
		return Counts{}, err
	}
	return p.counts, nil
}

// ApplyJSON is Apply for an OTLP/JSON object. It also wraps ErrRange, as
// ErrDigits, when a time would get another number of decimal digits.
func (t *Times) ApplyJSON(sig otlp.Signal, object []byte) error {
	return changeJSON(sig, object, pass{mode: modeShift, times: *t})
}

// ReKeyJSON is ReKey for an OTLP/JSON object. Ids in upper-case hex digits come
// back in lower case.
func ReKeyJSON(sig otlp.Signal, object []byte, traceXor, spanXor uint64) error {
	return changeJSON(sig, object, pass{mode: modeKeys, traceXor: traceXor, spanXor: spanXor})
}

// RewriteJSON is Times.ApplyJSON and ReKeyJSON in one walk.
func RewriteJSON(sig otlp.Signal, object []byte, t *Times, traceXor, spanXor uint64) error {
	return changeJSON(sig, object, pass{mode: modeShift | modeKeys, times: *t, traceXor: traceXor, spanXor: spanXor})
}

// changeJSON makes in an object the changes that a walk has found, when all can be made.
func changeJSON(sig otlp.Signal, object []byte, p pass) error {
	list := editLists.Get().(*[]edit)
	p.edits = (*list)[:0]
	err := p.runJSON(sig, object)
	if err == nil {
		for i := range p.edits {
			p.edits[i].make(object)
		}
	}
	*list = p.edits
	editLists.Put(list)
	return err
}

// editLists has memory for edits, so that a pass needs no second walk to make them.
var editLists = sync.Pool{New: func() any { return new([]edit) }}

// edit is a change of digits, to be made when all can be.
type edit struct {
	start, end int    // in the object
	value      uint64 // a time, or what the low half of an id becomes
	hex        bool   // an id
}

// make makes the edit in an object, of as many digits.
func (e *edit) make(object []byte) {
	if !e.hex {
		strconv.AppendUint(object[e.start:e.start:e.end], e.value, 10)
		return
	}
	var low [8]byte
	binary.BigEndian.PutUint64(low[:], e.value)
	digits := object[e.start:e.end]
	putHex(digits[len(digits)-2*len(low):], low[:])
	for i, c := range digits {
		if c >= 'A' && c <= 'F' {
			digits[i] = c + 'a' - 'A'
		}
	}
}

// AppendJSON appends an OTLP/JSON object to dst with its times changed as by
// ApplyJSON, to whatever number of digits. The object is not changed, nor is dst
// where an error is returned.
func (t *Times) AppendJSON(dst []byte, sig otlp.Signal, object []byte) ([]byte, error) {
	p := pass{mode: modeShift, times: *t, grow: true}
	if err := p.runJSON(sig, object); err != nil {
		return dst, err
	}
	at := 0
	for _, e := range p.edits {
		dst = strconv.AppendUint(append(dst, object[at:e.start]...), e.value, 10)
		at = e.end
	}
	return append(dst, object[at:]...), nil
}

// DetectJSON tells the signal of an OTLP/JSON object by its first known member.
// It wraps ErrProfiles for profiles, and ErrNoItems for an object of nothing.
func DetectJSON(object []byte) (otlp.Signal, error) {
	i, any := space(object, 0), false
	if i < len(object) && object[i] == '{' {
		for i++; i >= 0; {
			name, value := member(object, i)
			if name == nil {
				if value > 0 && !any && space(object, value) == len(object) {
					return 0, fmt.Errorf("detect signal of %d bytes of JSON: %w", len(object), ErrNoItems)
				}
				break
			}
			any = true
			if string(name) == "resourceProfiles" {
				return 0, fmt.Errorf("detect signal of %d bytes of JSON: %w", len(object), ErrProfiles)
			}
			for sig := range otlp.Signal(otlp.NumSignals) {
				if string(name) == fields[root(sig)][0].name {
					return sig, nil
				}
			}
			i = skip(object, value)
		}
	}
	return 0, fmt.Errorf("detect signal of %d bytes of JSON: %w", len(object), ErrMalformed)
}

// runJSON walks an OTLP/JSON object. It changes nothing: see edit.
func (p *pass) runJSON(sig otlp.Signal, object []byte) error {
	if err := check(sig); err != nil {
		return err
	}
	if err := p.lineJSON(object, root(sig)); err != nil {
		return fmt.Errorf("walk %v object of %d bytes: %w", sig, len(object), err)
	}
	return nil
}

// lineJSON walks the one object that b holds.
func (p *pass) lineJSON(b []byte, m message) error {
	i := space(b, 0)
	if i >= len(b) || b[i] != '{' {
		return malformed(b, i)
	}
	i, err := p.object(b, i, m, 0)
	if err == nil && space(b, i) != len(b) {
		return malformed(b, i)
	}
	return err
}

// malformed says that b is not what it should be at or behind i.
func malformed(b []byte, i int) error {
	return fmt.Errorf("%w: JSON at byte %d of %d", ErrMalformed, i, len(b))
}

// object walks the object at b[i] and returns the index behind it.
func (p *pass) object(b []byte, i int, m message, depth int) (int, error) {
	if depth > maxDepth {
		return 0, fmt.Errorf("%w: values nest deeper than %d", ErrMalformed, maxDepth)
	}
	if err := p.enterJSON(b, i, m); err != nil {
		return 0, err
	}
	rules := fields[m]
	for i++; ; {
		name, value := member(b, i)
		if value < 0 {
			return 0, malformed(b, i)
		}
		if name == nil {
			return value, nil
		}
		r := ruleOf(rules, name)
		if r == nil || r.modes&p.mode == 0 {
			i = skip(b, value)
		} else {
			var err error
			if i, err = p.value(b, value, r, depth); err != nil {
				return 0, err
			}
		}
		if i < 0 {
			return 0, malformed(b, value)
		}
	}
}

// ruleOf returns the rule of the member with that name.
func ruleOf(rules []rule, name []byte) *rule {
	for j := range rules {
		if rules[j].name == string(name) {
			return &rules[j]
		}
	}
	return nil
}

// value handles the value at b[i] of a member that matters and returns the
// index behind it.
func (p *pass) value(b []byte, i int, r *rule, depth int) (int, error) {
	switch r.op {
	case opTime:
		return p.timeJSON(b, i, r)
	case opTrace, opSpan, opParent:
		return p.idJSON(b, i, r)
	case opMessage, opItem, opAttr:
		switch b[i] {
		case '{':
			return p.element(b, i, r, depth)
		case '[':
			// Few attributes hold ids, so look for those before looking at each.
			if r.op == opAttr {
				if end := skip(b, i); end > 0 && !bytes.Contains(b[i:end], []byte(`trace_id"`)) {
					return end, nil
				}
			}
			return p.array(b, i, r, depth)
		}
	}
	return skip(b, i), nil
}

// array walks the array at b[i], each element by the rule r.
func (p *pass) array(b []byte, i int, r *rule, depth int) (int, error) {
	for i++; ; {
		i = space(b, i)
		if i < len(b) && b[i] == ',' {
			i = space(b, i+1)
		}
		if i >= len(b) {
			return 0, malformed(b, i)
		}
		if b[i] == ']' {
			return i + 1, nil
		}
		start := i
		if b[i] == '{' {
			var err error
			if i, err = p.element(b, i, r, depth); err != nil {
				return 0, err
			}
		} else {
			i = skip(b, i)
		}
		if i < 0 {
			return 0, malformed(b, start)
		}
	}
}

// element walks the object at b[i] by the rule r of its member.
func (p *pass) element(b []byte, i int, r *rule, depth int) (int, error) {
	if r.op == opAttr {
		return p.attrJSON(b, i, depth)
	}
	if r.next >= msgArray {
		depth++ // only lists nest without end
	}
	i, err := p.object(b, i, r.next, depth)
	if err == nil && r.op == opItem {
		p.end()
	}
	return i, err
}

// enterJSON is enter for an object.
func (p *pass) enterJSON(b []byte, i int, m message) error {
	switch {
	case p.mode&modeShift == 0:
		return nil
	case m >= msgGauge && m <= msgSummary && p.times.Start != nil:
		v, err := findNumber(b, i, "aggregationTemporality")
		p.temporality = Temporality(min(v, 255))
		return err
	case m >= msgNumberPoint && m <= msgSummaryPoint && p.times.Start != nil:
		var err error
		p.pointTime, err = findNumber(b, i, "timeUnixNano")
		return err
	case m == msgExemplar && p.times.Exemplar != nil:
		at := find(b, i, "traceId")
		p.exemplar = nil
		if at < 0 {
			return malformed(b, i)
		}
		if at > 0 && b[at] == '"' {
			if end := text(b, at); end > 0 {
				p.exemplar = b[at+1 : end-1]
			}
		}
	}
	return nil
}
