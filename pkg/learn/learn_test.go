package learn

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// hand is a profile that a test makes.
type hand struct{ *profile.Profile }

func newHand(traces uint64) *hand {
	h := &hand{&profile.Profile{
		Classes: map[profile.ClassID]*profile.Class{}, Services: map[string]*profile.Service{}, Keys: map[string]*profile.Key{},
		Starts: sketch.NewWindows(1024, 20), First: 1, Last: 1_000_000_000_000,
	}}
	h.Traces.Count = traces
	for i := range traces {
		h.Starts.Add(i*1_000_000_000_000/traces, 1)
	}
	return h
}

// class adds a class; its own time is about so many ms.
func (h *hand) class(id uint64, service, name string, kind uint8, outcome string, spans uint64, ms float64) *profile.Class {
	c := &profile.Class{
		Path: id / 10 * 10, Service: service, Name: name, Kind: kind, Outcome: outcome, Spans: spans, Traces: spans,
		Scopes: sketch.NewValues(8), Duration: &sketch.Numbers{}, Own: &sketch.Numbers{},
		Attributes: map[string]*profile.Attribute{}, Events: map[string]*profile.Event{}, Productions: map[uint64]*profile.Production{},
	}
	spread(c.Own, ms, spans)
	h.Classes[profile.ClassID(id)] = c
	return c
}

// spread adds n numbers of nanoseconds that are log-normal around so many milliseconds.
func spread(s *sketch.Numbers, ms float64, n uint64) {
	for i := range n {
		p := (float64(i) + 0.5) / float64(n)
		s.Add(ms * 1e6 * math.Exp(0.3*math.Sqrt2*math.Erfinv(2*p-1)))
	}
}

// does adds a production: groups of ids, below 0 with as many as that twice.
func does(c *profile.Class, spans uint64, ms float64, groups ...[]uint64) {
	p := &profile.Production{Spans: spans, Traces: spans, Own: &sketch.Numbers{}, Duration: &sketch.Numbers{}}
	spread(p.Own, ms, spans)
	for _, ids := range groups {
		var g profile.Group
		for _, id := range ids {
			counts := &sketch.Numbers{}
			counts.AddN(1, spans)
			g = append(g, profile.Run{Class: profile.ClassID(id), Counts: counts})
		}
		p.Groups = append(p.Groups, g)
	}
	c.Productions[uint64(len(c.Productions)+1)] = p
}

func texts(key string, traces uint64, values ...string) *profile.Attribute {
	a := &profile.Attribute{Present: traces, Traces: traces, Values: sketch.NewValues(64)}
	for i := range traces {
		a.Values.Add(otlp.KindString, []byte(values[i%uint64(len(values))]), i+1)
	}
	a.Kinds[otlp.KindString] = traces
	return a
}

// ints is an attribute of integers, of which each trace has one; so many different ones are kept.
func ints(traces uint64, most int, of func(i uint64) uint64) *profile.Attribute {
	a := &profile.Attribute{Present: traces, Traces: traces, Values: sketch.NewValues(most), Numbers: new(sketch.Numbers)}
	for i := range traces {
		a.Values.AddWord(otlp.KindInt, of(i), 1, i+1)
		a.Numbers.Add(float64(of(i)))
	}
	a.Kinds[otlp.KindInt] = traces
	return a
}

// asking is a profile of 300 sessions with 1,000 traces, each of which begins with a request to the service
// web, class 10.
func asking() (h *hand, web *profile.Class) {
	h = newHand(1000)
	h.Sessions.Count = 300
	web = h.class(10, "web", "POST /ask", otlp.SpanKindServer, "", 1000, 5)
	web.Roots = 1000
	return h, web
}

// calls adds a class of calls of class 10 to an address.
func (h *hand) calls(id uint64, name, address, outcome string, spans uint64) *profile.Class {
	c := h.class(id, "web", name, otlp.SpanKindClient, outcome, spans, float64(id))
	c.Above, c.Target = 10, address
	does(c, spans, float64(id))
	return c
}

