package corpus

import (
	"fmt"
	"slices"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// ReadSegment returns the records of one signal of a segment: see Reader.
func (c *Corpus) ReadSegment(segment uint64, sig otlp.Signal) ([]byte, error) {
	r, err := c.NewReader()
	if err != nil {
		return nil, err
	}
	return r.AppendSegment(nil, segment, sig)
}

// Reader reads segments of a corpus. It keeps memory from one to the next and
// belongs to one goroutine; a corpus has any number of readers.
type Reader struct {
	corpus  *Corpus
	decoder *codec.Decoder
	raw     []byte
}

// NewReader returns a reader.
func (c *Corpus) NewReader() (*Reader, error) {
	d, err := codec.NewDecoder()
	if err != nil {
		return nil, err
	}
	return &Reader{corpus: c, decoder: d}, nil
}

// AppendSegment appends the records of one signal of a segment to dst, framed
// and decompressed: no bytes where there are no records, or where the corpus
// does not have the signal. Damage is ErrCorrupt: dst never grows by bytes
// whose digest is not the manifest's, nor by more of them than it says.
func (r *Reader) AppendSegment(dst []byte, segment uint64, sig otlp.Signal) ([]byte, error) {
	c := r.corpus
	place, ok := c.shard.place(segment)
	if !ok || place >= uint64(len(c.manifest.Segments)) {
		return dst, fmt.Errorf("read segment %d: it is none of the %d that are here", segment, len(c.manifest.Segments))
	}
	for i := range c.manifest.Segments[place].Files {
		info := &c.manifest.Segments[place].Files[i]
		if info.Signal != sig.String() || info.Records == 0 {
			continue
		}
		f := c.files[info.File]
		if f.Compression == codec.None {
			out, err := c.from.read(dst, f.Name, info.MaxFileBytes())
			if err == nil {
				err = check(out[len(dst):], info)
			}
			if err != nil {
				return dst, fmt.Errorf("read segment %d: %s: %w", segment, f.Name, err)
			}
			return out, nil
		}
		var err error
		if r.raw, err = c.from.read(r.raw[:0], f.Name, info.MaxFileBytes()); err != nil {
			return dst, fmt.Errorf("read segment %d: %w", segment, err)
		}
		out, err := r.open(dst, r.raw, f, info)
		if err != nil {
			return dst, fmt.Errorf("read segment %d: %s: %w", segment, f.Name, err)
		}
		return out, nil
	}
	return dst, nil
}

// readerSlack is how many bytes of memory reading a file may want beyond its content,
// which no memory shows: to see that it ends.
const readerSlack = 4 << 10

// Room returns how many bytes of memory the records of the largest segment take
// together, of some signals: with a capacity of that, what AppendSegment appends of
// one segment is never moved. Files that can hardly hold what the manifest says are
// left out.
func (c *Corpus) Room(signals []otlp.Signal) int {
	most := uint64(0)
	for i := range c.manifest.Segments {
		sum := uint64(0)
		for k := range c.manifest.Segments[i].Files {
			info := &c.manifest.Segments[i].Files[k]
			wanted := slices.ContainsFunc(signals, func(s otlp.Signal) bool { return s.String() == info.Signal })
			if wanted && info.Records > 0 && codec.Plausible(info.Bytes, c.files[info.File].Bytes) {
				sum += info.Bytes
			}
		}
		most = max(most, sum)
	}
	return int(most) + readerSlack
}

// open appends the content of a segment file, raw, and checks it.
func (r *Reader) open(dst, raw []byte, f File, info *FileInfo) ([]byte, error) {
	out, err := r.decoder.Append(dst, raw, f.Compression, int64(info.Bytes))
	if err != nil {
		return dst, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if err := check(out[len(dst):], info); err != nil {
		return dst, err
	}
	return out, nil
}

// check holds the content of a segment file against the manifest.
func check(content []byte, info *FileInfo) error {
	if uint64(len(content)) != info.Bytes {
		return fmt.Errorf("%w: manifest says %d bytes, file has %d", ErrCorrupt, info.Bytes, len(content))
	}
	if d := digest(content); d != info.XXH64 {
		return fmt.Errorf("%w: digest mismatch: manifest %s, file %s", ErrCorrupt, info.XXH64, d)
	}
	return nil
}
