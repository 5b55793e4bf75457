package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/differ"
	"github.com/otelsim/otelsim/pkg/match/source"
)

// diff compares two corpora, or what pipelines wrote, by what is in them.
func (a *app) diff(ctx context.Context) error {
	var sides [2]*diffSide
	for i, path := range a.dirs {
		var err error
		if sides[i], err = openSide(path); err != nil {
			return inputError(err.Error())
		}
	}
	start := a.now()
	r, err := a.differ(ctx, sides[0], sides[1])
	var read source.Error
	var file *fs.PathError
	switch {
	case err == nil:
	case ctx.Err() != nil:
		return errors.New("interrupted: nothing can be said of the rest")
	case errors.As(err, &read), !errors.As(err, &file): // or a message that cannot be read
		return inputError(err.Error())
	default:
		return err
	}
	if err := a.tellDiff(r); err != nil {
		return err
	}
	if r.Equal() {
		a.notef("equal: %s, %v", compared(r), text.Rough(a.now().Sub(start)))
		return nil
	}
	return fmt.Errorf("%s and %s differ: %s", a.dirs[0], a.dirs[1], differences(r))
}

// differ compares by items where both sides have them, else by manifest.
func (a *app) differ(ctx context.Context, x, y *diffSide) (*differ.Result, error) {
	ma, mb := x.manifest, y.manifest
	switch {
	case ma != nil && mb != nil && (x.corpus == nil || y.corpus == nil || ma.Seed != mb.Seed):
		r, err := differ.Manifests(ma, mb, x.side(), y.side())
		if err != nil {
			err = source.Error{Err: fmt.Errorf("%s and %s: %w", x.path, y.path, err)}
		}
		return r, err
	case ma != nil && x.corpus == nil, mb != nil && y.corpus == nil:
		return nil, source.Error{Err: errors.New("a manifest can be compared with another manifest or with a corpus only")}
	}
	o := differ.Options{A: x.side(), B: y.side()}
	notes := o.Set(ma, mb)
	if len(o.Signals) == 0 {
		return nil, source.Error{Err: errors.New(strings.Join(notes, "; ") + ": there is nothing left to compare")}
	}
	same := knowSame(x, y, o.Signals)
	progress := a.newProgress("segments")
	total, done := uint64(0), uint64(0)
	for _, s := range []*diffSide{x, y} {
		if s.corpus != nil {
			total += uint64(len(s.manifest.Segments))
		}
	}
	step := func() {
		done++
		progress.update(done, total)
	}
	d := differ.New(o)
	sum, err := match.Diff(ctx, match.DiffOptions{A: x.outputs(step), B: y.outputs(step), Signals: o.Signals, Workers: a.workers}, d)
	progress.end()
	if err != nil {
		return nil, err
	}
	for sig, n := range same {
		sum.Sent[sig] += n
		sum.Received[sig] += n
	}
	if sum.Sent == [otlp.NumSignals]uint64{} && sum.Received == sum.Sent {
		return nil, source.Error{Err: fmt.Errorf("%s and %s hold nothing that could be compared", x.path, y.path)}
	}
	r := d.Result(sum)
	r.Notes = append(append(notes, x.notes...), append(y.notes, r.Notes...)...)
	if ma != nil && mb != nil {
		r.Headers = differ.Headers(&ma.Header, &mb.Header)
	}
	return r, nil
}

// tellDiff prints the result in the form that was asked for.
func (a *app) tellDiff(r *differ.Result) error {
	switch a.reportAs.value {
	case reportJSON:
		return r.WriteJSON(a.out)
	case reportJUnit:
		return r.WriteJUnit(a.out)
	}
	return r.WriteText(a.out)
}

// compared says how much was compared.
func compared(r *differ.Result) string {
	var parts []string
	for _, sig := range r.Signals {
		parts = append(parts, text.Counted(r.Items[sig][0], sig.Item()))
	}
	return strings.Join(parts, ", ")
}

// differences says how much differs.
func differences(r *differ.Result) string {
	var parts []string
	for _, k := range []differ.Kind{differ.Changed, differ.OnlyA, differ.OnlyB} {
		if n := r.Count(k); n > 0 {
			parts = append(parts, text.Counted(n, "item")+" "+k.Words(r.Unread))
		}
	}
	if parts == nil {
		return text.Counted(len(r.Headers), "field") + " of the manifest"
	}
	return strings.Join(parts, ", ")
}
