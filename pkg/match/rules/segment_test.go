package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
)

func TestRoutes(t *testing.T) {
	r := load(t, "route:\n  - {to: errors, where: {status: error}}\n  - {to: nowhere, where: {name: n}}\n  - {to: rest, where: {signal: traces}}")
	s := r.Begin([]string{"rest", "errors"})
	u := unit(t, "span status=ERROR", "span name=n", "span name=x")
	if err := s.Unit(u); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1 at 2", "-1 at 3", "0 at 4"} {
		if w := s.Want(i); fmt.Sprint(w.Output, " at ", w.Route.Line) != want {
			t.Errorf("item %d: got %d at %v, want %s", i, w.Output, w.Route, want)
		}
	}
	if err := s.Unit(unit(t, "log name=x")); err != nil || s.Want(0).Output != -1 || s.Want(0).Route != nil {
		t.Errorf("a log record: %+v, %v", s.Want(0), err)
	}
}

func TestExpectedItems(t *testing.T) {
	r := load(t, "expect_new:\n  - {signal: metrics, name: \"traces.span.metrics.*\"}")
	s := r.Begin(nil)
	if err := s.Unit(unit(t, "point name=m")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ words, want string }{
		{"name=traces.span.metrics.calls value=3", "r.yaml:2 expect_new[0]"}, {"name=traces.span", ""},
	} {
		rule, err := s.Expects(&match.Received{Item: item(t, otlp.SignalMetrics, c.words)})
		if err != nil || rule.String() != c.want {
			t.Errorf("%s: got %q, %v", c.words, rule, err)
		}
	}
}

