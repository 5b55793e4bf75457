package corpus

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// holding is what corpus a directory holds, and with it which of its files are
// that corpus's: no other may be removed. Names alone do not tell, since a
// conventions.yaml, a SHA256SUMS or a folder of traces may be anybody's.
type holding struct {
	*contents
	finished  bool // there is a manifest of ours
	begun     bool // there is a partial.json of ours
	replacing bool // there is a replaced.json of ours

	segments map[string]bool // listed by a manifest, without compression suffix
	options  Options         // of the corpus begun: count, segment size and format
	shards   uint64          // of the corpus begun; 0: a single run
}

// ours are the fields by which a manifest or a partial.json is told from files
// of these names that other programs have. They may be of another version, or
// damaged elsewhere.
type ours struct {
	FormatVersion *int    `json:"format_version"`
	Revision      *int    `json:"revision"`
	PlanDigest    *string `json:"plan_digest"`
	Options       *struct {
		Count             *uint64 `json:"count"`
		SegmentIterations *uint64 `json:"segment_iterations"`
		Format            *string `json:"format"`
	} `json:"options"`
}

func (o *ours) is() bool {
	return o.FormatVersion != nil && o.Revision != nil && o.PlanDigest != nil && o.Options != nil &&
		o.Options.Count != nil && o.Options.SegmentIterations != nil && o.Options.Format != nil
}

// recognise finds out whose the files of a directory are.
func recognise(d *disk) (*holding, error) {
	c, err := inspect(d)
	if err != nil {
		return nil, err
	}
	h := &holding{contents: c, segments: make(map[string]bool)}
	if c.foreign != "" {
		return h, nil
	}
	if h.finished, err = h.readList(d, ManifestFile); err != nil {
		return nil, err
	}
	if h.replacing, err = h.readList(d, replacedFile); err != nil {
		return nil, err
	}
	return h, h.readBegun(d)
}

// readList takes up the segment files that a manifest lists, if it is ours.
func (h *holding) readList(d *disk, name string) (bool, error) {
	data, err := d.readText(nil, name, maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var m struct {
		ours
		Segments []struct {
			Files []struct {
				File string `json:"file"`
			} `json:"files"`
		} `json:"segments"`
	}
	if err := json.Unmarshal(data, &m); err != nil || !m.is() || m.Segments == nil {
		return false, nil
	}
	for _, s := range m.Segments {
		for _, f := range s.Files {
			h.segments[f.File] = true
		}
	}
	return true, nil
}

// readBegun takes up what partial.json says, if it is ours.
func (h *holding) readBegun(d *disk) error {
	data, err := d.readText(nil, partialFile, maxPartialBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var p struct {
		ours
		Storage *struct {
			Shards *uint64 `json:"shards"`
		} `json:"storage"`
	}
	if err := json.Unmarshal(data, &p); err != nil || !p.is() || p.Storage == nil || p.Storage.Shards == nil {
		return nil
	}
	h.begun, h.shards = true, *p.Storage.Shards
	h.options = Options{Count: *p.Options.Count, SegmentIterations: *p.Options.SegmentIterations, Format: *p.Options.Format}
	return nil
}

// stray returns a file that does not belong to the corpus in the directory, or
// nothing. What a run that was killed at its very beginning leaves, belongs to
// any.
func (h *holding) stray() (name, why string) {
	if h.foreign != "" {
		return h.foreign, "which is no part of a corpus"
	}
	for _, f := range h.files {
		switch {
		case h.owns(f):
		case f.name == ManifestFile, f.name == partialFile, f.name == replacedFile:
			return f.name, "which is not a corpus's"
		case !h.finished && !h.begun && !h.replacing:
			return f.name, "but no corpus: neither a manifest nor a partial.json of one"
		default:
			return f.name, "which is not of the corpus there"
		}
	}
	return "", ""
}

// owns reports whether a file is of the corpus in the directory.
func (h *holding) owns(f entry) bool {
	switch f.class {
	case classLock, classTmp:
		return true
	case classSegment:
		base, _ := splitSuffix(f.name)
		return h.segments[base] || h.begun && h.mayWrite(f.segment, base)
	case classPart:
		shard, _, ok := parsePart(f.name)
		return ok && h.begun && shard.Count == h.shards && shard.Index < shard.Count
	}
	switch f.name {
	case ManifestFile:
		return h.finished
	case replacedFile:
		return h.replacing
	case partialFile:
		return h.begun
	case journalFile:
		return h.begun && h.shards == 0
	}
	return h.finished || h.begun || h.replacing // conventions, sums, build info
}

// mayWrite reports whether a file is one of those that the corpus begun will
// have. Its journal does not list what was under way.
func (h *holding) mayWrite(segment uint64, base string) bool {
	o := &h.options
	if segment >= o.Segments() {
		return false
	}
	return slices.ContainsFunc([]otlp.Signal{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs}, func(sig otlp.Signal) bool {
		return base == fileName(segment, sig, o.OTLPFormat())
	})
}

// ExistsError is an ErrExists that says what the directory holds and what the
// caller could ask for instead.
type ExistsError struct {
	Dir        string // as it was given
	Holds      string // as the end of "it holds ..."
	CanResume  bool   // WriteOptions.Resume would complete it
	CanReplace bool   // WriteOptions.Force would replace it
}

// Error says all but what could be asked for, whose names are the command's.
func (e *ExistsError) Error() string {
	return fmt.Sprintf("write %s: %v: it holds %s", e.Dir, ErrExists, e.Holds)
}

// Unwrap returns ErrExists.
func (e *ExistsError) Unwrap() error { return ErrExists }
