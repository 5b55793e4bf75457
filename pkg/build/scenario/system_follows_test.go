package scenario

import (
	"strings"
	"testing"
)

// TestMistakesInWhatFollows are told where they stand.
func TestMistakesInWhatFollows(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"{follows: word, values: {a: 1, b: x}}", "{follows: first, values: {1: 2.5, x: true}}", ""},
		{"{follows: second, values: {y: 1, z: 1}}", "{follows: word, values: {a: y, b: z}}", ""}, // in any order
		{"{follows: wrd, values: {a: 1, b: 2}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:20: values.first.follows: unknown value "wrd"; did you mean "word"? allowed: first, id, second, word`},
		{"{follows: id, values: {a: 1, b: 2}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:20: values.first.follows: value "id" is none of a list of words`},
		{"{follows: word, values: {a: 1}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:34: values.first.values: none for "b" of value "word"`},
		{"{follows: word, values: {a: 1, b: 2, c: 3}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:47: values: unknown word "c"; did you mean "a"? allowed: a, b`},
		{"{follows: word, values: {a: 1, b: [2]}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:44: values.first.values.b: found a list, want a string, a number or a boolean`},
		{"{follows: word}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:10: values.first.values: missing; want a value for each word of value "word"`},
		{"{follows: word, values: {a: 1, b: 2}, per: session}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:48: unknown key "per"; allowed: follows, values`},
		{"{follows: first, values: {a: 1, b: 2}}", "{follows: word, values: {a: 1, b: 2}}",
			`a.yaml:5:20: values.first.follows: value "first" comes to follow from itself: first > first`},
		{"{follows: second, values: {a: 1, b: 2}}", "{follows: first, values: {a: 1, b: 2}}",
			`a.yaml:6:21: values.second.follows: value "second" comes to follow from itself: first > second > first`},
	} {
		text := `name: a
values:
  word: {distribution: categorical, values: {a: 3, b: 1}, per: session}
  id: {pattern: "{hex:8}"}
  first: ` + c.first + `
  second: ` + c.second + `
services:
  web: {operations: {GET /: {attributes: {w: {use: word}, a: {use: first}, b: {use: second}, i: {use: id}, x: {follows: word, values: {a: 1, b: 2}, present: 50%}}}}}
`
		_, got := parse(t, text)
		if got := strings.Join(got, "\n"); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v: got\n%s\nwant\n%s", c, got, c.want)
		}
	}
}

// TestMistakesInAttributesThatFollow are told likewise, and what they follow from is not idle.
func TestMistakesInAttributesThatFollow(t *testing.T) {
	for given, want := range map[string]string{
		"{follows: word, values: {a: 1, b: 2}}":                    "",
		"{follows: word, values: {a: 1, b: 2}, present: 50%}":      "",
		"{follows: word, values: {a: 1}}":                          `a.yaml:5:70: services.web.operations.GET /.attributes.x.values: none for "b" of value "word"`,
		"{follows: wrd, values: {a: 1, b: 2}}":                     `a.yaml:5:56: services.web.operations.GET /.attributes.x.follows: unknown value "wrd"; did you mean "word"?`,
		"{follows: word, values: {a: 1, b: 2}, pattern: '{uuid}'}": `a.yaml:5:84: unknown key "pattern"; allowed: follows, present, values`,
	} {
		_, got := parse(t, `name: a
values:
  word: [a, b]
services:
  web: {operations: {GET /: {attributes: {x: `+given+`}}}}
`)
		if got := strings.Join(got, "\n"); got != want && !(want != "" && strings.HasPrefix(got, want)) {
			t.Errorf("%s: got\n%s\nwant\n%s", given, got, want)
		}
	}
}

// TestResourcesOfWhatFollows are as many as there are of what all of it follows from.
func TestResourcesOfWhatFollows(t *testing.T) {
	d, problems := parse(t, `name: a
values:
  word: [a, b, c]
  one: {follows: word, values: {a: 1, b: 1, c: 2}}
  two: {follows: one, values: {1: x, 2: y}}
  alone: [p, q]
services:
  web: {attributes: {w: {use: word}, o: {use: one}, t: {use: two}, a: {use: alone}}, operations: {GET /: }}
`)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if n := d.System.Resources(d.System.Services[0].Attributes); n != 6 {
		t.Errorf("%d resources, want 6", n)
	}
}
