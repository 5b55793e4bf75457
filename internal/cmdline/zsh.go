package cmdline

import (
	"fmt"
	"strings"
)

// Zsh returns the completion of a command for zsh: to be sourced, or to be called
// _NAME in a folder of $fpath.
func (c *Command) Zsh() string {
	var b strings.Builder
	fn := "_" + strings.ReplaceAll(c.Name, "-", "_")
	head := strings.NewReplacer("@NAME", c.Name, "@FN", fn, "@DEFAULT", c.Verbs[0].Name,
		"@WITH_VALUE", strings.Join(c.withValue(), "|"), "@VERBS", strings.Join(c.names(), "|"))
	b.WriteString(head.Replace(zshHead))
	c.zshNames(&b, fn)
	c.zshOperands(&b, fn)
	b.WriteString(head.Replace(zshLine))
	for _, v := range c.Verbs {
		fmt.Fprintf(&b, "\t%s) specs=(\n", v.Name)
		for _, f := range v.flags() {
			b.WriteString(zshSpec(fn, f))
		}
		b.WriteString("\t) ;;\n")
	}
	b.WriteString(head.Replace(zshTail))
	return b.String()
}

// zshSpec returns the lines of a flag for _arguments.
func zshSpec(fn string, f Flag) string {
	var b strings.Builder
	text := "[" + strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`, ":", `\:`).Replace(f.line()) + "]"
	for _, word := range f.words() {
		spec, others := word, ""
		if f.Arg != "" && strings.HasPrefix(word, "--") {
			spec += "="
		}
		switch {
		case f.Many:
			spec = "*" + spec
		case f.Short != "":
			others = "(" + strings.Join(f.words(), " ") + ")"
		}
		if spec = others + spec + text; f.Arg != "" {
			spec += ":" + strings.ReplaceAll(f.Arg, ":", `\:`) + ":" + zshAction(fn, f)
		}
		fmt.Fprintf(&b, "\t\t%s\n", quoted(spec))
	}
	return b.String()
}

// zshAction returns what completes the value of a flag.
func zshAction(fn string, f Flag) string {
	values := strings.Join(f.Values, " ")
	switch { // what stands behind a space is called as it is
	case f.Names:
		return " " + fn + "_names " + values
	case f.List && f.Values != nil:
		return "_values -s , " + f.Arg + " " + values
	case f.files() && f.Values != nil:
		return " " + fn + "_either " + values
	case f.files():
		return "_files"
	case f.Values != nil:
		return "(" + values + ")"
	}
	return " "
}

// zshNames writes the function that completes names: those that the command prints
// where the line or the environment says from what, else the bundled ones.
func (c *Command) zshNames(b *strings.Builder, fn string) {
	if c.List == "" {
		return
	}
	fmt.Fprintf(b, `
# The names of the inputs that the line tells, else those that are given: the bundled ones.
%s_names() {
	local -a from names expl
	local i
	for ((i = 2; i < CURRENT; i++)); do
		case $words[i] in
		(%s) from+=("$words[i]" "${(Q)words[i + 1]}") ;;
		(%s) from+=("${(Q)words[i]}") ;;
		esac
	done
	if (( $#from )) || [[ -n ${%s-} ]]; then
		names=(${(f)"$(${(Q)words[1]} %s $from 2>/dev/null | sed '1d; /^$/,$d; s/  .*//')"})
	fi
	(( $#names )) || names=("$@")
	_wanted names expl name compadd -a names
}
`, fn, strings.Join(c.Inputs, "|"), strings.Join(c.Inputs, "=*|")+"=*", c.Given, c.List)
}

// zshOperands writes the function that completes what is no flag.
func (c *Command) zshOperands(b *strings.Builder, fn string) {
	fmt.Fprintf(b, "\n%s_operands() {\n\tlocal -a verbs=(\n", fn)
	for _, v := range c.Verbs {
		fmt.Fprintf(b, "\t\t%s\n", quoted(strings.ReplaceAll(v.Name, ":", `\:`)+":"+v.Summary))
	}
	b.WriteString("\t)\n\tcase $verb in\n\t('') _describe -t verbs verb verbs\n")
	if c.Verbs[0].files() {
		b.WriteString("\t\t_files\n")
	}
	b.WriteString("\t\t;;\n")
	for _, v := range c.Verbs {
		switch words := strings.Join(v.Words, " "); {
		case v.Words != nil && v.files():
			fmt.Fprintf(b, "\t(%s) %s_either %s ;;\n", v.Name, fn, words)
		case v.Words != nil:
			fmt.Fprintf(b, "\t(%s) compadd -- %s ;;\n", v.Name, words)
		case v.files():
			fmt.Fprintf(b, "\t(%s) _files ;;\n", v.Name)
		}
	}
	b.WriteString("\tesac\n}\n")
}

// quoted returns a word in single quotes.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

const zshHead = `#compdef @NAME
# Completion of @NAME for zsh: source <(@NAME --completion zsh)

@FN_either() {
	_alternative "words:word:($*)" 'files:file:_files'
}
`

const zshLine = `
@FN() {
	local verb= i
	local -a specs
	for ((i = 2; i < CURRENT; i++)); do
		case $words[i] in
		(--) verb=@DEFAULT; break ;;
		(@WITH_VALUE) ((++i)) ;;
		(-*) ;;
		(@VERBS) verb=$words[i]; break ;;
		(*) verb=@DEFAULT; break ;;
		esac
	done
	case ${verb:-@DEFAULT} in
`

const zshTail = `	esac
	_arguments -s -S $specs '*:operand: @FN_operands'
}

if [[ $funcstack[1] == _@NAME ]]; then
	@FN "$@"
else
	compdef @FN @NAME
fi
`
