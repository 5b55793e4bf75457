package sink

import (
	"encoding/binary"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// trimmer copies a request without its last items: what a sink that rejects some
// has accepted. Groups of which nothing is left are left out too.
type trimmer struct {
	sig  otlp.Signal
	keep int64 // items to come
}

// trimmed returns the first items of a request that was scanned, as many as keep
// says, in memory of its own.
func trimmed(sig otlp.Signal, format otlp.Format, payload []byte, keep int64) ([]byte, error) {
	t := trimmer{sig, keep}
	if format == otlp.FormatJSON {
		return t.object(nil, payload, 0)
	}
	return t.message(nil, payload, 0)
}

// leaf is at which depth items are: below resource and scope, and points below
// their metric and its data too.
func (t *trimmer) leaf() int {
	if t.sig == otlp.SignalMetrics {
		return 4
	}
	return 2
}

// group reports whether a field of a message at that depth holds items, in a
// message of its own or as such.
func (t *trimmer) group(num, depth int) bool {
	switch depth {
	case 0, 4:
		return num == 1
	case 3:
		return exemplars[num] != 0 // the field of data of some type
	}
	return num == 2
}

// message appends b, which is at that depth.
func (t *trimmer) message(dst, b []byte, depth int) ([]byte, error) {
	err := fields(b, func(e field) error {
		switch {
		case e.typ != 2 || !t.group(e.num, depth):
		case t.keep == 0:
			return nil
		case depth == t.leaf():
			t.keep--
		default:
			inner, err := t.message(nil, e.data, depth+1)
			dst = binary.AppendUvarint(dst, uint64(e.num)<<3|2)
			dst = binary.AppendUvarint(dst, uint64(len(inner)))
			dst = append(dst, inner...)
			return err
		}
		dst = append(dst, e.raw...)
		return nil
	})
	return dst, err
}

// dataNames are the members of a metric that hold its points.
var dataNames = []string{"gauge", "sum", "histogram", "exponentialHistogram", "summary"}

// object appends b, which is at that depth.
func (t *trimmer) object(dst, b []byte, depth int) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	err := members(b, func(n, v []byte) (err error) {
		name := string(n)
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(append(dst, '"'), name...), `":`...)
		switch {
		case depth == 3 && slices.Contains(dataNames, name) && v[0] == '{':
			dst, err = t.object(dst, v, depth+1)
		case (depth < 3 && name == jsonNames[t.sig][depth] || depth == 4 && name == "dataPoints") && v[0] == '[':
			dst, err = t.array(dst, v, depth)
		default:
			dst = append(dst, v...)
		}
		return err
	})
	return append(dst, '}'), err
}

// array appends v, which is in an object at that depth.
func (t *trimmer) array(dst, v []byte, depth int) ([]byte, error) {
	dst = append(dst, '[')
	first := true
	err := elements(v, func(e []byte) (err error) {
		if t.keep == 0 {
			return nil
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if depth < t.leaf() {
			dst, err = t.object(dst, e, depth+1)
			return err
		}
		t.keep--
		dst = append(dst, e...)
		return nil
	})
	return append(dst, ']'), err
}
