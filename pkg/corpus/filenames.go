package corpus

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// Names of a corpus under way. Part of the format.
const (
	partialFile = "partial.json"
	journalFile = "partial.jsonl"
	// replacedFile is the manifest of a corpus that is being replaced: it lists
	// what is still to be removed.
	replacedFile = "replaced.json"
	partsDir     = "parts"
	lockFile     = ".lock"
)

// tmpMark stands in the name of a file that is being written, which is the
// final name with a dot before and the mark and more behind it.
const tmpMark = ".tmp-"

// fileName returns the name of a segment file without compression suffix,
// slash-separated.
func fileName(segment uint64, sig otlp.Signal, f otlp.Format) string {
	ext := ".pb"
	if f == otlp.FormatJSON {
		ext = ".jsonl"
	}
	return fmt.Sprintf("%s/%06d%s", sig, segment, ext)
}

var (
	segmentName = regexp.MustCompile(`^(traces|metrics|logs)/([0-9]{6,18})\.(pb|jsonl)(\.zst|\.gz)?$`)
	partName    = regexp.MustCompile(`^parts/([0-9]{1,18})-of-([0-9]{1,18})\.(json|jsonl)$`)
	lockName    = regexp.MustCompile(`^\.lock(-[0-9]+-of-[0-9]+)?$`)
	tmpName     = regexp.MustCompile(`^(.*/)?\.([^/]+)\.tmp-[0-9a-f]{12}$`)
)

// fileClass is what a file of a corpus directory is, by its name.
type fileClass uint8

const (
	classForeign fileClass = iota
	classSegment
	classPart
	classLock
	classTop // manifest and its neighbours, partial.json, journal
	classTmp
)

// classify says what the file of a slash-separated name is, and of a segment
// or its temporary file which segment.
func classify(name string) (class fileClass, segment uint64, ok bool) {
	switch name {
	case ManifestFile, ConventionsFile, SumsFile, BuildInfoFile, partialFile, journalFile, replacedFile:
		return classTop, 0, false
	}
	if m := tmpName.FindStringSubmatch(name); m != nil {
		inner, segment, ok := classify(m[1] + m[2])
		if inner == classForeign {
			return classForeign, 0, false
		}
		return classTmp, segment, ok
	}
	if m := segmentName.FindStringSubmatch(name); m != nil {
		segment, err := strconv.ParseUint(m[2], 10, 64)
		return classSegment, segment, err == nil
	}
	switch {
	case partName.MatchString(name):
		return classPart, 0, false
	case lockName.MatchString(name):
		return classLock, 0, false
	}
	return classForeign, 0, false
}

// parsePart returns the shard that a file under parts/ is named after.
func parsePart(name string) (shard Shard, journal, ok bool) {
	m := partName.FindStringSubmatch(name)
	if m == nil {
		return Shard{}, false, false
	}
	i, err1 := strconv.ParseUint(m[1], 10, 64)
	n, err2 := strconv.ParseUint(m[2], 10, 64)
	return Shard{i, n}, m[3] == "jsonl", err1 == nil && err2 == nil
}

// splitSuffix takes the compression suffix off a file name.
func splitSuffix(name string) (base string, c Compression) {
	for _, c := range []Compression{codec.Zstd, codec.Gzip} {
		if base, ok := strings.CutSuffix(name, c.Suffix()); ok {
			return base, c
		}
	}
	return name, codec.None
}
