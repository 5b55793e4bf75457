package ledger

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Lines are compressed and written when there are chunk bytes of them, and every
// second what there is. So many chunks wait for a slow disk; beyond that Enter
// waits, and records are late.
const (
	chunk  = 256 << 10
	queued = 16
	every  = time.Second
)

// Writer writes a ledger. Begin comes first, then any number of Enter from any
// goroutines, then End.
type Writer struct {
	out io.Writer
	enc *codec.Encoder

	mu             sync.Mutex
	lines          []byte // not handed over yet
	records, items Totals
	failed         error
	begun          bool

	full chan []byte // to the goroutine that writes
	free chan []byte // back from it
	done chan struct{}

	// Of that goroutine, until it is done.
	frame []byte
	err   error
	lost  uint64 // lines that came after err, or met it
}

// NewWriter returns a writer to out, to which each frame is written by one call.
// It closes nothing.
func NewWriter(out io.Writer) (*Writer, error) {
	enc, err := codec.NewEncoder(codec.Zstd, codec.Fastest)
	if err != nil {
		return nil, err
	}
	return &Writer{
		out: out, enc: enc, full: make(chan []byte, queued), free: make(chan []byte, queued), done: make(chan struct{}),
	}, nil
}

// Begin writes the header, of which it sets name, version and columns, and starts
// a goroutine that End ends. Errors wait for End.
func (w *Writer) Begin(h Header) {
	h.Ledger, h.Version, h.Columns = Name, Version, Columns
	line, err := json.Marshal(&h)
	if err != nil {
		w.err = fmt.Errorf("encode header: %w", err)
	}
	w.write(append(line, '\n'))
	w.begun = true
	go w.run()
}

// Enter adds a line. It does not keep e.
func (w *Writer) Enter(e *Entry) {
	var space [lineMost]byte
	line := e.appendLine(space[:0])
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lines = append(w.lines, line...)
	e.add(&w.records, &w.items)
	if len(w.lines) >= chunk {
		w.full <- w.take()
	}
}

// take returns the lines and leaves an empty buffer. The caller holds the lock.
func (w *Writer) take() []byte {
	lines := w.lines
	select {
	case w.lines = <-w.free:
	default:
		w.lines = make([]byte, 0, chunk+lineMost)
	}
	return lines
}

// run writes what is full, and now and then what is not.
func (w *Writer) run() {
	defer close(w.done)
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case lines, ok := <-w.full:
			if !ok {
				return
			}
			w.write(lines)
		case <-t.C:
			// Whoever holds the lock may wait for room in full.
			if len(w.full) > 0 || !w.mu.TryLock() {
				continue
			}
			lines := w.take()
			w.mu.Unlock()
			w.write(lines)
		}
	}
}

// write writes lines as one frame, and gives their memory back.
func (w *Writer) write(lines []byte) {
	if len(lines) > 0 && w.err == nil {
		w.frame, w.err = w.enc.Append(w.frame[:0], lines)
		if w.err == nil {
			_, w.err = w.out.Write(w.frame)
		}
	}
	if w.err != nil {
		w.lost += uint64(bytes.Count(lines, []byte{'\n'}))
	}
	select {
	case w.free <- lines[:0]:
	default:
	}
}

// End writes the rest and the last line. It returns the first error of all:
// after one nothing was written, and the ledger has no last line. Without Begin
// it does nothing.
func (w *Writer) End(how Ending, at time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.begun {
		return nil
	}
	w.full <- w.take()
	close(w.full)
	<-w.done
	if w.err == nil {
		line, err := json.Marshal(&Footer{End: how, At: at.UTC(), Records: w.records, Items: w.items})
		if w.err = err; err == nil {
			w.write(append(line, '\n'))
		}
	}
	if w.err != nil {
		w.failed = fmt.Errorf("write ledger: %w (%d lines are not in it)", w.err, w.lost)
	}
	return w.failed
}

// Err returns what End did, nil before it.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.failed
}
