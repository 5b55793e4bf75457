//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// fileLock is a flock: the kernel releases it when the process dies.
type fileLock struct{ f *os.File }

// acquire locks the file at path, which it creates, shared with others or
// alone, without waiting: ErrLocked when somebody else has it. A link is not
// followed: what it points to is not in the directory.
func acquire(path string, shared bool) (*fileLock, error) {
	how := syscall.LOCK_EX
	if shared {
		how = syscall.LOCK_SH
	}
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|nofollow, 0o666)
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if errors.Is(err, errors.ErrUnsupported) {
			return &fileLock{f}, nil // a file system without locks
		}
		if err != nil {
			if errors.Is(err, syscall.EWOULDBLOCK) {
				err = ErrLocked
			}
			return nil, errors.Join(err, f.Close())
		}
		// The holder before may have removed the file between the two calls;
		// then this lock is on a file that no one else will find.
		same, err := isAt(f, path)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if same {
			return &fileLock{f}, nil
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

func isAt(f *os.File, path string) (bool, error) {
	have, err := f.Stat()
	if err != nil {
		return false, err
	}
	there, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && os.SameFile(have, there), err
}

// release gives the lock up and removes its file, unless others hold it too.
func (l *fileLock) release(before func(op, name string) error) error {
	var err error
	if syscall.Flock(int(l.f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		if err = before("unlock", l.f.Name()); err == nil {
			err = os.Remove(l.f.Name())
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil // the directory has vanished, or it was replaced
		}
	}
	if err = errors.Join(err, l.f.Close()); err != nil {
		return fmt.Errorf("unlock: %w", err)
	}
	return nil
}
