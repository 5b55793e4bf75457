package privacy

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/profile"
)

// codeKeys are the keys of codes of failures.
var codeKeys = []string{
	"error.type", "db.response.status_code", "http.response.status_code", "http.status_code",
	"rpc.grpc.status_code", "rpc.response.status_code", "rpc.status_code",
}

// isCode reports whether a value of a key is a code of a failure. Digits of it are no id.
func isCode(key, text string) bool { return slices.Contains(codeKeys, key) && profile.IsCode(text) }

// Outcome returns what so many traces failed with, as what is learnt says it; false: it may
// not be said. A code of a failure is no id, for all its digits.
func (p *Policy) Outcome(text string, traces uint64) (string, bool) {
	if profile.IsCode(text) && p.Enough(traces) {
		return p.rename(text), true
	}
	return p.Name(text, traces)
}
