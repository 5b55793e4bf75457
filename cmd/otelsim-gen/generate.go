package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// generate writes a corpus.
func (a *app) generate(ctx context.Context) error {
	plan, in, err := a.plan()
	if err != nil {
		return err
	}
	run := a.buildRun(plan)
	// A run that cannot be is refused before anything is written.
	probe, err := build.NewGenerator(plan, run)
	if err != nil {
		return usageError{err}
	}
	if a.dryRun {
		return a.dry(ctx, plan, run)
	}
	start := a.now()
	progress := a.newProgress("segments")
	m, err := corpus.Write(ctx, corpus.WriteOptions{
		Dir:         a.output,
		Header:      a.header(plan, run),
		Conventions: in.Semconv.Data,
		BuildInfo:   a.buildInfo(),
		Compression: a.compression.value,
		Level:       a.level.value,
		Workers:     a.workers,
		Shard:       corpus.Shard{Index: a.shard.index, Count: a.shard.of},
		Resume:      a.resume,
		Force:       a.force,
		NewFill: func() (corpus.Fill, error) {
			g, err := build.NewGenerator(plan, run)
			if err != nil {
				return nil, err
			}
			return func(segment uint64, seg *otlp.Segment) error { return g.AppendSegment(seg, segment) }, nil
		},
		Progress: progress.update,
	})
	progress.end()
	if err != nil {
		return a.explainWrite(ctx, err)
	}
	if a.showSpans || a.showFullSpans {
		if err := a.printTrees(ctx, probe, plan, run); err != nil {
			return err
		}
	}
	a.summarize(m, start)
	return nil
}

// explainWrite says what can be done about a corpus that was not written.
func (a *app) explainWrite(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, corpus.ErrExists):
		return usagef("%w: choose another, or give --resume to complete or --force to replace a corpus", err)
	case errors.Is(err, corpus.ErrMismatch), errors.Is(err, corpus.ErrVersion):
		return usageError{err}
	case errors.Is(err, corpus.ErrLocked):
		return err
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %s is not complete", a.output)
	}
	fmt.Fprintf(a.errOut, "complete it with: %s\n", shellLine(resumeArgs(a.args)))
	return err
}

// resumeArgs returns the command line that completes what args began.
func resumeArgs(args []string) []string {
	// At the front, where no verb and no lone -- can change its meaning.
	resumed := []string{"--resume"}
	for _, arg := range args {
		if arg != "--resume" && arg != "--force" && !strings.HasPrefix(arg, "--force=") && !strings.HasPrefix(arg, "--resume=") {
			resumed = append(resumed, arg)
		}
	}
	return resumed
}

// printTrees prints every iteration of the run, in order.
func (a *app) printTrees(ctx context.Context, g *build.Generator, plan *build.Plan, run build.Run) error {
	var text []byte
	var err error
	for i := range run.Count {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted: printed %d of %d iterations", i, run.Count)
		}
		text, err = sessionOf(g, plan, run.Seed, i).appendText(text[:0], a.showFullSpans)
		if err != nil {
			return err
		}
		if _, err := a.out.Write(append(text, '\n')); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return nil
}
