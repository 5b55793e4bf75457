// Package build is the face of the generator: it compiles scenarios into a
// Plan and writes segments of a run of that plan. It knows nothing of files or
// networks: inputs come as bytes, output goes into a buffer.
//
//	var p input.Problems
//	plan := build.Compile(in, build.Options{Vendor: "vendor"}, &p)
//	if err := p.Err(); err != nil { // every problem, each with its position
//		return err
//	}
//	g, err := build.NewGenerator(plan, run) // one for each goroutine
//	var seg otlp.Segment
//	err = g.AppendSegment(&seg, 0)
//
// A segment is a pure function of the plan, the run and the segment's index.
// Generators of one run may work on any segments, in any order, anywhere.
package build

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Revision numbers the content that a seed and its inputs give. A change that
// moves any byte of any corpus increments it.
const Revision = 4

// DefaultInterval is the simulated time between iterations when neither the
// caller nor a scenario says another.
const DefaultInterval = 500 * time.Millisecond

// DefaultPrefix is the runtime namespace when none is asked for.
const DefaultPrefix = "vendor"

// Inputs are the input files.
type Inputs struct {
	Config, Resource, Semconv input.File
	Definitions               []input.File
	// OwnConfig says that the config is not the one that comes with the program:
	// then what it defines should be used.
	OwnConfig bool
	// Bundled says that the definitions are the ones that come with the
	// program: the registry of the config then adds scenarios to them.
	Bundled bool
	// Own are definitions beside those, which do not come with the program.
	Own   []input.File
	Known bool // that they can be used in all shapes: they come with the program, whose tests see to it
	// Held are the files of scenarios which those tests hold to the rules of a corpus, with
	// the config, the resource and the conventions that are given. They have no trials.
	Held []string
	// Registry is what systems are held to; nil: the bundled one. It is read only where
	// there are systems.
	Registry *registry.Registry
}

// Options select what is compiled.
type Options struct {
	Vendor    string   // the runtime prefix; "" means DefaultPrefix
	Scenarios []string // by name; none means all
	Tags      []string // keep scenarios with any of them; none means all
	EachOnce  bool     // scenarios take turns: weights count for nothing
	tried     bool     // no corpus is made of it, and it has no digests

	TraceShape string // ShapeSeparate or ShapeUnified; "" is separate
	Content    string // one of Contents; "" is the first
}

// The trace shapes: three traces for a request that is let in, or one.
const (
	ShapeSeparate = "separate"
	ShapeUnified  = "unified"
)

// Contents says what spans may hold of conversations: what each scenario's
// redaction leaves, nothing, everything, or nothing that is not redacted.
var Contents = []string{"scenario", "none", "raw", "redacted"}

// Plan is a set of scenarios ready to run. It is immutable.
type Plan struct {
	plan     *plan.Plan
	rules    *signals.Rules
	digest   string
	infos    []ScenarioInfo
	resource *scenario.Resource
	eachOnce bool
	extents  *extents // nil: it is known to be small
	alike    bool     // there is another one, which differs by shape and content alone
	held     []bool   // by scenario: it needs no trial

	// Conventions are those that it was compiled by, and Registry what its systems are
	// held to; nil: it has none.
	Conventions *semconv.Conventions
	Registry    *registry.Registry
}

// ScenarioInfo describes a scenario.
type ScenarioInfo struct {
	Name, Description string
	Tags              []string
	Weight            float64       // workload_weight, not negative
	WeightMillionths  uint64        // as it decides the picking
	Digest            string        // hex; empty when the scenario was not compiled
	RepeatCount       int64         // iterations, as it says in repeat_count
	Interval          time.Duration // meaningful when HasInterval
	Deviation         time.Duration
	HasInterval       bool
	EmitMetrics       bool
	EmitLogs          bool
	Apart             bool // not in the mix: it runs when its name or a tag asks for it
	Traces            int  // per iteration
	Spans             int  // of the largest trace, worst case
}

// Conventions are a conventions file, read.
type Conventions = semconv.Conventions

// reserved are the first segments of attribute names that others define.
var reserved = []string{"a2a", "client", "cp", "deployment", "enduser", "error", "exception", "gen_ai", "http", "jsonrpc", "mcp",
	"network", "openai", "otel", "rag", "server", "service", "session", "telemetry", "url", "user"}

