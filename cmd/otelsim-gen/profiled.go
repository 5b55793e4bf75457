package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/source"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// profiled is telemetry that was read, and what it is like.
type profiled struct {
	name   string // the paths
	whole  *profile.Profile
	halves [2]*profile.Profile // of its traces; nil where nobody asked for them
	notes  []string            // a person should know
}

// readingMemory is from which size of the process on garbage is collected more often
// while telemetry is read, in bytes. It takes a twentieth more of the processors' time
// where there is much of that, and keeps the process within 512 MB.
const readingMemory = 400 << 20

// profile reads what is at some paths, all of them together, and tells how far it is.
// What is wrong with them is an inputError.
func (a *app) profile(ctx context.Context, paths []string, halves bool) (*profiled, error) {
	if os.Getenv("GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(readingMemory))
	}
	progress := a.newProgress("")
	in, err := intake.Open(paths, intake.Options{Progress: func(p intake.Progress) { progress.part(itemsRead(p.Items), p.Share) }})
	if err != nil {
		return nil, inputError(err.Error())
	}
	out := &profiled{name: strings.Join(paths, ", ")}
	if halves {
		out.whole, out.halves, err = profile.ReadHalves(ctx, in, profile.Options{}, a.workers)
	} else {
		out.whole, err = profile.Read(ctx, in, profile.Options{}, a.workers)
	}
	progress.end()
	if err != nil {
		return nil, a.unread(ctx, err)
	}
	out.notes = in.Notes()
	for _, note := range out.notes {
		a.notef("note: %s", note)
	}
	return out, nil
}

// unread returns the error of a command that could not read its input: of the input, or
// of this machine.
func (a *app) unread(ctx context.Context, err error) error {
	var file *fs.PathError
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted: nothing can be said of the rest")
	case errors.As(err, new(source.Error)), errors.Is(err, intake.ErrNothing), !errors.As(err, &file):
		return inputError(err.Error())
	}
	return err
}

// itemsRead says how much was read.
func itemsRead(items [otlp.NumSignals]uint64) string {
	var parts []string
	for sig := range otlp.Signal(otlp.NumSignals) {
		if items[sig] > 0 {
			parts = append(parts, text.Counted(items[sig], sig.Item()))
		}
	}
	if parts == nil {
		return "nothing yet"
	}
	return fmt.Sprintf("%s read", strings.Join(parts, ", "))
}
