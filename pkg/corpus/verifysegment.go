package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// segmentVerifier verifies segments one at a time. It is what a worker has.
type segmentVerifier struct {
	v       *verifier
	key     ids.Key
	check   Check
	checks  SignalChecks
	decoder *codec.Decoder
	raw     []byte
	content []byte

	// Of the segment at hand: what its records are decoded into and checked by.
	record      otlp.Traces
	metrics     otlp.Metrics
	logs        otlp.Logs
	traces      traceChecker
	tracesWhole bool // traces has all spans of the segment
	series      metricChecker
	audit       Audit
	damaged     bool // not all that the manifest has could be decoded
}

// spans returns the spans of the segment, or nil when they are not known: the
// corpus has no traces, or they are damaged.
func (s *segmentVerifier) spans() *traceChecker {
	if !s.tracesWhole {
		return nil
	}
	return &s.traces
}

func newSegmentVerifier(v *verifier) (*segmentVerifier, error) {
	decoder, err := codec.NewDecoder()
	if err != nil {
		return nil, err
	}
	s := &segmentVerifier{v: v, key: ids.New(v.report.Manifest.Seed), decoder: decoder}
	if v.o.NewCheck != nil {
		s.check = v.o.NewCheck()
	}
	if v.o.NewSignalChecks != nil {
		s.checks = v.o.NewSignalChecks()
	}
	if v.o.NewAudit != nil {
		s.audit = v.o.NewAudit()
	}
	return s, nil
}

// segment verifies the files of one segment.
func (s *segmentVerifier) segment(index uint64) (*segmentReport, error) {
	m := s.v.report.Manifest
	r := &segmentReport{found: findings{most: s.v.o.MaxFindings}}
	s.tracesWhole, s.damaged = false, false
	for k, sig := range m.Options.OTLPSignals() {
		info := &m.Segments[index].Files[k]
		f, ok := s.v.files[info.File]
		fv := &fileVerifier{s: s, r: r, segment: &m.Segments[index], signal: sig, info: info, file: f}
		fv.found.most = s.v.o.MaxFindings
		switch {
		case info.Records == 0:
			if sig == otlp.SignalTraces {
				s.traces.reset(fv) // metrics and logs may claim that there are spans
				s.tracesWhole = true
			}
			continue
		case !ok:
			s.damaged = true // missing, which was told
			continue
		}
		if err := fv.verify(); err != nil {
			return nil, fmt.Errorf("segment %d: %w", index, err)
		}
		whole := fv.walked && !fv.broken
		s.damaged = s.damaged || !whole
		if sig == otlp.SignalTraces {
			s.tracesWhole = whole
		}
		if sig == otlp.SignalMetrics && whole {
			r.windows, r.windowsFile = s.series.windows(), f.name
		}
	}
	s.finishAudit(index, r)
	return r, nil
}

// finishAudit ends the audit of a segment. Of one that is damaged it would
// only find that something is missing.
func (s *segmentVerifier) finishAudit(index uint64, r *segmentReport) {
	if s.audit == nil {
		return
	}
	found := findings{most: s.v.o.MaxFindings}
	points, logs := s.audit.Finish(func(text string) { found.file(fmt.Sprintf("segment %d", index), "%s", text) })
	if !s.damaged {
		r.found.join(&found)
		r.points, r.logs = uint64(points), uint64(logs)
	}
}

// fileVerifier verifies one file.
type fileVerifier struct {
	s       *segmentVerifier
	r       *segmentReport
	segment *SegmentInfo
	signal  otlp.Signal
	info    *FileInfo
	file    file

	records, items uint64
	first, last    uint64
	timed          bool // first and last are set
	walked         bool // its records were looked at
	broken         bool // not all of them could be decoded
	found          findings
}

func (f *fileVerifier) problem(format string, args ...any) {
	f.r.found.file(f.file.name, format, args...)
}

// verify checks the file, then its content, then each record.
func (f *fileVerifier) verify() error {
	s := f.s
	var err error
	s.raw, err = s.v.disk.read(s.raw[:0], f.file.name, maxFileBytes(f.info))
	switch {
	case unreadable(err), errors.Is(err, fs.ErrNotExist):
		f.problem("%v", err)
		return nil
	case err != nil:
		return err
	}
	s.v.checkSum(&f.r.found, f.file.name, s.raw)
	s.content, err = s.decoder.Append(s.content[:0], s.raw, f.file.compression, int64(f.info.Bytes))
	if err != nil {
		f.problem("%v", err)
		return nil
	}
	if have := uint64(len(s.content)); have != f.info.Bytes {
		f.problem("%d bytes, manifest says %d", have, f.info.Bytes)
	}
	if have := digest(s.content); have != f.info.XXH64 {
		f.problem("digest mismatch: manifest %s, file %s", f.info.XXH64, have)
	}
	if s.v.report.Manifest.Options.OTLPFormat() == otlp.FormatJSON {
		f.r.heads = append(f.r.heads, head{f.signal, f.file.name, headOf(s.content)})
	}
	f.walk()
	f.counts()
	// What concerns a trace as a whole was found at the end of the file.
	slices.SortStableFunc(f.found.list, func(a, b Finding) int { return cmp.Compare(a.Record, b.Record) })
	f.r.found.join(&f.found)
	f.r.records += f.records
	f.r.items += f.items
	return nil
}