// loaded are the inputs after parsing.
type loaded struct {
	config          *scenario.Config
	resource        *scenario.Resource
	conventions     *semconv.Conventions
	definitions     []scenario.Definition
	prefix          string
	made            *plan.Made         // by all that is compiled of them
	held            []string           // files: see Inputs.Held
	given, registry *registry.Registry // what systems are held to, as given and as inRegistry has it; nil: nothing, and not asked for
}

// load parses all inputs. It returns nil when p has errors afterwards.
// wanted are the scenarios that are asked for by name.
func load(in Inputs, vendor string, wanted []string, p *input.Problems) *loaded {
	l := &loaded{prefix: prefix(vendor, p), made: plan.NewMade(), held: in.Held}
	l.conventions = semconv.Parse(in.Semconv, p)
	if l.conventions != nil && l.conventions.SystemsPos.Line > 0 {
		p.Errorf(l.conventions.SystemsPos, "systems: leave it out: it is written from the scenarios that a corpus has")
	}
	l.config = in.config(p)
	l.resource = scenario.ParseResource(in.resource(l.config), p)
	if p.Errors() > 0 && (l.config == nil || l.conventions == nil || l.resource == nil) {
		return nil
	}
	o := scenario.ParseOptions{
		Prefixes: []string{DefaultPrefix, l.conventions.Namespace, l.prefix},
		Registry: in.Bundled, Own: in.Own, Types: slices.Sorted(maps.Keys(l.conventions.Added())),
	}
	if p.Errors() > 0 {
		l.definitions = scenario.Parse(in.Definitions, l.config, o, p)
	} else {
		var found input.Problems
		l.definitions = scenario.Parse(in.Definitions, l.config, o, &found)
		l.definitions = leaveOut(l.definitions, wanted, slices.Concat(in.Definitions, in.Own), &found, p)
	}
	if p.Errors() > 0 {
		return nil
	}
	scenario.WarnUnusedTypes(l.conventions.Added(), l.definitions, p)
	if l.register(&in, p); p.Errors() > 0 {
		return nil
	}
	return l
}

// prefix checks and normalizes the runtime prefix.
func prefix(vendor string, p *input.Problems) string {
	v := strings.ToLower(strings.TrimSpace(vendor))
	if v == "" {
		return DefaultPrefix
	}
	at := input.Pos{File: "--vendor"}
	if slices.Contains(reserved, v) {
		p.Errorf(at, "%q is a namespace of the OpenTelemetry conventions; choose another", v)
	}
	for i := range len(v) {
		c := v[i]
		if !(c >= 'a' && c <= 'z' || i > 0 && (c >= '0' && c <= '9' || c == '_')) {
			p.Errorf(at, "%q: a prefix is a letter followed by letters, digits and _", v)
			break
		}
	}
	return v
}

// Compile compiles the selected scenarios. All inputs are read and checked, and
// the selected scenarios put together; findings go to p, and the result is nil
// when there are errors among them.
func Compile(in Inputs, o Options, p *input.Problems) *Plan {
	l := load(in, o.Vendor, o.Scenarios, p)
	if l == nil {
		return nil
	}
	defs := choose(l.definitions, o, p)
	if p.Errors() > 0 {
		return nil
	}
	return l.compile(defs, o, p)
}

func (l *loaded) compile(defs []scenario.Definition, o Options, p *input.Problems) *Plan {
	compiled := plan.Compile(plan.Inputs{
		Config: l.config, Resource: l.resource, Conventions: l.conventions,
		Definitions: defs, Defined: l.definitions, Prefix: l.prefix, Version: strconv.Itoa(Revision), EachOnce: o.EachOnce,
		Unified: o.TraceShape == ShapeUnified, Content: o.Content, Made: l.made, Undigested: o.tried, Registry: l.inRegistry(defs),
	}, p)
	if p.Errors() > 0 {
		return nil
	}
	rules := signals.Compile(signals.Inputs{
		Conventions: l.conventions, Resource: l.resource, Plan: compiled, Version: strconv.Itoa(Revision),
	}, p)
	if p.Errors() > 0 {
		return nil
	}
	out := &Plan{plan: compiled, rules: rules, extents: &extents{}, eachOnce: o.EachOnce,
		resource: l.resource, Conventions: l.conventions, Registry: l.inRegistry(defs)}
	if !o.tried {
		out.digest = rules.Digest(compiled.Digest)
	}
	out.held = l.heldOf(compiled)
	for i, s := range compiled.Scenarios {
		out.infos = append(out.infos, info(&defs[i], s))
	}
	return out
}

