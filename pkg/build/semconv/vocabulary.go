package semconv

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// Vocabulary says how what the product knows of a span is called: a section of
// the file. Files without it have the vendor's names.
type Vocabulary struct {
	Every   []string // known names of what every span carries, in this order
	renamed []renamed
	without []string
}

// renamed is a known name and what the file calls it.
type renamed struct{ known, name string }

// vendorEvery is what every span carries where the file does not say.
var vendorEvery = []string{"span.class", "session.id", "gen_ai.conversation.id", "tenant.id", "request.id"}

// Renamed returns what the vocabulary calls an attribute that the product knows,
// in the file's spelling. Without ok it goes by its known name.
func (c *Conventions) Renamed(known string) (name string, ok bool) {
	for _, r := range c.Vocabulary.renamed {
		if r.known == known {
			return r.name, true
		}
	}
	return "", false
}

// Known is the way back: by what name the product knows an attribute of the file.
func (c *Conventions) Known(name string) string {
	key := c.key(name)
	for _, r := range c.Vocabulary.renamed {
		if c.key(r.name) == key {
			return r.known
		}
	}
	bare, _ := c.Bare(name)
	return bare
}

// LeavesOut reports whether spans of a type do without an attribute that the
// product knows.
func (c *Conventions) LeavesOut(spanType, known string) bool {
	if slices.Contains(c.Vocabulary.without, known) {
		return true
	}
	s, ok := c.Span(spanType)
	return ok && slices.Contains(s.without, known)
}

// vocabulary reads the section.
func (r *parser) vocabulary(m input.Map) {
	v := &r.c.Vocabulary
	v.Every = vendorEvery
	section, ok := m.Map("vocabulary", "every_span", "names", "without")
	if !ok {
		return
	}
	if section.Has("every_span") {
		v.Every = r.known(section, "every_span")
	}
	v.without = r.known(section, "without")
	names, _ := section.Map("names")
	for _, e := range names.Entries() {
		name, ok := e.Value.Str(r.p)
		switch {
		case !slices.Contains(vocab.Attributes(), e.Key):
			e.Name.Fail(r.p, "%s", input.Unknown("attribute of the product", e.Key, vocab.Attributes()))
		case !ok:
		case strings.TrimSpace(name) == "":
			e.Value.Fail(r.p, "empty")
		case !vocab.Renamable(e.Key):
			e.Name.Fail(r.p, "%s has this name in every vocabulary", input.Quote(e.Key))
		case !vocab.Free(e.Key, name):
			e.Value.Fail(r.p, "%s stands for something else in every vocabulary", input.Quote(name))
		case slices.Contains(v.without, e.Key):
			e.Name.Fail(r.p, "vocabulary.without leaves %s out", input.Quote(e.Key))
		case slices.ContainsFunc(v.renamed, func(x renamed) bool { return r.c.key(x.name) == r.c.key(name) }):
			e.Value.Fail(r.p, "%s stands for another attribute already", input.Quote(name))
		default:
			v.renamed = append(v.renamed, renamed{e.Key, name})
		}
	}
	for _, known := range v.Every {
		if slices.Contains(v.without, known) {
			section.Fail("without", "%s is what every span carries", known)
		}
	}
}

// known reads a list of attributes that the product knows.
func (r *parser) known(m input.Map, key string) []string {
	var out []string
	for _, item := range m.List(key) {
		name, ok := item.Str(r.p)
		switch {
		case !ok:
		case !slices.Contains(vocab.Attributes(), name):
			item.Fail(r.p, "%s", input.Unknown("attribute of the product", name, vocab.Attributes()))
		case slices.Contains(out, name):
			item.Fail(r.p, "%s stands there twice", input.Quote(name))
		default:
			out = append(out, name)
		}
	}
	return out
}

// checkTypes finds span types that are misspelt: nothing would ever make spans of
// them, and those that were meant would be undefined.
func (r *parser) checkTypes() {
	var missing []string
	for _, t := range vocab.All() {
		if _, ok := r.c.Span(t.Name); !ok {
			missing = append(missing, t.Name)
		}
	}
	for _, s := range r.c.Spans {
		if _, ok := vocab.Find(s.Bare); ok {
			continue
		}
		if near, ok := text.Nearest(s.Bare, missing); ok {
			r.p.Errorf(s.Pos, "span_names.%s: unknown span type; did you mean %q?", s.Name, strings.TrimSuffix(s.Name, s.Bare)+near)
		}
	}
}
