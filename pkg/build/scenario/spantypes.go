package scenario

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// bareType removes a namespace from a span type. Some bare names begin with
// what looks like a namespace (a2a.call), so the whole name is tried first.
func bareType(name string, prefixes []string) (string, bool) {
	if _, ok := vocab.Find(name); ok {
		return name, true
	}
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(name, prefix+"."); ok {
			if _, ok := vocab.Find(rest); ok {
				return rest, true
			}
		}
	}
	return "", false
}
