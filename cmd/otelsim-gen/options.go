package main

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/otelsim/otelsim/internal/cmdline"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile/distance"
	"github.com/otelsim/otelsim/pkg/profile/stats"
)

// options is everything that the command line says.
type options struct {
	verb string
	dirs []string        // what follows the verb
	set  map[string]bool // flags that were given, by name

	project *project // what stands in for flags that were not; nil: nothing

	// What to draw from.
	projectFile             string
	config, semconv, vendor string
	definitions, registries []string
	scenarios, tags         []string
	eachOnce                bool

	// What to make of it.
	seed, count, segmentIterations uint64
	start                          timeValue
	interval, deviation            time.Duration
	batchItems                     int
	signals                        signalsValue
	metricInterval                 time.Duration
	temporality                    enumValue[otlp.Temporality]
	traceShape, content            enumValue[string]

	// How to write it.
	output        string
	format        enumValue[otlp.Format]
	compression   enumValue[corpus.Compression]
	level         enumValue[corpus.Level]
	workers       int
	shard         shardValue
	resume, force bool
	regenerate    bool
	dryRun        bool

	// What to print.
	showSpans, showFullSpans, showMetrics bool
	html                                  string
	full, json                            bool
	top                                   int
	allEntries                            bool
	reportAs                              enumValue[string]
	failIf                                []string
	conditions                            []distance.Condition // of failIf
	iteration                             rangeValue
	traceID                               traceIDValue

	// What may be learnt.
	minTraces             uint64
	rename                string
	allow, deny           []string
	timesOfDay            bool
	reportFile, leaksOnly string

	papers                          cmdline.Papers
	strict, quiet, version, askHelp bool
}

// defaults returns the options of an empty command line.
func defaults() options {
	return options{
		seed:           1,
		start:          timeValue{otelsim.DefaultStart},
		interval:       build.DefaultInterval,
		signals:        signalsValue{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs},
		metricInterval: build.DefaultMetricInterval,
		temporality:    temporalityValue(),
		traceShape:     words(build.ShapeSeparate, build.ShapeUnified),
		content:        words(build.Contents...),
		format:         formatValue(),
		compression:    compressionValue(),
		level:          levelValue(),
		workers:        runtime.GOMAXPROCS(0),
		reportAs:       words(reportText, reportJSON, reportJUnit),
		top:            stats.Top,
		minTraces:      privacy.DefaultMinTraces,
	}
}

// complete sets the defaults that depend on other flags.
func (o *options) complete() {
	if o.verb == verbShow && len(o.dirs) > 0 && o.set["scenario"] && !o.set["iteration"] && !o.set["trace-id"] {
		o.iteration.open = true
	}
}

// Validate returns every reason why o cannot be carried out, joined, or nil.
func (o *options) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	for _, f := range o.ranges() {
		bad("--%s %s", f.flag, f.text)
	}
	for _, f := range o.conflicts() {
		bad("--%s %s", f.flag, f.text)
	}
	if o.set["project"] && o.projectFile == "" {
		bad("--project: value is missing")
	}
	if o.resume && o.force {
		bad("--resume cannot be combined with --force: one completes a corpus, the other replaces it")
	}
	if o.showSpans && o.showFullSpans {
		bad("--show-spans cannot be combined with --show-full-spans")
	}
	errs = append(errs, o.validateVerb()...)
	return errors.Join(errs...)
}

// fault is a flag whose value cannot be.
type fault struct{ flag, text string }

// ranges returns the flags whose values no run can have.
func (o *options) ranges() (faults []fault) {
	bad := func(flag, format string, args ...any) {
		faults = append(faults, fault{flag, fmt.Sprintf(format, args...)})
	}
	if o.workers < 1 {
		bad("workers", "%d: must be at least 1", o.workers)
	}
	if o.given("segment-iterations") && o.segmentIterations < 1 {
		bad("segment-iterations", "0: must be at least 1")
	}
	if o.given("count") && o.count < 1 {
		bad("count", "0: must be at least 1")
	}
	if o.count > ids.MaxIterations {
		bad("count", "%d: must be at most %d", o.count, uint64(ids.MaxIterations))
	}
	if o.batchItems < 0 {
		bad("batch-items", "%d: must not be negative", o.batchItems)
	}
	if o.interval < 0 {
		bad("interval", "%v: must not be negative", o.interval)
	}
	if o.deviation < 0 {
		bad("interval-deviation", "%v: must not be negative", o.deviation)
	}
	if o.metricInterval <= 0 {
		bad("metric-interval", "%v: must be above 0", o.metricInterval)
	}
	return faults
}

