package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/show"
)

// show prints one iteration.
func (a *app) show(context.Context) error {
	if a.set["html"] {
		return a.showHTML()
	}
	s, err := a.wantedSession()
	if err != nil {
		return err
	}
	text, err := s.AppendText(nil, a.full)
	if err != nil {
		return err
	}
	_, err = a.out.Write(text)
	return err
}

// wantedSession returns the iteration that was asked for.
func (a *app) wantedSession() (*show.Session, error) {
	if len(a.dirs) > 0 {
		return a.readSession(a.dirs[0])
	}
	return a.rebuildSession()
}

// wanted returns the iteration to print: by number, or the one that the trace
// id names if it is of this seed.
func (o *options) wanted(seed uint64) uint64 {
	if o.set["trace-id"] {
		return ids.New(seed).Origin(o.traceID.TraceID).Iteration
	}
	return o.iteration
}

// foreignTrace is the error for a trace id that is not where it is looked for.
func (o *options) foreignTrace(where string) error {
	return fmt.Errorf("trace %s is not of %s", o.traceID.String(), where)
}

// rebuildSession generates the iteration from the seed.
func (a *app) rebuildSession() (*show.Session, error) {
	plan, _, err := a.plan()
	if err != nil {
		return nil, err
	}
	run := a.buildRun(plan)
	i := a.wanted(run.Seed)
	where := fmt.Sprintf("seed %d with this input", run.Seed)
	switch {
	case a.eachOnce && i >= run.Count && a.set["trace-id"]:
		return nil, a.foreignTrace(where)
	case a.eachOnce && i >= run.Count:
		return nil, fmt.Errorf("iteration %d: --each-once makes %d", i, run.Count)
	case i >= ids.MaxIterations:
		return nil, usagef("--iteration %d: must be below %d", i, uint64(ids.MaxIterations))
	}
	// An iteration is the same in every run that is long enough to have it.
	run.Count = max(run.Count, i+1)
	g, err := build.NewGenerator(plan, run)
	if err != nil {
		if a.set["trace-id"] {
			return nil, a.foreignTrace(where) // its iteration is beyond any run
		}
		return nil, usageError{err}
	}
	if a.set["trace-id"] {
		if _, ok := g.Find(a.traceID.TraceID); !ok {
			return nil, a.foreignTrace(where)
		}
	}
	return sessionOf(g, plan, run.Seed, i), nil
}

// sessionOf generates iteration i.
func sessionOf(g *build.Generator, plan *build.Plan, seed, i uint64) *show.Session {
	s := show.NewSession(seed, i, "", plan.Prefix())
	info := g.IterationLogs(i, func(t *otlp.Traces, l *otlp.Logs) {
		s.AddTraces(t)
		s.AddLogs(l)
	})
	s.Scenario = info.Scenario
	return s
}

// readSession reads the iteration from a corpus.
func (a *app) readSession(dir string) (*show.Session, error) {
	c, err := corpus.Open(dir)
	if err != nil {
		return nil, inputError(err.Error())
	}
	m := c.Manifest()
	i := a.wanted(m.Seed)
	segment, ok := m.SegmentOf(i)
	switch {
	case !ok && a.set["trace-id"]:
		return nil, a.foreignTrace(dir)
	case !ok:
		return nil, fmt.Errorf("iteration %d: the corpus has %d", i, m.Options.Count)
	}
	s := show.NewSession(m.Seed, i, scenarioOf(m, i), m.Prefix)
	if err := eachRecord(c, segment, s.AddTraces, s.AddLogs); err != nil {
		return nil, err
	}
	if a.set["trace-id"] && !s.Holds(a.traceID.TraceID) {
		return nil, a.foreignTrace(dir)
	}
	if s.Empty() {
		return nil, fmt.Errorf("iteration %d has no spans in %s", i, dir)
	}
	return s, nil
}

// scenarioOf returns the name of the scenario that an iteration of a corpus
// ran, which nothing on the wire tells.
func scenarioOf(m *corpus.Manifest, i uint64) string {
	if len(m.Scenarios) == 0 {
		return "-"
	}
	draw := drawOf(m)
	return m.Scenarios[draw.Pick(i)].Name
}

// drawOf is how the iterations of a corpus came by their scenarios.
func drawOf(m *corpus.Manifest) build.Draw {
	o := &m.Options
	d := build.Draw{Seed: m.Seed, EachOnce: o.EachOnce, Interval: time.Duration(o.Interval), Deviation: time.Duration(o.Deviation)}
	for _, s := range m.Scenarios {
		d.Names, d.Weights = append(d.Names, s.Name), append(d.Weights, millionths(s.Weight))
	}
	for _, s := range m.Shifts {
		shift := build.Shift{From: int64(s.From), To: int64(s.To)}
		for _, w := range s.Weights {
			shift.Weights = append(shift.Weights, millionths(w))
		}
		d.Shifts = append(d.Shifts, shift)
	}
	return d
}

// millionths returns the weight that decides the picking, from that of the
// manifest. Weights are at most 1e9, so the way there and back is exact.
func millionths(weight float64) uint64 { return uint64(math.Round(weight * 1e6)) }

// fromMillionths is the inverse of millionths.
func fromMillionths(weight uint64) float64 { return float64(weight) / 1e6 }

// eachRecord decodes the traces and logs records of one segment and passes each
// on.
func eachRecord(c *corpus.Corpus, segment int, traces func(*otlp.Traces), logs func(*otlp.Logs)) error {
	format := c.Manifest().Options.OTLPFormat()
	var d otlp.Decoder
	var t otlp.Traces
	var l otlp.Logs
	for _, sig := range []otlp.Signal{otlp.SignalTraces, otlp.SignalLogs} {
		data, err := c.ReadSegment(uint64(segment), sig)
		if err != nil {
			return err
		}
		for n := 0; len(data) > 0; n++ {
			payload, rest, err := otlp.NextFrame(data, format)
			switch {
			case err != nil:
			case sig == otlp.SignalTraces:
				if err = d.Traces(&t, payload, format); err == nil {
					traces(&t)
				}
			default:
				if err = d.Logs(&l, payload, format); err == nil {
					logs(&l)
				}
			}
			if err != nil {
				return fmt.Errorf("segment %d: %v record %d: %w", segment, sig, n, err)
			}
			data = rest
		}
	}
	return nil
}
