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
	r, err := s.Corpus.NewReader()
	if err != nil {
		return Error{err}
	}
	m := s.Corpus.Manifest()
	format := m.Options.OTLPFormat()
	buffer := make([]byte, 0, longest(m))
	for segment := range uint64(len(m.Segments)) {
		for _, sig := range m.Options.OTLPSignals() {
			if err := ctx.Err(); err != nil {
				return err
			}
			framed, err := r.AppendSegment(buffer, segment, sig)
			if err != nil {
				return Error{err}
			}
			if s.Skip != nil && s.Skip(segment, sig) {
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
		if s.Done != nil {
			s.Done()
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
