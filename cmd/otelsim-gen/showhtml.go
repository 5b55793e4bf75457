package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/internal/foreign"
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
	var page bytes.Buffer
	if err := s.WritePage(&page); err != nil {
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
