package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Names of the files at the top of a corpus. Part of the format.
const (
	ManifestFile    = "manifest.json"
	ConventionsFile = "conventions.yaml"
	SumsFile        = "SHA256SUMS"
	BuildInfoFile   = "build-info.json"
)

// maxSegmentBytes bounds an uncompressed segment file: it must fit into memory
// with room to spare, on 32-bit machines too.
const maxSegmentBytes = math.MaxInt32 &^ 0xffff

// maxManifestBytes bounds what is read of a file that claims to be a manifest.
const maxManifestBytes = 1 << 30

// maxPartialBytes bounds partial.json, which has a line for each scenario.
const maxPartialBytes = 64 << 20

// maxConventionsBytes bounds conventions.yaml, with room beyond what is read of
// a file that is to be used.
const maxConventionsBytes = 16 << 20

// Manifest says what a corpus is: its identity and, per segment and signal,
// counts and a digest of the content. It holds nothing that two machines could
// disagree on.
type Manifest struct {
	Header
	Segments []SegmentInfo `json:"segments"` // by index
	Totals   []Totals      `json:"totals"`   // per signal, in their order
}

// SegmentInfo is one segment of a manifest.
type SegmentInfo struct {
	Segment        uint64     `json:"segment"`         // its index, from 0
	FirstIteration uint64     `json:"first_iteration"` // from 0
	Iterations     uint64     `json:"iterations"`      // how many, over 0
	Files          []FileInfo `json:"files"`           // per signal, in their order
}

// FileInfo is one signal of one segment. One that has no records has no file,
// and all but its signal is zero.
type FileInfo struct {
	Signal  string `json:"signal"`  // "traces", "metrics" or "logs"
	File    string `json:"file"`    // slash-separated, without compression suffix
	Records uint64 `json:"records"` // export requests
	Items   uint64 `json:"items"`   // spans, data points or log records
	Bytes   uint64 `json:"bytes"`   // uncompressed, frames included
	Splits  uint64 `json:"splits"`  // records that only the size limit made
	First   Nanos  `json:"first"`   // earliest start of spans, or time of points and log records
	Last    Nanos  `json:"last"`    // latest end of spans, or time of points and log records
	XXH64   string `json:"xxh64"`   // 16 hex digits, of the uncompressed file
}

// Totals are the sums of one signal over all segments: see FileInfo.
type Totals struct {
	Signal  string `json:"signal"`
	Records uint64 `json:"records"`
	Items   uint64 `json:"items"`
	Bytes   uint64 `json:"bytes"`
	Splits  uint64 `json:"splits"`
}

// SegmentOf returns the index of the segment that holds an iteration, and
// whether there is one.
func (m *Manifest) SegmentOf(iteration uint64) (int, bool) {
	if iteration >= m.Options.Count {
		return 0, false
	}
	return int(iteration / m.Options.SegmentIterations), true
}

// Encode returns the manifest's one spelling.
func (m *Manifest) Encode() []byte { return encodeJSON(m) }

// encodeJSON returns v indented, in field order, with a newline at the end. It
// is for types of this package, none of which can fail to encode.
func encodeJSON(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return b.Bytes()
}

// decodeJSON decodes one JSON value with nothing unknown in it and nothing
// after it. A version that this package does not know is told first, since
// what is unknown may be what it brought.
func decodeJSON(data []byte, v any) error {
	var probe struct {
		FormatVersion *int `json:"format_version"`
	}
	if err := json.Unmarshal(data, &probe); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, brief(err))
	}
	if probe.FormatVersion == nil {
		return fmt.Errorf("%w: no format_version", ErrCorrupt)
	}
	if err := checkVersion(*probe.FormatVersion); err != nil {
		return err
	}
	return decodeStrict(data, v)
}

// brief returns an error of decoding, which may quote what it met, in bounds.
func brief(err error) error {
	const most = 300
	if s := err.Error(); len(s) > most || text.Clean(s) != s {
		return errors.New(text.Line(s, most))
	}
	return err
}

func decodeStrict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, brief(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: data after the JSON value", ErrCorrupt)
	}
	return nil
}

