package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/profile/stats"
	"github.com/otelsim/otelsim/pkg/profile/stats/page"
)

// stats tells what is in data: as text, or as JSON and as a page. The place of the
// page is looked at before any work.
func (a *app) stats(ctx context.Context) (err error) {
	var to *atomicfile.File
	stdout := a.html != "" && atomicfile.IsStdout(a.html, a.stdout)
	switch {
	case stdout && a.json:
		return usagef("--html cannot be stdout with --json, which is printed there")
	case a.html != "" && !stdout:
		if path := a.among(a.html); path != "" {
			return usagef("--html: %s is to be read: want a page elsewhere", text.Clean(path))
		}
		if to, err = atomicfile.Open(a.html); err != nil {
			return usagef("--html: %s", text.Clean(err.Error()))
		}
		defer func() { err = errors.Join(err, to.Close()) }()
	}
	data, err := a.profile(ctx, a.dirs)
	if err != nil {
		return err
	}
	r := stats.Of(data.whole)
	p := page.Page{Report: r, Title: data.name, Notes: data.notes, Program: program()}
	if a.json {
		if err := r.WriteJSON(a.out); err != nil {
			return err
		}
	}
	switch {
	case stdout:
		err = p.Write(a.out)
	case to != nil:
		err = to.Write(func(w io.Writer) error { return p.Write(w) })
	case !a.json:
		top := a.top
		if a.allEntries {
			top = 0
		}
		return r.WriteText(a.out, top)
	}
	if err != nil {
		return fmt.Errorf("write --html: %w", err)
	}
	return nil
}
