package gen_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// TestValuesFollowFromOthers: what follows from a value is what is said for its word, wherever
// it stands: in attributes, in patterns and in conditions, and of an attribute alone.
func TestValuesFollowFromOthers(t *testing.T) {
	p := system(t, `name: following
values:
  model: {distribution: categorical, values: {small: 3, large: 1, huge: 1}, per: session}
  maker: {follows: tokens, values: {1024: acme, 4096: blue}}
  tokens: {follows: model, values: {small: 1024, large: 4096, huge: 4096}}
  colour: [red, green]
session: [{call: web.GET /, count: 3}]
services:
  web:
    operations:
      GET /:
        attributes: {model: {use: model}, maker: {use: maker}, of: {pattern: "{maker}/{tokens}/{hex:4}"}, colour: {use: colour}}
        calls:
          - {one_of: [{when: {tokens: 4096}, span: big}, {when: {tokens: 1024}, span: little}]}
          - {span: paint, attributes: {paint: {follows: colour, values: {red: rose, green: lime}}}}
`)
	seen := make(map[string]int)
	makers := map[string]string{"small": "acme/1024", "large": "blue/4096", "huge": "blue/4096"}
	paints := map[string]string{"red": "rose", "green": "lime"}
	runSystem(t, p, 5, 300, func(m *answered) {
		first, colour := "", ""
		for i := range m.t.Spans {
			switch name := m.name(i); {
			case m.t.Spans[i].Kind == otlp.SpanKindServer:
				model := m.attr(i, "model")
				if first == "" {
					first = model
				}
				colour = m.attr(i, "colour")
				want := makers[model]
				if maker := m.attr(i, "maker"); model != first || !strings.HasPrefix(want, maker+"/") || !strings.HasPrefix(m.attr(i, "of"), want+"/") {
					t.Fatalf("of %s: %s, %s", model, maker, m.attr(i, "of"))
				}
				seen[model]++
			case name == "big" || name == "little":
				if (name == "little") != (first == "small") {
					t.Fatalf("of %s it is %s", first, name)
				}
			case name == "paint":
				if got := m.attr(i, "paint"); got != paints[colour] {
					t.Fatalf("%s is painted %s", colour, got)
				}
				seen[colour]++
			}
		}
	})
	if len(seen) != 5 {
		t.Errorf("not all words are there: %s", fmt.Sprint(seen))
	}
}
