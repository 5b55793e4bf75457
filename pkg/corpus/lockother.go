//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// fileLock is a file that exists while the lock is held. Where there is no
// flock, a run that was killed leaves it behind, to be removed by hand.
type fileLock struct{ path string }

// acquire creates the file at path: ErrLocked when it is there. A shared lock
// is not kept at all, so only runs of one shard exclude each other.
func acquire(path string, shared bool) (*fileLock, error) {
	if shared {
		return &fileLock{}, nil
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("%w, or one was killed: if so, remove %s", ErrLocked, path)
	}
	if err != nil {
		return nil, err
	}
	return &fileLock{path}, f.Close()
}

// release removes the file.
func (l *fileLock) release(before func(op, name string) error) error {
	if l.path == "" {
		return nil
	}
	if err := before("unlock", l.path); err != nil {
		return err
	}
	if err := os.Remove(l.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}
