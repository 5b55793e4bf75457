package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// durations are the histograms of systems, by protocol and by kind of span. The spans
// of a protocol have an attribute of that name.
var durations = map[[2]string]string{
	{"http.request.method", "Server"}: "http.server.request.duration",
	{"http.request.method", "Client"}: "http.client.request.duration",
	{"rpc.method", "Server"}:          "rpc.server.call.duration",
	{"rpc.method", "Client"}:          "rpc.client.call.duration",
	{"db.system.name", "Client"}:      "db.client.operation.duration",
	{"messaging.system", "Producer"}:  "messaging.client.operation.duration",
	{"messaging.system", "Consumer"}:  "messaging.process.duration",
}

// buckets are the bounds that the connector is given: those of databases, and of others.
var buckets = map[string][]string{
	"queries": {"1ms", "5ms", "10ms", "50ms", "100ms", "500ms", "1s", "5s", "10s"},
	"calls":   {"5ms", "10ms", "25ms", "50ms", "75ms", "100ms", "250ms", "500ms", "750ms", "1s", "2500ms", "5s", "7500ms", "10s"},
}

// measured is what a histogram says of some series of spans.
type measured struct {
	count  uint64
	sum    float64
	counts []uint64 // by bucket
	bounds []float64
}

func (x *measured) add(p pmetric.HistogramDataPoint) {
	if x.counts == nil {
		x.counts, x.bounds = make([]uint64, p.BucketCounts().Len()), p.ExplicitBounds().AsRaw()
	}
	x.count += p.Count()
	x.sum += p.Sum()
	for i, n := range p.BucketCounts().All() {
		x.counts[i] += n
	}
}

// differs says in what two histograms of the same spans differ. Their sums were added up
// in another order.
func (x *measured) differs(y *measured) string {
	switch {
	case x.count != y.count:
		return fmt.Sprintf("%d and %d spans", x.count, y.count)
	case !slices.Equal(x.bounds, y.bounds):
		return fmt.Sprintf("bounds %v and %v", x.bounds, y.bounds)
	case !slices.Equal(x.counts, y.counts):
		return fmt.Sprintf("buckets %v and %v", x.counts, y.counts)
	case math.Abs(x.sum-y.sum) > float64(x.count)*0x1p-52*x.sum:
		return fmt.Sprintf("%v and %v seconds", x.sum, y.sum)
	}
	return ""
}

// histograms are series by service, metric and attributes.
type histograms map[string]*measured

func (h histograms) at(service, metric string, attributes map[string]any) *measured {
	text, _ := json.Marshal(attributes) // in the order of the names
	key := service + " " + metric + " " + string(text)
	if h[key] == nil {
		h[key] = &measured{}
	}
	return h[key]
}

// own reads the histograms of a corpus with deltas, and by which attributes each of
// them has its series.
func own(t *testing.T, dir string) (h histograms, dimensions map[string]map[string]bool) {
	t.Helper()
	h, dimensions = histograms{}, map[string]map[string]bool{}
	for _, metric := range durations {
		dimensions[metric] = map[string]bool{}
	}
	for _, r := range records(t, dir, "metrics") {
		d, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(r)
		if err != nil {
			t.Fatal(err)
		}
		eachMetric(d, func(resource pcommon.Map, m pmetric.Metric) {
			if dimensions[m.Name()] == nil {
				return
			}
			service, _ := resource.Get("service.name")
			for _, p := range m.Histogram().DataPoints().All() {
				h.at(service.Str(), m.Name(), p.Attributes().AsRaw()).add(p)
				for key := range p.Attributes().All() {
					dimensions[m.Name()][key] = true
				}
			}
		})
	}
	return h, dimensions
}

func eachMetric(d pmetric.Metrics, visit func(resource pcommon.Map, m pmetric.Metric)) {
	for _, r := range d.ResourceMetrics().All() {
		for _, s := range r.ScopeMetrics().All() {
			for _, m := range s.Metrics().All() {
				visit(r.Resource().Attributes(), m)
			}
		}
	}
}

// connected is what one connector told last.
type connected struct {
	calls      map[string]uint64 // by service, name, kind and status of spans
	histograms histograms        // of the metrics that otelsim has for these spans
}

// told waits until a connector has told ten times more of what it has counted up, which is
// then all that the Collector has received, and reads the last of it. A series begins with
// 0, and the file may be some behind what is told.
func (c *collector) told(t *testing.T, name string, dimensions map[string]map[string]bool) *connected {
	t.Helper()
	path := filepath.Join(c.dir, name+".data")
	lines := func() [][]byte {
		data, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all := bytes.Split(data, []byte("\n"))
		return all[:len(all)-1] // the last may be under way
	}
	before := len(lines())
	for deadline := time.Now().Add(time.Minute); len(lines()) < before+10; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s says nothing for a minute", name)
		}
	}
	all := lines()
	d, err := (&pmetric.JSONUnmarshaler{}).UnmarshalMetrics(all[len(all)-1])
	if err != nil {
		t.Fatal(err)
	}
	out := &connected{map[string]uint64{}, histograms{}}
	eachMetric(d, func(_ pcommon.Map, m pmetric.Metric) {
		switch m.Name() {
		case "traces.span.metrics.calls":
			for _, p := range m.Sum().DataPoints().All() {
				out.calls[seriesOf(p.Attributes())] += uint64(p.IntValue())
			}
		case "traces.span.metrics.duration":
			for _, p := range m.Histogram().DataPoints().All() {
				out.add(p, dimensions)
			}
		}
	})
	return out
}

