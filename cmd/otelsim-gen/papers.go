package main

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// completeValues says which words the flags take.
func completeValues(set *pflag.FlagSet) {
	cmdline.Complete(set, "semconv", otelsim.Vocabularies...)
	cmdline.Complete(set, "definitions", input.Bundled, input.Registry)
	cmdline.Complete(set, "signals", "traces", "metrics", "logs")
	cmdline.Complete(set, "iteration", "all")
}

// printPapers prints a completion, or the manual page.
func (a *app) printPapers(f *flags) error {
	if err := a.papers.Check(); err != nil {
		return usageError{err}
	}
	c, err := describeCommand(f)
	if err != nil {
		return err
	}
	return a.papers.Print(a.out, c)
}

// describeCommand returns the command as its completions and its manual tell of it.
func describeCommand(f *flags) (cmdline.Command, error) {
	names, tags, err := bundledNames()
	if err != nil {
		return cmdline.Command{}, err
	}
	c := cmdline.Command{
		Name: "otelsim-gen", Summary: "write telemetry corpora from scenario definitions, judge and show them", Version: program(),
		List: verbList, Inputs: []string{"--project", "--config", "--semconv", "--definitions", "--scenarios-dir", "--registry"},
		Given: "SCENARIOS_DIR",
		Notes: []cmdline.Note{
			{Title: "Environment", Text: environmentNote()},
			{Title: "Exit status", Text: "0: done. 1: the work failed, was interrupted, or a check found a difference.\n" +
				"2: bad usage or bad input, nothing written. 130: ended by a second Ctrl-C."},
			{Title: "See also", Text: "otelsim-replay(1), https://github.com/otelsim/otelsim"},
		},
	}
	for _, v := range verbs() {
		groups := f.grouped(v.name)
		for _, g := range groups {
			for i := range g.Flags {
				switch flag := &g.Flags[i]; flag.Name {
				case "scenario":
					flag.Values, flag.Names = names, true
				case "tags":
					flag.Values = tags
				}
			}
		}
		c.Verbs = append(c.Verbs, cmdline.Verb{Name: v.name, Args: v.args, Summary: v.summary, Text: v.text,
			Usage: []string{v.usage()}, Examples: v.examples[:], Groups: groups})
	}
	c.Verbs = append(c.Verbs, cmdline.Verb{Name: verbHelp, Args: cmdline.VerbArg, Summary: "say more of a verb", Words: verbNames(),
		Usage: []string{"otelsim-gen help [VERB]"}})
	return c, nil
}

// bundledNames returns the names of the bundled scenarios, and their tags, sorted.
func bundledNames() (names, tags []string, err error) {
	catalog, err := otelsim.Validate(otelsim.Inputs{}, otelsim.Vocabularies[0], false)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range catalog.Scenarios {
		names, tags = append(names, s.Name), append(tags, s.Tags...)
	}
	slices.Sort(tags)
	return names, slices.Compact(tags), nil
}

// environmentNote says which variables stand in for flags.
func environmentNote() string {
	var lines []string
	for _, v := range variables {
		lines = append(lines, v.name+" stands in for --"+v.flag+".")
	}
	return strings.Join(lines, "\n")
}
