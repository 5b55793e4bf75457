package replay

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// track is one open file with its next record read.
type track struct {
	*capture.File
	payload []byte
	scan    scanner
	shape
	signal otlp.Signal
	latest uint64 // the greatest time so far
	doubt  bool   // the record before was far from latest
	waits  bool   // for its next record
	done   bool
	err    error // of the next record, once those before it were yielded
}

// What else a person should know of a capture than what the package has passed over,
// or why a message of it is not sent.
const (
	noteUnwanted = "messages of other signals than those asked for, skipped"
	noteDistant  = "records with a time over a year from the others, which has no say in when they are sent"
)

// advance reads the next record of t that is to be sent.
func (s *files) advance(ctx context.Context, t *track) error {
	for {
		var err error
		t.payload, err = t.Next(ctx, t.payload[:0])
		if err == io.EOF {
			t.done = true
			return nil
		}
		var skip capture.Skip
		if err == nil {
			err = s.inspect(t)
		}
		switch {
		case errors.As(err, &skip):
			s.note(string(skip), 1)
		case err != nil:
			return t.Fault(err)
		default:
			return nil
		}
	}
}

// inspect finds out what t's message is.
func (s *files) inspect(t *track) error {
	format, err := t.Format(t.payload)
	if err != nil {
		return err
	}
	if s.known && format != s.format {
		return fmt.Errorf("%v records, but those before are %v: replay them apart", format, s.format)
	}
	if s.o.Signal != nil {
		t.signal = *s.o.Signal
	} else if t.signal, err = t.Detect(format, t.payload); err != nil {
		return s.hint(format, err)
	}
	if !wants(s.o.Signals, t.signal) {
		return capture.Skip(noteUnwanted)
	}
	t.scan.index.Places = t.scan.index.Places[:0]
	sh, err := t.scan.scan(t.signal, format, t.payload)
	if err != nil {
		return s.hint(format, t.Unfit(t.payload, err))
	}
	if sh.items == 0 {
		return capture.NoItems
	}
	if sh.last > 0 && apart(sh.first, sh.last) {
		sh.last = t.scan.steady(t.signal, format, t.payload)
		s.note(noteDistant, 1)
	}
	t.shape = sh
	t.follow(sh.last)
	if !s.known { // once, before the first batch: workers ask for the format
		s.format, s.known = format, true
	}
	return nil
}

// hint returns an error of a message with the flag that may help: JSON says by itself
// what it is.
func (s *files) hint(f otlp.Format, err error) error {
	if errors.As(err, new(capture.Skip)) || s.o.Signal != nil || f != otlp.FormatProto {
		return err
	}
	return fmt.Errorf("%w (--signal says what the messages are)", err)
}

// follow goes on to a record of that time. One that is far from those before is
// believed when the next is too: files may be joined, and clocks may be wrong.
func (t *track) follow(at uint64) {
	switch distant := at > 0 && t.latest > 0 && apart(at, t.latest); {
	case at == 0:
	case distant && !t.doubt:
		t.doubt = true
	case distant:
		t.latest, t.doubt = at, false
	default:
		t.latest, t.doubt = max(t.latest, at), false
	}
}
