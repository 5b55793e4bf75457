package scenario

import (
	"strings"
	"testing"
)

// TestMistakesInConditions are told where they stand.
func TestMistakesInConditions(t *testing.T) {
	for _, c := range []struct{ first, second, want string }{
		{"{word: a}", "{word: [b, a]}", ""},
		{"{wrd: a}", "{word: b}", `a.yaml:11:38: when: unknown value "wrd"; did you mean "word"? allowed: id, kind, number, of, other, word`},
		{"{word: c}", "{word: b}", `a.yaml:11:44: services.web.operations.GET /.calls[0].one_of[0].when.word: unknown word "c"; did you mean "a"? allowed: a, b`},
		{"{id: a}", "{word: b}", `a.yaml:11:38: when: value "id" is none of a list of words`},
		{"{word: []}", "{word: b}", `a.yaml:11:44: services.web.operations.GET /.calls[0].one_of[0].when.word: no words`},
		{"{word: a, other: x}", "{word: b}", `a.yaml:11:37: services.web.operations.GET /.calls[0].one_of[0].when: want the name of one value, and of which words it is one`},
		{"{word: a}", "{other: x}", `a.yaml:11:20: when: some are about value "word", and others about "other"; want one`},
		{"{number: 1}", "{number: 2}", ""},
		{"{number: '1'}", "{number: 2}", ""},
		{"{kind: some}", "{of: left}", `a.yaml:11:20: when: some are about value "kind", and others about "of"; want one`},
		{"{kind: some}", "{kind: none}", `a.yaml:11:75: services.web.operations.GET /.calls[0].one_of[1].when.kind: the weight of word "none" is 0: it never is that`},
		{"{of: left}", "{of: [right, gone]}", `a.yaml:11:79: services.web.operations.GET /.calls[0].one_of[1].when.of[1]: the weight of word "gone" is 0: it never is that`},
	} {
		text := `name: a
values:
  word: [a, b]
  other: [x, y]
  number: [1, 2]
  kind: {distribution: categorical, values: {some: 1, more: 2, few: 1, none: 0}}
  id: {pattern: "{hex:8}"}
  of: {follows: kind, values: {some: left, more: right, few: left, none: gone}}
services:
  web: {operations: {GET /: {attributes: {w: {use: word}, o: {use: other}, n: {use: number}, i: {use: id}, k: {use: kind}, l: {use: of}}, calls: [
          {one_of: [{span: s, when: ` + c.first + `}, {span: t, when: ` + c.second + `}]}]}}}
`
		_, got := parse(t, text)
		if got := strings.Join(got, "\n"); got != c.want {
			t.Errorf("%v: got\n%s\nwant\n%s", c, got, c.want)
		}
	}
}
