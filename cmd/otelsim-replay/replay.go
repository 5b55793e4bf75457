package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/rlimit"
	"github.com/otelsim/otelsim/internal/terminal"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
	"github.com/otelsim/otelsim/pkg/replay/ledger"
)

// run replays what the command line names.
func (c *replayCommand) run(ctx context.Context, a *app) (err error) {
	if err := c.resolve(nil); err != nil {
		return usageError{verbReplay, err}
	}
	if err := errors.Join(c.checkReports(), c.checkLedger(a)); err != nil {
		return usageError{verbReplay, err}
	}
	out, err := a.openReports(c.reportJSON, c.reportHTML)
	if err != nil {
		return usageError{verbReplay, err}
	}
	defer func() { err = errors.Join(err, out.close()) }()
	src, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if err := errors.Join(c.resolve(src), c.checkFormat(src), c.checkShard(src)); err != nil {
		return usageError{verbReplay, err}
	}
	c.tellEnvironment(a)
	transport, err := openTransports(c)
	if err != nil {
		return usageError{verbReplay, err}
	}
	defer func() { err = errors.Join(err, transport.Close()) }()

	if err := c.checkStart(); err != nil {
		return usageError{verbReplay, err}
	}
	book, err := c.openLedger()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.close()) }()

	rep, err := c.replay(ctx, a, src, transport, book.writer)
	if rep == nil {
		return err
	}
	broken := err
	if rep.Interrupted {
		err = fmt.Errorf("interrupted after %s", text.Counted(rep.Records.Due, "record"))
	}
	return errors.Join(err, out.write(a, rep, func(w io.Writer) error { return c.writePage(w, rep, broken) }), c.judge(rep))
}

// resolve finds out how the signals that are sent are sent: before the source is
// opened, with nil, and after. A corpus says what it holds, so that what is said
// of its signals is looked at after.
func (c *replayCommand) resolve(src replay.Source) error {
	c.sent = c.wanted
	if c.sent == nil && c.onlySignal != nil {
		c.sent = []otlp.Signal{*c.onlySignal}
	}
	if c.sent == nil && src == nil && c.dirs() > 0 {
		return nil
	}
	if c.sent == nil && src != nil {
		c.sent = replay.SignalsOf(src)
	}
	if c.sent == nil {
		c.sent = []otlp.Signal{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs}
	}
	var err error
	c.settings, err = endpoint.Resolve(c.endpoint, os.Getenv, c.sent...)
	return err
}

// tellEnvironment names the variables that decide where and how something is
// sent: a run that goes elsewhere than the defaults say should not surprise.
func (c *replayCommand) tellEnvironment(a *app) {
	if names := endpoint.Variables(c.endpoint, os.Getenv, c.sent...); len(names) > 0 {
		fmt.Fprintf(a.errOut, "from the environment: %s\n", strings.Join(names, ", "))
	}
}

// dirs returns how many of the paths are directories.
func (c *replayCommand) dirs() int {
	n := 0
	for _, p := range c.paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			n++
		}
	}
	return n
}

// open opens the source: a corpus or files.
func (c *replayCommand) open(ctx context.Context) (replay.Source, error) {
	if c.dirs() == 0 {
		if c.verifyFirst {
			return nil, usageError{verbReplay, errors.New("--verify-first: files have no digests")}
		}
		laps := c.laps > 1 || c.laps == 0 && c.duration > 0
		return replay.OpenFiles(ctx, c.paths, replay.FilesOptions{Signals: c.wanted, Signal: c.onlySignal, Laps: laps})
	}
	if len(c.paths) > 1 {
		return nil, usageError{verbReplay, fmt.Errorf("%s: want one corpus, or files", strings.Join(c.paths, ", "))}
	}
	if c.onlySignal != nil {
		return nil, usageError{verbReplay, errors.New("--signal is for files: a corpus says what is what; --signals selects")}
	}
	unit := c.pacer.Unit()
	return replay.OpenCorpus(ctx, c.paths[0], replay.CorpusOptions{
		Signals: c.wanted, ByTime: unit == replay.UnitRecorded, Verify: c.verifyFirst,
		LazyScan: unit == replay.UnitRecords || unit == replay.UnitNone,
	})
}

// replay runs the source with the status shown.
func (c *replayCommand) replay(ctx context.Context, a *app, src replay.Source, t replay.Transport, book *ledger.Writer) (*replay.Report, error) {
	defer rlimit.Garbage(garbagePercent(src))()
	o := c.options
	o.Ledger, o.Tool = book, "otelsim-replay "+cmdline.Version()
	o.Pacer, o.Transport, o.Original = c.pacer, t, c.time == "original"
	o.Laps, o.Duration, o.Series = c.laps, c.duration, c.reportHTML != "" || c.reportJSON != ""
	o.MaxInFlight, o.NoRetry, o.RetryFor = c.maxInFlight, c.noRetry, c.retryElapsed
	for _, sig := range c.sent {
		o.Timeouts[sig] = c.settings[sig].Timeout
		if o.Timeouts[sig] == 0 {
			o.Timeouts[sig] = replay.NoTimeout
		}
	}
	if c.quiet {
		return replay.Run(ctx, src, o)
	}
	s := &status{w: a.errOut, terminal: terminal.Is(a.errOut), target: c.receivers()}
	s.records, s.length = replay.Planned(src, o)
	s.begin(src.String(), c.pacer.String(), replay.PlannedTimes(src, c.pacer))
	o.Status, o.StatusEvery = s.show, statusEvery
	defer s.end()
	return replay.Run(ctx, src, o)
}

// judge returns an error when the run is to be called a failure.
func (c *replayCommand) judge(rep *replay.Report) error {
	var errs []error
	for _, text := range rep.Failures(c.conditions) {
		errs = append(errs, errors.New(text))
	}
	return errors.Join(errs...)
}
