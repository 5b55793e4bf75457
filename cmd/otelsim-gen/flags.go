package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/pflag"

	"github.com/otelsim/otelsim/internal/cmdline"
)

// flags are the flags of all verbs in one set, so that a flag may stand before
// its verb; which verbs take which flag is in the groups.
type flags struct {
	set      *pflag.FlagSet
	groups   []flagGroup
	problems *cmdline.Problems // of the values
}

// flagGroup is a heading of the help with the flags below it.
type flagGroup struct {
	title string
	verbs []string // that take the flags, unless a flag names others
	flags []flagHelp
}

// flagHelp is a flag as one or all verbs explain it.
type flagHelp struct {
	name  string
	verbs []string // nil: those of the group
	usage string   // empty: as the flag set explains it
}

// Flags that say what a corpus holds. A corpus says it itself.
var seedFlags = []string{
	"project", "config", "semconv", "definitions", "registry", "vendor", "scenario", "tags", "each-once",
	"seed", "count", "segment-iterations", "start", "interval", "interval-deviation", "trace-shape", "content", "strict",
}

// newFlags defines every flag, with o as the destination, and sets o to the
// defaults.
func newFlags(o *options) *flags {
	*o = defaults()
	set := pflag.NewFlagSet("otelsim-gen", pflag.ContinueOnError)
	set.SetOutput(io.Discard) // errors are returned, and printed once
	set.SortFlags = false
	set.Usage = func() {}
	set.SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "scenarios-dir" { // the name that the reference uses
			name = "definitions"
		}
		return pflag.NormalizedName(name)
	})

	set.StringVar(&o.projectFile, "project", "", "take from `FILE` what the flags and variables of inputs, and options of\nwhat a corpus holds, do not say: docs/projects.md")
	set.StringVar(&o.config, "config", "", "read tenants, agents and templates from `FILE`, which may be laid over\nthe bundled one, and resource.yaml beside it (default bundled)")
	set.StringVar(&o.semconv, "semconv", "", "read the conventions from `FILE`, or take the bundled ones of that\nname: vendor, genai (env SEMCONV, default vendor)")
	set.StringArrayVar(&o.definitions, "definitions", nil, "read scenarios from `DIR|FILE`, of a folder *.yaml and *.yml, folders\nin it too; bundled keeps the bundled ones beside others, registry is\none of all that --registry or the bundled registries have; repeatable\n(alias --scenarios-dir, env SCENARIOS_DIR, default bundled)")
	set.StringArrayVar(&o.registries, "registry", nil, "hold systems to the registry of conventions in `DIR|FILE`: definitions\nv1 and v2, or resolved/2.0; NAME=PATH is one that it depends on;\nrepeatable (default the bundled ones)")
	set.StringVar(&o.vendor, "vendor", "", "start the vendor's names with `NAME` (env VENDOR, default vendor)")
	set.BoolVar(&o.strict, "strict", false, "treat warnings as errors")
	set.StringArrayVar(&o.scenarios, "scenario", nil, "draw only from the scenario `NAME`; repeatable (default all)")
	set.StringSliceVar(&o.tags, "tags", nil, "draw only from scenarios with one of the tags `A,B` (default all)")
	set.BoolVar(&o.eachOnce, "each-once", false, "run every scenario once, in order of name, instead of drawing by weight")

	set.Uint64Var(&o.seed, "seed", o.seed, "64-bit seed")
	set.Uint64VarP(&o.count, "count", "n", 0, "iterations\n(default 1000, or the repeat_count of the scenario when one is selected)")
	set.Uint64Var(&o.segmentIterations, "segment-iterations", o.segmentIterations, "iterations in a segment\n(default 1024, or fewer where those would pass 64 MiB)")
	set.Var(&o.start, "start", "simulated start")
	set.DurationVar(&o.interval, "interval", o.interval, "simulated time between iterations, the mean with poisson arrivals\n(default 500ms, or the scenario's when one is selected)")
	set.DurationVar(&o.deviation, "interval-deviation", 0, "how far the time between iterations varies\n(default 0, or the scenario's when one is selected)")
	set.IntVar(&o.batchItems, "batch-items", 0, "merge whole requests into records of at least `N` items\n(default 0: one record a request)")

	set.Var(&o.signals, "signals", "what to write")
	set.DurationVar(&o.metricInterval, "metric-interval", o.metricInterval, "simulated time between the points of a series")
	set.Var(&o.temporality, "temporality", "points count from the start of their segment on,\nor from the point before")
	set.Var(&o.traceShape, "trace-shape", "three traces a request, or one")
	set.Var(&o.content, "content", "conversations on spans: as each scenario's redaction says, none,\nall as it was said, or all redacted")

	set.StringVarP(&o.output, "output", "o", "", "write the corpus to `DIR`, which must be absent or empty")
	set.Var(&o.format, "format", "encoding of the records")
	set.Var(&o.compression, "compression", "compression of the files")
	set.Var(&o.level, "zstd-level", "effort of zstd")
	set.IntVar(&o.workers, "workers", o.workers, "segments at a time; never changes a byte (default all cores)")
	set.Var(&o.shard, "shard", "write only the segments of shard I (from 0) of N; seal joins them")
	set.BoolVar(&o.resume, "resume", false, "complete an interrupted corpus in DIR")
	set.BoolVar(&o.force, "force", false, "replace the corpus in DIR")
	set.BoolVar(&o.dryRun, "dry-run", false, "check the input, estimate size and time, write nothing")

	defineLearning(set, o)
	definePrinting(set, o)
	o.papers.Define(set)
	completeValues(set)
	defineOldFlags(set)
	return &flags{set: set, groups: flagGroups(), problems: cmdline.Guard(set)}
}

