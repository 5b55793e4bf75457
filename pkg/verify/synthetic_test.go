package verify

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// synthetic makes small traces that a corpus may hold, as a function of seed
// and iteration.
type synthetic struct {
	header corpus.Header
	edit   func(iteration uint64, t *otlp.Traces) // plants what a test wants to see found
	strs   *otlp.Strings
	enc    otlp.Encoder
	rec    otlp.Traces

	signals
}

func testHeader(count, segmentIterations uint64) corpus.Header {
	return corpus.Header{
		FormatVersion: corpus.FormatVersion,
		Revision:      1, Seed: 42, PlanDigest: "0123456789abcdef", Prefix: "vendor",
		Options: corpus.Options{
			Count: count, SegmentIterations: segmentIterations, Start: 1767225600_000000000,
			Interval: 500_000_000, Signals: []string{"traces"}, Format: "proto",
			TraceShape: "separate", Content: "scenario",
		},
		Scenarios: []corpus.Scenario{{Name: "happy", Weight: 1, Digest: "aa"}, {Name: "sad", Weight: 0.25, Digest: "bb"}},
	}
}

// fill writes the iterations of a segment; those of a segment whose number
// ends in 5 have no spans, so that such a segment has no file.
func (s *synthetic) fill(segment uint64, seg *otlp.Segment) error {
	s.enc.Format = s.header.Options.OTLPFormat()
	first, count := s.header.Options.Iterations(segment)
	for i := first; i < first+count && segment%10 != 5; i++ {
		s.iteration(i)
		if err := s.enc.AppendRecord(&seg.Blocks[otlp.SignalTraces], &s.rec); err != nil {
			return err
		}
		if err := s.signals.iteration(s, i, seg); err != nil {
			return err
		}
	}
	return s.signals.end(s, segment, seg)
}

func (s *synthetic) iteration(i uint64) {
	if s.strs == nil {
		s.strs = otlp.NewStrings()
	}
	t := &s.rec
	t.Reset()
	t.Strings = s.strs
	attr := func(key, value string) otlp.Attr {
		start := uint32(len(t.Text))
		t.Text = append(t.Text, value...)
		return otlp.Attr{Key: s.strs.ID(key), Kind: otlp.KindText, Word: otlp.PackRange(otlp.Range{Start: start, End: uint32(len(t.Text))})}
	}
	process := strconv.FormatUint(i/s.header.Options.SegmentIterations%turns, 10)
	t.Attrs = append(t.Attrs, attr("service.name", "synthetic"), attr("service.instance.id", "synthetic-"+process))
	t.Resources = append(t.Resources, otlp.Resource{Attrs: otlp.Range{Start: 0, End: 2}})
	t.Scopes = append(t.Scopes, otlp.Scope{Name: s.strs.ID("test"), Version: s.strs.ID("1")})
	key := ids.New(s.header.Seed)
	base := uint64(s.header.Options.Start) + i*uint64(s.header.Options.Interval)
	for part := range uint32(1 + i%3) {
		trace := key.TraceID(ids.Origin{Iteration: i, Part: part}, i*31+uint64(part)+7)
		spans := key.SpanKey(trace)
		start := base + uint64(part)*1_000_000
		for n := range uint64(4) {
			sp := otlp.Span{
				TraceID: trace, SpanID: spans.SpanID(n + 1), Kind: otlp.SpanKindInternal, Flags: 0x101,
				Name:  s.strs.ID([]string{"root", "plan", "call", "answer"}[n]),
				Start: start + n*1000, End: start + 900_000 - n*1000,
			}
			if n > 0 {
				sp.ParentID = spans.SpanID(n)
			}
			a := uint32(len(t.Attrs))
			text := binary.BigEndian.AppendUint64(nil, (i+1)*0x9e3779b97f4a7c15)
			t.Attrs = append(t.Attrs, attr("text", strings.Repeat("x", int(i%7))+string('a'+rune(text[0]%26))))
			sp.Attrs = otlp.Range{Start: a, End: a + 1}
			t.Spans = append(t.Spans, sp)
		}
	}
	if s.edit != nil {
		s.edit(i, t)
	}
}

// options returns how to write the corpus of a header into a new directory.
func options(dir string, h corpus.Header) corpus.WriteOptions {
	return corpus.WriteOptions{
		Dir: dir, Header: h, Conventions: []byte("version: 1\n"), BuildInfo: []byte("{}\n"),
		Compression: corpus.CompressionZstd, Workers: 2,
		NewFill: func() (corpus.Fill, error) { return (&synthetic{header: h}).fill, nil },
	}
}

func mustWrite(t *testing.T, o corpus.WriteOptions) *corpus.Manifest {
	t.Helper()
	m, err := corpus.Write(context.Background(), o)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return m
}

// checkClean fails unless the directory verifies without a finding.
func checkClean(t *testing.T, dir string) {
	t.Helper()
	r, err := judge(context.Background(), settings{Dir: dir, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings() {
		t.Errorf("finding: %v", f)
	}
}

// interrupt writes a corpus and lets its context end when n segments are
// there.
func interrupt(t *testing.T, o corpus.WriteOptions, n uint64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Workers = 1
	o.Progress = func(done, total, _ uint64) {
		if done == n {
			cancel()
		}
	}
	if n == 0 {
		cancel()
	}
	// A fast worker must not be through before the end of the context is seen.
	fill := o.NewFill
	o.NewFill = func() (corpus.Fill, error) {
		f, err := fill()
		filled := uint64(0) // of a shard, which skips the segments of others
		return func(segment uint64, seg *otlp.Segment) error {
			if filled++; filled > n {
				<-ctx.Done()
			}
			return f(segment, seg)
		}, err
	}
	if _, err := corpus.Write(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want it interrupted", err)
	}
}
