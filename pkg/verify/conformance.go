package verify

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/conform"
	"github.com/otelsim/otelsim/pkg/conform/coverage"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// judgedBy sets in o what records are held to: the seed, the conventions that are in the
// corpus, and a registry of which it is to be said how much there is, if any. What keeps
// the conventions from being judged by is a finding.
func judgedBy(o *settings, m *corpus.Manifest, c *cardinality, r *registry.Registry) []Group {
	o.Seeded = build.NewSeeded(m.Seed, int64(m.Options.Start), time.Duration(m.Options.Interval), time.Duration(m.Options.Deviation), otelsim.CurveOf(&m.Header))
	conventions, why := conventionsIn(o.Dir, m)
	if r != nil {
		o.NewCoverage = coverage.Of(r, conventions).Seen
	}
	if why != nil {
		return []Group{found("not-judged", corpus.ConventionsFile, "", "nothing was held to the conventions: %v", why)}
	}
	conformance(o, m, conventions, c)
	return nil
}

// conformance holds records to the conventions: what it sets in o checks the spans,
// metrics and logs of their own, and what metrics and logs say of the spans. What a
// scenario's author may decide is left alone, and of traces that were split only single
// spans are judged.
func conformance(o *settings, m *corpus.Manifest, conventions *semconv.Conventions, c *cardinality) {
	ofSystems(o, m, conventions)
	c.systems = o.Systems
	o.NewCheck = func() recordCheck { return spanCheck(conventions, m, c, o.Registry) }
	o.NewSignalChecks = func() signalChecks {
		checker := conform.NewSignalChecker(conventions, m.Prefix)
		checker.Lenient = true
		var to func(int, problem)
		relay := func(i int, rule, text string) { to(i, problem{Rule: rule, Text: text}) }
		return signalChecks{
			Metrics: func(m *otlp.Metrics, report func(int, problem)) {
				to = report
				checker.Metrics(m, relay)
			},
			Logs: func(l *otlp.Logs, report func(int, problem)) {
				to = report
				checker.Logs(l, relay)
			},
		}
	}
	if !m.Options.Has(otlp.SignalTraces) {
		return // there is nothing to hold the others against
	}
	o.NewAudit = func() segmentAudit {
		key := ids.New(m.Seed)
		audit := conform.AuditOptions{Several: m.Instances > turns, Request: func(id otlp.TraceID) uint64 {
			origin := key.Origin(id)
			return origin.Iteration<<ids.TurnBits | uint64(origin.Turn)
		}}
		curve := otelsim.CurveOf(&m.Header)
		audit.Load = func(at uint64) uint64 { return curve.Load(at - min(at, uint64(m.Options.Start))) }
		audit.Counted = spansIn(m, otlp.SignalMetrics, func(s *corpus.Scenario) bool { return s.NoMetrics })
		audit.Logged = spansIn(m, otlp.SignalLogs, func(s *corpus.Scenario) bool { return s.NoLogs })
		return &auditor{conform.NewAudit(conventions, m.Prefix, audit)}
	}
}

// conventionsIn reads the conventions of a corpus. The error is a finding.
func conventionsIn(dir string, m *corpus.Manifest) (*semconv.Conventions, error) {
	data, err := corpus.ReadConventions(dir)
	if err != nil {
		return nil, err
	}
	if len(m.Prefix) > maxPrefix {
		return nil, fmt.Errorf("the prefix of the manifest has %d bytes", len(m.Prefix))
	}
	var p input.Problems
	conventions := semconv.Parse(input.File{Name: corpus.ConventionsFile, Data: data}, &p)
	if conventions == nil || p.Errors() > 0 {
		return nil, errors.New(problemsOf(&p))
	}
	return conventions, nil
}

// ofSystems says in o what the conventions of a corpus say of systems.
func ofSystems(o *settings, m *corpus.Manifest, conventions *semconv.Conventions) {
	if len(conventions.Systems) == 0 {
		return
	}
	o.NewSystems = func() systemSpans { return conform.NewChecker(conventions, m.Prefix).Systems }
	o.Systems = make(map[string]uint64)
	for i := range conventions.Systems {
		x := &conventions.Systems[i]
		o.Systems[x.Service] = uint64(x.Instances)
		if x.Anonymous {
			o.Systems[x.Service] = 0
		}
	}
}

// spanCheck returns what holds spans to the conventions.
func spanCheck(conventions *semconv.Conventions, m *corpus.Manifest, c *cardinality, r *registry.Registry) recordCheck {
	checker := conform.NewChecker(conventions, m.Prefix)
	checker.Lenient, checker.Registry = true, r
	checker.Parts = splits(m)
	checker.Content = m.Options.Content
	key := ids.New(m.Seed)
	checker.Origin = func(id otlp.TraceID) (session, request uint64) {
		origin := key.Origin(id)
		return origin.Iteration, uint64(origin.Turn)
	}
	session, count := checker.Session(), c.counter()
	var to func(span int, p problem)
	relay := func(f conform.Finding) { to(f.Span, problem{Rule: f.Rule, Text: f.Text, Once: f.Resource}) }
	return func(t *otlp.Traces, report func(span int, p problem)) {
		to = report
		count.add(t)
		session.Traces(t, relay)
	}
}

// maxPrefix is longer than any prefix that names begin with.
const maxPrefix = 100

// auditor is an audit in the words of the corpus.
type auditor struct{ *conform.Audit }

func (a *auditor) Finish(report func(p problem)) (points, logs int) {
	return a.Audit.Finish(func(rule, text string) { report(problem{Rule: rule, Text: text}) })
}

// spansIn tells of traces whether another signal has what follows from their
// spans: a corpus can be without it, and a scenario of the corpus too. nil: all
// do.
func spansIn(m *corpus.Manifest, sig otlp.Signal, without func(*corpus.Scenario) bool) func(otlp.TraceID) bool {
	if !m.Options.Has(sig) {
		return func(otlp.TraceID) bool { return false }
	}
	if !slices.ContainsFunc(m.Scenarios, func(s corpus.Scenario) bool { return without(&s) }) {
		return nil
	}
	draw, key := otelsim.DrawOf(&m.Header), ids.New(m.Seed)
	pick := draw.Picker()
	return func(id otlp.TraceID) bool { return !without(&m.Scenarios[pick(key.Origin(id).Iteration)]) }
}

// splits reports whether a record may hold a part of a trace.
func splits(m *corpus.Manifest) bool {
	for i := range m.Segments {
		for _, f := range m.Segments[i].Files {
			if f.Splits > 0 {
				return true
			}
		}
	}
	return false
}
