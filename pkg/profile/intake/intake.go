package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/capture"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/spill"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/source"
)

// Visitor takes what an input holds. What it is handed is valid during the call. A
// visitor is called by one goroutine at a time.
type Visitor interface {
	Trace(*Trace)
	Log(*Log) // of no trace, or of one without a span
	Point(*Point)
}

// Options says how to read. The zero value is right for most.
type Options struct {
	TempDir  string         // of the temporary file; "": that of the system
	Progress func(Progress) // called now and then, by one goroutine at a time; may be nil
}

// Progress is how far Each has come.
type Progress struct {
	Items [otlp.NumSignals]uint64 // that were read
	Share float64                 // of the work, from 0 to 1, roughly
}

// ErrNothing says that an input has no span, log record or data point.
var ErrNothing = errors.New("no span, log record or data point")

// Input is telemetry that was found at some paths.
type Input struct {
	o       Options
	places  []place
	notes   []string
	faults  Faults
	counts  [otlp.NumSignals]uint64
	weight  float64 // of all places
	weighed float64 // of those that were read
	limits  limits

	mostParts int // resources, and scopes; 0: as many as usual
}

// place is a corpus or a file.
type place struct {
	path     string
	corpus   *corpus.Corpus // nil: a file
	document bool           // of Jaeger or Tempo; otherwise of the Collector
	empty    bool
	weight   float64
}

// Open finds what is at each path: a corpus, a file, or a folder of files. All that is
// wrong is told.
func Open(paths []string, o Options) (*Input, error) {
	in := &Input{o: o, limits: usual}
	var errs []error
	for _, path := range paths {
		errs = append(errs, in.open(path))
	}
	var found []string
	for i := range in.places {
		in.weight += in.places[i].weight
		found = append(found, in.places[i].path)
	}
	if err := join(append(errs, source.Twice(found)...)); err != nil {
		return nil, err
	}
	return in, nil
}

func (in *Input) open(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		_, err := corpus.ReadManifest(path)
		if err == nil {
			c, err := corpus.Open(path)
			if err == nil {
				in.places = append(in.places, place{path: path, corpus: c, weight: 1 + float64(contentBytes(c))})
			}
			return err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("open corpus %s: %w", path, err)
		}
	}
	files, err := capture.Files(path)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range files {
		document, size, err := sniff(f)
		errs = append(errs, err)
		in.places = append(in.places, place{path: f, document: document, empty: size == 0, weight: 1 + float64(size)})
	}
	return join(errs)
}

// list is several errors in one line.
type list []error

// mostTold is how many errors of a list are told.
const mostTold = 8

func (l list) Error() string {
	var words []string
	for _, err := range l[:min(len(l), mostTold)] {
		words = append(words, err.Error())
	}
	if more := len(l) - mostTold; more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, "; ")
}

func (l list) Unwrap() []error { return l }

// join is errors.Join for one line.
func join(errs []error) error {
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) == 0 {
		return nil
	}
	return list(errs)
}

// contentBytes returns how long a corpus is.
func contentBytes(c *corpus.Corpus) (n uint64) {
	for i := range c.Manifest().Segments {
		for _, f := range c.Manifest().Segments[i].Files {
			n += f.Bytes
		}
	}
	return n
}

// Notes says what the last Each has passed over, and what a person should know.
func (in *Input) Notes() []string { return in.notes }

// Faults counts what was wrong with all that the last Each has read.
func (in *Input) Faults() Faults { return in.faults }

// Items returns how many items of a signal the last Each has read.
func (in *Input) Items(sig otlp.Signal) uint64 { return in.counts[sig] }

// Each reads everything once and hands over each trace, each log record of no trace and
// each data point, in no order, to any of the visitors, of which there is at least one:
// each has a goroutine of its own. When there is nothing at all that is ErrNothing. The error of an
// input has its path and place in it.
func (in *Input) Each(ctx context.Context, visitors ...Visitor) (err error) {
	in.notes, in.faults, in.counts, in.weighed = nil, Faults{}, [otlp.NumSignals]uint64{}, 0
	if len(in.places) == 1 && in.places[0].corpus != nil {
		if err := in.segments(ctx, in.places[0].corpus, visitors); err != nil || in.counts != ([otlp.NumSignals]uint64{}) {
			return err
		}
		return in.nothing()
	}
	f, err := spill.New[struct{}](in.o.TempDir, tempName, partitions, blockBudget, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := newReceiver(visitors[0], in.mostParts, func(r *record) error {
		return r.put(f, spread(&r.trace)>>(64-partitionBits))
	})
	for i := range in.places {
		if err := in.read(ctx, &in.places[i], r); err != nil {
			return err
		}
		in.weighed += in.places[i].weight
	}
	if err := f.Finish(); err != nil {
		return err
	}
	in.counts = r.counts
	in.faults = r.faults
	if in.counts == ([otlp.NumSignals]uint64{}) {
		return in.nothing()
	}
	return in.traces(ctx, f, r.parts, visitors)
}

// nothing is the error of an input without an item.
func (in *Input) nothing() error {
	paths := make([]string, len(in.places))
	for i := range in.places {
		paths[i] = in.places[i].path
	}
	about := ""
	if len(in.notes) > 0 {
		about = " (" + strings.Join(in.notes, "; ") + ")"
	}
	return fmt.Errorf("read %s: %w%s", text.Line(strings.Join(paths, ", "), 200), ErrNothing, about)
}

// read reads a place.
func (in *Input) read(ctx context.Context, p *place, r *receiver) error {
	seen := 0
	visit := func(m *match.Message) error {
		if seen++; seen%64 == 0 {
			in.progress(r, 0)
		}
		return r.message(m)
	}
	if p.corpus != nil {
		done, step := 0.0, p.weight/float64(len(p.corpus.Manifest().Segments))
		s := source.Records{Corpus: p.corpus, Done: func() { done += step; in.progress(r, done) }}
		return s.Each(ctx, visit)
	}
	if p.empty {
		in.notes = append(in.notes, text.Clean(p.path)+": an empty file")
		return nil
	}
	if p.document {
		return in.cut(readDocument(ctx, p.path, visit))
	}
	notes, err := source.EachOf(ctx, p.path, capture.Options{}, visit)
	for _, n := range notes {
		in.notes = append(in.notes, text.Clean(p.path)+": "+n.String())
	}
	return in.cut(err)
}

// cut takes the error of a file that ends within itself for a note.
func (in *Input) cut(err error) error {
	if errors.Is(err, capture.ErrCut) || errors.Is(err, errCut) {
		in.notes = append(in.notes, text.Clean(err.Error()))
		return nil
	}
	return err
}

// progress tells how far the first pass is: half of the work.
func (in *Input) progress(r *receiver, done float64) {
	if in.o.Progress != nil {
		in.o.Progress(Progress{Items: r.counts, Share: (in.weighed + done) / in.weight / 2})
	}
}
