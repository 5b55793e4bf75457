package corpus

import (
	"context"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// synthetic makes small traces that a corpus may hold, as a function of seed
// and iteration.
type synthetic struct {
	header Header
	edit   func(iteration uint64, t *otlp.Traces) // plants what a test wants to see found
	strs   *otlp.Strings
	enc    otlp.Encoder
	rec    otlp.Traces

	signals
}

func testHeader(count, segmentIterations uint64) Header {
	return Header{
		FormatVersion: FormatVersion,
		Revision:      1, Seed: 42, PlanDigest: "0123456789abcdef", Prefix: "vendor",
		Options: Options{
			Count: count, SegmentIterations: segmentIterations, Start: 1767225600_000000000,
			Interval: 500_000_000, Signals: []string{"traces"}, Format: "proto",
			TraceShape: "separate", Content: "scenario",
		},
		Scenarios: []Scenario{{Name: "happy", Weight: 1, Digest: "aa"}, {Name: "sad", Weight: 0.25, Digest: "bb"}},
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
	t.Attrs = append(t.Attrs, attr("service.name", "synthetic"))
	t.Resources = append(t.Resources, otlp.Resource{Attrs: otlp.Range{Start: 0, End: 1}})
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
func options(dir string, h Header) WriteOptions {
	return WriteOptions{
		Dir: dir, Header: h, Conventions: []byte("version: 1\n"), BuildInfo: []byte("{}\n"),
		Compression: CompressionZstd, Workers: 2,
		NewFill: func() (Fill, error) { return (&synthetic{header: h}).fill, nil },
	}
}

func mustWrite(t *testing.T, o WriteOptions) *Manifest {
	t.Helper()
	m, err := Write(context.Background(), o)
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return m
}

// files returns all files of a directory by name.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := make(map[string][]byte)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = data
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func names(all map[string][]byte) []string {
	var list []string
	for name := range all {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

// checkSame fails unless two directories hold the same files.
func checkSame(t *testing.T, got, want string) {
	t.Helper()
	g, w := files(t, got), files(t, want)
	if a, b := names(g), names(w); !slices.Equal(a, b) {
		t.Fatalf("files\n got %v\nwant %v", a, b)
	}
	for name := range w {
		if string(g[name]) != string(w[name]) {
			t.Errorf("%s differs:\n got %.300q\nwant %.300q", name, g[name], w[name])
		}
	}
}

// checkClean fails unless the directory verifies without a finding.
func checkClean(t *testing.T, dir string) {
	t.Helper()
	found, err := verifyFormat(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Errorf("finding: %v", f)
	}
}

// checkWhole fails when a file under a final name is not complete: each segment
// file must open and end with a whole record, each JSON file parse.
func checkWhole(t *testing.T, dir string) {
	t.Helper()
	d, err := codec.NewDecoder()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files(t, dir) {
		class, _, _ := classify(name)
		switch {
		case class == classForeign:
			t.Errorf("foreign file %s", name)
		case class == classSegment:
			base, c := splitSuffix(name)
			content, err := d.Append(nil, data, c, 1<<30)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			format := otlp.FormatProto
			if strings.HasSuffix(base, ".jsonl") {
				format = otlp.FormatJSON
			}
			for len(content) > 0 {
				if _, content, err = otlp.NextFrame(content, format); err != nil {
					t.Errorf("%s: %v", name, err)
					break
				}
			}
		case name == ManifestFile:
			if _, err := ParseManifest(data); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case name == partialFile:
			if err := decodeJSON(data, new(partial)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
