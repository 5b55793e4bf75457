// Package foreign is the one way in for bytes of the file system: paths mean what
// the system takes them for, only regular files are read, and never more of one
// than its reader can hold.
//
//	dir, err := foreign.Resolve(flag)                  // once; everything uses dir
//	data, err := foreign.Append(nil, dir+"/x", 1<<20)  // at most 1 MiB
//
// A pipe, a device or a socket under the name of a file could keep a reader
// waiting for ever or feed it for ever, and opening one may have an effect of
// its own. They are refused, and so are links to them; links to regular files
// are followed.
package foreign

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// ErrSpecial says that a name is not that of a regular file: of a folder, a
// pipe, a device or a socket. It is an answer to what is there, where other
// errors may be of the moment.
var ErrSpecial = errors.New("not a regular file")

// ErrLimit says that a file is longer than its reader allows.
var ErrLimit = errors.New("file over its limit")

// Open opens a regular file for reading and returns it with its size in bytes
// at that time. It never waits for another process. Anything else than a
// regular file is ErrSpecial. Errors are *fs.PathError with the path as given;
// the caller closes the file.
func Open(path string) (f *os.File, size int64, err error) {
	// Looked at first, since opening a device can do something by itself, and
	// once more when open, since it may be another one by then.
	info, err := os.Stat(path)
	if err != nil {
		if e, ok := err.(*fs.PathError); ok {
			e.Op = "open" // which it is for
		}
		return nil, 0, err
	}
	if err := regular(path, info); err != nil {
		return nil, 0, err
	}
	f, err = os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, 0, err
	}
	if info, err = f.Stat(); err == nil {
		err = regular(path, info)
	}
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// regular returns what keeps a file from being read.
func regular(path string, info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return nil
	}
	return &fs.PathError{Op: "open", Path: path, Err: fmt.Errorf("%w but %s", ErrSpecial, kind(info.Mode()))}
}

func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// ErrBinary says that a file holds what no text does.
var ErrBinary = errors.New("not a text")

// AppendText is Append for a file that must be text: one with a zero byte is
// ErrBinary. It is read in steps, so that a file of a great size with nothing
// in it, which takes no room on a disk, takes none in memory.
func AppendText(dst []byte, path string, limit int64) (data []byte, err error) {
	f, _, err := Open(path)
	if err != nil {
		return dst, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := dst
	for {
		have := len(out) - len(dst)
		out = slices.Grow(out, int(min(max(64<<10, int64(have)), limit-int64(have)+1)))
		n, err := f.Read(out[len(out):cap(out)])
		if bytes.IndexByte(out[len(out):len(out)+n], 0) >= 0 {
			return dst, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: it holds a zero byte", ErrBinary)}
		}
		out = out[:len(out)+n]
		switch {
		case int64(len(out)-len(dst)) > limit:
			return dst, over(path, int64(len(out)-len(dst)), limit)
		case err == io.EOF:
			return out, nil
		case err != nil:
			return dst, err
		}
	}
}

func over(path string, have, limit int64) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: %d bytes or more, at most %d are read", ErrLimit, have, limit)}
}

// Append appends the content of a regular file to dst. One of more than limit
// bytes is ErrLimit, of which little is read; dst is then returned as it was,
// as it is after any error.
func Append(dst []byte, path string, limit int64) (data []byte, err error) {
	f, size, err := Open(path)
	if err != nil {
		return dst, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if size > limit {
		return dst, over(path, size, limit)
	}
	b := bytes.NewBuffer(dst)
	b.Grow(int(size) + bytes.MinRead)
	// A file of some systems has content and no size, and any may grow now.
	n, err := b.ReadFrom(io.LimitReader(f, limit+1))
	if err == nil && n > limit {
		err = over(path, n, limit)
	}
	if err != nil {
		return dst, err
	}
	return b.Bytes(), nil
}
