package corpus

import (
	"fmt"
	"io/fs"

	"github.com/otelsim/otelsim/internal/foreign"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// InMemory makes a corpus that is on no disk: all its segments, uncompressed.
// It reads as one that Open returned.
func InMemory(h Header, conventions []byte, fill Fill) (*Corpus, error) {
	h.FormatVersion = FormatVersion
	if h.Scenarios == nil {
		h.Scenarios = []Scenario{}
	}
	if err := h.check(); err != nil {
		return nil, fmt.Errorf("make corpus: %w", err)
	}
	held := memory{ConventionsFile: conventions}
	m := &Manifest{Header: h}
	files := make(map[string]File)
	for index := range h.Options.Segments() {
		var seg otlp.Segment // a new one, since its bytes are kept
		if err := fill(index, &seg); err != nil {
			return nil, fmt.Errorf("make corpus: segment %d: %w", index, err)
		}
		first, count := h.Options.Iterations(index)
		info := SegmentInfo{Segment: index, FirstIteration: first, Iterations: count}
		for _, sig := range h.Options.OTLPSignals() {
			f := Describe(&seg.Blocks[sig], index, sig, h.Options.OTLPFormat())
			info.Files = append(info.Files, f)
			if f.Records > 0 {
				held[f.File] = seg.Blocks[sig].Data
				files[f.File] = File{Name: f.File, Kind: SegmentFile, Base: f.File, Bytes: int64(f.Bytes)}
			}
		}
		m.Segments = append(m.Segments, info)
	}
	m.Totals = h.totals(m.Segments)
	return &Corpus{from: held, manifest: m, files: files}, nil
}

// memory is a store of the files by name.
type memory map[string][]byte

func (m memory) read(dst []byte, name string, limit int64) ([]byte, error) {
	data, ok := m[name]
	var err error
	switch {
	case !ok:
		err = fs.ErrNotExist
	case int64(len(data)) > limit:
		err = foreign.ErrLimit
	default:
		return append(dst, data...), nil
	}
	return dst, &fs.PathError{Op: "read", Path: name, Err: err}
}

func (m memory) readText(dst []byte, name string, limit int64) ([]byte, error) {
	return m.read(dst, name, limit)
}
