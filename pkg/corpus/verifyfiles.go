package corpus

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// maxTopBytes bounds what is read of the small files beside the manifest.
const maxTopBytes = 1 << 30

// directory checks which files are there and the sums of those that are no
// segments.
func (v *verifier) directory() error {
	found, err := inspect(v.disk)
	if err != nil {
		return err
	}
	for _, p := range v.locate(found) {
		v.found.file(p.file, "%s", p.text)
	}
	v.extra(found)
	if err := v.readSums(); err != nil {
		return err
	}
	if v.sums == nil {
		return nil
	}
	for _, name := range []string{ManifestFile, ConventionsFile, BuildInfoFile} {
		data, err := v.raw, error(nil)
		if name != ManifestFile || data == nil {
			data, err = v.disk.read(nil, name, maxConventionsBytes)
		}
		if errors.Is(err, fs.ErrNotExist) {
			v.found.file(name, "is missing")
			continue
		}
		if unreadable(err) {
			v.found.file(name, "%v", err)
			continue
		}
		if err != nil {
			return err
		}
		v.checkSum(&v.found, name, data)
	}
	v.strangers(found)
	return nil
}

func (v *verifier) locate(found *contents) []problem {
	if v.report.Manifest == nil {
		return nil
	}
	files, problems := locate(v.report.Manifest, found)
	v.files = files
	return problems
}

// extra finds files that a finished corpus does not have.
func (v *verifier) extra(found *contents) {
	expected := make(map[string]bool)
	if m := v.report.Manifest; m != nil {
		for i := range m.Segments {
			for k := range m.Segments[i].Files {
				expected[m.Segments[i].Files[k].File] = true
			}
		}
	}
	for _, f := range found.files {
		base, _ := splitSuffix(f.name)
		switch {
		case f.class == classForeign:
			v.found.file(f.name, "is an extra file: no part of a corpus")
		case f.class == classTmp, f.class == classPart, f.name == partialFile, f.name == journalFile:
			v.found.file(f.name, "is an extra file, which an interrupted run left: resuming or sealing removes it")
		case f.class == classSegment && !expected[base] && v.report.Manifest != nil:
			v.found.file(f.name, "is an extra file: the manifest does not have it")
		}
	}
}

// readSums reads SHA256SUMS.
func (v *verifier) readSums() error {
	data, err := v.disk.readText(nil, SumsFile, maxTopBytes)
	if errors.Is(err, fs.ErrNotExist) {
		v.found.file(SumsFile, "is missing")
		return nil
	}
	if unreadable(err) {
		v.found.file(SumsFile, "%v", err)
		return nil
	}
	if err != nil {
		return err
	}
	sums, problems := parseSums(data)
	for _, p := range problems {
		v.found.file(SumsFile, "%s", p)
	}
	v.sums = sums
	return nil
}

// checkSum compares a file as written with SHA256SUMS.
func (v *verifier) checkSum(to *findings, name string, data []byte) {
	if v.sums == nil {
		return
	}
	want, listed := v.sums[name]
	if !listed {
		to.file(name, "is not listed in %s", SumsFile)
		return
	}
	if have := sum(name, data).SHA256; have != want {
		to.file(name, "was changed: SHA-256 is %.16s..., %s says %.16s...", have, SumsFile, want)
	}
}

// strangers finds what SHA256SUMS lists and the corpus does not have. Segment
// files that are missing are told by the manifest.
func (v *verifier) strangers(found *contents) {
	there := make(map[string]bool, len(found.files))
	for _, f := range found.files {
		there[f.name] = true
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
		base, _ := splitSuffix(name)
		if !there[name] && !missing[base] && !isTop(name) {
			v.found.file(name, "is missing, but listed in %s", SumsFile)
		}
	}
	// Without a manifest the sums are all that tells of segments.
	if v.report.Manifest == nil {
		v.sumSegments(found)
	}
}

// isTop reports whether directory looks at a file by itself.
func isTop(name string) bool {
	return name == ManifestFile || name == ConventionsFile || name == BuildInfoFile
}

// sumSegments checks segment files against SHA256SUMS alone.
func (v *verifier) sumSegments(found *contents) {
	for _, f := range found.files {
		if f.class != classSegment {
			continue
		}
		data, err := v.disk.read(nil, f.name, maxTopBytes)
		if err != nil {
			v.found.file(f.name, "%v", err)
			continue
		}
		v.checkSum(&v.found, f.name, data)
	}
}

// headBytes is how much of a file tells the Collector's file receiver that it
// is another file: of two with equal heads it reads one.
const headBytes = 1000

func headOf(data []byte) string { return string(data[:min(len(data), headBytes)]) }

// sameHead finds files of a signal that begin alike.
func (v *verifier) sameHead(h head) {
	key := fmt.Sprintf("%v %d %016x", h.signal, len(h.bytes), xxhash.Sum64String(h.bytes))
	if other, ok := v.heads[key]; ok {
		v.found.file(h.file, "begins like %s: their first %d bytes are equal, and a receiver may take them for one file", other, len(h.bytes))
		return
	}
	v.heads[key] = h.file
}
