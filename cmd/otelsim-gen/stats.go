package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/otelsim/otelsim/pkg/profile/stats"
	"github.com/otelsim/otelsim/pkg/profile/stats/page"
)

// stats tells what is in data: as text, or as JSON and as a page. The place of the
// page is looked at before any work.
func (a *app) stats(ctx context.Context) (err error) {
	to, err := a.openPage()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	data, err := a.profile(ctx, a.dirs, false)
	if err != nil {
		return err
	}
	r := stats.Of(data.whole)
	if a.json {
		if err := r.WriteJSON(a.out); err != nil {
			return err
		}
	}
	switch {
	case a.html != "":
		p := page.Page{Report: r, Title: data.name, Notes: data.notes, Program: program()}
		if err := to.Write(p.Write); err != nil {
			return fmt.Errorf("write --html: %w", err)
		}
	case !a.json:
		top := a.top
		if a.allEntries {
			top = 0
		}
		return r.WriteText(a.out, top)
	}
	return nil
}
