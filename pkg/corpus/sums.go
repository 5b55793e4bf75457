package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// sum returns what SHA256SUMS says of a file.
func sum(name string, data []byte) written {
	digest := sha256.Sum256(data)
	return written{File: name, Bytes: int64(len(data)), SHA256: hex.EncodeToString(digest[:])}
}

// encodeSums returns SHA256SUMS for these files, by name: what sha256sum
// writes and checks.
func encodeSums(files []written) []byte {
	slices.SortFunc(files, func(a, b written) int { return strings.Compare(a.File, b.File) })
	var b []byte
	for _, f := range files {
		b = fmt.Appendf(b, "%s  %s\n", f.SHA256, f.File)
	}
	return b
}

// parseSums reads SHA256SUMS into digests by name. Its problems are texts for
// findings.
func parseSums(data []byte) (digests map[string]string, problems []string) {
	digests = make(map[string]string)
	n := 0
	for line := range lines(data) {
		n++
		digest, name, ok := strings.Cut(string(line), "  ")
		raw, err := hex.DecodeString(digest)
		switch {
		case !ok || err != nil || len(raw) != sha256.Size || name == "":
			problems = append(problems, fmt.Sprintf("line %d is not a digest, two spaces and a name", n))
		case digests[name] != "":
			problems = append(problems, fmt.Sprintf("line %d names %s again", n, name))
		default:
			digests[name] = digest
		}
	}
	return digests, problems
}

// lines iterates over the lines of data, without their newlines.
func lines(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(data) > 0 {
			line, rest, _ := bytes.Cut(data, []byte{'\n'})
			if !yield(line) {
				return
			}
			data = rest
		}
	}
}
