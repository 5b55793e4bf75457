package stats

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/small"
	"github.com/otelsim/otelsim/pkg/otelsim"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
)

// The parts of OTLP/JSON that are counted.
type (
	keyValue struct {
		Key   string
		Value map[string]any
	}
	resource struct{ Attributes []keyValue }
	span     struct {
		TraceID, SpanID, ParentSpanID, Name string
		Kind                                int
		Status                              struct{ Code int }
		Attributes                          []keyValue
		service                             string
	}
	message struct {
		ResourceSpans []struct {
			Resource   resource
			ScopeSpans []struct{ Spans []*span }
		}
		ResourceMetrics []struct {
			Resource     resource
			ScopeMetrics []struct {
				Metrics []struct {
					Name            string
					Gauge           struct{ DataPoints []point }
					Sum             struct{ DataPoints []point }
					Histogram       struct{ DataPoints []point }
					ExponentialHist struct{ DataPoints []point } `json:"exponentialHistogram"`
				}
			}
		}
		ResourceLogs []struct {
			Resource  resource
			ScopeLogs []struct {
				LogRecords []struct{ SeverityNumber int }
			}
		}
	}
	point struct{ Attributes []keyValue }
)

func (r *resource) service() string {
	for _, a := range r.Attributes {
		if a.Key == "service.name" {
			return fmt.Sprint(a.Value["stringValue"])
		}
	}
	return ""
}

// tally is what is in a corpus, counted from its JSON.
type tally struct {
	spans    map[[2]string]*span // by trace and span
	ops      map[string][2]uint64
	values   map[string]map[string]bool
	series   map[string]map[string]bool
	points   uint64
	severity map[int]uint64
}

func count(t *testing.T, c *corpus.Corpus) *tally {
	t.Helper()
	n := &tally{make(map[[2]string]*span), make(map[string][2]uint64), make(map[string]map[string]bool), make(map[string]map[string]bool), 0, make(map[int]uint64)}
	put := func(to map[string]map[string]bool, key, value string) {
		if to[key] == nil {
			to[key] = make(map[string]bool)
		}
		to[key][value] = true
	}
	for _, r := range small.Records(t, c) {
		var m message
		if err := json.Unmarshal(r.Payload, &m); err != nil {
			t.Fatal(err)
		}
		for i := range m.ResourceSpans {
			for _, s := range m.ResourceSpans[i].ScopeSpans {
				for _, x := range s.Spans {
					x.service = m.ResourceSpans[i].Resource.service()
					n.spans[[2]string{x.TraceID, x.SpanID}] = x
					k := fmt.Sprint(x.service, "|", profile.Name(x.Name), "|", otlp.SpanKindName(uint8(x.Kind)))
					o := n.ops[k]
					o[0]++
					if x.Status.Code == 2 {
						o[1]++
					}
					n.ops[k] = o
					for _, a := range x.Attributes {
						put(n.values, a.Key, fmt.Sprint(a.Value))
					}
				}
			}
		}
		for i := range m.ResourceMetrics {
			x := &m.ResourceMetrics[i]
			for _, s := range x.ScopeMetrics {
				for _, metric := range s.Metrics {
					for _, p := range slices.Concat(metric.Gauge.DataPoints, metric.Sum.DataPoints, metric.Histogram.DataPoints, metric.ExponentialHist.DataPoints) {
						n.points++
						put(n.series, x.Resource.service()+"|"+metric.Name, fmt.Sprint(x.Resource, p.Attributes))
					}
				}
			}
		}
		for i := range m.ResourceLogs {
			for _, s := range m.ResourceLogs[i].ScopeLogs {
				for _, l := range s.LogRecords {
					n.severity[l.SeverityNumber]++
				}
			}
		}
	}
	return n
}

