package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// fileVerifier verifies one file.
type fileVerifier struct {
	s       *segmentVerifier
	r       *segmentReport
	segment *corpus.SegmentInfo
	signal  otlp.Signal
	info    *corpus.FileInfo
	file    corpus.File

	records, items uint64
	first, last    uint64
	timed          bool // first and last are set
	walked         bool // its records were looked at
	broken         bool // not all of them could be decoded
	again          bool // it was made again, into remade
	differs        bool // it was told how it differs from what the inputs give
	remade         []byte
	found          *collection
	n              int                       // the record at hand
	report         func(item int, p problem) // what checks say of it
}

// problem adds a finding about the file as a whole.
func (f *fileVerifier) problem(rule, format string, args ...any) {
	if f.r.found.take(rule) {
		name := f.file.Name
		if name == "" {
			name = f.info.File
		}
		f.r.found.keep(Finding{Rule: rule, Signal: f.signal.String(), Segment: int64(f.segment.Segment), Iteration: -1,
			File: name, Record: -1, Text: fmt.Sprintf(format, args...)})
	}
}

// verify reads the file once: its bytes, its content, and each record.
func (f *fileVerifier) verify(ctx context.Context) error {
	s := f.s
	c := &s.content
	opened, err := s.v.openSized(f.file.Name, f.info.MaxFileBytes())
	if err != nil {
		f.problem(ruleFileRead, "%v", err)
		return nil
	}
	if err = c.openContent(ctx, opened, f.file.Compression, s.v.report.Manifest.Options.OTLPFormat(), f.info.Bytes); err == nil {
		f.walk()
	}
	if ferr := c.finish(); err == nil {
		err = ferr
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.v.checkSum(f.r.found, f.file.Name, c.sha256())
	if err != nil {
		// What came before the damage tells nothing that the damage does not.
		f.problem(ruleFileRead, "%v", err)
		f.walked = false
		return nil
	}
	if c.size != f.info.Bytes {
		f.problem(ruleSize, "%d bytes, manifest says %d", c.size, f.info.Bytes)
	}
	if have := fmt.Sprintf("%016x", c.digest.Sum64()); have != f.info.XXH64 {
		f.problem(ruleDigest, "digest mismatch: manifest %s, file %s", f.info.XXH64, have)
	}
	if c.format == otlp.FormatJSON {
		f.r.heads = append(f.r.heads, head{f.signal, f.file.Name, string(c.head)})
	}
	f.counts()
	// What concerns a trace as a whole was found at the end of the file.
	for _, g := range f.found.groups {
		slices.SortStableFunc(g.Examples, func(a, b Finding) int { return cmp.Compare(a.Record, b.Record) })
	}
	f.r.found.join(f.found)
	f.r.records += f.records
	f.r.items[f.signal] += f.items
	return nil
}

// maxFileFindings is how many findings of one file are worth looking for.
const maxFileFindings = 100_000

// maxDecoded is how many names one decoder remembers, far more than the
// records of a corpus have.
const maxDecoded = 20_000

// walk goes through the records.
func (f *fileVerifier) walk() {
	switch f.signal {
	case otlp.SignalTraces:
		f.s.traces.reset(f)
	case otlp.SignalMetrics:
		f.s.series.reset(f)
	}
	f.walked = true
	f.report = [...]func(int, problem){otlp.SignalTraces: f.ofSpan, otlp.SignalMetrics: f.ofMetric, otlp.SignalLogs: f.ofLog}[f.signal]
	if f.again {
		f.remade = f.s.remade.Blocks[f.signal].Data
	}
	for n := 0; ; n++ {
		payload, err := f.s.content.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			f.at(ruleRecord, n, "%v", err)
			f.broken = true
			break
		}
		if len(payload) >= otlp.MaxRecordBytes {
			f.at(ruleRecordSize, n, "%d bytes, and none may reach the limit of %d", len(payload), otlp.MaxRecordBytes)
		}
		f.n = n
		f.same(n, payload)
		if names, err := f.decode(&f.s.decoder, n, payload); err != nil {
			f.at(ruleRecord, n, "%v", err)
			f.broken = true
		} else {
			f.records++
			if names > maxDecoded {
				f.s.decoder = otlp.Decoder{}
			}
		}
		if f.found.count >= maxFileFindings {
			f.problem(ruleNotJudged, "was not judged beyond record %d: %d findings are enough", n, f.found.count)
			f.broken = true
			break
		}
	}
	f.fewer()
	switch f.signal {
	case otlp.SignalTraces:
		f.s.traces.finish()
	case otlp.SignalMetrics:
		f.s.series.finish()
	}
}

