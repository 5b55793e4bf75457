package verify

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/conform/coverage"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/pipeline"
)

// recordCheck looks at one decoded record for what the format does not demand, such
// as values that the conventions do not allow, and reports each problem with
// the index of its span. One goroutine uses it; t is only lent.
type recordCheck func(t *otlp.Traces, report func(span int, p problem))

// systemSpans tells of the spans of a record which of them are of systems, and which
// may end after their parents.
type systemSpans func(t *otlp.Traces, tell func(span int, of, outlasts bool))

// signalChecks are what recordCheck is for traces, for the other signals; a nil one
// checks nothing. A problem comes with the index of its metric or log record.
type signalChecks struct {
	Metrics func(m *otlp.Metrics, report func(metric int, p problem))
	Logs    func(l *otlp.Logs, report func(record int, p problem))
}

// segmentAudit compares the signals of a segment with each other. It is lent each
// decoded record, traces first, then metrics and logs, and then finishes,
// which begins the next segment. One goroutine uses it.
type segmentAudit interface {
	Traces(t *otlp.Traces)
	Metrics(m *otlp.Metrics)
	Logs(l *otlp.Logs)
	// Finish reports each disagreement and returns how much it compared.
	Finish(report func(p problem)) (points, logs int)
}

// seedSays is what the seed and the options of a corpus alone say of it: it needs
// none of the inputs. It is safe for concurrent use.
type seedSays interface {
	// StartOf returns when an iteration starts, in nanoseconds since 1970.
	StartOf(iteration uint64) uint64
	// TraceID returns the only id that the trace of an origin has.
	TraceID(o ids.Origin) otlp.TraceID
}

// settings says what to judge a corpus by, and how.
type settings struct {
	Registry *registry.Registry // see Options
	Dir      string
	Workers  int // segments at a time, at least 1
	// Seeded, when set, is what iterations and ids are held against.
	Seeded seedSays
	// NewCheck, when set, returns the check of one worker.
	NewCheck func() recordCheck
	// NewSystems, when set, returns what knows which spans are of systems. Without
	// it, none are.
	NewSystems func() systemSpans
	// Systems are the services of systems, with how many instances each has at a
	// time; 0: its resources do not say which one they are of.
	Systems map[string]uint64
	// NewSignalChecks, when set, returns the checks of the other signals.
	NewSignalChecks func() signalChecks
	// NewAudit, when set, returns the audit of one worker. What it says of
	// segments that are damaged is left out.
	NewAudit func() segmentAudit
	// NewCoverage, when set, returns what sees for one worker what of a registry the
	// corpus has.
	NewCoverage func() *coverage.Seen
	// Remake, when set, returns what makes segments again for one worker: their
	// content must be, byte for byte, what is there.
	Remake func() (corpus.Fill, error)
	// MaxExamples is how many findings of a rule are kept; the rest is counted.
	// 0: 3.
	MaxExamples int
	// Progress, when set, is told after each segment how many are done and how
	// many there are.
	Progress func(done, total uint64)
}

// Report is what was found out about a corpus.
type Report struct {
	Manifest *corpus.Manifest // nil when it cannot be read
	Groups   []Group          // by rule: of the directory first, then in order of segments
	Count    uint64           // of all findings
	Rules    []Rule           // that it was held to

	// What was judged.
	Segments, Records         uint64
	Spans, Points, LogRecords uint64

	// Coverage is how much the corpus has of Options.Coverage, as far as it can be read;
	// nil when that is not set.
	Coverage *coverage.Report

	remade bool // it was compared with what inputs give

	// What was compared with the spans.
	AuditedPoints, AuditedLogs uint64
}

// Findings returns the examples of all groups.
func (r *Report) Findings() []Finding {
	var all []Finding
	for _, g := range r.Groups {
		all = append(all, g.Examples...)
	}
	return all
}

