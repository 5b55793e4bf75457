package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/differ"
	"github.com/otelsim/otelsim/pkg/match/source"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// diffSide is one side of a comparison: a corpus, its manifest alone, or files of
// the file exporter.
type diffSide struct {
	path     string
	corpus   *corpus.Corpus
	manifest *corpus.Manifest // of the corpus, or alone
	files    []string
	notes    []string

	// Files that the other side has too, by segment and signal: they are read, as
	// all are, and not compared.
	same map[[2]uint64]bool
}

// maxManifest bounds a file that may be a manifest.
const maxManifest = 1 << 30

// openSide finds out what a path is.
func openSide(path string) (*diffSide, error) {
	s := &diffSide{path: path}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if s.manifest, err = readManifestFile(path, info); s.manifest == nil && err == nil {
			s.files = []string{path}
		}
		return s, err
	}
	s.corpus, err = corpus.Open(path)
	if err == nil {
		s.manifest = s.corpus.Manifest()
		return s, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	s.files, err = capture.Files(path)
	return s, err
}

// readManifestFile reads a file that is a manifest; nil for one that is something
// else.
func readManifestFile(path string, info fs.FileInfo) (*corpus.Manifest, error) {
	if filepath.Ext(path) != ".json" || !info.Mode().IsRegular() {
		return nil, nil
	}
	f, _, err := foreign.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 64) // its first field is there: it has one spelling
	n, err := io.ReadFull(f, head)
	if err = errors.Join(f.Close(), noEnd(err)); err != nil {
		return nil, err
	}
	if !manifestStart.Match(head[:n]) {
		return nil, nil
	}
	data, err := foreign.AppendText(nil, path, maxManifest)
	if err != nil {
		return nil, err
	}
	m, err := corpus.ParseManifest(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// manifestStart is how manifests begin.
var manifestStart = regexp.MustCompile(`^\s*\{\s*"format_version"\s*:`)

// noEnd returns err unless it says that a file is short.
func noEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

// side returns what is known of the side beside its items.
func (s *diffSide) side() differ.Side {
	out := differ.Side{Name: s.path}
	if s.manifest == nil {
		return out
	}
	o := &s.manifest.Options
	what := "corpus"
	if s.corpus == nil {
		what = "manifest of a corpus"
	}
	out.Name = fmt.Sprintf("%s, a %s: %s of seed %d in segments of %d, %s", s.path, what, text.Counted(o.Count, "iteration"),
		s.manifest.Seed, o.SegmentIterations, o.Format)
	out.Iterations, out.PerSegment = o.Count, o.SegmentIterations
	if len(s.manifest.Scenarios) > 0 {
		draw := otelsim.DrawOf(&s.manifest.Header)
		out.Scenarios = draw.Names
		out.Scenario = func(i uint64) string { return pick(&draw, i) }
	}
	return out
}

func pick(d *build.Draw, iteration uint64) string { return d.Names[d.Pick(iteration)] }

// outputs returns the items of the side.
func (s *diffSide) outputs(progress func()) []match.Output {
	if s.corpus != nil {
		records := source.Records{Corpus: s.corpus, Done: progress, Skip: func(segment uint64, sig otlp.Signal) bool {
			return s.same[[2]uint64{segment, uint64(sig)}]
		}}
		return []match.Output{{Name: s.path, Each: func(ctx context.Context, visit func(*match.Message) error) error {
			err := records.Each(ctx, visit)
			if errors.As(err, new(source.Error)) {
				err = fmt.Errorf("%s: %w", s.path, err)
			}
			return err
		}}}
	}
	var all []match.Output
	for _, path := range s.files {
		all = append(all, match.Output{Name: path, Each: func(ctx context.Context, visit func(*match.Message) error) error {
			passed, err := source.EachOf(ctx, path, capture.Options{}, visit)
			for _, n := range passed {
				s.notes = append(s.notes, fmt.Sprintf("%s: %v", path, n))
			}
			return err
		}})
	}
	return all
}

// knowSame notes which files of two corpora are the same by their digests, of
// those signals, and returns how many items are in them.
func knowSame(a, b *diffSide, signals []otlp.Signal) (items [otlp.NumSignals]uint64) {
	if a.corpus == nil || b.corpus == nil || a.manifest.Options.Format != b.manifest.Options.Format {
		return items
	}
	a.same = make(map[[2]uint64]bool)
	b.same = a.same
	for i := range min(len(a.manifest.Segments), len(b.manifest.Segments)) {
		for _, x := range a.manifest.Segments[i].Files {
			for _, y := range b.manifest.Segments[i].Files {
				for _, sig := range signals {
					if x == y && x.Records > 0 && x.Signal == sig.String() {
						a.same[[2]uint64{uint64(i), uint64(sig)}] = true
						items[sig] += x.Items
					}
				}
			}
		}
	}
	return items
}
