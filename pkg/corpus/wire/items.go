package wire

import (
	"fmt"
	"math/bits"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Item is one span, log record or data point. The slices are parts of the
// payload, to be read only. Times are nanoseconds since the Unix epoch, 0 when
// unset.
type Item struct {
	TraceID  []byte // 16 bytes, or empty; of spans and log records
	SpanID   []byte // 8 bytes, or empty; likewise
	ParentID []byte // 8 bytes, or empty; of spans
	Name     []byte // of a span, or of the event that a log record is
	Metric   []byte // name of a data point's metric
	Start    uint64 // of a span or data point
	Time     uint64 // end of a span; time of a data point; time of a log record, else its observed time
	// Resource and Attrs hash the attributes of the resource and of a data point,
	// whatever their order; within a value that is a map order counts. With Metric and Time they tell data points apart.
	Resource, Attrs uint64
}

// Items calls visit with each item of a protobuf payload, in payload order. An
// error may come after some calls.
func Items(sig otlp.Signal, payload []byte, visit func(Item)) error {
	p := pass{mode: modeItems, visit: visit}
	return p.run(sig, payload)
}

// time takes a time of the item.
func (it *Item) time(w when, t uint64) {
	switch w {
	case whenStart, whenPointStart:
		it.Start = t
	case whenEnd, whenPoint, whenLog:
		it.Time = t
	case whenObserved:
		if it.Time == 0 {
			it.Time = t
		}
	}
}

func (it *Item) id(o op, id []byte) {
	switch o {
	case opTrace:
		it.TraceID = id
	case opSpan:
		it.SpanID = id
	case opParent:
		it.ParentID = id
	}
}

// enterItems finds what the items of a resource or of a metric share.
func (p *pass) enterItems(b []byte, m message) (err error) {
	if m == msgMetric {
		p.item.Metric, err = last(b, 1<<3|wireBytes)
		return err
	}
	p.item.Resource, p.item.Metric = 0, nil
	resource, err := last(b, 1<<3|wireBytes)
	if err != nil {
		return err
	}
	for i := 0; i < len(resource); {
		tag, value, after := next(resource, i)
		if after < 0 {
			return fmt.Errorf("%w: resource", ErrMalformed)
		}
		if tag == 1<<3|wireBytes {
			h, err := attrHash(value)
			if err != nil {
				return err
			}
			p.item.Resource += h
		}
		i = after
	}
	return nil
}

// attrHash hashes a KeyValue by its key and its value, in whichever order they
// stand. Hashes of a set of attributes are added up.
func attrHash(b []byte) (uint64, error) {
	key, err := last(b, 1<<3|wireBytes)
	if err != nil {
		return 0, err
	}
	value, err := last(b, 2<<3|wireBytes)
	if err != nil {
		return 0, err
	}
	h := xxhash.Sum64(key) ^ bits.RotateLeft64(xxhash.Sum64(value), 31)
	h ^= h >> 29
	return h * 0xbf58476d1ce4e5b9, nil
}
