package main

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/signals"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// conformance holds records to the conventions that are in the corpus: what it
// sets in o checks the spans, metrics and logs of their own, and what metrics
// and logs say of the spans. It sets nothing when the conventions cannot be
// read: that is something for the rest of the verification to complain of. What
// a scenario's author may decide is left alone, and of traces that were split
// only single spans are judged.
func conformance(o *corpus.VerifyOptions, m *corpus.Manifest, c *cardinality) {
	var p input.Problems
	data, err := corpus.ReadConventions(o.Dir)
	if err != nil {
		return
	}
	conventions := semconv.Parse(input.File{Name: corpus.ConventionsFile, Data: data}, &p)
	if conventions == nil || p.Errors() > 0 {
		return
	}
	o.NewCheck = func() corpus.Check {
		checker := conventions.NewChecker(m.Prefix)
		checker.Lenient = true
		checker.Parts = splits(m)
		session := checker.Session()
		return func(t *otlp.Traces, report func(span int, text string)) {
			c.add(t)
			session.Traces(t, func(f semconv.Finding) { report(f.Span, f.Rule+": "+f.Text) })
		}
	}
	o.NewSignalChecks = func() corpus.SignalChecks {
		checker := signals.NewChecker(conventions, m.Prefix)
		checker.Lenient = true
		return corpus.SignalChecks{Metrics: checker.Metrics, Logs: checker.Logs}
	}
	if !m.Options.Has(otlp.SignalTraces) {
		return // there is nothing to hold the others against
	}
	o.NewAudit = func() corpus.Audit {
		key := ids.New(m.Seed)
		audit := signals.AuditOptions{Request: func(id otlp.TraceID) uint64 {
			origin := key.Origin(id)
			return origin.Iteration<<ids.TurnBits | uint64(origin.Turn)
		}}
		switch {
		case !m.Options.Has(otlp.SignalMetrics):
			audit.Counted = func(otlp.TraceID) bool { return false }
		case slices.ContainsFunc(m.Scenarios, func(s corpus.Scenario) bool { return s.NoMetrics }):
			draw := drawOf(m)
			audit.Counted = func(id otlp.TraceID) bool {
				return !m.Scenarios[draw.Pick(key.Origin(id).Iteration)].NoMetrics
			}
		}
		return signals.NewAudit(conventions, m.Prefix, audit)
	}
}

// readManifest returns the manifest of a corpus, nil when it cannot be read.
func readManifest(dir string) *corpus.Manifest {
	m, err := corpus.ReadManifest(dir)
	if err != nil {
		return nil
	}
	return m
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
