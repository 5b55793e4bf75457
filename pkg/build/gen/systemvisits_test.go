package gen_test

import (
	"strings"
	"testing"
)

const visiting = `
name: visiting
sessions:
  - {weight: 3, requests: [web.a, {call: web.b, count: {min: 1, max: 2}}]}
  - {weight: 1, requests: [web.a, web.c, {call: web.b, probability: 0.5}, web.a]}
services:
  web: {protocol: none, operations: {a: {own: 1}, b: {own: 1}, c: {own: 1}}}
`

// A session is one of those that it may be, with what belongs to that one and nothing else.
func TestSessionsAreOneOfSeveral(t *testing.T) {
	const n = 5000
	counts := map[string]int{}
	var sessions [n]string
	runSystem(t, system(t, visiting), 5, n, func(m *answered) { sessions[m.iteration] += m.name(0) })
	for _, s := range sessions {
		counts[s]++
	}
	total := 0
	for s, k := range counts {
		if strings.HasPrefix(s, "ab") {
			total += k
		}
	}
	near(t, "the first of them", total, n, 0.75)
	near(t, "and of these, once", counts["ab"], total, 0.5)
	near(t, "the second without what may be missing", counts["aca"], n-total, 0.5)
	if counts["ab"]+counts["abb"]+counts["aca"]+counts["acba"] != n {
		t.Errorf("got %v", counts)
	}
}
