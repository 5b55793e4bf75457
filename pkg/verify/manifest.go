package verify

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
)

// implausible returns the values of the header that no run writes, though they
// can be read: by the names that the manifest has, with what is wrong.
func implausible(h *corpus.Header) []field {
	var found []field
	add := func(name, format string, args ...any) {
		found = append(found, field{name, fmt.Sprintf(format, args...)})
	}
	if !isPrefix(h.Prefix) {
		add("prefix", "is %s: want a letter, then letters, digits and _", quoted(h.Prefix))
	}
	if h.Revision < 1 {
		add("revision", "is %d: want at least 1", h.Revision)
	}
	if !isHex(h.PlanDigest) {
		add("plan_digest", "is %s: want hex digits", quoted(h.PlanDigest))
	}
	if len(h.Scenarios) == 0 {
		add("scenarios", "is empty: a corpus has at least one")
	}
	if h.Options.EachOnce && h.Options.Count != uint64(len(h.Scenarios)) {
		add("options.each_once", "is true, with %d iterations of %d scenarios", h.Options.Count, len(h.Scenarios))
	}
	for _, s := range h.Scenarios {
		if !isHex(s.Digest) {
			add("scenarios", "have %s with the digest %s: want hex digits", quoted(s.Name), quoted(s.Digest))
		}
	}
	return found
}

// field is a value of the manifest, and what is wrong with it.
type field struct{ name, value string }

func quoted(s string) string { return text.QuotedLine(s, 80) }

// isPrefix reports whether a runtime prefix is one that names can begin with.
func isPrefix(s string) bool {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && s != "" && strings.ToLower(s) == s
}
