package wire

import "encoding/binary"

// Tags of a span's fields.
const (
	tagTraceID  = 1<<3 | wireBytes
	tagSpanID   = 2<<3 | wireBytes
	tagParentID = 4<<3 | wireBytes
	tagName     = 5<<3 | wireBytes
	tagKind     = 6<<3 | wireVarint
	tagStart    = 7<<3 | wireFixed64
	tagEnd      = 8<<3 | wireFixed64
	tagAttr     = 9<<3 | wireBytes

	// spanHead is the most that the fields before the attributes take when each is
	// there once and the name is short.
	spanHead = 18 + 10 + 10 + 2 + 127 + 2 + 9 + 9
)

// span walks the first fields of the span payload[i:end], whose ids nobody wants,
// and returns where walk is to go on: at the end, mostly. It knows the order in
// which all encoders write a span, so that no step waits for a table or a call;
// what comes otherwise it leaves to walk.
func (x *Index) span(i, end int) int {
	b := x.payload[:end]
	if end-i >= spanHead {
		if b[i] == tagTraceID && b[i+1] == 16 {
			i += 18
		}
		if b[i] == tagSpanID && b[i+1] == 8 {
			i += 10
		}
		if b[i] == tagParentID && b[i+1] == 8 {
			i += 10
		}
		if b[i] == tagName && b[i+1] < 0x80 {
			i += 2 + int(b[i+1])
		}
		if b[i] == tagKind && b[i+1] < 0x80 {
			i += 2
		}
		if b[i] == tagStart {
			x.time(whenStart, i+1, binary.LittleEndian.Uint64(b[i+1:]))
			i += 9
		}
		if b[i] == tagEnd {
			x.time(whenEnd, i+1, binary.LittleEndian.Uint64(b[i+1:]))
			i += 9
		}
	}
	last := i
	for i+1 < len(b) && b[i] == tagAttr && b[i+1] < 0x80 {
		last, i = i, i+2+int(b[i+1])
	}
	if i > end {
		return last
	}
	// Flags, the last field: fixed32 with number 16.
	if end-i == 6 && b[i] == 16<<3&0x7f|wireFixed32|0x80 && b[i+1] == 16>>4 {
		return end
	}
	return i
}
