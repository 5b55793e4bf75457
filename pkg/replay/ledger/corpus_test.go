package ledger

import (
	"errors"
	"strings"
	"testing"
)

func TestLedgersOfAnotherCorpusAreTold(t *testing.T) {
	ours := *header.Corpus
	if err := header.Of(&ours); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(c *Corpus){
		"the ledger is of another corpus: seed 18446744073709551615, this one has 42":             func(c *Corpus) { c.Seed = 42 },
		"the ledger is of another corpus: revision 4, this one has 5":                             func(c *Corpus) { c.Revision = 5 },
		"the ledger is of another corpus: iterations 100, this one has 10":                        func(c *Corpus) { c.Iterations = 10 },
		"the ledger is of another corpus: segment_iterations 16, this one has 8":                  func(c *Corpus) { c.SegmentIterations = 8 },
		"the ledger is of another corpus: plan_digest \"abababababab\"..., this one has \"ffff\"": func(c *Corpus) { c.PlanDigest = "ffff" },
		"the ledger is of another corpus: one of the same seed and scenarios, with other options": func(c *Corpus) { c.Header = "" },
	} {
		c := ours
		change(&c)
		if err := header.Of(&c); !errors.Is(err, ErrOther) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if err := (&Header{}).Of(&ours); !errors.Is(err, ErrOther) {
		t.Errorf("a capture: got %v", err)
	}
}

func TestShardsBelongTogether(t *testing.T) {
	of := func(shard string) *Header { h := header; h.Shard = shard; return &h }
	other := of("2/3")
	other.Corpus = &Corpus{Seed: 1}
	original := of("2/3")
	original.Time = TimeOriginal
	for _, c := range []struct {
		all     []*Header
		missing uint64
		says    string
	}{
		{nil, 0, ""},
		{[]*Header{of("")}, 0, ""},
		{[]*Header{of("1/3")}, 2, ""},
		{[]*Header{of("2/3"), of("0/3"), of("1/3")}, 0, ""},
		{[]*Header{of(""), of("")}, 0, "both of shard 0/1"},
		{[]*Header{of("1/3"), of("0/3"), of("1/3")}, 0, "ledgers 1 and 3 are both of shard 1/3"},
		{[]*Header{of("1/3"), of("0/2")}, 0, "those before of 3"},
		{[]*Header{of("1/3"), other}, 0, "ledger 2: the ledger is of another corpus: seed 1"},
		{[]*Header{of("1/3"), original}, 0, "ledger 2 is of another replay"},
	} {
		err := Together(c.all)
		if (err != nil) != (c.says != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("got %v, want %q", err, c.says)
		}
		if got := Missing(c.all); err == nil && got != c.missing {
			t.Errorf("%d missing, want %d", got, c.missing)
		}
	}
}
