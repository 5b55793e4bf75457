package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/interrupt"
	"github.com/otelsim/otelsim/internal/rlimit"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
)

// Exit codes. Scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1 // the work failed, or a check found a difference
	exitUsage  = 2 // bad usage or bad input: nothing was written
)

// app is one run of the command. Data goes to out, everything else to errOut.
type app struct {
	options
	args     []string // the command line without the program's name
	out      *bufio.Writer
	stdout   io.Writer // what out writes to: to be known by, not to be written to
	errOut   io.Writer
	now      func() time.Time
	warnings int             // about the input
	told     []input.Problem // of validate, to be printed as data
	found    input.Problems  // of the project

	registryLines []string           // what the registries have that validate was given
	own           *registry.Registry // those that were given, without the bundled ones; nil: none
}

// usageError is a command line that asks for something impossible.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// usagef returns a usageError.
func usagef(format string, args ...any) error {
	return usageError{fmt.Errorf(format, args...)}
}

// inputError is bad input: what is wrong with it, or the line that sums up the
// problems that have been printed.
type inputError string

func (e inputError) Error() string { return string(e) }

// run does what args ask for and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	ctx, stop := interrupt.Watch(ctx, onInterrupt)
	defer stop()

	a := &app{args: args, out: bufio.NewWriter(stdout), stdout: stdout, errOut: stderr, now: time.Now}
	err := rlimit.Check()
	if err == nil {
		err = a.dispatch(ctx)
	}
	if ferr := a.out.Flush(); err == nil && ferr != nil {
		err = fmt.Errorf("write output: %w", ferr)
	}
	return a.report(err)
}

// report prints err, if any, and returns the exit code that it stands for.
func (a *app) report(err error) int {
	if err == nil {
		return exitDone
	}
	for _, e := range flatten(err) {
		fmt.Fprintf(a.errOut, "otelsim-gen: %s\n", text.Clean(e.Error()))
	}
	var usage usageError
	var bad inputError
	switch {
	case errors.As(err, &usage):
		help := "otelsim-gen --help"
		if a.verb != "" && a.verb != verbGenerate {
			help = "otelsim-gen help " + a.verb
		}
		fmt.Fprintf(a.errOut, "run '%s' for usage\n", help)
		return exitUsage
	case errors.As(err, &bad):
		return exitUsage
	}
	// An interrupted run is a failed one: 130 is what a shell would say, but
	// the contract has three codes and this work is not done.
	return exitFailed
}

// flatten returns the errors that err joins, so that each has its own line.
// An error that wraps several within one sentence stays one.
func flatten(err error) []error {
	if usage, ok := err.(usageError); ok {
		err = usage.err
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || err.Error() != errors.Join(joined.Unwrap()...).Error() {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, flatten(e)...)
	}
	return all
}

// dispatch parses the command line and runs its verb.
func (a *app) dispatch(ctx context.Context) error {
	flags := newFlags(&a.options)
	word, args := cmdline.Find(flags.set, a.args, slices.Concat(verbNames(), oldVerbs, []string{verbHelp}))
	asked := word == verbHelp
	if asked {
		word, args = cmdline.Find(flags.set, args, verbNames())
	}
	// The verb is known even when a flag is wrong, so that the message can
	// point to its help.
	v, given := findVerb(word)
	if !given {
		v, _ = findVerb(verbGenerate)
	}
	a.verb = v.name
	if err := flags.set.Parse(args); err != nil {
		return usageError{errors.Join(flags.problems.Err(), cmdline.Explain(flags.set, err))}
	}
	rest := flags.set.Args()
	switch {
	case !given && len(rest) > 0 && (asked || word == ""):
		return usageError{unknownVerb(rest[0])}
	case !given && (asked || a.askHelp):
		a.helpAll(flags)
		return nil
	case asked || a.askHelp:
		a.helpVerb(flags, v)
		return nil
	case a.version:
		return a.printVersion()
	case a.papers.Asked():
		return a.printPapers(flags)
	}
	a.dirs = rest
	bad, old := flags.problems.Err(), flags.oldNames(word, args)
	flags.note(&a.options)
	a.takeProject(flags)
	a.complete()
	if old == nil { // there is nothing more to say about a command line of then
		old = errors.Join(flags.misplaced(v.name), a.options.Validate())
	}
	if err := errors.Join(bad, old); err != nil {
		_ = a.problems(&a.found) // they are printed, too
		return usageError{err}
	}
	return v.run(a, ctx)
}

// notef prints a line about the work, unless it should be silent.
func (a *app) notef(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintln(a.errOut, text.Clean(fmt.Sprintf(format, args...)))
	}
}
