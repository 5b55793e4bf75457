package replay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// writeCorpus writes a corpus of traces, one request of some spans an
// iteration, in segments of eight.
func writeCorpus(t testing.TB, iterations uint64, f otlp.Format) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	o := corpus.Options{Count: iterations, SegmentIterations: 8, Signals: []string{"traces"}, Format: f.String(),
		TraceShape: "separate", Content: "scenario", Start: 1767225600e9}
	fill := func(segment uint64, seg *otlp.Segment) error {
		b := &seg.Blocks[otlp.SignalTraces]
		first, count := o.Iterations(segment)
		var s scanner
		for i := first; i < first+count; i++ {
			spans := int(1 + i%5)
			p := encodeRequest(i, spans, f)
			b.Data = otlp.AppendFrame(b.Data, p, f)
			sh, err := s.scan(otlp.SignalTraces, f, p)
			if err != nil {
				return err
			}
			b.Records, b.Items = b.Records+1, b.Items+uint64(spans)
			if b.First == 0 {
				b.First = uint64(1767225600e9) + i*500e6
			}
			b.Last = max(b.Last, sh.last)
		}
		return nil
	}
	_, err := corpus.Write(t.Context(), corpus.WriteOptions{
		Dir: dir, Workers: 1, Compression: corpus.CompressionZstd,
		Header: corpus.Header{Revision: 1, Seed: testSeed, PlanDigest: strings.Repeat("0", 64), Prefix: "vendor", Options: o,
			Scenarios: []corpus.Scenario{{Name: "test", Weight: 1, Digest: strings.Repeat("0", 64)}}},
		Conventions: []byte("version: 1\n"), BuildInfo: []byte("{}\n"),
		NewFill: func() (corpus.Fill, error) { return fill, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestACorpusIsReadWholeAndInOrder(t *testing.T) {
	for _, f := range []otlp.Format{otlp.FormatProto, otlp.FormatJSON} {
		src, err := OpenCorpus(t.Context(), writeCorpus(t, 21, f), CorpusOptions{Verify: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := src.Total(); got.Records != 21 || got.Items != 61 || src.Format() != f || src.Seed() != testSeed {
			t.Errorf("%v: got %+v of format %v", f, got, src.Format())
		}
		var s scanner
		for lap := range 2 {
			i := uint64(0)
			err := Each(t.Context(), src, func(r *Record) error {
				if !bytes.Equal(r.Payload, encodeRequest(i, int(1+i%5), f)) {
					t.Errorf("%v, lap %d: record %d differs", f, lap, i)
				}
				sh, err := s.scan(r.Signal, f, r.Payload)
				if o := ids.New(testSeed).Origin(sh.trace); o.Iteration != i || sh.items != r.Items || sh.last != r.End {
					t.Errorf("%v, lap %d: record %d is %+v, %+v", f, lap, i, o, sh)
				}
				i++
				return err
			})
			if err != nil || i != 21 {
				t.Errorf("%v, lap %d: got %d records, %v", f, lap, i, err)
			}
		}
	}
}

func TestBadCorporaAreRefusedUpFront(t *testing.T) {
	for _, row := range []struct {
		why    string
		damage func(dir string) error
		o      CorpusOptions
		text   string
	}{
		{"a file is missing", func(d string) error { return os.Remove(d + "/traces/000001.pb.zst") }, CorpusOptions{}, "missing"},
		{"no manifest", func(d string) error { return os.Remove(d + "/manifest.json") }, CorpusOptions{}, "manifest.json"},
		{"a newer format", func(d string) error {
			return rewrite(d+"/manifest.json", `"format_version": 1`, `"format_version": 99`)
		}, CorpusOptions{}, "99"},
		{"a changed byte, when all is verified", func(d string) error { return flip(d + "/traces/000002.pb.zst") },
			CorpusOptions{Verify: true}, "segment 2"},
		{"no such signal", func(string) error { return nil }, CorpusOptions{Signals: []otlp.Signal{otlp.SignalLogs}}, "no records"},
	} {
		dir := writeCorpus(t, 21, otlp.FormatProto)
		if err := row.damage(dir); err != nil {
			t.Fatal(err)
		}
		_, err := OpenCorpus(t.Context(), dir, row.o)
		if !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), row.text) {
			t.Errorf("%s: got %v, want bad input with %q", row.why, err, row.text)
		}
	}
}

func rewrite(path, old, now string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if !bytes.Contains(data, []byte(old)) {
		return errors.New("nothing to damage: " + old)
	}
	return os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(now), 1), 0o666)
}

func flip(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 1
	return os.WriteFile(path, data, 0o666)
}

// Damage that opening cannot see ends the run before a record of the damaged
// segment is sent, and is no bad input.
func TestADamagedSegmentIsNotSent(t *testing.T) {
	dir := writeCorpus(t, 21, otlp.FormatProto)
	if err := flip(dir + "/traces/000001.pb.zst"); err != nil {
		t.Fatal(err)
	}
	src, err := OpenCorpus(t.Context(), dir, CorpusOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rep, err := Run(t.Context(), src, Options{Pacer: Unpaced{}, Transport: nowhere{}})
	if err == nil || errors.Is(err, ErrInput) || !strings.Contains(err.Error(), "segment 1") {
		t.Errorf("got %v, want an error of segment 1", err)
	}
	if rep.Records.Accepted != 8 {
		t.Errorf("got %+v, want the 8 records of segment 0", rep.Records)
	}
}

// The recorded timeline keeps the gaps between the ends of requests.
func TestTheRecordedTimelineIsKept(t *testing.T) {
	dir := writeCorpus(t, 8, otlp.FormatProto)
	src, err := OpenCorpus(t.Context(), dir, CorpusOptions{ByTime: true})
	if err != nil {
		t.Fatal(err)
	}
	var ends []uint64
	if err := Each(t.Context(), src, func(r *Record) error { ends = append(ends, r.End); return nil }); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(ends); i++ {
		if ends[i] < ends[i-1] {
			t.Fatalf("record %d ends before record %d", i, i-1)
		}
	}
	// One batch in memory, so that the bubble waits for nothing but time.
	batch := &fixedSource{Source: src}
	if err := batch.fill(); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		note := sendFunc(func([]byte) Result { at = append(at, time.Since(start)); return Result{} })
		if _, err := Run(t.Context(), batch, Options{Pacer: Timeline{PerSecond(2)}, Transport: note, MaxInFlight: 1}); err != nil {
			t.Fatal(err)
		}
		for i := range ends {
			if want := time.Duration(ends[i]-ends[0]) / 2; at[i] != want {
				t.Errorf("record %d: sent at %v, want %v", i, at[i], want)
			}
		}
	})
}

// fixedSource yields one batch that was read beforehand.
type fixedSource struct {
	Source
	records []Record
	done    bool
}

func (s *fixedSource) fill() error {
	return Each(context.Background(), s.Source, func(r *Record) error {
		c := *r
		c.Payload = bytes.Clone(r.Payload)
		s.records = append(s.records, c)
		return nil
	})
}

func (s *fixedSource) Rewind(context.Context) error { s.done = false; return nil }
func (s *fixedSource) Next(_ context.Context, b *Batch) error {
	if s.done {
		return io.EOF
	}
	s.done = true
	b.Records = append(b.Records, s.records...)
	return nil
}

type sendFunc func([]byte) Result

func (f sendFunc) Send(_ context.Context, _ otlp.Signal, payload []byte) Result { return f(payload) }
func (f sendFunc) Close() error                                                 { return nil }
