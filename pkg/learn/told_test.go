package learn

import (
	"math"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// metric adds a metric of a service, with points of these values one after the other.
func (h *hand) metric(service, name, unit string, kind otlp.MetricKind, values ...float64) *profile.Metric {
	m := &profile.Metric{
		Service: service, Name: name, Unit: unit, Kind: kind, Temporality: otlp.TemporalityCumulative, Points: 1000,
		Values: &sketch.Numbers{}, Counts: &sketch.Numbers{}, Rates: &sketch.Numbers{},
	}
	for i := range 1000 {
		m.Values.Add(values[i%len(values)])
	}
	if h.Metrics == nil {
		h.Metrics = make(map[uint64]*profile.Metric)
	}
	h.Metrics[uint64(len(h.Metrics)+1)] = m
	return m
}

// modelOf is what is learnt on a level.
func modelOf(t *testing.T, h *hand, level int) *Model {
	t.Helper()
	policy, err := privacy.New(privacy.Options{Public: privacy.Bundled()})
	if err != nil {
		t.Fatal(err)
	}
	m, err := From(h.Profile, policy, level)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// fileOf is one of its files.
func fileOf(t *testing.T, m *Model, name string) string {
	t.Helper()
	for _, f := range m.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// learntOf is the scenario that is learnt.
func learntOf(t *testing.T, h *hand) string {
	t.Helper()
	return fileOf(t, modelOf(t, h, 0), "scenarios/learnt.yaml")
}

// says looks for what a scenario has to say, and for what it must not.
func says(t *testing.T, name, got string, want, not []string) {
	t.Helper()
	for _, x := range want {
		if !strings.Contains(got, x) {
			t.Errorf("%s: no %s in\n%s", name, x, got)
		}
	}
	for _, x := range not {
		if strings.Contains(got, x) {
			t.Errorf("%s: %s in\n%s", name, x, got)
		}
	}
}

func TestProcessesAreWhatTheySay(t *testing.T) {
	for _, row := range []struct {
		name string
		told func(h *hand)
		want string
	}{
		{"by limits", func(h *hand) {
			h.metric("web", "go.goroutine.count", "{goroutine}", otlp.MetricSum, 12)
			h.metric("web", "process.memory.usage", "By", otlp.MetricSum, 9e7)
			h.metric("web", "go.processor.limit", "{thread}", otlp.MetricSum, 3)
			h.metric("web", "go.memory.limit", "By", otlp.MetricSum, 300<<20)
			h.metric("web", "db.client.connection.count", "{connection}", otlp.MetricSum, 0, 7, 6, 1)
		}, "runtime: {kind: go, cores: 3, memory: 300MiB, connections: 7}\n"},
		{"by shares", func(h *hand) {
			h.metric("web", "nodejs.eventloop.utilization", "1", otlp.MetricGauge, 0.2)
			h.metric("web", "process.cpu.time", "s", otlp.MetricSum, 9).Rates.AddN(0.41, 1000)
			h.metric("web", "process.cpu.utilization", "1", otlp.MetricGauge, 0.1, 0.11)
			h.metric("web", "process.memory.usage", "By", otlp.MetricSum, 256<<20, 240<<20)
			h.metric("web", "process.memory.utilization", "1", otlp.MetricGauge, 0.5, 0.46875)
		}, "runtime: {kind: nodejs, cores: 4, memory: 512MiB}\n"},
		{"by nothing", func(h *hand) {
			h.metric("web", "process.cpu.time", "s", otlp.MetricSum, 9)
			h.metric("web", "process.memory.usage", "By", otlp.MetricSum, 9e7)
		}, "runtime: {kind: process}\n"},
	} {
		h := small()
		row.told(h)
		if got := learntOf(t, h); !strings.Contains(got, row.want) {
			t.Errorf("%s: got %s\nwant %s", row.name, got, row.want)
		}
	}
}

// A metric that nothing has follow shows about what it showed; one that spans have follow,
// that may not be named, or that goes by a name that no instrument may have, is left out.
func TestMetricsOfOnesOwn(t *testing.T) {
	h := small()
	h.metric("web", "carts.open", "{cart}", otlp.MetricSum, 90, 95, 100, 105, 110)
	rises := h.metric("web", "carts.bytes", "By", otlp.MetricSum, 1e6)
	rises.Monotonic = true
	rises.Rates.AddN(250, 1000)
	sizes := h.metric("web", "carts.size", "{item}", otlp.MetricHistogram, 60)
	sizes.Counts.AddN(20, 1000)
	h.metric("web", "http.server.request.duration", "s", otlp.MetricHistogram, 1)
	h.metric("web", "carts of 4711", "1", otlp.MetricGauge, 1)
	h.metric("nobody", "carts.open", "1", otlp.MetricGauge, 1)
	h.metric("api", "carts.hidden", "1", otlp.MetricGauge, math.MaxFloat64)
	got := learntOf(t, h)
	for _, want := range []string{
		`carts.open: {unit: "{cart}", instrument: updowncounter, base: 100.`,
		`carts.bytes: {unit: By, instrument: counter, base: 250}`,
		`carts.size: {unit: "{item}", instrument: histogram, base: 3}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Count(got, "instrument:") != 3 || strings.Contains(got, "4711") {
		t.Errorf("more is told:\n%s", got)
	}
	few := newHand(20)
	few.class(10, "web", "GET /items", otlp.SpanKindServer, "", 9, 5).Roots = 9
	few.class(20, "api", "GET /items", otlp.SpanKindServer, "", 11, 5).Roots = 11
	few.metric("web", "carts.secret", "{secret}", otlp.MetricGauge, 4)
	few.metric("api", "carts.known", "{known}", otlp.MetricGauge, 4)
	for i, name := range []string{"secret.nine", "known.ten"} { // points of each are many, and spans enough
		counts := few.metric("api", name, "{cart}", otlp.MetricSum, 1)
		counts.Monotonic, counts.Totals = true, []profile.Total{{Sum: 4}, {Sum: float64(5 + i)}}
		counts.Rates.AddN(1, 1000)
		lasts := few.metric("api", name+".took", "s", otlp.MetricHistogram, 1)
		lasts.Totals = []profile.Total{{Sum: 400, Count: 4}, {Sum: 400, Count: uint64(5 + i)}}
		lasts.Counts.AddN(1, 1000)
	}
	if got := learntOf(t, few); strings.Contains(got, "secret") || !strings.Contains(got, "carts.known: {unit: \"{known}\"") || strings.Count(got, "known.ten") != 2 {
		t.Errorf("what few traces have is told, or what enough have is not:\n%s", got)
	}
}

// TestAttributesOfAllPoints: what all points of a metric have alike is written where enough
// traces have it, on spans or resources, or where anybody knows it.
func TestAttributesOfAllPoints(t *testing.T) {
	h := small()
	on := func(values ...string) *profile.Attribute {
		a := &profile.Attribute{Present: 1000, Values: sketch.NewValues(64)}
		for i := range uint64(1000) {
			a.Values.Add(otlp.KindText, []byte(values[i%uint64(len(values))]), 0)
		}
		a.Kinds[otlp.KindText] = 1000
		return a
	}
	spans := func(traces uint64, value string) *profile.Key {
		k := &profile.Key{Spans: traces, Values: sketch.NewValues(64)}
		for i := range traces {
			k.Values.Add(otlp.KindText, []byte(value), i+1)
		}
		return k
	}
	h.Keys["shop.tier"], h.Keys["shop.few"], h.Keys["shop.user.id"] = spans(900, "gold"), spans(9, "silver"), spans(900, "jane")
	region := texts("shop.region", 900, "north")
	region.Values = spans(900, "north").Values
	h.Services["web"] = &profile.Service{Instances: sketch.NewValues(8), Attributes: map[string]*profile.Attribute{"shop.region": region}}
	m := h.metric("web", "carts.open", "{cart}", otlp.MetricGauge, 5)
	some, numbers := on("gold"), on("12")
	some.Present = 500
	numbers.Kinds = [16]uint64{}
	numbers.Kinds[otlp.KindInt] = 1000
	m.Attributes = map[string]*profile.Attribute{
		"shop.tier": on("gold"), "shop.region": on("north"), "gen_ai.operation.name": on("chat"),
		"shop.few": on("silver"), "shop.unknown": on("bronze"), "service.criticality": on("zinc"), "shop.hush": on("chat"), "shop.user.id": on("jane"), "shop.several": on("gold", "north"), "shop.some": some, "shop.numbers": numbers,
	}
	want := "attributes: {gen_ai.operation.name: chat, shop.region: north, shop.tier: gold}"
	if got := learntOf(t, h); !strings.Contains(got, want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}