// add counts a series of the connector, which has more attributes than those of
// otelsim, to the one of otelsim that it is part of.
func (x *connected) add(p pmetric.HistogramDataPoint, dimensions map[string]map[string]bool) {
	attributes := p.Attributes().AsRaw()
	service, kind := fmt.Sprint(attributes["service.name"]), strings.TrimPrefix(fmt.Sprint(attributes["span.kind"]), "SPAN_KIND_")
	for of, metric := range durations {
		if attributes[of[0]] == nil || !strings.EqualFold(of[1], kind) {
			continue
		}
		maps.DeleteFunc(attributes, func(key string, _ any) bool { return !dimensions[metric][key] })
		x.histograms.at(service, metric, attributes).add(p)
		return
	}
}

func seriesOf(attributes pcommon.Map) string {
	var out []string
	for _, key := range []string{"service.name", "span.name", "span.kind", "status.code"} {
		v, _ := attributes.Get(key)
		out = append(out, v.Str())
	}
	return strings.Join(out, " | ")
}

// spansOf counts the spans of a corpus as the connector names them, and those that
// have a duration among the metrics of systems: all but internal ones.
func spansOf(t *testing.T, dir string) (calls map[string]uint64, timed uint64) {
	t.Helper()
	calls = map[string]uint64{}
	status := map[ptrace.StatusCode]string{ptrace.StatusCodeOk: "OK", ptrace.StatusCodeError: "ERROR", ptrace.StatusCodeUnset: "UNSET"}
	for _, m := range records(t, dir, "traces") {
		d, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(m)
		if err != nil {
			t.Fatal(err)
		}
		eachSpan(d, func(service string, s ptrace.Span) {
			kind := strings.ToUpper(s.Kind().String())
			calls[fmt.Sprintf("%s | %s | SPAN_KIND_%s | STATUS_CODE_%s", service, s.Name(), kind, status[s.Status().Code()])]++
			if s.Kind() != ptrace.SpanKindInternal {
				timed++
			}
		})
	}
	return calls, timed
}

// connectors returns the settings of one connector for each list of bounds, which have
// the attributes of all histograms.
func connectors(dimensions map[string]map[string]bool) map[string]any {
	all := map[string]bool{}
	for _, keys := range dimensions {
		maps.Copy(all, keys)
	}
	var names []object
	for _, key := range slices.Sorted(maps.Keys(all)) {
		names = append(names, object{"name": key})
	}
	out := map[string]any{}
	for name, bounds := range buckets {
		out[name] = object{
			"histogram":  object{"unit": "s", "explicit": object{"buckets": bounds}},
			"dimensions": names, "metrics_flush_interval": "200ms",
		}
	}
	return out
}

// TestSpanMetrics has the Collector's connector make metrics of the traces of the
// bundled shop, on its bad day: they are the metrics of the corpus, series by series.
func TestSpanMetrics(t *testing.T) {
	dir := generate(t, []string{"--seed", "7", "-n", "100", "--scenario", "shop_incident", "--interval", "3s"},
		"--temporality", "delta", "--signals", "traces,metrics", "--compression", "none")
	want, dimensions := own(t, dir)
	for metric, keys := range dimensions {
		if len(keys) == 0 {
			t.Errorf("the corpus has no %s", metric)
		}
	}
	calls, timed := spansOf(t, dir)

	c := start(t, setup{connectors: connectors(dimensions)})
	replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--max", "--signals", "traces", dir)...).wait(t).all(t)
	got := map[string]*connected{}
	for name := range buckets {
		got[name] = c.told(t, name, dimensions)
		if !maps.Equal(got[name].calls, calls) {
			t.Errorf("%s\n got %v\nwant %v", name, got[name].calls, calls)
		}
	}
	failed, counted := 0, uint64(0)
	for key, h := range want {
		from := got["calls"]
		if strings.Contains(key, " db.client.") {
			from = got["queries"]
		}
		if other := from.histograms[key]; other == nil {
			t.Errorf("the connector has no %s", key)
		} else if d := h.differs(other); d != "" {
			t.Errorf("%s: %s", key, d)
		}
		counted += h.count
		if strings.Contains(key, "error.type") {
			failed++
		}
	}
	for key := range got["calls"].histograms {
		if want[key] == nil {
			t.Errorf("the connector alone has %s", key)
		}
	}
	if counted != timed || len(want) < 60 || failed < 15 {
		t.Errorf("%d series were compared, %d of them of failures, with %d of %d spans", len(want), failed, counted, timed)
	}
	t.Logf("%d series of %d metrics, %d of them of failures, have all %d spans that are not internal", len(want), len(durations), failed, counted)
}
