package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// remake sets in o what makes the segments of a corpus again, out of the inputs
// that the flags give and the options that the manifest says. It returns in
// which values of the manifest the two do not agree. Inputs that cannot be those
// of the corpus are an error: nothing could be said of it.
func (a *app) remake(o *corpus.VerifyOptions, m *corpus.Manifest) ([]corpus.Group, error) {
	if m.Revision != build.Revision {
		return nil, inputError(fmt.Sprintf("corpus %s: it is of revision %d, and this program makes revision %d: it cannot be made again",
			o.Dir, m.Revision, build.Revision))
	}
	b := *a
	b.asManifest(m)
	a.tellEnvironment("semconv", "definitions") // the manifest says the prefix
	var p input.Problems
	in := b.readInputs(&p)
	var plan *build.Plan
	if p.Errors() == 0 {
		plan = build.Compile(in, build.Options{
			Vendor: m.Prefix, Scenarios: b.scenarios, EachOnce: m.Options.EachOnce,
			TraceShape: m.Options.TraceShape, Content: m.Options.Content,
		}, &p)
	}
	const others = "corpus %s: it was not made from the bundled inputs (%s): give its own with --config, --semconv and --definitions"
	if p.Errors() > 0 && allBundled(&in) {
		return nil, inputError(fmt.Sprintf(others, o.Dir, problemsOf(&p)))
	}
	if err := a.problems(&p); err != nil {
		return nil, err
	}
	run := runOf(m)
	want := b.header(plan, run)
	if want.PlanDigest != m.PlanDigest && allBundled(&in) {
		return nil, inputError(fmt.Sprintf(others, o.Dir, fmt.Sprintf("their plan digest is %.16s..., its own %.16s...", want.PlanDigest, m.PlanDigest)))
	}
	var groups []corpus.Group
	for _, d := range m.Differences(&want) {
		groups = append(groups, found("regenerate", corpus.ManifestFile, d.Path, "%s is %s, made again it is %s", d.Path, d.Have, d.Want))
	}
	if data, err := corpus.ReadConventions(o.Dir); err != nil || string(data) != string(in.Semconv.Data) {
		groups = append(groups, found("regenerate", corpus.ConventionsFile, "", "is not, byte for byte, %s", in.Semconv.Name))
	}
	if _, err := build.NewGenerator(plan, run); err != nil {
		return append(groups, found("regenerate", corpus.ManifestFile, "options", "no run has these options: %v", err)), nil
	}
	o.Remake = func() (corpus.Fill, error) { return newFill(plan, run, new(atomic.Uint64)) }
	return groups, nil
}

// allBundled reports whether all inputs are those that come with the program.
func allBundled(in *build.Inputs) bool {
	return in.Bundled && strings.HasPrefix(in.Config.Name, bundled+"/") && strings.HasPrefix(in.Semconv.Name, bundled+"/")
}

// asManifest sets the options that decide what is compiled to those of a
// manifest.
func (o *options) asManifest(m *corpus.Manifest) {
	o.vendor, o.eachOnce = m.Prefix, m.Options.EachOnce
	o.signals = m.Options.OTLPSignals()
	o.traceShape.value, o.content.value = m.Options.TraceShape, m.Options.Content
	o.scenarios, o.tags = nil, nil
	for _, s := range m.Scenarios {
		o.scenarios = append(o.scenarios, s.Name)
	}
	// A scenario that is selected alone by its name counts fully; one that is
	// alone for another reason has its own weight.
	if len(m.Scenarios) == 1 && m.Scenarios[0].Weight != 1 {
		o.scenarios = append(o.scenarios, m.Scenarios[0].Name)
	}
}

// runOf returns the run that a manifest is of.
func runOf(m *corpus.Manifest) build.Run {
	o := &m.Options
	return build.Run{
		Seed: m.Seed, Count: o.Count, SegmentIterations: o.SegmentIterations,
		Start: o.Start.Time(), Interval: time.Duration(o.Interval), Deviation: time.Duration(o.Deviation),
		Format: o.OTLPFormat(), BatchItems: o.BatchItems,
		Signals: o.OTLPSignals(), MetricInterval: time.Duration(o.MetricInterval), Temporality: o.OTLPTemporality(),
	}
}

// problemsOf joins the problems of an input to one line.
func problemsOf(p *input.Problems) string {
	var all []string
	for _, problem := range p.All() {
		all = append(all, problem.String())
	}
	return strings.Join(all, "; ")
}
