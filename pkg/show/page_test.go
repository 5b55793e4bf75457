package show

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/browser"
)

const second = uint64(1e9)

// handmade is the traces and logs of one turn, built by hand.
type handmade struct {
	t *otlp.Traces
	l *otlp.Logs
}

func newRequest() *handmade {
	names := otlp.NewStrings()
	r := &handmade{&otlp.Traces{Strings: names, Scopes: make([]otlp.Scope, 1)}, &otlp.Logs{Strings: names, Scopes: make([]otlp.Scope, 1)}}
	for _, service := range []string{"gateway", "runtime"} {
		at := uint32(len(r.t.Attrs))
		r.t.Attrs = append(r.t.Attrs, r.text("service.name", service))
		r.t.Resources = append(r.t.Resources, otlp.Resource{Attrs: otlp.Range{Start: at, End: at + 1}})
	}
	r.l.Attrs = append(r.l.Attrs, r.text("service.name", "runtime"))
	r.l.Resources = []otlp.Resource{{Attrs: otlp.Range{Start: 0, End: 1}}}
	return r
}

func (r *handmade) text(key, value string) otlp.Attr {
	return otlp.Attr{Key: r.t.Strings.ID(key), Kind: otlp.KindString, Word: uint64(r.t.Strings.ID(value))}
}

// span adds a span of a trace, with one attribute. Parent 0 is none.
func (r *handmade) span(trace, id, parent byte, name string, start, end uint64, attr otlp.Attr) *otlp.Span {
	at := uint32(len(r.t.Attrs))
	r.t.Attrs = append(r.t.Attrs, attr)
	s := otlp.Span{TraceID: otlp.TraceID{trace}, SpanID: otlp.SpanID{id}, Name: r.t.Strings.ID(name), Start: start, End: end,
		Attrs: otlp.Range{Start: at, End: at + 1}, Kind: otlp.SpanKindInternal, Resource: uint32(trace % 2)}
	if parent != 0 {
		s.ParentID = otlp.SpanID{parent}
	}
	r.t.Spans = append(r.t.Spans, s)
	return &r.t.Spans[len(r.t.Spans)-1]
}

func (r *handmade) log(trace, span byte, at uint64, body string) {
	r.l.Records = append(r.l.Records, otlp.LogRecord{Time: at, Observed: at + 1e6, TraceID: otlp.TraceID{trace}, SpanID: otlp.SpanID{span},
		Body: r.text("", body), SeverityText: r.t.Strings.ID("WARN"), Severity: otlp.SeverityWarn, EventName: r.t.Strings.ID("tool.retry")})
}

func (r *handmade) request(id string) request { return request{traces: *r.t, logs: *r.l, id: id} }

// usual is a request of two traces with everything in them.
func usual(start uint64) request {
	r := newRequest()
	r.span(1, 1, 0, "request.validation", start, start+second/20, r.text("class", "validation"))
	r.span(2, 2, 0, "orchestrate", start+second/10, start+3*second, r.text("gen_ai.conversation.id", "sess_1"))
	r.span(2, 3, 2, "plan", start+second/5, start+second, r.text("model", "m-1"))
	failed := r.span(2, 4, 2, "tool.execute", start+second, start+2*second, r.text("arguments", `{"text": "<b>`+strings.Repeat("long ", 200)+`"}`))
	failed.Status, failed.Message = otlp.StatusError, r.t.Strings.ID("<script>alert(1)</script> timed out")
	r.t.Events = []otlp.Event{{Time: start + 3*second/2, Name: r.t.Strings.ID("exception")}}
	r.t.Links = []otlp.Link{{TraceID: otlp.TraceID{1}, SpanID: otlp.SpanID{1}}, {TraceID: otlp.TraceID{9}, SpanID: otlp.SpanID{9}}}
	failed.Events, failed.Links = otlp.Range{Start: 0, End: 1}, otlp.Range{Start: 0, End: 2}
	r.log(2, 4, start+3*second/2, "attempt 1 of 3 failed & will be repeated")
	r.log(2, 77, start+2*second, "of a span that is not here")
	return r.request("req_1")
}

// broken is a request whose spans do not make a tree.
func broken() request {
	r := newRequest()
	r.span(1, 1, 2, "chases", second, 2*second, r.text("a", "b"))
	r.span(1, 2, 1, "its tail", second, 2*second, r.text("a", "b"))
	r.span(1, 3, 3, "own parent", second, second, r.text("a", "b"))
	r.span(1, 4, 99, "orphan", 3*second, second, r.text("a", "b")) // ends before it starts
	r.span(1, 5, 4, "twin", second, 2*second, r.text("a", "b"))
	r.span(1, 5, 4, "twin", second, 2*second, r.text("a", "b"))
	return r.request("-")
}

// deep is a chain, so that every row is further in than the one before.
func deep() request {
	r := newRequest()
	for i := byte(1); i < 120; i++ {
		r.span(1, i, i-1, "vendor.a_name_that_is_rather_long."+fmt.Sprint(i), uint64(i)*second, 200*second, r.text("n", fmt.Sprint(i)))
	}
	return r.request(strings.Repeat("req_with_a_long_name_", 8))
}

// page is what a page is made of.
type page struct{ requests []request }

