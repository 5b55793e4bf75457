package build

import (
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// landlord is a system whose services work for several tenants, in several parts.
const landlord = `
name: landlord
session: [{call: web.GET /items, count: 3}]
values:
  tenant: {distribution: categorical, values: {acme: 3, blue: 1}, per: session}
  zone: {pattern: "zone-{hex:4}", pool: 5}
services:
  web:
    instances: 2
    runtime: go
    metrics: {shop.open: {instrument: gauge, base: 3}}
    attributes: {shop.tenant: {use: tenant}, shop.part: front}
    operations:
      GET /items:
        logs: [{body: done}]
        calls:
          - {span: render, resource: {shop.part: renderer}, calls: [api.List, {span: deep}]}
          - {span: look, resource: {shop.zone: {use: zone}}}
  api: {protocol: grpc, operations: {List: {resource: {shop.part: lists}, calls: [db.SELECT items, queue.work, help.guess]}}}
  help:
    protocol: none
    operations: {guess: {resource: {shop.part: guess}, variants: {well: {}, badly: {resource: {shop.mood: low}}}}}
  queue: {protocol: messaging, attributes: {shop.tenant: {use: tenant}}, operations: {work: {}}}
  db: {protocol: db, operations: {SELECT items: {}}}
`

// ofLandlord returns the plan of the landlord, and the conventions that a corpus of it has.
func ofLandlord(t testing.TB) (*Plan, *semconv.Conventions) {
	t.Helper()
	return withCorpus(t, alone(t, "landlord.yaml", landlord))
}

// pairsOf spells attributes of a record that are strings.
func pairsOf(strs *otlp.Strings, attrs []otlp.Attr, text []byte, of otlp.Range) (pairs []string) {
	for _, a := range attrs[of.Start:of.End] {
		value := ""
		if a.Kind == otlp.KindText {
			x := otlp.UnpackRange(a.Word)
			value = string(text[x.Start:x.End])
		} else {
			value = strs.String(otlp.StringID(a.Word))
		}
		pairs = append(pairs, strs.String(a.Key)+"="+value)
	}
	return pairs
}

// TestResourcesDifferWithinAService: by session and by operation; each is there once, and
// what instances tell is of all of them.
func TestResourcesDifferWithinAService(t *testing.T) {
	p, c := ofLandlord(t)
	r := run(60)
	r.SegmentIterations, r.MetricInterval, r.BatchItems = 30, 4e9, 200
	parts := make(map[string]bool)
	tenants := make(map[uint64]map[string]bool) // by session
	rules := brokenIn(t, p, c, r, func(tr *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
		if m != nil {
			for _, x := range m.Resources {
				for _, a := range m.Attrs[x.Attrs.Start:x.Attrs.End] {
					if key := m.Strings.String(a.Key); strings.HasPrefix(key, "shop.") {
						t.Errorf("a metric has %s on its resource", key)
					}
				}
			}
			return
		}
		if tr == nil {
			return
		}
		seen := make(map[string]bool)
		for i := range tr.Resources {
			text := strings.Join(pairsOf(tr.Strings, tr.Attrs, tr.Text, tr.Resources[i].Attrs), " ")
			if seen[text] {
				t.Errorf("the resource %s is there twice", text)
			}
			seen[text] = true
		}
		session := requestsOf(r.Seed)
		for i := range tr.Spans {
			s := &tr.Spans[i]
			for _, x := range pairsOf(tr.Strings, tr.Attrs, tr.Text, tr.Resources[s.Resource].Attrs) {
				if key, _, _ := strings.Cut(x, "="); key == "shop.part" || key == "shop.mood" {
					parts[tr.Strings.String(s.Name)+" "+x] = true
				}
				if tenant, ok := strings.CutPrefix(x, "shop.tenant="); ok {
					id := session(s.TraceID) >> 16
					if tenants[id] == nil {
						tenants[id] = make(map[string]bool)
					}
					tenants[id][tenant] = true
				}
			}
			if name := tr.Strings.String(s.Name); (name == "render" || name == "look") == (s.Flags&otlp.FlagIsRemote != 0) {
				if name == "render" || name == "look" {
					t.Errorf("the parent of %s is remote", name)
				}
			}
		}
	})
	if len(rules) > 0 {
		t.Errorf("found %q", rules)
	}
	want := []string{
		"GET /items shop.part=front", "SELECT items shop.part=lists", "api/List shop.part=lists", "api/List shop.part=renderer", "deep shop.part=renderer",
		"guess shop.mood=low", "guess shop.part=guess", "look shop.part=front", "render shop.part=renderer", "send work shop.part=lists",
	}
	var got []string
	for x := range parts {
		got = append(got, x)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("spans are of %q, want %q", got, want)
	}
	all := make(map[string]int)
	for id, of := range tenants {
		if len(of) != 1 {
			t.Errorf("session %x is of %v", id, of)
		}
		for x := range of {
			all[x]++
		}
	}
	if len(tenants) != 30 || all["acme"] < 12 || all["blue"] < 2 {
		t.Errorf("sessions are of %v", all)
	}
}

// TestTheJudgeOfDifferingResourcesNotices what is none of them.
func TestTheJudgeOfDifferingResourcesNotices(t *testing.T) {
	p, c := ofLandlord(t)
	r := run(60)
	r.SegmentIterations, r.MetricInterval = 30, 4e9
	rules := brokenIn(t, p, c, r, func(_ *otlp.Traces, m *otlp.Metrics, _ *otlp.Logs) {
		if m != nil {
			x := &m.Resources[0]
			begin := uint32(len(m.Attrs))
			m.Attrs = append(append(m.Attrs, m.Attrs[x.Attrs.Start:x.Attrs.End]...),
				otlp.Attr{Key: m.Strings.ID("shop.part"), Kind: otlp.KindString, Word: uint64(m.Strings.ID("front"))})
			x.Attrs = otlp.Range{Start: begin, End: uint32(len(m.Attrs))}
		}
	})
	if !slices.Contains(rules, "audit-series") {
		t.Errorf("metrics of one part: found %q", rules)
	}
}
