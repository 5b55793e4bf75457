package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/replay"
	"github.com/otelsim/otelsim/pkg/replay/page"
)

// mergeCommand is the verb report, of which there is one kind: report merge.
type mergeCommand struct {
	help *flags
	set  *pflag.FlagSet

	reportJSON string
	reportHTML string
	failIf     []string

	paths      []string
	conditions []replay.Condition
}

const mergeIntro = `otelsim-replay report merge: join the reports of the shards of one replay.

FILE is what replay --report-json wrote, or a log in which that is a line among others, of one
pod or of many; - is stdin. The result is the report of one run of all shards: counts add, and
percentiles are those of the union. Shards that no report is of are named, and the exit code is
1 then; reports of different corpora, versions or settings are refused, as is one shard twice.

Usage:
  otelsim-replay report merge [flags] FILE...

Examples:
  otelsim-replay report merge --report-html all.html shard-*.json
  kubectl logs -l job-name=replay --tail=-1 --ignore-errors | otelsim-replay report merge --fail-if 'late>1%' -
`

// mergeWord follows the verb.
const mergeWord = "merge"

func newMergeCommand() *mergeCommand {
	c := &mergeCommand{}
	f := &flags{intro: mergeIntro, bad: ", or reports that cannot be joined"}
	g := f.group("Result")
	g.StringVar(&c.reportJSON, "report-json", "", "write the report as JSON to `FILE` too; - is stdout, on one line")
	g.StringVar(&c.reportHTML, "report-html", "", "and as a page with charts to `FILE`; - is stdout")
	g.StringArrayVar(&c.failIf, "fail-if", nil, "exit with 1 if `EXPR` holds, such as p99>50ms or late>1%;\n"+
		"repeatable (default any request lost, which a condition of your\nown replaces)")
	g.Bool("version", false, "print the version")
	g.BoolP("help", "h", false, "print this help")
	c.help = f
	c.set = f.flagSet()
	return c
}

func (c *mergeCommand) flags() *flags { return c.help }

func (c *mergeCommand) validate(args []string) error {
	var errs []error
	switch {
	case len(args) == 0 || args[0] != mergeWord:
		errs = append(errs, fmt.Errorf("want %s %s FILE...", verbReport, mergeWord))
	case len(args) == 1:
		errs = append(errs, errors.New("nothing to merge: name reports, or - for stdin"))
	default:
		c.paths = args[1:]
	}
	for _, expr := range c.failIf {
		cond, err := replay.ParseCondition(expr)
		if err != nil {
			errs = append(errs, fmt.Errorf("--fail-if: %w", err))
		}
		c.conditions = append(c.conditions, cond)
	}
	if samePath(c.reportJSON, c.reportHTML) {
		errs = append(errs, fmt.Errorf("--report-json, --report-html: %s: want two files", cmdline.Word(c.reportHTML)))
	}
	return errors.Join(errs...)
}

// run merges and reports.
func (c *mergeCommand) run(ctx context.Context, a *app) (err error) {
	for _, report := range []string{c.reportJSON, c.reportHTML} {
		if source, ok := foreign.Holder(report, c.paths); ok {
			return usageError{verbReport, fmt.Errorf("%s is part of %s, which is to be merged: want it elsewhere", text.Clean(report), text.Clean(source))}
		}
	}
	out, err := a.openReports(c.reportJSON, c.reportHTML)
	if err != nil {
		return usageError{verbReport, err}
	}
	defer func() { err = errors.Join(err, out.close()) }()
	var all []replay.Named
	for _, path := range c.paths {
		data, name, err := readLog(ctx, path)
		if err != nil {
			return badInput(err)
		}
		some, err := replay.ReadReports(name, data)
		if err != nil {
			return err
		}
		all = append(all, some...)
	}
	rep, err := replay.Merge(all)
	if err != nil {
		return err
	}
	for _, cond := range c.conditions {
		if cond.NeedsTarget() && rep.TargetRPS == 0 {
			return usageError{verbReport, fmt.Errorf("--fail-if %v: a percentage of the target rate needs reports of --rps, without --ramp", cond)}
		}
	}
	failures := c.failures(rep)
	p := &page.Page{Report: rep, Unit: rep.Unit(), Failures: failures, Settings: c.list(rep), Program: "otelsim-replay " + cmdline.Version()}
	err = out.write(a, rep, p.Write)
	for _, f := range failures {
		err = errors.Join(err, errors.New(f))
	}
	return err
}

// failures are why the replay is not to be called a success.
func (c *mergeCommand) failures(rep *replay.Report) []string {
	all := rep.Failures(c.conditions)
	if len(rep.MissingShards) > 0 {
		all = append(all, fmt.Sprintf("no report is there of shard %s of %d", strings.Join(rep.MissingShards, ", "), rep.Exact.Settings.Of))
	}
	for i := range rep.Exact.Parts {
		p := &rep.Exact.Parts[i]
		switch {
		case p.Broken:
			all = append(all, fmt.Sprintf("shard %d broke off after %s: its source failed", p.Shard, text.Counted(p.Records, "record")))
		case p.Interrupted:
			all = append(all, fmt.Sprintf("shard %d was interrupted after %s", p.Shard, text.Counted(p.Records, "record")))
		}
	}
	return all
}

// mostParts is how many of the parts a page lists.
const mostParts = 100

// list lists what was merged.
func (c *mergeCommand) list(rep *replay.Report) []page.Setting {
	e := rep.Exact
	all := []page.Setting{{Name: "source", Value: text.Clean(rep.Source)}, {Name: "schedule", Value: rep.Target},
		{Name: "recorded times", Value: map[string]string{"now": "moved to now", "original": "left as they are"}[e.Settings.Time]},
		{Name: "late", Value: fmt.Sprintf("more than %v after it was due", time.Duration(rep.LateAfter))}}
	for i := range e.Parts[:min(len(e.Parts), mostParts)] {
		p := &e.Parts[i]
		value := fmt.Sprintf("%s, %s to %s", text.Counted(p.Records, "record"), p.Start.Format(time.RFC3339Nano), p.End.Format(time.RFC3339Nano))
		if p.Rate != "" {
			value += ", rate " + text.Clean(p.Rate)
		}
		all = append(all, page.Setting{Name: fmt.Sprintf("shard %d of %d", p.Shard, e.Settings.Of), Value: value})
	}
	if n := len(e.Parts) - mostParts; n > 0 {
		all = append(all, page.Setting{Name: "and", Value: text.Counted(uint64(n), "shard") + " more"})
	}
	return all
}

// mostLog bounds what is read of one log, in bytes.
const mostLog = 256 << 20

// readLog reads a file, or stdin. It returns what to call it.
func readLog(ctx context.Context, path string) (data []byte, name string, err error) {
	if path != "-" {
		data, err = foreign.Append(nil, path, mostLog)
		return data, path, err
	}
	type read struct {
		data []byte
		err  error
	}
	done := make(chan read, 1)
	go func() {
		data, err := io.ReadAll(io.LimitReader(stdin(), mostLog+1))
		done <- read{data, err}
	}()
	select {
	case r := <-done:
		if r.err == nil && len(r.data) > mostLog {
			r.err = fmt.Errorf("stdin: more than %s", text.Size(mostLog))
		}
		return r.data, "stdin", r.err
	case <-ctx.Done():
		return nil, "stdin", errors.New("interrupted while stdin was read")
	}
}