func sessions() map[string]page {
	of := func(requests ...request) page { return page{requests} }
	empty := newRequest()
	return map[string]page{
		"one turn":  of(usual(second)),
		"two turns": of(usual(second), usual(3600*second)),
		"broken":    of(broken()),
		"deep":      of(deep()),
		"messages":  of(bus()),
		"no turns":  of(),
		"no spans":  of(empty.request("-")),
	}
}

func write(t *testing.T, p page) []byte {
	t.Helper()
	v := &view{Title: "claim_conversation, iteration 7", Facts: []fact{{"seed", "42"}, {"session", strings.Repeat("sess", 30)}}, spanIDs: map[otlp.SpanID]bool{}}
	var b bytes.Buffer
	if err := v.write(&b, p.requests); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	outside = regexp.MustCompile(`(?i)url\(|@import|<link|src=|href="[^#]`)
	spoilt  = regexp.MustCompile(`NaN|Inf|ZgotmplZ`)
)

// rows reads the page as XML, which it is written as but for its script, and returns the names of its rows as they stand.
func rows(t *testing.T, page []byte) (names []string) {
	t.Helper()
	for _, bad := range []*regexp.Regexp{outside, spoilt} {
		if m := bad.Find(page); m != nil {
			t.Errorf("%s on the page", m)
		}
	}
	before, _, _ := bytes.Cut(page, []byte("<script>\n"))
	d := xml.NewDecoder(bytes.NewReader(append(before, "</body></html>"...)))
	var open []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatalf("parse page: %v", err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			open = append(open, tok.Name.Local)
		case xml.EndElement:
			if open[len(open)-1] != tok.Name.Local {
				t.Fatalf("</%s> ends <%s>", tok.Name.Local, open[len(open)-1])
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if n := len(open); n > 4 && open[n-1] == "b" && open[n-3] == "summary" {
				names = append(names, string(tok))
			}
		}
	}
}

func TestEverySpanAndLogIsARow(t *testing.T) {
	one := []string{"request.validation", "orchestrate", "plan", "tool.execute", "tool.retry", "tool.retry"}
	for name, want := range map[string][]string{
		"one turn":  one,
		"two turns": slices.Concat(one, one),
		"broken":    {"orphan", "twin", "twin", "chases", "its tail", "own parent"},
		"no turns":  nil,
		"no spans":  nil,
	} {
		if got := rows(t, write(t, sessions()[name])); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := rows(t, write(t, sessions()["deep"])); len(got) != 119 {
		t.Errorf("deep: got %d rows, want 119", len(got))
	}
}

func TestRowsHaveAllThatIsKnown(t *testing.T) {
	page := string(write(t, sessions()["one turn"]))
	for _, want := range []string{"sess_1", "&lt;script&gt;alert(1)&lt;/script&gt; timed out", "event exception", "attempt 1 of 3 failed &amp; will be repeated",
		`href="#s-0100000000000000"`, "of trace 09000000000000000000000000000000", "its span is not here", "<b>errors</b> 1", "<b>logs</b> 2", "WARN"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q on the page", want)
		}
	}
	if strings.Contains(page, "<script>alert") {
		t.Error("a status message became a script")
	}
	if broken := string(write(t, sessions()["broken"])); !strings.Contains(broken, "its parent is not here") || !strings.Contains(broken, "its own ancestor") {
		t.Error("nothing says that the tree is broken")
	}
}

// steps are what a user does, each with what is seen then.
const steps = `
const shown = () => [...document.querySelectorAll(".row:not([hidden]) > summary b")].filter(b => !b.closest("[hidden]")).map(b => b.textContent).join(" ");
const type = text => { search.value = text; search.dispatchEvent(new Event("input")) };
fact("all", shown());
type("timed OUT"); fact("text", shown()); fact("count", document.getElementById("count").textContent);
type("sess_1"); fact("attribute", shown());
type("plan orchestrate"); fact("both", shown());
type("nowhere"); fact("none", shown() + document.getElementById("none").hidden);
type(""); errors.click(); fact("errors", shown()); errors.click();
document.getElementById("open").click(); fact("open", document.querySelectorAll(".row[open]").length);
document.getElementById("close").click(); fact("closed", document.querySelectorAll(".row[open]").length);
type("nowhere"); location.hash = "#s-0300000000000000"; follow(); fact("followed", shown() + document.getElementById("s-0300000000000000").open);
document.getElementById("open").click();
`

// TestPagesInABrowser opens each page wide and narrow, searches, and opens
// everything. With OTELSIM_SCREENSHOTS set to a folder it leaves pictures there.
func TestPagesInABrowser(t *testing.T) {
	all := "request.validation orchestrate plan tool.execute tool.retry tool.retry"
	want := map[string]string{"all": all, "text": "orchestrate tool.execute", "count": "1 of 6", "attribute": "orchestrate",
		"both": "", "none": "false", "errors": "orchestrate tool.execute", "open": "6", "closed": "0", "followed": all + "true"}
	var views []browser.View
	for name, s := range sessions() {
		page := write(t, s)
		for _, width := range []int{400, 1400} {
			do := ""
			if name == "one turn" {
				do = steps
			}
			views = append(views, browser.View{Name: "session " + name, Page: page, Width: width, Height: 1200, Steps: do})
		}
	}
	for i, r := range browser.ForTest(t).See(t, views...) {
		for fact, value := range want {
			if views[i].Steps != "" && r.Facts[fact] != value {
				t.Errorf("%d wide: %s: got %q, want %q", views[i].Width, fact, r.Facts[fact], value)
			}
		}
	}
}
