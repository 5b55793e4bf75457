package coverage

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/documented"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// model has what counts and what does not.
const model = `file_format: definition/2
attributes:
  - {key: shop.id, type: string, brief: b, stability: stable, examples: [a]}
  - {key: shop.number, type: int, brief: b, stability: stable, examples: [1]}
  - {key: shop.label, type: "template[string]", brief: b, stability: stable, examples: [a]}
  - {key: shop.old, type: string, brief: b, stability: stable, examples: [a], deprecated: {reason: obsoleted}}
  - {key: shop.kind, type: {members: [{id: a, value: a, brief: b}, {id: b, value: b, brief: b}, {id: c, value: c, brief: b, deprecated: {reason: obsoleted}}]}, brief: b, stability: stable}
  - {key: shop.code, type: {members: [{id: one, value: 1, brief: b}, {id: two, value: 2, brief: b}]}, brief: b, stability: stable}
  - {key: shop.open, type: {members: [{id: other, value: _OTHER, brief: b}]}, brief: b, stability: stable, examples: [x]}
spans:
  - {type: shop.sell, kind: server, name: {note: n}, brief: b, stability: stable, attributes: [{ref: shop.id, requirement_level: required}, {ref: shop.label}, {ref: shop.kind, requirement_level: opt_in}, {ref: shop.old}]}
  - {type: shop.give, kind: server, name: {note: n}, brief: b, stability: stable, attributes: [{ref: shop.number, requirement_level: required}]}
  - {type: shop.lend, kind: server, name: {note: n}, brief: b, stability: stable, deprecated: {reason: obsoleted}}
metrics:
  - {name: shop.sales, instrument: counter, unit: "1", brief: b, stability: stable, attributes: [{ref: shop.kind, requirement_level: {conditionally_required: it is known}}]}
events:
  - {name: shop.opened, brief: b, stability: stable, attributes: [{ref: shop.number}]}
  - {name: shop.closed, brief: b, stability: stable}
entities:
  - {type: shop, identity: [{ref: shop.id}], description: [{ref: shop.label}], brief: b, stability: stable}
  - {type: shop.till, identity: [{ref: shop.id}, {ref: shop.number}], brief: b, stability: stable}
`

// emits is what the services of the corpus emit: two types go by one name.
var emits = &semconv.Conventions{Systems: []semconv.System{
	{Service: "web", Spans: []semconv.SystemSpan{
		{Name: "do", Kind: otlp.SpanKindServer, Type: "shop.sell"}, {Name: "do", Kind: otlp.SpanKindServer, Type: "shop.give"},
		{Name: "do", Kind: otlp.SpanKindClient, Type: "http.client"}, {Name: "plain", Kind: otlp.SpanKindInternal},
	}},
}}

