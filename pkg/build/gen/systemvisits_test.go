package gen_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
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

const continued = `
name: continued
session: [web.a, {call: web.b, continues: true, linked: true, count: 2}, {call: web.a, linked: true}, {call: web.b, continues: true}]
conversation: {think_time: {distribution: constant, value: 60000}}
values: {id: {pattern: "{hex:16}"}}
services:
  web: {protocol: none, instances: 100, operations: {a: {own: 1, attributes: {id: {use: id}}}, b: {own: 1, attributes: {id: {use: id}}}}}
`

// What continues a request begins when that is over, with its values and instances, and
// what is linked links to the one before.
func TestRequestsOfSeveralTraces(t *testing.T) {
	var ids, instances []string
	var before otlp.Span
	runSystem(t, system(t, continued), 5, 1, func(m *answered) {
		s, at := m.t.Spans[0], len(ids)
		ids = append(ids, m.attr(0, "id"))
		for _, a := range m.t.Attrs[m.t.Resources[s.Resource].Attrs.Start:m.t.Resources[s.Resource].Attrs.End] {
			if m.t.Strings.String(a.Key) == "service.instance.id" {
				instances = append(instances, m.t.Strings.String(otlp.StringID(a.Word)))
			}
		}
		links := m.t.Links[s.Links.Start:s.Links.End]
		if linked := at > 0 && at < 4; len(links) == 1 != linked || linked && (links[0].TraceID != before.TraceID || links[0].SpanID != before.SpanID) {
			t.Errorf("request %d links to %v, before it was %v %v", at, links, before.TraceID, before.SpanID)
		}
		if pause := s.Start - before.End; at > 0 && (at == 3) != (pause == 60e9) || pause != 0 && pause != 60e9 && at > 0 {
			t.Errorf("request %d: a pause of %d", at, pause)
		}
		before = s
	})
	for _, x := range [][]string{ids, instances} {
		if len(x) != 5 || x[0] != x[1] || x[0] != x[2] || x[0] == x[3] || x[3] != x[4] {
			t.Errorf("got %v", x)
		}
	}
}
