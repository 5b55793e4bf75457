package privacy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"unicode"
)

// renamer gives words new ones by a keyed hash: the same word gets the same new one
// everywhere, and with the same key in every capture, unless two words would get the
// same: then the one that came later gets another.
type renamer struct {
	key    []byte
	public *Vocabulary
	stays  map[string]bool
	new    map[string]string // by word, in lower case
	taken  map[string]bool
}

func newRenamer(key []byte, public *Vocabulary) *renamer {
	r := &renamer{key: key, public: public, stays: make(map[string]bool), new: make(map[string]string), taken: make(map[string]bool)}
	for _, text := range strings.Fields(strings.ToLower(protocolWords)) {
		r.stays[text] = true
		eachWord(text, func(w string) { r.stays[w] = true })
	}
	return r
}

// name returns a text with new words in the place of its own. Numbers, words of
// protocols and what is between words stay, and so do names and members of registries;
// their examples do not, since the same word gets the same new one wherever it is.
func (r *renamer) name(text string) string {
	if r.public.fixed[strings.ToLower(text)] || standsIn(text) {
		return text
	}
	var b strings.Builder
	rest := text
	eachWord(text, func(w string) {
		at := strings.Index(rest, w)
		b.WriteString(rest[:at])
		b.WriteString(r.word(w))
		rest = rest[at+len(w):]
	})
	return b.String() + rest
}

func (r *renamer) word(w string) string {
	lower := strings.ToLower(w)
	if r.stays[lower] || len(w) < 3 || !strings.ContainsFunc(w, unicode.IsLetter) {
		return w
	}
	out, ok := r.new[lower]
	for try := uint64(0); !ok; try++ {
		if out = r.draw(lower, try); !r.taken[out] && !r.public.Has(out) {
			r.taken[out], r.new[lower], ok = true, out, true
		}
	}
	return like(w, out)
}

// draw returns two words of the dictionary as one.
func (r *renamer) draw(w string, try uint64) string {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(w)) // a hash never fails
	h.Write(binary.BigEndian.AppendUint64([]byte{0}, try))
	sum := h.Sum(nil)
	first := binary.BigEndian.Uint64(sum[:8]) % uint64(len(adjectives))
	second := binary.BigEndian.Uint64(sum[8:16]) % uint64(len(nouns))
	return adjectives[first] + nouns[second]
}

// like writes a new word with the capitals of the old one.
func like(old, word string) string {
	first := []rune(old)[0]
	switch {
	case old == strings.ToUpper(old):
		return strings.ToUpper(word)
	case unicode.IsUpper(first):
		return strings.ToUpper(word[:1]) + word[1:]
	}
	return word
}
