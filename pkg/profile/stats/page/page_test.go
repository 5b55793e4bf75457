package page

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/browser"
	"github.com/otelsim/otelsim/pkg/profile/stats"
)

// spreadOf is how durations around a middle are spread, in ns.
func spreadOf(n uint64, mid float64) stats.Spread {
	return stats.Spread{Count: n, Mean: 1.2 * mid, Min: mid / 10, P5: mid / 3, P25: mid / 1.5, P50: mid, P75: 1.6 * mid, P95: 4 * mid, P99: 9 * mid, Max: 40 * mid}
}

// system is the report of a system of so many services, each of which calls some that
// come after it and the first of which all requests enter. Some ask a database.
func system(services int) *stats.Report {
	r := &stats.Report{
		Range:  stats.Range{First: "2026-01-01T00:00:00Z", Last: "2026-01-01T01:00:00Z", Seconds: 3600},
		Sizes:  map[string]stats.Size{"traces": {Items: 360_000, Bytes: 120e6, BytesPerItem: 333.3}, "metrics": {}, "logs": {Items: 1000, Bytes: 90_000, BytesPerItem: 90}},
		Traces: stats.Traces{Count: 12_000, Failed: 300, ErrorRate: 0.025, PerSecond: 3.33, Spans: spreadOf(12_000, 30), Duration: spreadOf(12_000, 8e7)},
	}
	name := func(i int) string {
		words := []string{"gateway", "checkout", "inventory-service", "payments", "user-profile", "search", "recommendation-engine", "mail"}
		return fmt.Sprintf("%s-%d", words[i%len(words)], i)
	}
	calls := uint64(12_000)
	for i := range services {
		s := stats.Service{Name: name(i), Spans: 40_000 / uint64(i+1), Instances: 3, Operations: 4, Entered: 9000 / uint64(i+1), EnterErrors: uint64(i % 7 * 100 / (i + 1))}
		if i == 0 {
			s.Roots = 12_000
		}
		s.ErrorRate = float64(s.EnterErrors) / float64(max(s.Entered, 1))
		r.Services = append(r.Services, s)
		for k := range 2 {
			r.Operations = append(r.Operations, stats.Operation{Service: s.Name, Name: fmt.Sprintf("/api/things/{digits}/%d", k), Kind: []string{"server", "internal"}[k],
				Spans: s.Spans / 2, Share: 0.01, ErrorRate: s.ErrorRate, Duration: spreadOf(s.Spans, math.Exp(float64(i%11)+12)), Own: spreadOf(s.Spans, 1e6)})
		}
		for _, k := range []int{2*i + 1, 2*i + 2, i + 5} {
			if k < services {
				e := stats.Edge{From: s.Name, To: name(k), Calls: calls / uint64(k+1), Errors: uint64(k % 5 * 30)}
				e.ErrorRate = float64(e.Errors) / float64(max(e.Calls, 1))
				if k%6 == 0 {
					e.Async = e.Calls
				}
				r.Edges = append(r.Edges, e)
			}
		}
		if i%3 == 1 {
			r.Edges = append(r.Edges, stats.Edge{From: s.Name, To: "orders.db.internal:5432", Address: true, Calls: 700})
		}
	}
	if services > 6 {
		r.Edges = append(r.Edges, stats.Edge{From: name(6), To: name(1), Calls: 12}) // closes a cycle
	}
	for i := range 200 {
		r.Arrivals.Counts = append(r.Arrivals.Counts, uint64(60+40*math.Sin(float64(i)/9)))
	}
	r.Arrivals.First, r.Arrivals.Window = "2026-01-01T00:00:00Z", 1<<34
	r.Shapes = []stats.Shape{{Text: "gateway GET / (checkout POST /pay (payments charge, db INSERT +))", Traces: 11_000, Share: 0.917, Spans: 31.5, Duration: spreadOf(11_000, 8e7)},
		{Text: "gateway " + strings.Repeat("GET /averylongpath (", 18), Traces: 1000, Share: 0.083, Spans: 4, Duration: spreadOf(1000, 8e5)}}
	r.Failures = []stats.Failure{{Service: name(0), Name: "GET /", Kind: "client", Outcome: "timeout", Target: "payments-3 charge", Spans: 400, Began: 300, Share: 0.9}}
	same := 1.0
	r.Attributes = []stats.Attribute{
		{Key: "session.id", On: "span", Items: 360_000, Share: 1, Kinds: []string{"string"}, Distinct: 11_234, High: true, SameInTrace: &same},
		{Key: "http.request.method", On: "span", Items: 90_000, Share: 0.25, Kinds: []string{"string"}, Distinct: 3, Exact: true,
			Values: []stats.Value{{Value: "GET", Count: 80_000}, {Value: "POST", Count: 9990}, {Value: "DELETE", Count: 10}}}}
	r.Metrics = []stats.Metric{{Service: name(1), Name: "http.server.request.duration", Unit: "s", Type: "histogram", Points: 4000, Series: 40,
		Attributes: []stats.Dimension{{Key: "http.route", Distinct: 12}, {Key: "http.request.method", Distinct: 1}}}}
	r.Logs = []stats.Log{{Service: name(1), Severity: "ERROR", Number: 17, Body: "cannot charge {digits}: card declined", Records: 120, Share: 0.12}}
	return r
}

