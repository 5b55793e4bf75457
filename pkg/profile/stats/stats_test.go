package stats

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otelsim/otelsim/internal/documented"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// numbers counts v n times.
func numbers(v float64, n uint64) *sketch.Numbers {
	var s sketch.Numbers
	s.AddN(v, n)
	return &s
}

// values holds texts, each so many times.
func values(times int, texts ...string) *sketch.Values {
	v := sketch.NewValues(100)
	for _, s := range texts {
		for range times {
			v.Add(otlp.KindText, []byte(s), 0)
		}
	}
	return v
}

// shop is a profile made by hand: web is entered 100 times, asks pay beside stock in 80
// of them and a cache in all, and 20 of the payments are declined.
func shop() *profile.Profile {
	p := &profile.Profile{
		Sizes: [otlp.NumSignals]profile.Size{{Items: 360, Bytes: 72_000}, {Items: 50, Bytes: 5000}, {Items: 40, Bytes: 4000}},
		First: 1_767_225_600_000_000_000, Last: 1_767_225_700_000_000_000,
		Traces: profile.Traces{Count: 100, Failed: 20, Spans: numbers(4, 100), Depth: numbers(2, 100), Width: numbers(3, 100), Seconds: numbers(1e8, 100), Roots: numbers(1, 100)},
		Shapes: map[uint64]*profile.Shape{7: {Traces: 80, Spans: 320, Text: "web GET /"}, 8: {Traces: 20, Spans: 40, Text: "web GET / failed"}},
		Starts: sketch.NewWindows(100, 30),
	}
	p.Traces.Busy.Add(300)
	p.Traces.Covered.Add(200)
	for i := range uint64(100) {
		p.Starts.Add(p.First+i*1_000_000_000, 1)
	}
	run := func(c profile.ClassID, async bool) profile.Run {
		return profile.Run{Class: c, Async: async, Counts: numbers(1, 60)}
	}
	p.Classes = map[profile.ClassID]*profile.Class{
		1: {Operation: 1, Service: "web", Name: "GET /", Kind: otlp.SpanKindServer, Spans: 100, Roots: 100, Duration: numbers(1e8, 100), Own: numbers(3e7, 100),
			Productions: map[uint64]*profile.Production{1: {Groups: []profile.Group{{run(2, false), run(4, false)}, {run(5, false)}}},
				2: {Groups: []profile.Group{{profile.Run{Class: 3, Counts: numbers(2, 10)}}, {run(4, true)}}}}},
		2: {Operation: 2, Service: "pay", Name: "charge", Kind: otlp.SpanKindServer, Spans: 60, Duration: numbers(5e7, 60), Own: numbers(5e7, 60)},
		3: {Operation: 2, Service: "pay", Name: "charge", Kind: otlp.SpanKindServer, Outcome: "declined", Spans: 20, Caused: 20, Duration: numbers(4e7, 20), Own: numbers(4e7, 20)},
		4: {Operation: 3, Service: "stock", Name: "check", Kind: otlp.SpanKindServer, Spans: 80, Duration: numbers(2e7, 80), Own: numbers(2e7, 80),
			Events: map[string]*profile.Event{"hit": {Count: 40, Attributes: map[string]*profile.Attribute{"shelf": {Present: 30, Values: values(10, "a", "b", "c")}}}}},
		5: {Operation: 4, Service: "web", Name: "GET cart", Kind: otlp.SpanKindClient, Above: 1, Target: "cache:6379", Spans: 100, Duration: numbers(1e6, 100), Own: numbers(1e6, 100)},
	}
	p.Services = map[string]*profile.Service{
		"web": {Spans: 200, Instances: values(1, "w1", "w2"), Attributes: map[string]*profile.Attribute{"host.name": {Present: 200, Values: values(100, "h1", "h2")}}},
		"pay": {Spans: 80, LogRecords: 40, Points: 50, Instances: values(1, "p1")}, "stock": {Spans: 80, Instances: values(1, "s1")}}
	var users []string
	for i := range 60 {
		users = append(users, strings.Repeat("u", i+1))
	}
	p.Keys = map[string]*profile.Key{
		"user.id": {Spans: 180, Traces: 50, Alike: 50, Values: values(3, users...)}, "method": {Spans: 200, Values: values(100, "GET", "POST")},
		"email": {Spans: 3, Values: values(3, "ann@example.com")},
	}
	p.Metrics = map[uint64]*profile.Metric{3: {Service: "pay", Name: "duration", Unit: "s", Kind: otlp.MetricHistogram, Points: 50, Series: values(1, "1", "2", "3", "4", "5"),
		Attributes: map[string]*profile.Attribute{"route": {Present: 50, Values: values(10, "a", "b", "c", "d", "e")}, "zone": {Present: 50, Values: values(50, "x")}}}}
	p.Logs = map[uint64]*profile.LogTemplate{4: {Service: "pay", Severity: 17, Body: "declined {digits}", Records: 20, Traces: 20}, 5: {Service: "pay", Severity: 9, Event: "charged", Records: 20}}
	p.Faults.Orphans, p.Faults.Skewed = 2, 1
	p.Left.Traces, p.Left.Shapes = 5, true
	p.Sample = profile.Sample{Traces: 10, Spans: 36, Bytes: 7200, Compressed: 720}
	return p
}