// judge reads all of a corpus and reports everything that is wrong with it.
// The error is for what keeps it from being verified at all: no corpus there,
// one that is not finished (corpus.ErrIncomplete), one of a newer format (corpus.ErrVersion),
// a disk that cannot be read, or ctx done, with which the report is of what was
// judged until then. Memory is bounded whatever the files
// claim: it grows with what is in a segment, not with what is said of it.
func judge(ctx context.Context, o settings) (*Report, error) {
	if o.MaxExamples == 0 {
		o.MaxExamples = defaultExamples
	}
	d, err := corpus.OpenDirectory(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	v := &verifier{o: o, dir: d, found: newFindings(o.MaxExamples)}
	if err := v.readManifest(); err != nil {
		return nil, fmt.Errorf("verify %s: %w", o.Dir, err)
	}
	if err := v.directory(); err != nil {
		return nil, fmt.Errorf("verify %s: %w", o.Dir, err)
	}
	if v.report.Manifest != nil {
		err = v.segments(ctx)
	}
	v.report.Groups, v.report.Count = v.found.list(), v.found.count
	v.cover()
	if err != nil {
		return &v.report, fmt.Errorf("verify %s: %w", o.Dir, err)
	}
	return &v.report, nil
}

// verifier judges one corpus.
type verifier struct {
	o      settings
	dir    *corpus.Directory
	report Report
	found  *collection

	sums  map[string]string      // of SHA256SUMS, by name; nil: no such file
	files map[string]corpus.File // of segments, by the manifest's name
	heads map[string]string      // beginnings of JSON files: see sameHead
	lives map[uint64]life        // of series: see overlaps

	mu   sync.Mutex
	seen []*coverage.Seen // of each worker
}

// readManifest reads the manifest. What is wrong with it is a finding as long
// as it may be a manifest of this format.
func (v *verifier) readManifest() error {
	raw, err := v.dir.ReadManifest()
	switch {
	case unreadable(err):
		v.found.file(ruleManifest, corpus.ManifestFile, "%v", err)
		return nil
	case err != nil:
		return err
	}
	m, err := corpus.ParseManifest(raw)
	switch {
	case errors.Is(err, corpus.ErrVersion):
		return err
	case err != nil:
		v.found.file(ruleManifest, corpus.ManifestFile, "%v", err)
		return nil
	case string(m.Encode()) != string(raw):
		v.found.file(ruleSpelling, corpus.ManifestFile, "is not as it was written: the same values are spelled in another way")
	}
	v.report.Manifest = m
	for _, p := range implausible(&m.Header) {
		v.found.add(Finding{Rule: ruleManifestValue, File: corpus.ManifestFile, Segment: -1, Iteration: -1, Record: -1, Path: p.name, Text: p.name + " " + p.value})
	}
	return nil
}

// segmentReport is what was found in one segment.
type segmentReport struct {
	found        *collection
	once         []Finding
	records      uint64
	items        [otlp.NumSignals]uint64
	points, logs uint64 // audited
	heads        []head
	windows      []window // of the series in windowsFile
	windowsFile  string
}

// head is the beginning of a JSON file.
type head struct {
	signal otlp.Signal
	file   string
	bytes  string
}

func (v *verifier) segments(ctx context.Context) error {
	m := v.report.Manifest
	v.heads = make(map[string]string)
	v.lives = make(map[uint64]life)
	total := uint64(len(m.Segments))
	work := func() (func(i uint64) (*segmentReport, error), error) {
		s, err := newSegmentVerifier(v)
		if err != nil {
			return nil, err
		}
		return func(i uint64) (*segmentReport, error) { return s.segment(ctx, i) }, nil
	}
	return pipeline.Ordered(ctx, v.o.Workers, total, work, func(i uint64, r *segmentReport) error {
		for _, f := range r.once {
			if v.found.first(f.Rule, f.Text) {
				v.found.add(f)
			}
		}
		v.found.join(r.found)
		for _, h := range r.heads {
			v.sameHead(h)
		}
		v.overlaps(i, r)
		v.report.Segments++
		v.report.AuditedPoints += r.points
		v.report.AuditedLogs += r.logs
		v.report.Records += r.records
		v.report.Spans += r.items[otlp.SignalTraces]
		v.report.Points += r.items[otlp.SignalMetrics]
		v.report.LogRecords += r.items[otlp.SignalLogs]
		if v.o.Progress != nil {
			v.o.Progress(i+1, total)
		}
		return nil
	})
}

// newSeen returns what sees for one worker what of a registry there is, nil when nobody
// asks.
func (v *verifier) newSeen() *coverage.Seen {
	if v.o.NewCoverage == nil {
		return nil
	}
	seen := v.o.NewCoverage()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.seen = append(v.seen, seen)
	return seen
}

// cover reports what all workers have seen together.
func (v *verifier) cover() {
	if v.o.NewCoverage == nil {
		return
	}
	all := v.o.NewCoverage()
	for _, seen := range v.seen {
		all.Join(seen)
	}
	v.report.Coverage = all.Report()
}
