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

// Units made by hand: items have numbers, and what differs has another digest.

const firstTime = uint64(1767225600e9)

var (
	shop  = part("shop", 100)
	cart  = part("cart", 101)
	scope = &match.Part{Digest: 200}
	known = &match.Known{Resources: map[uint64]bool{100: true, 101: true}, Scopes: map[uint64]bool{200: true}}
)

// part is the resource of a service.
func part(service string, digest uint64) *match.Part {
	value := "\x0a" + string(rune(len(service))) + service
	attr := "\x0a\x0cservice.name\x12" + string(rune(len(value))) + value
	attr = "\x0a" + string(rune(len(attr))) + attr
	return &match.Part{Bytes: []byte("\x0a" + string(rune(len(attr))) + attr), Digest: digest}
}

// trace is a trace of n spans, sent in one record.
func trace(number byte, n int) *match.Unit {
	u := &match.Unit{Signal: otlp.SignalTraces, TraceID: otlp.TraceID{15: number}, Known: known}
	for i := range n {
		u.Pairs = append(u.Pairs, match.Pair{Sent: &match.Sent{
			Item: match.Item{
				Signal: otlp.SignalTraces, Message: form.Span, Bytes: fmt.Appendf([]byte("\x2a\x06"), "span %d", i), Digest: uint64(i + 1),
				Resource: shop, Scope: scope, TraceID: u.TraceID, SpanID: otlp.SpanID{7: byte(i + 1)}, Time: firstTime + uint64(number)*1e9,
			},
			Record: uint64(number), Position: uint32(i), Iteration: uint64(number),
		}})
	}
	return u
}

// arrive adds a copy of each of the pairs, in a message of the trace's number.
func arrive(u *match.Unit, pairs ...int) *match.Unit {
	for _, i := range pairs {
		p := &u.Pairs[i]
		p.Copies = append(p.Copies, &match.Received{Item: p.Sent.Item, Message: uint64(u.TraceID[15]), Position: uint32(i), Wire: u.TraceID})
	}
	return u
}

// whole is a trace that arrived as it was sent.
func whole(number byte, n int) *match.Unit {
	u := trace(number, n)
	for i := range n {
		arrive(u, i)
	}
	return u
}

// asked is a stand-in for rules: it asks for nothing but what a test says.
type asked struct {
	absent  map[byte]*rules.Rule // by span number, from 1
	routes  map[byte]int
	differs func(sent *match.Sent, got *match.Received) []rules.Difference
	expects *rules.Rule
	faults  []rules.Fault
	u       *match.Unit
}

func (a *asked) Unit(u *match.Unit) error { a.u = u; return nil }

func (a *asked) Want(i int) rules.Want {
	w := rules.Want{Output: -1}
	span := a.u.Pairs[i].Sent.SpanID[7]
	if r := a.absent[span]; r != nil {
		w.Absent, w.Rule = true, r
	}
	if to, ok := a.routes[span]; ok {
		w.Output, w.Route = to, &rules.Rule{File: "rules.yaml", Line: 9, Path: "route[0]"}
	}
	return w
}

func (a *asked) Differences(dst []rules.Difference, sent *match.Sent, got *match.Received) ([]rules.Difference, error) {
	if a.differs != nil {
		return append(dst, a.differs(sent, got)...), nil
	}
	if sent.Digest != got.Digest {
		dst = append(dst, rules.Difference{Path: "name", Before: str("before"), After: str(fmt.Sprint(got.Digest))})
	}
	if sent.Resource.Digest != got.Resource.Digest {
		dst = append(dst, rules.Difference{Path: "resource.attributes.service.name", Before: str("shop"), After: str("cart")})
	}
	if sent.Scope.Digest != got.Scope.Digest {
		dst = append(dst, rules.Difference{Path: "scope.name", Before: str("a"), After: str("b")})
	}
	if sent.Metric != nil && sent.Metric.Digest != got.Metric.Digest {
		dst = append(dst, rules.Difference{Path: "metric.unit", Before: str("a"), After: str("b")})
	}
	return dst, nil
}

