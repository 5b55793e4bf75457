package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"

	"github.com/otelsim/otelsim/pkg/replay"
)

// Exit codes. Scripts rely on them.
const (
	exitDone   = 0
	exitFailed = 1 // the work failed, or a condition for failing was met
	exitUsage  = 2 // bad usage or bad input: nothing was sent
)

// app is one run of the command. Data goes to out, everything else to errOut.
type app struct {
	out    *bufio.Writer
	stdout io.Writer // what out writes to: to be known by, not to be written to
	errOut io.Writer
	hurry  atomic.Pointer[func()] // what a second signal asks for; nil: to exit
}

// usageError is a command line that asks for something impossible.
type usageError struct {
	verb string
	err  error
}

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// run does what args ask for and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{out: bufio.NewWriter(stdout), stdout: stdout, errOut: stderr}
	ctx, stop := a.onSignals(ctx)
	defer stop()

	err := a.dispatch(ctx, args)
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
	// Errors that were joined have a line each.
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(a.errOut, "otelsim-replay: %s\n", line)
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		help := "otelsim-replay --help"
		if usage.verb == verbSink {
			help = "otelsim-replay sink --help"
		}
		fmt.Fprintf(a.errOut, "run '%s' for usage\n", help)
		return exitUsage
	case errors.Is(err, replay.ErrInput):
		return exitUsage
	}
	return exitFailed
}

// The names of the verbs.
const (
	verbReplay = "replay"
	verbSink   = "sink"
)

// dispatch parses the command line and runs its verb. The verb comes first; a
// file of its name is ./sink.
func (a *app) dispatch(ctx context.Context, args []string) error {
	asked := false
	if len(args) > 0 && args[0] == "help" {
		args, asked = args[1:], true
	}
	verb := verbReplay
	if len(args) > 0 && (args[0] == verbSink || args[0] == verbReplay) {
		verb, args = args[0], args[1:]
	} else if asked && len(args) > 0 {
		return usageError{verb, fmt.Errorf("unknown verb %q: want replay or sink", args[0])}
	}
	var c command
	if verb == verbSink {
		c = newSinkCommand()
	} else {
		c = newReplayCommand()
	}
	set := c.flags()
	if asked {
		args = []string{"--help"}
	}
	if err := set.flagSet().Parse(args); err != nil {
		return usageError{verb, explain(err)}
	}
	if help, err := set.flagSet().GetBool("help"); help || err != nil {
		set.print(a.out)
		return err
	}
	if asked, err := set.flagSet().GetBool("version"); asked || err != nil {
		fmt.Fprintf(a.out, "otelsim-replay %s, %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
	if err := c.validate(set.flagSet().Args()); err != nil {
		return usageError{verb, err}
	}
	return c.run(ctx, a)
}

// command is a verb with its options.
type command interface {
	flags() *flags
	// validate checks the options and args against each other: every problem
	// at once.
	validate(args []string) error
	run(ctx context.Context, a *app) error
}
