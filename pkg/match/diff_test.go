package match_test

import (
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
