package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// readInputs reads the files that the flags, the environment or the project name.
// Files that cannot be read are problems like any other, so that all are reported
// at once.
func (o *options) readInputs(p *input.Problems) (in otelsim.Inputs) {
	if s := o.origin("config", o.config); s.name != "" && s.name != input.Bundled {
		// What is beside it is looked for where it is, whatever its path goes
		// through.
		name := resolved(s.name, p)
		in.Config = tryFile(name)
		in.Resource = tryFile(filepath.Join(filepath.Dir(name), "resource.yaml"))
		if in.Config.Err != nil {
			s.fail(p, name, "%v", in.Config.Err)
			if in.Resource.Err != nil { // else whether it may be missing says the config
				p.Errorf(input.Pos{File: in.Resource.Name}, "%v", in.Resource.Err)
			}
		}
	}
	if s := o.origin("semconv", o.semconv); s.name != "" {
		in.Conventions = readConventions(s, p)
	}
	in.Definitions, in.WithBundled = readDefinitions(o.definitionSources(), p)
	return in
}

// readConventions returns the bundled conventions of a name, else reads a file of it.
func readConventions(s origin, p *input.Problems) input.File {
	if f, bundled := otelsim.BundledConventions(s.name); bundled {
		return f
	}
	f := tryFile(s.name)
	plain := filepath.Base(s.name)
	if s.by == nil {
		plain = s.name
	}
	switch {
	case errors.Is(f.Err, fs.ErrNotExist) && !strings.ContainsAny(plain, `/\.`):
		s.fail(p, s.name, "no such file, and %s", input.Unknown("name of bundled conventions", plain, otelsim.Vocabularies))
	case f.Err != nil:
		s.fail(p, s.name, "%v", f.Err)
	}
	return f
}

// tryFile reads a file of the user, and no more of it than is needed to see
// that it is too large.
func tryFile(name string) input.File {
	f := input.File{Name: shown(name)}
	f.Data, f.Err = foreign.Append(nil, name, input.MaxBytes)
	switch {
	case errors.Is(f.Err, foreign.ErrLimit):
		f.Err = fmt.Errorf("file is larger than the limit of %d bytes", input.MaxBytes)
	case f.Err != nil:
		f.Err = fmt.Errorf("read file: %w", reason(f.Err))
	}
	return f
}

// shown returns the name that messages give a file of the user, which is none of
// the names of bundled ones.
func shown(name string) string {
	name = filepath.ToSlash(name)
	if strings.HasPrefix(name, input.Bundled+"/") {
		name = "./" + name
	}
	return name
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
	p.Replace(a.placed)
	shown, more := p.First(maxProblems)
	if a.json && a.verb == verbValidate {
		a.told, shown, more = p.All(), nil, 0 // as data, of which there may be more
	}
	for _, problem := range shown {
		if a.strict {
			problem.Warning = false
		}
		fmt.Fprintln(a.errOut, problem)
	}
	if more > 0 {
		fmt.Fprintf(a.errOut, "and %s\n", text.Counted(more, "more problem"))
	}
	errs, warnings := p.Errors(), p.Warnings()
	a.warnings = warnings
	if a.strict {
		errs, warnings = errs+warnings, 0
	}
	if errs == 0 {
		return nil
	}
	summary := "bad input: " + text.Counted(errs, "error")
	if warnings > 0 {
		summary += ", " + text.Counted(warnings, "warning")
	}
	return inputError(summary)
}

// inputs reads what is to be compiled, and says what decided which. It returns
// whether all of it could be read: what else is wrong with the project is told with
// what is wrong with the inputs.
func (a *app) inputs(flags ...string) (in otelsim.Inputs, readable bool) {
	a.tellEnvironment(flags...)
	a.tellProject()
	before := a.found.Found()
	in = a.readInputs(&a.found)
	readable = a.found.Found() == before
	var of input.Problems // which keep nothing else from being told
	var known bool
	in.Registry, known = a.layeredRegistries(&of)
	if a.wantsRegistry() && known {
		if in.Corpus = a.own; in.Corpus == nil {
			in.Corpus = registry.Bundled()
		}
		if c := in.Corpus; len(c.Spans)+len(c.Metrics)+len(c.Events)+len(c.Entities) == 0 {
			of.Errorf(input.Pos{File: "--registry"}, "it defines no span type, metric, event or entity, of which there could be a scenario")
			known = false
		}
	}
	a.found.Join(&of)
	return in, readable && known
}

// catalog reads and checks all input.
func (a *app) catalog() (*otelsim.Catalog, error) {
	in, readable := a.inputs("vendor", "semconv", "definitions")
	if !readable {
		return nil, a.problems(&a.found)
	}
	c, err := otelsim.Validate(in, a.prefix(), a.verb == verbValidate)
	if err == nil {
		a.found.Add(c.Warnings...)
		a.checkSelection(c, &a.found)
	} else if err := a.found.AddErr(err); err != nil {
		return nil, err
	}
	return c, a.problems(&a.found)
}

// plan reads the input and compiles what the flags select.
func (a *app) plan() (*otelsim.Plan, error) {
	in, readable := a.inputs("vendor", "semconv", "definitions")
	if !readable {
		return nil, a.problems(&a.found)
	}
	plan, err := otelsim.New(a.contentOptions(in))
	if err == nil {
		a.found.Add(plan.Warnings()...)
		warnOverlap(plan, &a.found)
		a.warnSilent(plan, &a.found)
	} else if err := a.found.AddErr(err); err != nil && a.found.Errors() == 0 {
		return nil, usageError{err}
	}
	return plan, a.problems(&a.found)
}

// contentOptions returns what the flags say of the content.
func (o *options) contentOptions(in otelsim.Inputs) otelsim.Options {
	out := otelsim.Options{
		Seed: o.seed, Count: o.count,
		Inputs: in, Prefix: o.prefix(), Scenarios: o.scenarios, Tags: o.tags, EachOnce: o.eachOnce,
		Shape: otelsim.Shape(o.traceShape.value), Content: otelsim.Content(o.content.value),
		Start: o.start.Time, Interval: o.interval, Deviation: o.deviation,
		Signals: o.signals, Format: o.format.value, BatchItems: o.batchItems,
		MetricInterval: o.metricInterval, Temporality: o.temporality.value,
	}
	if o.given("segment-iterations") {
		out.SegmentIterations = o.segmentIterations
	}
	// A flag that was not given leaves it to the scenario.
	for flag, d := range map[string]*time.Duration{"interval": &out.Interval, "interval-deviation": &out.Deviation} {
		if !o.given(flag) {
			*d = 0
		} else if *d == 0 {
			*d = -1
		}
	}
	return out
}

// longSession is longer than nearly all sessions.
const longSession = 10 * time.Minute

// processes is how many segments it takes until one is of the same process again.
const processes = 16

// warnOverlap warns of segments so short that one begins when sessions of the
// last one with the same service instance still run: then there are two writers
// of one metric series at a time, as there are when clocks or ids are wrong.
func warnOverlap(plan *otelsim.Plan, p *input.Problems) {
	h := plan.Header()
	if o := &h.Options; !o.Has(otlp.SignalMetrics) || o.Segments() <= processes {
		return
	}
	if between := plan.Turnaround(processes); between < longSession {
		p.Warnf(input.Pos{File: "--segment-iterations"},
			"a service instance has a segment again after %v: with sessions longer than that, series of metrics overlap; take longer segments or intervals, or no metrics",
			between.Round(time.Millisecond))
	}
}
