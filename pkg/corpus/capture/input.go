package capture

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// inputBlock is how much of an input is read at a time.
const inputBlock = 64 << 10

// input is a regular file or a pipe that is read once, from its start to its
// end. Opening it and reading it can last for ever: nobody may write to a pipe,
// and a file system may hang. So both happen in goroutines of their own, and
// whoever waits for them goes on when its context ends.
type input struct {
	path string
	file *os.File
	info os.FileInfo
	ctx  context.Context // of the call that reads

	ask   chan []byte // for a block; closed by close
	got   chan block
	asked bool // a block is on its way
	block
	buffer []byte
}

// block is what one read gave.
type block struct {
	data []byte
	err  error
}

// stopped says that a context ended while something was waited for.
type stopped struct{ error }

func (stopped) Error() string   { return "interrupted" }
func (s stopped) Unwrap() error { return s.error }

// openInput opens a regular file or a pipe. Devices and sockets are refused:
// some never end, and some do what must not be done by reading. Before a file is
// opened, which a pipe's writer would notice, check may refuse it; it is called
// in another goroutine.
func openInput(ctx context.Context, path string, check func(os.FileInfo) error) (*input, error) {
	type opened struct {
		file *os.File
		info os.FileInfo
		err  error
	}
	done := make(chan opened)
	go func() {
		f, info, err := openReadable(path, check)
		select {
		case done <- opened{f, info, err}:
		case <-ctx.Done():
			if f != nil {
				_ = f.Close() // nobody wants it any more
			}
		}
	}()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("open %s: %w", path, stopped{ctx.Err()})
	case o := <-done:
		if o.err != nil {
			return nil, o.err
		}
		in := &input{path: path, file: o.file, info: o.info, ctx: ctx, ask: make(chan []byte, 1), got: make(chan block, 1)}
		in.buffer = make([]byte, inputBlock)
		go in.serve()
		return in, nil
	}
}

func openReadable(path string, check func(os.FileInfo) error) (*os.File, os.FileInfo, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = readable(path, info)
	}
	if err == nil && check != nil {
		err = check(info)
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	// It may be another file by now.
	if info, err = f.Stat(); err == nil {
		err = readable(path, info)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// readable returns an error for what is neither a regular file nor a pipe.
func readable(path string, info os.FileInfo) error {
	what := ""
	switch mode := info.Mode(); {
	case mode.IsRegular(), mode&os.ModeNamedPipe != 0:
		return nil
	case mode.IsDir():
		what = "a directory"
	case mode&os.ModeSocket != 0:
		what = "a socket"
	case mode&os.ModeDevice != 0:
		what = "a device"
	default:
		what = "no regular file"
	}
	return fmt.Errorf("open %s: %s: want a file or a pipe", path, what)
}

// IsPipe reports whether a file can be read only once.
func IsPipe(info os.FileInfo) bool { return info.Mode()&os.ModeNamedPipe != 0 }

// ready reports whether Read would return at once. If not, what it would wait for
// has been asked for.
func (in *input) ready() bool {
	if len(in.data) > 0 || in.err != nil || len(in.got) > 0 {
		return true
	}
	in.request()
	return false
}

func (in *input) request() {
	if !in.asked {
		in.ask <- in.buffer
		in.asked = true
	}
}

// serve reads one block after another, as they are asked for.
func (in *input) serve() {
	for p := range in.ask {
		n, err := in.file.Read(p)
		in.got <- block{p[:n], err}
	}
}

// Read returns when something was read or the context of in ended.
func (in *input) Read(p []byte) (int, error) {
	if len(in.data) == 0 && in.err == nil {
		in.request()
		select {
		case in.block = <-in.got:
			in.asked = false
		case <-in.ctx.Done():
			return 0, stopped{in.ctx.Err()}
		}
	}
	n := copy(p, in.data)
	in.data = in.data[n:]
	if len(in.data) > 0 || n > 0 && in.err == nil {
		return n, nil
	}
	return n, in.err
}

// close closes the file. A read that still waits for a pipe ends by that; one
// that waits for a file system that hangs is left alone.
func (in *input) close() error {
	close(in.ask)
	return in.file.Close()
}

// interruptible is a reader that ends with a context, for what makes much of little:
// an input of a few bytes can hold hours of blank lines.
type interruptible struct {
	*input
	from io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, stopped{err}
	}
	return r.from.Read(p)
}
