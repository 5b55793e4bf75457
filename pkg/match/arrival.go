package match

import (
	"encoding/binary"
	"errors"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// arrival is an item on its way into the spill and back.
type arrival struct {
	signal  otlp.Signal
	message form.Message
	output  uint16
	lap     uint32 // plus 1; 0: unknown
	// Numbers of the parts: of the batch before, of the chunk in the spill. noPart: none.
	resource, scope, metric uint32
	position                uint32
	number                  uint64 // of the message
	arrived                 int64
	time, start             uint64 // as they arrived
	trace                   otlp.TraceID
	span                    otlp.SpanID
	bytes                   []byte
}

const noPart = ^uint32(0)

// The kinds of what a chunk holds.
const (
	kindPart byte = 1 + iota // kind, length, bytes
	kindItem                 // arrivalBytes, bytes
)

// arrivalBytes is the length of an arrival in a chunk, without its bytes.
const arrivalBytes = 1 + 4 + 4 + 3*4 + 4 + 4 + 4*8 + 16 + 8

// appendArrival appends an arrival with its numbers of parts in the chunk.
func appendArrival(dst []byte, a *arrival, resource, scope, metric uint32) []byte {
	le := binary.LittleEndian
	dst = append(dst, kindItem, byte(a.signal), byte(a.message), byte(a.output), byte(a.output>>8))
	dst = le.AppendUint32(dst, a.lap)
	dst = le.AppendUint32(dst, resource)
	dst = le.AppendUint32(dst, scope)
	dst = le.AppendUint32(dst, metric)
	dst = le.AppendUint32(dst, a.position)
	dst = le.AppendUint32(dst, uint32(len(a.bytes)))
	dst = le.AppendUint64(dst, a.number)
	dst = le.AppendUint64(dst, uint64(a.arrived))
	dst = le.AppendUint64(dst, a.time)
	dst = le.AppendUint64(dst, a.start)
	dst = append(dst, a.trace[:]...)
	dst = append(dst, a.span[:]...)
	return append(dst, a.bytes...)
}

// errSpill says that the temporary file does not hold what was written.
var errSpill = errors.New("what was received and kept in a temporary file has changed there")

// partBytes is the length of a part in a chunk, without its bytes.
const partBytes = 1 + 1 + 4

// nextPart reads the part that a chunk goes on with; false: it goes on with an item.
func nextPart(b []byte) (kind uint8, part, rest []byte, ok bool) {
	if len(b) < partBytes || b[0] != kindPart {
		return 0, nil, b, false
	}
	n := uint64(binary.LittleEndian.Uint32(b[2:]))
	if rest = b[partBytes:]; uint64(len(rest)) < n || b[1] > 2 {
		return 0, nil, b, false
	}
	return b[1], rest[:n:n], rest[n:], true
}

// next reads the item that a chunk goes on with. Its bytes are a part of b.
func (a *arrival) next(b []byte) (rest []byte, err error) {
	le := binary.LittleEndian
	if len(b) < arrivalBytes || b[0] != kindItem {
		return nil, errSpill
	}
	a.signal, a.message, a.output = otlp.Signal(b[1]), form.Message(b[2]), le.Uint16(b[3:])
	a.lap, a.resource, a.scope, a.metric = le.Uint32(b[5:]), le.Uint32(b[9:]), le.Uint32(b[13:]), le.Uint32(b[17:])
	a.position = le.Uint32(b[21:])
	n := uint64(le.Uint32(b[25:]))
	a.number, a.arrived = le.Uint64(b[29:]), int64(le.Uint64(b[37:]))
	a.time, a.start = le.Uint64(b[45:]), le.Uint64(b[53:])
	copy(a.trace[:], b[61:])
	copy(a.span[:], b[77:])
	if b = b[arrivalBytes:]; uint64(len(b)) < n {
		return nil, errSpill
	}
	a.bytes = b[:n:n]
	return b[n:], nil
}

// put appends an item to a partition. The parts are those of the batch, by number.
func put(s *spillFile, partition uint64, a *arrival, parts []part) error {
	need := arrivalBytes + len(a.bytes)
	for _, n := range [...]uint32{a.resource, a.scope, a.metric} {
		if n != noPart {
			need += partBytes + len(parts[n].bytes)
		}
	}
	b, err := s.Reserve(partition, need)
	if err != nil {
		return err
	}
	var numbers [3]uint32
	for i, n := range [...]uint32{a.resource, a.scope, a.metric} {
		if numbers[i] = noPart; n != noPart {
			numbers[i] = partIn(b, uint8(i), parts[n].hash, parts[n].bytes)
		}
	}
	b.Data = appendArrival(b.Data, a, numbers[0], numbers[1], numbers[2])
	s.Count(partition)
	return nil
}

// part is a part of a batch.
type part struct {
	hash  uint64
	bytes []byte
}
