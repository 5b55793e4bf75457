package page

import (
	"bytes"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/browser"
	"github.com/otelsim/otelsim/pkg/match/judge"
)

var start = time.Date(2026, 3, 29, 22, 58, 0, 0, time.UTC)

func pointer[T any](v T) *T { return &v }

// clean is the result of a pipeline that did what it should.
func clean(n uint64) *judge.Result {
	return &judge.Result{
		Verdict: judge.AsExpected, Laps: 1, Outputs: []string{"out"},
		Sent:     judge.Counts{Spans: n, Points: n / 3, LogRecords: n / 2},
		Received: judge.Counts{Spans: n, Points: n / 3, LogRecords: n / 2},
		BySignal: map[string]judge.Totals{"traces": {}, "metrics": {}, "logs": {}},
	}
}

// losses are those of a run of two minutes in which the receiver was restarted.
func losses() *judge.Losses {
	l := &judge.Losses{
		Clock: judge.ClockSent, Width: 2 * time.Second, First: start.Add(71 * time.Second), Last: start.Add(83 * time.Second), Requests: 210,
		Summary: "94 % of the losses are in the 6 s from 22:59:12 on: 210 requests of 5,000.",
	}
	for i := range 60 {
		b := judge.Bucket{Start: start.Add(time.Duration(i) * l.Width), Sent: 4000 + uint64(i%7)*130}
		switch {
		case i >= 36 && i < 39:
			b.Lost = b.Sent * uint64(90-20*(i-36)) / 100
		case i == 39, i == 50:
			b.Lost = 3
		}
		l.Buckets = append(l.Buckets, b)
	}
	return l
}

// restarted is the result of a pipeline that lost and changed things.
func restarted() *judge.Result {
	r := clean(120_000)
	traces := judge.Totals{Lost: 9_100, LostUnknown: 640, Refused: 1200, Duplicated: 2_400, Altered: 18_000, MadeUp: 3, Moved: 900, Reordered: 12,
		Late: pointer(uint64(77)), SplitTraces: 44, IncompleteTraces: 120}
	logs := judge.Totals{Lost: 2, Late: pointer(uint64(0))}
	r.Verdict, r.Totals, r.Laps = judge.Found, traces, 2
	r.Totals.Lost += logs.Lost
	r.BySignal = map[string]judge.Totals{"traces": traces, "metrics": {Late: pointer(uint64(0))}, "logs": logs}
	r.Received.Spans = 120_000 - 9_100 - 640 - 1200 + 2_400 + 3
	r.Received.LogRecords -= 2
	r.Losses = losses()
	r.Delays = &judge.Delays{Count: 109_000, P50: 1_200_000, P99: 840_000_000, Max: 14_200_000_000, Limit: 10 * time.Second}
	for k := range uint64(60) {
		part := uint64(1_000_000 * (1 - math.Pow(0.5, float64(k)/3)))
		r.Delays.Curve = append(r.Delays.Curve, judge.Quantile{Part: part, Delay: time.Duration(6e5 * math.Exp(float64(k)/6))})
	}
	r.Rules = []string{"rules.yaml:3 attributes[0].add"}
	r.Notes = []string{"times were moved: by how much is inferred from the first item of each trace"}
	where := findings.Where{Segment: pointer(uint64(3)), Record: pointer(uint64(17)), Iteration: pointer(uint64(3100)), Service: "gateway",
		Scenario: "order_status", TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "b7ad6b7169203331"}
	services := []judge.Share{{Name: "gateway", Count: 4000}, {Name: "agent-runtime", Count: 3100}, {Name: "mcp-orders", Count: 1500}, {Name: "", Count: 500}}
	scenarios := []judge.Share{{Name: "order_status", Count: 6000}, {Name: "refund_with_approval_by_a_person", Count: 3100}}
	lost := judge.Finding{Finding: findings.Finding{Rule: "lost", Level: findings.Violation, Kind: judge.KindLost, Signal: "traces", Count: 9100,
		Where: where, Message: "accepted and not there", Examples: []findings.Example{{Where: where, Message: `span "chat gpt-4o"`}}},
		Services: services, Scenarios: scenarios, First: &r.Losses.First, Last: &r.Losses.Last}
	altered := judge.Finding{Finding: findings.Finding{Rule: "altered", Level: findings.Violation, Kind: judge.KindAltered, Signal: "traces", Count: 18000,
		Where: where, Message: "attributes.http.route was changed", Examples: []findings.Example{
			{Where: where, Before: "/orders/{id}/items", After: "/orders/4711/items"},
			{Where: where, Before: "/orders/{id}", After: ""},
			{Where: where, Before: "", After: strings.Repeat("averyveryverylongvalue", 20)}}},
		Field: "attributes.http.route", Change: judge.Changed, Services: services}
	made := judge.Finding{Finding: findings.Finding{Rule: "made_up", Level: findings.Violation, Kind: judge.KindMadeUp, Signal: "traces", Count: 3,
		Message: "never sent", Examples: []findings.Example{{Where: findings.Where{TraceID: where.TraceID}}}}}
	info := judge.Finding{Finding: findings.Finding{Rule: "sampling", Level: findings.Information, Kind: "rate", Signal: "traces", Count: 1,
		Message: "9.8 % of 12,000 traces were kept, which 10 % explains"}}
	r.Findings = []judge.Finding{lost, altered, made, info}
	return r
}

