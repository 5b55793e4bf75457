package capture

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
)

// Message is one export request as a file holds it, opened when it was compressed.
// Its memory is the reader's: it is valid during the call that gets it.
type Message struct {
	Number  uint64 // in its file, from 1; those that are passed over count
	Signal  otlp.Signal
	Format  otlp.Format
	Payload []byte
	Arrived int64 // ns since the epoch; 0: unknown

	file *File
}

// Fault returns the error of a message that is not what it seemed, with its file
// and number, and in words that help where they are known.
func (m *Message) Fault(err error) error { return m.file.Fault(m.file.Unfit(m.Payload, err)) }

// Each calls visit with the messages of f in the order of the file. An error of
// visit ends it and is returned as it is. What is wrong with the file is told
// with the file and the number of the message; where it ends within one, that is
// ErrCut, after all whole ones were visited.
//
// A payload was looked at only as far as its signal asks for: it may be damaged
// further in.
func (f *File) Each(ctx context.Context, visit func(*Message) error) error {
	m := Message{file: f}
	for {
		err := f.read(ctx, &m)
		var skip Skip
		switch {
		case err == io.EOF:
			return f.times.end()
		case errors.As(err, &skip):
			f.note(skip)
		case err != nil:
			return f.Fault(err)
		default:
			if err := visit(&m); err != nil {
				return err
			}
		}
	}
}

// read makes m the next message.
func (f *File) read(ctx context.Context, m *Message) (err error) {
	if f.buf, err = f.Next(ctx, f.buf[:0]); err != nil {
		return err
	}
	m.Number, m.Payload = f.number, f.buf
	if m.Arrived, err = f.times.next(); err != nil {
		return err
	}
	if m.Format, err = f.Format(m.Payload); err != nil {
		return err
	}
	// Only the last line has no end, and only it can be cut unseen.
	if f.lines && !f.ended && !json.Valid(m.Payload) {
		return f.Unfit(m.Payload, wire.ErrMalformed)
	}
	if f.o.Signal != nil {
		m.Signal = *f.o.Signal
		return nil
	}
	m.Signal, err = f.Detect(m.Format, m.Payload)
	return err
}

func (f *File) note(why Skip) {
	for i := range f.notes {
		if f.notes[i].Skip == why {
			f.notes[i].Count++
			return
		}
	}
	f.notes = append(f.notes, Note{why, 1})
}

// Notes says what Each has passed over so far.
func (f *File) Notes() []Note { return f.notes }
