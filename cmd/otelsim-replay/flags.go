package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
)

// flags are a verb's flags in groups, as the help shows them.
type flags struct {
	intro  string
	bad    string // what else exit code 2 says
	groups []*group
	set    *pflag.FlagSet
}

// group is a heading of the help with the flags below it.
type group struct {
	title string
	*pflag.FlagSet
}

func newFlagSet(name string) *pflag.FlagSet {
	set := pflag.NewFlagSet(name, pflag.ContinueOnError)
	set.SetOutput(io.Discard) // errors are returned, and printed once
	set.SortFlags = false
	set.Usage = func() {}
	return set
}

// group adds a heading.
func (f *flags) group(title string) *group {
	g := &group{title, newFlagSet(title)}
	f.groups = append(f.groups, g)
	return g
}

// flagSet returns all flags in one set.
func (f *flags) flagSet() *pflag.FlagSet {
	if f.set == nil {
		f.set = newFlagSet("otelsim-replay")
		for _, g := range f.groups {
			f.set.AddFlagSet(g.FlagSet)
		}
	}
	return f.set
}

// helpColumn is where the explanations of the flags start.
const helpColumn = 34

// print writes the help. It is our own, since pflag would print defaults that
// are no defaults, such as an empty list.
func (f *flags) print(w io.Writer) {
	fmt.Fprint(w, f.intro)
	for _, g := range f.groups {
		fmt.Fprintf(w, "\n%s:\n", g.title)
		g.VisitAll(func(flag *pflag.Flag) {
			if flag.Hidden {
				return
			}
			d := cmdline.Describe(flag, "")
			text := strings.ReplaceAll(d.Text, "\n", "\n"+strings.Repeat(" ", helpColumn))
			fmt.Fprintf(w, "%-*s%s\n", helpColumn, d.Head()+" ", text)
		})
	}
	fmt.Fprint(w, "\nExit codes: 0 done; 1 the work failed, was interrupted, or a check found a difference;\n",
		"2 bad usage or bad input"+f.bad+".\n")
}

// positive returns an error when a duration that was given is not over 0.
func positive(set *pflag.FlagSet, name string, d time.Duration) error {
	if set.Changed(name) && d <= 0 {
		return fmt.Errorf("--%s %v: must be over 0", name, d)
	}
	return nil
}
