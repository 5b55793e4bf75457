package match_test

import (
	"context"
	"errors"
	"testing"

	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func diff(t *testing.T, a, b []message) (*tally, *match.Summary) {
	t.Helper()
	j := new(tally)
	s, err := match.Diff(t.Context(), match.DiffOptions{
		A: []match.Output{output("a", a)}, B: []match.Output{output("b", b)}, Workers: 2, TempDir: t.TempDir(),
	}, j)
	if err != nil {
		t.Fatal(err)
	}
	return j, s
}

func TestACorpusIsThatInTheOtherFormat(t *testing.T) {
	a := messages(t, made(t, otelsim.Options{SegmentIterations: 1000}))
	b := messages(t, made(t, otelsim.Options{SegmentIterations: 1000, Format: otelsim.JSON}))
	j, s := diff(t, a, b)
	if want := (counts{exact: int(s.Sent[0] + s.Sent[1] + s.Sent[2])}); j.counts != want || s.Sent != s.Received {
		t.Errorf("got %+v, want %+v\n%.400v", j.counts, want, j.lines)
	}
}

// Whichever side cannot be read, its error is the answer.
func TestASideThatCannotBeRead(t *testing.T) {
	bad := errors.New("cannot be read")
	broken := match.Output{Name: "broken", Each: func(context.Context, func(*match.Message) error) error { return bad }}
	for _, o := range []match.DiffOptions{
		{A: []match.Output{broken}, B: []match.Output{output("b", nil)}},
		{A: []match.Output{output("a", nil)}, B: []match.Output{broken}},
	} {
		o.TempDir, o.Workers = t.TempDir(), 1
		if s, err := match.Diff(t.Context(), o, new(tally)); !errors.Is(err, bad) || s != nil {
			t.Errorf("got %v, %v", s, err)
		}
	}
}
