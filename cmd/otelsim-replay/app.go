package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/interrupt"
	"github.com/otelsim/otelsim/internal/rlimit"
	"github.com/otelsim/otelsim/internal/text"
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
	ctx, stop := interrupt.Watch(ctx, a.onInterrupt)
	defer stop()

	err := rlimit.Check()
	if err == nil {
		err = a.dispatch(ctx, args)
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
	// Errors that were joined have a line each.
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintf(a.errOut, "otelsim-replay: %s\n", text.Clean(line))
	}
	var usage usageError
	switch {
	case errors.As(err, &usage):
		help := "otelsim-replay --help"
		if usage.verb != "" && usage.verb != verbReplay {
			help = "otelsim-replay " + usage.verb + " --help"
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
	verbCheck  = "check"
	verbReport = "report"
	verbHelp   = "help"
)

// commands returns each verb with its options, in the order of the help.
func commands() map[string]command {
	return map[string]command{verbReplay: newReplayCommand(), verbSink: newSinkCommand(), verbCheck: newCheckCommand(), verbReport: newMergeCommand()}
}

// verbNames are the verbs in the order of the help.
var verbNames = []string{verbReplay, verbSink, verbCheck, verbReport}

// dispatch parses the command line and runs its verb.
func (a *app) dispatch(ctx context.Context, args []string) error {
	all, verbs := newFlagSet("all"), commands()
	for _, name := range verbNames {
		all.AddFlagSet(verbs[name].flags().flagSet())
	}
	verb, args := cmdline.Find(all, args, append([]string{verbHelp}, verbNames...))
	asked := verb == verbHelp
	if asked {
		if verb, args = cmdline.Find(all, args, verbNames); verb == "" && len(args) > 0 && !strings.HasPrefix(args[0], "-") {
			return usageError{verb, fmt.Errorf("unknown verb %q: want %s", args[0], strings.Join(verbNames, " or "))}
		}
		args = []string{"--help"}
	}
	given := verb != ""
	if !given {
		verb = verbReplay
	}
	c := verbs[verb]
	set := c.flags()
	problems := cmdline.Guard(set.flagSet())
	if err := set.flagSet().Parse(args); err != nil {
		return usageError{verb, explain(set.flagSet(), all, verb, err)}
	}
	if help, err := set.flagSet().GetBool("help"); help || err != nil {
		set.print(a.out)
		return err
	}
	if asked, err := set.flagSet().GetBool("version"); asked || err != nil {
		fmt.Fprintf(a.out, "otelsim-replay %s, %s %s/%s\n", cmdline.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		return err
	}
	if r, ok := c.(*replayCommand); ok && r.papers.Asked() {
		return r.printPapers(a.out)
	}
	rest := set.flagSet().Args()
	if !given && len(rest) > 0 {
		if err := strangeVerb(rest[0]); err != nil {
			return usageError{verb, err}
		}
	}
	// The values first: what they leave at its default is checked no less.
	if err := errors.Join(problems.Err(), c.validate(rest)); err != nil {
		return usageError{verb, err}
	}
	return c.run(ctx, a)
}

// explain returns a parse error in the words of the other messages. A flag of
// another verb is not unknown.
func explain(set, all *pflag.FlagSet, verb string, err error) error {
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() == "" && all.Lookup(unknown.GetSpecifiedName()) != nil {
		return fmt.Errorf("--%s has no effect on %s", unknown.GetSpecifiedName(), verb)
	}
	return cmdline.Explain(set, err)
}

// strangeVerb returns an error for the first word of a command line that is no
// file and looks like a verb: one with a typing mistake, or one of otelsim-gen.
func strangeVerb(word string) error {
	if _, err := os.Lstat(word); err == nil || slices.Contains(verbNames, word) || strings.ContainsAny(word, `./\`) {
		return nil
	}
	switch word {
	case "generate", "run", "scenario":
		return fmt.Errorf("no file %s: data is written by otelsim-gen -o DIR, and sent by otelsim-replay DIR", word)
	case "list", "validate", "show", "verify", "seal":
		return fmt.Errorf("no file %s: it is a verb of otelsim-gen", word)
	}
	if near, ok := text.Nearest(word, verbNames); ok {
		return fmt.Errorf("no file %s: did you mean the verb %s?", cmdline.Word(word), near)
	}
	return nil
}

// command is a verb with its options.
type command interface {
	flags() *flags
	// validate checks the options and args against each other: every problem
	// at once.
	validate(args []string) error
	run(ctx context.Context, a *app) error
}

var (
	_ command = (*replayCommand)(nil)
	_ command = (*sinkCommand)(nil)
	_ command = (*checkCommand)(nil)
	_ command = (*mergeCommand)(nil)
)