// conflicts returns the flags that were given and cannot be had with others.
func (o *options) conflicts() (faults []fault) {
	if !o.signals.has(otlp.SignalMetrics) && (o.verb == verbGenerate || o.verb == "") {
		for _, name := range []string{"metric-interval", "temporality"} {
			if o.set[name] {
				faults = append(faults, fault{name, "has no effect without metrics among --signals"})
			}
		}
	}
	if o.eachOnce && o.set["each-once"] && o.set["count"] {
		faults = append(faults, fault{"each-once", "cannot be combined with --count: it runs every scenario exactly once"})
	}
	return faults
}

// validateVerb checks what one verb alone demands.
func (o *options) validateVerb() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	want := func(n int) {
		switch {
		case n == 1 && len(o.dirs) == 0:
			bad("%s needs the directory of a corpus", o.verb)
		case len(o.dirs) > n:
			bad("%s: unexpected argument %q", o.verb, o.dirs[n])
		}
	}
	switch o.verb {
	case verbGenerate:
		if o.output == "" && !o.dryRun {
			bad("--output DIR is missing: where the corpus should go")
		}
		if o.dryRun && (o.showSpans || o.showFullSpans) {
			bad("--dry-run cannot be combined with --show-spans or --show-full-spans: use show")
		}
		if o.shard.of > 0 && (o.showSpans || o.showFullSpans) {
			bad("--shard cannot be combined with --show-spans or --show-full-spans: use show")
		}
	case verbShow:
		errs = o.validateShow()
	case verbVerify, verbSeal:
		want(1)
		for _, name := range []string{"project", "config", "semconv", "definitions", "strict"} {
			if o.verb == verbVerify && o.set[name] && !o.regenerate {
				bad("--%s has no effect on verify without --regenerate", name)
			}
		}
	case verbDiff:
		if len(o.dirs) < 2 {
			bad("diff needs two corpora, or outputs: A and B")
		}
		want(2)
	case verbCompare:
		errs = o.validateCompare()
	case verbStats:
		errs = o.validateStats()
	case verbLearn:
		errs = o.validateLearn()
	case verbValidate:
		want(0)
		if o.json && (o.showSpans || o.showMetrics) {
			bad("--json cannot be combined with --show-spans or --show-metrics: it prints problems")
		}
	default:
		want(0)
	}
	return errs
}

// validateStats checks what stats alone demands.
func (o *options) validateStats() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.dirs) == 0 {
		bad("stats needs a corpus, or files: DIR|FILE...")
	}
	if o.top < 1 {
		bad("--top %d: must be at least 1", o.top)
	}
	if o.allEntries && o.set["top"] {
		bad("--top cannot be combined with --all")
	}
	if (o.json || o.set["html"]) && (o.allEntries || o.set["top"]) {
		bad("--top and --all are about text: they cannot be combined with --json or --html")
	}
	if o.set["html"] && o.html == "" {
		bad("--html: value is missing")
	}
	return errs
}

// validateShow checks what show alone demands.
func (o *options) validateShow() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.set["iteration"] && o.set["trace-id"] {
		bad("--iteration cannot be combined with --trace-id")
	}
	if o.set["html"] && o.full {
		bad("--full cannot be combined with --html: the page has everything")
	}
	if o.set["html"] && !o.set["trace-id"] && !o.iteration.one() {
		bad("--html draws one iteration: name it by --iteration N or --trace-id")
	}
	if o.set["trace-id"] && o.set["scenario"] && len(o.dirs) > 0 {
		bad("--scenario cannot be combined with --trace-id: it names one iteration")
	}
	if o.set["html"] && o.html == "" {
		bad("--html: value is missing")
	}
	if len(o.dirs) > 0 {
		for _, name := range seedFlags {
			if o.set[name] && name != "scenario" {
				bad("--%s cannot be combined with a corpus: the corpus says it", name)
			}
		}
	}
	if len(o.dirs) > 1 {
		bad("show: unexpected argument %q", o.dirs[1])
	}
	return errs
}

// validateLearn checks what learn alone demands.
func (o *options) validateLearn() (errs []error) {
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(o.dirs) == 0 {
		bad("learn needs what to learn from: corpora, or files and folders of captures")
	}
	switch {
	case o.set["leaks-only"] && o.leaksOnly == "":
		bad("--leaks-only: value is missing")
	case o.set["leaks-only"]:
		for _, name := range []string{"output", "force", "times-of-day", "report"} {
			if o.set[name] {
				bad("--%s cannot be combined with --leaks-only: nothing is learnt", name)
			}
		}
	case o.output == "":
		bad("--output DIR is missing: where the files should go")
	}
	if o.minTraces < 1 {
		bad("--min-traces 0: must be at least 1")
	}
	for _, name := range []string{"rename", "report"} {
		if o.set[name] && (name == "rename" && o.rename == "" || name == "report" && o.reportFile == "") {
			bad("--%s: value is missing", name)
		}
	}
	return errs
}
