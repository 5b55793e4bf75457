package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/waterfall"
)

// showHTML draws one iteration as a page. The file is opened first, so that a
// path that cannot be written is found before any work, and has its name only
// when it is complete.
func (a *app) showHTML() error {
	path, err := foreign.Resolve(a.html)
	if err != nil {
		return usagef("--html: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return usagef("--html %s: is a directory", a.html)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-")
	if err != nil {
		return usagef("--html: %v", err)
	}
	err = errors.Join(a.drawSession(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// drawSession writes the page of the wanted iteration.
func (a *app) drawSession(f *os.File) error {
	s, err := a.wantedSession()
	if err != nil {
		return err
	}
	drawn, err := s.waterfall()
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := waterfall.Write(&page, drawn); err != nil {
		return err
	}
	if _, err = f.Write(page.Bytes()); err == nil {
		err = f.Chmod(0o644)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return fmt.Errorf("write --html: %w", err)
	}
	return nil
}

// waterfall returns the session for drawing.
func (s *session) waterfall() (*waterfall.Session, error) {
	out := &waterfall.Session{Title: s.scenario + ", iteration " + strconv.FormatUint(s.iteration, 10)}
	for i, turn := range s.turns {
		t, l := new(otlp.Traces), new(otlp.Logs)
		var d otlp.Decoder
		if err := d.Traces(t, turn.traces, otlp.FormatProto); err != nil {
			return nil, fmt.Errorf("decode turn %d: %w", i+1, err)
		}
		if err := d.Logs(l, turn.logs, otlp.FormatProto); err != nil {
			return nil, fmt.Errorf("decode logs of turn %d: %w", i+1, err)
		}
		inOrder(t.Spans)
		if i == 0 {
			out.Facts = []waterfall.Fact{
				{Name: "scenario", Value: s.scenario},
				{Name: "iteration", Value: fmt.Sprintf("%d of seed %d", s.iteration, s.seed)},
				{Name: "session", Value: stringAttr(t, s.prefix+".session.id")},
			}
		}
		out.Turns = append(out.Turns, waterfall.Turn{Request: stringAttr(t, s.prefix+".request.id"), Traces: t, Logs: l})
	}
	return out, nil
}