// TestSumsOfWhatIsAggregated: points become one, whichever they are paired with.
func TestSumsOfWhatIsAggregated(t *testing.T) {
	const file = "metrics:\n  - {aggregate_away: [host], where: {name: m}}"
	for _, c := range []struct {
		name, file string
		unit       []string
		made       string
		want       string
	}{
		{"adds up", file, []string{"point name=m a.host=1 a.k=1 value=3 -> name=m a.k=1 value=10", "point name=m a.host=2 a.k=1 value=7 -> "}, "", ""},
		{"by made-up points", file, []string{"point name=m a.host=1 a.k=1 value=3 -> ", "point name=m a.host=2 a.k=1 value=7 -> "}, "name=m a.k=1 value=10", ""},
		{"too little", file, []string{"point name=m a.host=1 a.k=1 value=3 -> name=m a.k=1 value=3", "point name=m a.host=2 a.k=1 value=7 -> "}, "",
			"sum 2: 1 of 1 sum do not add up; points of \"m\" that become one add up to 10, what arrived to 3"},
		{"nothing", file, []string{"point name=m a.host=1 value=3 -> "}, "",
			"sum 2: 1 of 1 sum do not add up; points of \"m\" that become one add up to 3, nothing arrived"},
		{"in the wrong group", file, []string{"point name=m a.host=1 a.k=1 value=3 -> name=m a.k=2 value=3"}, "",
			"sum 2: 1 of 1 sum do not add up; points of \"m\" that become one add up to 3, nothing arrived"},
		{"sums ignored", "metrics: {aggregate_away: [host], sums: ignored}", []string{"point name=m a.host=1 a.k=1 value=3 -> name=m a.k=1 value=2"}, "", ""},
	} {
		s := load(t, c.file).Begin(nil)
		u := unit(t, c.unit...)
		if c.made != "" {
			u.MadeUp = []*match.Received{{Item: item(t, otlp.SignalMetrics, c.made)}}
		}
		if err := s.Unit(u); err != nil {
			t.Fatal(err)
		}
		for i := range u.Pairs {
			if w := s.Want(i); w.Absent == (len(u.Pairs[i].Copies) > 0) || w.Rule == nil {
				t.Errorf("%s: point %d: %+v", c.name, i, w)
			}
		}
		for _, m := range u.MadeUp {
			if rule, err := s.Expects(m); rule == nil || err != nil {
				t.Errorf("%s: what was made up is not expected: %v", c.name, err)
			}
		}
		if got := totalFaults(s); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// totalFaults returns what the end says of segments, but for rules without work.
func totalFaults(segments ...*Segment) string {
	var t Totals
	for _, s := range segments {
		t.Add(s)
	}
	var out []string
	for _, f := range t.Faults() {
		if f.Kind != "explained_nothing" {
			out = append(out, fmt.Sprint(f.Kind, " ", f.Rule.Line, ": ", f.Message))
		}
	}
	return strings.Join(out, "; ")
}

// TestRulesWithoutWorkAreNamed: each key names a rule that nothing matched, and does not
// when something did.
func TestRulesWithoutWorkAreNamed(t *testing.T) {
	for _, c := range []struct{ file, idle, busy string }{
		{"filter: {drop: {name: a}}", "span name=x", "span name=a -> "},
		{"attributes: {where: {name: a}, set: {x: 1}}", "span name=x", "span name=a -> name=a a.x=1"},
		{"attributes: {delete: [a]}", "span a.x=1", "span a.a=1 name=n -> name=n"},
		{"attributes: {keep_only: [x]}", "span a.x=1", "span a.a=1 name=n -> name=n"},
		{"attributes: {rename: {a: b}}", "span a.x=1", "span a.a=1 -> a.b=1"},
		{"attributes: {hash: [a]}", "span a.x=1", "span a.a=x -> a.a=" + sha256OfX},
		{"attributes: {mask: {match: \"z\"}}", "span a.x=1y", "span a.a=z -> a.a=****"},
		{"attributes: {truncate: 3}", "span a.x=abc", "span a.a=abcd -> a.a=abc"},
		{"attributes: {maybe: [z]}", "span a.x=abc", "span name=n -> name=n a.z=abc"},
		{"resource: {any: [a]}", "", "span name=n -> name=n r.a=x"},
		{"fields: {delete: [trace_state]}", "span name=n", "span trace_state=x name=n -> name=n"},
		{"route: {to: x, where: {status: error}}", "span name=a", "span status=ERROR"},
		{"metrics: {temporality: delta}", "point temporality=DELTA value=1", "point temporality=CUMULATIVE value=1 -> temporality=DELTA value=1"},
		{"metrics: {aggregate_away: [a], where: {name: b}}", "point name=a", "point name=b a.a=1 -> name=b"},
	} {
		for words, want := range map[string]int{c.idle: 1, c.busy: 0} {
			if words == "" {
				continue
			}
			s := load(t, c.file).Begin([]string{"x"})
			u := unit(t, words)
			if err := s.Unit(u); err != nil {
				t.Fatal(err)
			}
			if len(u.Pairs[0].Copies) > 0 {
				if diffs, err := s.Differences(nil, u.Pairs[0].Sent, u.Pairs[0].Copies[0]); len(diffs) > 0 || err != nil {
					t.Errorf("%s, %s: %+v, %v", c.file, words, diffs, err)
				}
			}
			var total Totals
			total.Add(s)
			got := total.Faults()
			if len(got) != want || want == 1 && (!got[0].Info || got[0].Kind != "explained_nothing" || got[0].Rule.Line != 1) {
				t.Errorf("%s, %s: got %+v, want %d", c.file, words, got, want)
			}
		}
	}
	if r := load(t, "delay: {p99: 1s}\nduplicates: allow"); totalFaults(r.Begin(nil)) != "" {
		t.Error("settings are rules without work")
	}
}

// TestSegmentsAddUpInAnyOrder: hits, shares and sums are the same.
func TestSegmentsAddUpInAnyOrder(t *testing.T) {
	r := load(t, "filter: {drop: {name: a}}\nsample: {rate: 0.5, signals: traces}\nmetrics: {aggregate_away: [h]}")
	one, other := r.Begin(nil), r.Begin(nil)
	for i := range 40 {
		if err := one.Unit(unit(t, "span name=b")); err != nil {
			t.Fatal(err)
		}
		if err := one.Unit(unit(t, fmt.Sprintf("point name=m a.h=%d a.k=%d value=2 -> name=m a.k=%d value=%d", i, i, i, i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := other.Unit(unit(t, "span name=a -> ")); err != nil {
		t.Fatal(err)
	}
	a, b := totalFaults(one, other), totalFaults(other, one)
	if a != b || !strings.Contains(a, "rate 2: 40 of 40 traces arrived") || !strings.Contains(a, "sum 3: 39 of 40 sums") {
		t.Errorf("got %q and %q", a, b)
	}
}

// TestDamagedItemsAreErrors: what does not decode is not taken for equal.
func TestDamagedItemsAreErrors(t *testing.T) {
	r := load(t, "attributes: {set: {a: 1}}")
	u := unit(t, "span name=n -> name=n a.a=1")
	u.Pairs[0].Copies[0].Bytes = []byte{0xff}
	u.Pairs[0].Copies[0].Digest++ // what is damaged has none
	s := r.Begin(nil)
	if err := s.Unit(u); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Differences(nil, u.Pairs[0].Sent, u.Pairs[0].Copies[0]); err == nil || !strings.Contains(err.Error(), "received") {
		t.Errorf("got %v", err)
	}
	u = unit(t, "span name=n")
	u.Pairs[0].Sent.Bytes = []byte{0xff}
	if err := load(t, "filter: {drop: {name: x}}").Begin(nil).Unit(u); err == nil || !strings.Contains(err.Error(), "sent") {
		t.Errorf("got %v", err)
	}
}
