package match_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/replay"
)

// arrivedAt is an output of which everything arrived at one time.
func arrivedAt(at int64, list []message) match.Output {
	o := output("out", list)
	each := o.Each
	o.Each = func(ctx context.Context, visit func(*match.Message) error) error {
		return each(ctx, func(m *match.Message) error {
			m.Arrived = at
			return visit(m)
		})
	}
	return o
}

func TestTheLedgerOfAnotherRunDecidesNothing(t *testing.T) {
	c := made(t, otelsim.Options{})
	run := func(original bool) ([]message, entries) {
		return replayed(t, c, replay.Options{Original: original, Pacer: replay.Unpaced{}})
	}
	moved, ofMoved := run(false)
	_, ofAgain := run(false)
	same, ofSame := run(true)
	const began = 1e18
	for i := range ofSame {
		ofSame[i].Run = began
	}
	other := messages(t, made(t, otelsim.Options{Seed: 43}))
	withOther := append(slices.Clone(same), other...)
	first := slices.IndexFunc(moved, func(m message) bool { return m.signal != otlp.SignalMetrics })
	only := moved[first : first+1]
	for _, test := range []struct {
		name   string
		out    match.Output
		ledger match.Ledger
		want   string
	}{
		{"its own", output("out", moved), ofMoved, ""},
		{"of a run at another time", output("out", moved), ofAgain, "has the times that the ledger says"},
		{"of a run that moved no times", output("out", moved), ofSame, "has the times that the ledger says"},
		{"of a run that moved times", output("out", same), ofMoved, "has the times that the ledger says"},
		{"its own, of which little arrived", output("out", only), ofMoved, ""},
		{"of a run that began later", arrivedAt(began-1, same), ofSame, "before the run of the ledger began, by 0s"},
		{"of a run that began before", arrivedAt(began+1, same), ofSame, ""},
		{"none, another corpus", output("out", other), nil, "no span and no log record"},
		{"another corpus's", output("out", other), ofSame, "no span and no log record"},
		{"its own, with another corpus", output("out", withOther), ofSame, ""},
	} {
		o := match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{test.out}, Ledger: test.ledger, Workers: 2, TempDir: t.TempDir()}
		_, s := check(t, o)
		got := strings.Join(s.Undecided, "; ")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
