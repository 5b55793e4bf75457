package scenario

import (
	"strings"
	"testing"
)

// TestMistakesInValuesOfSpans are told where they stand: nothing that is not of a span has one.
func TestMistakesInValuesOfSpans(t *testing.T) {
	const uses = "GET /: {attributes: {w: {use: word}, v: {use: of}}}"
	for _, c := range []struct{ service, want string }{
		{"{operations: {" + uses + "}}", ""},
		{"{operations: {" + uses + ", 'GET /a/{word}': {events: [{name: e, attributes: {w: {use: of}, p: {pattern: '{word}/{hex:2}'}}}]}}}", ""},
		{"{attributes: {w: {use: word}}, operations: {" + uses + "}}",
			`a.yaml:6:31: services.web.attributes.w.use: value "word" is drawn for each span, and spans share a resource; want one of a request or a session`},
		{"{operations: {" + uses + ", GET /a: {resource: {w: {use: of}}}}}",
			`services.web.operations.GET /a.resource.w.use: value "of" is drawn for each span, and spans share a resource`},
		{"{operations: {" + uses + ", GET /a: {calls: [{one_of: [{span: x, when: {of: 1}}, {span: y}]}]}}}",
			`when: value "of" is drawn for each span, and there is none yet; want one of a request or a session`},
		{"{operations: {" + uses + ", GET /a: {variants: {x: {when: {word: a}}, y: }}}}",
			`when: value "word" is drawn for each span, and there is none yet`},
	} {
		_, got := parse(t, `name: a
values:
  word: {distribution: categorical, values: {a: 3, b: 1}, per: span}
  of: {follows: word, values: {a: 1, b: 2}}
services:
  web: `+c.service+"\n")
		if got := strings.Join(got, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got\n%s\nwant\n%s", c.service, got, c.want)
		}
	}
	for given, want := range map[string]string{
		"{use: word, is: a}":                  "",
		"{use: of, is: [1, 2], present: 50%}": "",
		"{use: word, is: {a: 2, b: 0}}":       "",
		"{use: word, is: c}":                  `a.yaml:9:78: services.web.operations.GET /.attributes.x.is: unknown word "c"; did you mean "a"? allowed: a, b`,
		"{use: word, is: {c: 1}}":             `unknown word "c"; did you mean "a"? allowed: a, b`,
		"{use: word, is: {a: -1}}":            `services.web.operations.GET /.attributes.x.is.a: -1 is negative`,
		"{use: word, is: []}":                 `services.web.operations.GET /.attributes.x.is: no words, or all weights are zero`,
		"{use: word, is: {a: 0}}":             `services.web.operations.GET /.attributes.x.is: no words, or all weights are zero`,
		"{use: word, is: [{when: {kept: p}, words: a}, {when: {kept: [q]}, words: {a: 1, b: 2}}]}": "",
		"{use: of, is: [{when: {kept: q}, words: [1, 2]}]}":                                        "",
		"{use: word, is: [{when: {kept: p}, words: c}]}":                                           `unknown word "c"; did you mean "a"? allowed: a, b`,
		"{use: word, is: [{when: {kept: r}, words: a}]}":                                           `unknown word "r"; did you mean "p"? allowed: p, q`,
		"{use: word, is: [{when: {of: 1}, words: a}]}":                                             `value "of" is drawn for each span, and there is none yet`,
		"{use: word, is: [{when: {kept: p}}]}":                                                     `words: missing; want words of value "word"`,
		"{use: word, is: [{words: a}]}":                                                            `when: missing; want the name of a value`,
		"{use: word, is: [a, {when: {kept: p}, words: a}]}":                                        `want a mapping`,
		"{use: word, is: [{when: {kept: p}, words: a, weight: 1}]}":                                `unknown key "weight"`,
		"{use: word, is: [{when: {kept: p}, words: a}, {when: {more: x}, words: b}]}":              `when: some are about value "kept", and others about "more"; want one`,
		"{use: id, is: a}":                   `services.web.operations.GET /.attributes.x.is: value "id" is none of a list of words`,
		"{use: kept, is: p}":                 `services.web.operations.GET /.attributes.x.is: value "kept" is drawn for a request or a session, and not here; want one with per: span`,
		"{pattern: '{uuid}', is: p}":         `unknown key "is"`,
		"{follows: word, values: {}, is: p}": `unknown key "is"`,
	} {
		_, got := parse(t, `name: a
values:
  word: {distribution: categorical, values: {a: 3, b: 1}, per: span}
  of: {follows: word, values: {a: 1, b: 2}}
  id: {pattern: "{uuid}", per: span}
  kept: [p, q]
  more: [x, y]
services:
  web: {operations: {GET /: {attributes: {m: {use: more}, x: `+given+`, w: {use: word}, o: {use: of}, i: {use: id}, k: {use: kept}}}}}
`)
		if got := strings.Join(got, "\n"); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: got\n%s\nwant\n%s", given, got, want)
		}
	}
	_, told := parse(t, "name: a\nvalues: {w: {distribution: categorical, values: {a: 1}, per: span}}\n"+
		"services: {web: {operations: {GET /: {events: [{name: e, attributes: {w: {use: w, is: a}}}]}}}}\n")
	if want := `unknown key "is"; allowed: present, use`; !strings.Contains(strings.Join(told, "\n"), want) {
		t.Errorf("got %s, want %s", told, want)
	}
	_, got := parse(t, "name: a\nvalues: {w: {pattern: '{uuid}', per: spans}}\nservices: {web: {operations: {GET /: {attributes: {w: {use: w}}}}}}\n")
	if want := `a.yaml:2:38: values.w.per: unknown value "spans"; did you mean "span"? allowed: request, session, span`; len(got) != 1 || got[0] != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
