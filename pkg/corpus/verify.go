package corpus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Check looks at one decoded record for what the format does not demand, such
// as values that the conventions do not allow, and reports each problem with
// the index of its span. One goroutine uses it; t is only lent.
type Check func(t *otlp.Traces, report func(span int, text string))

// SignalChecks are what Check is for traces, for the other signals; a nil one
// checks nothing. A problem comes with the index of its metric or log record.
type SignalChecks struct {
	Metrics func(m *otlp.Metrics, report func(metric int, text string))
	Logs    func(l *otlp.Logs, report func(record int, text string))
}

// Audit compares the signals of a segment with each other. It is lent each
// decoded record, traces first, then metrics and logs, and then finishes,
// which begins the next segment. One goroutine uses it.
type Audit interface {
	Traces(t *otlp.Traces)
	Metrics(m *otlp.Metrics)
	Logs(l *otlp.Logs)
	// Finish reports each disagreement and returns how much it compared.
	Finish(report func(text string)) (points, logs int)
}

// VerifyOptions says what to verify.
type VerifyOptions struct {
	Dir     string
	Workers int // segments at a time, at least 1
	// NewCheck, when set, returns the Check of one worker.
	NewCheck func() Check
	// NewSignalChecks, when set, returns the checks of the other signals.
	NewSignalChecks func() SignalChecks
	// NewAudit, when set, returns the Audit of one worker. What it says of
	// segments that are damaged is left out.
	NewAudit func() Audit
	// MaxFindings is how many findings are kept; the rest is counted. 0: 1,000.
	MaxFindings int
	// Progress, when set, is told after each segment how many are done and how
	// many there are.
	Progress func(done, total uint64)
}

// Finding is one thing that is wrong with a corpus.
type Finding struct {
	File   string // slash-separated
	Record int    // in the file, from 0; -1: no certain record
	Trace  string // hex; empty: no certain trace
	Span   string // hex; empty: no certain span
	Text   string
}

// String returns the finding on one line, from the large to the small.
func (f Finding) String() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Record >= 0 {
		fmt.Fprintf(&b, ": record %d", f.Record)
	}
	if f.Trace != "" {
		b.WriteString(": trace " + f.Trace)
	}
	if f.Span != "" {
		b.WriteString(": span " + f.Span)
	}
	b.WriteString(": " + f.Text)
	return b.String()
}

// Report is what Verify found out.
type Report struct {
	Manifest *Manifest // nil when it cannot be read
	Findings []Finding // directory first, then by segment, file and record
	More     uint64    // findings beyond those kept
	Segments uint64
	Records  uint64 // that could be decoded
	Items    uint64

	// What the Audit compared with the spans.
	AuditedPoints, AuditedLogs uint64
}

// findings collects up to a number of findings.
type findings struct {
	list []Finding
	more uint64
	most int
}

func (f *findings) add(x Finding) {
	if len(f.list) >= f.most {
		f.more++
		return
	}
	f.list = append(f.list, x)
}

// join adds all of other.
func (f *findings) join(other *findings) {
	for _, x := range other.list {
		f.add(x)
	}
	f.more += other.more
}

// file adds a finding about a file as a whole.
func (f *findings) file(name, format string, args ...any) {
	f.add(Finding{File: name, Record: -1, Text: fmt.Sprintf(format, args...)})
}

const defaultMaxFindings = 1000

// Verify reads all of a corpus and reports everything that is wrong with it.
// The error is for what keeps it from being verified at all: no corpus there,
// one that is not finished (ErrIncomplete), one of a newer format (ErrVersion),
// files that cannot be read, or ctx done.
func Verify(ctx context.Context, o VerifyOptions) (*Report, error) {
	if o.MaxFindings == 0 {
		o.MaxFindings = defaultMaxFindings
	}
	d, err := openDisk(o.Dir, nil)
	if err != nil {
		return nil, fmt.Errorf("verify: %w", err)
	}
	v := &verifier{o: o, disk: d, found: findings{most: o.MaxFindings}}
	if err := v.readManifest(); err != nil {
		return nil, fmt.Errorf("verify %s: %w", o.Dir, err)
	}
	if err := v.directory(); err != nil {
		return nil, fmt.Errorf("verify %s: %w", o.Dir, err)
	}
	if v.report.Manifest != nil {
		if err := v.segments(ctx); err != nil {
			return nil, fmt.Errorf("verify %s: %w", o.Dir, err)
		}
	}
	v.report.Findings, v.report.More = v.found.list, v.found.more
	return &v.report, nil
}

// verifier is one Verify.
type verifier struct {
	o      VerifyOptions
	disk   *disk
	report Report
	found  findings

	raw   []byte            // of the manifest
	sums  map[string]string // of SHA256SUMS, by name; nil: no such file
	files map[string]file   // of segments, by the manifest's name
	heads map[string]string // beginnings of JSON files: see sameHead
	lives map[uint64]life   // of series: see overlaps
}

// readManifest reads the manifest. What is wrong with it is a finding as long
// as it may be a manifest of this format.
func (v *verifier) readManifest() error {
	var err error
	v.raw, err = v.disk.readText(nil, ManifestFile, maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = readManifest(v.disk) // says what is there instead
	}
	if unreadable(err) {
		v.found.file(ManifestFile, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	m, err := ParseManifest(v.raw)
	switch {
	case errors.Is(err, ErrVersion):
		return err
	case err != nil:
		v.found.file(ManifestFile, "%v", err)
		return nil
	case string(m.Encode()) != string(v.raw):
		v.found.file(ManifestFile, "is not as it was written: the same values are spelled in another way")
	}
	v.report.Manifest = m
	return nil
}

// segmentReport is what was found in one segment.
type segmentReport struct {
	found          findings
	records, items uint64
	points, logs   uint64 // audited
	heads          []head
	windows        []window // of the series in windowsFile
	windowsFile    string
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
		return s.segment, nil
	}
	return ordered(ctx, v.o.Workers, total, work, func(i uint64, r *segmentReport) error {
		v.found.join(&r.found)
		for _, h := range r.heads {
			v.sameHead(h)
		}
		v.overlaps(i, r)
		v.report.Segments++
		v.report.AuditedPoints += r.points
		v.report.AuditedLogs += r.logs
		v.report.Records += r.records
		v.report.Items += r.items
		if v.o.Progress != nil {
			v.o.Progress(i+1, total)
		}
		return nil
	})
}