// undecided is the result of a check that could not judge.
func undecided() *judge.Result {
	r := clean(1000)
	r.Verdict, r.Received = judge.Undecided, judge.Counts{}
	r.Undecided = []string{"nothing was received: out/traces.jsonl is empty", "the ledger ends within a line: the replay was killed"}
	r.BySignal, r.Laps = nil, 0
	return r
}

const hostileText = "\x1b[31mred\u009b31m\u202egpj.exe\x7f\U000e0001\u2028<b></code><script>alert(1)</script>&\"'{{.}}"

// hostile is a result in which everything that others write is of bad intent.
func hostile() *Page {
	r := restarted()
	r.Notes, r.Undecided, r.Outputs, r.Rules = []string{hostileText}, []string{hostileText}, []string{hostileText}, []string{hostileText}
	r.Losses.Summary = hostileText
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Message, f.Rule, f.Field, f.Signal, f.Kind = hostileText, hostileText, hostileText, hostileText, hostileText
		f.Services, f.Scenarios = []judge.Share{{Name: hostileText, Count: 3}}, []judge.Share{{Name: hostileText, Count: 3}}
		for k := range f.Examples {
			f.Examples[k] = findings.Example{Where: findings.Where{File: hostileText, Service: hostileText, Path: hostileText}, Message: hostileText,
				Before: hostileText, After: "x" + hostileText}
		}
	}
	r.Findings[0].Kind = judge.KindLost
	return &Page{Result: r, Corpus: hostileText, Program: hostileText, Settings: []Setting{{hostileText, hostileText}}}
}

// pages are what a page can look like, by name.
func pages() map[string]*Page {
	of := func(r *judge.Result) *Page {
		return &Page{Result: r, Corpus: "corpus", Program: "otelsim-replay devel", Settings: []Setting{{"ledger", "run.ledger.zst"}}}
	}
	fan := restarted()
	fan.FanOut, fan.Outputs = true, []string{"a/traces.jsonl", "b/" + strings.Repeat("traces", 30) + ".jsonl"}
	tiny := clean(1)
	tiny.Received.Spans, tiny.Totals.Lost, tiny.Verdict = 0, 1, judge.Found
	tiny.BySignal["traces"] = judge.Totals{Lost: 1}
	tiny.Losses = &judge.Losses{Width: 1, Clock: judge.ClockCorpus, Buckets: []judge.Bucket{{Start: start, Sent: 1, Lost: 1}}}
	tiny.Delays = &judge.Delays{Count: 1, P50: 5, P99: 5, Max: 5}
	huge := restarted()
	huge.Sent.Spans, huge.Received.Spans = 40_000_000_000, 40_000_000_000
	huge.BySignal["traces"] = judge.Totals{Lost: 1, MadeUp: 1}
	many := restarted()
	for range 1000 {
		many.Findings = append(many.Findings, many.Findings[1])
	}
	wrong := clean(10) // counts that contradict each other draw something too
	wrong.BySignal["traces"] = judge.Totals{Lost: 1 << 40, Duplicated: 1 << 50, Altered: 1 << 63}
	return map[string]*Page{
		"as expected": of(clean(120_000)), "restarted": of(restarted()), "undecided": of(undecided()), "hostile": hostile(), "fan-out": of(fan),
		"tiny": of(tiny), "huge": of(huge), "many": of(many), "nothing": of(&judge.Result{Verdict: judge.Undecided}), "contradicting": of(wrong),
	}
}

func write(t *testing.T, p *Page) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPagesAreWellFormed(t *testing.T) {
	for name, p := range pages() {
		t.Run(name, func(t *testing.T) {
			page := write(t, p)
			browser.Words(t, page)
			if bytes.Contains(page, []byte("<script")) {
				t.Error("a text of others became a script")
			}
			if i := bytes.IndexAny(page, "\x1b\u009b\u202e\x7f\U000e0001\u2028"); i >= 0 {
				t.Errorf("raw: %q", page[max(i-60, 0):i+10])
			}
		})
	}
}

func TestPagesSayWhatWasFound(t *testing.T) {
	all := pages()
	for name, want := range map[string][]string{
		"as expected": {"as expected", "None: everything is as it was sent", "120,000 as sent"},
		"restarted": {"findings", "9,100 lost", "640 perhaps lost", "1,200 refused", "2,400 duplicated", "3 made up", "18,000 altered", "900 moved",
			"94 % of the losses", "agent-runtime", "refund_with_approval_by_a_person", "others, or of no name", "not there", "77",
			"iteration 3100, scenario order_status, service gateway, trace 0af7651916cd43dd8448eb211c80319c, span b7ad6b7169203331",
			"half of them took at most 1.2 ms", "for information"},
		"undecided": {"Nothing can be said of what arrived", "out/traces.jsonl is empty", "no judgement", "None, since nothing was judged."},
		"nothing":   {"Nothing was sent, and nothing was received."},
		"fan-out":   {"dropped by rule", "each wanted in 2 outputs", "each is to have everything"},
		"many":      {"704 more are not shown"},
		"hostile":   {`\x1b[31mred\u009b31m\u202egpj.exe`, "<b></code><script>alert(1)</script>"},
	} {
		shown := browser.Words(t, write(t, all[name]))
		for _, w := range want {
			if !strings.Contains(shown, w) {
				t.Errorf("%s: no %q", name, w)
			}
		}
	}
	shown := browser.Words(t, write(t, all["undecided"]))
	for _, wrong := range []string{"as it was sent", "as sent", "lost", "altered"} {
		if strings.Contains(shown, wrong) {
			t.Errorf("of what was not judged the page says %q", wrong)
		}
	}
}

