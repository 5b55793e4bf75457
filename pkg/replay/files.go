package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// FilesOptions says how to read files.
type FilesOptions struct {
	Signals []otlp.Signal // what to send; nil: all
	Signal  *otlp.Signal  // what every message is; nil: found out from each
	Laps    bool          // they are to be read more than once, which a pipe cannot be
}

// A batch of a file source ends with the record that brings it to one of these.
const (
	pieceBytes   = 1 << 20
	pieceRecords = 1024
)

// files is a Source of files that the Collector's file exporter wrote. The
// records of several files are merged by the time of their latest item, in
// bounded memory: each file keeps its own order, whatever its times are.
type files struct {
	paths  []string
	o      FilesOptions
	format otlp.Format
	known  bool // format is
	open   []*track
	fresh  bool  // nothing was taken since the start of the lap
	ahead  Batch // the first of the lap, when it was read to look at it
	pieces uint64
	ends   [][2]int // of payloads and stamps in the batch
	clock  captureTimes
	laps   int
	notes  []Note
}

var _ Source = (*files)(nil)

// OpenFiles opens files of the Collector's file exporter, or pipes that one
// comes through. What can be seen of them without reading far is checked: errors
// are ErrInput, unless ctx ended. The caller closes the source.
func OpenFiles(ctx context.Context, paths []string, o FilesOptions) (Source, error) {
	s := &files{paths: paths, o: o}
	err := s.start(ctx)
	if err == nil {
		err = s.lookAhead(ctx)
	}
	if err == nil {
		return s, nil
	}
	err = errors.Join(err, s.Close())
	if ctx.Err() != nil {
		return nil, err
	}
	return nil, badInput(err)
}

func (s *files) Total() Total        { return Total{} }
func (s *files) Format() otlp.Format { return s.format }
func (s *files) Seed() uint64        { return 0 }
func (s *files) String() string      { return strings.Join(s.paths, ", ") }

// Rewind opens every file anew, unless nothing was read of them yet.
func (s *files) Rewind(ctx context.Context) error {
	if s.fresh {
		return nil
	}
	for _, t := range s.open {
		if t.Pipe() {
			return fmt.Errorf("read %s: a pipe can be read once", t.Path())
		}
	}
	if err := s.Close(); err != nil {
		return err
	}
	s.laps++
	return s.start(ctx)
}

// start opens every file and reads its first record.
func (s *files) start(ctx context.Context) error {
	s.pieces, s.clock = 0, captureTimes{}
	some := false
	for _, path := range s.paths {
		f, err := capture.Open(ctx, path, capture.Options{Refuse: s.checkPipe(path)})
		if err != nil {
			return err
		}
		t := &track{File: f}
		t.scan.capture = true
		s.open = append(s.open, t)
		if t.err = s.advance(ctx, t); t.err != nil {
			return t.err
		}
		some = some || !t.done
	}
	if !some {
		err := fmt.Errorf("read %v: %w", s, errNoRecords)
		for _, n := range s.notes {
			err = fmt.Errorf("%w; %v", err, n)
		}
		return err
	}
	s.fresh = true
	return nil
}

// checkPipe returns a function that refuses a pipe which would have to be read
// twice. It needs nothing of s later.
func (s *files) checkPipe(path string) func(os.FileInfo) error {
	laps := s.o.Laps
	before := make([]*capture.File, len(s.open))
	for i, t := range s.open {
		before[i] = t.File
	}
	return func(info os.FileInfo) error {
		if !capture.IsPipe(info) {
			return nil
		}
		if laps {
			return fmt.Errorf("read %s: a pipe can be read once, and further laps need it again: --laps 1, or a file", path)
		}
		for _, f := range before {
			if os.SameFile(info, f.Info()) {
				return fmt.Errorf("read %s: the pipe is %s too, and can be read once", path, f.Path())
			}
		}
		return nil
	}
}

// lookAhead reads the first batch, where that takes no waiting: ids that no
// receiver takes are told before anything is sent.
func (s *files) lookAhead(ctx context.Context) error {
	for _, t := range s.open {
		if t.Pipe() {
			return nil
		}
	}
	if err := s.fill(ctx, &s.ahead); err != nil {
		return err
	}
	for _, t := range s.open {
		if errors.Is(t.err, wire.ErrID) {
			return t.err
		}
	}
	return nil
}

// Next takes records in turn from the file whose next is the earliest.
func (s *files) Next(ctx context.Context, b *Batch) error {
	s.fresh = false
	if a := &s.ahead; len(a.Records) > 0 {
		b.Records, b.data, b.stamps, b.Index = a.Records, a.data, a.stamps, a.Index
		*a = Batch{}
		return nil
	}
	return s.fill(ctx, b)
}

// fill makes b the next batch.
func (s *files) fill(ctx context.Context, b *Batch) error {
	for _, t := range s.open {
		if t.waits {
			t.waits, t.err = false, s.advance(ctx, t)
		}
	}
	s.ends = s.ends[:0]
	for len(b.Records) < pieceRecords && len(b.data) < pieceBytes {
		var t *track
		for _, u := range s.open {
			if !u.done && (t == nil || u.latest < t.latest) {
				t = u
			}
		}
		if t == nil {
			break
		}
		if t.err != nil {
			if len(b.Records) == 0 {
				return t.err
			}
			break
		}
		b.data = append(b.data, t.payload...)
		b.stamps = append(b.stamps, t.scan.index.Places...)
		s.ends = append(s.ends, [2]int{len(b.data), len(b.stamps)})
		b.Records = append(b.Records, Record{
			Items: t.items, Number: uint64(len(b.Records)), Lead: len(b.Records), End: t.last, Signal: t.signal, bounds: t.bounds, capture: true,
		})
		// What a pipe has given so far is not kept waiting for more.
		if t.waits = !t.Ready(); t.waits {
			break
		}
		t.err = s.advance(ctx, t)
	}
	if len(b.Records) == 0 {
		return io.EOF
	}
	var start [2]int
	for i, end := range s.ends { // now that the memory stays where it is
		b.Records[i].Payload = b.data[start[0]:end[0]:end[0]]
		b.Records[i].stamps = b.stamps[start[1]:end[1]]
		start = end
	}
	s.note(noteDistant, s.clock.enter(b.Records))
	b.Index = s.pieces
	s.pieces++
	return nil
}

// note counts what a person should know: of the first lap, since all are alike.
func (s *files) note(what string, n uint64) {
	if n == 0 || s.laps > 0 {
		return
	}
	for i := range s.notes {
		if s.notes[i].Note == what {
			s.notes[i].Count += n
			return
		}
	}
	s.notes = append(s.notes, Note{what, n})
}

// Notes implements Noter.
func (s *files) Notes() (all []Note) {
	for _, n := range s.notes {
		if n.Note != noteUnwanted {
			all = append(all, n)
		}
	}
	return all
}

// Close closes the files.
func (s *files) Close() error {
	var err error
	for _, t := range s.open {
		err = errors.Join(err, t.Close())
	}
	s.open, s.fresh, s.ahead = s.open[:0], false, Batch{}
	return err
}

// wants says whether signals, all when nil, hold sig.
func wants(signals []otlp.Signal, sig otlp.Signal) bool {
	if signals == nil {
		return true
	}
	for _, s := range signals {
		if s == sig {
			return true
		}
	}
	return false
}