func (a *asked) Expects(*match.Received) (*rules.Rule, error) { return a.expects, nil }
func (a *asked) Faults() []rules.Fault                        { return a.faults }

func str(s string) *form.Value { return &form.Value{Kind: otlp.KindText, Text: s} }

// judged returns what is found of units, a segment each.
func judged(t *testing.T, o Options, a *asked, units ...*match.Unit) *Result {
	t.Helper()
	if o.Outputs == nil {
		o.Outputs = []string{"out"}
	}
	r := New(o)
	r.begin = func() expectations { c := *a; return &c }
	r.touches[otlp.SignalTraces] = a.differs != nil
	sum := match.Summary{Laps: 1}
	for i, u := range units {
		u.Segment = uint64(i)
		s := r.Begin(uint64(i))
		sum.Sent[u.Signal] += uint64(len(u.Pairs))
		sum.Received[u.Signal] += uint64(len(u.MadeUp))
		for _, p := range u.Pairs {
			sum.Received[u.Signal] += uint64(len(p.Copies))
		}
		if err := errors.Join(s.Take(u), r.End(uint64(i), s)); err != nil {
			t.Fatal(err)
		}
	}
	return r.Result(&sum)
}

func TestAsExpected(t *testing.T) {
	r := judged(t, Options{}, &asked{}, whole(1, 3), whole(2, 2))
	if r.Verdict != AsExpected || len(r.Findings) != 0 || !reflect.DeepEqual(r.Totals, Totals{}) || r.Losses != nil || r.Delays != nil {
		t.Errorf("got %+v", r)
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil || b.String() != "as expected: 5 spans sent and received\n" {
		t.Errorf("got %q, %v", b.String(), err)
	}
}

// TestClasses: each kind of damage is counted as what it is, and as nothing else.
func TestClasses(t *testing.T) {
	drop := &rules.Rule{File: "rules.yaml", Line: 3, Column: 5, Path: "filter.drop[0]"}
	two := Options{Outputs: []string{"a", "b"}}
	fan := Options{Outputs: []string{"a", "b"}, FanOut: true}
	late := uint64(1)
	for _, row := range []struct {
		name string
		o    Options
		a    asked
		u    func(u *match.Unit)
		want Totals
		kind string // of the one finding; empty: none
		n    uint64
	}{
		{name: "lost", u: func(u *match.Unit) { u.Pairs[1].Copies = nil }, want: Totals{Lost: 1, IncompleteTraces: 1}, kind: KindLost, n: 1},
		{name: "failed", u: func(u *match.Unit) {
			u.Pairs[1].Copies, u.Pairs[1].Sent.Fate = nil, match.Failed
		}, want: Totals{Refused: 1}},
		{name: "failed and there", u: func(u *match.Unit) { u.Pairs[1].Sent.Fate = match.Failed }},
		{name: "unknown", u: func(u *match.Unit) {
			u.Pairs[1].Copies, u.Pairs[1].Sent.Fate = nil, match.Unknown
		}, want: Totals{LostUnknown: 1}, kind: KindUnknown, n: 1},
		{name: "rejected in part", u: func(u *match.Unit) {
			for i := range u.Pairs {
				u.Pairs[i].Sent.Fate = match.Rejected
			}
			u.Pairs[0].Copies, u.Pairs[2].Copies, u.Refused = nil, nil, map[uint64]uint64{1: 1}
		}, want: Totals{Lost: 1, Refused: 1, IncompleteTraces: 1}, kind: KindLost, n: 1},
		{name: "twice", u: func(u *match.Unit) { arrive(u, 1, 1) }, want: Totals{Duplicated: 2}, kind: KindDuplicated, n: 2},
		{name: "altered", u: func(u *match.Unit) { u.Pairs[1].Copies[0].Digest = 77 }, want: Totals{Altered: 1}, kind: KindAltered, n: 1},
		{name: "altered, and as it was", u: func(u *match.Unit) {
			arrive(u, 1)
			u.Pairs[1].Copies[0].Digest = 77
		}, want: Totals{Duplicated: 1}, kind: KindDuplicated, n: 1},
		{name: "moved", u: func(u *match.Unit) { u.Pairs[1].Copies[0].Resource = cart }, want: Totals{Moved: 1}, kind: KindMoved, n: 1},
		{name: "resource altered", u: func(u *match.Unit) { u.Pairs[1].Copies[0].Resource = part("cart", 5) }, want: Totals{Altered: 1}, kind: KindAltered, n: 1},
		{name: "scope altered", u: func(u *match.Unit) { u.Pairs[1].Copies[0].Scope = &match.Part{Digest: 9} }, want: Totals{Altered: 1}, kind: KindAltered, n: 1},
		{name: "metric altered", u: func(u *match.Unit) {
			u.Signal = otlp.SignalMetrics
			for i := range u.Pairs {
				u.Pairs[i].Sent.Metric, u.Pairs[i].Copies[0].Metric = &match.Part{Digest: 1}, &match.Part{Digest: 1 + uint64(i/2)}
			}
		}, want: Totals{Altered: 1}, kind: KindAltered, n: 1},
		{name: "log records lost", u: func(u *match.Unit) { u.Signal, u.Pairs[1].Copies = otlp.SignalLogs, nil }, want: Totals{Lost: 1}, kind: KindLost, n: 1},
		{name: "moved and altered", u: func(u *match.Unit) {
			u.Pairs[1].Copies[0].Resource, u.Pairs[1].Copies[0].Digest = cart, 77
		}, want: Totals{Altered: 1}, kind: KindAltered, n: 1},
		{name: "made up", u: func(u *match.Unit) { u.MadeUp = []*match.Received{{Item: trace(9, 1).Pairs[0].Sent.Item}} },
			want: Totals{MadeUp: 1}, kind: KindMadeUp, n: 1},
		{name: "made up by rule", a: asked{expects: drop}, u: func(u *match.Unit) { u.MadeUp = []*match.Received{{}} }},
		{name: "reordered", u: func(u *match.Unit) { u.Pairs[0].Copies[0].Position = 9 }, want: Totals{Reordered: 1}, kind: KindReordered, n: 1},
		{name: "split", u: func(u *match.Unit) { u.Pairs[2].Copies[0].Message = 9 }, want: Totals{SplitTraces: 1}, kind: KindSplit, n: 1},
		{name: "split as it was sent", u: func(u *match.Unit) {
			u.Pairs[2].Copies[0].Message, u.Pairs[2].Sent.Record = 9, 2
		}},
		{name: "in two outputs", o: two, u: func(u *match.Unit) {
			u.Pairs[2].Copies[0].Output, u.Pairs[2].Sent.Record = 1, 2
		}, want: Totals{SplitTraces: 1}, kind: KindSplit, n: 1},
		{name: "in two outputs by rule", o: two, a: asked{routes: map[byte]int{3: 1}}, u: func(u *match.Unit) { u.Pairs[2].Copies[0].Output = 1 }},
		{name: "in the wrong output", o: two, a: asked{routes: map[byte]int{3: 1}}, u: func(*match.Unit) {}, kind: KindMisrouted, n: 1},
		{name: "late", o: Options{Ledger: true}, u: func(u *match.Unit) {
			for i := range u.Pairs {
				u.Pairs[i].Sent.Attempted, u.Pairs[i].Copies[0].Arrived = 1e9, 2e9
			}
			u.Pairs[1].Copies[0].Arrived = 11e9 + 1
		}, want: Totals{Late: &late}, kind: KindLate, n: 1},
		{name: "dropped by rule", a: asked{absent: map[byte]*rules.Rule{2: drop}}, u: func(u *match.Unit) { u.Pairs[1].Copies = nil }},
		{name: "not dropped", a: asked{absent: map[byte]*rules.Rule{2: drop}}, u: func(*match.Unit) {}, kind: KindNotDropped, n: 1},
		{name: "fan-out", o: fan, u: func(u *match.Unit) {}, want: Totals{Lost: 3}, kind: KindLost, n: 3},
		{name: "fan-out with routes", o: fan, a: asked{routes: map[byte]int{2: 1, 3: 1}}, u: func(u *match.Unit) {
			arrive(u, 0)
			for _, c := range []*match.Received{u.Pairs[0].Copies[1], u.Pairs[1].Copies[0], u.Pairs[2].Copies[0]} {
				c.Output = 1
			}
		}},
		{name: "fan-out, whole", o: fan, u: func(u *match.Unit) {
			arrive(u, 0, 1, 2)
			for i := range u.Pairs {
				u.Pairs[i].Copies[1].Output = 1
			}
		}},
	} {
		u := whole(1, 3)
		row.u(u)
		beside := whole(7, 1)
		if row.o.FanOut {
			arrive(beside, 0)
			beside.Pairs[0].Copies[1].Output = 1
		}
		r := judged(t, row.o, &row.a, beside, u)
		if got := r.Totals; !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: got %+v, want %+v", row.name, got, row.want)
		}
		if row.kind == "" && len(r.Findings) > 0 || row.kind != "" && (len(r.Findings) != 1 || r.Findings[0].Kind != row.kind || r.Findings[0].Count != row.n) {
			t.Errorf("%s: got %+v", row.name, r.Findings)
		}
		if bad := row.kind != "" && row.kind != KindUnknown; bad != (r.Verdict == Found) {
			t.Errorf("%s: %s", row.name, r.Verdict)
		}
	}
}

