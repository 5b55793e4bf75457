package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/rlimit"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// generate writes a corpus.
func (a *app) generate(ctx context.Context) error {
	defer rlimit.Garbage(garbagePercent)()
	plan, err := a.plan()
	if err != nil {
		return err
	}
	if err := checkCount(plan); err != nil {
		return err
	}
	if a.dryRun {
		return a.dry(ctx, plan)
	}
	if err := a.write(ctx, plan); err != nil {
		return a.explainWrite(ctx, err)
	}
	return nil
}

// garbagePercent is how much of what is in use garbage may come to before it is collected.
// What a run has in use is made once, and what it leaves behind on the way there is not
// worth the twenty collections that it would get by default: a tenth of a short run.
const garbagePercent = 400

// write writes the corpus and says what it came to.
func (a *app) write(ctx context.Context, plan *otelsim.Plan) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	start := a.now()
	trees, err := a.newTrees(plan)
	if err != nil {
		return err
	}
	info, err := a.buildInfo()
	if err != nil {
		return err
	}
	var progress *progress
	if trees == nil { // which would be torn apart by a status line
		progress = a.newProgress("segments")
	}
	iterations := plan.Header().Options.SegmentIterations
	m, err := plan.Write(ctx, otelsim.WriteOptions{
		Dir:         a.output,
		BuildInfo:   info,
		Compression: a.compression.value,
		Level:       a.level.value,
		Workers:     a.workers,
		Shard:       corpus.Shard{Index: a.shard.index, Count: a.shard.of},
		Resume:      a.resume,
		Force:       a.force,
		Progress: func(done, total, kept uint64) {
			if done == kept {
				progress.keep(done)
			}
			progress.update(done, total)
			if err := trees.print(done * iterations); err != nil {
				cancel(err)
			}
		},
	})
	progress.end()
	if err != nil {
		return err
	}
	// A corpus that was finished before makes no progress.
	if err := trees.print(plan.Count()); err != nil {
		return err
	}
	a.summarize(m, start)
	return a.checkContent(m)
}

// explainWrite says what can be done about a corpus that was not written.
func (a *app) explainWrite(ctx context.Context, err error) error {
	var exists *corpus.ExistsError
	switch {
	case errors.As(err, &exists):
		return usagef("%w: %s", err, insteadOf(exists))
	case errors.Is(err, corpus.ErrMismatch), errors.Is(err, corpus.ErrVersion),
		errors.Is(err, syscall.ENOTDIR), errors.Is(err, foreign.ErrDotDot):
		return usageError{err}
	case errors.Is(err, corpus.ErrLocked), errors.Is(err, corpus.ErrCorrupt), errors.Is(err, corpus.ErrContent):
		return err // the same command would meet the same
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("interrupted: %s is not complete", a.output)
	}
	if _, missing := os.Stat(a.output); missing == nil {
		fmt.Fprintf(a.errOut, "complete it with: %s\n", text.Clean(shellLine(resumeArgs(a.args))))
	}
	return err
}

// insteadOf says what a run could do that may not write into a directory.
func insteadOf(e *corpus.ExistsError) string {
	switch {
	case e.CanResume && e.CanReplace:
		return "choose another, or give --resume to complete or --force to replace it"
	case e.CanResume:
		return "choose another, or give --resume to complete it"
	case e.CanReplace:
		return "choose another, or give --force to replace it"
	}
	return "choose another"
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

// trees prints the iterations of a run while their segments are written. They
// are generated once more for it, which keeps printing out of the writer. A
// nil one prints nothing.
type trees struct {
	app       *app
	plan      *otelsim.Plan
	generator *otelsim.Generator
	next      uint64 // iteration
	text      []byte
}

// newTrees returns what --show-spans and --show-full-spans print, or nil.
func (a *app) newTrees(plan *otelsim.Plan) (*trees, error) {
	if !a.showSpans && !a.showFullSpans {
		return nil, nil
	}
	g, err := plan.NewGenerator()
	return &trees{app: a, plan: plan, generator: g}, err
}

// print prints the iterations below limit that are not printed yet.
func (t *trees) print(limit uint64) (err error) {
	if t == nil {
		return nil
	}
	for ; t.next < min(limit, t.plan.Count()); t.next++ {
		s := sessionOf(t.generator, t.plan, t.next)
		if t.text, err = s.AppendText(t.text[:0], t.app.showFullSpans); err != nil {
			return err
		}
		if _, err := t.app.out.Write(append(t.text, '\n')); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	if err := t.app.out.Flush(); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// itemsOf names what records hold, by signal.
var itemsOf = map[string]string{"traces": "span", "metrics": "point", "logs": "log record"}

// summarize says what was written.
func (a *app) summarize(m *corpus.Manifest, start time.Time) {
	var records, bytes uint64
	items := ""
	for _, t := range m.Totals {
		records, bytes = records+t.Records, bytes+t.Bytes
		items += text.Counted(t.Items, itemsOf[t.Signal]) + ", "
	}
	what := "corpus"
	if a.shard.of > 0 {
		what = "shard " + a.shard.String() + " of corpus"
	}
	a.notef("%s %s: %s, %s records, %s%s of content in %v", what, a.output,
		text.Counted(len(m.Segments), "segment"), text.Grouped(records), items, text.Size(bytes), text.Rough(a.now().Sub(start)))
	if a.shard.of > 0 {
		a.notef("when all shards are written: %s", shellLine([]string{"seal", a.output}))
	}
}
