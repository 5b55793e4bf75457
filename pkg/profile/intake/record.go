package intake

import (
	"encoding/binary"
	"errors"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/spill"
)

// record is a span or a log record on its way into the temporary file and back.
type record struct {
	log             bool
	resource, scope uint32 // numbers; noPart: the bytes below are there
	trace           otlp.TraceID
	span            otlp.SpanID
	time, end       uint64 // as they arrived
	bytes           []byte

	resourceBytes, scopeBytes []byte
}

// recordBytes is the length of a record without its bytes.
const recordBytes = 1 + 3*4 + 16 + 8 + 2*8

// tempName is what the names of temporary files begin with.
const tempName = "otelsim-profile"

// file is the temporary file. Its blocks have no state.
type file = spill.File[struct{}]

// put appends a record to a partition.
func (r *record) put(f *file, partition uint64) error {
	need := recordBytes + len(r.bytes)
	if r.resource == noPart {
		need += 4 + len(r.resourceBytes)
	}
	if r.scope == noPart {
		need += 4 + len(r.scopeBytes)
	}
	block, err := f.Reserve(partition, need)
	if err != nil {
		return err
	}
	le, b := binary.LittleEndian, block.Data
	kind := byte(0)
	if r.log {
		kind = 1
	}
	b = append(b, kind)
	b = le.AppendUint32(b, uint32(len(r.bytes)))
	b = le.AppendUint32(b, r.resource)
	b = le.AppendUint32(b, r.scope)
	b = append(b, r.trace[:]...)
	b = append(b, r.span[:]...)
	b = le.AppendUint64(b, r.time)
	b = le.AppendUint64(b, r.end)
	if r.resource == noPart {
		b = append(le.AppendUint32(b, uint32(len(r.resourceBytes))), r.resourceBytes...)
	}
	if r.scope == noPart {
		b = append(le.AppendUint32(b, uint32(len(r.scopeBytes))), r.scopeBytes...)
	}
	block.Data = append(b, r.bytes...)
	f.Count(partition)
	return nil
}

// errSpill says that the temporary file does not hold what was written.
var errSpill = errors.New("what was read and kept in a temporary file has changed there")

// next reads the record that a chunk goes on with. Its bytes are a part of b.
func (r *record) next(b []byte) (rest []byte, err error) {
	if len(b) < recordBytes || b[0] > 1 {
		return nil, errSpill
	}
	le := binary.LittleEndian
	r.log = b[0] == 1
	n := le.Uint32(b[1:])
	r.resource, r.scope = le.Uint32(b[5:]), le.Uint32(b[9:])
	copy(r.trace[:], b[13:])
	copy(r.span[:], b[29:])
	r.time, r.end = le.Uint64(b[37:]), le.Uint64(b[45:])
	b = b[recordBytes:]
	r.resourceBytes, r.scopeBytes = nil, nil
	if r.resource == noPart {
		if r.resourceBytes, b, err = lengthed(b); err != nil {
			return nil, err
		}
	}
	if r.scope == noPart {
		if r.scopeBytes, b, err = lengthed(b); err != nil {
			return nil, err
		}
	}
	if uint64(len(b)) < uint64(n) {
		return nil, errSpill
	}
	r.bytes = b[:n:n]
	return b[n:], nil
}

// lengthed reads bytes behind their length.
func lengthed(b []byte) (value, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errSpill
	}
	n := binary.LittleEndian.Uint32(b)
	if b = b[4:]; uint64(len(b)) < uint64(n) {
		return nil, nil, errSpill
	}
	return b[:n:n], b[n:], nil
}

// spread returns a hash of a trace id, all of whose bits depend on all of it: some ids
// are numbers, and some are half empty.
func spread(id *otlp.TraceID) uint64 {
	h := binary.LittleEndian.Uint64(id[:8]) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32 ^ binary.LittleEndian.Uint64(id[8:])) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>29) * 0x94d049bb133111eb
	return h ^ h>>32
}
