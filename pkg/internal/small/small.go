// Package small makes small corpora for tests, in memory, and takes them apart.
package small

import (
	"bytes"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// Corpus makes a corpus.
func Corpus(t testing.TB, o otelsim.Options) *corpus.Corpus {
	t.Helper()
	plan, err := otelsim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := plan.Memory()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Record is a record of a corpus. Its payload has memory of its own.
type Record struct {
	Segment uint64
	Signal  otlp.Signal
	Number  uint64 // in the segment's file of the signal, from 0
	Payload []byte
}

// Records returns all records, segment by segment, and in a segment signal by signal.
func Records(t testing.TB, c *corpus.Corpus) (all []Record) {
	t.Helper()
	o := &c.Manifest().Options
	for segment := range c.Manifest().Segments {
		for _, sig := range o.OTLPSignals() {
			data, err := c.ReadSegment(uint64(segment), sig)
			if err != nil {
				t.Fatal(err)
			}
			for n := uint64(0); len(data) > 0; n++ {
				payload, rest, err := otlp.NextFrame(data, o.OTLPFormat())
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, Record{uint64(segment), sig, n, bytes.Clone(payload)})
				data = rest
			}
		}
	}
	return all
}
