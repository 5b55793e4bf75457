package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// verify checks a corpus and prints all that is wrong with it.
func (a *app) verify(ctx context.Context) error {
	dir := a.dirs[0]
	start := a.now()
	progress := a.newProgress("segments")
	o := corpus.VerifyOptions{Dir: dir, Workers: a.workers, Progress: progress.update}
	counts := newCardinality()
	m, unread := corpus.ReadManifest(dir)
	var groups []corpus.Group
	if unread == nil {
		groups = conformance(&o, m, counts)
	}
	if a.regenerate {
		if unread != nil {
			return inputError(fmt.Sprintf("verify %s: it cannot be made again: %v", dir, unread))
		}
		more, err := a.remake(&o, m)
		if err != nil {
			return err
		}
		groups = append(groups, more...)
	}
	r, err := corpus.Verify(ctx, o)
	progress.end()
	interrupted := err != nil && ctx.Err() != nil
	switch {
	case interrupted && r != nil:
	case errors.Is(err, corpus.ErrIncomplete), interrupted:
		return err
	case err != nil:
		return inputError(err.Error())
	}
	if unread == nil {
		groups = append(groups, counts.findings(m)...)
	}
	total := a.printFindings(append(groups, r.Groups...))
	judged := fmt.Sprintf("%s, %s, %s, %s, %s", text.Counted(r.Segments, "segment"), text.Counted(r.Records, "record"),
		text.Counted(r.Spans, "span"), text.Counted(r.Points, "point"), text.Counted(r.LogRecords, "log record"))
	switch {
	case interrupted:
		return fmt.Errorf("interrupted: of corpus %s no more than %s were judged, with %s", dir, judged, text.Counted(total, "finding"))
	case total > 0:
		return fmt.Errorf("corpus %s: %s in %s", dir, text.Counted(total, "finding"), judged)
	}
	a.notef("corpus %s: no findings in %s, %v", text.Clean(dir), judged, text.Rough(a.now().Sub(start)))
	return nil
}

// printFindings prints findings by rule, some of each, and returns how many
// there are.
func (a *app) printFindings(groups []corpus.Group) (total uint64) {
	for _, g := range groups {
		total += g.Count
		fmt.Fprintf(a.out, "%s: %s\n", text.Clean(g.Rule), text.Counted(g.Count, "finding"))
		for _, f := range g.Examples {
			fmt.Fprintf(a.out, "  %v\n", f)
		}
		if more := g.Count - uint64(len(g.Examples)); more > 0 {
			fmt.Fprintf(a.out, "  and %s more\n", text.Grouped(more))
		}
	}
	return total
}

// found returns the group of one finding about a file of the corpus.
func found(rule, file, path, format string, args ...any) corpus.Group {
	f := corpus.Finding{
		Rule: rule, File: file, Path: path, Segment: -1, Iteration: -1, Record: -1,
		Text: text.Line(fmt.Sprintf(format, args...), maxFindingText),
	}
	return corpus.Group{Rule: rule, Count: 1, Examples: []corpus.Finding{f}}
}

// maxFindingText bounds the text of a finding.
const maxFindingText = 1000
