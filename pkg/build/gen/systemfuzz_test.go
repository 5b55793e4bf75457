package gen_test

import (
	"math/rand/v2"
	"os"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// FuzzSystems compiles what the reader takes, and makes sessions of it, which stay
// within their worst case.
func FuzzSystems(f *testing.F) {
	if data, err := os.ReadFile("../scenario/testdata/systems/shop.yaml"); err == nil {
		f.Add(string(data))
	}
	f.Add(statistical)
	f.Add(asking)
	f.Add(spanValues)
	for seed := range uint64(6) {
		f.Add(randomSystem(rand.New(rand.NewPCG(seed, 1))))
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := compileSystem(text)
		if err != nil || len(p.Scenarios) != 1 || p.Scenarios[0].System == nil {
			return
		}
		s := p.Scenarios[0]
		if s.MaxSpans > 2000 || s.Requests() > 20 {
			return // it takes too long
		}
		g, err := gen.New(p, gen.Config{Seed: 1, Count: 4, SegmentIterations: 4, Start: 1e18, Interval: 5e8})
		if err != nil {
			return // its times are too long for a run
		}
		tr := &otlp.Traces{Strings: p.Strings}
		for i := range uint64(4) {
			bytes := uint64(0)
			if err := g.Iteration(i, tr, func() error {
				spans := map[otlp.TraceID]int{}
				for k := range tr.Spans {
					x := &tr.Spans[k]
					if spans[x.TraceID]++; spans[x.TraceID] > s.MaxSpans || x.End < x.Start || x.End-1e18 > 4*5e8+s.MaxDuration {
						t.Fatalf("%d spans, at most %d; span [%d, %d]", spans[x.TraceID], s.MaxSpans, x.Start, x.End)
					}
				}
				var block otlp.Block
				err := (&otlp.Encoder{Format: otlp.FormatJSON}).AppendRecord(&block, tr)
				bytes += uint64(len(block.Data))
				tr.Reset()
				return err
			}); err != nil {
				t.Fatal(err)
			}
			if bytes > s.MaxBytes {
				t.Fatalf("%d bytes, at most %d were expected", bytes, s.MaxBytes)
			}
		}
	})
}
