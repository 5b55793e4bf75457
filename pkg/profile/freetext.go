package profile

import (
	"slices"
	"strings"
	"unicode"

	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// Text that people or programs write in words is told apart from other values, since what
// is learnt of data has other text in its place: by the key, or by how it looks.

// FreeText reports whether a key is for text that people or programs write in words:
// messages, statements, contents, reasons. Its values are never said.
func FreeText(key string) bool {
	k := strings.ToLower(key)
	parts := KeyWords(key)
	if len(parts) == 0 {
		return false
	}
	last := parts[len(parts)-1]
	switch {
	case k == "db.query.summary":
		return false // it is what spans are called
	case slices.Contains(freeWords, last), slices.Contains(freeWholes, k), strings.HasSuffix(k, "query.text"):
		return true
	case strings.HasPrefix(k, "exception.") && k != "exception.type" && k != "exception.escaped":
		return true
	}
	for _, part := range freeStarts {
		if strings.HasPrefix(k, part) || strings.Contains(k, "."+part) {
			return true
		}
	}
	return false
}

// KeyWords returns the words of a key in lower case, however it joins them: user.id, user-id,
// userId and UserID are of the same two.
func KeyWords(key string) (words []string) {
	runes, begin := []rune(key), 0
	end := func(at int) {
		if at > begin {
			words = append(words, strings.ToLower(string(runes[begin:at])))
		}
	}
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			begin = i + 1
		case i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end(i)
			begin = i
		}
	}
	end(len(runes))
	return words
}

// freeWords are last words of keys of free text.
var freeWords = strings.Fields(`message messages statement stacktrace stack prompt prompts completion completions content contents body description
reason reasoning explanation comment comments note notes text title subject summary sql instructions arguments answer question utterance details detail payload
command_line cmdline command_args`)

// freeWholes are keys of free text of which the last word does not say it.
var freeWholes = strings.Fields(`url.full url.query http.url http.target http.user_agent user_agent.original db.query.text process.command
process.command_line browser.user_agent gen_ai.tool.call.result gen_ai.tool.definitions url.fragment feature_flag.error.message url.original
process.command_args log.record.original`)

// freeStarts are what keys begin with that carry whatever somebody sent.
var freeStarts = strings.Fields(`http.request.header. http.response.header. rpc.grpc.request.metadata. rpc.grpc.response.metadata.
rpc.request.metadata. rpc.response.metadata. db.query.parameter. db.operation.parameter. db.query.parameters. gen_ai.prompt. gen_ai.completion.`)

const (
	maxLook    = 64 // bytes: what is longer looks like text
	freeFields = 3  // words with spaces between them: what has more or as many looks like text
)

// LooksFree reports whether a value looks like something that was written in words.
func LooksFree(value string) bool {
	return len(value) > maxLook || len(strings.Fields(value)) >= freeFields
}

// MostLookFree reports whether more than half of what values were counted in looks like text.
func MostLookFree(values *sketch.Values) bool {
	var free, all uint64
	for _, x := range values.Kept() {
		if all += x.Count; LooksFree(x.Text) {
			free += x.Count
		}
	}
	return free > all/2
}