// ParseManifest reads a manifest and checks that it is coherent, so that a
// reader may rely on it: every segment once and in order, every file under the
// name it must have, sums that add up. A newer format is ErrVersion, anything
// else wrong is ErrCorrupt.
func ParseManifest(data []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := decodeJSON(data, m); err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("read manifest: %w: %w", ErrCorrupt, err)
	}
	return m, nil
}

func (m *Manifest) check() error {
	if err := m.Header.check(); err != nil {
		return err
	}
	if got, want := uint64(len(m.Segments)), m.Options.Segments(); got != want {
		return fmt.Errorf("%d segments: want %d for %d iterations in segments of %d",
			got, want, m.Options.Count, m.Options.SegmentIterations)
	}
	for i := range m.Segments {
		if err := m.Header.checkSegment(&m.Segments[i], uint64(i)); err != nil {
			return err
		}
	}
	want := m.Header.totals(m.Segments)
	if len(m.Totals) != len(want) {
		return fmt.Errorf("totals of %d signals: want %d", len(m.Totals), len(want))
	}
	for i := range want {
		if m.Totals[i] != want[i] {
			return fmt.Errorf("totals of %s are not the sums of its segments", want[i].Signal)
		}
	}
	return nil
}

// checkSegment returns what is wrong with the entry of a segment.
func (h *Header) checkSegment(s *SegmentInfo, index uint64) error {
	if s.Segment != index {
		return fmt.Errorf("segment %d stands in the place of segment %d", s.Segment, index)
	}
	if index >= h.Options.Segments() {
		return fmt.Errorf("segment %d: the corpus has %d", index, h.Options.Segments())
	}
	first, count := h.Options.Iterations(index)
	if s.FirstIteration != first || s.Iterations != count {
		return fmt.Errorf("segment %d: %d iterations from %d: want %d from %d",
			index, s.Iterations, s.FirstIteration, count, first)
	}
	signals := h.Options.OTLPSignals()
	if len(s.Files) != len(signals) {
		return fmt.Errorf("segment %d: %d signals: want %d", index, len(s.Files), len(signals))
	}
	for i, sig := range signals {
		if err := s.Files[i].check(sig, fileName(index, sig, h.Options.OTLPFormat())); err != nil {
			return fmt.Errorf("segment %d: %s: %w", index, sig, err)
		}
	}
	return nil
}

func (f *FileInfo) check(sig otlp.Signal, name string) error {
	if f.Signal != sig.String() {
		return fmt.Errorf("signal %s in its place", quoted(f.Signal))
	}
	if f.Records == 0 {
		if *f != (FileInfo{Signal: f.Signal}) {
			return errors.New("no records, but not all zero")
		}
		return nil
	}
	switch {
	case f.File != name:
		return fmt.Errorf("file %s: want %q", quoted(f.File), name)
	case f.Items == 0:
		return errors.New("records without items")
	case f.Bytes == 0 || f.Bytes > maxSegmentBytes:
		return fmt.Errorf("%d bytes: want 1 to %d", f.Bytes, maxSegmentBytes)
	case f.Splits >= f.Records:
		return fmt.Errorf("%d splits of %d records", f.Splits, f.Records)
	case f.First > f.Last:
		return fmt.Errorf("first time %v after last %v", f.First, f.Last)
	case f.Last > maxTime:
		return fmt.Errorf("last time %v: want at most %v", f.Last, Nanos(maxTime))
	case f.Items > f.Bytes || f.Records > f.Bytes:
		return fmt.Errorf("%d records of %d items in %d bytes", f.Records, f.Items, f.Bytes)
	}
	return checkDigest(f.XXH64)
}

// totals sums the segments up.
func (h *Header) totals(segments []SegmentInfo) []Totals {
	signals := h.Options.OTLPSignals()
	ts := make([]Totals, len(signals))
	for i, sig := range signals {
		t := &ts[i]
		t.Signal = sig.String()
		for j := range segments {
			f := &segments[j].Files[i]
			t.Records += f.Records
			t.Items += f.Items
			t.Bytes += f.Bytes
			t.Splits += f.Splits
		}
	}
	return ts
}
