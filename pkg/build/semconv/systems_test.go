package semconv

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// shop is out of order, and has names that YAML reads as something else.
var shop = []System{
	{Service: "web", Spans: []SystemSpan{
		{Name: "GET", Kind: otlp.SpanKindServer, Type: "http.server", Plain: true},
		{Name: "GET /items/{id}", Kind: otlp.SpanKindServer, Type: "http.server", Logs: []SystemLog{
			{Severity: otlp.SeverityError, Failed: true, Event: "failed", Body: []string{"", "error.type", " \"\n"}, Attributes: []string{"a", "b", "c", "d", "e"},
				Values: []LogValue{{}, {Is: []string{`"x\""`, "3", "-1.5", "true"}}, {Pattern: "o-{hex:4}"}, {Optional: true}, {Is: []string{"1"}, Optional: true}}},
			{Severity: otlp.SeverityInfo, OK: true}, {Severity: otlp.SeverityTrace, Start: true, Event: "begins"},
		}},
		{Name: "POST", Kind: otlp.SpanKindClient, Type: "http.client", Free: true},
		{Name: "POST", Kind: otlp.SpanKindClient, Type: "http.client", Logs: []SystemLog{{Severity: otlp.SeverityWarn, Body: []string{"x"}}}},
		{Name: "POST", Kind: otlp.SpanKindClient, Type: "db.client"},
	}},
	{Service: "tools", Agents: true},
	{Service: "null", Instances: 3, Anonymous: true, Sticky: true, Spans: []SystemSpan{{Name: " a: \"b\" # \n\t\x7f \u00e9 \u0085 \U0001F600 ", Kind: otlp.SpanKindInternal}}},
}

// shopText is what shop comes to.
const shopText = systemsHead + `
systems: {
  "null": {instances: 3, anonymous: true, sticky: true, spans: [
    {name: " a: \"b\" # \n\t\x7f é \u0085 😀 "}
  ]},
  "tools": {agents: true, spans: [
  ]},
  "web": {spans: [
    {name: "GET", kind: SERVER, type: "http.server", plain: true},
    {name: "GET /items/{id}", kind: SERVER, type: "http.server", logs: [{severity: error, when: failed, event: "failed", body: ["", "error.type", " \"\n"], attributes: ["a", {name: "b", is: ["x\"", 3, -1.5, true]}, {name: "c", pattern: "o-{hex:4}"}, {name: "d", optional: true}, {name: "e", is: [1], optional: true}]}, {when: ok}, {severity: trace, at: start, event: "begins"}]},
    {name: "POST", kind: CLIENT, type: "db.client"},
    {name: "POST", kind: CLIENT, type: "http.client", free: true, varied: true, logs: [{severity: warn, body: ["x"]}]}
  ]}
  }
`

func TestSystemsAreWrittenInOneWay(t *testing.T) {
	got, err := AppendSystems([]byte(fixture), shop)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.TrimSpace(fixture) + "\n" + shopText; strings.TrimSpace(string(got)) != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	other, err := AppendSystems([]byte(fixture), []System{shop[2], shop[1], shop[0]})
	if err != nil || !bytes.Equal(got, other) {
		t.Errorf("in another order they are other bytes: %v\n%s", err, other)
	}
	again, err := AppendSystems(WithoutSystems(got), shop)
	if err != nil || !bytes.Equal(got, again) {
		t.Errorf("taken out and put back they are other bytes: %v\n%s", err, again)
	}
	if same, err := AppendSystems([]byte(fixture), nil); err != nil || string(same) != fixture {
		t.Errorf("without systems the text changes: %v\n%s", err, same)
	}
	if string(WithoutSystems([]byte(fixture))) != fixture {
		t.Error("a text without the section changes when it is taken out")
	}
	c, problems := parse(t, string(got))
	if len(problems) > 0 {
		t.Fatalf("got problems:\n%s", strings.Join(problems, "\n"))
	}
	if !reflect.DeepEqual(c.Systems, SortedSystems(shop)) {
		t.Errorf("got %+v", c.Systems)
	}
	if s := c.System("web"); s == nil || len(s.Spans) != 4 {
		t.Errorf("got %+v for web", s)
	}
	if s := c.System("nobody"); s != nil {
		t.Errorf("got %+v for nobody", s)
	}
}

