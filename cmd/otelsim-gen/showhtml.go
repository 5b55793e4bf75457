package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/pkg/show"
)

// showHTML draws one iteration as a page. The place is looked at first, so that
// a path that cannot be written is found before any work; "-" is stdout.
func (a *app) showHTML(ctx context.Context) error {
	to, err := a.openPage()
	if err != nil {
		return err
	}
	return errors.Join(to.Write(func(w io.Writer) error { return a.drawSession(ctx, w) }), to.Close())
}

// drawSession writes the page of the wanted iteration.
func (a *app) drawSession(ctx context.Context, w io.Writer) error {
	return a.eachSession(ctx, func(s *show.Session) error {
		if err := s.WritePage(w); err != nil {
			return fmt.Errorf("write --html: %w", err)
		}
		return nil
	})
}
