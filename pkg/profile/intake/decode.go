package intake

import (
	"encoding/binary"
	"math"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Wire types of protobuf.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// decoder reads items into memory that is used again. What it returns shares the memory
// of the bytes that it was given. It reads what it can: a message that is damaged is
// taken as far as it goes.
type decoder struct {
	attributes []Attribute // of items
	inner      []Attribute // of events and links
	events     []Event
	links      []Link
	damaged    bool // the last item was
}

func (d *decoder) reset() {
	d.attributes, d.inner, d.events, d.links = d.attributes[:0], d.inner[:0], d.events[:0], d.links[:0]
}

// next reads the field at b[i:]; after is negative where b ends too early. The value is
// that of a field with a length, the word that of one without.
func next(b []byte, i int) (tag uint64, value []byte, word uint64, after int) {
	if i+1 < len(b) {
		c := b[i]
		// Nearly all fields are short and have a length.
		if c&0x87 == wireBytes && b[i+1] < 0x80 {
			if after = i + 2 + int(b[i+1]); after <= len(b) {
				return uint64(c), b[i+2 : after : after], 0, after
			}
			return 0, nil, 0, -1
		}
		if c&0x87 == wireFixed64 && i+9 <= len(b) {
			return uint64(c), nil, binary.LittleEndian.Uint64(b[i+1:]), i + 9
		}
	}
	tag, value, after = wire.Next(b, i)
	if after < 0 {
		return 0, nil, 0, -1
	}
	switch tag & 7 {
	case wireVarint:
		_, start := wire.Uvarint(b, i)
		word, _ = wire.Uvarint(b, start)
	case wireFixed64:
		word = binary.LittleEndian.Uint64(value)
	case wireFixed32:
		word = uint64(binary.LittleEndian.Uint32(value))
	}
	return tag, value, word, after
}

// span reads a span. What it does not say is zero; places and parts are left alone.
func (d *decoder) span(b []byte, s *Span) {
	d.damaged = false
	attributes, events, links := len(d.attributes), len(d.events), len(d.links)
	var seen keySet
	for i := 0; i < len(b); {
		tag, value, word, after := next(b, i)
		if after < 0 {
			d.damaged = true
			break
		}
		i = after
		switch tag {
		case 9<<3 | wireBytes:
			d.attributes = d.attribute(d.attributes, attributes, value, &seen)
		case 2<<3 | wireBytes:
			s.ID = spanID(value)
		case 3<<3 | wireBytes:
			s.State = value
		case 4<<3 | wireBytes:
			s.ParentID = spanID(value)
		case 5<<3 | wireBytes:
			s.Name = value
		case 6<<3 | wireVarint:
			s.Kind = kindOf(word)
		case 7<<3 | wireFixed64:
			s.Start = word
		case 8<<3 | wireFixed64:
			s.End = word
		case 11<<3 | wireBytes:
			d.event(value)
		case 13<<3 | wireBytes:
			d.link(value)
		case 15<<3 | wireBytes:
			d.status(value, s)
		}
	}
	if s.Kind == otlp.SpanKindUnspecified {
		s.Kind = otlp.SpanKindInternal
	}
	s.End = max(s.End, s.Start)
	s.Attributes = d.attributes[attributes:len(d.attributes):len(d.attributes)]
	s.Events = d.events[events:len(d.events):len(d.events)]
	s.Links = d.links[links:len(d.links):len(d.links)]
	s.Raw = b
}

// kindOf returns the kind of a span. Those that OTLP does not have are internal.
func kindOf(word uint64) uint8 {
	if word > uint64(otlp.SpanKindConsumer) {
		return otlp.SpanKindInternal
	}
	return uint8(word)
}

// spanID returns an id; what has another length is none.
func spanID(b []byte) (id otlp.SpanID) {
	if len(b) == len(id) {
		copy(id[:], b)
	}
	return id
}

func (d *decoder) status(b []byte, s *Span) {
	for i := 0; i < len(b); {
		tag, value, word, after := next(b, i)
		if after < 0 {
			d.damaged = true
			return
		}
		i = after
		switch tag {
		case 2<<3 | wireBytes:
			s.Message = value
		case 3<<3 | wireVarint:
			s.Status = otlp.StatusUnset
			if word <= uint64(otlp.StatusError) {
				s.Status = uint8(word)
			}
		}
	}
}

func (d *decoder) event(b []byte) {
	var e Event
	var seen keySet
	base := len(d.inner)
	for i := 0; i < len(b); {
		tag, value, word, after := next(b, i)
		if after < 0 {
			d.damaged = true
			break
		}
		i = after
		switch tag {
		case 1<<3 | wireFixed64:
			e.Time = word
		case 2<<3 | wireBytes:
			e.Name = value
		case 3<<3 | wireBytes:
			d.inner = d.attribute(d.inner, base, value, &seen)
		}
	}
	e.Attributes = d.inner[base:len(d.inner):len(d.inner)]
	d.events = append(d.events, e)
}

func (d *decoder) link(b []byte) {
	var l Link
	var seen keySet
	base := len(d.inner)
	for i := 0; i < len(b); {
		tag, value, _, after := next(b, i)
		if after < 0 {
			d.damaged = true
			break
		}
		i = after
		switch tag {
		case 1<<3 | wireBytes:
			if len(value) == len(l.TraceID) {
				copy(l.TraceID[:], value)
			}
		case 2<<3 | wireBytes:
			l.SpanID = spanID(value)
		case 3<<3 | wireBytes:
			l.State = value
		case 4<<3 | wireBytes:
			d.inner = d.attribute(d.inner, base, value, &seen)
		}
	}
	l.Attributes = d.inner[base:len(d.inner):len(d.inner)]
	d.links = append(d.links, l)
}

// keySet tells most keys that are new from those that were there before.
type keySet uint64

// maybe adds a key, and reports whether it may have been there before.
func (s *keySet) maybe(key []byte) bool {
	h := uint32(len(key))
	if n := len(key); n > 0 {
		h = h*31 + uint32(key[n-1])
		h = h*31 + uint32(key[n/2])
		h = h*31 + uint32(key[n/3])
	}
	bit := keySet(1) << (h * 0x9e3779b1 >> 26)
	was := *s&bit != 0
	*s |= bit
	return was
}

// attribute appends an attribute to dst, whose attributes from base on are of the same
// owner: a key that is there already has the new value then.
func (d *decoder) attribute(dst []Attribute, base int, b []byte, seen *keySet) []Attribute {
	var key, value []byte
	if n := len(b); n > 4 && b[0] == 1<<3|wireBytes && b[1] < 0x80 && 2+int(b[1]) < n-1 && b[2+b[1]] == 2<<3|wireBytes && int(b[3+b[1]]) == n-4-int(b[1]) {
		key, value = b[2:2+b[1]:2+b[1]], b[4+b[1]:]
	} else if key, value = d.pair(b); d.damaged && key == nil {
		return dst
	}
	if seen.maybe(key) {
		for i := base; i < len(dst); i++ {
			if string(dst[i].Key) == string(key) {
				dst[i].Kind, dst[i].Text, dst[i].Word = d.value(value)
				return dst
			}
		}
	}
	kind, text, word := d.value(value)
	return append(dst, Attribute{Key: key, Kind: kind, Text: text, Word: word})
}

// pair reads a KeyValue.
func (d *decoder) pair(b []byte) (key, value []byte) {
	for i := 0; i < len(b); {
		tag, v, _, after := next(b, i)
		if after < 0 {
			d.damaged = true
			return key, value
		}
		i = after
		switch tag {
		case 1<<3 | wireBytes:
			key = v
		case 2<<3 | wireBytes:
			value = v
		}
	}
	return key, value
}

// value reads an AnyValue. Of several values the last one counts.
func (d *decoder) value(b []byte) (kind otlp.Kind, text []byte, word uint64) {
	kind = otlp.KindEmpty
	for i := 0; i < len(b); {
		tag, v, w, after := next(b, i)
		if after < 0 {
			d.damaged = true
			return kind, text, word
		}
		i = after
		switch tag {
		case 1<<3 | wireBytes:
			kind, text, word = otlp.KindText, v, 0
		case 2<<3 | wireVarint:
			kind, text, word = otlp.KindBool, nil, min(w, 1)
		case 3<<3 | wireVarint:
			kind, text, word = otlp.KindInt, nil, w
		case 4<<3 | wireFixed64:
			kind, text, word = otlp.KindDouble, nil, w
		case 5<<3 | wireBytes:
			kind, text, word = otlp.KindArray, v, 0
		case 6<<3 | wireBytes:
			kind, text, word = otlp.KindMap, v, 0
		case 7<<3 | wireBytes:
			kind, text, word = otlp.KindBytes, v, 0
		}
	}
	return kind, text, word
}

// log reads a log record. Its ids are left alone.
func (d *decoder) log(b []byte, l *Log) {
	d.damaged = false
	base, observed := len(d.attributes), uint64(0)
	var seen keySet
	var words []byte
	l.Body.Kind = otlp.KindEmpty
	for i := 0; i < len(b); {
		tag, value, word, after := next(b, i)
		if after < 0 {
			d.damaged = true
			break
		}
		i = after
		switch tag {
		case 1<<3 | wireFixed64:
			l.Time = word
		case 11<<3 | wireFixed64:
			observed = word
		case 2<<3 | wireVarint:
			l.Severity = 0
			if word <= 24 {
				l.Severity = uint8(word)
			}
		case 3<<3 | wireBytes:
			words = value
		case 5<<3 | wireBytes:
			l.Body.Kind, l.Body.Text, l.Body.Word = d.value(value)
		case 6<<3 | wireBytes:
			d.attributes = d.attribute(d.attributes, base, value, &seen)
		case 12<<3 | wireBytes:
			l.Event = value
		}
	}
	if l.Time == 0 {
		l.Time = observed
	}
	if l.Severity == 0 {
		l.Severity = severityOf(words)
	}
	l.Attributes = d.attributes[base:len(d.attributes):len(d.attributes)]
	l.Raw = b
}

// severityOf returns the severity that a text names, 0 for none.
func severityOf(text []byte) uint8 {
	if len(text) < 4 || len(text) > 7 {
		return 0
	}
	var upper [7]byte
	for i, c := range text {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper[i] = c
	}
	switch string(upper[:len(text)]) {
	case "TRACE":
		return 1
	case "DEBUG":
		return 5
	case "INFO":
		return 9
	case "WARN", "WARNING":
		return 13
	case "ERROR":
		return 17
	case "FATAL":
		return 21
	}
	return 0
}

// number returns the value of a point of a gauge or sum.
func number(tag, word uint64) (float64, bool) {
	switch tag {
	case 4<<3 | wireFixed64:
		return math.Float64frombits(word), true
	case 6<<3 | wireFixed64:
		return float64(int64(word)), true
	}
	return 0, false
}
