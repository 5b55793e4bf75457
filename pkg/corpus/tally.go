package corpus

import (
	"fmt"
	"io"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// auditor finds out what the manifest must say of a segment from its files
// alone. Journals and parts say it too, but they are notes of runs that ended:
// what is written into a manifest is held against the files first. It belongs to
// one goroutine.
type auditor struct {
	disk    *disk
	header  *Header
	key     ids.Key
	decoder *codec.Decoder

	raw, content []byte
	traces       otlp.Traces
	metrics      otlp.Metrics
	logs         otlp.Logs
}

func newAuditor(d *disk, h *Header) (*auditor, error) {
	decoder, err := codec.NewDecoder()
	if err != nil {
		return nil, err
	}
	return &auditor{disk: d, header: h, key: ids.New(h.Seed), decoder: decoder}, nil
}

// segment returns what is wrong with the files of a segment, or with what is
// noted of them: problem for what writing the segment again would mend, err for
// what keeps it from being read.
func (a *auditor) segment(f *finished) (problem, err error) {
	next := 0
	for i := range f.Info.Files {
		info := &f.Info.Files[i]
		if info.Records == 0 {
			continue
		}
		want := f.Written[next]
		next++
		raw, err := a.disk.read(a.raw[:0], want.File, want.Bytes)
		if err != nil {
			return nil, err
		}
		a.raw = raw
		if have := sum(want.File, raw); have != want {
			return fmt.Errorf("%s is not as it was written: %d bytes of SHA-256 %.16s..., want %d of %.16s",
				want.File, have.Bytes, have.SHA256, want.Bytes, want.SHA256), nil
		}
		_, c := splitSuffix(want.File)
		content, err := a.decoder.Append(a.content[:0], raw, c, int64(info.Bytes))
		if err != nil {
			return fmt.Errorf("%s: %w", want.File, err), nil
		}
		a.content = content
		have, err := a.file(&f.Info, a.header.Options.OTLPSignals()[i])
		if err != nil {
			return fmt.Errorf("%s: %w", want.File, err), nil
		}
		if a.header.Options.BatchItems > 0 && have.Splits < info.Splits {
			have.Splits = info.Splits // a split between two requests looks like their boundary
		}
		if have.File = info.File; have != *info {
			return fmt.Errorf("%s is not what is noted of it: %s", want.File, contrast(info, &have)), nil
		}
		if err := a.begins(&f.Info, info); err != nil {
			return fmt.Errorf("%s: %w", want.File, err), nil
		}
	}
	return nil, nil
}

// begins returns what is wrong with the time at which a segment begins: that of
// its first iteration, which start, interval and arrivals of the header decide.
func (a *auditor) begins(s *SegmentInfo, f *FileInfo) error {
	if f.Signal != otlp.SignalTraces.String() {
		return nil
	}
	earliest, latest, err := a.header.startsWithin(s.FirstIteration)
	if err != nil {
		return err
	}
	if f.First < earliest || f.First > latest {
		return fmt.Errorf("it begins at %v: by start and interval, iteration %d begins from %v to %v", f.First, s.FirstIteration, earliest, latest)
	}
	return nil
}

// contrast names the first field in which two entries differ.
func contrast(noted, have *FileInfo) string {
	for _, f := range []struct {
		name        string
		noted, have any
	}{
		{"signal", noted.Signal, have.Signal}, {"records", noted.Records, have.Records}, {"items", noted.Items, have.Items},
		{"bytes", noted.Bytes, have.Bytes}, {"splits", noted.Splits, have.Splits}, {"first", noted.First, have.First},
		{"last", noted.Last, have.Last}, {"xxh64", noted.XXH64, have.XXH64},
	} {
		if f.noted != f.have {
			return fmt.Sprintf("%s is %v, noted %v", f.name, f.have, f.noted)
		}
	}
	return "no field"
}

// file counts the content at hand.
func (a *auditor) file(s *SegmentInfo, sig otlp.Signal) (FileInfo, error) {
	t := tally{segment: s, key: a.key}
	var decoder otlp.Decoder // whose table of strings lasts for one file
	format := a.header.Options.OTLPFormat()
	for rest := a.content; ; {
		payload, next, err := otlp.NextFrame(rest, format)
		if err == io.EOF {
			break
		}
		if err == nil {
			rest = next
			err = a.record(&decoder, &t, sig, payload, format)
		}
		if err != nil {
			return FileInfo{}, fmt.Errorf("record %d: %w", t.records, err)
		}
	}
	return FileInfo{
		Signal: sig.String(), Records: t.records, Items: t.items, Bytes: uint64(len(a.content)), Splits: t.splits,
		First: Nanos(t.first), Last: Nanos(t.last), XXH64: digest(a.content),
	}, nil
}

// record decodes one record and counts what it holds.
func (a *auditor) record(d *otlp.Decoder, t *tally, sig otlp.Signal, payload []byte, format otlp.Format) error {
	t.lo, t.hi = ^uint64(0), 0
	switch sig {
	case otlp.SignalTraces:
		if err := d.Traces(&a.traces, payload, format); err != nil {
			return err
		}
		for i := range a.traces.Spans {
			s := &a.traces.Spans[i]
			t.item(s.Start, s.End)
			if err := t.request(s.TraceID); err != nil {
				return err
			}
		}
	case otlp.SignalMetrics:
		if err := d.Metrics(&a.metrics, payload, format); err != nil {
			return err
		}
		for i := range a.metrics.Metrics {
			points := a.metrics.Metrics[i].Points
			for _, p := range a.metrics.Points[points.Start:points.End] {
				t.item(p.Time, p.Time)
				t.within(p.Time)
			}
		}
	case otlp.SignalLogs:
		if err := d.Logs(&a.logs, payload, format); err != nil {
			return err
		}
		for i := range a.logs.Records {
			l := &a.logs.Records[i]
			t.item(l.Time, l.Time)
			t.times(l.Observed, l.Observed)
			if err := t.request(l.TraceID); err != nil {
				return err
			}
		}
	}
	t.end()
	return nil
}

// tally counts one file of a segment.
type tally struct {
	segment *SegmentInfo
	key     ids.Key

	records, items, splits uint64
	first, last            uint64
	timed                  bool // first and last are set

	// A record is of one request, of several that follow each other, or of one
	// time. What goes on where the last one ended was split.
	lo, hi uint64 // requests or time of this record
	before uint64 // hi of the last one
}

func (t *tally) item(first, last uint64) {
	t.items++
	t.times(first, last)
}

// times takes the times of an item, unless they are unset.
func (t *tally) times(first, last uint64) {
	if first == 0 && last == 0 {
		return
	}
	if !t.timed {
		t.first, t.timed = first, true
	}
	t.first, t.last = min(t.first, first), max(t.last, last)
}

func (t *tally) within(x uint64) { t.lo, t.hi = min(t.lo, x), max(t.hi, x) }

// request takes the request of a trace, which must be of the segment.
func (t *tally) request(id otlp.TraceID) error {
	o := t.key.Origin(id)
	if o.Iteration-t.segment.FirstIteration >= t.segment.Iterations {
		return fmt.Errorf("trace %x is of iteration %d, which is not of this segment", id, o.Iteration)
	}
	t.within(o.Iteration<<ids.TurnBits | uint64(o.Turn))
	return nil
}

// end ends a record.
func (t *tally) end() {
	if t.records > 0 && t.lo == t.before {
		t.splits++
	}
	t.records++
	t.before = t.hi
}
