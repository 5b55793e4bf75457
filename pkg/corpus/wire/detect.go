package wire

import (
	"errors"
	"fmt"
	"math/bits"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrProfiles says that a payload holds profiles, the fourth signal of OTLP: it
// is well formed, but no trace, metric or log.
var ErrProfiles = errors.New("profiles: no traces, metrics or logs")

// ErrNoItems says that a payload holds nothing: it could be of any signal.
var ErrNoItems = errors.New("no items")

// Detect tells the signal of a protobuf payload by the wire shape of its items.
// All signals nest alike, so the first field that only one of them can have
// decides; where there is none, what ids and names look like does. It wraps
// ErrProfiles, ErrNoItems, or ErrMalformed where the items are of no signal.
func Detect(payload []byte) (otlp.Signal, error) {
	d := detector{hard: kindAll, soft: kindAll}
	if err := d.level(payload, 0); err != nil {
		return 0, err
	}
	left := d.soft
	if left == 0 {
		left = d.hard
	}
	switch {
	case !d.any:
		return 0, fmt.Errorf("detect signal of %d bytes: %w", len(payload), ErrNoItems)
	case left&kindLog != 0:
		return otlp.SignalLogs, nil // what has a name first, as the others do, is none
	case left&kindSpan != 0 && (left&kindMetric == 0 || d.ids):
		return otlp.SignalTraces, nil
	case left&kindMetric != 0:
		return otlp.SignalMetrics, nil
	case left != 0:
		return 0, fmt.Errorf("detect signal of %d bytes: %w", len(payload), ErrProfiles)
	}
	return 0, fmt.Errorf("detect signal of %d bytes: %w: items that are no spans, metrics or log records", len(payload), ErrMalformed)
}

// kinds is a set of what items may be.
type kinds uint8

const (
	kindSpan   kinds = 1 << iota
	kindMetric       // which holds data points
	kindLog
	kindProfile
	kindOldProfile // as it was before OTLP 1.8
	kindProfiles   = kindProfile | kindOldProfile
	kindAll        = kindSpan | kindMetric | kindLog | kindProfiles
)

// shapes are the fields of the items, each the wire type of the field with the
// number of its place, from 1 on: v, f, b and x for a varint, 8 bytes, a length
// and 4 bytes, and a dash for none. Later fields are not known yet.
var shapes = [...]struct {
	kind   kinds
	fields string
}{
	{kindSpan, "bbbbbvffbvbvbvbx"},
	{kindMetric, "bbb-b-b-bbbb"},
	{kindLog, "fvb-bbvxbbfb"},
	{kindProfile, "bbfvbvbvbbb"},
	{kindOldProfile, "bbbvvbvbvbvbbb"},
}

// kindsOf says which items can have a field, by its number and wire type.
var kindsOf = func() (t [17][8]kinds) {
	for _, s := range shapes {
		for n := 1; n < len(t); n++ {
			for w, letter := range map[int]byte{wireVarint: 'v', wireFixed64: 'f', wireBytes: 'b', wireFixed32: 'x'} {
				if n > len(s.fields) || s.fields[n-1] == letter {
					t[n][w] |= s.kind
				}
			}
		}
	}
	return t
}()

// detector is what the items can be after what was seen of them.
type detector struct {
	hard kinds // by their fields
	soft kinds // by what stands in these too
	any  bool  // an item had a field
	ids  bool  // an item had what can be the ids of a span
}

func (d *detector) done() bool { return bits.OnesCount8(uint8(d.hard)) < 2 }

// level descends to the items: field 1 of the payload, field 2 of that and
// field 2 again.
func (d *detector) level(b []byte, level int) error {
	want := uint64(2<<3 | wireBytes)
	if level == 0 {
		want = 1<<3 | wireBytes
	}
	for i := 0; i < len(b) && !d.done(); {
		tag, value, after := next(b, i)
		if after < 0 {
			return fmt.Errorf("detect signal: %w: field %d bytes before the end of its message", ErrMalformed, len(b)-i)
		}
		i = after
		if level == 0 && tag == 2<<3|wireBytes {
			d.hard, d.soft, d.any = kindProfiles, kindProfiles, true // their dictionary
			return nil
		}
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
	trace, span := false, false
	for i := 0; i < len(b) && !d.done(); {
		tag, value, after := next(b, i)
		if after < 0 {
			return fmt.Errorf("detect signal: %w: item", ErrMalformed)
		}
		i = after
		d.any = true
		number, wireType := tag>>3, tag&7
		if number >= uint64(len(kindsOf)) {
			continue
		}
		d.hard &= kindsOf[number][wireType]
		d.soft &= d.hard
		if wireType == wireBytes {
			d.soft &^= unlike(number, value)
			trace = trace || number == 1 && len(value) == 16
			span = span || number == 2 && len(value) == 8
		}
	}
	d.ids = d.ids || trace && span
	return nil
}

// unlike returns of what kind an item is not, by a field with a length.
func unlike(number uint64, value []byte) (not kinds) {
	n := len(value)
	exclude := func(k kinds, fits bool) {
		if !fits {
			not |= k
		}
	}
	switch number {
	case 1:
		exclude(kindSpan, n == 0 || n == 16)
		exclude(kindMetric, isText(value))
		exclude(kindProfiles, isMessage(value))
	case 2:
		exclude(kindSpan, n == 0 || n == 8)
		exclude(kindMetric, isText(value))
		exclude(kindProfiles, isMessage(value))
	case 4:
		exclude(kindSpan, n == 0 || n == 8)
	case 5:
		points := isPoints(value)
		exclude(kindMetric, points)
		exclude(kindSpan, n == 0 || !points)
		exclude(kindLog|kindProfile, isMessage(value))
	case 7:
		exclude(kindMetric, isMessage(value))
		exclude(kindProfile, n == 0 || n == 16)
	case 9:
		exclude(kindMetric, isMessage(value))
		exclude(kindLog, n == 0 || n == 16)
	case 10:
		exclude(kindMetric, isMessage(value))
		exclude(kindLog, n == 0 || n == 8)
	}
	return not
}

// isText reports whether b can be a name: it has no control characters, as the
// ids of a span or a message would.
func isText(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return false
		}
	}
	return true
}

// isMessage reports whether b reads as fields from end to end.
func isMessage(b []byte) bool {
	for i := 0; i < len(b); {
		if _, _, i = next(b, i); i < 0 {
			return false
		}
	}
	return true
}

// isPoints reports whether b reads as the data points of a gauge.
func isPoints(b []byte) bool {
	for i := 0; i < len(b); {
		tag, _, after := next(b, i)
		if i = after; i < 0 || tag != 1<<3|wireBytes {
			return false
		}
	}
	return true
}