// read returns the report of a corpus that is written for it.
func read(t *testing.T, o otelsim.Options) *Report {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "corpus")
	plan, err := otelsim.New(o)
	if err == nil {
		_, err = plan.Write(t.Context(), otelsim.WriteOptions{Dir: dir})
	}
	if err != nil {
		t.Fatal(err)
	}
	in, err := intake.Open([]string{dir}, intake.Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Read(t.Context(), in, profile.Options{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return Of(p)
}

// TestCounts holds what is said of a corpus to what is counted from its JSON.
func TestCounts(t *testing.T) {
	o := otelsim.Options{Seed: 3, Count: 60, SegmentIterations: 64, Format: otlp.FormatJSON, Tags: []string{"shop"}}
	n := count(t, small.Corpus(t, o))
	r := read(t, o)
	if got := r.Sizes["traces"].Items; got != uint64(len(n.spans)) {
		t.Errorf("%d spans, want %d", got, len(n.spans))
	}
	if got := r.Sizes["metrics"].Items; got != n.points {
		t.Errorf("%d points, want %d", got, n.points)
	}
	got := make(map[string][2]uint64)
	for _, x := range r.Operations {
		got[x.Service+"|"+x.Name+"|"+x.Kind] = [2]uint64{x.Spans, x.Errors}
	}
	same(t, "operations", got, n.ops)
	t.Run("edges", func(t *testing.T) { checkEdges(t, r, n) })
	t.Run("attributes", func(t *testing.T) { checkValues(t, r, n) })
	severity := make(map[int]uint64)
	for _, l := range r.Logs {
		severity[int(l.Number)] += l.Records
	}
	same(t, "log records by severity", severity, n.severity)
	for _, m := range r.Metrics {
		if want := uint64(len(n.series[m.Service+"|"+m.Name])); m.Series != want && (want < 30 || math.Abs(float64(m.Series)/float64(want)-1) > 0.1) {
			t.Errorf("%s of %s: %d series, want %d", m.Name, m.Service, m.Series, want)
		}
	}
	if len(r.Metrics) != len(n.series) {
		t.Errorf("%d metrics, want %d", len(r.Metrics), len(n.series))
	}
}

// same compares counts by name.
func same[K comparable, V comparable](t *testing.T, what string, got, want map[K]V) {
	t.Helper()
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s: %v: got %v, want %v", what, k, got[k], v)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: got %d, want %d", what, len(got), len(want))
	}
}

func checkEdges(t *testing.T, r *Report, n *tally) {
	want, got := make(map[string][2]uint64), make(map[string][2]uint64)
	traces, failed := make(map[string]bool), make(map[string]bool)
	for id, s := range n.spans {
		traces[id[0]] = true
		if s.Status.Code == 2 {
			failed[id[0]] = true
		}
		if p := n.spans[[2]string{id[0], s.ParentSpanID}]; p != nil && p.service != s.service {
			k := p.service + ">" + s.service
			e := want[k]
			e[0]++
			if s.Status.Code == 2 {
				e[1]++
			}
			want[k] = e
		}
	}
	addresses, received := 0, make(map[string]uint64)
	for _, e := range r.Edges {
		if e.Address {
			addresses++
		}
		if e.FromAddress {
			received[e.From+">"+e.To] = e.Calls
		}
		if e.Address || e.FromAddress {
			continue
		}
		got[e.From+">"+e.To] = [2]uint64{e.Calls, e.Errors}
	}
	same(t, "edges", got, want)
	consumed := make(map[string]uint64)
	for _, s := range n.spans {
		for _, a := range s.Attributes {
			if a.Key == "messaging.destination.name" && s.Kind == 5 && s.ParentSpanID == "" {
				consumed[fmt.Sprint(a.Value["stringValue"], ">", s.service)]++
			}
		}
	}
	if same(t, "messages", received, consumed); len(consumed) == 0 {
		t.Error("no messages were received")
	}
	if addresses == 0 {
		t.Error("no database or cache that the shop asks is there")
	}
	if r.Traces.Count != uint64(len(traces)) || r.Traces.Failed != uint64(len(failed)) {
		t.Errorf("%d traces, %d failed, want %d and %d", r.Traces.Count, r.Traces.Failed, len(traces), len(failed))
	}
}

func checkValues(t *testing.T, r *Report, n *tally) {
	checked := 0
	for _, a := range r.Attributes {
		want := float64(len(n.values[a.Key]))
		if a.On != OnSpan {
			continue
		}
		checked++
		if a.Exact && a.Distinct != uint64(want) || math.Abs(float64(a.Distinct)-want) > 0.1*want {
			t.Errorf("%s: %d values, want %v", a.Key, a.Distinct, want)
		}
		if strings.HasPrefix(a.Key, "enduser") && a.Values != nil {
			t.Errorf("%s: values are told", a.Key)
		}
	}
	if checked != len(n.values) {
		t.Errorf("%d keys of spans, want %d", checked, len(n.values))
	}
}
