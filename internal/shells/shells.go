// Package shells asks shells what they complete, for tests of completions:
//
//	offers := shells.Complete(t, "zsh", script, "otelsim-gen show --con", "otelsim-gen v")
package shells

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Require skips a test where there is no such shell. In CI there is.
func Require(t testing.TB, shell string) {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("%s is not installed (apt-get install %s): %v", shell, shell, err)
	}
}

// Complete returns what a shell that has read a completion script offers for the last
// word of each command line, which may be empty, sorted. Of a flag with its value, and of
// values with commas between them, that is the part behind; what is said of a word beside
// it is left out. Lines are words with a space between them, without quotes.
func Complete(t testing.TB, shell, script string, lines ...string) [][]string {
	t.Helper()
	dir := t.TempDir()
	path, begin := filepath.Join(dir, "completion"), filepath.Join(dir, "begin")
	for name, text := range map[string]string{path: script, begin: zshBegin} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var args []string
	switch shell {
	case "bash":
		args = []string{"--norc", "-c", bashDriver, path}
	case "zsh":
		args = []string{"-f", "-c", zshDriver, begin, path}
	case "fish":
		args = []string{"--no-config", "-c", fishDriver, path}
	}
	cmd := exec.Command(shell, append(args, lines...)...)
	cmd.Dir = t.TempDir() // in which there is nothing
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir, "TERM=dumb")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	answers := strings.Split(string(out), "DONE")
	if err != nil || stderr.Len() > 0 || len(answers) != len(lines)+1 {
		t.Fatalf("%s: %v: %s%s", shell, err, out, stderr.String())
	}
	all := make([][]string, len(lines))
	for i := range lines {
		all[i] = offers(shell, answers[i])
	}
	return all
}

// offers returns the words that a driver printed, sorted.
func offers(shell, out string) (all []string) {
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		word, hit := line, line != ""
		if shell == "zsh" { // the first one stands behind the line that was typed
			_, word, hit = strings.Cut(line, "HIT:")
		}
		word, _, _ = strings.Cut(word, "\t") // fish says what it is
		if flag, value, ok := strings.Cut(word, "="); ok && strings.HasPrefix(flag, "--") && value != "" {
			word = value
		}
		if hit {
			all = append(all, strings.TrimSuffix(word[strings.LastIndex(word, ",")+1:], "="))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// bashDriver completes as readline does, which takes = for a word of its own.
const bashDriver = `source "$0" || exit
for line; do
	declare -a COMP_WORDS=()
	rest="$line "
	while [[ -n $rest ]]; do
		word=${rest%% *} rest=${rest#* }
		case $word in
		--*=) COMP_WORDS+=("${word%=}" =) ;;
		--*=*) COMP_WORDS+=("${word%%=*}" = "${word#*=}") ;;
		*) COMP_WORDS+=("$word") ;;
		esac
	done
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	registered=$(complete -p "${COMP_WORDS[0]}") || exit
	[[ $registered =~ -F\ ([^ ]+) ]] || exit
	"${BASH_REMATCH[1]}"
	[[ ${#COMPREPLY[@]} -eq 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
	echo DONE
done
`

const fishDriver = `source $argv[1]
for line in $argv[2..-1]
	complete -C $line
	echo DONE
end
`

// zshDriver types the lines in a terminal, and prints what appears.
const zshDriver = `zmodload zsh/zpty || exit
export SCRIPT=$1
zpty z zsh -f -i
zpty -w z "source $0"
zpty -r -m z out '*READY*' || exit
shift
for line; do
	zpty -w -n z $'\C-u'"$line"$'\t'
	zpty -r -m z out '*DONE*' || exit
	print -r -- "$out"
done
zpty -d z
`

// zshBegin has compadd print the matches in place of adding them.
const zshBegin = `PS1= PS2= RPS1=
unset zle_bracketed_paste
autoload -Uz compinit && compinit -u -D
source $SCRIPT
compadd() {
	if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
		builtin compadd "$@"
		return
	fi
	local -a hits
	builtin compadd -A hits "$@"
	print -rl -- HIT:$^hits
}
tell() { zle complete-word; print -r DONE }
zle -N tell
bindkey '^I' tell
print READY
`

// Check has each shell of all complete command lines, of which cases have what follows
// prefix, and the words that are to be offered. script returns the completion of a shell;
// own is the path of a folder, which some shells shorten.
func Check(t *testing.T, all []string, prefix, own string, cases map[string][]string, script func(shell string) string) {
	t.Helper()
	ends := slices.Sorted(maps.Keys(cases))
	var lines []string
	for _, end := range ends {
		lines = append(lines, prefix+end)
	}
	for _, shell := range all {
		t.Run(shell, func(t *testing.T) {
			Require(t, shell)
			for i, got := range Complete(t, shell, script(shell), lines...) {
				for j := range got { // of paths shells say what they like
					if got[j] = strings.TrimSuffix(got[j], "/"); got[j] == filepath.Base(own) {
						got[j] = own
					}
				}
				if want := slices.Sorted(slices.Values(cases[ends[i]])); !slices.Equal(got, want) {
					t.Errorf("%q: got %q, want %q", lines[i], got, want)
				}
			}
		})
	}
}
