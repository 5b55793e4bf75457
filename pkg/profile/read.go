package profile

import (
	"context"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// maxReaders bounds how many read at once: each has tables of its own.
const maxReaders = 2

// Read returns the profile of an input. It does not depend on how many workers there are.
// Its errors are those of Input.Each.
func Read(ctx context.Context, in *intake.Input, o Options, workers int) (*Profile, error) {
	readers, err := read(ctx, in, workers, func() *Builder { return NewBuilder(o) })
	if err != nil {
		return nil, err
	}
	whole := finish(readers)
	whole.Faults = in.Faults()
	return whole, nil
}

// ReadHalves returns the profile of an input, as Read does, and those of two halves of it,
// which are drawn by hashes: of sessions, of traces without one, and of log records and
// points without either. It takes more memory and time, since each half has tables of its own.
func ReadHalves(ctx context.Context, in *intake.Input, o Options, workers int) (whole *Profile, halves [2]*Profile, err error) {
	readers, err := read(ctx, in, workers, func() *splitter {
		return &splitter{halves: [2]*Builder{NewBuilder(o), NewBuilder(o)}}
	})
	if err != nil {
		return nil, halves, err
	}
	for i := range halves {
		halves[i] = finishPart(readers, func(r *splitter) **Builder { return &r.halves[i] })
	}
	whole = Merge(halves[0], halves[1])
	whole.Faults = in.Faults()
	return whole, halves, nil
}

// read has an input read by one reader or several, each of which is made for that.
func read[T intake.Visitor](ctx context.Context, in *intake.Input, workers int, reader func() T) ([]T, error) {
	readers := make([]T, min(max(workers, 1), maxReaders))
	visitors := make([]intake.Visitor, len(readers))
	for i := range readers {
		readers[i] = reader()
		visitors[i] = readers[i]
	}
	return readers, in.Each(ctx, visitors...)
}

// finishPart returns the profile of a part of what went into readers, which do not keep it.
func finishPart[T any](readers []T, part func(T) **Builder) *Profile {
	var parts []*Builder
	for _, r := range readers {
		parts = append(parts, *part(r))
		*part(r) = nil
	}
	return finish(parts)
}

// finish returns the profile of all that went into some builders, which are not used any
// more.
func finish(parts []*Builder) *Profile {
	if len(parts) == 1 {
		return parts[0].Finish()
	}
	m := NewBuilder(parts[0].o)
	for i, b := range parts {
		m.absorb(b.unfinished())
		parts[i] = nil
	}
	return m.Finish()
}

// splitter hands what it gets to one of two builders.
type splitter struct{ halves [2]*Builder }

func (s *splitter) of(h uint64) *Builder { return s.halves[sketch.Mix(h^0x68616c76)&1] }

// Trace implements intake.Visitor.
func (s *splitter) Trace(t *intake.Trace) {
	h := sessionOf(t)
	if h == 0 {
		h = number(&t.ID)
	}
	s.of(h).Trace(t)
}

// Log implements intake.Visitor.
func (s *splitter) Log(l *intake.Log) {
	h := xxhash.Sum64(l.Raw)
	if l.TraceID != (otlp.TraceID{}) {
		h = number(&l.TraceID)
	}
	s.of(h).Log(l)
}

// Point implements intake.Visitor.
func (s *splitter) Point(p *intake.Point) { s.of(xxhash.Sum64(p.Raw)).Point(p) }

// sessionOf returns a hash of the session that a trace is of; 0: of none.
func sessionOf(t *intake.Trace) (conversation uint64) {
	for i := range t.Spans {
		for k := range t.Spans[i].Attributes {
			x := &t.Spans[i].Attributes[k]
			switch names := roleOf(string(x.Key)); {
			case names == namesSession && len(x.Text) > 0:
				return max(valueHash(x), 1)
			case names == namesConversation && len(x.Text) > 0 && conversation == 0:
				conversation = max(valueHash(x), 1)
			}
		}
	}
	return conversation
}
