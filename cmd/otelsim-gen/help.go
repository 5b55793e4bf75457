package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/internal/text"
)

// The names of the verbs.
const (
	verbGenerate = "generate"
	verbList     = "list"
	verbValidate = "validate"
	verbShow     = "show"
	verbVerify   = "verify"
	verbDiff     = "diff"
	verbStats    = "stats"
	verbCompare  = "compare"
	verbSeal     = "seal"
	verbLearn    = "learn"
	verbHelp     = "help"
)

// verb is one thing that the command can do.
type verb struct {
	name, args, summary string
	text                string // more than the summary, for the verb's help
	examples            [2]string
	run                 func(*app, context.Context) error
}

// verbs returns the verbs in the order of the help.
func verbs() []verb { return slices.Concat(corpusVerbs(), dataVerbs(), sealVerb()) }

// corpusVerbs are about what is generated, and what it is generated from.
func corpusVerbs() []verb {
	return []verb{
		{verbGenerate, "-o DIR", "write a corpus (the default verb)",
			"The corpus is the same bytes for the same input and flags, on any machine.",
			[2]string{
				"otelsim-gen --seed 42 -n 5000 -o corpus",
				"otelsim-gen --tags data-plane --format json --compression gzip -o json",
			}, (*app).generate},
		{verbList, "", "list the scenarios with weight, tags and description",
			"",
			[2]string{
				"otelsim-gen list --tags data-plane",
				"otelsim-gen list --definitions my/scenarios --config my/config.yaml --json",
			}, (*app).list},
		{verbValidate, "", "check config, resource, conventions, registries and every definition",
			"Every problem is printed at once, with file, line and column: what verify would find in\n" +
				"a corpus of the input, too. docs/registries.md has what --registry reads, and the rules.",
			[2]string{
				"otelsim-gen validate --config my/config.yaml --definitions my/scenarios",
				"otelsim-gen validate --registry model --registry base=../base/model --json",
			}, (*app).validate},
		{verbShow, "[DIR]", "print iterations, from the seed or from a corpus",
			"Without DIR they are rebuilt from the seed: give the flags that the corpus was made\n" +
				"with. With DIR the corpus says them, and --scenario selects among what is there.\n" +
				"Both print what is on the wire.",
			[2]string{
				"otelsim-gen show --seed 42 --iteration 7-9",
				"otelsim-gen show corpus --scenario tool_retry --full",
			}, (*app).show},
		{verbVerify, "DIR", "check a corpus: manifest, files, digests, every record",
			"Findings are on stdout by rule, with their number and three examples. The exit code\n" +
				"is 1 when there is one. With --regenerate the content must be, byte for byte, what\n" +
				"the inputs give: the bundled ones, or those that the flags name. --report json has the fields of\n" +
				"docs/commands.md; --report junit has a test for each rule. With --registry it says\n" +
				"as well how much the corpus has of what those registries define.",
			[2]string{
				"otelsim-gen verify corpus",
				"otelsim-gen verify corpus --regenerate --definitions my/scenarios",
			}, (*app).verify},
		{verbDiff, "A B", "compare two corpora, or what pipelines wrote, by meaning",
			"A and B are corpora in any format, compression and size of records, or files and folders\n" +
				"of the Collector's file exporter. What differs is told by scenario, span and field, with\n" +
				"iteration, trace and path of three examples; the exit code is 1 then, and 2 when\n" +
				"the two cannot be compared. A manifest.json stands for a corpus that is not there:\n" +
				"scenarios and segments are compared by digest. --report json has the fields of\n" +
				"docs/commands.md; --report junit has a test for each scenario and signal.",
			[2]string{
				"otelsim-gen diff before after",
				"otelsim-gen diff golden/manifest.json corpus --report junit",
			}, (*app).diff},
	}
}

// dataVerbs are about telemetry of any origin.
func dataVerbs() []verb {
	return []verb{
		{verbStats, "DIR|FILE...", "tell what is in data: services, operations, errors, attributes",
			"Each path is a corpus, a file or folder of the Collector's file exporter, or an export of\n" +
				"Jaeger or Tempo as JSON; all of them together are told of. Memory is bounded: what there\n" +
				"is no room for is told. --html draws a page, without a script and without links; --json\n" +
				"has all, in the fields of docs/commands.md.",
			[2]string{
				"otelsim-gen stats corpus",
				"otelsim-gen stats traces.jsonl logs.jsonl.zst --html stats.html",
			}, (*app).stats},
		{verbCompare, "A B", "tell how far two sets of telemetry are apart",
			"A and B are what stats reads: a corpus, a file or folder of the Collector's file exporter,\n" +
				"an export of Jaeger or Tempo. Measures, from the shape of traces to values of attributes,\n" +
				"are 0 where both are equal; each stands beside its baseline, the same between two halves\n" +
				"of A, and the limit up to which the two are alike. The exit code is 0 unless a --fail-if\n" +
				"holds, and 2 when there is too little to compare. docs/commands.md has every measure.",
			[2]string{
				"otelsim-gen compare capture corpus --html compare.html",
				"otelsim-gen compare capture corpus --fail-if apart --fail-if 'error_rate>1%'",
			}, (*app).compare},
	}
}

