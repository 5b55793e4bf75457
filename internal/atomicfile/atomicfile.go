// Package atomicfile writes what a user wants in a file of a name: whole or not
// at all where that can be done, and never in place of something that is no
// regular file.
//
//	f, err := atomicfile.Open(path)  // before the work: is it a place to write to?
//	...
//	err = f.Write(content)           // after it
//
// A regular file, or none, is replaced by one that was written beside it and
// synced. Symbolic links are followed, and stay. FIFOs and character devices
// are written into. A regular file that cannot be replaced, since its directory
// is read-only or it is a mount, is written in place.
package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// File is a place to write to.
type File struct {
	path string
	fifo *os.File // opened at once when somebody reads it; else nil
}

// patience is how long Write waits for somebody to read a FIFO.
// Tests shorten it.
var patience = 5 * time.Second

// IsStdout reports whether path means stdout: "-", or a name of the same file,
// such as /dev/stdout. It would be wrong to open or replace that a second time:
// whatever else is written to stdout would be overwritten or lost.
func IsStdout(path string, stdout io.Writer) bool {
	if path == "-" {
		return true
	}
	f, ok := stdout.(*os.File)
	if !ok {
		return false
	}
	out, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(out, named)
}

// Open checks that path can be written to, and leaves what is there as it is.
// Close must follow.
func Open(path string) (*File, error) {
	p, err := look(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path}
	switch p.way {
	case replace:
		tmp, err := createBeside(p.target)
		if err == nil {
			return f, discard(tmp)
		}
		if !p.exists {
			return nil, err
		}
		return f, nil // look has found that it can be written in place
	case fifo:
		f.fifo, err = openFIFO(path)
		return f, err
	}
	w, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return f, w.Close()
}

// Write writes what content does, which must not keep the writer. What is at
// the path by now decides how.
func (f *File) Write(content func(io.Writer) error) error {
	var b bytes.Buffer
	if err := content(&b); err != nil {
		return err
	}
	p, err := look(f.path)
	if err != nil {
		return err
	}
	switch p.way {
	case replace:
		return p.replace(b.Bytes())
	case fifo:
		return f.writeFIFO(b.Bytes())
	}
	return into(f.path, os.O_WRONLY, b.Bytes())
}

// Close lets go of what was opened and not written.
func (f *File) Close() error {
	if f.fifo == nil {
		return nil
	}
	err := f.fifo.Close()
	f.fifo = nil
	return err
}

// way is how a place is written to.
type way uint8

const (
	replace way = iota
	through
	fifo
)

// place is what a path leads to.
type place struct {
	way    way
	target string // replace: the name behind all links
	exists bool
	mode   fs.FileMode // of what exists
}

// look finds out what path leads to.
func look(path string) (place, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		target, err := follow(path)
		return place{way: replace, target: target}, err
	}
	if err != nil {
		return place{}, err
	}
	p := place{way: through, exists: true, mode: info.Mode().Perm()}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return p, fmt.Errorf("%s: is a directory", path)
	case mode.IsRegular():
		// A file that may not be written to is not to be replaced either.
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return p, err
		}
		if err := w.Close(); err != nil {
			return p, err
		}
		p.way, p.target = replace, path
		if real, err := filepath.EvalSymlinks(path); err == nil {
			p.target = real
		}
		// The links of /proc lead to open files, whatever their text says.
		if there, err := os.Stat(p.target); err != nil || !os.SameFile(info, there) {
			p.way = through
		}
		return p, nil
	case mode&fs.ModeNamedPipe != 0:
		p.way = fifo
		return p, nil
	case mode&fs.ModeCharDevice != 0:
		return p, nil
	}
	return p, fmt.Errorf("%s: is no file to write a report to", path)
}

// mostLinks is how many links in a row are followed, as by the system.
const mostLinks = 40

// follow returns the name that is missing behind the links that begin at path.
func follow(path string) (string, error) {
	for range mostLinks {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.Mode()&fs.ModeSymlink == 0 {
			return path, nil
		}
		if err != nil {
			return "", err
		}
		to, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = dirOf(path) + to
		}
		path = to
	}
	return "", fmt.Errorf("%s: too many links", path)
}

