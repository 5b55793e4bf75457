package judge

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/match/rules"
)

// held returns what is found of units, a segment each, by the rules of a file.
func held(t *testing.T, file string, o Options, units ...*match.Unit) *Result {
	t.Helper()
	var err error
	if o.Rules, err = rules.Load("rules.yaml", []byte(file)); err != nil {
		t.Fatal(err)
	}
	o.Outputs = []string{"out"}
	r := New(o)
	var sum match.Summary
	for i, u := range units {
		s := r.Begin(uint64(i))
		sum.Sent[u.Signal] += uint64(len(u.Pairs))
		sum.Received[u.Signal] += uint64(len(u.Pairs))
		if err := errors.Join(s.Take(u), r.End(uint64(i), s)); err != nil {
			t.Fatal(err)
		}
	}
	return r.Result(&sum)
}

// kindsOf returns the kinds of the findings that count.
func kindsOf(r *Result) (list []string) {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Violates() {
			list = append(list, f.Kind)
		}
	}
	return list
}

// TestAllowed: what rules allow is no finding, and without them it is one.
func TestAllowed(t *testing.T) {
	for _, row := range []struct {
		rule, kind string
		u          func(u *match.Unit)
	}{
		{"duplicates", KindDuplicated, func(u *match.Unit) { arrive(u, 1) }},
		{"reorder", KindReordered, func(u *match.Unit) { u.Pairs[0].Copies[0].Position = 9 }},
		{"split", KindSplit, func(u *match.Unit) { u.Pairs[2].Copies[0].Message = 9 }},
	} {
		u := whole(1, 3)
		row.u(u)
		if r := held(t, row.rule+": allow\n", Options{}, u); r.Verdict != AsExpected || r.Totals != (Totals{}) {
			t.Errorf("%s: got %+v", row.rule, r.Findings)
		}
		if got := kindsOf(held(t, row.rule+": forbid\n", Options{}, u)); !reflect.DeepEqual(got, []string{row.kind}) {
			t.Errorf("%s: got %q", row.rule, got)
		}
	}
}

// TestAllowedDuplicatesAreAlike: an item may come again as it was, and not otherwise.
func TestAllowedDuplicatesAreAlike(t *testing.T) {
	u := arrive(whole(1, 3), 1, 1)
	other := u.Pairs[1].Copies[1]
	other.Bytes, other.Digest = []byte("\x2a\x06span x"), 99
	r := held(t, "duplicates: allow\n", Options{}, u)
	if got := kindsOf(r); !reflect.DeepEqual(got, []string{KindDuplicated}) || r.Totals.Duplicated != 1 || r.Totals.Altered != 0 {
		t.Errorf("got %q, %+v", got, r.Totals)
	}
	if r := held(t, "duplicates: forbid\n", Options{}, u); r.Totals.Duplicated != 2 {
		t.Errorf("forbidden: got %+v", r.Totals)
	}
}

