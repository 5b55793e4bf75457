package build

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// keepers is a system with a service whose resource differs by session and within what it
// does, and metrics whose resources have one of that, both, and none.
const keepers = `
name: keepers
services:
  web:
    protocol: none
    instances: 2
    attributes: {ask.tenant: {use: tenant}, ask.code: {use: code}}
    operations:
      answer:
        latency: 40
        calls: [{span: ask, latency: 9, resource: {ask.part: asking}}]
    metrics:
      ask.all: {instrument: counter, from: [ask, answer]}
      ask.both: {instrument: histogram, unit: ms, from: [answer, ask], resource: [ask.tenant, ask.part]}
      ask.coded: {instrument: gauge, from: ask, resource: ask.code}
      ask.parts: {instrument: counter, from: [ask, answer], resource: [ask.part], dimensions: [ask.tenant]}
values: {tenant: {distribution: categorical, values: {acme: 1, blue: 1}, per: session}, code: {pattern: '{hex:2}', pool: 3}}
`

// TestMetricsKeepWhatDiffersOnResources of their spans, as far as they say so, in both
// temporalities; and each resource is there once in a record.
func TestMetricsKeepWhatDiffersOnResources(t *testing.T) {
	p, c := ofAskers(t, keepers)
	r := ofAskersRun()
	want := map[string]string{
		"ask.all":   "",
		"ask.both":  "ask.part=asking ask.tenant=acme, ask.part=asking ask.tenant=blue, ask.tenant=acme, ask.tenant=blue",
		"ask.parts": ", ask.part=asking",
	}
	for _, r.Temporality = range []otlp.Temporality{otlp.TemporalityCumulative, otlp.TemporalityDelta} {
		said := make(map[string]map[string]bool)
		rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
			if m == nil {
				return
			}
			seen := make(map[string]bool)
			for i := range m.Resources {
				whole := strings.Join(wordsOf(m, m.Resources[i].Attrs, ""), " ")
				if seen[whole] {
					t.Fatalf("temporality %d: the resource %s is there twice", r.Temporality, whole)
				}
				seen[whole] = true
			}
			for i := range m.Metrics {
				name := m.Strings.String(m.Metrics[i].Name)
				if said[name] == nil {
					said[name] = make(map[string]bool)
				}
				said[name][strings.Join(wordsOf(m, m.Resources[m.Metrics[i].Resource].Attrs, "ask."), " ")] = true
			}
		})
		if len(rules) > 0 {
			t.Errorf("temporality %d: found %q", r.Temporality, rules)
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got := strings.Join(slices.Sorted(maps.Keys(said[name])), ", "); got != want[name] {
				t.Errorf("temporality %d: resources of %s have %q, want %q", r.Temporality, name, got, want[name])
			}
		}
		if n := len(said["ask.coded"]); n != 3 {
			t.Errorf("temporality %d: ask.coded has %d codes, want 3: %v", r.Temporality, n, said["ask.coded"])
		}
	}
}

// wordsOf spells those attributes whose keys begin so, sorted.
func wordsOf(m *otlp.Metrics, of otlp.Range, prefix string) (words []string) {
	for _, x := range pairsOf(m.Strings, m.Attrs, m.Text, of) {
		if strings.HasPrefix(x, prefix) {
			words = append(words, x)
		}
	}
	slices.Sort(words)
	return words
}

// TestTheJudgeNoticesWhatResourcesOfMetricsKeep changes what they have of that.
func TestTheJudgeNoticesWhatResourcesOfMetricsKeep(t *testing.T) {
	p, c := ofAskers(t, keepers)
	for _, row := range []struct {
		why, metric string
		plant       func(m *otlp.Metrics, of *otlp.Resource)
	}{
		{"another tenant", "ask.both", func(m *otlp.Metrics, of *otlp.Resource) { rename(m, of, "ask.tenant", "", "other") }},
		{"no tenant", "ask.both", func(m *otlp.Metrics, of *otlp.Resource) { rename(m, of, "ask.tenant", "ask.tenants", "") }},
		{"a tenant where none is kept", "ask.all", func(m *otlp.Metrics, of *otlp.Resource) {
			begin := uint32(len(m.Attrs))
			m.Attrs = append(m.Attrs, m.Attrs[of.Attrs.Start:of.Attrs.End]...)
			m.Attrs = append(m.Attrs, otlp.Attr{Key: m.Strings.ID("ask.tenant"), Kind: otlp.KindString, Word: uint64(m.Strings.ID("acme"))})
			of.Attrs = otlp.Range{Start: begin, End: uint32(len(m.Attrs))}
		}},
	} {
		rules := brokenBy(t, p, c, ofAskersRun(), 4, row.metric, func(m *otlp.Metrics, x *otlp.Metric) { row.plant(m, &m.Resources[x.Resource]) })
		if !slices.ContainsFunc(rules, func(s string) bool { return strings.HasPrefix(s, "audit-") }) {
			t.Errorf("%s of %s: found %q", row.why, row.metric, rules)
		}
	}
}

// rename gives an attribute of a resource another key, or another value.
func rename(m *otlp.Metrics, of *otlp.Resource, key, to, value string) {
	for i := of.Attrs.Start; i < of.Attrs.End; i++ {
		if a := &m.Attrs[i]; m.Strings.String(a.Key) != key {
			continue
		} else if to != "" {
			a.Key = m.Strings.ID(to)
		} else {
			a.Kind, a.Word = otlp.KindString, uint64(m.Strings.ID(value))
		}
	}
}

// TestMistakesInWhatResourcesOfMetricsKeep are told where they stand.
func TestMistakesInWhatResourcesOfMetricsKeep(t *testing.T) {
	const coded, pool = "from: ask, resource: ask.code}", "pool: 3"
	for _, row := range [][3]string{
		{coded, "from: ask, resource: [ask.cod]}", `keepers.yaml:15:60: metric ask.coded: "ask.cod" does not differ within the service; these do: ask.code, ask.part, ask.tenant`},
		{coded, "from: ask, resource: [service.name]}", `keepers.yaml:15:60: metric ask.coded: "service.name" does not differ`},
		{coded, "from: ask, resource: [ask.code, ask.code]}", `keepers.yaml:15:70: services.web.metrics.ask.coded.resource[1]: ask.code is there twice`},
		{coded, "from: ask, resource: session.id}", `keepers.yaml:15:59: services.web.metrics.ask.coded.resource: session.id is none`},
		{pool, "pool: 101", `keepers.yaml:7:45: warning: attribute ask.code: it has 101 values, and ask.coded has a series for each`},
		{coded, "base: 3, resource: ask.code}", `keepers.yaml:15:57: services.web.metrics.ask.coded.resource: only beside from`},
	} {
		in := alone(t, "keepers.yaml", strings.Replace(keepers, row[0], row[1], 1))
		if got := toldOf(in); !strings.Contains(got, row[2]) {
			t.Errorf("%s: got %s", row[1], got)
		}
	}
}