func TestSystemsGoOntoFilesOfAnyForm(t *testing.T) {
	for name, text := range map[string]string{
		"braces":               `{"span_names": {"x.planner": {}}}` + "\n",
		"braces, comma at end": "{span_names: {x.planner: {}},\n}",
		"last value in braces": "span_names: {x.planner: {}}",
		"indented":             "# a comment\n  span_names:\n    x.planner: {}\n",
		"end of the document":  "---\nspan_names:\n  x.planner: {}\n...\n",
		"lines of Windows":     "span_names:\r\n  x.planner: {}\r\n",
		"text at the end":      "span_names:\n  x.planner:\n    description: |+\n      one\n\n      two\n\n\n",
		"comment at the end":   "span_names:\n  x.planner: {} # that is all",
	} {
		out, err := AppendSystems([]byte(text), shop)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c, problems := parse(t, string(out))
		if len(problems) > 0 || len(c.Spans) != 1 || !reflect.DeepEqual(c.Systems, SortedSystems(shop)) {
			t.Errorf("%s: %v\n%s", name, problems, out)
		}
		if again, err := AppendSystems(WithoutSystems(out), shop); err != nil || !bytes.Equal(out, again) {
			t.Errorf("%s: taken out and put back it is %q, was %q (%v)", name, again, out, err)
		}
	}
	if out, err := AppendSystems([]byte("{span_names: {x.planner: {}}} # closed"), shop); err == nil {
		t.Errorf("got %s", out)
	}
}

func TestSystemsAreReadStrictly(t *testing.T) {
	const names = "span_names: {x.planner: {}}\n"
	for text, want := range map[string]string{
		"systems:\n":           "a.yaml:2:1: systems: no services",
		"systems: {}\n":        "a.yaml:2:10: systems: no services",
		"systems: [a]\n":       "a.yaml:2:10: systems: found a list, want a mapping",
		"systems: {web: {}}\n": "a.yaml:2:16: systems.web.spans: missing",
		"systems: {web: {spans: [{kind: SERVER}]}}\n":                                        "a.yaml:2:25: systems.web.spans[0].name: missing",
		"systems: {web: {spans: [{name: a, kind: SEVR}]}}":                                   `a.yaml:2:41: systems.web.spans[0].kind: unknown span kind "SEVR"`,
		"systems: {web: {spans: [{name: a, typ: b}]}}":                                       "a.yaml:2:35: unknown key \"typ\"; did you mean",
		"systems: {web: {instances: 0, spans: [{name: a}]}}":                                 "a.yaml:2:28: systems.web.instances: 0 is not between 1 and 1048576",
		"systems: {web: {span: [{name: a}]}}":                                                "a.yaml:2:17: unknown key \"span\"",
		"systems: {web: {spans: [{name: a}, {name: a}]}}":                                    "a.yaml:2:36: systems.web.spans[1]: the span stands there twice",
		"systems: {web: {spans: [{name: a, logs: [{attributes: [{is: [1]}]}]}]}}":            "logs[0].attributes[0].name: missing",
		"systems: {web: {spans: [{name: a, logs: [{attributes: [{name: a, as: [1]}]}]}]}}":   "unknown key \"as\"",
		"systems: {web: {spans: [{name: a, logs: [{attributes: [{name: a, is: [[1]]}]}]}]}}": "is[0]: found a list, want a string",
		"systems: {web: {spans: [{name: 1}]}}":                                               "a.yaml:2:32: systems.web.spans[0].name: found integer 1",
		"systems: {web: {spans: [{name: a, logs: [{severity: bad}]}]}}":                      `systems.web.spans[0].logs[0].severity: unknown`,
		"systems: {web: {spans: [{name: a, logs: [{bod: [a]}]}]}}":                           `unknown key "bod"`,
		"systems: {web: {spans: [{name: a, logs: [{body: [1]}]}]}}":                          "systems.web.spans[0].logs[0].body[0]: found integer 1",
		"systems: {'': {spans: [{name: a}]}}":                                                "a service has a name of up to 1000 bytes",
		"systems: {web: {spans: [{name: " + strings.Repeat("a", 1001) + "}]}}":               "1001 bytes are too many",
	} {
		_, problems := parse(t, names+text)
		if all := strings.Join(problems, "\n"); !strings.Contains(all, want) {
			t.Errorf("%.60s\ngot  %s\nwant %s", text, all, want)
		}
	}
}

func FuzzSystems(f *testing.F) {
	f.Add(fixture, "web", "GET /", uint8(2), "http.server")
	f.Add("{span_names: {x.planner: {}}}", "a: b", "\u0085\n", uint8(0), "")
	f.Fuzz(func(t *testing.T, text, service, name string, kind uint8, typ string) {
		out, err := AppendSystems([]byte(text), []System{{Service: service, Spans: []SystemSpan{{Name: name, Kind: kind%5 + 1, Type: typ}}}})
		if err != nil {
			return
		}
		var p input.Problems
		c := Parse(input.File{Name: "a.yaml", Data: out}, &p)
		if c == nil || p.Errors() > 0 || len(c.Systems) != 1 || c.Systems[0].Spans[0].Name != name {
			t.Errorf("%v\n%s", p.All(), out)
		}
	})
}
