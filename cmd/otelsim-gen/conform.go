package main

import (
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// newConformance returns what checks records against the conventions that are
// in the corpus, or nil when it has none that can be read: that is something
// for the rest of the verification to complain of.
func newConformance(dir string) func() corpus.Check {
	data, err := os.ReadFile(filepath.Join(dir, corpus.ManifestFile))
	if err != nil {
		return nil
	}
	m, err := corpus.ParseManifest(data)
	if err != nil {
		return nil
	}
	var p input.Problems
	conventions := semconv.Parse(readFile(filepath.Join(dir, corpus.ConventionsFile), &p), &p)
	if conventions == nil || p.Errors() > 0 {
		return nil
	}
	return func() corpus.Check { return conventions.NewChecker(m.Prefix).Values }
}
