package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/text"
)

// showHTML draws one iteration as a page. The place is looked at first, so that
// a path that cannot be written is found before any work; "-" is stdout.
func (a *app) showHTML() error {
	if atomicfile.IsStdout(a.html, a.stdout) {
		return a.drawSession(a.out)
	}
	f, err := atomicfile.Open(a.html)
	if err != nil {
		return usagef("--html: %s", text.Clean(err.Error()))
	}
	return errors.Join(f.Write(a.drawSession), f.Close())
}

// drawSession writes the page of the wanted iteration.
func (a *app) drawSession(w io.Writer) error {
	s, err := a.wantedSession()
	if err != nil {
		return err
	}
	if err := s.WritePage(w); err != nil {
		return fmt.Errorf("write --html: %w", err)
	}
	return nil
}
