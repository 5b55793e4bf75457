// Package source hands package match what pipelines wrote: files of the Collector's
// file exporter, folders of them, and corpora.
//
//	outputs, err := source.Open(paths)
//	summary, err := match.Check(ctx, match.Options{Sent: match.FromCorpus(c), Outputs: source.Match(outputs)}, judge)
//	for _, o := range outputs { ... o.Cut(), o.Notes() ... }
package source

import (
	"context"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

// Records reads the records of a corpus, by segment and signal.
type Records struct {
	Corpus *corpus.Corpus
	Skip   func(segment uint64, sig otlp.Signal) bool // read, which shows damage, and not visited; nil: none
	Done   func()                                     // after each segment; may be nil
}

// Each calls visit with every record. An error of the corpus is an Error.
func (s *Records) Each(ctx context.Context, visit func(*match.Message) error) error {
	r, err := NewReader(s.Corpus)
	if err != nil {
		return err
	}
	for segment := range r.Segments() {
		if err := r.each(ctx, segment, s.Skip, visit); err != nil {
			return err
		}
		if s.Done != nil {
			s.Done()
		}
	}
	return nil
}

// Reader reads the records of single segments. It belongs to one goroutine.
type Reader struct {
	corpus *corpus.Corpus
	reader *corpus.Reader
	buffer []byte
}

// NewReader returns a reader.
func NewReader(c *corpus.Corpus) (*Reader, error) {
	r, err := c.NewReader()
	if err != nil {
		return nil, Error{err}
	}
	return &Reader{corpus: c, reader: r, buffer: make([]byte, 0, longest(c.Manifest()))}, nil
}

// Segments returns how many there are.
func (r *Reader) Segments() uint64 { return uint64(len(r.corpus.Manifest().Segments)) }

// Each calls visit with every record of a segment, by signal. An error of the corpus is an
// Error.
func (r *Reader) Each(ctx context.Context, segment uint64, visit func(*match.Message) error) error {
	return r.each(ctx, segment, nil, visit)
}

func (r *Reader) each(ctx context.Context, segment uint64, skip func(uint64, otlp.Signal) bool, visit func(*match.Message) error) error {
	o := &r.corpus.Manifest().Options
	format := o.OTLPFormat()
	for _, sig := range o.OTLPSignals() {
		if err := ctx.Err(); err != nil {
			return err
		}
		framed, err := r.reader.AppendSegment(r.buffer, segment, sig)
		if err != nil {
			return Error{err}
		}
		if skip != nil && skip(segment, sig) {
			continue
		}
		for rest := framed; len(rest) > 0; {
			var payload []byte
			if payload, rest, err = otlp.NextFrame(rest, format); err != nil {
				return Error{fmt.Errorf("read segment %d: %s: %w", segment, sig, err)}
			}
			if err := visit(&match.Message{Signal: sig, Format: format, Payload: payload}); err != nil {
				return err
			}
		}
	}
	return nil
}

// mostBuffer bounds what is made room for by the word of a manifest alone.
const mostBuffer = 64 << 20

// longest returns how long the segments of a corpus are at most: with room for all of
// them, none has to be made for each.
func longest(m *corpus.Manifest) (n uint64) {
	for i := range m.Segments {
		for _, f := range m.Segments[i].Files {
			n = max(n, f.Bytes)
		}
	}
	return min(n, mostBuffer)
}

// Error is an error of what is read, not of who visits it.
type Error struct{ Err error }

func (e Error) Error() string { return e.Err.Error() }
func (e Error) Unwrap() error { return e.Err }
