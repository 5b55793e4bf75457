package cmdline

import (
	"fmt"
	"slices"
	"strings"
)

// Fish returns the completion of a command for fish.
func (c *Command) Fish() string {
	var b strings.Builder
	fn := "__" + strings.ReplaceAll(c.Name, "-", "_")
	head := strings.NewReplacer("@NAME", c.Name, "@FN", fn, "@DEFAULT", c.Verbs[0].Name,
		"@WITH_VALUE", strings.Join(c.withValue(), " "), "@VERBS", strings.Join(c.names(), " "))
	b.WriteString(head.Replace(fishHead))
	c.fishNames(&b, fn)
	fmt.Fprintf(&b, "\ncomplete -c %s -f\n", c.Name)
	var files []string
	for _, v := range c.Verbs {
		fmt.Fprintf(&b, "complete -c %s -n '%s_verbless' -a %s -d %s\n", c.Name, fn, v.Name, fishQuoted(v.Summary))
		if v.Words != nil {
			fmt.Fprintf(&b, "complete -c %s -n '%s_takes %s' -a '%s'\n", c.Name, fn, v.Name, strings.Join(v.Words, " "))
		}
		if v.files() {
			files = append(files, v.Name)
		}
	}
	fmt.Fprintf(&b, "complete -c %s -n '%s_takes %s' -F\n", c.Name, fn, strings.Join(files, " "))
	for _, f := range c.fishFlags() {
		fmt.Fprintf(&b, "complete -c %s -n '%s_takes %s' %s\n", c.Name, fn, strings.Join(f.verbs, " "), f.rest)
	}
	return b.String()
}

// fishFlag is a flag with the verbs that take it alike.
type fishFlag struct {
	verbs []string
	rest  string
}

func (c *Command) fishFlags() (all []fishFlag) {
	fn := "__" + strings.ReplaceAll(c.Name, "-", "_")
	for _, v := range c.Verbs {
		for _, f := range v.flags() {
			rest := fishSpec(fn, f)
			i := slices.IndexFunc(all, func(known fishFlag) bool { return known.rest == rest })
			if i < 0 {
				i = len(all)
				all = append(all, fishFlag{rest: rest})
			}
			all[i].verbs = append(all[i].verbs, v.Name)
		}
	}
	return all
}

// fishSpec returns what complete is told of a flag.
func fishSpec(fn string, f Flag) string {
	var b strings.Builder
	if f.Short != "" {
		b.WriteString("-s " + f.Short + " ")
	}
	b.WriteString("-l " + f.Name)
	values := strings.Join(f.Values, " ")
	switch {
	case f.Arg == "":
	case f.files():
		b.WriteString(" -r -F")
	default:
		b.WriteString(" -x")
	}
	switch {
	case f.Names:
		fmt.Fprintf(&b, " -a '(%s_names %s)'", fn, values)
	case f.Values != nil && f.List:
		fmt.Fprintf(&b, " -a '(%s_list %s)'", fn, values)
	case f.Values != nil:
		fmt.Fprintf(&b, " -a '%s'", values)
	}
	b.WriteString(" -d " + fishQuoted(f.line()))
	return b.String()
}

// fishNames writes the function that prints names: those that the command prints
// where the line or the environment says from what, else those that it is given.
func (c *Command) fishNames(b *strings.Builder, fn string) {
	if c.List == "" {
		return
	}
	fmt.Fprintf(b, `
# The names of the inputs that the line tells, else those that are given: the bundled ones.
function %s_names
	set -l from
	set -l next
	set -l words (commandline -opc)
	for word in $words[2..-1]
		if test -n "$next"
			set -a from $next $word
			set next
		else if contains -- $word %s
			set next $word
		else if string match -q -r -- '^(%s)=' $word
			set -a from $word
		end
	end
	set -l names
	if test -n "$from$%s"
		set names ($words[1] %s $from 2>/dev/null | sed '1d; /^$/,$d; s/  .*//')
	end
	test -n "$names"; or set names $argv
	printf '%%s\n' $names
end
`, fn, strings.Join(c.Inputs, " "), strings.Join(c.Inputs, "|"), c.Given, c.List)
}

// fishQuoted returns a word in single quotes, which fish reads otherwise than others.
func fishQuoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

const fishHead = `# Completion of @NAME for fish: @NAME --completion fish | source

# Prints the verb of the line so far, the default one when a word stands in its place.
function @FN_verb
	set -l skip 0
	set -l words (commandline -opc)
	for word in $words[2..-1]
		if test $skip = 1
			set skip 0
		else if test "$word" = --
			echo @DEFAULT
			return
		else if contains -- $word @WITH_VALUE
			set skip 1
		else if string match -q -- '-*' $word
			continue
		else if contains -- $word @VERBS
			echo $word
			return
		else
			echo @DEFAULT
			return
		end
	end
end

function @FN_verbless
	set -l verb (@FN_verb)
	test -z "$verb"
end

# Prints values behind those of a list that are there.
function @FN_list
	set -l before (commandline -ct | string replace -r -- '^--[^=]*=' '' | string match -r -- '^.*,')
	for value in $argv
		echo "$before$value"
	end
end

# Holds for lines whose verb is one of those that are given.
function @FN_takes
	set -l verb (@FN_verb)
	test -n "$verb"; or set verb @DEFAULT
	contains -- $verb $argv
end
`
