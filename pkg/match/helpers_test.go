package match_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// made returns a small corpus of several segments.
func made(t *testing.T, o otelsim.Options) *corpus.Corpus {
	t.Helper()
	if o.Count == 0 {
		o.Count = 24
	}
	if o.SegmentIterations == 0 {
		o.SegmentIterations = 8
	}
	if o.Seed == 0 {
		o.Seed = 42
	}
	return small.Corpus(t, o)
}

// message is a message of an output in a test.
type message struct {
	signal  otlp.Signal
	format  otlp.Format
	payload []byte
}

// messages returns the records of a corpus, segment by segment, signal by signal.
func messages(t *testing.T, c *corpus.Corpus) (list []message) {
	t.Helper()
	for _, r := range small.Records(t, c) {
		list = append(list, message{r.Signal, c.Manifest().Options.OTLPFormat(), r.Payload})
	}
	return list
}

func output(name string, list []message) match.Output {
	return match.Output{Name: name, Each: func(ctx context.Context, visit func(*match.Message) error) error {
		for i := range list {
			m := &match.Message{Signal: list[i].signal, Format: list[i].format, Payload: slices.Clone(list[i].payload)}
			if err := visit(m); err != nil {
				return err
			}
		}
		return nil
	}}
}

// tally is a judge that counts.
type tally struct {
	mu sync.Mutex
	counts
	last  uint64
	ended int
	lines []string
	each  func(*match.Unit) error
}

type counts struct{ lost, duplicated, altered, elsewhere, madeUp, exact int }

type segmentTally struct {
	*tally
	counts
	segment uint64
	lines   []string
}

func (j *tally) Begin(segment uint64) match.SegmentJudge {
	return &segmentTally{tally: j, segment: segment}
}

func (j *tally) End(segment uint64, s match.SegmentJudge) error {
	x := s.(*segmentTally)
	if j.ended > 0 && segment <= j.last {
		return fmt.Errorf("segment %d ends after %d", segment, j.last)
	}
	j.last = segment
	j.ended++
	j.lost += x.counts.lost
	j.duplicated += x.counts.duplicated
	j.altered += x.counts.altered
	j.elsewhere += x.counts.elsewhere
	j.madeUp += x.counts.madeUp
	j.exact += x.counts.exact
	j.lines = append(j.lines, x.lines...)
	return nil
}

func (s *segmentTally) Take(u *match.Unit) error {
	note := func(what string, it *match.Item, more ...any) {
		s.lines = append(s.lines, fmt.Sprintf("%s segment %d lap %d %s %x %x %d %v", what, u.Segment, u.Lap, u.Signal, it.TraceID, it.SpanID, it.Time, more))
	}
	for _, p := range u.Pairs {
		if len(p.Copies) == 0 {
			s.counts.lost++
			note("lost", &p.Sent.Item)
			continue
		}
		s.counts.duplicated += len(p.Copies) - 1
		for range len(p.Copies) - 1 {
			note("duplicated", &p.Sent.Item)
		}
		switch c := p.Copies[0]; {
		case c.Digest != p.Sent.Digest || !c.Metric.Same(p.Sent.Metric):
			s.counts.altered++
			note("altered", &p.Sent.Item)
		case !c.Resource.Same(p.Sent.Resource) || !c.Scope.Same(p.Sent.Scope):
			s.counts.elsewhere++
			note("elsewhere", &p.Sent.Item)
		default:
			s.counts.exact++
		}
	}
	for _, r := range u.MadeUp {
		s.counts.madeUp++
		note("made up", &r.Item, r.Output, r.Message, r.Position)
	}
	if s.each != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.each(u)
	}
	return nil
}

func check(t *testing.T, o match.Options) (*tally, *match.Summary) {
	t.Helper()
	j := new(tally)
	o.TempDir = t.TempDir()
	s, err := match.Check(t.Context(), o, j)
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}
