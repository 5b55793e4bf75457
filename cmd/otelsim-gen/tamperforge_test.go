//go:build unix

package main

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// forgery is a corpus taken apart, to be put together again as its writer would
// have done it: with counts, times and digests that fit.
type forgery struct {
	v           *victim
	header      corpus.Header
	conventions []byte
	splits      [][otlp.NumSignals]uint64
	records     [][otlp.NumSignals][][]byte // by segment and signal
	format      otlp.Format
	compression corpus.Compression
}

var errStopped = errors.New("stopped")

// takeApart reads the finished corpus that the victim is, or would become.
func takeApart(whole string) *forgery {
	c, err := corpus.Open(whole)
	if err != nil {
		panic(err)
	}
	m := c.Manifest()
	f := &forgery{header: m.Header, format: m.Options.OTLPFormat()}
	if f.conventions, err = c.Conventions(); err != nil {
		panic(err)
	}
	f.compression = compressionOf(whole, m)
	for i := range m.Segments {
		var records [otlp.NumSignals][][]byte
		var splits [otlp.NumSignals]uint64
		for k, sig := range m.Options.OTLPSignals() {
			splits[sig] = m.Segments[i].Files[k].Splits
			data, err := c.ReadSegment(uint64(i), sig)
			for err == nil && len(data) > 0 {
				var payload []byte
				payload, data, err = otlp.NextFrame(data, f.format)
				records[sig] = append(records[sig], payload)
			}
			if err != nil {
				panic(err)
			}
		}
		f.records, f.splits = append(f.records, records), append(f.splits, splits)
	}
	return f
}

// compressionOf tells from the name of a file how all are compressed.
func compressionOf(dir string, m *corpus.Manifest) corpus.Compression {
	for _, c := range []corpus.Compression{corpus.CompressionZstd, corpus.CompressionGzip} {
		if _, err := os.Stat(filepath.Join(dir, m.Segments[0].Files[0].File+c.Suffix())); err == nil {
			return c
		}
	}
	return corpus.CompressionNone
}

// block frames records and counts what is in them.
func (f *forgery) block(sig otlp.Signal, records [][]byte, splits uint64) otlp.Block {
	b := otlp.Block{Splits: splits, First: math.MaxUint64}
	var d otlp.Decoder
	var t otlp.Traces
	var m otlp.Metrics
	var l otlp.Logs
	time := func(first, last uint64) {
		b.Items++
		b.First, b.Last = min(b.First, first), max(b.Last, last)
	}
	for _, r := range records {
		b.Data = otlp.AppendFrame(b.Data, r, f.format)
		b.Records++
		switch sig {
		case otlp.SignalTraces:
			if d.Traces(&t, r, f.format) == nil {
				for i := range t.Spans {
					time(t.Spans[i].Start, t.Spans[i].End)
				}
			}
		case otlp.SignalMetrics:
			if d.Metrics(&m, r, f.format) == nil {
				for i := range m.Points {
					time(m.Points[i].Time, m.Points[i].Time)
				}
			}
		case otlp.SignalLogs:
			if d.Logs(&l, r, f.format) == nil {
				for i := range l.Records {
					time(l.Records[i].Time, l.Records[i].Observed)
				}
			}
		}
	}
	if b.Items == 0 {
		b.First = 0
	}
	return b
}

// write puts the corpus together in place of the victim, as far as the victim's
// writing has come. It reports false where no writer would take the content.
func (f *forgery) write(dir string, s state) bool {
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	o := corpus.WriteOptions{
		Dir: dir, Header: f.header, Conventions: f.conventions, BuildInfo: []byte("{}\n"),
		Compression: f.compression, Workers: 1,
	}
	o.NewFill = func() (corpus.Fill, error) {
		return func(segment uint64, seg *otlp.Segment) error {
			if s == halfWritten && segment == uint64(len(f.records))-1 {
				return errStopped
			}
			for _, sig := range f.header.Options.OTLPSignals() {
				seg.Blocks[sig] = f.block(sig, f.records[segment][sig], f.splits[segment][sig])
			}
			return nil
		}, nil
	}
	shards := []corpus.Shard{{}}
	if s == inParts {
		shards = []corpus.Shard{{Index: 0, Count: 2}, {Index: 1, Count: 2}}
	}
	for _, o.Shard = range shards {
		if _, err := corpus.Write(context.Background(), o); err != nil && !errors.Is(err, errStopped) {
			return false
		}
	}
	return true
}

