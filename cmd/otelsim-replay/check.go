package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// checkCommand is the verb check.
type checkCommand struct {
	help *flags
	set  *pflag.FlagSet

	ledgers []string
	rules   string
	fanOut  bool
	signals []string
	report  string
	html    string
	workers int
	quiet   bool

	corpus   string
	received []string
	wanted   []otlp.Signal // nil: all there are
}

const checkIntro = `otelsim-replay check: say what a pipeline did to a corpus.

RECEIVED is what came out at its end: files of the Collector's file exporter, folders of them,
what sink --output kept, or a corpus; several are one output, unless --fan-out says otherwise.
Every span, data point and log record of CORPUS must be in it once and as it was, but for what
--rules say; what is lost, duplicated, altered, made up, moved, reordered, split or late is told
by field, with examples, and when it was. Laps and moved times are undone.

With the ledger of the replay only what the receiver accepted can be lost. Exit code 1 says that
something was found, 2 also that nothing can be said, for instance since nothing arrived.

Usage:
  otelsim-replay check [flags] CORPUS RECEIVED...

Examples:
  otelsim-replay check corpus received.jsonl
  otelsim-replay check --ledger ledger.zst --rules rules.yaml --report junit corpus out/ >check.xml
`

// The forms of reports.
const (
	reportText  = "text"
	reportJSON  = "json"
	reportJUnit = "junit"
)

func newCheckCommand() *checkCommand {
	c := &checkCommand{}
	f := &flags{intro: checkIntro, bad: ", or nothing can be said"}
	g := f.group("Judging")
	g.StringArrayVar(&c.ledgers, "ledger", nil, "`FILE` that the replay wrote with --ledger; repeatable: one a shard\n"+
		"(default all was accepted)")
	g.StringVar(&c.rules, "rules", "", "YAML `FILE` of what the pipeline is meant to do (default nothing)")
	g.BoolVar(&c.fanOut, "fan-out", false, "each RECEIVED must have everything (default all of them together)")
	g.StringSliceVar(&c.signals, "signals", nil, "`LIST` of traces, metrics, logs to judge (default all there are)")
	cmdline.Complete(g.FlagSet, "signals", signalNames...)
	g.IntVar(&c.workers, "workers", runtime.GOMAXPROCS(0), "`N` segments at a time; never changes the result (default all cores)")

	g = f.group("Result")
	g.StringVar(&c.report, "report", reportText, "`FORM` of the report on stdout: text, json or junit (default text)")
	cmdline.Complete(g.FlagSet, "report", reportText, reportJSON, reportJUnit)
	g.StringVar(&c.html, "html", "", "and as a page to `FILE`; - is stdout, in place of the report")
	g.BoolVar(&c.quiet, "quiet", false, "print no progress")
	g.Bool("version", false, "print the version")
	g.BoolP("help", "h", false, "print this help")
	c.help = f
	c.set = f.flagSet()
	return c
}

func (c *checkCommand) flags() *flags { return c.help }

func (c *checkCommand) validate(args []string) error {
	var errs []error
	switch len(args) {
	case 0:
		errs = append(errs, errors.New("want CORPUS and RECEIVED: the corpus that was sent, and what arrived"))
	case 1:
		errs = append(errs, fmt.Errorf("want RECEIVED after %s: a file or a folder of what arrived", cmdline.Word(args[0])))
	default:
		c.corpus, c.received = args[0], args[1:]
	}
	var err error
	if c.wanted, err = selected(c.set, c.signals); err != nil {
		errs = append(errs, err)
	}
	if c.report != reportText && c.report != reportJSON && c.report != reportJUnit {
		errs = append(errs, fmt.Errorf("--report %s: want text, json or junit", cmdline.Word(c.report)))
	}
	if c.workers < 1 {
		errs = append(errs, fmt.Errorf("--workers %d: must be at least 1", c.workers))
	}
	if c.fanOut && len(args) == 2 {
		errs = append(errs, errors.New("--fan-out: want more than one RECEIVED"))
	}
	return errors.Join(errs...)
}

// run judges and reports.
func (c *checkCommand) run(ctx context.Context, a *app) (err error) {
	if err := c.checkPage(); err != nil {
		return usageError{verbCheck, err}
	}
	page, err := a.openReport("--html", c.html)
	if err != nil {
		return usageError{verbCheck, err}
	}
	defer func() { err = errors.Join(err, page.Close()) }()
	in, err := c.open()
	if err != nil {
		return badInput(err)
	}
	r, err := c.check(ctx, a, in)
	if err != nil {
		return err
	}
	return c.tell(a, r, page)
}

// checkPage refuses a page in place of what is read.
func (c *checkCommand) checkPage() error {
	if path, ok := foreign.Holder(c.html, slices.Concat([]string{c.corpus, c.rules}, c.received, c.ledgers)); ok {
		return fmt.Errorf("--html: %s is part of %s, which is to be read: want a page elsewhere", text.Clean(c.html), text.Clean(path))
	}
	return nil
}
