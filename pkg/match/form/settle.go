package form

import (
	"encoding/binary"

	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// settle returns a message without the fields that do not count since others come
// later: of a number or string the last one does, of the members of a oneof likewise,
// and messages that come twice are one of the fields of both. It is b itself when
// there are none, and new memory otherwise.
func settle(m Message, b []byte) ([]byte, error) {
	seen, twice := uint32(0), false
	for i := 0; i < len(b); {
		tag, _, after := wire.Next(b, i)
		if after < 0 {
			return nil, cut(b, i)
		}
		if a := settled(m, tag); a != nil {
			twice = twice || seen&(1<<a.group) != 0
			seen |= 1 << a.group
		}
		i = after
	}
	if twice {
		b = settleTwice(m, b)
	}
	return b, nil
}

// settleTwice is settle for a well-formed message that has such fields.
func settleTwice(m Message, b []byte) []byte {
	var winners [maxNumber + 1]winner
	for i := 0; i < len(b); {
		tag, value, after := wire.Next(b, i)
		if a := settled(m, tag); a != nil {
			winners[a.group].take(tag, a, b[i:after], value)
		}
		i = after
	}
	out := make([]byte, 0, len(b)+8)
	for i := 0; i < len(b); {
		tag, _, after := wire.Next(b, i)
		if settled(m, tag) == nil {
			out = append(out, b[i:after]...)
		}
		i = after
	}
	for i := range winners {
		w := &winners[i]
		if !w.merged {
			out = append(out, w.raw...)
			continue
		}
		out = binary.AppendUvarint(out, w.tag)
		out = append(binary.AppendUvarint(out, uint64(len(w.value))), w.value...)
	}
	return out
}

// settled returns the action of a field that a message has once, nil for others.
func settled(m Message, tag uint64) *action {
	if tag>>3 > maxNumber {
		return nil
	}
	if a := &byNumber[m][tag>>3]; a.wire == uint8(tag&7) && a.label < list {
		return a
	}
	return nil
}

// winner is what counts of the fields that exclude each other.
type winner struct {
	tag    uint64
	raw    []byte // the field
	value  []byte // of a message
	merged bool   // value is of several
}

func (w *winner) take(tag uint64, a *action, raw, value []byte) {
	if a.kind == kindMessage && w.raw != nil && w.tag == tag {
		if !w.merged {
			w.value = append(make([]byte, 0, len(w.value)+len(value)), w.value...)
		}
		w.value, w.merged = append(w.value, value...), true
		return
	}
	*w = winner{tag: tag, raw: raw, value: value}
}