// defineLearning defines the flags about what may be learnt.
func defineLearning(set *pflag.FlagSet, o *options) {
	set.Uint64Var(&o.minTraces, "min-traces", o.minTraces, "say what as many traces have, or more")
	set.StringVar(&o.rename, "rename", "", "give services, operations and values other names, by the key in `FILE`")
	set.StringSliceVar(&o.allow, "allow", nil, "say values of the keys of attributes `KEYS` as they are; app.* is all\nthat begin so (default none)")
	set.StringSliceVar(&o.deny, "deny", nil, "say nothing of the keys of attributes `KEYS` (default none)")
	set.BoolVar(&o.timesOfDay, "times-of-day", false, "say when in a day there is more to do")
	set.StringVar(&o.leaksOnly, "leaks-only", "", "learn nothing, and search `DIR` for strings of the captures")
}

// definePrinting defines the flags about what is printed.
func definePrinting(set *pflag.FlagSet, o *options) {
	set.BoolVar(&o.showSpans, "show-spans", false, "print each trace as a tree")
	set.BoolVar(&o.showFullSpans, "show-full-spans", false, "print each trace as a tree with all attributes and events")
	set.BoolVar(&o.showMetrics, "show-metrics", false, "print the metrics of the conventions")
	set.Var(&o.iteration, "iteration", "print iteration `N`, counted from 0, or N-M, N- (to the end) or all\n(default 0; all with a corpus and --scenario)")
	set.Var(&o.traceID, "trace-id", "print the iteration that the trace belongs to")
	set.BoolVar(&o.full, "full", false, "print all attributes and events")
	set.StringVar(&o.html, "html", "", "draw it as a page in `FILE`, with all attributes, instead of printing it")
	set.BoolVar(&o.json, "json", false, "print JSON")
	set.IntVar(&o.top, "top", o.top, "print `N` entries of each list")
	set.BoolVar(&o.allEntries, "all", false, "print all entries of each list")

	set.Var(&reportValue{o}, "report", "how findings are printed")
	set.StringArrayVar(&o.failIf, "fail-if", nil, "exit with 1 if `EXPR` holds: apart, shape_tv>0.05, duration_p99>10%,\noutliers>0; repeatable (default none)")
	set.BoolVar(&o.regenerate, "regenerate", false, "make the segments again from the inputs, and compare")
	set.BoolVar(&o.quiet, "quiet", false, "print no progress")
	set.BoolVar(&o.version, "version", false, "print the version")
	set.BoolVarP(&o.askHelp, "help", "h", false, "print this help")
}

