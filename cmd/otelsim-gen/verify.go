package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/verify"
)

// verify checks a corpus and prints all that is wrong with it.
func (a *app) verify(ctx context.Context) error {
	dir := a.dirs[0]
	start := a.now()
	progress := a.newProgress("segments")
	o := verify.Options{Workers: a.workers, Progress: progress.update}
	switch {
	case a.regenerate:
		in, _ := a.inputs("semconv", "definitions") // the manifest says the prefix
		if err := a.problems(&a.found); err != nil {
			return err
		}
		o.Inputs, o.Registry = &in, in.Registry
	case len(a.registries) > 0:
		o.Registry, _ = a.layeredRegistries(&a.found) // a problem says what could not be read
		if err := a.problems(&a.found); err != nil {
			return err
		}
	}
	o.Coverage = a.own
	r, err := verify.Corpus(ctx, dir, o)
	progress.end()
	interrupted := err != nil && ctx.Err() != nil
	var bad *otelsim.InputError
	switch {
	case interrupted && r != nil:
	case errors.Is(err, corpus.ErrIncomplete), interrupted:
		return err
	case errors.As(err, &bad):
		_ = a.found.AddErr(err) // it is of problems
		return a.problems(&a.found)
	case err != nil:
		return inputError(err.Error())
	}
	if err := a.tell(r, interrupted); err != nil {
		return err
	}
	judged := fmt.Sprintf("%s, %s, %s, %s, %s", text.Counted(r.Segments, "segment"), text.Counted(r.Records, "record"),
		text.Counted(r.Spans, "span"), text.Counted(r.Points, "point"), text.Counted(r.LogRecords, "log record"))
	switch {
	case interrupted:
		return fmt.Errorf("interrupted: of corpus %s no more than %s were judged, with %s", dir, judged, text.Counted(r.Count, "finding"))
	case r.Count > 0:
		return fmt.Errorf("corpus %s: %s in %s", dir, text.Counted(r.Count, "finding"), judged)
	}
	a.notef("corpus %s: no findings in %s, %v", text.Clean(dir), judged, text.Rough(a.now().Sub(start)))
	return nil
}

// tell prints what was found, in the form that was asked for. A report of no
// more than a part would say of the rest that nothing is wrong with it.
func (a *app) tell(r *verify.Report, part bool) error {
	switch {
	case a.reportAs.value == reportText:
		a.printFindings(r.Groups)
		if r.Coverage != nil && !part && !a.quiet {
			fmt.Fprintln(a.out, strings.Join(r.Coverage.Lines(), "\n"))
		}
	case part:
	case a.reportAs.value == reportJSON:
		return r.WriteJSON(a.out)
	default:
		return r.WriteJUnit(a.out)
	}
	return nil
}

// The forms of reports.
const (
	reportText  = "text"
	reportJSON  = "json"
	reportJUnit = "junit"
)

// printFindings prints findings by rule, some of each.
func (a *app) printFindings(groups []verify.Group) {
	for _, g := range groups {
		fmt.Fprintf(a.out, "%s: %s\n", text.Clean(g.Rule), text.Counted(g.Count, "finding"))
		for _, f := range g.Examples {
			fmt.Fprintf(a.out, "  %v\n", f)
		}
		if more := g.Count - uint64(len(g.Examples)); more > 0 {
			fmt.Fprintf(a.out, "  and %s more\n", text.Grouped(more))
		}
	}
}
