package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func (c *sinkCommand) validateOutput() error {
	var errs []error
	if c.compression != "none" && c.compression != "zstd" {
		errs = append(errs, fmt.Errorf("--output-compression %q: want zstd or none", c.compression))
	}
	if c.output == "" && c.set.Changed("output") {
		errs = append(errs, errors.New("--output: want a folder"))
	}
	if c.output == "" && c.set.Changed("output-compression") {
		errs = append(errs, errors.New("--output-compression has no effect without --output"))
	}
	if c.output != "" && c.maxMessage > capture.MaxMessage {
		errs = append(errs, fmt.Errorf("--max-message %d: of what is kept at most %s can be read again", c.maxMessage, text.Grouped(capture.MaxMessage)))
	}
	return errors.Join(errs...)
}

// outputKeeper keeps what a sink accepts.
type outputKeeper struct {
	w      *capture.Writer
	errOut io.Writer

	mu     sync.Mutex
	failed error // the first
	count  uint64
}

// openOutput makes the folder of --output; nil without.
func (c *sinkCommand) openOutput(errOut io.Writer) (*outputKeeper, error) {
	if c.output == "" {
		return nil, nil
	}
	dir, err := foreign.Resolve(c.output)
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	w, err := capture.NewWriter(dir, capture.WriterOptions{Zstd: c.compression == "zstd"})
	if err != nil {
		return nil, fmt.Errorf("--output: %w", err)
	}
	return &outputKeeper{w: w, errOut: errOut}, nil
}

// keep implements sink.Options.Keep. Why something was not kept is said once, when
// it happens: the sender may send it again, until there is room.
func (k *outputKeeper) keep(sig otlp.Signal, format otlp.Format, payload []byte, arrived time.Time) error {
	err := k.w.Append(sig, format, payload, arrived.UnixNano())
	if err == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.count++; k.failed == nil {
		k.failed = err
		fmt.Fprintf(k.errOut, "sink: refusing what cannot be kept: %s\n", text.Clean(err.Error()))
	}
	return err
}

// close returns an error when something was not kept, be it that it was sent again
// and kept then: the sender has to know.
func (k *outputKeeper) close() error {
	if k == nil {
		return nil
	}
	err := k.w.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed != nil {
		err = errors.Join(fmt.Errorf("--output: %s requests were refused since they could not be kept: %w", text.Grouped(k.count), k.failed), err)
	}
	return err
}