func small() *hand {
	h := newHand(1000)
	web := h.class(10, "web", "GET /items", otlp.SpanKindServer, "", 950, 5)
	web.Roots = 950
	does(web, 900, 5, []uint64{20})
	does(web, 50, 5, []uint64{20}, []uint64{30})
	bad := h.class(11, "web", "GET /items", otlp.SpanKindServer, "500", 50, 5)
	bad.Roots = 50
	does(bad, 50, 5, []uint64{21})
	cache := h.class(20, "web", "GET", otlp.SpanKindClient, "", 950, 1)
	cache.Above = 10
	does(cache, 950, 1)
	cache.Attributes["db.system.name"] = texts("db.system.name", 950, "redis")
	gone := h.class(21, "web", "GET", otlp.SpanKindClient, "timeout", 50, 100)
	gone.Above = 10
	does(gone, 50, 100)
	gone.Events["exception"] = &profile.Event{Count: 50, Spans: 50}
	api := h.class(30, "api", "List", otlp.SpanKindServer, "", 50, 8)
	does(api, 50, 8)
	return h
}

func TestSystemIsReadable(t *testing.T) {
	m := modelOf(t, small(), 0)
	for _, f := range m.Files {
		t.Logf("--- %s\n%s", f.Name, f.Data)
	}
	if !strings.Contains(m.Report, "1,000 traces") {
		t.Error(m.Report)
	}
}

