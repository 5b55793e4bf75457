package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/otelsim/otelsim/internal/atomicfile"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// ledgerFile is where the ledger of a replay goes, if anywhere. Unlike a report it
// appears under its name at once: what a run that is killed knew is to be read.
type ledgerFile struct {
	file    *os.File // nil: nowhere
	regular bool
	writer  *ledger.Writer // nil: nowhere
}

// checkLedger looks, before anything is read or sent, whether the ledger can be
// written where it is to be. What is there stays as it is.
func (c *replayCommand) checkLedger(a *app) error {
	if c.ledger == "" {
		return nil
	}
	if atomicfile.IsStdout(c.ledger, a.stdout) {
		return errors.New("--ledger: want a file: stdout is for the report")
	}
	info, err := os.Stat(c.ledger)
	// A pipe that nobody reads any more would hold up the replay.
	if err == nil && !info.Mode().IsRegular() && info.Mode()&fs.ModeCharDevice == 0 {
		return fmt.Errorf("--ledger: %s: want a file", text.Clean(c.ledger))
	}
	f, err := atomicfile.Open(c.ledger)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("--ledger: %s", text.Clean(err.Error()))
	}
	return nil
}

// openLedger creates the file, or empties the one that is there.
func (c *replayCommand) openLedger() (*ledgerFile, error) {
	l := &ledgerFile{}
	if c.ledger == "" {
		return l, nil
	}
	var err error
	if l.file, err = os.OpenFile(c.ledger, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666); err != nil {
		return nil, fmt.Errorf("open ledger: %s", text.Clean(err.Error()))
	}
	info, err := l.file.Stat()
	if err == nil {
		l.regular = info.Mode().IsRegular()
		l.writer, err = ledger.NewWriter(l.file)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger: %s", text.Clean(err.Error())), l.file.Close())
	}
	return l, nil
}

// close closes the file. It returns what of the ledger could not be written.
func (l *ledgerFile) close() error {
	if l.file == nil {
		return nil
	}
	err := l.writer.Err()
	if err == nil && l.regular {
		err = l.file.Sync() // some systems tell only now that there was no room
	}
	if cerr := l.file.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return errors.New(text.Clean(err.Error()))
	}
	return nil
}
