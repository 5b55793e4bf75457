package match_test

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

func TestWhatArrivesWholeIsFoundWhole(t *testing.T) {
	c := made(t, otelsim.Options{})
	sent := messages(t, c)
	j, s := check(t, match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", sent)}, Workers: 2})
	total := 0
	for i, f := range c.Manifest().Totals {
		total += int(f.Items)
		if s.Sent[i] != f.Items || s.Received[i] != f.Items {
			t.Errorf("%s: %d sent and %d received, want %d", f.Signal, s.Sent[i], s.Received[i], f.Items)
		}
	}
	if want := (counts{exact: total}); j.counts != want {
		t.Errorf("got %+v, want %+v\n%.400v", j.counts, want, j.lines)
	}
	if len(s.Undecided) > 0 || s.Laps != 1 {
		t.Errorf("got %+v", s)
	}
}
