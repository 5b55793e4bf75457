package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// newConformance returns what checks records against the conventions that are
// in the corpus, or nil when it has none that can be read: that is something
// for the rest of the verification to complain of.
func newConformance(dir string) func() corpus.Check {
	data, err := os.ReadFile(filepath.Join(dir, corpus.ManifestFile))
	if err != nil {
		return nil
	}
	m, err := corpus.ParseManifest(data)
	if err != nil {
		return nil
	}
	var p input.Problems
	conventions := semconv.Parse(readFile(filepath.Join(dir, corpus.ConventionsFile), &p), &p)
	if conventions == nil || p.Errors() > 0 {
		return nil
	}
	dictionary := conventions.Dictionary(m.Prefix)
	return func() corpus.Check {
		c := &conformance{
			conventions: conventions, dictionary: dictionary, prefix: m.Prefix,
			known: make(map[place]semconv.Attribute),
		}
		return c.check
	}
}

// conformance checks the values of attributes for one worker.
type conformance struct {
	conventions *semconv.Conventions
	dictionary  *semconv.Dictionary
	prefix      string
	known       map[place]semconv.Attribute // a corpus has few places and many spans
}

// place is where an attribute stands.
type place struct{ span, attribute string }

// check reports every text that is not among the values which the conventions
// allow where it stands.
func (c *conformance) check(t *otlp.Traces, report func(span int, text string)) {
	for i := range t.Spans {
		s := &t.Spans[i]
		name := t.Strings.String(s.Name)
		for _, attr := range t.Attrs[s.Attrs.Start:s.Attrs.End] {
			var value string
			switch attr.Kind {
			case otlp.KindString:
				value = t.Strings.String(otlp.StringID(attr.Word))
			case otlp.KindText:
				r := otlp.UnpackRange(attr.Word)
				value = string(t.Text[r.Start:r.End])
			default:
				continue
			}
			key := t.Strings.String(attr.Key)
			if def := c.lookup(place{name, key}); !def.Allows(value) {
				report(i, fmt.Sprintf("%s is %s, which the conventions do not allow", key, input.Quote(value)))
			}
		}
	}
}

// maxPlaces bounds what a hostile corpus can make known.
const maxPlaces = 100_000

// lookup returns the definition for a place; one without allows everything.
func (c *conformance) lookup(at place) semconv.Attribute {
	def, ok := c.known[at]
	if !ok {
		bare, _ := c.conventions.Bare(at.span, c.prefix)
		def, _ = c.dictionary.OnSpan(bare, at.attribute)
		if len(c.known) < maxPlaces {
			c.known[at] = def
		}
	}
	return def
}
