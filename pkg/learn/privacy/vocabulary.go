package privacy

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/otelsim/otelsim/pkg/build/registry"
)

// Vocabulary is texts that are public, whoever writes them. Case does not matter.
type Vocabulary struct {
	texts map[string]bool // whole ones, in lower case
	words map[string]bool // of them, in lower case
	fixed map[string]bool // whole ones that no new names are given: those of standards
	lists map[string]bool // keys of attributes that are lists of texts
}

// NewVocabulary returns one of texts, together with the words of the tool.
func NewVocabulary(texts ...string) *Vocabulary {
	v := &Vocabulary{texts: make(map[string]bool), words: make(map[string]bool), fixed: make(map[string]bool), lists: make(map[string]bool)}
	for _, t := range strings.Fields(protocolWords) {
		v.addFixed(t)
	}
	for _, t := range strings.Fields(languageWords) {
		v.Add(t)
	}
	for _, t := range texts {
		v.Add(t)
	}
	return v
}

// Bundled returns that of the bundled registries of semantic conventions: the names that
// they define, the members of their enumerations and their examples.
func Bundled() *Vocabulary { return Registered(registry.Bundled()) }

// Registered returns that of a registry of semantic conventions.
func Registered(r *registry.Registry) *Vocabulary {
	v := NewVocabulary()
	for _, a := range r.Attributes {
		v.addFixed(a.Key)
		v.lists[a.Key] = a.Type.Array && a.Type.Base == registry.String
		for _, m := range a.Type.Members {
			v.addFixed(m.Value)
		}
		for _, e := range a.Examples {
			v.addValue(e)
		}
	}
	for _, s := range r.Spans {
		v.addFixed(s.Type)
	}
	for _, m := range r.Metrics {
		v.addFixed(m.Name)
		v.addFixed(m.Unit)
	}
	for _, e := range r.Events {
		v.addFixed(e.Name)
	}
	for _, e := range r.Entities {
		v.addFixed(e.Type)
	}
	return v
}

func (v *Vocabulary) addValue(e registry.Value) {
	v.Add(e.Text)
	for _, item := range e.List {
		v.addValue(item)
	}
}

// Add adds a text, and its words. An empty one is none.
func (v *Vocabulary) Add(text string) {
	if text == "" {
		return
	}
	text = strings.ToLower(text)
	v.texts[text] = true
	eachWord(text, func(w string) { v.words[w] = true })
}

// addFixed adds a text of a standard.
func (v *Vocabulary) addFixed(text string) {
	v.Add(text)
	v.fixed[strings.ToLower(text)] = true
}

// Has reports whether a text is public as a whole.
func (v *Vocabulary) Has(text string) bool { return v.texts[strings.ToLower(text)] || standsIn(text) }

// HasWord reports whether a word is one of a public text.
func (v *Vocabulary) HasWord(word string) bool {
	word = strings.ToLower(word)
	return v.texts[word] || v.words[word]
}

// eachWord calls visit with the words of a text: what there is between all that is
// neither letter nor digit.
func eachWord(text string, visit func(word string)) {
	begin := -1
	for i, r := range text {
		switch in := wordy(r); {
		case in && begin < 0:
			begin = i
		case !in && begin >= 0:
			visit(text[begin:i])
			begin = -1
		}
	}
	if begin >= 0 {
		visit(text[begin:])
	}
}

func wordy(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}
