package wire

import (
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Detect tells the signal of a protobuf payload by the wire shape of its items.
// The three signals nest alike; in the items a span has fixed64 fields 7 and
// 8, a log record a fixed64 field 1 or 11, and a metric neither. A payload
// without items is an error that wraps ErrMalformed: it could be any signal.
func Detect(payload []byte) (otlp.Signal, error) {
	d := detector{weak: otlp.NumSignals}
	if err := d.level(payload, 0); err != nil {
		return 0, err
	}
	switch {
	case d.certain:
		return d.strong, nil
	case d.weak < otlp.NumSignals:
		return d.weak, nil
	}
	return 0, fmt.Errorf("detect signal of %d bytes: %w: no items", len(payload), ErrMalformed)
}

type detector struct {
	certain bool
	strong  otlp.Signal
	weak    otlp.Signal // by what the first item lacks
}

// level descends to the items: field 1 of the payload, field 2 of that and
// field 2 again.
func (d *detector) level(b []byte, level int) error {
	want := uint64(2<<3 | wireBytes)
	if level == 0 {
		want = 1<<3 | wireBytes
	}
	for i := 0; i < len(b) && !d.certain; {
		tag, value, after := next(b, i)
		if after < 0 {
			return fmt.Errorf("detect signal: %w: field %d bytes before the end of its message", ErrMalformed, len(b)-i)
		}
		i = after
		if tag != want {
			continue
		}
		var err error
		if level < 2 {
			err = d.level(value, level+1)
		} else {
			err = d.item(value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// item looks at one item.
func (d *detector) item(b []byte) error {
	weak := otlp.SignalLogs
	for i := 0; i < len(b); {
		tag, value, after := next(b, i)
		if after < 0 {
			return fmt.Errorf("detect signal: %w: item", ErrMalformed)
		}
		i = after
		switch tag {
		case 7<<3 | wireFixed64, 8<<3 | wireFixed64, 6<<3 | wireVarint, 16<<3 | wireFixed32:
			d.strong, d.certain = otlp.SignalTraces, true
		case 1<<3 | wireFixed64, 11<<3 | wireFixed64, 2<<3 | wireVarint, 8<<3 | wireFixed32:
			d.strong, d.certain = otlp.SignalLogs, true
		case 7<<3 | wireBytes, 10<<3 | wireBytes:
			// A sum or an exponential histogram; but field 10 of a log record is its
			// span id, of 8 bytes.
			if tag>>3 == 7 || len(value) != 8 {
				d.strong, d.certain = otlp.SignalMetrics, true
			}
		case 1<<3 | wireBytes:
			weak = otlp.SignalMetrics // a name, or the id of a span without times
		}
		if d.certain {
			return nil
		}
	}
	if d.weak == otlp.NumSignals && len(b) > 0 {
		d.weak = weak
	}
	return nil
}