// TestExceptionsAreLearnt: what failures tell of exceptions is written with the outcome, its
// type as it is and other text for its message; of spans that do not fail there is none.
func TestExceptionsAreLearnt(t *testing.T) {
	h := small()
	told := func(spans uint64, keys ...string) *profile.Event {
		e := &profile.Event{Count: spans, Spans: spans, Traces: spans, Attributes: map[string]*profile.Attribute{}}
		for _, key := range keys {
			e.Attributes[key] = texts(key, spans, "java.io.IOException")
		}
		return e
	}
	h.Classes[11].Events["exception"] = told(40, "exception.type", "exception.message")
	h.Classes[20].Events["exception"] = told(500, "exception.type")
	h.Classes[20].Events["seen"] = told(500)
	h.Classes[20].Events["seen"].Count = 1500
	got := learntOf(t, h)
	if !strings.Contains(got, "{name: seen, count: 3") {
		t.Errorf("an event is not there three times:\n%s", got)
	}
	if n := strings.Count(got, "name: exception"); n != 1 {
		t.Errorf("%d exceptions in\n%s", n, got)
	}
	for _, want := range []string{"when: failed", "probability: 0.8", "exception.type: java.io.IOException", "exception.message: some text of the sa"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

// TestRepeatedValuesAreOneOfATrace: what several spans of a trace have with one value is a value
// that they share, whatever their outcome; and what each draws for itself is not.
func TestRepeatedValuesAreOneOfATrace(t *testing.T) {
	for _, c := range []struct {
		name   string
		value  func(trace, span uint64) uint64
		shared bool
	}{
		{"one in each trace", func(trace, _ uint64) uint64 { return trace % 60 }, true},
		{"one for each span", func(trace, span uint64) uint64 { return (3*trace + 17*span) % 60 }, false},
	} {
		h := small()
		for id, traces := range map[profile.ClassID]uint64{20: 950, 21: 50} {
			a := &profile.Attribute{Traces: traces, Values: sketch.NewValues(64)}
			for trace := range traces {
				for span := range uint64(3) {
					a.Values.Add(otlp.KindString, fmt.Appendf(nil, "/items/it-%08x", (c.value(trace, span)+1)*2654435761%(1<<32)), trace+1)
					a.Present++
				}
			}
			a.Kinds[otlp.KindString] = a.Present
			h.Classes[id].Spans = a.Present
			h.Classes[id].Attributes["shop.path"] = a
		}
		got := learntOf(t, h)
		want, uses := 0, strings.Count(got, "{use: path}")
		if c.shared {
			want = 2
		}
		if uses < want || want == 0 && uses > 0 || strings.Count(got, "{pattern: \"/items/it-{hex:8}\", pool: 6") != max(1, 2-want) {
			t.Errorf("%s: %d uses of a shared value in\n%s", c.name, uses, got)
		}
	}
}

// TestFewOfManyValuesDoNotRepeat: where few of many values are kept, and the most frequent is
// none of them, there seem to be fewer than there are.
func TestFewOfManyValuesDoNotRepeat(t *testing.T) {
	for _, once := range []bool{false, true} {
		a := &profile.Attribute{Traces: 1000, Values: sketch.NewValues(8)}
		for trace := range uint64(1000) {
			own := fmt.Appendf(nil, "%08x", (trace+1)*2654435761%(1<<32))
			for span := range uint64(2) {
				text := own
				if span == 1 && !once {
					text = []byte("thanks 0")
				}
				a.Values.Add(otlp.KindString, text, trace+1)
				a.Present++
			}
		}
		for _, v := range a.Values.Kept() {
			if v.Text == "thanks 0" {
				t.Fatal("the most frequent value is among those that are kept")
			}
		}
		if got := repeats(a, privacy.Draws(a.Values)); got != once {
			t.Errorf("it repeats: %v, want %v", got, once)
		}
	}
}

// TestRareRootsAreNotSaid: what begins fewer traces than are asked for begins none in what is
// learnt, even if it is called often; and where several roots are in a trace the report says so.
func TestRareRootsAreNotSaid(t *testing.T) {
	h := small()
	h.Classes[30].Roots = 9
	h.Traces.Roots = &sketch.Numbers{}
	h.Traces.Roots.AddN(1, 991)
	h.Traces.Roots.AddN(2, 9)
	m := modelOf(t, h, 0)
	if strings.Contains(learntOf(t, h), "call: api.List, weight") {
		t.Errorf("9 traces of 1,000 are told:\n%s", learntOf(t, h))
	}
	for _, want := range []string{"9 spans that begin a trace", "9 traces with several spans without a parent"} {
		if !strings.Contains(m.Report, want) {
			t.Errorf("no %q in %s", want, m.Report)
		}
	}
	h.Classes[30].Roots = 10
	if !strings.Contains(learntOf(t, h), "call: api.List, weight") {
		t.Errorf("10 traces are not told:\n%s", learntOf(t, h))
	}
}

// A file that would be too large says what stands in several places once.
func TestSpansOfSeveralPlacesAreWrittenOnce(t *testing.T) {
	for level, want := range [][2]bool{{true, false}, {false, true}} {
		m := modelOf(t, small(), level)
		if told := strings.Contains(m.Report, fmt.Sprintf("on level %d of 4 of simplicity", level)); told != (level > 0) {
			t.Errorf("level %d: told: %t:\n%s", level, told, m.Report)
		}
		text := ""
		for _, f := range m.Files {
			text += string(f.Data)
		}
		if got := [2]bool{strings.Contains(text, "span: GET"), strings.Contains(text, "web.GET,")}; got != want {
			t.Errorf("level %d: within: %t, by name: %t:\n%s", level, got[0], got[1], text)
		}
	}
}

// TestFewRarePlansAreNotSaid: what fewer traces do than are asked for is no plan, even where it is
// much of what spans that end so do, and the same for several plans that are as rare together.
func TestFewRarePlansAreNotSaid(t *testing.T) {
	for _, c := range []struct {
		spans []uint64
		said  bool
	}{{[]uint64{9}, false}, {[]uint64{5, 4}, false}, {[]uint64{10}, true}, {[]uint64{6, 4}, true}} {
		h := small()
		bad := h.Classes[11]
		for i, n := range c.spans {
			bad.Spans, bad.Traces, bad.Roots = bad.Spans+n, bad.Traces+n, bad.Roots+n
			groups := [][]uint64{{21}, {30}, {20}}
			does(bad, n, 5, groups[:2+i]...)
		}
		m := modelOf(t, h, 0)
		failing := fileOf(t, m, "scenarios/learnt.yaml")
		failing = failing[strings.Index(failing, `"500": #`):]
		if got := strings.Contains(failing, "api.List"); got != c.said {
			t.Errorf("%d spans, said: %v, want %v\n%s", c.spans, got, c.said, failing)
		}
		if got := strings.Contains(m.Report, "they do what is nearest to it"); got == c.said {
			t.Errorf("%d spans are taken for others: %v\n%s", c.spans, got, m.Report)
		}
	}
}
