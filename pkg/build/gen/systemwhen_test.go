package gen_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// routed is a system in which what is called follows from what a session shares.
const routed = `
name: routed
session: [{call: web.GET /, count: 3}]
values:
  provider: {distribution: categorical, values: {a: 2, b: 1, c: 1, d: 1}, per: session}
services:
  web:
    operations:
      GET /:
        attributes: {provider: {use: provider}}
        calls:
          - one_of:
              - {when: {provider: a}, weight: 2, span: only a}
              - {when: {provider: a}, weight: 1, all: [{span: also a}]}
              - {when: {provider: [b, c]}, span: only b or c}
              - {when: {provider: c}, weight: 0, span: never}
              - {weight: 1, span: always}
          - {one_of: [{when: {provider: a}, span: not c}, {when: {provider: b}, span: not c}]}
          - {call: api.GET /, retry: {max_attempts: 3, retryable_errors: [503]}, optional: true}
          - db.get
  api:
    operations:
      GET /:
        variants: {a: {when: {provider: a}, attributes: {by: a}, error: {rate: 50%, types: [503]}}, b: {when: {provider: [b, c, d]}, attributes: {by: b}, error: {rate: 50%, types: [503]}}}
  db:
    protocol: db
    operations: {get: {variants: {a: {when: {provider: a}, attributes: {by: a}}, b: {when: {provider: [b, c, d]}, attributes: {by: b}}}}}
`

// TestChoicesFollowFromSharedValues: what stands at a place is one of those whose condition
// holds, in all attempts of a call, by weight among these.
func TestChoicesFollowFromSharedValues(t *testing.T) {
	p := system(t, routed)
	seen := make(map[string]int)
	runSystem(t, p, 7, 400, func(m *answered) {
		provider := ""
		for i := range m.t.Spans {
			if x := m.attr(i, "provider"); x != "" {
				if provider != "" && provider != x {
					t.Fatalf("a session of %s and of %s", provider, x)
				}
				provider = x
			}
		}
		for i := range m.t.Spans {
			name := m.name(i)
			seen[provider+" "+name]++
			if by := m.attr(i, "by"); by != "" && (by == "a") != (provider == "a") {
				t.Fatalf("with %s it goes by %s", provider, by)
			}
			if m.t.Spans[i].Kind == otlp.SpanKindServer && m.attr(i, "by") == "" && strings.Contains(m.attr(i, "server.address"), "api") {
				t.Fatalf("with %s it goes by nothing", provider)
			}
		}
	})
	for name, want := range map[string]bool{
		"a only a": true, "a also a": true, "a always": true, "b only b or c": true, "c only b or c": true, "b always": true, "d always": true,
		"b only a": false, "d only a": false, "d only b or c": false, "a only b or c": false, "c never": false,
		"a not c": true, "c not c": true, // which none is for: as if there were no conditions
	} {
		if (seen[name] > 0) != want {
			t.Errorf("%s: %d times", name, seen[name])
		}
	}
	if a, b := seen["a only a"], seen["a also a"]; a < b*3/2 || a > b*3 {
		t.Errorf("by weights of 2 and 1: %d and %d", a, b)
	}
}
