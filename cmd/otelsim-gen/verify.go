package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// verify checks a corpus and prints all that is wrong with it.
func (a *app) verify(ctx context.Context) error {
	dir := a.dirs[0]
	start := a.now()
	progress := a.newProgress("segments")
	o := corpus.VerifyOptions{Dir: dir, Workers: a.workers, Progress: progress.update}
	counts, m := newCardinality(), readManifest(dir)
	if m != nil {
		conformance(&o, m, counts)
	}
	r, err := corpus.Verify(ctx, o)
	progress.end()
	switch {
	case errors.Is(err, corpus.ErrIncomplete):
		return err
	case err != nil && ctx.Err() == nil:
		return inputError(err.Error())
	case err != nil:
		return err
	}
	for _, f := range r.Findings {
		fmt.Fprintln(a.out, f)
	}
	over := []string(nil)
	if m != nil {
		over = counts.findings(m)
	}
	for _, text := range over {
		fmt.Fprintln(a.out, text)
	}
	if r.More > 0 {
		fmt.Fprintf(a.out, "and %s\n", plural(r.More, "more finding"))
	}
	if n := uint64(len(r.Findings)+len(over)) + r.More; n > 0 {
		return fmt.Errorf("corpus %s: %s", dir, plural(n, "finding"))
	}
	a.notef("corpus %s: no findings in %s, %s, %s, %v", dir,
		plural(r.Segments, "segment"), plural(r.Records, "record"), plural(r.Items, "item"), rounded(a.now().Sub(start)))
	return nil
}