// dirOf returns the part of path that a name can be appended to. It is not
// filepath.Dir, which takes ".." for the parent by name: behind a link it is
// another.
func dirOf(path string) string {
	dir, _ := filepath.Split(path)
	return dir
}

// replace puts a new file in the place of what is there, if anything.
func (p *place) replace(content []byte) error {
	tmp, err := createBeside(p.target)
	if err != nil {
		if p.exists {
			return into(p.target, os.O_WRONLY|os.O_TRUNC, content)
		}
		return err
	}
	_, err = tmp.Write(content)
	if err == nil && p.exists {
		err = tmp.Chmod(p.mode)
	}
	if err == nil {
		err = tmp.Sync() // some systems tell only now that there was no room
	}
	// Some systems rename no file that is open.
	if err = errors.Join(err, tmp.Close()); err != nil {
		return errors.Join(err, temporary.remove(tmp.Name()))
	}
	if err = temporary.rename(tmp.Name(), p.target); err == nil {
		return nil
	}
	removed := temporary.remove(tmp.Name())
	if now, serr := os.Lstat(p.target); p.exists && serr == nil && now.Mode().IsRegular() {
		return errors.Join(into(p.target, os.O_WRONLY|os.O_TRUNC, content), removed)
	}
	return errors.Join(err, removed)
}

// into writes into what is at path and stays.
func into(path string, flag int, content []byte) error {
	w, err := os.OpenFile(path, flag, 0)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return errors.Join(err, w.Close())
}

// openFIFO opens a FIFO for writing without waiting for a reader: nil when
// there is none.
func openFIFO(path string) (*os.File, error) {
	w, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ENXIO) {
		return nil, nil
	}
	return w, err
}

func (f *File) writeFIFO(content []byte) error {
	for began := time.Now(); f.fifo == nil; time.Sleep(10 * time.Millisecond) {
		var err error
		if f.fifo, err = openFIFO(f.path); err != nil {
			return err
		}
		if f.fifo == nil && time.Since(began) > patience {
			return fmt.Errorf("%s: nobody reads this FIFO (waited %v)", f.path, patience)
		}
	}
	_, err := f.fifo.Write(content)
	return errors.Join(err, f.Close())
}

// createBeside creates a temporary file in the directory of target, with the
// mode that a new file gets.
func createBeside(target string) (*os.File, error) {
	for range 1000 {
		name := dirOf(target) + "." + filepath.Base(target) + ".tmp-" + strconv.FormatUint(rand.Uint64(), 36)
		f, err := temporary.create(name)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		var named *fs.PathError
		if errors.As(err, &named) {
			named.Path = target // nobody asked for the other name
		}
		return f, err
	}
	return nil, fmt.Errorf("%s: no free name for a temporary file", target)
}

func discard(tmp *os.File) error {
	return errors.Join(tmp.Close(), temporary.remove(tmp.Name()))
}

// temporary are the temporary files of the process.
var temporary temporaries

// temporaries are files that must not be left behind.
type temporaries struct {
	mu    sync.Mutex
	names map[string]bool
	over  bool
}

func (t *temporaries) create(name string) (*os.File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return nil, fmt.Errorf("%s: the program is ending", name)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		if t.names == nil {
			t.names = map[string]bool{}
		}
		t.names[name] = true
	}
	return f, err
}

func (t *temporaries) rename(name, to string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := os.Rename(name, to); err != nil {
		return err
	}
	delete(t.names, name)
	return nil
}

func (t *temporaries) remove(name string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.names[name] {
		return nil
	}
	delete(t.names, name)
	return os.Remove(name)
}

// Abandon removes the temporary files of every File and lets none be made from
// now on: for a program that is about to end in the middle of its work.
func Abandon() {
	t := &temporary
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	for name := range t.names {
		_ = os.Remove(name) // there is nobody left to tell
	}
	t.names = nil
}
