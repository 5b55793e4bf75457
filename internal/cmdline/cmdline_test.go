package cmdline

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// values are the flags that the tests define.
type values struct {
	seed     uint64
	count    int
	share    float64
	interval time.Duration
	output   string
	quiet    bool
	names    []string
}

func newSet(v *values) *pflag.FlagSet {
	set := pflag.NewFlagSet("test", pflag.ContinueOnError)
	set.Usage = func() {}
	set.Uint64Var(&v.seed, "seed", 1, "")
	set.IntVarP(&v.count, "count", "n", 5, "")
	set.Float64Var(&v.share, "share", 0, "")
	set.DurationVar(&v.interval, "interval", time.Second, "")
	set.StringVarP(&v.output, "output", "o", "", "")
	set.BoolVarP(&v.quiet, "quiet", "q", false, "")
	set.StringArrayVar(&v.names, "scenario", nil, "")
	set.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "out" {
			name = "output"
		}
		return pflag.NormalizedName(name)
	})
	return set
}

// TestFindVerb says what the verb of a command line is, wherever it stands.
func TestFindVerb(t *testing.T) {
	for _, c := range []struct{ why, line, verb, rest string }{
		{"first", "show --seed 3 DIR", "show", "--seed 3 DIR"},
		{"behind a flag with a value", "--seed 3 show DIR", "show", "--seed 3 DIR"},
		{"behind one with =", "--seed=3 show DIR", "show", "--seed=3 DIR"},
		{"behind a switch", "--quiet show DIR", "show", "--quiet DIR"},
		{"behind letters", "-q show", "show", "-q"},
		{"behind a letter and its value", "-n 3 show", "show", "-n 3"},
		{"behind a letter with its value", "-n3 show", "show", "-n3"},
		{"behind letters, the last of which has a value", "-qn 3 show", "show", "-qn 3"},
		{"behind an alias", "--out x show", "show", "--out x"},
		{"last", "--seed 3 -o x show", "show", "--seed 3 -o x"},
		{"a value of its name is none", "-o show", "", "-o show"},
		{"nor is one of a long flag", "--output show list", "list", "--output show"},
		{"nor is a path", "./show", "", "./show"},
		{"nor is what follows --", "-- show", "", "-- show"},
		{"nor is what follows another word", "corpus show", "", "corpus show"},
		{"only the first word is one", "show show", "show", "show"},
		{"an unknown flag has no value", "--sead show", "show", "--sead"},
		{"a lone dash is a word", "- show", "", "- show"},
		{"nothing", "", "", ""},
	} {
		args := strings.Fields(c.line)
		verb, rest := Find(newSet(new(values)), args, []string{"list", "show"})
		if got := strings.Join(rest, " "); verb != c.verb || got != c.rest {
			t.Errorf("%s: %q: got %q, %q, want %q, %q", c.why, c.line, verb, got, c.verb, c.rest)
		}
	}
	args := []string{"--seed", "3", "show", "DIR"}
	Find(newSet(new(values)), args, []string{"show"})
	if !slices.Equal(args, []string{"--seed", "3", "show", "DIR"}) {
		t.Errorf("Find changed the command line: %q", args)
	}
}

func TestGuardReadsNumbersAlike(t *testing.T) {
	var v values
	set := newSet(&v)
	problems := Guard(set)
	if err := set.Parse(strings.Fields("--seed 1e6 -n 10k --share 1_0.5 --interval 1_000ms --scenario a --scenario b -q -q")); err != nil {
		t.Fatal(err)
	}
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	want := values{seed: 1_000_000, count: 10_000, share: 10.5, interval: time.Second, quiet: true, names: []string{"a", "b"}}
	if v.seed != want.seed || v.count != want.count || v.share != want.share || v.interval != want.interval ||
		v.quiet != want.quiet || !slices.Equal(v.names, want.names) {
		t.Errorf("got %+v, want %+v", v, want)
	}
}

// TestGuardTellsAllAtOnce checks each message, and that a value that was
// refused neither counts as given nor changes the default.
func TestGuardTellsAllAtOnce(t *testing.T) {
	var v values
	set := newSet(&v)
	problems := Guard(set)
	line := []string{"--seed", "010", "-n", "-5", "--share", "half", "--interval", "200", "--quiet=maybe",
		"-o", "a\x1b[31m", "--out", "b", "--scenario", "a", "--scenario", "a"}
	if err := set.Parse(line); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(problems.Err().Error(), "\n")
	want := []string{
		"--seed 010: want a number without leading zeros, which make it octal to some programs",
		"--count -5: want a whole number such as 10, 10_000, 10k or 1e6",
		"--share half: want a number such as 10, 0.5, 10_000, 10k or 1e6",
		"--interval 200: want a duration such as 500ms, 10s or 1h30m: a unit is missing, as in 200ms or 200s",
		"--quiet maybe: want true or false",
		`--output is given twice, as a\x1b[31m and as b: it takes one value`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if set.Changed("seed") || v.seed != 1 || v.count != 5 || !set.Changed("output") {
		t.Errorf("after refusal: %+v", v)
	}
}

func TestGuardKnowsTheRange(t *testing.T) {
	for arg, want := range map[string]string{
		"--seed=18446744073709551616": "--seed 18446744073709551616: want a whole number from 0 to 18446744073709551615",
		"--count=1e19":                "--count 1e19: want a whole number from 0 to 9223372036854775807",
	} {
		set := newSet(new(values))
		problems := Guard(set)
		if err := set.Parse([]string{arg}); err != nil || problems.Err() == nil || problems.Err().Error() != want {
			t.Errorf("%s: got %v, %v, want %s", arg, err, problems.Err(), want)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"--sead 3", "unknown flag --sead: did you mean --seed?"},
		{"--diff", "unknown flag --diff"},
		{"--pass\x1b]0;x\x07word=secret", `unknown flag --pass\x1b]0;x\x07word`},
		{"-x", "unknown flag -x"},
		{"--output", "--output: value is missing"},
		{"-o", "--output: value is missing"},
		{"---", "bad flag syntax: ---"},
	} {
		set := newSet(new(values))
		err := set.Parse(strings.Split(c.line, " "))
		if err == nil || Explain(set, err).Error() != c.want {
			t.Errorf("%q: got %v, want %s", c.line, err, c.want)
		}
	}
}