// walk goes through the records.
func (f *fileVerifier) walk() {
	format := f.s.v.report.Manifest.Options.OTLPFormat()
	switch f.signal {
	case otlp.SignalTraces:
		f.s.traces.reset(f)
	case otlp.SignalMetrics:
		f.s.series.reset(f)
	}
	f.walked = true
	var decoder otlp.Decoder // whose table of strings lasts for one file
	rest := f.s.content
	for n := 0; ; n++ {
		payload, next, err := otlp.NextFrame(rest, format)
		if err == io.EOF {
			break
		}
		if err != nil {
			f.at(n, "%v", err)
			f.broken = true
			break
		}
		rest = next
		if len(payload) >= otlp.MaxRecordBytes {
			f.at(n, "%d bytes, and none may reach the limit of %d", len(payload), otlp.MaxRecordBytes)
		}
		if err := f.decode(&decoder, n, payload, format); err != nil {
			f.at(n, "%v", err)
			f.broken = true
			continue
		}
		f.records++
	}
	if f.signal == otlp.SignalTraces {
		f.s.traces.finish()
	}
}

// decode takes one record apart.
func (f *fileVerifier) decode(d *otlp.Decoder, n int, payload []byte, format otlp.Format) error {
	switch f.signal {
	case otlp.SignalTraces:
		if err := d.Traces(&f.s.record, payload, format); err != nil {
			return err
		}
		f.tracesRecord(n, &f.s.record)
	case otlp.SignalMetrics:
		if err := d.Metrics(&f.s.metrics, payload, format); err != nil {
			return err
		}
		f.metricsRecord(n, &f.s.metrics)
	case otlp.SignalLogs:
		if err := d.Logs(&f.s.logs, payload, format); err != nil {
			return err
		}
		f.logsRecord(n, &f.s.logs)
	}
	return nil
}

func (f *fileVerifier) tracesRecord(n int, t *otlp.Traces) {
	for i := range t.Spans {
		f.times(t.Spans[i].Start, t.Spans[i].End)
	}
	f.items += uint64(len(t.Spans))
	f.s.traces.record(n, t)
	if f.s.check != nil {
		f.s.check(t, func(span int, text string) {
			f.found.add(f.spanFinding(n, &t.Spans[span], text))
		})
	}
	if f.s.audit != nil {
		f.s.audit.Traces(t)
	}
}

func (f *fileVerifier) metricsRecord(n int, m *otlp.Metrics) {
	for i := range m.Metrics {
		points := m.Metrics[i].Points
		f.items += uint64(points.Len())
		for k := points.Start; k < points.End; k++ {
			f.time(m.Points[k].Time)
		}
	}
	f.s.series.record(n, m)
	if f.s.checks.Metrics != nil {
		f.s.checks.Metrics(m, func(metric int, text string) {
			f.at(n, "metric %s: %s", m.Strings.String(m.Metrics[metric].Name), text)
		})
	}
	if f.s.audit != nil {
		f.s.audit.Metrics(m)
	}
}

func (f *fileVerifier) logsRecord(n int, l *otlp.Logs) {
	for i := range l.Records {
		f.time(l.Records[i].Time)
		f.time(l.Records[i].Observed)
	}
	f.items += uint64(len(l.Records))
	f.logs(n, l)
	if f.s.checks.Logs != nil {
		f.s.checks.Logs(l, func(record int, text string) {
			f.found.add(f.logFinding(n, &l.Records[record], text))
		})
	}
	if f.s.audit != nil {
		f.s.audit.Logs(l)
	}
}

// time takes a time of an item, unless it is unset.
func (f *fileVerifier) time(t uint64) {
	if t != 0 {
		f.times(t, t)
	}
}

func (f *fileVerifier) times(first, last uint64) {
	if !f.timed {
		f.first, f.timed = first, true
	}
	f.first, f.last = min(f.first, first), max(f.last, last)
}

// counts compares what was counted with the manifest.
func (f *fileVerifier) counts() {
	if f.broken {
		return
	}
	if f.records != f.info.Records {
		f.problem("%d records, manifest says %d", f.records, f.info.Records)
	}
	if f.items != f.info.Items {
		f.problem("%d items, manifest says %d", f.items, f.info.Items)
	}
	if first := Nanos(f.first); first != f.info.First {
		f.problem("earliest start is %v, manifest says %v", first, f.info.First)
	}
	if last := Nanos(f.last); last != f.info.Last {
		f.problem("latest end is %v, manifest says %v", last, f.info.Last)
	}
}

// at adds a finding about a record.
func (f *fileVerifier) at(record int, format string, args ...any) {
	f.found.add(Finding{File: f.file.name, Record: record, Text: fmt.Sprintf(format, args...)})
}

func (f *fileVerifier) spanFinding(record int, s *otlp.Span, text string) Finding {
	return Finding{
		File: f.file.name, Record: record, Text: text,
		Trace: fmt.Sprintf("%x", s.TraceID), Span: fmt.Sprintf("%x", s.SpanID),
	}
}
