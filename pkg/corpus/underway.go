package corpus

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/otelsim/otelsim/internal/foreign"
)

// storage is how a corpus is stored, beside what it is: the files of one
// corpus are uniform, but the choice is no part of its identity.
type storage struct {
	Compression string `json:"compression"`
	Level       string `json:"level"`
	Shards      uint64 `json:"shards"`             // 0: one run writes all
	Conventions string `json:"conventions_sha256"` // of conventions.yaml
}

// partial is what partial.json holds.
type partial struct {
	Header
	Storage storage `json:"storage"`
}

func (p *partial) fields() []field {
	return append(p.Header.fields(),
		field{"compression", p.Storage.Compression},
		field{"compression level", p.Storage.Level},
		field{"number of shards", strconv.FormatUint(p.Storage.Shards, 10)},
		field{"sha256 of " + ConventionsFile, p.Storage.Conventions})
}

func (p *partial) encode() []byte { return encodeJSON(p) }

func readPartial(d *disk) (*partial, error) {
	data, err := d.readText(nil, partialFile, maxPartialBytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", partialFile, err)
	}
	p := new(partial)
	if err := decodeJSON(data, p); err != nil {
		return nil, fmt.Errorf("read %s: %w", partialFile, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", partialFile, ErrCorrupt, err)
	}
	return p, nil
}

// written is a file as it stands on disk.
type written struct {
	File   string `json:"file"` // slash-separated, with compression suffix
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// finished is a segment whose files are all written: one line of a journal,
// one element of a part. Written has a file for each entry of Info that has
// records, in the same order.
type finished struct {
	Info    SegmentInfo `json:"info"`
	Written []written   `json:"written"`
	// Note is over the rest, as it is encoded: a bit that flipped here would
	// otherwise be taken for what the run had to say.
	Note string `json:"note"`
}

// digest returns what Note must be.
func (f *finished) digest() string {
	bare := *f
	bare.Note = ""
	return digest(journalLine(&bare))
}

// check returns what is wrong with f as an entry of a corpus of p.
func (f *finished) check(p *partial) error {
	if err := p.checkSegment(&f.Info, f.Info.Segment); err != nil {
		return err
	}
	next := 0
	for i := range f.Info.Files {
		info := &f.Info.Files[i]
		if info.Records == 0 {
			continue
		}
		if next == len(f.Written) {
			return fmt.Errorf("segment %d: no sum of %s", f.Info.Segment, info.File)
		}
		base, c := splitSuffix(f.Written[next].File)
		if base != info.File || c.String() != p.Storage.Compression {
			return fmt.Errorf("segment %d: sum of %s: want one of %s", f.Info.Segment, f.Written[next].File, info.File)
		}
		next++
	}
	if next != len(f.Written) {
		return fmt.Errorf("segment %d: %d sums: want %d", f.Info.Segment, len(f.Written), next)
	}
	if f.Note != f.digest() {
		return fmt.Errorf("segment %d: its note is not as it was written", f.Info.Segment)
	}
	return nil
}

// part is what parts/I-of-N.json holds: a finished shard.
type part struct {
	partial
	Shard    uint64     `json:"shard"`
	Segments []finished `json:"segments"` // those that the shard owns, in order
}

func (p *part) shard() Shard { return Shard{p.Shard, p.Storage.Shards} }

// check returns what is missing from a part, or wrong in it.
func (p *part) check() error {
	if err := p.partial.check(); err != nil {
		return err
	}
	s := p.shard()
	if s.Index >= s.Count {
		return fmt.Errorf("shard %v: index too large", s)
	}
	if got, want := uint64(len(p.Segments)), s.segments(p.Options.Segments()); got != want {
		return fmt.Errorf("%d segments: want %d", got, want)
	}
	for k := range p.Segments {
		f := &p.Segments[k]
		if want := s.segment(uint64(k)); f.Info.Segment != want {
			return fmt.Errorf("segment %d in the place of segment %d", f.Info.Segment, want)
		}
		if err := f.check(&p.partial); err != nil {
			return err
		}
	}
	return nil
}

func readPart(d *disk, name string) (*part, error) {
	data, err := d.readText(nil, name, maxManifestBytes)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	p := new(part)
	if err := decodeJSON(data, p); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := p.check(); err != nil {
		return nil, fmt.Errorf("read %s: %w: %w", name, ErrCorrupt, err)
	}
	return p, nil
}

// journalLine returns a journal's line for a finished segment.
func journalLine(f *finished) []byte {
	line, err := json.Marshal(f)
	if err != nil {
		panic(fmt.Sprintf("encode segment %d: %v", f.Info.Segment, err)) // numbers and strings only
	}
	return append(line, '\n')
}

// maxLine bounds a line of a journal, which has at most one file a signal.
const maxLine = 64 << 10

// readJournal returns the entries of a journal that are whole and that shard s
// owns; the last line may be torn, and entries are only hints, each checked
// against its files before it counts. No journal is an empty one.
func readJournal(d *disk, p *partial, s Shard) (map[uint64]finished, error) {
	entries := make(map[uint64]finished)
	f, _, err := foreign.Open(d.path(s.journal()))
	if errors.Is(err, fs.ErrNotExist) {
		return entries, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		var f finished
		if decodeStrict(lines.Bytes(), &f) != nil || !s.owns(f.Info.Segment) || f.check(p) != nil {
			continue
		}
		entries[f.Info.Segment] = f
	}
	err = lines.Err()
	if errors.Is(err, bufio.ErrTooLong) {
		err = nil // no line of ours: what is behind it is no hint either
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return entries, nil
}
