package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/show"
)

// show prints iterations, or draws one.
func (a *app) show(ctx context.Context) error {
	if a.set["html"] {
		return a.showHTML(ctx)
	}
	var page []byte
	return a.eachSession(ctx, func(s *show.Session) (err error) {
		if page != nil {
			page = append(page[:0], '\n')
		}
		if page, err = s.AppendText(page, a.full); err != nil {
			return err
		}
		if _, err = a.out.Write(page); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		return nil
	})
}

// eachSession visits the iterations that were asked for, in order.
func (a *app) eachSession(ctx context.Context, visit func(*show.Session) error) error {
	if len(a.dirs) > 0 {
		return a.readSessions(ctx, a.dirs[0], visit)
	}
	return a.rebuildSessions(ctx, visit)
}

// wanted returns the iterations to print, of a run of count: by number, or the
// one that the trace id names if it is of this seed.
func (o *options) wanted(seed, count uint64) (first, last uint64) {
	if o.set["trace-id"] {
		i := ids.New(seed).Origin(o.traceID.TraceID).Iteration
		return i, i
	}
	if o.iteration.open {
		// A start beyond the end is told as such.
		return o.iteration.first, max(o.iteration.first, count-1)
	}
	return o.iteration.first, o.iteration.last
}

// foreignTrace is the error for a trace id that is not where it is looked for.
func (o *options) foreignTrace(where string) error {
	return fmt.Errorf("trace %s is not of %s", o.traceID.String(), where)
}

// rebuildSessions generates the iterations from the seed.
func (a *app) rebuildSessions(ctx context.Context, visit func(*show.Session) error) error {
	plan, err := a.plan()
	if err != nil {
		return err
	}
	first, last := a.wanted(a.seed, plan.Count())
	where := fmt.Sprintf("seed %d with this input", a.seed)
	bounded := a.eachOnce || a.given("count") || a.iteration.open
	switch {
	case bounded && last >= plan.Count() && a.set["trace-id"]:
		return a.foreignTrace(where)
	case bounded && last >= plan.Count():
		return fmt.Errorf("iteration %d: the run has %d", last, plan.Count())
	case last >= ids.MaxIterations && !a.set["trace-id"]:
		return usagef("--iteration %d: must be below %d", last, uint64(ids.MaxIterations))
	}
	// An iteration is the same in every run that is long enough to have it.
	plan = plan.WithCount(max(plan.Count(), last+1))
	g, err := plan.NewGenerator()
	if err != nil {
		if a.set["trace-id"] {
			return a.foreignTrace(where) // its iteration is beyond any run
		}
		return usageError{err}
	}
	if a.set["trace-id"] {
		if _, ok := g.Find(a.traceID.TraceID); !ok {
			return a.foreignTrace(where)
		}
	}
	for i := first; i <= last; i++ {
		if ctx.Err() != nil {
			return fmt.Errorf("interrupted before iteration %d", i)
		}
		if err := visit(sessionOf(g, plan, i)); err != nil {
			return err
		}
	}
	return nil
}

// sessionOf generates iteration i.
func sessionOf(g *otelsim.Generator, plan *otelsim.Plan, i uint64) *show.Session {
	s := show.NewSession(plan.Header().Seed, i, "", plan.Header().Prefix)
	info := g.IterationLogs(i, func(t *otlp.Traces, l *otlp.Logs) {
		s.AddTraces(t)
		s.AddLogs(l)
	})
	s.Scenario = info.Scenario
	return s
}

// readSessions reads the iterations from a corpus, segment by segment.
func (a *app) readSessions(ctx context.Context, dir string, visit func(*show.Session) error) error {
	c, err := corpus.Open(dir)
	if err != nil {
		return inputError(err.Error())
	}
	m := c.Manifest()
	f, err := newFilter(m, a.scenarios)
	if err != nil {
		return err
	}
	first, last := a.wanted(m.Seed, m.Options.Count)
	switch _, ok := m.SegmentOf(last); {
	case !ok && a.set["trace-id"]:
		return a.foreignTrace(dir)
	case !ok:
		return fmt.Errorf("iteration %d: the corpus has %d", last, m.Options.Count)
	}
	visited := false
	for first <= last {
		segment, _ := m.SegmentOf(first)
		start, count := m.Options.Iterations(uint64(segment))
		end := min(last, start+count-1)
		sessions, err := readSegment(ctx, c, segment, f, first, end)
		if err != nil {
			return err
		}
		for _, s := range sessions {
			if err := a.checkRead(s, dir); err != nil {
				return err
			}
			if err := visit(s); err != nil {
				return err
			}
			visited = true
		}
		first = end + 1
	}
	if !visited {
		return fmt.Errorf("no iteration of the scenarios asked for is among those of %s", dir)
	}
	return nil
}

// readSegment returns the sessions of the iterations from first to last of one
// segment that pass the filter.
func readSegment(ctx context.Context, c *corpus.Corpus, segment int, f *filter, first, last uint64) ([]*show.Session, error) {
	if ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted before iteration %d", first)
	}
	m := c.Manifest()
	var all show.Sessions
	var sessions []*show.Session
	for i := first; i <= last; i++ {
		if name, ok := f.scenario(i); ok {
			s := show.NewSession(m.Seed, i, name, m.Prefix)
			all.Add(s)
			sessions = append(sessions, s)
		}
	}
	if len(sessions) == 0 {
		return nil, nil
	}
	return sessions, eachRecord(c, segment, all.AddTraces, all.AddLogs)
}

// checkRead returns an error for a session that is not what was asked for.
func (a *app) checkRead(s *show.Session, dir string) error {
	switch {
	case a.set["trace-id"] && !s.Holds(a.traceID.TraceID):
		return a.foreignTrace(dir)
	case s.Empty():
		return fmt.Errorf("iteration %d has no spans in %s", s.Iteration(), dir)
	}
	return nil
}

// filter knows the scenarios of a corpus, and those that were asked for.
type filter struct {
	m     *corpus.Manifest
	draw  build.Draw
	names map[string]bool // nil: all
}

func newFilter(m *corpus.Manifest, names []string) (*filter, error) {
	f := &filter{m: m, draw: otelsim.DrawOf(&m.Header)}
	for _, name := range names {
		if !slices.Contains(f.draw.Names, name) {
			if near, ok := text.Nearest(name, f.draw.Names); ok {
				return nil, fmt.Errorf("the corpus has no scenario %s: did you mean %s?", text.Clean(name), text.Clean(near))
			}
			return nil, fmt.Errorf("the corpus has no scenario %s", text.Clean(name))
		}
		if f.names == nil {
			f.names = make(map[string]bool)
		}
		f.names[name] = true
	}
	return f, nil
}

// scenario returns the name of the scenario that an iteration ran, which
// nothing on the wire tells, and whether it was asked for.
func (f *filter) scenario(iteration uint64) (string, bool) {
	if len(f.m.Scenarios) == 0 {
		return "-", f.names == nil
	}
	name := f.m.Scenarios[f.draw.Pick(iteration)].Name
	return name, f.names == nil || f.names[name]
}

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