// flagGroups returns the help's order of all flags.
func flagGroups() []flagGroup {
	const gen, list, validate, show, verify, diff, stats, compare, seal, learn = verbGenerate, verbList, verbValidate, verbShow, verbVerify, verbDiff, verbStats, verbCompare, verbSeal, verbLearn
	names := func(names ...string) (all []flagHelp) {
		for _, name := range names {
			all = append(all, flagHelp{name: name})
		}
		return all
	}
	return []flagGroup{
		{"Input", []string{gen, list, validate, show}, inputFlags()},
		{"Selection", []string{gen, show}, []flagHelp{
			{name: "scenario", verbs: []string{gen}},
			{name: "scenario", verbs: []string{list}, usage: "list the scenario `NAME`; repeatable (default all)"},
			{name: "scenario", verbs: []string{show}, usage: "draw only from the scenario `NAME`, or with a corpus print only\nits sessions; repeatable (default all)"},
			{name: "tags", verbs: []string{gen, show}},
			{name: "tags", verbs: []string{list}, usage: "list scenarios with one of the tags `A,B` (default all)"},
			{name: "each-once"},
		}},
		{"Content", []string{gen, show}, append(names("seed", "count", "segment-iterations", "start", "interval", "interval-deviation"), []flagHelp{
			{name: "batch-items", verbs: []string{gen}},
			{name: "format", verbs: []string{gen}},
			{name: "signals", verbs: []string{gen}},
			{name: "metric-interval", verbs: []string{gen}},
			{name: "temporality", verbs: []string{gen}},
			{name: "trace-shape"},
			{name: "content"},
		}...)},
		{"Output", []string{gen}, names("output", "compression", "zstd-level", "shard", "resume", "force", "dry-run")},
		{"Learning", []string{learn}, learningFlags()},
		{"Work", []string{gen, verify, seal}, []flagHelp{
			{name: "workers"},
			{name: "workers", verbs: []string{diff}, usage: "goroutines (default all cores)"},
			{name: "workers", verbs: []string{stats, compare}, usage: "traces at a time (default all cores)"},
		}},
		{"Printing", []string{gen, list, validate, show, verify, diff, stats, compare, seal, learn}, []flagHelp{
			{name: "show-spans", verbs: []string{gen}},
			{name: "show-spans", verbs: []string{validate}, usage: "print the span types of the conventions"},
			{name: "show-full-spans", verbs: []string{gen}},
			{name: "show-metrics", verbs: []string{validate}},
			{name: "iteration", verbs: []string{show}},
			{name: "trace-id", verbs: []string{show}},
			{name: "full", verbs: []string{show}},
			{name: "html", verbs: []string{show}},
			{name: "top", verbs: []string{stats}},
			{name: "all", verbs: []string{stats}},
			{name: "html", verbs: []string{stats}, usage: "draw it as a page in FILE instead of printing it"},
			{name: "json", verbs: []string{stats}, usage: "print all as JSON, on stdout; with --html too"},
			{name: "html", verbs: []string{compare}, usage: "draw it as a page in FILE, too"},
			{name: "json", verbs: []string{compare}, usage: "print all as JSON, on stdout"},
			{name: "json", verbs: []string{list}},
			{name: "json", verbs: []string{validate}, usage: "print the problems as JSON, on stdout"},
			{name: "report", verbs: []string{verify, diff}},
			{name: "fail-if", verbs: []string{compare}},
			{name: "quiet"},
			{name: "help"},
			{name: "version", verbs: []string{gen}},
			{name: "completion", verbs: []string{gen}},
		}},
	}
}

// learningFlags are the flags of learn.
func learningFlags() (all []flagHelp) {
	for _, name := range []string{"min-traces", "rename", "allow", "deny", "times-of-day", "leaks-only"} {
		all = append(all, flagHelp{name: name})
	}
	return append(all,
		flagHelp{name: "output", usage: "write the files to `DIR`, which must be absent or empty"},
		flagHelp{name: "force", usage: "write over what is in DIR"},
		flagHelp{name: "report", usage: "write what was learnt, and what is left out, to `FILE`\n(default DIR/report.md)"},
	)
}

// inputFlags are the flags that say what to draw from.
func inputFlags() []flagHelp {
	all := []string{verbGenerate, verbList, verbValidate, verbShow, verbVerify}
	return []flagHelp{
		{name: "regenerate", verbs: []string{verbVerify}},
		{name: "project", verbs: all},
		{name: "config", verbs: all},
		{name: "semconv", verbs: all},
		{name: "definitions", verbs: all},
		{name: "registry", verbs: []string{verbGenerate, verbList, verbShow}},
		{name: "registry", verbs: []string{verbValidate}, usage: "hold systems to the registry of conventions in DIR|FILE, and it to its\nrules: definitions v1 and v2, or resolved/2.0; NAME=PATH is one that it\ndepends on; repeatable (default the bundled ones)"},
		{name: "registry", verbs: []string{verbVerify}, usage: "judge systems by the registry in DIR|FILE that the corpus was made\nwith; NAME=PATH is one that it depends on; repeatable\n(default the bundled ones)"},
		{name: "vendor"},
		{name: "strict", verbs: all},
	}
}

// lookup returns the help of a flag for a verb, and whether the verb takes it.
func (f *flags) lookup(name, verb string) (flagHelp, bool) {
	for _, g := range f.groups {
		for _, h := range g.flags {
			verbs := h.verbs
			if verbs == nil {
				verbs = g.verbs
			}
			if h.name == name && slices.Contains(verbs, verb) {
				return h, true
			}
		}
	}
	return flagHelp{}, false
}

// note records which flags were given.
func (f *flags) note(o *options) {
	o.set = make(map[string]bool)
	f.set.Visit(func(flag *pflag.Flag) { o.set[flag.Name] = flag.Changed })
}

// misplaced returns an error for each given flag that the verb does not take: a flag
// without effect would be a surprise.
func (f *flags) misplaced(verb string) error {
	var errs []error
	f.set.Visit(func(flag *pflag.Flag) {
		if _, ok := f.lookup(flag.Name, verb); !ok && !flag.Hidden {
			errs = append(errs, fmt.Errorf("--%s has no effect on %s", flag.Name, verb))
		}
	})
	return errors.Join(errs...)
}