// What the pictures count is all there is: nothing is drawn twice or left out.
func TestFlowsAddUp(t *testing.T) {
	for name, p := range pages() {
		for sig := range otlp.Signal(otlp.NumSignals) {
			f, ok := p.flow(sig)
			if !ok || name == "contradicting" {
				continue
			}
			var sent, received uint64
			for _, s := range f.streams {
				if s.from {
					sent += s.n
				}
				if s.to {
					received += s.n
				}
			}
			times := uint64(1)
			if p.Result.FanOut {
				times = 2
			}
			if name == "fan-out" {
				times = max(times, 2)
			}
			if want := p.Result.Sent.Of(sig) * times; sent != want && name != "hostile" {
				t.Errorf("%s: %v: %d leave, want %d", name, sig, sent, want)
			}
			if want := p.Result.Received.Of(sig); received != want {
				t.Errorf("%s: %v: %d arrive, want %d", name, sig, received, want)
			}
		}
	}
}

func TestHeights(t *testing.T) {
	all := heights([]stream{{n: 1_000_000}, {n: 1}, {n: 0}, {n: 500_000}}, 150)
	if all[1] != thinnest || all[2] != 0 {
		t.Errorf("got %v: the smallest is not to be seen, or nothing is", all)
	}
	if sum := all[0] + all[1] + all[3]; sum < 149 || sum > 151 || all[0] < 1.9*all[3] {
		t.Errorf("got %v, %g in all", all, sum)
	}
}

func TestApart(t *testing.T) {
	for _, c := range []struct{ before, after, a, b string }{
		{"abcX1def", "abcYY2def", "abc|X1|def", "abc|YY2|def"},
		{"same", "same", "same||", "same||"},
		{"aa", "aaa", "aa||", "aa|a|"},
		{"\u00e9", "\u00e8", "|\u00e9|", "|\u00e8|"}, // one byte in common
		{"", "x", "||", "x||"},
		{"a\x1bb", "a\x1b", `a\x1b|b|`, `a\x1b||`},
	} {
		a, b := apart(c.before, c.after)
		got := func(v value) string { return v.Head + "|" + v.Middle + "|" + v.Tail }
		if got(a) != c.a || got(b) != c.b {
			t.Errorf("%q and %q: got %q and %q, want %q and %q", c.before, c.after, got(a), got(b), c.a, c.b)
		}
	}
}

// TestPagesInABrowser opens each page in windows of several widths. With
// OTELSIM_SCREENSHOTS set to a folder it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	var views []browser.View
	all := pages()
	names := []string{"restarted", "hostile", "undecided"}
	if os.Getenv("OTELSIM_SCREENSHOTS") != "" {
		names = slices.Sorted(maps.Keys(all))
	}
	for _, name := range names {
		page := write(t, all[name])
		for _, width := range []int{400, 1400} {
			if name == "undecided" && width == 1400 {
				continue // less than what the others show
			}
			views = append(views, browser.View{Name: name, Page: page, Width: width, Height: 3600})
		}
	}
	browser.ForTest(t).SeeCharts(t, 15, views...)
}

// TestAltered: the page counts items that were altered once, however many fields of
// them are, and tells an empty text from none.
func TestAltered(t *testing.T) {
	r := clean(1000)
	r.Verdict, r.Totals.Altered = judge.Found, 30
	for _, e := range []findings.Example{{Before: "", After: "b"}, {Before: "b", After: ""}} {
		r.Findings = append(r.Findings, judge.Finding{Finding: findings.Finding{Kind: judge.KindAltered, Count: 30, Message: "m", Examples: []findings.Example{e}},
			Change: judge.Changed})
	}
	count := func(what string) int { return bytes.Count(write(t, &Page{Result: r}), []byte(what)) }
	if shown := strings.Join(strings.Fields(browser.Words(t, write(t, &Page{Result: r}))), " "); !strings.Contains(shown, "Findings altered 30 m") {
		t.Errorf("got %s", shown)
	}
	const none, empty = ">not there</code>", ">an empty text</code>"
	if count(none) != 0 || count(empty) != 2 {
		t.Errorf("an empty text is not there")
	}
	r.Findings[0].Change, r.Findings[1].Change = judge.Added, judge.Removed
	if count(none) != 2 || count(empty) != 0 {
		t.Errorf("what is not there is an empty text")
	}
}
