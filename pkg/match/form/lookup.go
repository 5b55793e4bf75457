package form

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Attribute returns the value of the first attribute with that key of an item, or of
// the resource or scope in a part, as AppendFields prints it; of an array or a map
// nothing but the kind. It is false when there is none, or the message is malformed.
func Attribute(m Message, b []byte, key string) (Value, bool) {
	b, err := settle(m, b)
	if err != nil {
		return Value{}, false
	}
	inner := map[Message]Message{ResourcePart: msgResource, ScopePart: msgScope}[m]
	for i := 0; i < len(b); {
		tag, value, _, after := read(b, i)
		if after < 0 {
			return Value{}, false
		}
		i = after
		switch n := tag >> 3; {
		case tag&7 != wireBytes || n > maxNumber:
		case inner != 0 && tag == 1<<3|wireBytes:
			return Attribute(inner, value, key)
		case byNumber[m][n].label == set:
			if v, ok := attributeValue(value, key); ok {
				return v, true
			}
		}
	}
	return Value{}, false
}

// attributeValue returns the value of a KeyValue if its key is the one wanted.
func attributeValue(b []byte, key string) (Value, bool) {
	k, value, _ := simple(b)
	if string(k) != key {
		return Value{}, false
	}
	value, err := settle(msgAnyValue, value)
	if err != nil {
		return Value{}, false
	}
	v := Value{Kind: otlp.KindEmpty}
	for i := 0; i < len(value); {
		tag, text, word, after := read(value, i)
		i = after
		if tag>>3 > maxNumber {
			continue
		}
		a := &byNumber[msgAnyValue][tag>>3]
		switch {
		case a.wire != uint8(tag&7):
		case a.next == msgArrayValue:
			v = Value{Kind: otlp.KindArray}
		case a.next == msgMapValue:
			v = Value{Kind: otlp.KindMap}
		default:
			printed, k := printScalar(nil, a.kind, nil, text, word)
			v = Value{Kind: k, Text: string(printed)}
		}
	}
	return v, true
}

// MetricName returns the name in a MetricPart, a part of it; nil when there is none.
func MetricName(part []byte) []byte { return Bytes(part, 1) }

// Bytes returns the last value of a field of bytes of a message, a part of it; nil when
// there is none, or the message is malformed.
func Bytes(b []byte, number uint64) (value []byte) {
	for i := 0; i < len(b); {
		tag, v, _, after := read(b, i)
		if after < 0 {
			return nil
		}
		if tag == number<<3|wireBytes {
			value = v
		}
		i = after
	}
	return value
}

// EachExemplar calls visit with the trace id of each exemplar of a data point, a part of
// it, nil where it has none, until visit returns true or what follows is malformed.
func EachExemplar(m Message, b []byte, visit func(traceID []byte) bool) {
	for i := 0; i < len(b); {
		tag, value, _, after := read(b, i)
		if after < 0 {
			return
		}
		i = after
		if n := tag >> 3; tag&7 == wireBytes && n <= maxNumber && byNumber[m][n].next == msgExemplar && visit(Bytes(value, 5)) {
			return
		}
	}
}

// TemporalityOf returns the temporality in a MetricPart.
func TemporalityOf(part []byte) otlp.Temporality {
	var s Splitter
	if s.points(part) != nil {
		return 0
	}
	return s.raw.Temporality
}
