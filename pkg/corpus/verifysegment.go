package corpus

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/corpus/wire"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// segmentVerifier verifies segments one at a time. It is what a worker has.
type segmentVerifier struct {
	v       *verifier
	key     ids.Key
	check   Check
	decoder *codec.Decoder
	raw     []byte
	content []byte
	record  otlp.Traces
	traces  traceChecker
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
	return s, nil
}

// segment verifies the files of one segment.
func (s *segmentVerifier) segment(index uint64) (*segmentReport, error) {
	m := s.v.report.Manifest
	r := &segmentReport{found: findings{most: s.v.o.MaxFindings}}
	for k, sig := range m.Options.OTLPSignals() {
		info := &m.Segments[index].Files[k]
		f, ok := s.v.files[info.File]
		if info.Records == 0 || !ok {
			continue // nothing, or missing, which was told
		}
		fv := &fileVerifier{s: s, r: r, segment: &m.Segments[index], signal: sig, info: info, file: f}
		fv.found.most = s.v.o.MaxFindings
		if err := fv.verify(); err != nil {
			return nil, fmt.Errorf("segment %d: %w", index, err)
		}
	}
	return r, nil
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
	broken         bool // not all records could be counted
	found          findings
}

func (f *fileVerifier) problem(format string, args ...any) {
	f.r.found.file(f.file.name, format, args...)
}

// verify checks the file, then its content, then each record.
func (f *fileVerifier) verify() error {
	s := f.s
	var err error
	s.raw, err = readFile(s.v.disk.path(f.file.name), s.raw[:0], maxFileBytes(f.info))
	switch {
	case errors.Is(err, codec.ErrLimit), errors.Is(err, fs.ErrNotExist):
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
	if f.signal == otlp.SignalTraces {
		f.s.traces.reset(f)
	}
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
	if f.signal != otlp.SignalTraces {
		return f.count(payload, format)
	}
	t := &f.s.record
	if err := d.Traces(t, payload, format); err != nil {
		return err
	}
	for i := range t.Spans {
		f.span(t.Spans[i].Start, t.Spans[i].End)
	}
	f.s.traces.record(n, t)
	if f.s.check != nil {
		f.s.check(t, func(span int, text string) {
			f.found.add(f.spanFinding(n, &t.Spans[span], text))
		})
	}
	return nil
}

// count counts the items of a record that is not decoded further.
func (f *fileVerifier) count(payload []byte, format otlp.Format) error {
	if format == otlp.FormatJSON {
		if !bytes.HasPrefix(payload, []byte("{")) {
			return errors.New("not a JSON object")
		}
		f.broken = true // nothing counts these
		return nil
	}
	c, err := wire.Count(f.signal, payload)
	if err != nil {
		return err
	}
	f.items += uint64(c.Items)
	if c.Items > 0 {
		f.times(c.First, c.Last)
	}
	return nil
}

func (f *fileVerifier) span(start, end uint64) {
	f.times(start, end)
	f.items++
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
