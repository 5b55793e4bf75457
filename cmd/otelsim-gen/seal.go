package main

import (
	"context"
	"errors"
	"io/fs"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// seal joins the shards of a corpus.
func (a *app) seal(ctx context.Context) error {
	info, err := a.buildInfo()
	if err != nil {
		return err
	}
	progress := a.newProgress("segments")
	m, err := corpus.Seal(ctx, corpus.SealOptions{
		Dir:       a.dirs[0],
		BuildInfo: info,
		Workers:   a.workers,
		Progress:  progress.update,
	})
	progress.end()
	switch {
	case errors.Is(err, corpus.ErrCorrupt): // which a segment that is not there is
		return err
	case errors.Is(err, fs.ErrNotExist):
		return usageError{err}
	case err != nil:
		return err
	}
	a.notef("corpus %s: %s", a.dirs[0], text.Counted(len(m.Segments), "segment"))
	return nil
}
