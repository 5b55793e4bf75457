package otelsim

import (
	"fmt"
	"iter"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform/trial"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Plan is a run that can be made: what its inputs and options come to. It is
// immutable and safe for concurrent use.
type Plan struct {
	plan        *build.Plan
	run         build.Run
	options     Options
	conventions []byte
	warnings    []Problem
}

// Problem is one thing wrong with an input file, with its place.
type Problem = input.Problem

// InputError says that inputs cannot be used, with every problem at once. It is
// distinct from other errors since the caller's caller can mend it: commands
// answer it with exit code 2.
type InputError = input.Error

// New reads the inputs and compiles what the options select. Inputs that are
// wrong are an *InputError; any other error says which option no run can have.
func New(o Options) (*Plan, error) { return newPlan(o, (*Options).checkArrivals) }

// newPlan is New, with a check of what the options say beside the arrivals of the
// config.
func newPlan(o Options, check func(*Options, *Arrivals) error) (*Plan, error) {
	in := o.Inputs.withHeld(o.Prefix)
	var problems input.Problems
	compiled := build.Compile(in, build.Options{
		Vendor: o.Prefix, Scenarios: o.Scenarios, Tags: o.Tags, EachOnce: o.EachOnce,
		TraceShape: string(o.Shape), Content: string(o.Content),
	}, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	// Those that come with the project are held to the rules of a corpus by its
	// tests.
	if !o.Inputs.AllBundled() {
		trial.Hold(&problems, compiled)
	}
	if err := check(&o, compiled.Arrivals()); err != nil {
		return nil, err
	}
	conventions, err := semconv.AppendSystems(in.Semconv.Data, compiled.Systems())
	if err != nil {
		problems.Errorf(input.Pos{File: in.Semconv.Name, Line: 1, Column: 1}, "%v", err)
		return nil, problems.Err()
	}
	p := &Plan{plan: compiled, run: o.run(compiled), options: o, conventions: conventions, warnings: problems.All()}
	if _, err := p.NewGenerator(); err != nil {
		return nil, err
	}
	return p, nil
}

// WithCount returns the plan with another number of sessions. Those that both
// have are the same, but for the metrics of the last segment.
func (p *Plan) WithCount(n uint64) *Plan {
	out := *p
	out.run.Count = n
	return &out
}

// Warnings returns what is odd about the inputs, though they can be used.
func (p *Plan) Warnings() []Problem { return p.warnings }

// Scenarios describes the selected scenarios, by name.
func (p *Plan) Scenarios() []Scenario { return p.plan.Scenarios() }

// Scenario describes one scenario.
type Scenario = build.ScenarioInfo

// Emits reports whether any of the selected scenarios emits the signal.
func (p *Plan) Emits(s Signal) bool { return p.plan.Emits(s) }

// Count returns the number of sessions. It is 0 where the one selected scenario
// says so in repeat_count.
func (p *Plan) Count() uint64 { return p.run.Count }

// Segments returns the number of segments.
func (p *Plan) Segments() uint64 { return p.run.Segments() }

// Conventions returns the conventions file in use, which is not to be changed: with
// what the services of systems emit, when scenarios have any.
func (p *Plan) Conventions() []byte { return p.conventions }

// Header returns the identity of the corpus that the plan makes: plans of equal
// headers make the same bytes.
func (p *Plan) Header() corpus.Header { return header(p.plan, &p.run, &p.options) }

// Record is one OTLP export request.
type Record struct {
	Signal  Signal // which the payload is of
	Payload []byte // TracesData, MetricsData or LogsData, which are export requests on the wire; the caller's to keep
	Segment uint64 // that it is of
}

// Records returns every record of the run, segment by segment: the traces of a
// segment, then its metrics and its logs. An error ends it, and comes with no
// record: there is more of a segment than fits in memory. Memory is that of one
// segment.
func (p *Plan) Records() iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		fill, err := p.NewFill()
		if err != nil {
			yield(Record{}, err)
			return
		}
		for i := range p.Segments() {
			seg := new(otlp.Segment) // a new one, since its bytes are given away
			if err := fill(i, seg); err != nil {
				yield(Record{}, fmt.Errorf("segment %d: %w", i, err))
				return
			}
			if !p.eachRecord(i, seg, yield) {
				return
			}
		}
	}
}

// eachRecord yields the records of a segment and reports whether to go on.
func (p *Plan) eachRecord(index uint64, seg *otlp.Segment, yield func(Record, error) bool) bool {
	for sig := range Signal(otlp.NumSignals) {
		for data := seg.Blocks[sig].Data; len(data) > 0; {
			payload, rest, err := otlp.NextFrame(data, p.run.Format)
			if err != nil {
				yield(Record{}, fmt.Errorf("segment %d: %v: %w", index, sig, err))
				return false
			}
			if !yield(Record{sig, payload, index}, nil) {
				return false
			}
			data = rest
		}
	}
	return true
}

// Segment returns one segment: a block for each signal, of framed records with
// their counts and times. It is a function of plan and index alone.
func (p *Plan) Segment(index uint64) (*otlp.Segment, error) {
	if index >= p.Segments() {
		return nil, fmt.Errorf("segment %d: the run has %d", index, p.Segments())
	}
	fill, err := p.NewFill()
	if err != nil {
		return nil, err
	}
	seg := new(otlp.Segment)
	return seg, fill(index, seg)
}

// NewGenerator returns what makes segments and single sessions for one
// goroutine. The error says which option no run can have.
func (p *Plan) NewGenerator() (*Generator, error) { return build.NewGenerator(p.plan, p.run) }

// Generator makes segments and sessions of a run. It belongs to one goroutine.
type Generator = build.Generator

// NewFill returns what makes segments for one goroutine, into memory that it is
// given: see corpus.Fill.
func (p *Plan) NewFill() (corpus.Fill, error) {
	g, err := p.NewGenerator()
	if err != nil {
		return nil, err
	}
	return func(segment uint64, seg *otlp.Segment) error { return g.AppendSegment(seg, segment) }, nil
}
