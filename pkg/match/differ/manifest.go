package differ

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/internal/text"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// ErrDigests says that two corpora are written in other ways, so that digests
// are different for equal content.
var ErrDigests = errors.New("the digests of their manifests say nothing of each other")

// Manifests compares two corpora by their manifests alone: what they are made
// from, then each segment and signal by its digest. What differs is counted in
// the items of the files that do. A segment of
// other iterations, the last one, is only in A or only in B. An error is ErrDigests,
// with the option by which the two are written in other ways.
func Manifests(a, b *corpus.Manifest, sideA, sideB Side) (*Result, error) {
	both := a.Seed == b.Seed
	headers := Headers(&a.Header, &b.Header)
	for i := range headers {
		if c := &headers[i]; both && slices.Contains([]string{"options.format", "options.batch_items", "options.segment_iterations"}, c.Path) {
			return nil, fmt.Errorf("%w: %s", ErrDigests, c.tell())
		}
	}
	r := &Result{A: sideA.Name, B: sideB.Name, Unread: true, Headers: headers, Scenarios: scenarios(sideA, sideB)}
	for sig := range otlp.Signal(otlp.NumSignals) {
		if a.Options.Has(sig) || b.Options.Has(sig) {
			r.Signals = append(r.Signals, sig)
		}
	}
	c := manifests{Result: r, index: make(map[groupKey]int)}
	if !both {
		r.Notes = append(r.Notes, "seeds differ: nothing is in common, and nothing but the manifests was read")
	}
	other := make(map[uint64]*corpus.SegmentInfo)
	for i := range b.Segments {
		other[b.Segments[i].FirstIteration] = &b.Segments[i]
	}
	used := make(map[uint64]bool)
	for i := range a.Segments {
		s := &a.Segments[i]
		o := other[s.FirstIteration]
		if !both || o == nil || o.Iterations != s.Iterations {
			c.side(OnlyA, s, sideA)
			continue
		}
		used[s.FirstIteration] = true
		c.segment(s, o, sideA)
	}
	for i := range b.Segments {
		if s := &b.Segments[i]; !used[s.FirstIteration] {
			c.side(OnlyB, s, sideB)
		}
	}
	r.finish()
	return r, nil
}

// manifests fills a result.
type manifests struct {
	*Result
	index map[groupKey]int

	// The segment of which the scenarios were last asked for, and what they are.
	last  *corpus.SegmentInfo
	names []string
}

// segment compares the files of a segment that both sides have.
func (c *manifests) segment(a, b *corpus.SegmentInfo, side Side) {
	for _, sig := range c.Signals {
		x, y := fileOf(a, sig), fileOf(b, sig)
		c.Items[sig][0] += x.Items
		c.Items[sig][1] += y.Items
		kind, n := Changed, max(x.Items, y.Items)
		switch {
		case x.XXH64 == y.XXH64 && *x == *y:
			continue
		case x.Records == 0:
			kind = OnlyB
		case y.Records == 0:
			kind = OnlyA
		}
		c.add(kind, sig, a, side, n, x.XXH64, y.XXH64)
	}
}

// side counts a segment that one side has.
func (c *manifests) side(kind Kind, s *corpus.SegmentInfo, side Side) {
	for _, sig := range c.Signals {
		f := fileOf(s, sig)
		if f.Records == 0 {
			continue
		}
		c.Items[sig][kind-OnlyA] += f.Items
		before, after := f.XXH64, ""
		if kind == OnlyB {
			before, after = after, before
		}
		c.add(kind, sig, s, side, f.Items, before, after)
	}
}

func (c *manifests) add(kind Kind, sig otlp.Signal, s *corpus.SegmentInfo, side Side, items uint64, before, after string) {
	c.Totals[sig][kind] += items
	if c.last != s {
		c.last, c.names = s, namesOf(s, side)
	}
	k := groupKey{kind: kind, signal: sig, whole: true}
	if len(c.names) == 1 {
		k.scenario = c.names[0]
	}
	g := groupOf(&c.Groups, c.index, k)
	g.Count += items
	g.Units++
	segment := s.Segment
	e := Example{Segment: &segment, Before: before, After: after, Place: iterationsOf(s, c.names)}
	if s.Iterations == 1 {
		e.Iteration = &s.FirstIteration
	}
	e.order.origin.Iteration = s.FirstIteration
	g.keep(e)
}

// fileOf returns the entry of a signal, which is empty where there is none.
func fileOf(s *corpus.SegmentInfo, sig otlp.Signal) *corpus.FileInfo {
	for i := range s.Files {
		if s.Files[i].Signal == sig.String() {
			return &s.Files[i]
		}
	}
	return &corpus.FileInfo{Signal: sig.String()}
}

// maxNamed is of how many iterations of a segment the scenarios are told, and
// how many of those.
const maxNamed = 4096

// namesOf returns the scenarios of a segment, each once and in order of name;
// none where it has too many iterations or nobody knows.
func namesOf(s *corpus.SegmentInfo, side Side) (names []string) {
	if side.Scenario == nil || s.Iterations > maxNamed {
		return nil
	}
	for i := range s.Iterations {
		names = append(names, side.Scenario(s.FirstIteration+i))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// iterationsOf says what is in a segment.
func iterationsOf(s *corpus.SegmentInfo, names []string) string {
	place := fmt.Sprintf("iterations %d to %d", s.FirstIteration, s.FirstIteration+s.Iterations-1)
	if s.Iterations == 1 {
		place = fmt.Sprintf("iteration %d", s.FirstIteration)
	}
	const most = 5
	switch {
	case len(names) > most:
		place += " of " + text.Counted(len(names), "scenario")
	case len(names) > 0:
		place += " of " + strings.Join(names, ", ")
	}
	return place
}

// scenarios returns the names of both sides, sorted.
func scenarios(a, b Side) []string {
	names := slices.Concat(a.Scenarios, b.Scenarios)
	slices.Sort(names)
	return slices.Compact(names)
}
