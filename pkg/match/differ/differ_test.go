package differ

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/definitions"
	"github.com/otelsim/otelsim/internal/documented"
	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

var all = []otlp.Signal{otlp.SignalTraces, otlp.SignalMetrics, otlp.SignalLogs}

func TestEqualInOtherForms(t *testing.T) {
	a := otelsim.Options{Seed: 7, Count: 30, SegmentIterations: 12}
	for name, edit := range map[string]func(*otelsim.Options){
		"JSON":    func(o *otelsim.Options) { o.Format = otelsim.JSON },
		"batches": func(o *otelsim.Options) { o.BatchItems = 200 },
	} {
		b := a
		edit(&b)
		r := plans(t, a, b, all...)
		if !r.Equal() || len(r.Groups) > 0 || r.Items[otlp.SignalMetrics][0] == 0 {
			t.Errorf("%s: got %s", name, printedResult(t, r))
		}
	}
}

func printedResult(t testing.TB, r *Result) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Spans and logs do not depend on where segments are cut, but for the number of
// the process in the name of its instance.
func TestEqualInOtherSegments(t *testing.T) {
	a := otelsim.Options{Seed: 7, Count: 30, SegmentIterations: 12}
	b := a
	b.SegmentIterations = 5
	r := plans(t, a, b, otlp.SignalTraces, otlp.SignalLogs)
	if !r.Equal() || !strings.Contains(printedResult(t, r), "service.instance.id was not compared") {
		t.Errorf("got %s", printedResult(t, r))
	}
}

// edited returns some of the bundled scenarios with one text in one of them
// replaced.
func edited(t *testing.T, file, before, after string) otelsim.Inputs {
	t.Helper()
	var in otelsim.Inputs
	for _, name := range []string{"buy_insurance.yaml", "model_retry.yaml", "with_rag.yaml"} {
		data, err := fs.ReadFile(definitions.FS, name)
		if err != nil {
			t.Fatal(err)
		}
		if name == file {
			if bytes.Count(data, []byte(before)) != 1 {
				t.Fatalf("%s is not once in %s", before, file)
			}
			data = bytes.ReplaceAll(data, []byte(before), []byte(after))
		}
		in.Definitions = append(in.Definitions, otelsim.File{Name: name, Data: data})
	}
	return in
}

// TestEditedAttribute: after one attribute of one scenario is edited, exactly that
// attribute is named, in exactly the spans that have it.
func TestEditedAttribute(t *testing.T) {
	const path = "attributes.vendor.rag.strategy"
	for _, formats := range [][2]otelsim.Format{{otelsim.Proto, otelsim.Proto}, {otelsim.JSON, otelsim.JSON}, {otelsim.Proto, otelsim.JSON}} {
		a := otelsim.Options{Seed: 3, Count: 40, Inputs: edited(t, "", "", ""), Format: formats[0]}
		b := a
		b.Format = formats[1]
		b.Inputs = edited(t, "with_rag.yaml", "vendor.rag.strategy: semantic", "vendor.rag.strategy: keyword")
		r := plans(t, a, b, otlp.SignalTraces)

		plan, err := otelsim.New(a)
		if err != nil {
			t.Fatal(err)
		}
		want := make(map[string]bool)
		for _, it := range corpusItems(t, plan, a.Format, otlp.SignalTraces) {
			value, _ := form.Attribute(form.Span, it.Bytes, "vendor.rag.strategy")
			if nameOf(&it) == "rag.retrieve" && value.Text == "semantic" {
				want[hex.EncodeToString(it.SpanID[:])] = true
			}
		}
		if len(r.Groups) != 1 || len(want) < 4 {
			t.Fatalf("%d spans have it; got %s", len(want), printedResult(t, r))
		}
		g := r.Groups[0]
		if g.Kind != Changed || g.Scenario != "with_rag" || g.Name != "rag.retrieve" || g.Path != path || g.Count != uint64(len(want)) ||
			r.Count(Changed) != g.Count || r.Count(OnlyA)+r.Count(OnlyB) != 0 || len(g.Examples) != 3 {
			t.Errorf("%d spans have it; got %+v", len(want), g)
		}
		for _, e := range g.Examples {
			if !want[e.Span] || e.Before != `"semantic"` || e.After != `"keyword"` || e.Path != path ||
				!strings.HasSuffix(e.Place, "task.execute > context.augment > rag.retrieve") && !strings.Contains(e.Place, " > rag.retrieve") {
				t.Errorf("got %+v", e)
			}
		}
	}
}

