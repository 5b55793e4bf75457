//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// everyState are all states.
var everyState = []state{finished, halfWritten, inParts}

// path is that of a file of the victim.
func (v *victim) path(name string) string { return filepath.Join(v.dir, filepath.FromSlash(name)) }

// did notes what was done.
func (v *victim) did(format string, args ...any) bool {
	v.log = fmt.Sprintf(format, args...)
	return true
}

// files lists the regular files of the victim. Locks say nothing and are left
// out.
func (v *victim) files() (names []string) {
	err := filepath.WalkDir(v.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".lock") {
			rel, rerr := filepath.Rel(v.dir, path)
			names = append(names, filepath.ToSlash(rel))
			err = rerr
		}
		return err
	})
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("list %s: %v", v.dir, err))
	}
	return names
}

// file returns any file.
func (v *victim) file() string {
	names := v.files()
	return names[v.r.IntN(len(names))]
}

func (v *victim) read(name string) []byte {
	data, err := os.ReadFile(v.path(name))
	if err != nil {
		panic(err)
	}
	return data
}

func (v *victim) write(name string, data []byte) {
	if err := os.MkdirAll(filepath.Dir(v.path(name)), 0o777); err != nil {
		panic(err)
	}
	if err := os.WriteFile(v.path(name), data, 0o666); err != nil {
		panic(err)
	}
}

func (v *victim) remove(name string) {
	if err := os.Remove(v.path(name)); err != nil {
		panic(err)
	}
}

// fileTamperings change files and leave the rest as it is.
func fileTamperings() []tampering {
	return []tampering{
		{name: "flip", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			name := v.file()
			data := v.read(name)
			if len(data) == 0 {
				return false
			}
			at := v.r.IntN(len(data))
			data[at] ^= 1 << v.r.IntN(8)
			v.write(name, data)
			return v.did("%s, byte %d", name, at)
		}},
		{name: "truncate", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			name := v.file()
			data := v.read(name)
			if len(data) == 0 {
				return false
			}
			n := v.r.IntN(len(data))
			v.write(name, data[:n])
			return v.did("%s to %d bytes of %d", name, n, len(data))
		}},
		{name: "extend", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			name := v.file()
			more := make([]byte, 1+v.r.IntN(100))
			for i := range more {
				more[i] = byte(v.r.Uint32())
			}
			v.write(name, append(v.read(name), more...))
			return v.did("%s by %d bytes", name, len(more))
		}},
		{name: "swap", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			a, b := v.file(), v.file()
			x, y := v.read(a), v.read(b)
			if bytes.Equal(x, y) {
				return false
			}
			v.write(a, y)
			v.write(b, x)
			return v.did("%s and %s", a, b)
		}},
		{name: "remove", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			name := v.file()
			v.remove(name)
			return v.did("%s", name)
		}},
		{name: "special file", states: everyState, want: mustBeFound, apply: specialFile},
		{name: "stranger", states: everyState, want: mustBeFound, apply: func(v *victim) bool {
			names := []string{"x\x1b[31mred\nc: all is well", "traces/000777.pb", "notes.txt", "parts/9-of-9.json", "metrics/.000000.pb.tmp-00", "manifest.json.bak"}
			name := names[v.r.IntN(len(names))]
			v.write(name, []byte("stranger"))
			return v.did("%q", name)
		}},
		{name: "bomb", states: everyState, want: mustBeFound, apply: bomb},
	}
}

// specialFile puts something in place of a file that is none.
func specialFile(v *victim) bool {
	name := v.file()
	path := v.path(name)
	v.remove(name)
	link := func(to string) {
		if err := os.Symlink(to, path); err != nil {
			panic(err)
		}
	}
	kinds := []string{"pipe", "zero", "null", "folder", "socket", "dangling link", "loop", "link to another file", "link to a pipe"}
	kind := kinds[v.r.IntN(len(kinds))]
	switch kind {
	case "pipe":
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			panic(err)
		}
	case "zero":
		link("/dev/zero")
	case "null":
		link("/dev/null")
	case "folder":
		if err := os.Mkdir(path, 0o777); err != nil {
			panic(err)
		}
	case "socket":
		// Addresses of sockets are short, so that it is made elsewhere.
		short, err := os.MkdirTemp("/tmp", "s")
		if err != nil {
			panic(err)
		}
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(short, "s")})
		if err != nil {
			panic(err)
		}
		l.SetUnlinkOnClose(false)
		l.Close()
		if err := os.Rename(filepath.Join(short, "s"), path); err != nil {
			link(v.outside) // another file system: a link to a folder
		}
		os.RemoveAll(short)
	case "dangling link":
		link(filepath.Join(v.outside, "nobody"))
	case "loop":
		link(filepath.Base(path))
	case "link to another file":
		link(filepath.Join(v.outside, "precious"))
	case "link to a pipe":
		pipe := filepath.Join(v.outside, "pipe")
		if err := syscall.Mkfifo(pipe, 0o666); err != nil {
			panic(err)
		}
		link(pipe)
	}
	return v.did("%s is a %s", name, kind)
}

// bomb puts little in place of a file that claims, or opens to, much.
func bomb(v *victim) bool {
	name := v.file()
	kinds := []string{"zeros", "zeros of gzip", "lists", "objects", "hole", "window", "lines", "spaces"}
	kind := kinds[v.r.IntN(len(kinds))]
	packed := func(c corpus.Compression, unit string, n int) []byte {
		enc, err := corpus.NewCompressor(c, corpus.LevelFastest)
		if err != nil {
			panic(err)
		}
		out, err := enc.Append(nil, bytes.Repeat([]byte(unit), n/len(unit)))
		if err != nil {
			panic(err)
		}
		return out
	}
	switch kind {
	case "zeros":
		v.write(name, packed(corpus.CompressionZstd, "\x00", 64<<20))
	case "zeros of gzip":
		v.write(name, packed(corpus.CompressionGzip, "\x00", 64<<20))
	case "lists":
		v.write(name, bytes.Repeat([]byte("["), 1<<20))
	case "objects":
		v.write(name, bytes.Repeat([]byte(`{"a":`), 1<<18))
	case "hole":
		v.write(name, nil)
		if err := os.Truncate(v.path(name), 4<<30); err != nil {
			panic(err)
		}
	case "window":
		// A frame of zstd that claims a window of 2 GB and as much content.
		v.write(name, []byte{0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0xa8, 0, 0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0})
	case "lines":
		v.write(name, bytes.Repeat([]byte("\n"), 4<<20))
	case "spaces":
		v.write(name, append(bytes.Repeat([]byte(" "), 4<<20), v.read(name)...))
	}
	return v.did("%s is one of %s", name, kind)
}
