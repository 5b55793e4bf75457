package profile

import (
	"github.com/otelsim/otelsim/pkg/internal/codec"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// sampled is the spans of a trace as bytes, cut after maxSampled.
type sampled struct {
	raw   []byte
	spans uint64
}

const maxSampled = 1 << 18

func (s *sampled) bytes() int { return len(s.raw) + 1 }

// take takes the bytes of a trace if its number is among the lowest.
func (b *Builder) take(t *intake.Trace) {
	x, room := b.sample.find(b.trace)
	if x != nil || !room {
		return
	}
	total := 0
	for i := range t.Spans {
		total += len(t.Spans[i].Raw)
	}
	x = &sampled{raw: make([]byte, 0, min(total, maxSampled))}
	for i := range t.Spans {
		raw := t.Spans[i].Raw
		if len(x.raw)+len(raw) > maxSampled {
			break
		}
		x.raw = append(x.raw, raw...)
		x.spans++
	}
	b.sample.put(b.trace, x)
}

// compressed returns what is known of the bytes that were taken.
func compressed(l *lowest[sampled]) Sample {
	var raw []byte
	s := Sample{}
	for _, h := range l.sorted() {
		s.Traces++
		s.Spans += l.items[h].spans
		raw = append(raw, l.items[h].raw...)
	}
	s.Bytes = uint64(len(raw))
	if len(raw) == 0 {
		return s
	}
	// Neither fails: it is a compression that there is, and memory that is written to.
	if e, err := codec.NewEncoder(codec.Zstd, codec.Default); err == nil {
		if out, err := e.Append(nil, raw); err == nil {
			s.Compressed = uint64(len(out))
		}
	}
	return s
}
