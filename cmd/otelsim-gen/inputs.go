package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/config"
	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/trial"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// bundled is what the names of embedded files start with in messages.
const bundled = "bundled"

// readInputs reads the files that the flags, the environment or else the
// program itself provide. Files that cannot be read are problems like any
// other, so that all are reported at once.
func (o *options) readInputs(p *input.Problems) build.Inputs {
	var in build.Inputs
	if o.config != "" {
		// What is beside it is looked for where it is, whatever its path goes
		// through.
		name := resolved(o.config, p)
		in.OwnConfig = true
		in.Config = readFile(name, p)
		in.Resource = readFile(filepath.Join(filepath.Dir(name), "resource.yaml"), p)
	} else {
		in.Config = readBundled(config.FS, "config", "config.yaml", p)
		in.Resource = readBundled(config.FS, "config", "resource.yaml", p)
	}
	if name := o.semconvFile(); name != "" {
		in.Semconv = readFile(name, p)
	} else {
		in.Semconv = readBundled(config.FS, "config", "semconv.yaml", p)
	}
	if dir := o.definitionsDir(); dir != "" {
		in.Definitions = readDefinitions(resolved(dir, p), p)
		return in
	}
	in.Bundled = true
	for _, name := range bundledDefinitions(p) {
		in.Definitions = append(in.Definitions, readBundled(definitions.FS, "definitions", name, p))
	}
	return in
}

// allBundled reports whether no file is the user's. The tests hold those that
// come with the program to the rules of a corpus: a run need not.
func (o *options) allBundled() bool {
	return o.config == "" && o.semconvFile() == "" && o.definitionsDir() == ""
}

// readBundled reads an embedded file.
func readBundled(files fs.FS, folder, name string, p *input.Problems) input.File {
	shown := path.Join(bundled, folder, name)
	data, err := fs.ReadFile(files, name)
	if err != nil {
		p.Errorf(input.Pos{File: shown}, "read file: %v", reason(err))
	}
	return input.File{Name: shown, Data: data}
}

// bundledDefinitions lists the embedded definitions by path.
func bundledDefinitions(p *input.Problems) []string {
	var names []string
	err := fs.WalkDir(definitions.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && isYAML(name) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		p.Errorf(input.Pos{File: path.Join(bundled, "definitions")}, "read folder: %v", reason(err))
	}
	return names
}

// readFile reads a file of the user.
func readFile(name string, p *input.Problems) input.File {
	f := tryFile(name)
	if f.Err != nil {
		p.Errorf(input.Pos{File: f.Name}, "%v", f.Err)
	}
	return f
}

// tryFile reads a file of the user, and no more of it than is needed to see
// that it is too large.
func tryFile(name string) input.File {
	f := input.File{Name: filepath.ToSlash(name)}
	f.Data, f.Err = foreign.Append(nil, name, input.MaxBytes)
	switch {
	case errors.Is(f.Err, foreign.ErrLimit):
		f.Err = fmt.Errorf("file is larger than the limit of %d bytes", input.MaxBytes)
	case f.Err != nil:
		f.Err = fmt.Errorf("read file: %w", reason(f.Err))
	}
	return f
}

// resolved returns a path of the user as it is used, which is as it was given
// when there is no telling.
func resolved(name string, p *input.Problems) string {
	path, err := foreign.Resolve(name)
	if err != nil {
		p.Errorf(input.Pos{File: filepath.ToSlash(name)}, "%v", err)
		return name
	}
	return path
}

// readDefinitions reads every definition below dir, in byte order of the paths
// with slashes, which is the same on every system.
func readDefinitions(dir string, p *input.Problems) []input.File {
	names := listDefinitions(dir, p)
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Compare(filepath.ToSlash(a), filepath.ToSlash(b))
	})
	if len(names) == 0 && p.Errors() == 0 {
		p.Errorf(input.Pos{File: filepath.ToSlash(dir)}, "no definitions: want files *.yaml or *.yml")
	}
	var files []input.File
	for _, name := range names {
		files = append(files, tryFile(name)) // a scenario may be asked for that is in another
	}
	return files
}

// listDefinitions lists the definitions below dir. Hidden entries are left
// out: editors keep copies in them, and mounted configuration its versions.
func listDefinitions(dir string, p *input.Problems) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		p.Errorf(input.Pos{File: filepath.ToSlash(dir)}, "read folder: %v", reason(err))
		return nil
	}
	var names []string
	for _, e := range entries {
		name := filepath.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir():
			names = append(names, listDefinitions(name, p)...)
		case isYAML(e.Name()) && e.Type()&^fs.ModeSymlink != 0:
			p.Errorf(input.Pos{File: filepath.ToSlash(name)}, "neither a file nor a folder")
		case isYAML(e.Name()):
			names = append(names, name)
		case e.Type()&fs.ModeSymlink != 0:
			// A link to a folder could lead back to where we are, and must
			// not look as if its scenarios had been read.
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				p.Errorf(input.Pos{File: filepath.ToSlash(name)}, "link to a folder: links are followed to files only")
			}
		}
	}
	return names
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

