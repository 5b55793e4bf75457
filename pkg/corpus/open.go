package corpus

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Corpus is a finished corpus, opened for reading. It is immutable and safe
// for concurrent use.
type Corpus struct {
	from     store
	manifest *Manifest
	files    map[string]file // by the manifest's name
}

// file is a segment file as found.
type file struct {
	name        string // slash-separated, with compression suffix
	compression Compression
	bytes       int64
}

// store is where the files of a corpus are.
type store interface {
	// read appends the content of a file of at most limit bytes to dst.
	read(dst []byte, name string, limit int64) ([]byte, error)
	// readText is read for a file that must be text.
	readText(dst []byte, name string, limit int64) ([]byte, error)
}

var (
	_ store = (*disk)(nil)
	_ store = memory(nil)
)

// Open opens the corpus in dir: it reads the manifest and finds every segment
// file, whose content it does not look at. A corpus that was not finished is
// ErrIncomplete, one of a newer format ErrVersion; a file that is missing,
// empty, of a wrong size, or there in two compressions is ErrCorrupt, and all
// such files are told.
func Open(dir string) (*Corpus, error) {
	d, err := openDisk(dir, nil)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	m, err := readManifest(d)
	if err != nil {
		return nil, fmt.Errorf("open corpus %s: %w", dir, err)
	}
	c := &Corpus{from: d, manifest: m}
	found, err := inspect(d)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	var problems []problem
	c.files, problems = locate(m, found)
	if len(problems) > 0 {
		errs := make([]error, len(problems))
		for i, p := range problems {
			errs[i] = errors.New(p.text)
		}
		return nil, fmt.Errorf("open corpus %s: %w: %w", dir, ErrCorrupt, few(errs))
	}
	return c, nil
}

// readManifest reads the manifest of the directory, or says why there is none.
func readManifest(d *disk) (*Manifest, error) {
	data, err := d.readText(nil, ManifestFile, maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		if p, perr := readPartial(d); perr == nil {
			if p.Storage.Shards > 0 {
				return nil, fmt.Errorf("%w: it is being written by %d shards, and not sealed", ErrIncomplete, p.Storage.Shards)
			}
			return nil, fmt.Errorf("%w: its writing was interrupted; the same command with --resume completes it", ErrIncomplete)
		} else if errors.Is(perr, ErrVersion) || errors.Is(perr, ErrCorrupt) {
			return nil, perr
		}
	}
	if err != nil {
		return nil, err
	}
	return ParseManifest(data)
}

// problem is something wrong with a file of a segment.
type problem struct {
	segment uint64
	signal  otlp.Signal
	file    string
	text    string
}

// locate finds the file of each entry of the manifest among the files there.
func locate(m *Manifest, found *contents) (map[string]file, []problem) {
	there := make(map[string][]file)
	for _, e := range found.files {
		if e.class == classSegment {
			base, c := splitSuffix(e.name)
			there[base] = append(there[base], file{e.name, c, e.bytes})
		}
	}
	files := make(map[string]file, len(there))
	var problems []problem
	for i := range m.Segments {
		for k, sig := range m.Options.OTLPSignals() {
			info := &m.Segments[i].Files[k]
			if info.Records == 0 {
				continue
			}
			fs := there[info.File]
			complain := func(name, format string, args ...any) {
				problems = append(problems, problem{uint64(i), sig, name, fmt.Sprintf(format, args...)})
			}
			if len(fs) == 0 {
				complain(info.File, "%s is missing", info.File)
				continue
			}
			f := fs[0]
			files[info.File] = f
			switch {
			case len(fs) > 1:
				complain(info.File, "%s and %s are both there", f.name, fs[1].name)
			case f.compression == codec.None && f.bytes != int64(info.Bytes):
				complain(f.name, "%s has %d bytes, manifest says %d", f.name, f.bytes, info.Bytes)
			case f.bytes == 0:
				complain(f.name, "%s is empty", f.name)
			}
		}
	}
	return files, problems
}

// Manifest returns the manifest, which is not to be changed.
func (c *Corpus) Manifest() *Manifest { return c.manifest }

// Conventions returns the conventions that the corpus was generated with.
func (c *Corpus) Conventions() ([]byte, error) { return conventions(c.from) }

func conventions(from store) ([]byte, error) {
	data, err := from.readText(nil, ConventionsFile, maxConventionsBytes)
	if err != nil {
		return nil, fmt.Errorf("read conventions: %w", err)
	}
	return data, nil
}

// ReadManifest reads the manifest of the corpus in dir, and nothing else of it:
// see Open for the errors.
func ReadManifest(dir string) (*Manifest, error) {
	d, err := openDisk(dir, nil)
	if err != nil {
		return nil, err
	}
	return readManifest(d)
}

// ReadConventions reads the conventions of the corpus in dir, which may lack
// all else.
func ReadConventions(dir string) ([]byte, error) {
	d, err := openDisk(dir, nil)
	if err != nil {
		return nil, err
	}
	return conventions(d)
}

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
	m := r.corpus.manifest
	if segment >= uint64(len(m.Segments)) {
		return dst, fmt.Errorf("read segment %d: the corpus has %d", segment, len(m.Segments))
	}
	for i := range m.Segments[segment].Files {
		info := &m.Segments[segment].Files[i]
		if info.Signal != sig.String() || info.Records == 0 {
			continue
		}
		f := r.corpus.files[info.File]
		if f.compression == codec.None {
			out, err := r.corpus.from.read(dst, f.name, maxFileBytes(info))
			if err == nil {
				err = check(out[len(dst):], info)
			}
			if err != nil {
				return dst, fmt.Errorf("read segment %d: %s: %w", segment, f.name, err)
			}
			return out, nil
		}
		var err error
		if r.raw, err = r.corpus.from.read(r.raw[:0], f.name, maxFileBytes(info)); err != nil {
			return dst, fmt.Errorf("read segment %d: %w", segment, err)
		}
		out, err := r.open(dst, r.raw, f, info)
		if err != nil {
			return dst, fmt.Errorf("read segment %d: %s: %w", segment, f.name, err)
		}
		return out, nil
	}
	return dst, nil
}

// maxFileBytes is more than a file can have for its content, however badly it
// compressed.
func maxFileBytes(info *FileInfo) int64 { return int64(info.Bytes + info.Bytes/64 + 1<<16) }

// open appends the content of a segment file, raw, and checks it.
func (r *Reader) open(dst, raw []byte, f file, info *FileInfo) ([]byte, error) {
	out, err := r.decoder.Append(dst, raw, f.compression, int64(info.Bytes))
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