// decode takes one record apart, and returns how many names the decoder knows.
func (f *fileVerifier) decode(d *otlp.Decoder, n int, payload []byte) (names int, err error) {
	s, format := f.s, f.s.content.format
	items := 0
	s.encoded = s.encoded[:0]
	switch f.signal {
	case otlp.SignalTraces:
		t := &s.record
		if err := d.Traces(t, payload, format); err != nil {
			return 0, err
		}
		names, items = t.Strings.Len(), len(t.Spans)
		f.scopes(n, t.Strings, t.Scopes)
		f.instances(n, t.Strings, t.Attrs, t.Text, t.Resources)
		if !d.Spelt() {
			s.encoded = otlp.AppendTraces(s.encoded, t, format)
		}
		f.tracesRecord(n, t)
	case otlp.SignalMetrics:
		m := &s.metrics
		if err := d.Metrics(m, payload, format); err != nil {
			return 0, err
		}
		names, items = m.Strings.Len(), len(m.Points)
		f.scopes(n, m.Strings, m.Scopes)
		f.instances(n, m.Strings, m.Attrs, m.Text, m.Resources)
		if !d.Spelt() {
			s.encoded = otlp.AppendMetrics(s.encoded, m, format)
		}
		f.metricsRecord(n, m)
	case otlp.SignalLogs:
		l := &s.logs
		if err := d.Logs(l, payload, format); err != nil {
			return 0, err
		}
		names, items = l.Strings.Len(), len(l.Records)
		f.scopes(n, l.Strings, l.Scopes)
		f.instances(n, l.Strings, l.Attrs, l.Text, l.Resources)
		if !d.Spelt() {
			s.encoded = otlp.AppendLogs(s.encoded, l, format)
		}
		f.logsRecord(n, l)
	}
	switch {
	case items == 0:
		f.at(ruleRecordEmpty, n, "it holds no %s", itemNames[f.signal])
	case !d.Spelt() && string(s.encoded) != string(payload):
		// A null, a member that no reader takes, another order: whoever reads
		// the record sees less in it than is there.
		f.at(ruleRecordSpelt, n, "%d bytes, and what it says is written in %d: from byte %d on they differ",
			len(payload), len(s.encoded), commonPrefix(payload, s.encoded))
	}
	return names, nil
}

// itemNames are what records of each signal hold.
var itemNames = [otlp.NumSignals]string{otlp.SignalTraces: "spans", otlp.SignalMetrics: "points", otlp.SignalLogs: "log records"}

