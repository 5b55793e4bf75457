package cmdline

import (
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Command is a program as its completions and its manual page tell of it: both are
// made from what the help is made from.
type Command struct {
	Name    string // such as otelsim-gen
	Summary string // what it does, in a few words: "write telemetry corpora"
	Verbs   []Verb // the first is the default one
	Notes   []Note // more sections of the manual
	Version string // as the manual tells it

	// List prints, after a heading, a line for each name that Names flags take, the
	// name first and two spaces behind it; the flags of Inputs and the variable of
	// Given say from what, and are handed on as they were typed.
	List   string
	Inputs []string
	Given  string
}

// Note is a section of the manual.
type Note struct {
	Title string
	Text  string // paragraphs, with an empty line between them
}

// Verb is one thing that a command can do.
type Verb struct {
	Name     string
	Args     string // what follows the flags, such as "DIR|FILE..."; empty: nothing
	Summary  string
	Text     string   // paragraphs, with an empty line between them
	Words    []string // that Args begins with, such as the verbs that help explains
	Usage    []string
	Examples []string
	Groups   []Group
}

// Group is a heading with the flags below it.
type Group struct {
	Title string
	Flags []Flag
}

// Flag is a flag as a verb takes it.
type Flag struct {
	Name, Short string
	Arg         string   // what its value is called, such as FILE; empty: it has none
	Text        string   // what it does, in lines
	Values      []string // that complete; the flag may take others
	List        bool     // several, with commas between them
	Many        bool     // it may be given again
	Names       bool     // values are names that List of the command prints
}

// Head returns the flag as it is written: "-n, --count N".
func (f Flag) Head() string {
	short := "    "
	if f.Short != "" {
		short = "-" + f.Short + ", "
	}
	return strings.TrimRight("  "+short+"--"+f.Name+" "+f.Arg, " ")
}

// files reports whether values may be paths.
func (f Flag) files() bool { return strings.Contains(f.Arg, "FILE") || strings.Contains(f.Arg, "DIR") }

// valuesKey is where a flag holds the values that Complete gave it.
const valuesKey = "otelsim-values"

// Complete says which values a flag of set takes that are words, for completion.
func Complete(set *pflag.FlagSet, name string, values ...string) {
	if err := set.SetAnnotation(name, valuesKey, values); err != nil {
		panic(err) // the flag is not defined
	}
}

// Describe returns a flag for help, completion and manual. Usage, when not empty,
// replaces the flag's own.
func Describe(flag *pflag.Flag, usage string) Flag {
	named := *flag
	if strings.Contains(usage, "`") {
		named.Usage = usage
	}
	arg, text := pflag.UnquoteUsage(&named)
	if usage != "" && named.Usage != usage {
		text = usage
	}
	kind := flag.Value.Type()
	switch {
	case kind == "bool":
		arg = ""
	case strings.Contains(named.Usage, "`"):
	case kind == "uint64" || kind == "int":
		arg = "N"
	case kind == "duration":
		arg = "DUR"
	default:
		arg = kind
	}
	if kind != "bool" && flag.DefValue != "" && flag.DefValue != "[]" && !strings.Contains(text, "default ") {
		text += " (default " + flag.DefValue + ")"
	}
	f := Flag{Name: flag.Name, Short: flag.Shorthand, Arg: arg, Text: text, Values: flag.Annotations[valuesKey]}
	// A flag of a few names is called by them.
	if f.Values == nil && strings.Contains(arg, "|") && strings.ToLower(arg) == arg {
		f.Values = strings.Split(arg, "|")
	}
	_, f.Many = unguarded(flag.Value).(pflag.SliceValue)
	f.List = arg == "LIST" || kind == "stringSlice"
	return f
}

// unguarded returns a value as it was before Guard.
func unguarded(v pflag.Value) pflag.Value {
	if g, ok := v.(*guarded); ok {
		return g.Value
	}
	return v
}

// Introduce takes the text apart with which the help of a verb begins: a first line
// "program verb: summary", paragraphs, and the sections Usage, Verbs and Examples,
// of which that of the verbs is left out.
func Introduce(name, args, intro string) Verb {
	v := Verb{Name: name, Args: args}
	first, rest, _ := strings.Cut(intro, "\n")
	_, v.Summary, _ = strings.Cut(first, ": ")
	var text []string
	for part := range strings.SplitSeq(strings.TrimSpace(rest), "\n\n") {
		title, lines, _ := strings.Cut(part, ":\n  ")
		switch title {
		case "Usage":
			v.Usage = strings.Split(lines, "\n  ")
		case "Examples":
			v.Examples = strings.Split(lines, "\n  ")
		case "Verbs":
		default:
			text = append(text, part)
		}
	}
	v.Text = strings.Join(text, "\n\n")
	return v
}

// names returns the names of the verbs that may be typed.
func (c *Command) names() (names []string) {
	for _, v := range c.Verbs {
		names = append(names, v.Name)
	}
	return names
}

// withValue returns how the flags are written that take a value, whatever the verb,
// each once, in their order.
func (c *Command) withValue() (all []string) {
	for _, v := range c.Verbs {
		for _, f := range v.flags() {
			for _, word := range f.words() {
				if f.Arg != "" && !slices.Contains(all, word) {
					all = append(all, word)
				}
			}
		}
	}
	return all
}

// flags returns the flags of all groups.
func (v *Verb) flags() (all []Flag) {
	for _, g := range v.Groups {
		all = append(all, g.Flags...)
	}
	return all
}

// VerbArg is what follows a verb that takes others, as help does: no path.
const VerbArg = "[VERB]"

// files reports whether paths may follow the flags.
func (v *Verb) files() bool {
	return v.Args != "" && v.Args != VerbArg && !strings.HasPrefix(v.Args, "-")
}

// words returns how the flag is written.
func (f Flag) words() []string {
	if f.Short == "" {
		return []string{"--" + f.Name}
	}
	return []string{"-" + f.Short, "--" + f.Name}
}

// line returns what the flag does as one line.
func (f Flag) line() string { return strings.Join(strings.Fields(f.Text), " ") }
