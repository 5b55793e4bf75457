package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ErrCorpus says that a folder holds a corpus, which is not read as a capture.
var ErrCorpus = errors.New("the folder holds a corpus")

// manifestName is the file by which a folder is known to hold a corpus.
const manifestName = "manifest.json"

// Files returns the files of a capture in the order in which they are to be read:
// path itself, unless it is a folder, or else every regular file in it and in
// the folders below. Names that begin with a dot are left out, and so are the
// arrival times that the sink keeps beside its files. Links to files are
// followed, links to folders are not. A folder without a file is an error.
//
// Files are in the order of the bytes of their paths, but that those which an
// exporter has closed and renamed for their size (name-2026-01-31T12-00-00.000,
// with -size or the like behind it and the ending of the name last) come before
// the one that it writes, in the order of their times: as they were written.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var all []string
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != path && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		case d.Name() == manifestName:
			return fmt.Errorf("read %s: %w", filepath.Dir(name), ErrCorpus)
		case strings.HasSuffix(name, arrivalsSuffix):
			return nil
		}
		if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
			return err
		}
		all = append(all, name)
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("read %s: no files in the folder", path)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, inOrder)
	return all, nil
}

// rotated matches the name of a file that was closed for its size: what it was
// called up to its ending, the time, and the ending.
var rotated = regexp.MustCompile(`^(.*)-(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3})(?:-[a-z]+)?(\.[^/]*)?$`)

// inOrder compares two paths by the order in which they were written.
func inOrder(a, b string) int {
	nameA, timeA := unrotated(a)
	nameB, timeB := unrotated(b)
	return cmp.Or(cmp.Compare(nameA, nameB), cmp.Compare(timeA, timeB), cmp.Compare(a, b))
}

// unrotated returns what a file was called while it was written, and when that
// ended, as text whose order is that of time; one that is still written is last.
func unrotated(path string) (name, ended string) {
	m := rotated.FindStringSubmatch(path)
	if m == nil {
		return path, "~"
	}
	// The exporter may compress what it has closed.
	return m[1] + strings.TrimSuffix(m[3], ".gz"), m[2]
}
