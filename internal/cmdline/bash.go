package cmdline

import (
	"fmt"
	"strings"
)

// Bash returns the completion of a command for bash, from version 3.2 on, which
// needs nothing else.
func (c *Command) Bash() string {
	var b strings.Builder
	fn := "_" + strings.ReplaceAll(c.Name, "-", "_")
	head := strings.NewReplacer("@NAME", c.Name, "@FN", fn, "@DEFAULT", c.Verbs[0].Name,
		"@WITH_VALUE", strings.Join(c.withValue(), "|"), "@VERBS", strings.Join(c.names(), "|"))
	b.WriteString(head.Replace(bashHead))
	c.bashNames(&b, fn)
	b.WriteString(head.Replace(bashLine))
	for _, v := range c.Verbs {
		for _, f := range v.flags() {
			if action := bashAction(fn, f); action != "" {
				fmt.Fprintf(&b, "\t%s) %s ;;\n", v.Name+"."+strings.Join(f.words(), "|"+v.Name+"."), action)
			}
		}
	}
	b.WriteString(head.Replace(bashFlags))
	for _, v := range c.Verbs {
		var flags []string
		for _, f := range v.flags() {
			flags = append(flags, f.words()...)
		}
		fmt.Fprintf(&b, "\t\t%s.-*) values='%s' ;;\n", v.Name, strings.Join(flags, " "))
	}
	fmt.Fprintf(&b, "\t\t.*) values='%s'%s ;;\n", strings.Join(c.names(), " "), bashFiles(c.Verbs[0].files()))
	for _, v := range c.Verbs {
		if v.files() || v.Words != nil {
			fmt.Fprintf(&b, "\t\t%s.*) values='%s'%s ;;\n", v.Name, strings.Join(v.Words, " "), bashFiles(v.files()))
		}
	}
	b.WriteString(head.Replace(bashTail))
	return b.String()
}

// bashAction returns what sets the values of a flag.
func bashAction(fn string, f Flag) string {
	var todo []string
	if f.Values != nil {
		todo = append(todo, "values='"+strings.Join(f.Values, " ")+"'")
	}
	if f.Names {
		todo = append(todo, "names=$("+fn+`_names) && values=$names`)
	}
	if f.files() {
		todo = append(todo, "files=1")
	}
	if f.List {
		todo = append(todo, "list=1")
	}
	return strings.Join(todo, "; ")
}

func bashFiles(files bool) string {
	if files {
		return " files=1"
	}
	return ""
}

// bashNames writes the function that asks the command for names, where the line or
// the environment says from what: the bundled ones are known.
func (c *Command) bashNames(b *strings.Builder, fn string) {
	if c.List == "" {
		return
	}
	fmt.Fprintf(b, `
# The names of other inputs than the bundled ones.
%s_names() {
	local i
	local -a from=()
	for ((i = 0; i < ${#line[@]}; i++)); do
		case ${line[i]} in
		%s) from+=("${line[i]}" "${line[i + 1]}") ;;
		%s) from+=("${line[i]}") ;;
		esac
	done
	[[ ${#from[@]} -gt 0 || -n ${%s-} ]] || return
	"${COMP_WORDS[0]}" %s ${from[@]+"${from[@]}"} 2>/dev/null | sed '1d; /^$/,$d; s/  .*//'
}
`, fn, strings.Join(c.Inputs, "|"), strings.Join(c.Inputs, "=*|")+"=*", c.Given, c.List)
}

const bashHead = `# Completion of @NAME for bash: source <(@NAME --completion bash)
`

const bashLine = `
@FN() {
	local cur=${COMP_WORDS[COMP_CWORD]} pre= flag= verb= values= names= files= list= i
	local IFS=$' \t\n'
	local -a line=()
	# Where bash takes --flag=value for three words, it is two to us.
	for ((i = 1; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == = ]] || line+=("${COMP_WORDS[i]}")
	done
	[[ $cur != = ]] || cur=
	for ((i = 0; i < ${#line[@]}; i++)); do
		flag=
		case ${line[i]} in
		--) verb=${verb:-@DEFAULT}; break ;;
		@WITH_VALUE) flag=${line[i]}; ((++i)) ;;
		-*) ;;
		@VERBS) verb=${verb:-${line[i]}} ;;
		*) verb=${verb:-@DEFAULT} ;;
		esac
	done
	((i > ${#line[@]})) || flag=
	if [[ -z $flag && $cur == --*=* ]]; then
		flag=${cur%%=*} pre=${cur%%=*}= cur=${cur#*=}
	fi

	case ${verb:-@DEFAULT}.$flag in
`

const bashFlags = `	esac
	if [[ -z $flag ]]; then
		[[ $cur != -* ]] || verb=${verb:-@DEFAULT}
		case $verb.$cur in
`

const bashTail = `		esac
	fi

	if [[ -n $list ]]; then
		pre+=${cur%"${cur##*,}"} cur=${cur##*,}
	fi
	COMPREPLY=($(compgen -W "$values" -- "$cur"))
	if [[ -n $pre && ${#COMPREPLY[@]} -gt 0 ]]; then
		COMPREPLY=("${COMPREPLY[@]/#/$pre}")
	fi
	if [[ -n $files ]]; then
		compopt -o filenames 2>/dev/null
		IFS=$'\n'
		COMPREPLY+=($(compgen -P "$pre" -f -- "$cur"))
	fi
}
complete -F @FN @NAME
`
