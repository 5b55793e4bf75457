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
// counts, attributes and schema URLs of scopes, metadata of metrics, fields of
// other versions. A message that is given twice where one belongs counts the
// last time.
//
// Keys, names, versions, units, schema URLs and status messages go into the
// table of the Decoder, which grows by each new one; values go to the Text of
// the record. A Decoder belongs to one goroutine; the zero value is ready to
// use. To be rid of the table, drop the Decoder.
type Decoder struct {
	strings *Strings
	after   [][2]StringID // by StringID: the names that came after it the last two times
	latest  StringID      // the name that was read last
	stack   []Attr        // attributes whose list is not complete yet
	depth   int
	spelt   bool // see Spelt

	// The record being read: what the signals have in common, and the rest.
	attrs     []Attr
	text      []byte
	resources []Resource
	scopes    []Scope
	signal    Signal
	traces    *Traces
	metrics   *Metrics
	logs      *Logs
}

// Traces replaces the content of dst by the record payload, which has no frame.
// dst.Strings becomes the table of d, whatever it was. Nothing of payload is
// kept. After an error the content of dst is unspecified.
//
// What AppendTraces wrote is read so that AppendTraces writes the same bytes
// again. Strings that are not UTF-8, ids that are not 16 or 8 bytes long and
// values that nest deeper than 64 are errors.
func (d *Decoder) Traces(dst *Traces, payload []byte, f Format) error {
	dst.Reset()
	d.traces = dst
	d.attrs, d.text, d.resources, d.scopes = dst.Attrs, dst.Text, dst.Resources, dst.Scopes
	err := d.record(SignalTraces, payload, f)
	dst.Attrs, dst.Text, dst.Resources, dst.Scopes = d.attrs, d.text, d.resources, d.scopes
	dst.Strings = d.strings
	d.release()
	return err
}

// Metrics is Traces for metrics. A summary, which the model does not have, is
// an error.
func (d *Decoder) Metrics(dst *Metrics, payload []byte, f Format) error {
	dst.Reset()
	d.metrics = dst
	d.attrs, d.text, d.resources, d.scopes = dst.Attrs, dst.Text, dst.Resources, dst.Scopes
	err := d.record(SignalMetrics, payload, f)
	dst.Attrs, dst.Text, dst.Resources, dst.Scopes = d.attrs, d.text, d.resources, d.scopes
	dst.Strings = d.strings
	d.release()
	return err
}

// Logs is Traces for logs.
func (d *Decoder) Logs(dst *Logs, payload []byte, f Format) error {
	dst.Reset()
	d.logs = dst
	d.attrs, d.text, d.resources, d.scopes = dst.Attrs, dst.Text, dst.Resources, dst.Scopes
	err := d.record(SignalLogs, payload, f)
	dst.Attrs, dst.Text, dst.Resources, dst.Scopes = d.attrs, d.text, d.resources, d.scopes
	dst.Strings = d.strings
	d.release()
	return err
}

// Spelt reports whether the record that was read last is known to be, byte for byte, what
// its appender writes of it. It is false of one that could not be read, and may be of one
// that is spelt so; of JSON it always is.
func (d *Decoder) Spelt() bool { return d.spelt }

// release lets go of the record.
func (d *Decoder) release() {
	d.attrs, d.text, d.resources, d.scopes = nil, nil, nil, nil
	d.traces, d.metrics, d.logs = nil, nil, nil
}

// record reads a record of sig, whose destination is set.
func (d *Decoder) record(sig Signal, payload []byte, f Format) error {
	if d.strings == nil {
		d.strings, d.after = NewStrings(), make([][2]StringID, 1)
	}
	d.signal, d.stack, d.depth = sig, d.stack[:0], 0
	d.spelt = false
	// Every model slice has fewer elements, and Text fewer bytes, than payload.
	if uint64(len(payload)) >= maxArena {
		return fmt.Errorf("decode %v record of %d bytes: %w", f, len(payload), ErrTooLong)
	}
	var err error
	if d.spelt = f == FormatProto; d.spelt {
		err = d.recordProto(payload)
	} else {
		err = d.recordJSON(payload)
	}
	if err != nil {
		d.spelt = false
		return fmt.Errorf("decode %v record of %d bytes: %w", f, len(payload), err)
	}
	return nil
}

// finish moves the attributes from base on from the stack to the model, where
// each list is in one piece, and returns their range.
func (d *Decoder) finish(base int) Range {
	start := uint32(len(d.attrs))
	d.attrs = append(d.attrs, d.stack[base:]...)
	d.stack = d.stack[:base]
	return Range{start, uint32(len(d.attrs))}
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
	start := uint32(len(d.text))
	d.text = append(d.text, v...)
	return PackRange(Range{start, uint32(len(d.text))})
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
