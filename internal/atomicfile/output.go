package atomicfile

import "io"

// Output is where a command writes what a flag asks for: a File, stdout, or nowhere.
type Output struct {
	file   *File     // nil: to stdout, or nowhere
	stdout io.Writer // nil: to the file, or nowhere
}

// OpenOutput checks the place that a path names, as Open does: an empty path is none,
// and "-" or a name of stdout is stdout, which out writes to. Close must follow.
func OpenOutput(path string, stdout, out io.Writer) (*Output, error) {
	switch {
	case path == "":
		return &Output{}, nil
	case IsStdout(path, stdout):
		return &Output{stdout: out}, nil
	}
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	return &Output{file: f}, nil
}

// Stdout reports whether the place is stdout.
func (o *Output) Stdout() bool { return o.stdout != nil }

// Write writes what content does, if there is a place for it.
func (o *Output) Write(content func(io.Writer) error) error {
	switch {
	case o.file != nil:
		return o.file.Write(content)
	case o.stdout != nil:
		return content(o.stdout)
	}
	return nil
}

// Close lets go of what was opened and not written.
func (o *Output) Close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}
