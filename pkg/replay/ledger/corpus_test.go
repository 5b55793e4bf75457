package ledger

import (
	"errors"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
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

// A corpus is the same whether it was written or is to be made, and another with
// any other option.
func TestACorpusIsKnownByAllThatItIsMadeFrom(t *testing.T) {
	identity := func(change func(h *corpus.Header)) Corpus {
		h := corpus.Header{FormatVersion: 1, Seed: 42, Options: corpus.Options{Count: 9, Signals: []string{"traces"}}, Scenarios: []corpus.Scenario{{Name: "a"}}}
		change(&h)
		c, err := CorpusOf(&h)
		if err != nil {
			t.Fatal(err)
		}
		return *c
	}
	one := identity(func(*corpus.Header) {})
	if identity(func(h *corpus.Header) { h.FormatVersion = 0 }) != one {
		t.Error("a corpus that is to be made is another than the one that was")
	}
	for what, change := range map[string]func(h *corpus.Header){
		"prefix":      func(h *corpus.Header) { h.Prefix = "x" },
		"format":      func(h *corpus.Header) { h.Options.Format = "json" },
		"signals":     func(h *corpus.Header) { h.Options.Signals = nil },
		"temporality": func(h *corpus.Header) { h.Options.Temporality = "delta" },
		"scenarios":   func(h *corpus.Header) { h.Scenarios = nil },
	} {
		if identity(change) == one {
			t.Errorf("a corpus of other %s is the same", what)
		}
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
