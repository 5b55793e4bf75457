package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// track is one open file with its next record read.
type track struct {
	*messages
	payload []byte
	scan    scanner
	shape
	signal otlp.Signal
	latest uint64 // the greatest time so far
	doubt  bool   // the record before was far from latest
	n      int    // messages read
	waits  bool   // for its next record
	done   bool
	err    error // of the next record, once those before it were yielded
}

// The reasons for which a message is not sent, and what else a person should
// know of a capture.
const (
	noteEmpty    = "empty messages, skipped"
	noteNoItems  = "messages without items of their signal, skipped"
	noteProfiles = "messages of profiles, which are no traces, metrics or logs, skipped"
	noteUnwanted = "messages of other signals than those asked for, skipped"
	noteDistant  = "records with a time over a year from the others, which has no say in when they are sent"
)

// errSkip says by which note a message is not sent.
type errSkip string

func (e errSkip) Error() string { return string(e) }

// advance reads the next record of t that is to be sent.
func (s *files) advance(ctx context.Context, t *track) error {
	t.ctx = ctx
	for {
		var err error
		t.payload, err = t.next(t.payload[:0])
		if err == io.EOF {
			t.done = true
			return nil
		}
		var skip errSkip
		if err == nil {
			err = s.inspect(t)
		}
		switch {
		case errors.As(err, &skip):
			s.note(string(skip), 1)
		case err != nil:
			return fmt.Errorf("read %s: message %d: %w", t.path, t.n+1, err)
		default:
			t.n++
			return nil
		}
		t.n++
	}
}

// inspect finds out what t's message is.
func (s *files) inspect(t *track) error {
	format := formatOf(t.payload)
	if len(t.payload) == 0 || format == otlp.FormatJSON && string(bytes.TrimSpace(t.payload[1:])) == "}" {
		return errSkip(noteEmpty)
	}
	if t.lines && format != otlp.FormatJSON {
		return t.unfit(t.payload, nil)
	}
	if s.known && format != s.format {
		return fmt.Errorf("%v records, but those before are %v: replay them apart", format, s.format)
	}
	if s.o.Signal != nil {
		t.signal = *s.o.Signal
	} else if err := t.detectSignal(format); err != nil {
		return err
	}
	if !wants(s.o.Signals, t.signal) {
		return errSkip(noteUnwanted)
	}
	t.scan.index.Places = t.scan.index.Places[:0]
	sh, err := t.scan.scan(t.signal, format, t.payload)
	if err != nil {
		err = t.unfit(t.payload, err)
		if s.o.Signal == nil && format == otlp.FormatProto {
			err = fmt.Errorf("%w (--signal says what the messages are)", err)
		}
		return err
	}
	if sh.items == 0 {
		return errSkip(noteNoItems)
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

// detectSignal finds out the signal of t's message.
func (t *track) detectSignal(f otlp.Format) error {
	sig, err := detect(f, t.payload)
	switch {
	case errors.Is(err, wire.ErrProfiles):
		return errSkip(noteProfiles)
	case errors.Is(err, wire.ErrNoItems):
		return errSkip(noteNoItems)
	case err != nil && f == otlp.FormatProto:
		return fmt.Errorf("%w (--signal says what the messages are)", err)
	case err != nil:
		return t.unfit(t.payload, err)
	}
	t.signal = sig
	return nil
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
