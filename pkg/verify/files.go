package verify

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"

	"github.com/otelsim/otelsim/internal/foreign"

	"github.com/otelsim/otelsim/pkg/corpus"
)

// maxSumsBytes bounds what is read of SHA256SUMS: a line of a hundred bytes for
// each file.
const maxSumsBytes = 1 << 30

// openSized opens a file for reading, which must be a regular one of at most
// limit bytes.
func (v *verifier) openSized(name string, limit int64) (io.ReadCloser, error) {
	path := v.dir.Path(name)
	f, size, err := foreign.Open(path)
	if err != nil {
		return nil, err
	}
	if size > limit {
		err := &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("%w: %d bytes, at most %d are read", foreign.ErrLimit, size, limit)}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// sumOf digests a file as it stands.
func (v *verifier) sumOf(name string) (string, error) {
	f, err := v.openSized(name, corpus.MaxSegmentBytes)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// directory checks which files are there and the sums of those that are no
// segments.
func (v *verifier) directory() error {
	found, err := v.dir.List()
	if err != nil {
		return err
	}
	for _, p := range v.locate(found) {
		v.found.file(ruleOfMisfit[p.What], p.File, "%s", p.Text)
	}
	v.extra(found)
	v.readSums()
	if v.sums == nil {
		return nil
	}
	for _, name := range []string{corpus.ManifestFile, corpus.ConventionsFile, corpus.BuildInfoFile} {
		have, err := v.sumOf(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.found.file(ruleFileMissing, name, "is missing")
		case err != nil:
			v.found.file(ruleFileRead, name, "%v", err)
		default:
			v.checkSum(v.found, name, have)
		}
	}
	v.strangers(found)
	return nil
}

// ruleOfMisfit are the rules that segment files break by not being as the
// manifest says.
var ruleOfMisfit = map[corpus.Misfit]string{
	corpus.MissingFile: ruleFileMissing, corpus.DoubleFile: ruleFileTwice, corpus.MissizedFile: ruleSize,
}

// unreadable reports whether an error of reading says that what is there under
// the name is no file of a corpus, and will not be when it is read again.
func unreadable(err error) bool {
	return errors.Is(err, foreign.ErrSpecial) || errors.Is(err, foreign.ErrLimit) || errors.Is(err, foreign.ErrBinary)
}

func (v *verifier) locate(found []corpus.File) []corpus.FileProblem {
	if v.report.Manifest == nil {
		return nil
	}
	files, problems := v.report.Manifest.Locate(found)
	v.files = files
	return problems
}

// extra finds files that a finished corpus does not have.
func (v *verifier) extra(found []corpus.File) {
	expected := make(map[string]bool)
	if m := v.report.Manifest; m != nil {
		for i := range m.Segments {
			for k := range m.Segments[i].Files {
				expected[m.Segments[i].Files[k].File] = true
			}
		}
	}
	for _, f := range found {
		switch {
		case f.Kind == corpus.ForeignFile:
			v.found.file(ruleFileExtra, f.Name, "is an extra file: no part of a corpus")
		case f.Kind == corpus.UnfinishedFile:
			v.found.file(ruleFileExtra, f.Name, "is an extra file, which an interrupted run left: resuming or sealing removes it")
		case f.Kind == corpus.SegmentFile && !expected[f.Base] && v.report.Manifest != nil:
			v.found.file(ruleFileExtra, f.Name, "is an extra file: the manifest does not have it")
		}
	}
}

// readSums reads SHA256SUMS.
func (v *verifier) readSums() {
	data, err := v.dir.ReadText(corpus.SumsFile, maxSumsBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.found.file(ruleFileMissing, corpus.SumsFile, "is missing")
		return
	case unreadable(err):
		v.found.file(ruleSums, corpus.SumsFile, "%v", err)
		return
	case err != nil:
		v.found.file(ruleFileRead, corpus.SumsFile, "%v", err)
		return
	}
	sums, problems := corpus.ParseSums(data)
	for _, p := range problems {
		v.found.file(ruleSums, corpus.SumsFile, "%s", p)
	}
	v.sums = sums
}

// checkSum compares the digest of a file as written with SHA256SUMS.
func (v *verifier) checkSum(to *collection, name, have string) {
	if v.sums == nil {
		return
	}
	want, listed := v.sums[name]
	if !listed {
		to.file(ruleSums, name, "is not listed in %s", corpus.SumsFile)
		return
	}
	if have != want {
		to.file(ruleFileChanged, name, "was changed: SHA-256 is %.16s..., %s says %.16s...", have, corpus.SumsFile, want)
	}
}

// strangers finds what SHA256SUMS lists and the corpus does not have. Segment
// files that are missing are told by the manifest.
func (v *verifier) strangers(found []corpus.File) {
	there := make(map[string]bool, len(found))
	for _, f := range found {
		there[f.Name] = true
	}
	missing := make(map[string]bool)
	if m := v.report.Manifest; m != nil {
		for i := range m.Segments {
			for _, f := range m.Segments[i].Files {
				if _, ok := v.files[f.File]; !ok {
					missing[f.File] = true
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v.sums)) {
		if !there[name] && !missing[baseOf(name)] && !isTop(name) {
			v.found.file(ruleFileMissing, name, "is missing, but listed in %s", corpus.SumsFile)
		}
	}
	// Without a manifest the sums are all that tells of segments.
	if v.report.Manifest == nil {
		v.sumSegments(found)
	}
}

// baseOf is the name that the manifest has for a segment file.
func baseOf(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, corpus.CompressionZstd.Suffix()), corpus.CompressionGzip.Suffix())
}

// isTop reports whether directory looks at a file by itself.
func isTop(name string) bool {
	return name == corpus.ManifestFile || name == corpus.ConventionsFile || name == corpus.BuildInfoFile
}

// sumSegments checks segment files against SHA256SUMS alone.
func (v *verifier) sumSegments(found []corpus.File) {
	for _, f := range found {
		if f.Kind != corpus.SegmentFile {
			continue
		}
		have, err := v.sumOf(f.Name)
		if err != nil {
			v.found.file(ruleFileRead, f.Name, "%v", err)
			continue
		}
		v.checkSum(v.found, f.Name, have)
	}
}

// headBytes is how much of a file tells the Collector's file receiver that it
// is another file: of two with equal heads it reads one.
const headBytes = 1000

// sameHead finds files of a signal that begin alike.
func (v *verifier) sameHead(h head) {
	key := fmt.Sprintf("%v %d %016x", h.signal, len(h.bytes), xxhash.Sum64String(h.bytes))
	if other, ok := v.heads[key]; ok {
		v.found.file(ruleHeads, h.file, "begins like %s: their first %d bytes are equal, and a receiver may take them for one file", other, len(h.bytes))
		return
	}
	v.heads[key] = h.file
}
