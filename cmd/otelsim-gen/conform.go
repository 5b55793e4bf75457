package main

import (
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// newConformance returns what holds records to the conventions that are in the
// corpus, or nil when it has none that can be read: that is something for the
// rest of the verification to complain of. What a scenario's author may decide
// is left alone, and of traces that were split only single spans are judged.
func newConformance(dir string, m *corpus.Manifest, c *cardinality) func() corpus.Check {
	var p input.Problems
	conventions := semconv.Parse(readFile(filepath.Join(dir, corpus.ConventionsFile), &p), &p)
	if conventions == nil || p.Errors() > 0 {
		return nil
	}
	return func() corpus.Check {
		checker := conventions.NewChecker(m.Prefix)
		checker.Lenient = true
		checker.Parts = splits(m)
		session := checker.Session()
		return func(t *otlp.Traces, report func(span int, text string)) {
			c.add(t)
			session.Traces(t, func(f semconv.Finding) { report(f.Span, f.Rule+": "+f.Text) })
		}
	}
}

// readManifest returns the manifest of a corpus, nil when it cannot be read.
func readManifest(dir string) *corpus.Manifest {
	data, err := os.ReadFile(filepath.Join(dir, corpus.ManifestFile))
	if err != nil {
		return nil
	}
	m, err := corpus.ParseManifest(data)
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
