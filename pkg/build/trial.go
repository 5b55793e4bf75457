package build

import (
	"errors"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Trial is one scenario of a plan, made to show in few iterations what it can
// do in many: what happens seldom happens half of the time. What it makes is to
// be judged, and is no part of any corpus.
type Trial struct {
	Scenario string
	Pos      input.Pos // of the scenario
	Seed     uint64    // that ids are made with
	Metrics  bool      // whether its spans count in metrics
	Logs     bool      // whether they have logs
	Several  bool      // whether services have several instances at a time

	of    *Plan
	index int
	room  *otlp.Segment // to write in, of all trials of a plan: they come one after the other
}

// Place is what a span of a trial comes from.
type Place struct {
	Span     input.Pos // the node, the step or the part of a template
	Resource input.Pos // the section of the resource file, or the service of a system
	Class    string    // its type, without namespace
}

// TrialSinks take what a trial makes. The models are lent.
type TrialSinks struct {
	Traces  func(t *otlp.Traces, places []Place) // places are by span
	Metrics func(m *otlp.Metrics)
	Logs    func(l *otlp.Logs)
	// Segment is called after each segment: they have nothing to do with each
	// other. One that became too long is not whole: it has no metrics.
	Segment func(whole bool)
}

// Trials returns a trial of each scenario of the plan, but for those that another
// plan has in the same form, and for those that are known to break no rule.
func (p *Plan) Trials() []Trial {
	out, room := make([]Trial, 0, len(p.plan.Scenarios)), new(otlp.Segment)
	for i, s := range p.plan.Scenarios {
		if p.held[i] || p.alike && s.OneShape() {
			continue
		}
		out = append(out, Trial{
			Scenario: s.Name, Pos: s.Pos, Seed: trialSeed, Metrics: s.EmitMetrics, Logs: s.EmitLogs, Several: p.plan.Instances > 1,
			of: p, index: i, room: room,
		})
	}
	return out
}

const (
	trialSeed       = 20260101
	trialIterations = 48    // of a segment, of plans with
	trialScenarios  = 50    // up to so many scenarios; fewer of larger ones, so that all ends soon,
	trialLeast      = 8     // but not below this
	trialSpans      = 8_000 // in a segment, after which it is broken off
	trialTicks      = 8     // of metrics in a session
)

// longEnough breaks a segment of a trial off.
type longEnough struct{}

func (longEnough) Error() string { return "long enough" }

// Run makes a segment of iterations as they are drawn, and two short ones in
// which all counts are at an end of their range. The error is for what cannot
// be written as records in one of the formats.
func (t *Trial) Run(out TrialSinks) error {
	for _, ends := range []plan.Ends{plan.AsDrawn, plan.Least, plan.Most} {
		whole, err := t.segment(ends, out)
		if err != nil {
			return err
		}
		out.Segment(whole)
	}
	return nil
}

// segment reports whether it was not broken off.
func (t *Trial) segment(ends plan.Ends, out TrialSinks) (whole bool, err error) {
	s := t.of.plan.Scenarios[t.index]
	count := trialIterations
	if n := len(t.of.plan.Scenarios); n > trialScenarios {
		count = max(trialLeast, count*trialScenarios/n)
	}
	if ends != plan.AsDrawn {
		count /= trialLeast
	}
	p := *t.of
	p.extents = nil // the size of a trial is bounded here
	p.plan = t.of.plan.Trial(t.index, ends)
	p.rules = t.of.rules.With(s, p.plan.Scenarios[0])
	g, err := NewGenerator(&p, Run{
		Seed: t.Seed, Count: uint64(count), SegmentIterations: uint64(count),
		Start: time.Unix(1_767_225_600, 0).UTC(), Interval: time.Second,
		MetricInterval: time.Duration(s.MaxDuration/trialTicks) + time.Minute,
	})
	if err != nil {
		return false, err
	}
	var places []Place
	spans := 0
	g.gen.Watch = func(n *plan.Node) { places = append(places, t.of.placeOf(n)) }
	var wide otlp.Encoder
	wide.Format = otlp.FormatJSON // what fits in JSON fits in protobuf
	scratch := t.room
	err = g.segment(0, sinks{
		traces: func(tr *otlp.Traces) error {
			out.Traces(tr, places)
			spans += len(places)
			places = places[:0]
			scratch.Reset()
			if err := wide.AppendRecord(&scratch.Blocks[otlp.SignalTraces], tr); err != nil || spans < trialSpans {
				return err
			}
			return longEnough{}
		},
		metrics: func(m *otlp.Metrics) error {
			out.Metrics(m)
			scratch.Reset()
			return wide.AppendMetrics(&scratch.Blocks[otlp.SignalMetrics], m)
		},
		logs: func(l *otlp.Logs) error {
			out.Logs(l)
			scratch.Reset()
			return wide.AppendLogs(&scratch.Blocks[otlp.SignalLogs], l)
		},
	})
	if spans >= trialSpans && errors.As(err, new(longEnough)) {
		return false, nil
	}
	return err == nil, err
}

func (p *Plan) placeOf(n *plan.Node) Place {
	out := Place{Class: n.Class, Span: n.Pos, Resource: p.resource.DataPlanePos}
	switch {
	case n.Act != nil:
		out.Resource = n.Act.Service
	case vocab.IsControl(n.Class):
		out.Resource = p.resource.ControlPlanePos
	}
	return out
}