// commonPrefix returns how many bytes two texts begin with alike.
func commonPrefix(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

func (f *fileVerifier) tracesRecord(n int, t *otlp.Traces) {
	for i := range t.Spans {
		f.times(t.Spans[i].Start, t.Spans[i].End)
	}
	f.items += uint64(len(t.Spans))
	f.s.traces.record(n, t)
	if f.s.check != nil {
		f.s.check(t, f.report)
	}
	if f.s.audit != nil {
		f.s.audit.Traces(t)
	}
	if f.s.seen != nil {
		f.s.seen.Traces(t)
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
		f.s.checks.Metrics(m, f.report)
	}
	if f.s.audit != nil {
		f.s.audit.Metrics(m)
	}
	if f.s.seen != nil {
		f.s.seen.Metrics(m)
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
		f.s.checks.Logs(l, f.report)
	}
	if f.s.audit != nil {
		f.s.audit.Logs(l)
	}
	if f.s.seen != nil {
		f.s.seen.Logs(l)
	}
}

// ofSpan adds what a check says of a span of the record.
func (f *fileVerifier) ofSpan(span int, p problem) {
	t := &f.s.record
	if p.Once {
		if f.found.first(p.Rule, p.Text) {
			x := f.spanFinding(p.Rule, f.n, t, span, p.Text)
			x.Text = clip(x.Text)
			f.r.once = append(f.r.once, x)
		}
	} else if f.found.take(p.Rule) {
		f.found.keep(f.spanFinding(p.Rule, f.n, t, span, p.Text))
	}
}

// ofMetric adds what a check says of a metric of the record.
func (f *fileVerifier) ofMetric(metric int, p problem) {
	m := &f.s.metrics
	f.at(p.Rule, f.n, "metric %s: %s", m.Strings.String(m.Metrics[metric].Name), p.Text)
}

// ofLog adds what a check says of a log record of the record.
func (f *fileVerifier) ofLog(record int, p problem) {
	if f.found.take(p.Rule) {
		f.found.keep(f.logFinding(p.Rule, f.n, &f.s.logs, record, p.Text))
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
		f.problem(ruleCounts, "%d records, manifest says %d", f.records, f.info.Records)
	}
	if f.items != f.info.Items {
		f.problem(ruleCounts, "%d items, manifest says %d", f.items, f.info.Items)
	}
	if first := corpus.Nanos(f.first); first != f.info.First {
		f.problem(ruleTimes, "earliest start is %v, manifest says %v", first, f.info.First)
	}
	if last := corpus.Nanos(f.last); last != f.info.Last {
		f.problem(ruleTimes, "latest end is %v, manifest says %v", last, f.info.Last)
	}
}

// at adds a finding about a record.
func (f *fileVerifier) at(rule string, record int, format string, args ...any) {
	if f.found.take(rule) {
		f.found.keep(f.finding(rule, record, fmt.Sprintf(format, args...)))
	}
}

// finding returns a finding about a record that no one item of it is about.
func (f *fileVerifier) finding(rule string, record int, text string) Finding {
	return Finding{
		Rule: rule, Signal: f.signal.String(), Segment: int64(f.segment.Segment), Iteration: -1,
		File: f.file.Name, Record: record, Text: text,
	}
}

// traceFinding returns a finding about a trace, or a span of it.
func (f *fileVerifier) traceFinding(rule string, record int, trace otlp.TraceID, span otlp.SpanID, text string) Finding {
	x := f.finding(rule, record, text)
	x.Trace = fmt.Sprintf("%x", trace)
	if span != (otlp.SpanID{}) {
		x.Span = fmt.Sprintf("%x", span)
	}
	if i := f.s.key.Origin(trace).Iteration; i-f.segment.FirstIteration < f.segment.Iterations {
		x.Iteration = int64(i)
	}
	return x
}

// serviceOf returns the name of the service that a resource is of; of one that
// says none, it is empty.
func serviceOf(strs *otlp.Strings, attrs []otlp.Attr, text []byte, resources []otlp.Resource, resource uint32) string {
	return string(resourceValue(strs, attrs, text, resources, resource, serviceKey))
}

// resourceValue returns a string attribute of a resource, nil when there is none. Only
// the first one of the name counts.
func resourceValue(strs *otlp.Strings, attrs []otlp.Attr, text []byte, resources []otlp.Resource, resource uint32, key string) []byte {
	if int(resource) >= len(resources) {
		return nil
	}
	r := resources[resource].Attrs
	for _, a := range attrs[r.Start:r.End] {
		if strs.String(a.Key) != key {
			continue
		}
		switch a.Kind {
		case otlp.KindString:
			return []byte(strs.String(otlp.StringID(a.Word)))
		case otlp.KindText:
			r := otlp.UnpackRange(a.Word)
			return text[r.Start:r.End]
		}
	}
	return nil
}

func (f *fileVerifier) spanFinding(rule string, record int, t *otlp.Traces, span int, text string) Finding {
	s := &t.Spans[span]
	x := f.traceFinding(rule, record, s.TraceID, s.SpanID, text)
	x.Service = serviceOf(t.Strings, t.Attrs, t.Text, t.Resources, s.Resource)
	return x
}
