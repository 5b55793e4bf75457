package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/internal/foreign"
)

// reportFile is where a report goes, if anywhere. It is opened before anything
// is sent, so that a bad path is found then, and appears under its name when
// it is complete.
type reportFile struct {
	flag, path string
	tmp        *os.File
}

// openReport opens the file that a flag names; an empty path is none.
func openReport(flag, path string) (*reportFile, error) {
	if path == "" {
		return &reportFile{}, nil
	}
	path, err := foreign.Resolve(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s %s: is a directory", flag, path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return &reportFile{flag, path, f}, nil
}

// write writes what content does, if there is a file to write.
func (r *reportFile) write(content func(io.Writer) error) error {
	if r.tmp == nil {
		return nil
	}
	var b bytes.Buffer
	err := content(&b)
	if err == nil {
		_, err = r.tmp.Write(b.Bytes())
	}
	if err == nil {
		err = r.tmp.Chmod(0o644)
	}
	if err == nil {
		// Some systems tell only now that there was no room.
		err = r.tmp.Sync()
	}
	// Some systems rename no file that is open.
	tmp := r.tmp
	r.tmp = nil
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), r.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write report: %s: %w", r.flag, err), os.Remove(tmp.Name()))
	}
	return nil
}

// close removes what was not written.
func (r *reportFile) close() error {
	if r.tmp == nil {
		return nil
	}
	err := errors.Join(r.tmp.Close(), os.Remove(r.tmp.Name()))
	r.tmp = nil
	return err
}

// samePath reports whether two paths that were given are one file.
func samePath(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, aerr := foreign.Resolve(a)
	b, berr := foreign.Resolve(b)
	return aerr == nil && berr == nil && a == b
}
