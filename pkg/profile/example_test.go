package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// at writes a span from and to so many ms after the epoch's first second.
func at(parent int32, service *intake.Resource, kind uint8, name string, from, to float64) intake.Span {
	return intake.Span{
		Parent: parent, Kind: kind, Name: []byte(name), Resource: service, Raw: make([]byte, 10),
		Start: uint64(1e9 + from*1e6), End: uint64(1e9 + to*1e6),
	}
}

// checkout is one trace, of a retry that works, two queries at once, a message that is
// read when all is over, and a log record:
//
//	web GET /cart/7                       0  100
//	  web POST            (asks pay)     10   30  failed
//	    pay Charge                       12   28  failed: it is where it began
//	  web POST            (asks pay)     40   60
//	    pay Charge                       42   58
//	  web SELECT          (asks db1)     60   80
//	  web SELECT          (asks db1)     65   90
//	  web send            (asks mail)    90   95
//	    mail read                       120  150
func checkout(id byte) *intake.Trace {
	web := &intake.Resource{Hash: 1, Service: "web", Instance: "web-0", Attributes: []intake.Attribute{text("service.version", "1.2")}}
	pay := &intake.Resource{Hash: 2, Service: "pay"}
	mail := &intake.Resource{Hash: 3, Service: "mail"}
	t := &intake.Trace{ID: otlp.TraceID{15: id}}
	t.Spans = []intake.Span{
		at(-1, web, otlp.SpanKindServer, "GET /cart/7", 0, 100),
		at(0, web, otlp.SpanKindClient, "POST", 10, 30),
		at(1, pay, otlp.SpanKindServer, "Charge", 12, 28),
		at(0, web, otlp.SpanKindClient, "POST", 40, 60),
		at(3, pay, otlp.SpanKindServer, "Charge", 42, 58),
		at(0, web, otlp.SpanKindClient, "SELECT", 60, 80),
		at(0, web, otlp.SpanKindClient, "SELECT", 65, 90),
		at(0, web, otlp.SpanKindProducer, "send", 90, 95),
		at(7, mail, otlp.SpanKindConsumer, "read", 120, 150),
	}
	for i := range t.Spans {
		t.Spans[i].ID[7] = byte(i + 1)
		t.Spans[i].Attributes = []intake.Attribute{integer("n", int64(i%2)), text("user", fmt.Sprint("u", id))}
	}
	for _, i := range []int{1, 2} {
		t.Spans[i].Status = otlp.StatusError
	}
	t.Spans[1].Attributes = append(t.Spans[1].Attributes, integer("http.response.status_code", 503))
	t.Spans[2].Events = []intake.Event{{Name: []byte("exception"), Attributes: []intake.Attribute{text("exception.type", "Busy")}}}
	for _, i := range []int{5, 6} {
		t.Spans[i].Attributes = append(t.Spans[i].Attributes, text("server.address", "db1"))
	}
	t.Spans[0].Attributes = append(t.Spans[0].Attributes, text("session.id", "s"))
	t.Logs = []intake.Log{{Span: 2, Time: 1e9 + 27e6, Severity: 17, Body: text("", "charge 12 failed"), Resource: pay, Raw: make([]byte, 5)}}
	return t
}

// describe tells a class as text, with what it does.
func describe(p *Profile, c *Class) string {
	name := func(id ClassID) string { x := p.Classes[id]; return strings.TrimSpace(x.Name + " " + x.Outcome) }
	var does []string
	for _, h := range sortedKeys(c.Productions) {
		x := c.Productions[h]
		var groups []string
		for _, g := range x.Groups {
			var runs []string
			for _, r := range g {
				s := fmt.Sprintf("%s*%v", name(r.Class), r.Counts.Quantile(1))
				for _, flag := range []struct {
					is   bool
					name string
				}{{r.Together, " together"}, {r.Async, " async"}, {r.After, " after"}} {
					if flag.is {
						s += flag.name
					}
				}
				if r.Wait != nil {
					s += fmt.Sprintf(" %v ms", r.Wait.Quantile(1)/1e6)
				}
				runs = append(runs, s)
			}
			groups = append(groups, strings.Join(runs, " & "))
		}
		does = append(does, fmt.Sprintf("%d: %s", x.Spans, strings.Join(groups, ", ")))
	}
	above := ""
	for _, x := range p.Classes {
		if x.Path == c.Above {
			above = " below " + x.Name
		}
	}
	_, own := c.Own.Bounds()
	return fmt.Sprintf("%s %s%s | asks %q ends %q | %d spans %d traces %d roots %d caused | %v to %v ms, own %v | %s",
		c.Service, c.Name, above, c.Target, c.Outcome, c.Spans, c.Traces, c.Roots, c.Caused,
		c.Duration.Quantile(0)/1e6, c.Duration.Quantile(1)/1e6, own/1e6, strings.Join(does, "; "))
}

