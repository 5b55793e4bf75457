package sink

import (
	"math"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func TestLedgerBalances(t *testing.T) {
	a, b, c, x := key{1, 1}, key{2, 2}, key{3, 3}, key{9, 9}
	rows := []struct {
		why     string
		want    []key
		receive []key
		balance Balance
		exact   bool
	}{
		{"nothing of nothing", nil, nil, Balance{}, true},
		{"each once", []key{a, b, c}, []key{c, a, b}, Balance{Expected: 3, Received: 3}, true},
		{"equal items are counted", []key{a, a}, []key{a, a}, Balance{Expected: 2, Received: 2}, true},
		{"one missing", []key{a, b}, []key{b}, Balance{Expected: 2, Received: 1, Missing: 1}, false},
		{"one twice", []key{a, b}, []key{a, b, a}, Balance{Expected: 2, Received: 3, Duplicated: 1}, false},
		{"one missing, another twice: the sums agree", []key{a, b}, []key{a, a}, Balance{Expected: 2, Received: 2, Missing: 1, Duplicated: 1}, false},
		{"one of two equal ones missing", []key{a, a}, []key{a}, Balance{Expected: 2, Received: 1, Missing: 1}, false},
		{"one that nobody expects, twice", []key{a}, []key{a, x, x}, Balance{Expected: 1, Received: 3, Unexpected: 2}, false},
	}
	for _, r := range rows {
		l := NewLedger()
		l.expect(otlp.SignalLogs, r.want)
		l.receive(otlp.SignalLogs, r.receive)
		got := l.Balance()
		if got[otlp.SignalLogs] != r.balance || got[otlp.SignalLogs].Exact() != r.exact {
			t.Errorf("%s: got %+v, want %+v", r.why, got[otlp.SignalLogs], r.balance)
		}
		if got[otlp.SignalTraces] != (Balance{}) {
			t.Errorf("%s: another signal has %+v", r.why, got[otlp.SignalTraces])
		}
	}
}

func TestUnreadableRecordIsNotExpected(t *testing.T) {
	l := NewLedger()
	good := marshal(t, logsOf(1, "x"))
	if err := l.Expect(otlp.SignalLogs, otlp.FormatProto, append(good, 0x80)); err == nil {
		t.Error("no error")
	}
	if got := l.Balance(); got[otlp.SignalLogs] != (Balance{}) {
		t.Errorf("got %+v", got)
	}
}

func TestBehaviourIsAFunctionOfSeedAndNumber(t *testing.T) {
	b := Behaviour{Seed: 7, Throttle: 0.1, Fail: 0.2, Partial: 0.05, PartialItems: 1, Hang: 0.01, Cut: 0.04}
	const n = 100_000
	count := map[action]float64{}
	for i := range uint64(n) {
		act := b.decide(i)
		if again := b.decide(i); again != act {
			t.Fatalf("request %d: %v, then %v", i, act, again)
		}
		count[act]++
	}
	for act, p := range map[action]float64{accept: 0.6, throttle: 0.1, fail: 0.2, partial: 0.05, hang: 0.01, cut: 0.04} {
		// Six standard deviations of a binomial count.
		if tolerance := 6 * math.Sqrt(n*p*(1-p)); math.Abs(count[act]-n*p) > tolerance {
			t.Errorf("action %d: %v of %d, want %v within %v", act, count[act], n, n*p, tolerance)
		}
	}
	other := b
	other.Seed = 8
	same := 0
	for i := range uint64(1000) {
		if b.decide(i) == other.decide(i) {
			same++
		}
	}
	if same > 600 { // 0.6^2 + 0.2^2 + ... is 41 %
		t.Errorf("another seed decides alike %d times of 1000", same)
	}
	all := Behaviour{Fail: 1}
	for i := range uint64(1000) {
		if all.decide(i) != fail {
			t.Fatalf("request %d of a share of 1 is spared", i)
		}
	}
}

func TestBehaviourThatCannotBe(t *testing.T) {
	for _, b := range []Behaviour{
		{Fail: -0.1}, {Cut: 1.1}, {Hang: math.NaN()}, {Fail: 0.6, Throttle: 0.6},
		{Partial: 0.5}, {Delay: -1}, {RetryAfter: -time.Second},
	} {
		if _, err := Start(Options{Behaviour: b}); err == nil {
			t.Errorf("%+v: no error", b)
		}
	}
}
