package plan

import (
	"fmt"
	"strings"
	"testing"
)

// TestAttributesOfASpanSayOnceWhatAValueIs: two that do, of one value or of what follows from
// it, are a mistake, wherever they are said.
func TestAttributesOfASpanSayOnceWhatAValueIs(t *testing.T) {
	text := func(a, b string) string {
		return fmt.Sprintf(`
name: said
values:
  word: {distribution: categorical, values: {a: 3, b: 1}, per: span}
  of: {follows: word, values: {a: 1, b: 2}}
  kind: [p, q]
services:
  web:
    operations:
      GET /:
        attributes: {x: %s}
        variants: {usual: {attributes: {y: %s}}}
`, a, b)
	}
	for _, c := range []struct {
		a, b string
		bad  bool
	}{{"{use: word, is: a}", "{use: of}", false}, {"{use: word}", "{use: of, is: 1}", false}, {"{use: word, is: a}", "{use: of, is: 1}", true},
		{"{use: word, is: [{when: {kind: p}, words: a}]}", "{use: of}", false}, {"{use: word, is: [{when: {kind: p}, words: a}]}", "{use: of, is: 1}", true}} {
		_, problems := systems(t, text(c.a, c.b))
		got := fmt.Sprint(problems.All())
		if bad := strings.Contains(got, `attributes of a span: two of them say what value "word" is`); bad != c.bad || bad != (problems.Errors() > 0) {
			t.Errorf("%s and %s: %s", c.a, c.b, got)
		}
	}
}

// TestWhatSaysWhatAValueIsIsInTheDigest, and how it is drawn.
func TestWhatSaysWhatAValueIsIsInTheDigest(t *testing.T) {
	seen := make(map[string]string)
	for _, use := range []string{"{use: word}", "{use: word, is: a}", "{use: word, is: b}", "{use: word, is: {a: 1, b: 2}}",
		"{use: word, is: [{when: {kind: p}, words: a}]}", "{use: word, is: [{when: {kind: q}, words: a}]}", "{use: word, is: [{when: {kind: p}, words: b}]}"} {
		p, problems := systems(t, `
name: said
values: {word: {distribution: categorical, values: {a: 3, b: 1}, per: span}, kind: [p, q]}
services: {web: {operations: {GET /: {attributes: {x: `+use+`, y: {use: kind}}}}}}
`)
		if problems.Errors() > 0 {
			t.Fatal(problems.All())
		}
		digest := p.Digest
		if before, ok := seen[digest]; ok {
			t.Errorf("%s has the digest of %s", use, before)
		}
		seen[digest] = use
	}
}
