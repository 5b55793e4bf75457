package otlp

import (
	"errors"
	"fmt"
)

// maxDepth is how deep arrays and maps of attribute values may nest.
const maxDepth = 64

// maxArena is the length at which positions no longer fit a Range.
const maxArena = 1<<32 - 1

var errDepth = fmt.Errorf("values nest deeper than %d", maxDepth)

// Decoder reads records into the model. What has no place in the model is
// checked as far as it must be read and then dropped: trace state, dropped
// counts, attributes and schema URLs of scopes, fields of other versions.
//
// Keys, names, versions, schema URLs and status messages go into the table of
// the Decoder, which grows by each new one; values go to Traces.Text. A Decoder
// belongs to one goroutine; the zero value is ready to use. To be rid of the
// table, drop the Decoder.
type Decoder struct {
	strings *Strings
	stack   []Attr // attributes whose list is not complete yet
	depth   int
	dst     *Traces
}

// Traces replaces the content of dst by the record payload, which has no frame.
// dst.Strings becomes the table of d, whatever it was. Nothing of payload is
// kept. After an error the content of dst is unspecified.
//
// What AppendTraces wrote is read so that AppendTraces writes the same bytes
// again. Strings that are not UTF-8, ids that are not 16 or 8 bytes long and
// values that nest deeper than 64 are errors.
func (d *Decoder) Traces(dst *Traces, payload []byte, f Format) error {
	if d.strings == nil {
		d.strings = NewStrings()
	}
	dst.Reset()
	dst.Strings = d.strings
	d.dst, d.stack, d.depth = dst, d.stack[:0], 0
	// Every model slice has fewer elements, and Text fewer bytes, than payload.
	if uint64(len(payload)) >= maxArena {
		return fmt.Errorf("decode %v record of %d bytes: %w", f, len(payload), ErrTooLong)
	}
	var err error
	if f == FormatJSON {
		err = d.tracesJSON(payload)
	} else {
		err = d.tracesProto(payload)
	}
	d.dst = nil
	if err != nil {
		return fmt.Errorf("decode %v record of %d bytes: %w", f, len(payload), err)
	}
	return nil
}

// finish moves the attributes from base on from the stack to the model, where
// each list is in one piece, and returns their range.
func (d *Decoder) finish(base int) Range {
	t := d.dst
	start := uint32(len(t.Attrs))
	t.Attrs = append(t.Attrs, d.stack[base:]...)
	d.stack = d.stack[:base]
	return Range{start, uint32(len(t.Attrs))}
}

// deeper counts a level of nesting; the caller ends it by d.depth--.
func (d *Decoder) deeper() error {
	d.depth++
	if d.depth > maxDepth {
		return errDepth
	}
	return nil
}

// keep copies v to the arena and returns its range as the Word of an Attr.
func (d *Decoder) keep(v []byte) uint64 {
	t := d.dst
	start := uint32(len(t.Text))
	t.Text = append(t.Text, v...)
	return PackRange(Range{start, uint32(len(t.Text))})
}

var errIDLength = errors.New("id has a wrong length")

// copyID copies an id of the wire, which is whole or absent.
func copyID(dst, src []byte) error {
	switch len(src) {
	case 0:
		clear(dst)
	case len(dst):
		copy(dst, src)
	default:
		return fmt.Errorf("%w: %d bytes, want %d", errIDLength, len(src), len(dst))
	}
	return nil
}