func TestUndecided(t *testing.T) {
	none := whole(1, 2)
	none.Pairs[0].Copies, none.Pairs[1].Copies = nil, nil
	if r := judged(t, Options{}, &asked{}, none); r.Verdict != Undecided || !strings.Contains(r.Undecided[0], "nothing was received") {
		t.Errorf("got %+v", r)
	}
	var b strings.Builder
	if err := judged(t, Options{}, &asked{}, none).WriteText(&b); err != nil || strings.Contains(b.String(), "lost") {
		t.Errorf("that all is missing is told as losses: %v, %s", err, b.String())
	}
	none.MadeUp = []*match.Received{{Item: match.Item{Signal: otlp.SignalTraces}}}
	if r := judged(t, Options{}, &asked{}, none); r.Verdict != Undecided || !strings.Contains(r.Undecided[0], "of this corpus") {
		t.Errorf("got %+v", r)
	}
	if r := judged(t, Options{}, &asked{}); r.Verdict != Undecided {
		t.Errorf("got %+v", r)
	}
	run := New(Options{})
	if r := run.Result(&match.Summary{Undecided: []string{"why"}}); r.Verdict != Undecided || r.Undecided[0] != "why" {
		t.Errorf("got %+v", r)
	}
}

// TestAltered: one finding for each field and what became of it, in which an item
// counts once.
func TestAltered(t *testing.T) {
	rule := &rules.Rule{File: "rules.yaml", Line: 4, Column: 3, Path: "attributes[0].add"}
	a := &asked{differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
		return []rules.Difference{
			{Path: "events[0].name", Before: str("a"), After: str("b")},
			{Path: "events[1].name", Before: str("a"), After: str("b")},
			{Path: "attributes.gone", Before: str("x")},
			{Path: "attributes.new", After: str(fmt.Sprint(sent.SpanID[7]))},
			{Path: "attributes.number", Before: str("1"), After: &form.Value{Kind: otlp.KindInt, Text: "1"}},
			{Path: "attributes.asked", Rule: rule, Want: `"yes"`},
		}
	}}
	r := judged(t, Options{}, a, whole(1, 3), whole(2, 2))
	if r.Totals.Altered != 5 {
		t.Errorf("got %+v", r.Totals)
	}
	var got []string
	for _, f := range r.Findings {
		got = append(got, fmt.Sprintf("%s %s %d: %s", f.Rule, f.Change, f.Count, f.Message))
		if len(f.Examples) != 3 || f.Examples[1].Where.SpanID != "0000000000000002" || *f.Where.Segment != 0 ||
			*f.Examples[2].Where.Segment != 1 { // one of another trace, where there is one
			t.Errorf("%s: got %+v", f.Field, f.Examples)
		}
	}
	want := []string{
		`attributes[0].add missing 5: attributes.asked is missing in 5 spans: want "yes"`,
		`altered removed 5: attributes.gone is gone from 5 spans`,
		`altered added 5: attributes.new was added to 5 spans`,
		`altered changed to 5: attributes.number was changed in 5 spans, to "1" wherever it was`,
		`altered changed to 5: events[].name was changed in 5 spans, to "b" wherever it was`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n"))
	}
	if f := r.Findings[0]; f.RuleAt != "rules.yaml:4:3" || f.Examples[0].Message != `span "span 0", want "yes", it is missing` {
		t.Errorf("got %+v", f)
	}
	if e := r.Findings[3].Examples[0]; e.Before != "1 (string)" || e.After != "1 (int)" {
		t.Errorf("got %+v", e)
	}
}

