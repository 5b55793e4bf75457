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

// eachRecord calls visit with every record of a corpus, by segment and signal.
func eachRecord(ctx context.Context, c *corpus.Corpus, visit func(*match.Message) error) error {
	r, err := c.NewReader()
	if err != nil {
		return err
	}
	m := c.Manifest()
	format := m.Options.OTLPFormat()
	var framed []byte
	for segment := range uint64(len(m.Segments)) {
		for sig := range otlp.Signal(otlp.NumSignals) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if framed, err = r.AppendSegment(framed[:0], segment, sig); err != nil {
				return err
			}
			for rest := framed; len(rest) > 0; {
				var payload []byte
				if payload, rest, err = otlp.NextFrame(rest, format); err != nil {
					return fmt.Errorf("read segment %d: %s: %w", segment, sig, err)
				}
				if err := visit(&match.Message{Signal: sig, Format: format, Payload: payload}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