// TestRulesInTheEnd: what rules see in every segment counts when they are asked
// whether they explained anything.
func TestRulesInTheEnd(t *testing.T) {
	const file = "filter: {drop: [{name: span 1}]}\n"
	u, v := whole(1, 2), whole(2, 1)
	u.Pairs[1].Copies = nil
	r := held(t, file, Options{}, u, v)
	if r.Verdict != AsExpected || len(r.Findings) != 0 || len(r.Rules) == 0 {
		t.Errorf("got %+v", r)
	}
	r = held(t, file, Options{}, v)
	if r.Verdict != AsExpected || len(r.Findings) != 1 || r.Findings[0].Violates() || r.Findings[0].RuleAt == "" {
		t.Errorf("got %+v", r.Findings)
	}
	if r = held(t, file, Options{}, whole(1, 2)); !reflect.DeepEqual(kindsOf(r), []string{KindNotDropped}) {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestPercentile: a delay that 99 % must keep is a finding of its rule.
func TestPercentile(t *testing.T) {
	u := whole(1, 2)
	for i := range u.Pairs {
		u.Pairs[i].Sent.Attempted, u.Pairs[i].Copies[0].Arrived = 1e9, 3e9
	}
	if r := held(t, "delay: {p99: 2100ms}\n", Options{Ledger: true}, u); r.Verdict != AsExpected || *r.Totals.Late != 0 || r.Delays.P50 < 2e9 {
		t.Errorf("got %+v", r)
	}
	r := held(t, "delay: {p99: 1s}\n", Options{Ledger: true}, u)
	if !reflect.DeepEqual(kindsOf(r), []string{KindLate}) || !strings.Contains(r.Findings[0].Message, "not within 1s") || r.Findings[0].Rule != "delay" {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestSignalsOfRules: what the rules leave out is not judged, and that is said.
func TestSignalsOfRules(t *testing.T) {
	u := whole(1, 2)
	u.Signal, u.Pairs[0].Copies = otlp.SignalLogs, nil
	r := held(t, "signals: traces\n", Options{}, whole(2, 1), u)
	if r.Verdict != AsExpected || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "logs were not judged") {
		t.Errorf("got %+v", r)
	}
}

// TestInformation does not make a verdict.
func TestInformation(t *testing.T) {
	a := &asked{faults: []rules.Fault{{Kind: "partial", Rule: &rules.Rule{}, Pair: -1, Message: "hm", Info: true}}}
	if r := judged(t, Options{}, a, whole(1, 1)); r.Verdict != AsExpected || len(r.Findings) != 1 || r.Findings[0].Message != "hm" {
		t.Errorf("got %+v", r)
	}
	a.faults[0].Info = false
	if r := judged(t, Options{}, a, whole(1, 1)); r.Verdict != Found {
		t.Errorf("got %+v", r)
	}
}

// TestPlaces: a finding says of which lap and output its examples are, and of what
// was made up the ids that arrived.
func TestPlaces(t *testing.T) {
	u := whole(1, 2)
	u.Lap = 2
	arrive(u, 0)
	u.Pairs[0].Copies[1].Output = 1
	made := trace(9, 1).Pairs[0].Sent.Item
	u.MadeUp = []*match.Received{{Item: made, Output: 1, Wire: otlp.TraceID{0: 0xab}}}
	r := judged(t, Options{Outputs: []string{"a", "b"}, Scenario: func(n uint64) string { return fmt.Sprint("scenario ", n) }}, &asked{}, u)
	if len(r.Findings) != 2 {
		t.Fatalf("got %+v", r.Findings)
	}
	w := r.Findings[0].Where
	if *w.Lap != 2 || w.File != "b" || w.TraceID != "00000000000000000000000000000001" || *w.Iteration != 1 || w.Scenario != "scenario 1" || w.Service != "shop" {
		t.Errorf("got %+v", w)
	}
	w = r.Findings[1].Where
	if w.File != "b" || w.TraceID != "ab000000000000000000000000000000" || w.Segment != nil || w.Service != "shop" {
		t.Errorf("got %+v", w)
	}
	lost := trace(1, 1)
	lost.Pairs[0].Copies = []*match.Received{{Item: lost.Pairs[0].Sent.Item}}
	r = judged(t, Options{Outputs: []string{"a", "b"}, FanOut: true}, &asked{}, lost)
	if len(r.Findings) != 1 || r.Findings[0].Where.File != "b" || r.Totals.Lost != 1 {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestJoined: what segments found comes together: services, times and values.
func TestJoined(t *testing.T) {
	values := map[byte]string{1: "x", 2: "x"}
	a := &asked{differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
		return []rules.Difference{{Path: "attributes.a", Before: str("b"), After: str(values[got.TraceID[15]])}}
	}}
	u, v, w := whole(1, 2), whole(2, 1), whole(3, 3)
	v.Pairs[0].Sent.Resource = cart
	values[3] = "x"
	r := judged(t, Options{}, a, u, v, w)
	f := r.Findings[0]
	if want := []Share{{"shop", 5}, {"cart", 1}}; !reflect.DeepEqual(f.Services, want) || f.Change != Same || f.Count != 6 {
		t.Errorf("got %+v", f)
	}
	if from, to := time.Unix(0, int64(firstTime)+1e9), time.Unix(0, int64(firstTime)+3e9); !f.First.Equal(from) || !f.Last.Equal(to) {
		t.Errorf("got %v to %v", f.First, f.Last)
	}
	values[3] = "y"
	if r := judged(t, Options{}, a, u, v, w); r.Findings[0].Change != Changed {
		t.Errorf("got %+v", r.Findings[0])
	}
	n := 0
	a.differs = func(*match.Sent, *match.Received) []rules.Difference {
		n++
		return []rules.Difference{{Path: "attributes.a", Before: str("b"), After: str(fmt.Sprint(min(n, 3)))}}
	}
	if r := judged(t, Options{}, a, v, u); r.Findings[0].Change != Changed {
		t.Errorf("got %+v", r.Findings[0])
	}
}

// TestKept: a rule that changes a value is not kept where it is as it was sent; a
// copy that is as the rule says counts as the item.
func TestKept(t *testing.T) {
	rule := &rules.Rule{Path: "attributes[0].set.a"}
	a := &asked{differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
		if got.Digest == 77 {
			return nil
		}
		return []rules.Difference{{Path: "attributes.a", Before: str("b"), After: str("b"), Want: `"c"`, Rule: rule}}
	}}
	u := whole(1, 1)
	r := judged(t, Options{}, a, u)
	if f := r.Findings[0]; f.Change != Kept || f.Message != `attributes.a is as it was sent in 1 span: want "c"` {
		t.Errorf("got %+v", f)
	}
	arrive(u, 0)
	u.Pairs[0].Copies[1].Digest = 77
	if r := judged(t, Options{}, a, u); r.Totals.Altered != 0 || r.Totals.Duplicated != 1 {
		t.Errorf("got %+v", r.Totals)
	}
}

// TestMovedAgainstRules: what is under another resource of the corpus, and not as the
// rules make that, is altered.
func TestMovedAgainstRules(t *testing.T) {
	a := &asked{differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
		return []rules.Difference{{Path: "resource.attributes.x", After: nil, Before: nil, Want: "y", Rule: &rules.Rule{}}}
	}}
	u := whole(1, 1)
	u.Pairs[0].Copies[0].Resource = cart
	if r := judged(t, Options{}, a, u); r.Totals.Moved != 0 || r.Totals.Altered != 1 {
		t.Errorf("got %+v", r.Totals)
	}
}

// TestClock: with a ledger losses are at the time of the replay, without in that of the corpus.
func TestClock(t *testing.T) {
	u := whole(1, 2)
	u.Pairs[0].Copies = nil
	for i := range u.Pairs {
		u.Pairs[i].Sent.Attempted = 5e18
	}
	for _, row := range []struct {
		ledger bool
		clock  string
		at     int64
	}{{true, ClockSent, 5e18}, {false, ClockCorpus, int64(firstTime) + 1e9}} {
		r := judged(t, Options{Ledger: row.ledger}, &asked{}, u)
		if l := r.Losses; l.Clock != row.clock || l.First.UnixNano() != row.at || l.Requests != 1 {
			t.Errorf("got %+v", l)
		}
		if said := strings.Contains(r.Findings[0].Message, "accepted"); said != row.ledger {
			t.Errorf("got %s", r.Findings[0].Message)
		}
	}
}

// TestRequestsAreCountedOnce: the traces of one record are one request.
func TestRequestsAreCountedOnce(t *testing.T) {
	r := New(Options{})
	s := r.Begin(0)
	for n := range byte(3) {
		u := trace(n+1, 2)
		for i := range u.Pairs {
			u.Pairs[i].Sent.Record = 7
		}
		if err := s.Take(u); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(0, s); err != nil {
		t.Fatal(err)
	}
	if n := len(r.all.losses.times[otlp.SignalTraces]); n != 1 {
		t.Errorf("%d requests were sent", n)
	}
	if l := r.Result(&match.Summary{Sent: [otlp.NumSignals]uint64{6}}).Losses; l.Requests != 1 {
		t.Errorf("%d requests had losses", l.Requests)
	}
}

// TestNameOfItems: examples name an item as people know it.
func TestNameOfItems(t *testing.T) {
	s := New(Options{}).Begin(0).(*segment)
	metric := &match.Part{Bytes: []byte("\x0a\x03cpu")}
	for _, row := range []struct {
		it   match.Item
		want string
	}{
		{match.Item{Message: form.Span, Bytes: []byte("\x2a\x01a")}, `span "a"`},
		{match.Item{Message: form.LogRecord, Bytes: []byte("\x2a\x04\x0a\x02hi")}, `log record "hi"`},
		{match.Item{Message: form.LogRecord}, "log record"},
		{match.Item{Message: form.Span, Bytes: []byte("\xff")}, "span"},
		{match.Item{Message: form.NumberPoint, Metric: metric}, `metric "cpu"`},
	} {
		if got := s.name(&row.it); got != row.want {
			t.Errorf("got %s, want %s", got, row.want)
		}
	}
}

// TestExemplarsThatSayNothing: where it is not known by how much exemplars were moved,
// their times are no findings, and all else is.
func TestExemplarsThatSayNothing(t *testing.T) {
	a := &asked{differs: func(*match.Sent, *match.Received) []rules.Difference {
		return []rules.Difference{{Path: "exemplars[1].time_unix_nano", Before: str("1"), After: str("2")}}
	}}
	u := whole(1, 2)
	if r := judged(t, Options{}, a, u); r.Totals.Altered != 2 || r.Findings[0].Field != exemplarTime {
		t.Errorf("got %+v", r.Findings)
	}
	u.Exemplars = true
	if r := judged(t, Options{}, a, u); r.Verdict != AsExpected || r.Totals != (Totals{}) {
		t.Errorf("got %+v", r.Findings)
	}
	a.differs = func(*match.Sent, *match.Received) []rules.Difference {
		return []rules.Difference{{Path: "exemplars[1].value", Before: str("1"), After: str("2")}}
	}
	if r := judged(t, Options{}, a, u); r.Totals.Altered != 2 {
		t.Errorf("got %+v", r.Findings)
	}
}

// TestLongValues: an example shows where two values differ, however long they are.
func TestLongValues(t *testing.T) {
	long := strings.Repeat("a", 1000)
	a := &asked{differs: func(*match.Sent, *match.Received) []rules.Difference {
		return []rules.Difference{{Path: "attributes.prompt", Before: str(long + "b"), After: str(long + "c")}}
	}}
	e := judged(t, Options{}, a, whole(1, 1)).Findings[0].Examples[0]
	if !strings.HasPrefix(e.Before, "...a") || !strings.HasSuffix(e.Before, "ab") || !strings.HasSuffix(e.After, "ac") || len(e.After) > maxText {
		t.Errorf("got %q and %q", e.Before, e.After)
	}
}

// TestTitles: what heads a finding is short, and of one item in the singular.
func TestTitles(t *testing.T) {
	g := &group{values: 1, value: strings.Repeat("v", 300)}
	g.field, g.count = "attributes.a", 2
	if s := altered(g, Added, "2 spans"); len(s) > 150 || !strings.HasSuffix(s, `..." wherever it was`) {
		t.Errorf("got %s", s)
	}
	u := whole(1, 1)
	u.MadeUp = append(u.MadeUp, u.Pairs[0].Copies[0])
	if r := judged(t, Options{}, &asked{}, u); r.Findings[0].Message != "1 span arrived that was never sent" {
		t.Errorf("got %+v", r.Findings)
	}
}
