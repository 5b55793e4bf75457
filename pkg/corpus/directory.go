package corpus

import (
	"errors"
	"io/fs"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Directory is a folder that holds a corpus in whatever state, for those who
// judge what Open would only refuse. It is immutable and safe for concurrent
// use.
type Directory struct{ disk *disk }

// OpenDirectory returns the folder of that path, of which nothing is read.
func OpenDirectory(path string) (*Directory, error) {
	d, err := openDisk(path, nil)
	if err != nil {
		return nil, err
	}
	return &Directory{d}, nil
}

// Path returns the path of a file by its slash-separated name.
func (d *Directory) Path(name string) string { return d.disk.path(name) }

// ReadText reads a file of at most limit bytes that must be text.
func (d *Directory) ReadText(name string, limit int64) ([]byte, error) {
	return d.disk.readText(nil, name, limit)
}

// ReadManifest returns the manifest as it is written, for ParseManifest. When
// there is none the error says what is there instead: see Open.
func (d *Directory) ReadManifest() ([]byte, error) {
	raw, err := d.disk.readText(nil, ManifestFile, maxManifestBytes)
	if errors.Is(err, fs.ErrNotExist) {
		_, err = readManifest(d.disk)
	}
	return raw, err
}

// FileKind is what a file of a directory is, by its name.
type FileKind uint8

// The kinds.
const (
	ForeignFile FileKind = iota // no corpus has one of that name
	SegmentFile
	UnfinishedFile // of a run or a shard that has not ended
	OtherFile      // of a corpus: the manifest and what stands beside it
)

// File is a file of a directory.
type File struct {
	Name        string // slash-separated
	Kind        FileKind
	Base        string      // of a segment file: its name in the manifest
	Compression Compression // by the suffix of its name
	Bytes       int64       // as it stands there
}

// List lists the files, by name. A folder that is not there is empty.
func (d *Directory) List() ([]File, error) {
	found, err := inspect(d.disk)
	if err != nil {
		return nil, err
	}
	files := make([]File, len(found.files))
	for i, e := range found.files {
		files[i] = e.file()
	}
	return files, nil
}

func (e *entry) file() File {
	f := File{Name: e.name, Kind: OtherFile, Base: e.name, Bytes: e.bytes}
	switch {
	case e.class == classForeign:
		f.Kind = ForeignFile
	case e.class == classSegment:
		f.Kind = SegmentFile
		f.Base, f.Compression = splitSuffix(e.name)
	case e.class == classTmp, e.class == classPart, e.name == partialFile, e.name == journalFile:
		f.Kind = UnfinishedFile
	}
	return f
}

// FileProblem is something wrong with a segment file, or with there being none.
type FileProblem struct {
	Segment uint64 // its index
	File    string // its name, or that of the manifest when there is none
	What    Misfit // in a word
	Text    string // what is wrong, in words
}

// Misfit is how a segment file can differ from what the manifest says of it, as
// far as a listing shows.
type Misfit uint8

// The misfits.
const (
	MissingFile Misfit = iota
	DoubleFile         // it is there in two compressions
	MissizedFile
)

// Locate finds the segment files that the manifest says, by the names that it
// has for them, and what is wrong with them.
func (m *Manifest) Locate(files []File) (map[string]File, []FileProblem) { return locate(m, files) }

// SegmentName returns the name that the manifest has for a segment file.
func SegmentName(segment uint64, sig otlp.Signal, f otlp.Format) string {
	return fileName(segment, sig, f)
}

// Describe returns what the manifest says of a block of records.
func Describe(b *otlp.Block, segment uint64, sig otlp.Signal, f otlp.Format) FileInfo {
	return describe(b, xxhash.Sum64(b.Data), sig, fileName(segment, sig, f))
}

// MaxFileBytes is more than the file can have as it stands, however badly it
// compressed.
func (f *FileInfo) MaxFileBytes() int64 { return int64(f.Bytes + f.Bytes/64 + 1<<16) }

// MaxSegmentBytes is the limit of what a segment file can hold.
const MaxSegmentBytes = maxSegmentBytes

// ParseSums reads SHA256SUMS into digests by name. Its problems say which lines
// are none of such a file.
func ParseSums(data []byte) (digests map[string]string, problems []string) { return parseSums(data) }