func TestEdges(t *testing.T) {
	want := []Edge{
		{From: "web", To: "stock", Calls: 120, Parallel: 60, Async: 60},
		{From: "web", To: "cache:6379", Address: true, Calls: 100},
		{From: "web", To: "pay", Calls: 80, Errors: 20, ErrorRate: 0.25, Parallel: 60},
	}
	r := Of(shop())
	if !slices.Equal(r.Edges, want) {
		t.Errorf("got %+v", r.Edges)
	}
	rows := r.Tree()
	if len(rows) != 4 || rows[0].Name != "web" || rows[0].Edge != nil || rows[3].Name != "pay" || rows[3].Depth != 1 || !rows[2].Address {
		t.Errorf("got %+v", rows)
	}
}

// A cycle that nothing enters is told all the same, and each of its services once in full.
func TestTreeOfACycle(t *testing.T) {
	r := &Report{Services: []Service{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Edges: []Edge{{From: "a", To: "b"}, {From: "b", To: "a"}, {From: "b", To: "b"}, {From: "c", To: "b"}}}
	var got []string
	for _, x := range r.Tree() {
		name := strings.Repeat(">", x.Depth) + x.Name
		if x.Again {
			name += "!"
		}
		got = append(got, name)
	}
	if want := []string{"c", ">b", ">>a", ">>>b!", ">>b!"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOperationsAndFailures(t *testing.T) {
	r := Of(shop())
	var got []string
	for _, o := range r.Operations {
		got = append(got, o.Service+" "+o.Name)
	}
	if want := []string{"web GET /", "web GET cart", "pay charge", "stock check"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	pay := r.Operations[2]
	if pay.Spans != 80 || pay.Errors != 20 || pay.ErrorRate != 0.25 || pay.PerSecond != 0.8 || pay.Duration.Max != 5e7 || pay.Duration.Min != 4e7 {
		t.Errorf("got %+v", pay)
	}
	// 3 of 8.5 s are the web's, whose calls take 0.1.
	if own := r.Operations[0].OwnShare; own < 0.345 || own > 0.36 {
		t.Errorf("own time %v", own)
	}
	if got := r.Slowest()[0].Name; got != "GET /" {
		t.Errorf("slowest %q", got)
	}
	if want := (Failure{Service: "pay", Name: "charge", Kind: "server", Outcome: "declined", Spans: 20, Began: 20, Share: 1}); len(r.Failures) != 1 || r.Failures[0] != want {
		t.Errorf("got %+v", r.Failures)
	}
	if s := r.Services[0]; s.Name != "web" || s.Entered != 100 || s.Roots != 100 || s.Operations != 2 || s.Instances != 2 {
		t.Errorf("got %+v", s)
	}
}

// Values are told where there are few, and none is rare.
func TestAttributes(t *testing.T) {
	all := make(map[string]Attribute)
	for _, a := range Of(shop()).Attributes {
		all[a.On+" "+a.Key] = a
	}
	for key, want := range map[string]struct {
		distinct, items uint64
		high            bool
		values          int
	}{
		"span user.id": {60, 180, true, 0}, "span method": {2, 200, false, 2}, "span email": {1, 3, false, 0}, "resource host.name": {2, 200, false, 2},
		"event shelf": {3, 30, false, 3}, "point route": {5, 50, false, 5},
	} {
		a := all[key]
		if a.Distinct != want.distinct || a.Items != want.items || a.High != want.high || len(a.Values) != want.values || !a.Exact {
			t.Errorf("%s: got %+v", key, a)
		}
	}
	if a := all["span user.id"]; a.Same() != "trace" || *a.SameInTrace != 1 {
		t.Errorf("got %+v", a)
	}
	if a := all["resource host.name"]; a.Share != 0.444444 {
		t.Errorf("share %v of 200 in 450", a.Share)
	}
	if m := Of(shop()).Metrics[0]; m.Series != 5 || m.By() != "route 5" || m.Type != "histogram" {
		t.Errorf("got %+v", m)
	}
}

func TestText(t *testing.T) {
	r := Of(shop())
	var b strings.Builder
	if err := r.WriteText(&b, Top); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"360", "zstd makes 20 bytes of a span of 200, in 10 traces", "Traces: 100, 20 % with an error", "[cache:6379]",
		"pay: charge (server)", "declined", "2 spans without the parent", "5 traces of others", "route 5", "declined {digits}", "take 1.5 times as long"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	t.Log("\n" + b.String())
	b.Reset()
	if err := r.WriteText(&b, 1); err != nil || strings.Count(b.String(), "and 2 more") == 0 || strings.Contains(b.String(), "charged") {
		t.Errorf("%v: got\n%s", err, b.String())
	}
}

// Each fault of an input is told by itself.
func TestFaultsAreSaid(t *testing.T) {
	all := reflect.TypeFor[intake.Faults]()
	seen := make(map[string]string)
	for i := range all.NumField() {
		var p profile.Profile
		reflect.ValueOf(&p.Faults).Elem().Field(i).SetUint(17)
		said := strings.Join(Of(&p).Said(), "; ")
		if !strings.HasPrefix(said, "17 ") || seen[said] != "" {
			t.Errorf("%s: got %q, as of %q", all.Field(i).Name, said, seen[said])
		}
		seen[said] = all.Field(i).Name
	}
}

const hostileText = "\x1b[31mred\u009b31m\u202egpj.exe\x7f\n\u2028"

// hostile is a profile in which everything that others write is of bad intent, and long.
func hostile() *profile.Profile {
	p := shop()
	long := strings.Repeat(hostileText, 20)
	for _, c := range p.Classes {
		c.Service, c.Name, c.Outcome, c.Target = long, long, long, long
		c.Events = map[string]*profile.Event{long: {Attributes: map[string]*profile.Attribute{long: {Values: values(20, long)}}}}
	}
	p.Services = map[string]*profile.Service{long: {Spans: 1 << 30, Attributes: map[string]*profile.Attribute{long: {Values: values(20, long)}}}}
	p.Keys = map[string]*profile.Key{long: {Values: values(20, long)}}
	p.Shapes[7].Text, p.Metrics[3].Name, p.Metrics[3].Unit, p.Metrics[3].Service = long, long, long, long
	p.Metrics[3].Attributes[long] = p.Metrics[3].Attributes["route"]
	p.Logs[4].Body, p.Logs[4].Event, p.Logs[4].Service = long, long, long
	return p
}

func TestHostileTextIsCleaned(t *testing.T) {
	r := Of(hostile())
	var text, js bytes.Buffer
	if err := r.WriteText(&text, 0); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteJSON(&js); err != nil {
		t.Fatal(err)
	}
	for what, out := range map[string]string{"text": text.String(), "JSON": js.String()} {
		if i := strings.IndexAny(out, "\x1b\u009b\u202e\x7f\u2028"); i >= 0 {
			t.Errorf("%s: raw: %q", what, out[max(i-60, 0):i+10])
		}
	}
	for line := range strings.Lines(text.String()) {
		if n := utf8.RuneCountInString(line); n > width+1 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestJSON: lists are there even where they are empty, and fields are documented.
func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := Of(&profile.Profile{}).WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(b.Bytes(), &all); err != nil || strings.Contains(b.String(), "null") {
		t.Errorf("%v: %s", err, b.String())
	}
	for mark, want := range map[string][]string{
		"stats": documented.Fields[Report](), "statsrange": documented.Fields[Range](), "statssize": documented.Fields[Size](), "statssample": documented.Fields[Sample](),
		"statsspread": documented.Fields[Spread](), "statstraces": documented.Fields[Traces](), "statssessions": documented.Fields[Sessions](),
		"statsarrivals": documented.Fields[Arrivals](), "statsservice": documented.Fields[Service](), "statsedge": documented.Fields[Edge](),
		"statsoperation": documented.Fields[Operation](), "statsshape": documented.Fields[Shape](), "statsfailure": documented.Fields[Failure](),
		"statsattribute": documented.Fields[Attribute](), "statsvalue": documented.Fields[Value](), "statsmetric": documented.Fields[Metric](),
		"statsdimension": documented.Fields[Dimension](), "statslog": documented.Fields[Log](), "statsfaults": documented.Fields[Faults](), "statsleft": documented.Fields[Left](),
	} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, want) {
			t.Errorf("%s: docs/commands.md has %q, want %q", mark, got, want)
		}
	}
}
