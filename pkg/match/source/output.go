package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/match"
)

// Output is what one end of a pipeline wrote: a file, the files of a folder, or a
// corpus.
type Output struct {
	Name  string // the last element of its path, or all of it where others end alike
	Path  string
	files []string
	dir   *corpus.Corpus // nil: files

	cut   []string
	notes []string
}

// Open finds what is at each path, an output each. All that is wrong is told: what
// is not there, a folder without files, and a file that is there twice.
func Open(paths []string) ([]*Output, error) {
	var all []*Output
	var errs []error
	for _, path := range paths {
		o, err := open(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		all = append(all, o)
	}
	var files []string
	for _, o := range all {
		if o.dir != nil {
			files = append(files, o.Path)
		}
		files = append(files, o.files...)
	}
	if err := errors.Join(append(errs, Twice(files)...)...); err != nil {
		return nil, err
	}
	name(all)
	return all, nil
}

func open(path string) (*Output, error) {
	o := &Output{Path: path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		_, err := corpus.ReadManifest(path)
		if err == nil {
			o.dir, err = corpus.Open(path)
			return o, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("open corpus %s: %w", path, err)
		}
	}
	o.files, err = capture.Files(path)
	return o, err
}

// Twice finds files and folders that are there twice, be it under two names.
func Twice(paths []string) (errs []error) {
	type seen struct {
		path string
		info os.FileInfo
	}
	bySize := make(map[int64][]seen)
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, s := range bySize[info.Size()] {
			if os.SameFile(s.info, info) {
				errs = append(errs, fmt.Errorf("%s is %s too: each file is read once", path, s.path))
			}
		}
		bySize[info.Size()] = append(bySize[info.Size()], seen{path, info})
	}
	return errs
}

// name gives outputs the last elements of their paths as names, where those differ.
func name(all []*Output) {
	count := make(map[string]int)
	for _, o := range all {
		count[filepath.Base(o.Path)]++
	}
	for _, o := range all {
		if o.Name = filepath.Base(o.Path); count[o.Name] > 1 {
			o.Name = o.Path
		}
	}
}

// Match returns the outputs as match reads them.
func Match(all []*Output) []match.Output {
	out := make([]match.Output, len(all))
	for i, o := range all {
		out[i] = match.Output{Name: o.Name, Each: o.Each}
	}
	return out
}

// Each calls visit with every message in order of arrival. That a file ends within
// a message is no error: see Cut. Other errors of what is read are an Error.
func (o *Output) Each(ctx context.Context, visit func(*match.Message) error) error {
	o.cut, o.notes = nil, nil
	if o.dir != nil {
		return (&Records{Corpus: o.dir}).Each(ctx, visit)
	}
	for _, path := range o.files {
		if err := o.file(ctx, path, visit); err != nil {
			return err
		}
	}
	return nil
}

func (o *Output) file(ctx context.Context, path string, visit func(*match.Message) error) error {
	notes, err := EachOf(ctx, path, capture.Options{Arrivals: true}, visit)
	for _, n := range notes {
		o.notes = append(o.notes, text.Clean(path)+": "+n.String())
	}
	if errors.Is(err, capture.ErrCut) {
		o.cut = append(o.cut, err.Error())
		return nil
	}
	return err
}

// EachOf calls visit with every message of a file in the order of the file, and returns
// what was passed over. An error of the file is an Error, be it that it ends within a
// message.
func EachOf(ctx context.Context, path string, how capture.Options, visit func(*match.Message) error) (passed []capture.Note, err error) {
	f, err := capture.Open(ctx, path, how)
	if err != nil {
		return nil, Error{err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var to match.Message
	var stopped error
	err = f.Each(ctx, func(m *capture.Message) error {
		to = match.Message{Signal: m.Signal, Format: m.Format, Payload: m.Payload, Arrived: m.Arrived, File: path, Number: m.Number}
		stopped = visit(&to)
		return stopped
	})
	if err != nil && stopped == nil {
		err = Error{err}
	}
	return f.Notes(), err
}

// Cut says which of the files end within a message, after Each: they were cut off,
// or are still being written.
func (o *Output) Cut() []string { return o.cut }

// Notes says what was passed over, after Each.
func (o *Output) Notes() []string { return o.notes }
