package main

import (
	"io"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
)

// verbArgs are what follows the flags of each verb.
var verbArgs = map[string]string{
	verbReplay: "DIR|FILE...",
	verbSink:   "",
	verbCheck:  "CORPUS RECEIVED...",
	verbReport: "merge FILE...",
}

// printPapers prints a completion, or the manual page.
func (c *replayCommand) printPapers(w io.Writer) error {
	if err := c.papers.Check(); err != nil {
		return usageError{verbReplay, err}
	}
	return c.papers.Print(w, describeCommand())
}

// describeCommand returns the command as its completions and its manual tell of it.
func describeCommand() cmdline.Command {
	c := cmdline.Command{
		Name: "otelsim-replay", Summary: "stream telemetry over OTLP at an exact rate, receive and judge it",
		Version: "otelsim-replay " + cmdline.Version(),
		Notes: []cmdline.Note{
			{Title: "Environment", Text: "The variables OTEL_EXPORTER_OTLP_* of OpenTelemetry's exporters, those of single signals too,\n" +
				"hold where no flag is given."},
			{Title: "Exit status", Text: "0: done. 1: the work failed, was interrupted, or a check found a difference.\n" +
				"2: bad usage or bad input, nothing sent; of check also: nothing can be said.\n130: ended by a second Ctrl-C."},
			{Title: "See also", Text: "otelsim-gen(1), https://github.com/otelsim/otelsim"},
		},
	}
	all := commands()
	for _, name := range verbNames {
		f := all[name].flags()
		v := cmdline.Introduce(name, verbArgs[name], f.intro)
		if name == verbReplay {
			v.Usage, v.Summary = v.Usage[:1], "send a corpus, or files of the Collector's file exporter"
		}
		if name == verbReport {
			v.Words = []string{"merge"}
		}
		for _, g := range f.groups {
			group := cmdline.Group{Title: g.title}
			g.VisitAll(func(flag *pflag.Flag) {
				if !flag.Hidden {
					group.Flags = append(group.Flags, cmdline.Describe(flag, ""))
				}
			})
			v.Groups = append(v.Groups, group)
		}
		c.Verbs = append(c.Verbs, v)
	}
	c.Verbs = append(c.Verbs, cmdline.Verb{Name: verbHelp, Args: cmdline.VerbArg, Summary: "say more of a verb", Words: verbNames,
		Usage: []string{"otelsim-replay help [VERB]"}})
	return c
}
