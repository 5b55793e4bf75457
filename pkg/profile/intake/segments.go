package intake

import (
	"context"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/source"
)

// found is what a worker has met in a segment.
type found struct {
	faults Faults
	counts [otlp.NumSignals]uint64
}

// segments hands over what a corpus holds, without a temporary file: a trace of a corpus
// is whole in one segment, as is all of an iteration. Each visitor has a worker of its
// own, which gets all that is in a segment.
func (in *Input) segments(ctx context.Context, c *corpus.Corpus, visitors []Visitor) error {
	free := make(chan Visitor, len(visitors))
	for _, v := range visitors {
		free <- v
	}
	n := uint64(len(c.Manifest().Segments))
	return pipeline.Ordered(ctx, len(visitors), n,
		func() (func(uint64) (found, error), error) { return in.segmenter(ctx, c, <-free) },
		func(segment uint64, of found) error {
			in.faults.Add(of.faults)
			for sig, n := range of.counts {
				in.counts[sig] += n
			}
			if in.o.Progress != nil {
				in.o.Progress(Progress{Items: in.counts, Share: float64(segment+1) / float64(n)})
			}
			return nil
		})
}

// segmenter returns a worker that hands over what a segment holds.
func (in *Input) segmenter(ctx context.Context, c *corpus.Corpus, v Visitor) (func(uint64) (found, error), error) {
	reader, err := source.NewReader(c)
	if err != nil {
		return nil, err
	}
	a := &assembler{partition: partition{limits: in.limits}, visitor: v}
	r := newReceiver(v, in.mostParts, a.keepCopy)
	a.parts = r.parts
	return func(segment uint64) (found, error) {
		a.partition.reset()
		a.faults, r.faults, r.counts = Faults{}, Faults{}, [otlp.NumSignals]uint64{}
		err := reader.Each(ctx, segment, func(m *match.Message) error {
			if err := r.message(m); err != nil {
				return fmt.Errorf("read segment %d: %w", segment, err)
			}
			return nil
		})
		if err != nil {
			return found{}, err
		}
		a.sort()
		a.visitAll()
		a.faults.Add(r.faults)
		return found{a.faults, r.counts}, nil
	}, nil
}