// trace is one made by hand: JSON of spans, each with its id and fields.
func trace(id string, spans ...string) []byte {
	var all []string
	for i, s := range spans {
		all = append(all, fmt.Sprintf(`{"traceId":"%032s","spanId":"%016d",%s}`, id, i+1, s))
	}
	return []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"spans":[` +
		strings.Join(all, ",") + `]}]}]}`)
}

const (
	root  = `"name":"GET /cart","startTimeUnixNano":"10"`
	child = `"name":"SELECT items","parentSpanId":"0000000000000001","startTimeUnixNano":"11"`
	lone  = `"name":"a > b","parentSpanId":"00000000000000ff"`
	loop  = `"name":"loop","parentSpanId":"0000000000000003"`
)

// compareTraces compares traces of two sides of which nothing is known.
func compareTraces(t *testing.T, a, b [][]byte) *Result {
	t.Helper()
	d := New(Options{A: Side{Name: "a"}, B: Side{Name: "b"}, Signals: []otlp.Signal{otlp.SignalTraces}})
	return d.Result(join(t, d, items(t, otlp.SignalTraces, otlp.FormatJSON, a...), items(t, otlp.SignalTraces, otlp.FormatJSON, b...)))
}

// told returns the lines that a text has of the groups.
func told(t *testing.T, r *Result) []string {
	t.Helper()
	_, groups, _ := strings.Cut(printedResult(t, r), "\n\n")
	return strings.Split(strings.TrimSpace(groups), "\n")
}

func TestText(t *testing.T) {
	const id1, id2, id3 = "a1", "b2", "c3"
	long := `"name":"long","attributes":[{"key":"x","value":{"arrayValue":{"values":[{"intValue":"1"},{"intValue":"2"}]}}}]`
	a := [][]byte{trace(id1, root, child, lone), trace(id2, root, child), trace(id3, root, child, loop, long)}
	b := [][]byte{
		trace(id1, root, strings.Replace(child, `"11"`, `"12"`, 1), strings.Replace(lone, `"name"`, `"kind":2,"name"`, 1)),
		trace(id3, root, child, strings.Replace(loop, "0000000000000003", "0000000000000004", 1), strings.NewReplacer(`"1"`, `"3"`, `"2"`, `"4"`).Replace(long), `"name":"more"`),
	}
	r := compareTraces(t, a, b)
	pad := strings.Repeat("0", 30)
	want := []string{
		"whole traces: 2 spans only in A",
		"  trace " + pad + "b2: all of its 2 spans",
		"",
		"a > b: kind: 1 span changed",
		"  trace " + pad + `a1: (parent 00000000000000ff is not here) > "a > b", kind: (none) -> SERVER`,
		"",
		"long: attributes.x[]: 1 span changed",
		"  trace " + pad + "c3: long, attributes.x[0]: 1 -> 3",
		"",
		"loop: parent_span_id: 1 span changed",
		"  trace " + pad + "c3: (its own ancestor) > loop, parent_span_id: 0000000000000003 -> 0000000000000004",
		"",
		"more: 1 span only in B",
		"  trace " + pad + "c3: more",
		"",
		"start_time_unix_nano: 1 span changed",
		"  trace " + pad + "a1: GET /cart > SELECT items, start_time_unix_nano: 11 -> 12 (+1ns)",
	}
	if got := told(t, r); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := printedResult(t, r); !strings.Contains(got, "traces   9 spans in A, 8 in B: 4 changed, 2 only in A, 1 only in B\n") {
		t.Errorf("got %s", got)
	}
}

// Resources, scopes and points: what items have in common is told of each.
func TestPartsAndPoints(t *testing.T) {
	metrics := func(unit, host, value string) []byte {
		return fmt.Appendf(nil, `{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},`+
			`{"key":"host.name","value":{"stringValue":"%s"}}]},"scopeMetrics":[{"metrics":[{"name":"orders","unit":"%s","sum":{"dataPoints":[`+
			`{"timeUnixNano":"1700000000000000000","asInt":"%s","attributes":[{"key":"kind","value":{"stringValue":"new"}}]}]}}]}]}]}`, host, unit, value)
	}
	d := New(Options{A: Side{Name: "a"}, B: Side{Name: "b"}, Signals: []otlp.Signal{otlp.SignalMetrics}})
	r := d.Result(join(t, d, items(t, otlp.SignalMetrics, otlp.FormatJSON, metrics("1", "h1", "5")),
		items(t, otlp.SignalMetrics, otlp.FormatJSON, metrics("{order}", "h2", "6"))))
	if r.Count(Changed) != 1 {
		t.Errorf("%d points changed", r.Count(Changed))
	}
	place := `  service shop: at 2023-11-14T22:13:20Z of kind="new", `
	want := []string{
		"resource.attributes.host.name: 1 data point changed", place + `resource.attributes.host.name: "h1" -> "h2"`, "",
		"orders: metric.unit: 1 data point changed", place + `metric.unit: "1" -> "{order}"`, "",
		"orders: value: 1 data point changed", place + "value: 5 -> 6",
	}
	if got := told(t, r); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What is there more often on one side, and what is of another scope, differs.
func TestCopiesAndScopes(t *testing.T) {
	scoped := func(version string) []byte {
		return []byte(strings.Replace(string(trace("1", root)), `"scopeSpans":[{`, `"scopeSpans":[{"scope":{"name":"lib","version":"`+version+`"},`, 1))
	}
	d := New(Options{A: Side{Name: "a"}, B: Side{Name: "b"}, Signals: []otlp.Signal{otlp.SignalTraces}})
	a, b := items(t, otlp.SignalTraces, otlp.FormatJSON, scoped("1")), items(t, otlp.SignalTraces, otlp.FormatJSON, scoped("2"))
	copies := []*match.Received{{Item: b[0]}, {Item: a[0]}, {Item: b[0]}}
	judge := d.Begin(0)
	u := &match.Unit{Signal: otlp.SignalTraces, TraceID: a[0].TraceID, Pairs: []match.Pair{{Sent: &match.Sent{Item: a[0]}, Copies: copies}}}
	if err := errors.Join(judge.Take(u), d.End(0, judge)); err != nil {
		t.Fatal(err)
	}
	at := "  trace " + strings.Repeat("0", 31) + "1: GET /cart"
	want := []string{"GET /cart: 2 spans only in B", at, at, "", "GET /cart: scope.version: 1 span changed", at + `, scope.version: "1" -> "2"`}
	if got := told(t, d.Result(&match.Summary{})); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The first examples are told in whatever order units come, and groups beyond
// the bound are counted together.
func TestBoundsAndOrder(t *testing.T) {
	var a, b [][]byte
	for i := range 9 {
		a = append(a, trace(fmt.Sprint(i+1), root))
		b = append(b, trace(fmt.Sprint(i+1), strings.Replace(root, `"10"`, `"11"`, 1)))
	}
	first := told(t, compareTraces(t, a, b))
	slices.Reverse(a)
	slices.Reverse(b)
	if second := told(t, compareTraces(t, a, b)); !slices.Equal(first, second) || len(first) != 5 || first[4] != "  and 6 more" {
		t.Errorf("got %q, then %q", first, second)
	}
	var many []string
	for i := range maxGroups + 50 {
		many = append(many, fmt.Sprintf(`"name":"n%d"`, i))
	}
	r := compareTraces(t, [][]byte{trace("1", root)}, [][]byte{trace("1", append([]string{root}, many...)...)})
	if n := r.Count(OnlyB); n != maxGroups+50 || len(r.Groups) > maxGroups+1 || r.Groups[0].Name != "(others)" {
		t.Errorf("%d only in B in %d groups, the first %q", n, len(r.Groups), r.Groups[0].Name)
	}
}

func TestSameProcess(t *testing.T) {
	for _, c := range []struct {
		a, b   string
		sa, sb uint64
		same   bool
	}{
		{`"gateway-3"`, `"gateway-9"`, 3, 9, true},
		{`"gateway-3-1"`, `"gateway-9-1"`, 3, 9, true},
		{`"gw-3-3"`, `"gw-3-9"`, 3, 9, true}, // the first 3 is part of the name
		{`"gateway-3-1"`, `"gateway-9-2"`, 3, 9, false},
		{`"gateway-3"`, `"gateway-8"`, 3, 9, false},
		{`"gateway-3"`, `"agent-9"`, 3, 9, false},
		{`"gateway-31"`, `"gateway-91"`, 3, 9, false},
		{"", `"gateway-9"`, 3, 9, false},
	} {
		if got := sameProcess(c.a, c.b, c.sa, c.sb); got != c.same {
			t.Errorf("%s and %s: got %v", c.a, c.b, got)
		}
	}
}

// What is compared follows from what is known of the sides.
func TestSet(t *testing.T) {
	of := func(count, segment uint64, signals ...string) *corpus.Manifest {
		m := &corpus.Manifest{}
		m.Seed, m.Options.Count, m.Options.SegmentIterations, m.Options.Signals = 9, count, segment, signals
		return m
	}
	every := []string{"traces", "metrics", "logs"}
	for name, c := range map[string]struct {
		a, b    *corpus.Manifest
		signals string
		note    string
	}{
		"files":              {nil, nil, "[traces metrics logs]", ""},
		"corpus and files":   {of(10, 5, "traces"), nil, "[traces metrics logs]", ""},
		"alike":              {of(10, 5, every...), of(10, 5, every...), "[traces metrics logs]", ""},
		"fewer signals":      {of(10, 5, "traces"), of(10, 5, "traces", "metrics"), "[traces metrics]", ""},
		"other segments":     {of(10, 5, every...), of(10, 4, every...), "[traces logs]", "metrics were not compared"},
		"one segment each":   {of(10, 100, every...), of(10, 50, every...), "[traces metrics logs]", ""},
		"longer":             {of(10, 5, every...), of(20, 5, every...), "[traces metrics logs]", ""},
		"longer, cut within": {of(12, 5, every...), of(20, 5, every...), "[traces metrics logs]", "segment 2 has more iterations"},
		"nothing is left":    {of(10, 5, "metrics"), of(10, 4, "metrics"), "[]", "metrics were not compared"},
	} {
		var o Options
		notes := strings.Join(o.Set(c.a, c.b), "\n")
		if got := fmt.Sprint(o.Signals); got != c.signals || !strings.HasPrefix(notes, c.note) || (notes == "") != (c.note == "") {
			t.Errorf("%s: got %s, %q", name, got, notes)
		}
		if known := c.a != nil || c.b != nil; known != (o.Seed != nil) || known && *o.Seed != 9 {
			t.Errorf("%s: seed %v", name, o.Seed)
		}
	}
}

const hostileName = "\x1b[31m</failure>]]>\u202e\n"

func TestReports(t *testing.T) {
	name, _ := json.Marshal(hostileName)
	bad := `"name":` + string(name)
	r := compareTraces(t, [][]byte{trace("1", root, bad)}, [][]byte{trace("1", root)})
	r.Notes = []string{hostileName}
	var text, js, junit bytes.Buffer
	for _, err := range []error{r.WriteText(&text), r.WriteJSON(&js), r.WriteJUnit(&junit)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range []*bytes.Buffer{&text, &js, &junit} {
		if bytes.ContainsAny(b.Bytes(), "\x1b\u202e") {
			t.Errorf("raw: %q", b)
		}
	}
	var got map[string]any
	if err := json.Unmarshal(js.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if keys := slices.Sorted(maps.Keys(got)); !slices.Equal(keys, []string{"by_signal", "equal", "findings", "notes", "totals"}) || got["equal"] != false {
		t.Errorf("got %s", js.String())
	}
	f := got["findings"].([]any)[0].(map[string]any)
	if f["rule"] != "item" || f["kind"] != "only_a" || f["signal"] != "traces" || f["count"] != 1.0 || f["where"].(map[string]any)["span_id"] != "0000000000000002" {
		t.Errorf("got %v", f)
	}
	if !strings.Contains(junit.String(), `tests="1" failures="1"`) {
		t.Errorf("got %s", junit.String())
	}
}

// TestFieldsAreDocumented: the page has every field, in the order of the code.
func TestFieldsAreDocumented(t *testing.T) {
	for mark, want := range map[string][]string{"diff": documented.Fields[envelope](), "difftotals": documented.Fields[totals]()} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, want) {
			t.Errorf("%s: docs/commands.md has %q, want %q", mark, got, want)
		}
	}
}