func sealVerb() []verb {
	return []verb{
		{verbSeal, "DIR", "join the shards of a corpus",
			"All shards must be in DIR, complete and of one plan. The result is the corpus that\n" +
				"a single run would have written; sealing it again is harmless.",
			[2]string{
				"otelsim-gen seal corpus",
				"otelsim-gen --shard 0/2 -o corpus && otelsim-gen --shard 1/2 -o corpus && otelsim-gen seal corpus",
			}, (*app).seal},
		{verbLearn, "FILE|DIR...", "write scenarios whose telemetry is like that of captures",
			"Captures are corpora, files and folders of the Collector's file exporter, and what\n" +
				"Jaeger and Tempo export as JSON. What comes of them are files for people to read and to\n" +
				"change, and a report of what is left out. What fewer than --min-traces traces have is not in\n" +
				"them, nor ids, times or free text: docs/learning.md. At the end the files are searched\n" +
				"for strings of the captures; the exit code is 1 when there are any.",
			[2]string{
				"otelsim-gen learn captures/traces.jsonl -o model",
				"otelsim-gen learn captures --leaks-only model",
			}, (*app).learn},
	}
}

// findVerb returns the verb of that name.
func findVerb(name string) (verb, bool) {
	for _, v := range verbs() {
		if v.name == name {
			return v, true
		}
	}
	return verb{}, false
}

// verbNames returns the names of the verbs in the order of the help.
func verbNames() (names []string) {
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return names
}

// unknownVerb returns the error for a word that stands where a verb would.
func unknownVerb(word string) error {
	if _, err := os.Stat(word); err == nil {
		return fmt.Errorf("unknown verb %q: a corpus stands behind a verb, as in otelsim-gen show %s", word, text.ShellWord(word))
	}
	names := append(verbNames(), verbHelp)
	if near, ok := text.Nearest(word, names); ok {
		return fmt.Errorf("unknown verb %q: did you mean %q?", word, near)
	}
	return fmt.Errorf("unknown verb %q: want one of %s", word, strings.Join(names, ", "))
}

// helpAll prints the help of the command: its verbs, and the default one in
// full.
func (a *app) helpAll(f *flags) {
	fmt.Fprint(a.out, "otelsim-gen writes telemetry corpora from scenario definitions.\n\n",
		"Usage:\n",
		"  otelsim-gen [flags] -o DIR\n",
		"  otelsim-gen VERB [flags]\n\n",
		"Verbs (otelsim-gen help VERB says more):\n")
	for _, v := range verbs() {
		fmt.Fprintf(a.out, "  %-10s %s\n", v.name, v.summary)
	}
	v, _ := findVerb(verbGenerate)
	fmt.Fprint(a.out, "\nExamples:\n", examples(v), f.help(v.name))
	fmt.Fprint(a.out, "\nExit codes: 0 done; 1 the work failed, was interrupted, or a check found a difference;\n",
		"2 bad usage or bad input, nothing written.\n")
}

// helpVerb prints the help of one verb.
func (a *app) helpVerb(f *flags, v verb) {
	fmt.Fprintf(a.out, "otelsim-gen %s: %s\n", v.name, v.summary)
	if v.text != "" {
		fmt.Fprintf(a.out, "\n%s\n", v.text)
	}
	fmt.Fprintf(a.out, "\nUsage:\n  %s\n\nExamples:\n%s%s", v.usage(), examples(v), f.help(v.name))
}

// usage returns the verb's command line.
func (v verb) usage() string {
	name := v.name + " "
	if v.name == verbGenerate {
		name = ""
	}
	return strings.TrimSpace("otelsim-gen " + name + "[flags] " + v.args)
}

func examples(v verb) string {
	return "  " + v.examples[0] + "\n  " + v.examples[1] + "\n"
}

// help returns the flags that a verb takes, by group. It is our own, since
// pflag would show the machine's default where the words say "all cores".
func (f *flags) help(verb string) string {
	var b strings.Builder
	for _, g := range f.grouped(verb) {
		fmt.Fprintf(&b, "\n%s:\n", g.Title)
		for _, flag := range g.Flags {
			text := strings.ReplaceAll(flag.Text, "\n", "\n"+strings.Repeat(" ", helpColumn))
			fmt.Fprintf(&b, "%-*s%s\n", helpColumn, flag.Head()+" ", text)
		}
	}
	return b.String()
}

// grouped returns the flags that a verb takes, by group.
func (f *flags) grouped(verb string) (all []cmdline.Group) {
	for _, g := range f.groups {
		group := cmdline.Group{Title: g.title}
		for _, h := range g.flags {
			if taken, ok := f.lookup(h.name, verb); ok && taken.usage == h.usage {
				group.Flags = append(group.Flags, cmdline.Describe(f.set.Lookup(h.name), h.usage))
			}
		}
		if group.Flags != nil {
			all = append(all, group)
		}
	}
	return all
}

// helpColumn is where the explanations of the flags start.
const helpColumn = 43