// leaveHalf makes what a run leaves that stops before its last segment.
func leaveHalf(t *testing.T, whole, half string) {
	t.Helper()
	if !takeApart(whole).write(half, halfWritten) {
		t.Fatalf("%s cannot be written", half)
	}
}

// forge returns what applies a change to a corpus that is put together again.
func forge(change func(f *forgery) bool) func(v *victim) bool {
	return func(v *victim) bool {
		f := takeApart(v.base.whole)
		f.v = v
		if !change(f) {
			return false
		}
		if f.write(v.dir, v.base.state) {
			return true
		}
		// No writer takes it: the victim is what it was.
		if err := os.RemoveAll(v.dir); err != nil {
			panic(err)
		}
		if err := os.CopyFS(v.dir, os.DirFS(v.base.dir)); err != nil {
			panic(err)
		}
		return false
	}
}

// any returns a segment that is written, and a record of a signal in it.
func (f *forgery) any(sig otlp.Signal) (records *[][]byte, n int, ok bool) {
	segments := len(f.records)
	if f.v.base.state == halfWritten {
		segments--
	}
	s := f.v.r.IntN(segments)
	records = &f.records[s][sig]
	if len(*records) == 0 {
		return nil, 0, false
	}
	n = f.v.r.IntN(len(*records))
	return records, n, f.v.did("segment %d, %v, record %d", s, sig, n)
}

// traces returns what changes one record of spans.
func traces(change func(f *forgery, t *otlp.Traces) bool) func(v *victim) bool {
	return forge(func(f *forgery) bool {
		records, n, ok := f.any(otlp.SignalTraces)
		var d otlp.Decoder
		var t otlp.Traces
		if !ok || d.Traces(&t, (*records)[n], f.format) != nil || !change(f, &t) {
			return false
		}
		return replaceRecord(records, n, otlp.AppendTraces(nil, &t, f.format))
	})
}

// metricsOf returns what changes one record of metrics.
func metricsOf(change func(f *forgery, m *otlp.Metrics) bool) func(v *victim) bool {
	return forge(func(f *forgery) bool {
		records, n, ok := f.any(otlp.SignalMetrics)
		var d otlp.Decoder
		var m otlp.Metrics
		if !ok || d.Metrics(&m, (*records)[n], f.format) != nil || !change(f, &m) {
			return false
		}
		return replaceRecord(records, n, otlp.AppendMetrics(nil, &m, f.format))
	})
}

// logsOf returns what changes one record of logs.
func logsOf(change func(f *forgery, l *otlp.Logs) bool) func(v *victim) bool {
	return forge(func(f *forgery) bool {
		records, n, ok := f.any(otlp.SignalLogs)
		var d otlp.Decoder
		var l otlp.Logs
		if !ok || d.Logs(&l, (*records)[n], f.format) != nil || !change(f, &l) {
			return false
		}
		return replaceRecord(records, n, otlp.AppendLogs(nil, &l, f.format))
	})
}

// replaceRecord reports false when nothing changes.
func replaceRecord(records *[][]byte, n int, data []byte) bool {
	if bytes.Equal((*records)[n], data) {
		return false
	}
	*records = slices.Clone(*records)
	(*records)[n] = data
	return true
}

// text changes a text value of the attributes in a range.
func (f *forgery) text(attrs []otlp.Attr, text []byte, r otlp.Range) bool {
	for _, i := range f.v.r.Perm(r.Len()) {
		a := &attrs[int(r.Start)+i]
		if a.Kind != otlp.KindText {
			continue
		}
		if x := otlp.UnpackRange(a.Word); x.Len() > 0 {
			at := int(x.Start) + f.v.r.IntN(x.Len())
			was := text[at]
			text[at] = 'a' + byte(f.v.r.IntN(26))
			return text[at] != was
		}
	}
	return false
}
