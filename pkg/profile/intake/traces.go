package intake

import (
	"context"
	"errors"

	"github.com/otelsim/otelsim/pkg/internal/pipeline"
	"github.com/otelsim/otelsim/pkg/internal/spill"
)

// traces is the second pass: it hands over all traces, a partition after the other. Each
// visitor has a worker of its own.
func (in *Input) traces(ctx context.Context, f *file, parts *parts, visitors []Visitor) error {
	workers := make(chan *assembler, len(visitors))
	for _, v := range visitors {
		workers <- &assembler{partition: partition{parts: parts, limits: in.limits}, visitor: v}
	}
	return pipeline.Ordered(ctx, len(visitors), f.Partitions(),
		func() (func(uint64) (Faults, error), error) {
			a := <-workers
			return func(n uint64) (Faults, error) {
				a.faults = Faults{}
				err := in.partition(ctx, a, f, n)
				return a.faults, err
			}, nil
		},
		func(n uint64, found Faults) error {
			in.faults.Add(found)
			if in.o.Progress != nil {
				in.o.Progress(Progress{Items: in.counts, Share: 0.5 + float64(n+1)/float64(f.Partitions())/2})
			}
			return nil
		})
}

// partition hands over the traces of a partition.
func (in *Input) partition(ctx context.Context, a *assembler, f *file, n uint64) (err error) {
	if f.Bytes(n) <= in.limits.partition {
		return a.visit(f, n)
	}
	parts := uint64(f.Bytes(n)/in.limits.partition)*4 + 1 // not all are of one length
	divided, err := spill.New[struct{}](in.o.TempDir, tempName, min(parts, partitions), blockBudget, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, divided.Close()) }()
	if err := a.divide(ctx, f, n, divided); err != nil {
		return err
	}
	for n := range divided.Partitions() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := a.visit(divided, n); err != nil {
			return err
		}
	}
	return nil
}

// visit hands over the traces of a partition that is short enough.
func (a *assembler) visit(f *file, n uint64) error {
	err := a.load(f, n)
	if err == nil {
		a.visitAll()
	}
	return err
}

// divide puts the records of a partition into those of another file, by other bits of
// the hash than those that brought them together.
func (a *assembler) divide(ctx context.Context, f *file, n uint64, to *file) (err error) {
	if a.chunks, err = f.Chunks(a.chunks[:0], n); err != nil {
		return err
	}
	var r record
	for _, c := range a.chunks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if a.data, err = f.Read(a.data[:0], c); err != nil {
			return err
		}
		for rest := a.data; len(rest) > 0; {
			if rest, err = r.next(rest); err != nil {
				return err
			}
			if err := r.put(to, spread(&r.trace)<<partitionBits>>32%to.Partitions()); err != nil {
				return err
			}
		}
	}
	return to.Finish()
}
