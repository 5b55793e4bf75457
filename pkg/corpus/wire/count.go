package wire

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// Counts is what a payload holds. First and Last are nanoseconds since the
// Unix epoch, both zero when no item has a time.
type Counts struct {
	Items uint64 // spans, data points or log records
	First uint64 // earliest span start, point time, or log time (of those, the observed ones count too)
	Last  uint64 // latest span end, point time, or log time
}

// Count counts the items of a protobuf payload. Events, links and exemplars
// are parts of items.
func Count(sig otlp.Signal, payload []byte) (Counts, error) {
	p := pass{mode: modeCount}
	if err := p.run(sig, payload); err != nil {
		return Counts{}, err
	}
	return p.counts, nil
}

// EachTime calls visit with every time of an item, that is every one that
// Counts looks at, in payload order. An error may come after some calls.
func EachTime(sig otlp.Signal, f otlp.Format, payload []byte, visit func(uint64)) error {
	p := pass{mode: modeCount, seen: visit}
	if f == otlp.FormatJSON {
		return p.runJSON(sig, payload)
	}
	return p.run(sig, payload)
}

// time takes a time of an item. A start of a data point says when its series
// began, not when something happened.
func (c *Counts) time(w when, t uint64) {
	if w == whenPointStart {
		return
	}
	if w != whenEnd && (c.First == 0 || t < c.First) {
		c.First = t
	}
	if w != whenStart {
		c.Last = max(c.Last, t)
	}
}