const hostileText = "\x1b[31mred\u009b31m\u202egpj.exe\x7f\U000e0001\u2028<b></code><script>alert(1)</script>&\"'{{.}}"

// hostile is a report in which everything that others write is of bad intent, as no
// stats.Of makes one.
func hostile() *stats.Report {
	r := system(12)
	for i := range r.Services {
		r.Services[i].Name = hostileText
	}
	for i := range r.Edges {
		r.Edges[i].From, r.Edges[i].To = hostileText, hostileText
		r.Edges[i].Address = i == 0
	}
	for i := range r.Operations {
		r.Operations[i].Service, r.Operations[i].Name, r.Operations[i].Kind = hostileText, hostileText, hostileText
	}
	r.Shapes[0].Text, r.Failures[0].Name, r.Failures[0].Outcome, r.Failures[0].Target = hostileText, hostileText, hostileText, hostileText
	r.Attributes[0].Key, r.Attributes[1].Values[0].Value = hostileText, hostileText
	r.Metrics[0].Name, r.Metrics[0].Unit, r.Metrics[0].Attributes[0].Key = hostileText, hostileText, hostileText
	r.Logs[0].Body, r.Logs[0].Event = hostileText, hostileText
	return r
}

// one is the report of a file with one trace of one span.
func one() *stats.Report {
	s := stats.Spread{Count: 1, Mean: 5e6, Min: 5e6, P5: 5e6, P25: 5e6, P50: 5e6, P75: 5e6, P95: 5e6, P99: 5e6, Max: 5e6}
	return &stats.Report{
		Range: stats.Range{First: "2026-01-01T00:00:00Z", Last: "2026-01-01T00:00:00.005Z", Seconds: 0.005}, Sizes: map[string]stats.Size{"traces": {Items: 1, Bytes: 200, BytesPerItem: 200}},
		Traces: stats.Traces{Count: 1, PerSecond: 200, Duration: s}, Arrivals: stats.Arrivals{First: "2026-01-01T00:00:00Z", Window: 1 << 30, Counts: []uint64{1}},
		Services:   []stats.Service{{Name: "web", Spans: 1, Roots: 1, Entered: 1}},
		Operations: []stats.Operation{{Service: "web", Name: "GET /", Kind: "server", Spans: 1, Duration: s, Own: s}},
		Shapes:     []stats.Shape{{Text: "web GET /", Traces: 1, Share: 1, Spans: 1, Duration: s}},
		Faults:     stats.Faults{Orphans: 1},
	}
}

// pages are what a page can look like, by name.
func pages() map[string]*Page {
	of := func(r *stats.Report) *Page { return &Page{Report: r, Title: "corpus", Program: "otelsim-gen devel"} }
	broken := system(12)
	broken.Operations[3].Duration = stats.Spread{Count: 3} // all took no time
	return map[string]*Page{
		"12": of(system(12)), "60": of(system(60)), "400": of(system(400)), "one": of(one()), "nothing": of(&stats.Report{}), "broken": of(broken),
		"hostile": {Report: hostile(), Title: hostileText, Notes: []string{hostileText}, Program: hostileText},
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

func TestPagesSayWhatThereIs(t *testing.T) {
	all := pages()
	for name, want := range map[string][]string{
		"12": {"12,000", "inventory-service-2", "orders.db.internal:5432", "11,234", "GET , DELETE", "http.route 12", "cannot charge {digits}: card declined",
			"100 more fail since another did", "checkout-1 to payments-3", "2.5 %"},
		"60":      {"mail-55"},
		"400":     {"321 with fewer calls are not drawn.", "and 300 more: --json has them"},
		"one":     {"1 span without the parent that they name", "No span ends in an error."},
		"nothing": {"There are no spans."},
		"hostile": {`\x1b[31mred\u009b31m\u202egpj.exe`, "<b></code><script>alert(1)</script>"},
	} {
		shown := strings.Join(strings.Fields(browser.Words(t, write(t, all[name]))), " ")
		for _, w := range want {
			if !strings.Contains(shown, strings.ReplaceAll(w, "GET , DELETE", "GET , POST , DELETE")) {
				t.Errorf("%s: no %q", name, w)
			}
		}
	}
}

// TestPagesInABrowser opens pages in windows of several widths. With
// OTELSIM_SCREENSHOTS set to a folder it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	var views []browser.View
	all := pages()
	names := []string{"12", "hostile"}
	if os.Getenv("OTELSIM_SCREENSHOTS") != "" {
		names = slices.Sorted(maps.Keys(all))
	}
	for _, name := range names {
		page := write(t, all[name])
		for _, width := range []int{360, 1280} {
			views = append(views, browser.View{Name: name, Page: page, Width: width, Height: 3600})
		}
	}
	browser.ForTest(t).SeeCharts(t, 15, views...)
}
