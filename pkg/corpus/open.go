package corpus

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Corpus is a finished corpus, opened for reading. It is immutable and safe
// for concurrent use.
type Corpus struct {
	from     store
	manifest *Manifest
	files    map[string]File // by the manifest's name
	shard    Shard           // whose segments the manifest has; the zero value: all
}

// Shard returns which shard of a corpus c is: see OpenPart. It is the zero value
// for a corpus that is whole.
func (c *Corpus) Shard() Shard { return c.shard }

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
	if err := c.find(d); err != nil {
		return nil, fmt.Errorf("open corpus %s: %w", dir, err)
	}
	return c, nil
}

// find finds the files of the manifest.
func (c *Corpus) find(d *disk) error {
	found, err := (&Directory{d}).List()
	if err != nil {
		return err
	}
	var problems []FileProblem
	c.files, problems = locate(c.manifest, found)
	if len(problems) == 0 {
		return nil
	}
	errs := make([]error, len(problems))
	for i, p := range problems {
		errs[i] = errors.New(p.Text)
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, few(errs))
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

// locate finds the file of each entry of the manifest among the files there.
func locate(m *Manifest, found []File) (map[string]File, []FileProblem) {
	there := make(map[string][]File)
	for _, f := range found {
		if f.Kind == SegmentFile {
			there[f.Base] = append(there[f.Base], f)
		}
	}
	files := make(map[string]File, len(there))
	var problems []FileProblem
	for i := range m.Segments {
		for k := range m.Segments[i].Files {
			info := &m.Segments[i].Files[k]
			if info.Records == 0 {
				continue
			}
			fs := there[info.File]
			complain := func(name string, what Misfit, format string, args ...any) {
				problems = append(problems, FileProblem{m.Segments[i].Segment, name, what, fmt.Sprintf(format, args...)})
			}
			if len(fs) == 0 {
				complain(info.File, MissingFile, "%s is missing", info.File)
				continue
			}
			f := fs[0]
			files[info.File] = f
			switch {
			case len(fs) > 1:
				complain(info.File, DoubleFile, "%s and %s are both there", f.Name, fs[1].Name)
			case f.Compression == codec.None && f.Bytes != int64(info.Bytes):
				complain(f.Name, MissizedFile, "%s has %d bytes, manifest says %d", f.Name, f.Bytes, info.Bytes)
			case f.Bytes == 0:
				complain(f.Name, MissizedFile, "%s is empty", f.Name)
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
