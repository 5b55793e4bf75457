package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/endpoint"
)

// run replays what the command line names.
func (c *replayCommand) run(ctx context.Context, a *app) (err error) {
	settings, err := endpoint.Resolve(c.endpoint, os.Getenv)
	if err != nil {
		return usageError{verbReplay, err}
	}
	report, err := openReport(c.reportJSON)
	if err != nil {
		return usageError{verbReplay, err}
	}
	defer func() { err = errors.Join(err, report.close()) }()
	src, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if err := checkFormat(src, settings, c.wanted); err != nil {
		return usageError{verbReplay, err}
	}
	transport, err := openTransports(settings, c)
	if err != nil {
		return usageError{verbReplay, err}
	}
	defer func() { err = errors.Join(err, transport.Close()) }()

	rep, err := c.replay(ctx, a, src, transport, settings)
	if rep == nil {
		return err
	}
	return errors.Join(err, rep.WriteText(a.out), report.write(rep), c.judge(rep))
}

// open opens the source: a corpus or files.
func (c *replayCommand) open(ctx context.Context) (replay.Source, error) {
	dirs := 0
	for _, p := range c.paths {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			dirs++
		}
	}
	if dirs == 0 {
		if c.verifyFirst {
			return nil, usageError{verbReplay, errors.New("--verify-first: files have no digests")}
		}
		return replay.OpenFiles(c.paths, replay.FilesOptions{Signals: c.wanted, Signal: c.onlySignal})
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
		Late: unit == replay.UnitRecords || unit == replay.UnitNone,
	})
}

// replay runs the source with the status shown.
func (c *replayCommand) replay(ctx context.Context, a *app, src replay.Source, t replay.Transport,
	settings [otlp.NumSignals]endpoint.Settings) (*replay.Report, error) {
	o := c.options
	o.Pacer, o.Transport, o.Original = c.pacer, t, c.time == "original"
	o.Laps, o.Duration = c.laps, c.duration
	o.MaxInFlight, o.NoRetry, o.RetryFor = c.maxInFlight, c.noRetry, c.retryElapsed
	for sig := range settings {
		o.Timeouts[sig] = settings[sig].Timeout
	}
	if c.quiet {
		return replay.Run(ctx, src, o)
	}
	s := &status{w: a.errOut, terminal: isTerminal(a.errOut)}
	s.records, s.length = replay.Planned(src, o)
	s.begin(src.String(), c.pacer.String())
	o.Status, o.StatusEvery = s.show, s.every()
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

// reportFile is where the JSON report goes. It is opened before anything is
// sent, so that a bad path is found then, and appears under its name when it
// is complete.
type reportFile struct {
	path string
	tmp  *os.File
}

func openReport(path string) (*reportFile, error) {
	if path == "" {
		return &reportFile{}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fmt.Errorf("--report-json %s: is a directory", path)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".tmp-")
	if err != nil {
		return nil, fmt.Errorf("--report-json: %w", err)
	}
	return &reportFile{path, f}, nil
}

func (r *reportFile) write(rep *replay.Report) error {
	if r.tmp == nil {
		return nil
	}
	var b bytes.Buffer
	if err := rep.WriteJSON(&b); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	_, err := r.tmp.Write(b.Bytes())
	if err == nil {
		err = r.tmp.Chmod(0o644)
	}
	if err == nil {
		err = os.Rename(r.tmp.Name(), r.path)
	}
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	err = r.tmp.Close()
	r.tmp = nil
	return err
}

// close removes what was not written.
func (r *reportFile) close() error {
	if r.tmp == nil {
		return nil
	}
	err := errors.Join(r.tmp.Close(), os.Remove(r.tmp.Name()))
	r.tmp = nil
	return err
}