func counted(t *testing.T) *Counted {
	t.Helper()
	var p input.Problems
	r := registry.Load(registry.Source{Name: "model", Files: []input.File{{Name: "model.yaml", Data: []byte(model)}}}, nil, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	return Of(r, emits)
}

// attrs appends attributes, in order of their keys: values of KindString, KindText in
// quotes, KindInt, or a list of texts.
func attrs(s *otlp.Strings, list *[]otlp.Attr, text *[]byte, from map[string]any) otlp.Range {
	var out []otlp.Attr
	for _, k := range slices.Sorted(maps.Keys(from)) {
		a := otlp.Attr{Key: s.ID(k)}
		switch v := from[k].(type) {
		case int:
			a.Kind, a.Word = otlp.KindInt, uint64(v)
		case []string:
			begin := uint32(len(*list))
			for _, one := range v {
				*list = append(*list, otlp.Attr{Word: uint64(s.ID(one))})
			}
			a.Kind, a.Word = otlp.KindArray, otlp.PackRange(otlp.Range{Start: begin, End: uint32(len(*list))})
		case string:
			a.Word = uint64(s.ID(v))
			if quoted := strings.Trim(v, "'"); quoted != v {
				begin := uint32(len(*text))
				*text = append(*text, quoted...)
				a.Kind, a.Word = otlp.KindText, otlp.PackRange(otlp.Range{Start: begin, End: uint32(len(*text))})
			}
		}
		out = append(out, a)
	}
	begin := uint32(len(*list))
	*list = append(*list, out...)
	return otlp.Range{Start: begin, End: uint32(len(*list))}
}

type list = map[string]any

// span returns a record of one span.
func span(name string, kind uint8, resource, own list) *otlp.Traces {
	t := &otlp.Traces{Strings: otlp.NewStrings()}
	t.Resources = []otlp.Resource{{Attrs: attrs(t.Strings, &t.Attrs, &t.Text, resource)}}
	t.Spans = []otlp.Span{{Name: t.Strings.ID(name), Kind: kind, Attrs: attrs(t.Strings, &t.Attrs, &t.Text, own)}}
	return t
}

// event gives the span of a record an event.
func event(t *otlp.Traces, name string, own list) *otlp.Traces {
	t.Events = []otlp.Event{{Name: t.Strings.ID(name), Attrs: attrs(t.Strings, &t.Attrs, &t.Text, own)}}
	t.Spans[0].Events = otlp.Range{End: 1}
	return t
}

func metric(name string, own list) *otlp.Metrics {
	m := &otlp.Metrics{Strings: otlp.NewStrings(), Resources: []otlp.Resource{{}}}
	m.Points = []otlp.Point{{Attrs: attrs(m.Strings, &m.Attrs, &m.Text, own)}}
	m.Metrics = []otlp.Metric{{Name: m.Strings.ID(name), Points: otlp.Range{End: 1}}}
	return m
}

func log(name string, resource, own list) *otlp.Logs {
	l := &otlp.Logs{Strings: otlp.NewStrings()}
	l.Resources = []otlp.Resource{{Attrs: attrs(l.Strings, &l.Attrs, &l.Text, resource)}}
	l.Records = []otlp.LogRecord{{EventName: l.Strings.ID(name), Attrs: attrs(l.Strings, &l.Attrs, &l.Text, own)}}
	return l
}

var web = list{"service.name": "web"}

// TestSeen shows one record at a time to a collector of its own, and then all to one.
func TestSeen(t *testing.T) {
	c := counted(t)
	all, joined := c.Seen(), c.Seen()
	for _, x := range []struct {
		why    string
		record any
		seen   string
	}{
		{"nothing", span("do", otlp.SpanKindServer, list{}, list{}), ""},
		{"a service in text", span("do", otlp.SpanKindServer, list{"service.name": "'web'"}, list{"shop.id": "x"}), "shop.sell shop.id shop.sell/shop.id"},
		{"a type told by what it requires", span("do", otlp.SpanKindServer, web, list{"shop.number": 3}), "shop.give shop.number shop.give/shop.number"},
		{"the first type, nothing tells", span("do", otlp.SpanKindServer, web, list{}), "shop.sell"},
		{"of another kind", span("do", otlp.SpanKindClient, web, list{"shop.id": "x"}), "shop.id"},
		{"of no type", span("plain", otlp.SpanKindInternal, web, list{}), ""},
		{"of another service", span("do", otlp.SpanKindServer, list{"service.name": "app"}, list{"shop.id": "x"}), "shop.id"},
		{"template", span("do", otlp.SpanKindServer, web, list{"shop.id": "x", "shop.label.colour.dark": "x"}), "shop.sell shop.id shop.label shop.sell/shop.id shop.sell/shop.label"},
		{"no more than a prefix", span("", 0, list{}, list{"shop.labels.x": "x", "shop.label.": "x"}), ""},
		{"deprecated", span("", 0, list{}, list{"shop.old": "x", "shop.kind": "c"}), "shop.kind"},
		{"members", span("", 0, list{}, list{"shop.kind": "b", "shop.code": 2, "shop.open": "_OTHER"}), "shop.kind shop.code shop.open shop.kind=b shop.code=2"},
		{"members in a list and in text", span("", 0, list{}, list{"shop.kind": []string{"a", "q"}, "shop.code": "'1'"}), "shop.kind shop.code shop.kind=a shop.code=1"},
		{"an entity", span("", 0, list{"shop.id": "x", "shop.label.a": "x"}, list{}), "shop shop.id shop.label shop/shop.id shop/shop.label"},
		{"two entities", log("", list{"shop.id": "x", "shop.number": 1}, list{}), "shop shop.till shop.id shop.number shop/shop.id shop.till/shop.id shop.till/shop.number"},
		{"half an entity", span("", 0, list{"shop.number": 1}, list{"shop.id": "x"}), "shop.number shop.id"},
		{"event of a span", event(span("", 0, list{}, list{}), "shop.opened", list{"shop.number": 1}), "shop.opened shop.number shop.opened/shop.number"},
		{"event of a log record", log("shop.closed", list{}, list{"shop.number": 1}), "shop.closed shop.number"},
		{"metric", metric("shop.sales", list{"shop.kind": "a"}), "shop.sales shop.kind shop.kind=a shop.sales/shop.kind"},
		{"another metric", metric("shop.sale", list{}), ""},
	} {
		own := c.Seen()
		for _, s := range []*Seen{all, own} {
			switch record := x.record.(type) {
			case *otlp.Traces:
				s.Traces(record)
			case *otlp.Metrics:
				s.Metrics(record)
			case *otlp.Logs:
				s.Logs(record)
			}
		}
		want := strings.Fields(x.seen)
		slices.Sort(want)
		if got := own.names(); !slices.Equal(got, want) {
			t.Errorf("%s: seen %q, want %q", x.why, got, want)
		}
		joined.Join(own)
	}
	one, _ := json.Marshal(all.Report())
	other, _ := json.Marshal(joined.Report())
	if string(one) != string(other) {
		t.Errorf("one collector has seen %s\nseveral joined %s", one, other)
	}
	r := all.Report()
	if r.Spans.Defined != 2 || r.Attributes.Defined != 6 || r.Members.Defined != 4 || len(r.Members.Unseen) != 0 ||
		r.Levels.Required.Defined != 2 || r.Levels.OptIn.Defined != 1 || !slices.Equal(r.Levels.OptIn.Unseen, []string{"shop.sell shop.kind"}) {
		t.Errorf("got %s", one)
	}
}

// names are what was seen, uses as NAME/KEY.
func (s *Seen) names() (out []string) {
	for i, x := range s.c.signals {
		if s.signals[i] {
			out = append(out, x.name)
		}
		for n, key := range x.keys {
			if s.uses[x.first+int32(n)] {
				out = append(out, x.name+"/"+s.c.names[key])
			}
		}
	}
	for i, a := range s.c.attributes {
		if s.attributes[i] {
			out = append(out, a.key)
		}
		for n, v := range a.values {
			if s.members[a.first+int32(n)] {
				out = append(out, a.key+"="+v)
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestLines(t *testing.T) {
	s := counted(t).Seen()
	s.Metrics(metric("shop.sales", list{}))
	want := `registry coverage:
  span types: 0 of 2; not shop.give, shop.sell
  metrics: 1 of 1
  events: 0 of 2; not shop.closed, shop.opened
  entity types: 0 of 2; not shop, shop.till
  attributes: 0 of 6; not shop.code, shop.id, shop.kind, shop.label, shop.number and 1 more
  members of enumerations: 0 of 4; not shop.code=1, shop.code=2, shop.kind=a, shop.kind=b
  attributes of what was seen: conditionally required 0 of 1`
	if got := strings.Join(s.Report().Lines(), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSteadyStateAllocatesNothing: a corpus of any size takes no more memory.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	s := counted(t).Seen()
	record := event(span("do", otlp.SpanKindServer, list{"service.name": "web", "shop.id": "x"}, list{"shop.id": "x", "shop.kind": "'a'", "shop.code": 1}), "shop.opened", list{"shop.number": 1})
	if n := testing.AllocsPerRun(100, func() { s.Traces(record) }); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}

// TestFieldsAreDocumented: the page has every field, in the order of the code.
func TestFieldsAreDocumented(t *testing.T) {
	for mark, want := range map[string][]string{"coverage": documented.Fields[Report](), "coverage part": documented.Fields[Part]()} {
		if got := documented.Names(t, "commands.md", mark); !slices.Equal(got, want) {
			t.Errorf("%s: docs/commands.md has %q, want %q", mark, got, want)
		}
	}
}
