package endpoint

import (
	"strings"

	"github.com/otelsim/otelsim/internal/text"
)

// maxShown is how much of an endpoint is shown, in bytes.
const maxShown = 200

// redact returns an endpoint as it may be shown: who passes a user, a password
// or a token in it does not want to read that in logs and reports. It looks at
// the text alone, since what cannot be parsed is shown too:
//
//	http://user:secret@host/path?key=secret  ->  http://...@host/path?...
func redact(e string) string {
	scheme, rest := "", e
	if i := strings.Index(e, "://"); i >= 0 {
		scheme, rest = e[:i+3], e[i+3:]
	}
	at := strings.LastIndexByte(rest, '@')
	if end := strings.IndexAny(rest, "?#"); end >= 0 {
		if at > end {
			// A password with a question mark, or a query with an @: nobody knows.
			return text.Line(scheme, maxShown) + "..."
		}
		rest = rest[:end+1] + "..."
	}
	if at >= 0 {
		rest = "..." + rest[at:]
	}
	return text.Line(scheme+rest, maxShown)
}