// choose selects definitions by name and tag. Without --each-once those of
// weight 0 are never drawn, unless one alone was asked for by name.
func choose(defs []scenario.Definition, o Options, p *input.Problems) []scenario.Definition {
	var names []string
	defined := 0
	for _, d := range defs {
		names = append(names, d.Name)
		if !d.Hidden {
			defined++
		}
	}
	for _, name := range o.Scenarios {
		if !slices.Contains(names, name) {
			p.Errorf(input.Pos{File: "--scenario"}, "%s", input.Unknown("scenario", name, names))
		}
	}
	var out []scenario.Definition
	for _, d := range defs {
		if !o.asks(&d) {
			continue
		}
		if len(o.Scenarios) == 1 {
			d.Weight = 1
		}
		if d.Weight > 0 || o.EachOnce {
			out = append(out, d)
		}
	}
	if len(out) == 0 && p.Errors() == 0 {
		p.Errorf(input.Pos{File: "scenarios"}, "nothing to run: %d defined, none selected with a weight above 0", defined)
	}
	return out
}

// asks reports whether a definition is among those that are asked for. One that
// stands apart has to be: by its name, or, unless it is hidden, by a tag.
func (o *Options) asks(d *scenario.Definition) bool {
	named := slices.Contains(o.Scenarios, d.Name)
	switch {
	case len(o.Scenarios) > 0 && !named, len(o.Tags) > 0 && !tagged(d, o.Tags):
		return false
	case d.Hidden:
		return named
	case d.Apart:
		return named || len(o.Tags) > 0
	}
	return true
}

// tagged reports whether d has any of the tags, in any case.
func tagged(d *scenario.Definition, tags []string) bool {
	for _, have := range d.Tags {
		for _, want := range tags {
			if strings.EqualFold(have, strings.TrimSpace(want)) {
				return true
			}
		}
	}
	return false
}

func info(d *scenario.Definition, s *plan.Scenario) ScenarioInfo {
	out := ScenarioInfo{
		Name: d.Name, Description: d.Description, Tags: d.Tags,
		Weight: max(d.Weight, 0), WeightMillionths: s.Weight, Digest: s.Digest,
		RepeatCount: d.RepeatCount, EmitMetrics: d.EmitMetrics, EmitLogs: d.EmitLogs, Apart: d.Apart,
		Traces: s.Traces(), Spans: s.MaxSpans,
	}
	out.Interval = DefaultInterval
	if d.Interval != nil {
		out.Interval, out.HasInterval = milliseconds(*d.Interval), true
	}
	if d.Deviation != nil {
		out.Deviation, out.HasInterval = milliseconds(*d.Deviation), true
	}
	return out
}

// milliseconds rounds to the nanosecond.
func milliseconds(ms float64) time.Duration {
	return time.Duration(float64(ms*1e6) + 0.5)
}

// Scenarios describes the plan's scenarios, by name.
func (p *Plan) Scenarios() []ScenarioInfo { return slices.Clone(p.infos) }

// Emits reports whether any of the plan's scenarios emits the signal.
func (p *Plan) Emits(s otlp.Signal) bool {
	return slices.ContainsFunc(p.infos, func(i ScenarioInfo) bool {
		switch s {
		case otlp.SignalMetrics:
			return i.EmitMetrics && p.rules.HasMetrics()
		case otlp.SignalLogs:
			return i.EmitLogs
		}
		return true
	})
}

// Digest identifies what the plan can emit: hex SHA-256.
func (p *Plan) Digest() string { return p.digest }

// Systems returns what the services of the plan's systems emit, nil when it has no
// systems.
func (p *Plan) Systems() []semconv.System { return semconv.SortedSystems(p.plan.Systems()) }

// Prefix is the runtime namespace.
func (p *Plan) Prefix() string { return p.plan.Prefix }
