package main

import (
	"os"
	"path/filepath"
	"testing"
)

// A report never takes the place of what is replayed, by whatever name.
func TestReportsDoNotReplaceTheirSource(t *testing.T) {
	dir := t.TempDir()
	corpus := filepath.Join(dir, "corpus")
	manifest, capture := filepath.Join(corpus, "manifest.json"), filepath.Join(dir, "traces.json")
	link, other := filepath.Join(dir, "link"), filepath.Join(dir, "other.json")
	if err := os.Mkdir(corpus, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{manifest, capture, other} {
		if err := os.WriteFile(f, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(corpus, link); err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		source, report string
		refused        bool
	}{
		{corpus, manifest, true},
		{corpus, filepath.Join(link, "manifest.json"), true},
		{link, manifest, true},
		{capture, capture, true},
		{capture, filepath.Join(corpus, "..", "traces.json"), true},
		{corpus, other, false},
		{capture, other, false},
		{corpus, filepath.Join(corpus, "new.json"), false},
		{corpus, "-", false},
	} {
		c := &replayCommand{paths: []string{r.source}, reportHTML: r.report}
		if err := c.checkReports(); (err != nil) != r.refused {
			t.Errorf("%s while %s is replayed: got %v", r.report, r.source, err)
		}
	}
}
