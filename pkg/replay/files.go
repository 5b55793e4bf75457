package replay

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// FilesOptions says how to read files.
type FilesOptions struct {
	Signals []otlp.Signal // what to send; nil: all
	Signal  *otlp.Signal  // what every message is; nil: found out from each
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
	open   []*track
	pieces uint64
	ends   [][2]int // of payloads and places in the batch
}

// track is one open file with its next record read.
type track struct {
	*messages
	payload []byte
	scan    scanner
	shape
	signal otlp.Signal
	place  uint64 // the greatest time so far
	n      int    // messages read
	done   bool
	err    error // of the next record, once those before it were yielded
}

// OpenFiles opens files of the Collector's file exporter. What can be seen of
// them without reading on is checked: errors are ErrInput. The caller closes
// the source.
func OpenFiles(paths []string, o FilesOptions) (Source, error) {
	s := &files{paths: paths, o: o}
	if err := s.Rewind(); err != nil {
		return nil, badInput(errors.Join(err, s.Close()))
	}
	return s, nil
}

func (s *files) Total() Total        { return Total{} }
func (s *files) Format() otlp.Format { return s.format }
func (s *files) Seed() uint64        { return 0 }
func (s *files) String() string      { return strings.Join(s.paths, ", ") }

// Rewind opens every file anew and reads its first record.
func (s *files) Rewind() error {
	if err := s.Close(); err != nil {
		return err
	}
	s.pieces = 0
	any := false
	for i, path := range s.paths {
		m, err := openMessages(path)
		if err != nil {
			return err
		}
		t := &track{messages: m}
		s.open = append(s.open, t)
		if t.err = s.advance(t); t.err != nil {
			return t.err
		}
		if t.done {
			continue
		}
		if format := formatOf(t.payload); i > 0 && any && format != s.format {
			return fmt.Errorf("read %s: %v records, but those of %s are %v: replay them apart", path, format, s.paths[0], s.format)
		} else {
			s.format, any = format, true
		}
	}
	if !any {
		return fmt.Errorf("read %v: %w", s, errNoRecords)
	}
	return nil
}

// advance reads the next record of t that is to be sent.
func (s *files) advance(t *track) error {
	for {
		var err error
		t.payload, err = t.next(t.payload[:0])
		if err == io.EOF {
			t.done = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: message %d: %w", t.path, t.n+1, err)
		}
		t.n++
		if err := s.inspect(t); err != nil {
			return fmt.Errorf("read %s: message %d: %w", t.path, t.n, err)
		}
		if wants(s.o.Signals, t.signal) {
			return nil
		}
	}
}

// inspect finds out what t's message is.
func (s *files) inspect(t *track) error {
	format := formatOf(t.payload)
	if t.n > 1 && format != s.format {
		return fmt.Errorf("%v among %v messages", format, s.format)
	}
	if s.o.Signal != nil {
		t.signal = *s.o.Signal
	} else {
		sig, err := detect(format, t.payload)
		if err != nil {
			return err
		}
		t.signal = sig
	}
	t.scan.index.Places = t.scan.index.Places[:0]
	sh, err := t.scan.scan(t.signal, format, t.payload)
	if err != nil {
		return err
	}
	t.shape = sh
	t.place = max(t.place, sh.last)
	return nil
}

// Next takes records in turn from the file whose next is the earliest.
func (s *files) Next(b *Batch) error {
	s.ends = s.ends[:0]
	for len(b.Records) < pieceRecords && len(b.data) < pieceBytes {
		var t *track
		for _, u := range s.open {
			if !u.done && (t == nil || u.place < t.place) {
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
		b.times = append(b.times, t.scan.index.Places...)
		s.ends = append(s.ends, [2]int{len(b.data), len(b.times)})
		b.Records = append(b.Records, Record{Items: t.items, Lead: len(b.Records), End: t.last, Signal: t.signal, bounds: t.bounds})
		t.err = s.advance(t)
	}
	if len(b.Records) == 0 {
		return io.EOF
	}
	var start [2]int
	for i, end := range s.ends { // now that the memory stays where it is
		b.Records[i].Payload = b.data[start[0]:end[0]:end[0]]
		b.Records[i].times = b.times[start[1]:end[1]]
		start = end
	}
	b.Index = s.pieces
	s.pieces++
	return nil
}

// Close closes the files.
func (s *files) Close() error {
	var err error
	for _, t := range s.open {
		err = errors.Join(err, t.close())
	}
	s.open = s.open[:0]
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
