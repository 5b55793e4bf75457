package match

import (
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// FromCorpus returns the segments of a corpus.
func FromCorpus(c *corpus.Corpus) Segments { return ofCorpus{c} }

type ofCorpus struct{ corpus *corpus.Corpus }

func (c ofCorpus) Segments() uint64 { return uint64(len(c.corpus.Manifest().Segments)) }

func (c ofCorpus) Seed() uint64 { return c.corpus.Manifest().Seed }

func (c ofCorpus) Iterations() (total, perSegment uint64) {
	o := &c.corpus.Manifest().Options
	return o.Count, o.SegmentIterations
}

func (c ofCorpus) Format() otlp.Format { return c.corpus.Manifest().Options.OTLPFormat() }

func (c ofCorpus) Extent(segment uint64, sig otlp.Signal) Extent {
	files := c.corpus.Manifest().Segments[segment].Files
	for i := range files {
		if f := &files[i]; f.Signal == sig.String() {
			return Extent{First: uint64(f.First), Last: uint64(f.Last), Items: f.Items, Bytes: f.Bytes}
		}
	}
	return Extent{}
}

func (c ofCorpus) NewReader() (SegmentReader, error) { return c.corpus.NewReader() }