// reason returns an error of the file system without operation and path, which
// the message has already.
func reason(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// maxProblems is how many problems of the input are printed.
const maxProblems = 100

// problems prints what is wrong with the input and returns the error that
// sums it up, or nil when there is no reason to stop.
func (a *app) problems(p *input.Problems) error {
	shown, more := p.First(maxProblems)
	for _, problem := range shown {
		if a.strict {
			problem.Warning = false
		}
		fmt.Fprintln(a.errOut, problem)
	}
	if more > 0 {
		fmt.Fprintf(a.errOut, "and %s\n", plural(more, "more problem"))
	}
	errs, warnings := p.Errors(), p.Warnings()
	a.warnings = warnings
	if a.strict {
		errs, warnings = errs+warnings, 0
	}
	if errs == 0 {
		return nil
	}
	text := "bad input: " + plural(errs, "error")
	if warnings > 0 {
		text += ", " + plural(warnings, "warning")
	}
	return inputError(text)
}

// plural returns a number with its noun.
func plural[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(uint64(n)) + " " + noun + "s"
}

// catalog reads and checks all input.
func (a *app) catalog() (*build.Catalog, error) {
	a.tellEnvironment("vendor", "semconv", "definitions")
	var p input.Problems
	in := a.readInputs(&p)
	var c *build.Catalog
	if p.Errors() == 0 {
		c = build.Validate(in, a.prefix(), &p)
	}
	if c != nil && a.verb == verbValidate {
		trial.Hold(&p, c.Plans...)
	}
	return c, a.problems(&p)
}

// plan reads the input and compiles what the flags select.
func (a *app) plan() (*build.Plan, build.Inputs, error) {
	a.tellEnvironment("vendor", "semconv", "definitions")
	var p input.Problems
	in := a.readInputs(&p)
	var plan *build.Plan
	if p.Errors() == 0 {
		plan = build.Compile(in, build.Options{
			Vendor:    a.prefix(),
			Scenarios: a.scenarios,
			Tags:      a.tags,
			EachOnce:  a.eachOnce,

			TraceShape: a.traceShape.value,
			Content:    a.content.value,
		}, &p)
	}
	if plan != nil {
		if !a.allBundled() {
			trial.Hold(&p, plan)
		}
		a.warnOverlap(plan, &p)
		a.warnSilent(plan, &p)
	}
	return plan, in, a.problems(&p)
}

// longSession is longer than nearly all sessions.
const longSession = 10 * time.Minute

// warnOverlap warns of segments so short that one begins when sessions of the
// last one with the same service instance still run: then there are two writers
// of one metric series at a time, as there are when clocks or ids are wrong.
func (o *options) warnOverlap(plan *build.Plan, p *input.Problems) {
	r := o.buildRun(plan)
	between := float64(plan.Instances()) * float64(r.SegmentIterations) * float64(r.Interval)
	if r.Has(otlp.SignalMetrics) && r.SegmentIterations > 0 && r.Segments() > plan.Instances() && between < float64(longSession) {
		p.Warnf(input.Pos{File: "--segment-iterations"},
			"a service instance has a segment again after %v: with sessions longer than that, series of metrics overlap; take longer segments or intervals, or no metrics",
			time.Duration(between).Round(time.Millisecond))
	}
}

// buildRun returns the content options, completed by what the one selected
// scenario says.
func (o *options) buildRun(plan *build.Plan) build.Run {
	r := build.Run{
		Seed:              o.seed,
		Count:             o.count,
		SegmentIterations: o.segmentIterations,
		Start:             o.start.Time,
		Interval:          o.interval,
		Deviation:         o.deviation,
		Format:            o.format.value,
		BatchItems:        o.batchItems,
		Signals:           o.signals,
		MetricInterval:    o.metricInterval,
		Temporality:       o.temporality.value,
	}
	if !o.set["segment-iterations"] {
		r.SegmentIterations = plan.SegmentIterations()
	}
	scenarios := plan.Scenarios()
	switch {
	case o.eachOnce:
		r.Count = uint64(len(scenarios))
	case o.set["count"]:
	case o.oneSelected(scenarios):
		r.Count = uint64(scenarios[0].RepeatCount)
	default:
		r.Count = defaultCount
	}
	if o.oneSelected(scenarios) && scenarios[0].HasInterval {
		if !o.set["interval"] {
			r.Interval = scenarios[0].Interval
		}
		if !o.set["interval-deviation"] {
			r.Deviation = scenarios[0].Deviation
		}
	}
	return r
}

// oneSelected reports whether the flags select a single scenario. A folder
// that happens to hold one does not count: the defaults should not change
// when it gets a second.
func (o *options) oneSelected(scenarios []build.ScenarioInfo) bool {
	return len(scenarios) == 1 && (len(o.scenarios) > 0 || len(o.tags) > 0)
}
