package corpus

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/otelsim/otelsim/internal/foreign"
)

// disk is the directory of a corpus, changed only in ways that leave no half
// file under a final name. Names are slash-separated and below the directory,
// which is resolved: what is listed, read and written is in one place.
//
// It writes as internal/atomicfile does, and shares no code with it. A report may
// be written in place where nothing else is possible, and its temporary file goes
// when the program does. Here the names of temporary files are part of the
// format, so that the next run knows and removes what a crash has left, a name
// may have to stay as another shard has published it, entries of directories are
// synced too, and a fault can be planted between any two steps.
type disk struct {
	dir string // see openDisk
	// hook, when set, is called before each operation and its error taken for
	// the operation's: faults are tested with it. A write that it fails leaves
	// half of the data.
	hook func(op, name string) error
}

// openDisk returns the directory that a path names, which need not exist.
func openDisk(path string, hook func(op, name string) error) (*disk, error) {
	dir, err := foreign.Resolve(path)
	if err != nil {
		return nil, err
	}
	return &disk{dir: dir, hook: hook}, nil
}

// read appends the content of a file to dst. It must be a regular file of at
// most limit bytes.
func (d *disk) read(dst []byte, name string, limit int64) ([]byte, error) {
	return foreign.Append(dst, d.path(name), limit)
}

// unreadable reports whether an error of read says that what is there under the
// name is no file of a corpus, and will not be when it is read again.
func unreadable(err error) bool {
	return errors.Is(err, foreign.ErrSpecial) || errors.Is(err, foreign.ErrLimit) || errors.Is(err, foreign.ErrBinary)
}

// readText is read for text: without end, it is not read to its end.
func (d *disk) readText(dst []byte, name string, limit int64) ([]byte, error) {
	return foreign.AppendText(dst, d.path(name), limit)
}

func (d *disk) path(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

func (d *disk) before(op, name string) error {
	if d.hook == nil {
		return nil
	}
	if err := d.hook(op, name); err != nil {
		return &fs.PathError{Op: op, Path: d.path(name), Err: err}
	}
	return nil
}

func (d *disk) mkdir(name string) error {
	if err := d.before("mkdir", name); err != nil {
		return err
	}
	return os.MkdirAll(d.path(name), 0o777)
}

func (d *disk) remove(name string) error {
	if err := d.before("remove", name); err != nil {
		return err
	}
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// write puts a file of this content under a name, in place of one that may be
// there: beside, synced, renamed.
func (d *disk) write(name string, data []byte) error {
	tmp, err := d.writeTmp(name, data)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := d.rename(tmp, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// publish is write, except that it leaves a file that is there alone: the
// error is then fs.ErrExist.
func (d *disk) publish(name string, data []byte) error {
	tmp, err := d.writeTmp(name, data)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err = d.before("link", name); err == nil {
		err = os.Link(d.path(tmp), d.path(name))
	}
	if err == nil || errors.Is(err, fs.ErrExist) {
		return errors.Join(err, d.remove(tmp), d.syncDir(name))
	}
	// No links on this file system, or none allowed: the rename may replace
	// what another shard wrote in this very moment, which sealing will find.
	if err := d.rename(tmp, name); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

// writeTmp writes and syncs a file beside name and returns its name.
func (d *disk) writeTmp(name string, data []byte) (tmp string, err error) {
	var token [6]byte
	rand.Read(token[:]) // never fails
	dir, base := filepath.Split(filepath.FromSlash(name))
	tmp = filepath.ToSlash(dir + "." + base + tmpMark + hex.EncodeToString(token[:]))
	if err := d.before("create", tmp); err != nil {
		return "", err
	}
	f, err := os.OpenFile(d.path(tmp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return "", err
	}
	err = d.fill(f, tmp, data)
	if err = errors.Join(err, f.Close()); err != nil {
		// The error is what matters; a file that cannot be removed is swept by
		// the next run.
		_ = d.remove(tmp)
		return "", err
	}
	return tmp, nil
}

func (d *disk) fill(f *os.File, name string, data []byte) error {
	if err := d.before("write", name); err != nil {
		_, _ = f.Write(data[:len(data)/2])
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := d.before("sync", name); err != nil {
		return err
	}
	return f.Sync()
}

func (d *disk) rename(tmp, name string) error {
	err := d.before("rename", name)
	if err == nil {
		err = os.Rename(d.path(tmp), d.path(name))
	}
	if err != nil {
		_ = d.remove(tmp)
		return err
	}
	return d.syncDir(name)
}

// move gives a file that is there another name.
func (d *disk) move(from, to string) error {
	if err := d.before("rename", to); err != nil {
		return err
	}
	if err := os.Rename(d.path(from), d.path(to)); err != nil {
		return err
	}
	return d.syncDir(to)
}

// syncDir makes the entry of a file last through a power failure.
func (d *disk) syncDir(name string) error {
	if err := d.before("syncdir", name); err != nil {
		return err
	}
	// opens: a folder, of which nothing is read
	f, err := os.Open(filepath.Dir(d.path(name)))
	if err != nil {
		return err
	}
	err = f.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, syscall.EINVAL) || errors.Is(err, fs.ErrPermission) {
		err = nil // not every file system lets a directory be synced
	}
	return errors.Join(err, f.Close())
}

// appender appends lines to a file. The last one may be torn, by a crash or for
// want of room.
type appender struct {
	disk   *disk
	name   string
	f      *os.File
	failed error // nothing may stand behind a torn line, though there be room again
}

func (d *disk) appendTo(name string) (*appender, error) {
	if err := d.before("open", name); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.path(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND|nofollow, 0o666)
	if err != nil {
		return nil, err
	}
	return &appender{disk: d, name: name, f: f}, nil
}

// append appends a line. When it fails, every call after it does so too.
func (a *appender) append(line []byte) error {
	if a.failed != nil {
		return a.failed
	}
	if a.failed = a.disk.before("append", a.name); a.failed != nil {
		_, _ = a.f.Write(line[:len(line)/2])
		return a.failed
	}
	_, a.failed = a.f.Write(line)
	return a.failed
}

func (a *appender) close() error { return a.f.Close() }