// TestMovedByRule: a resource that is what the rules make of another one has moved.
func TestMovedByRule(t *testing.T) {
	plus := part("cart", 1101)
	a := &asked{differs: func(sent *match.Sent, got *match.Received) []rules.Difference {
		if sent.Resource.Digest+1000 == got.Resource.Digest {
			return nil
		}
		return []rules.Difference{{Path: "resource.attributes.service.name", Before: str("shop"), After: str("cart"), Rule: &rules.Rule{}}}
	}}
	u := whole(1, 2)
	u.Pairs[0].Sent.Resource = cart
	u.Pairs[0].Copies[0].Resource, u.Pairs[1].Copies[0].Resource = plus, plus
	if r := judged(t, Options{}, a, u); r.Totals.Moved != 1 || r.Totals.Altered != 0 {
		t.Errorf("got %+v, %+v", r.Totals, r.Findings)
	}
	u.Pairs[0].Sent.Resource = shop
	if r := judged(t, Options{}, a, u); r.Totals.Moved != 0 || r.Totals.Altered != 2 {
		t.Errorf("got %+v, %+v", r.Totals, r.Findings)
	}
}

// TestBounded: however many different things are found, what is kept is bounded and
// all is counted.
func TestBounded(t *testing.T) {
	n := 0
	a := &asked{differs: func(*match.Sent, *match.Received) []rules.Difference {
		n++
		return []rules.Difference{{Path: fmt.Sprintf("attributes.%d%s", n, strings.Repeat("x", 10000)), Before: str(strings.Repeat("y", 10000))}}
	}}
	var units []*match.Unit
	for range 30 {
		units = append(units, whole(1, 100))
	}
	r := judged(t, Options{}, a, units...)
	total := uint64(0)
	for _, f := range r.Findings {
		total += f.Count
		for _, e := range f.Examples {
			if len(e.Before)+len(e.Where.Path)+len(f.Field) > 4*maxText {
				t.Fatal("texts are kept in full")
			}
		}
	}
	if len(r.Findings) > maxGroups+1 || total != 3000 || r.Totals.Altered != 3000 {
		t.Errorf("%d findings, %d in all, %+v", len(r.Findings), total, r.Totals)
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil || !strings.Contains(b.String(), "more of the kind altered") {
		t.Errorf("%v in %d bytes", err, b.Len())
	}
}

// TestDelay: percentiles are bounds within 2 %, whatever the durations are.
func TestDelay(t *testing.T) {
	var d delays
	for i := range int64(1000) {
		d.add(i * int64(time.Millisecond))
	}
	got := d.result(time.Second)
	for _, row := range []struct{ got, want time.Duration }{{got.P50, 499 * time.Millisecond}, {got.P99, 989 * time.Millisecond}, {got.Max, 999 * time.Millisecond}} {
		if row.got < row.want || row.got > row.want*102/100 {
			t.Errorf("got %v, want %v", row.got, row.want)
		}
	}
	for _, ns := range []int64{0, 1, 63, 64, 65, 127, 128, 1<<40 + 7, 1<<63 - 1} {
		if b := bucketOf(ns); topOf(b) < ns || b > 0 && topOf(b-1) >= ns || topOf(b)-ns > ns>>fine {
			t.Errorf("%d is in bucket %d, up to %d", ns, b, topOf(b))
		}
	}
}