// TestExample holds every number of a small profile to what a person counts.
func TestExample(t *testing.T) {
	b := NewBuilder(Options{})
	b.Trace(checkout(1))
	b.Trace(checkout(2))
	p := b.Finish()
	var got []string
	for _, c := range p.Classes {
		got = append(got, describe(p, c))
	}
	slices.Sort(got)
	want := []string{
		`mail read | asks "" ends "" | 2 spans 2 traces 0 roots 0 caused | 30 to 30 ms, own 30 | 2: `,
		`pay Charge | asks "" ends "" | 2 spans 2 traces 0 roots 0 caused | 16 to 16 ms, own 16 | 2: `,
		`pay Charge | asks "" ends "Busy" | 2 spans 2 traces 0 roots 2 caused | 16 to 16 ms, own 16 | 2: `,
		`web GET /cart/{digits} | asks "" ends "" | 2 spans 2 traces 2 roots 0 caused | 100 to 100 ms, own 25 | 2: POST 503*1, POST*1, SELECT*2 together, send*1`,
		`web POST below GET /cart/{digits} | asks "pay Charge" ends "" | 2 spans 2 traces 0 roots 0 caused | 20 to 20 ms, own 4 | 2: Charge*1`,
		`web POST below GET /cart/{digits} | asks "pay Charge" ends "503" | 2 spans 2 traces 0 roots 0 caused | 20 to 20 ms, own 4 | 2: Charge Busy*1`,
		`web SELECT below GET /cart/{digits} | asks "db1" ends "" | 4 spans 2 traces 0 roots 0 caused | 20 to 25 ms, own 25 | 4: `,
		`web send below GET /cart/{digits} | asks "mail read" ends "" | 2 spans 2 traces 0 roots 0 caused | 5 to 5 ms, own 5 | 2: read*1 after 25 ms`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("classes\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, s := range p.Shapes {
		if want := "web GET /cart/{digits} (web POST (pay Charge), web SELECT, web send (mail read))"; s.Text != want || s.Traces != 2 || s.Spans != 18 {
			t.Errorf("shape %q of %d traces, %d spans", s.Text, s.Traces, s.Spans)
		}
	}
	if len(p.Shapes) != 1 {
		t.Errorf("%d shapes", len(p.Shapes))
	}
	exampleTraces(t, p)
	exampleAttributes(t, p)
}

func exampleTraces(t *testing.T, p *Profile) {
	w := &p.Traces
	for what, x := range map[string][2]float64{
		"first":   {float64(p.First), 1e9},
		"last":    {float64(p.Last), 1.15e9},
		"traces":  {float64(w.Count), 2},
		"failed":  {float64(w.Failed), 2},
		"spans":   {w.Spans.Quantile(0.5), 9},
		"depth":   {w.Depth.Quantile(1), 3},
		"width":   {w.Width.Quantile(1), 5},
		"seconds": {w.Seconds.Quantile(1), 150e6},
		"roots":   {w.Roots.Quantile(1), 1},
		// Children of the root 20+20+20+25+5, those of calls 16+16+30, by trace.
		"busy": {w.Busy.Float(), 2 * 152e6},
		// 10 to 30, 40 to 95; 16+16+30.
		"covered":       {w.Covered.Float(), 2 * 137e6},
		"sessions":      {float64(p.Sessions.Count), 1},
		"of traces":     {p.Sessions.Traces.Quantile(1), 2},
		"pause":         {p.Sessions.Pauses.Quantile(1), 0},
		"orders":        {float64(len(p.Sessions.Orders)), 1},
		"steps":         {float64(len(p.Sessions.Steps)), 1},
		"span bytes":    {float64(p.Sizes[otlp.SignalTraces].Bytes), 180},
		"log items":     {float64(p.Sizes[otlp.SignalLogs].Items), 2},
		"web spans":     {float64(p.Services["web"].Spans), 12},
		"web instances": {float64(p.Services["web"].Instances.Distinct()), 1},
		"pay records":   {float64(p.Services["pay"].LogRecords), 2},
		"web version":   {float64(p.Services["web"].Attributes["service.version"].Present), 12},
		"sample":        {float64(p.Sample.Bytes), 180},
	} {
		if x[0] != x[1] {
			t.Errorf("%s: %v, want %v", what, x[0], x[1])
		}
	}
}

func exampleAttributes(t *testing.T, p *Profile) {
	key := func(name string) string {
		k := p.Keys[name]
		return fmt.Sprintf("%d spans, %d traces, %d alike, %d sessions, %d alike, %d values", k.Spans, k.Traces, k.Alike, k.Sessions, k.SessionAlike, k.Values.Distinct())
	}
	for name, want := range map[string]string{
		"n":              "18 spans, 2 traces, 0 alike, 1 sessions, 0 alike, 2 values",
		"user":           "18 spans, 2 traces, 2 alike, 1 sessions, 0 alike, 2 values",
		"session.id":     "2 spans, 0 traces, 0 alike, 1 sessions, 1 alike, 1 values",
		"server.address": "4 spans, 2 traces, 2 alike, 1 sessions, 1 alike, 1 values",
	} {
		if got := key(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, c := range p.Classes {
		if c.Outcome != "Busy" {
			continue
		}
		e := c.Events["exception"]
		if e == nil || e.Count != 2 || e.Spans != 2 || e.Traces != 2 || e.Attributes["exception.type"].Values.Kept()[0].Text != "Busy" {
			t.Errorf("events %+v", c.Events)
		}
		for _, x := range c.Logs {
			if x.Body != "charge {digits} failed" || x.Records != 2 || x.Traces != 2 || x.Early != 0 || x.Service != "pay" || x.Severity != 17 {
				t.Errorf("template %+v", x)
			}
		}
		if len(c.Logs) != 1 || len(p.Logs) != 1 {
			t.Errorf("%d and %d templates", len(c.Logs), len(p.Logs))
		}
		if a := c.Attributes["user"]; a.Present != 2 || a.Traces != 2 || a.Values.Distinct() != 2 || a.Lengths.Quantile(1) != 2 {
			t.Errorf("user %+v", a)
		}
	}
}

// Steps that are called the same are told apart by what they begin with, and not by what
// follows; of children that run together the order is no matter.
func TestStepsAreToldApart(t *testing.T) {
	web := &intake.Resource{Hash: 1, Service: "web"}
	step := func(from float64, names ...string) []intake.Span {
		spans := []intake.Span{at(0, web, otlp.SpanKindInternal, "step", from, from+10)}
		for i, name := range names {
			begin := from + 2*float64(i)
			if strings.HasPrefix(name, "&") {
				begin -= 1
			}
			spans = append(spans, at(-2, web, otlp.SpanKindInternal, strings.TrimPrefix(name, "&"), begin, begin+2))
		}
		return spans
	}
	tr := &intake.Trace{Spans: []intake.Span{at(-1, web, otlp.SpanKindServer, "GET", 0, 100)}}
	for i, names := range [][]string{{"chat"}, {"search"}, {"chat", "save"}, {"search", "&ask"}, {"ask", "&search"}, {}} {
		parent := int32(len(tr.Spans))
		for _, s := range step(float64(10*i), names...) {
			if s.Parent < -1 {
				s.Parent = parent
			}
			tr.Spans = append(tr.Spans, s)
		}
	}
	for i := range tr.Spans {
		tr.Spans[i].ID[7] = byte(i + 1)
	}
	inOrder(tr)
	b := NewBuilder(Options{})
	b.Trace(tr)
	spans := make(map[string]uint64)
	for _, c := range b.Finish().Classes {
		if c.Name == "step" {
			spans[c.Begins] += c.Spans
		}
	}
	together := "ask"
	if spans["ask"] == 0 {
		together = "search"
	}
	if spans["chat"] != 2 || spans[""] != 1 || spans[together] < 2 || spans["ask"]+spans["search"] != 3 {
		t.Errorf("steps by what they begin with: %v", spans)
	}
}

// A session waits for the answer, the end of the first root, and not for what goes on
// after it: a pause is from the end of all of the trace.
func TestPausesOfSessions(t *testing.T) {
	b := NewBuilder(Options{})
	b.Trace(checkout(1))
	later := checkout(2)
	for i := range later.Spans {
		later.Spans[i].Start += 200e6
		later.Spans[i].End += 200e6
	}
	b.Trace(later)
	s := b.Finish().Sessions
	if pause, think := s.Pauses.Quantile(1), s.Thinks.Quantile(1); pause != 50e6 || think != 100e6 {
		t.Errorf("a pause of %v ns, and %v from the answer on; want 50 and 100 ms", pause, think)
	}
}
