package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/ptrace"
)

// startJaeger runs Jaeger with a database that ends with it. The one in memory
// would not do: in this release its search for errors looks at a text as if it
// were a boolean, and finds the spans with status Ok.
func startJaeger(t *testing.T) *collector {
	t.Helper()
	return startJaegerTelling(t, nil)
}

// startJaegerTelling runs Jaeger, which tells a receiver what it does itself; nil: it does
// not. What is written it tells over HTTP as a Collector does, what is asked over gRPC.
func startJaegerTelling(t *testing.T, told *collector) *collector {
	t.Helper()
	telemetry := object{"metrics": object{"level": "none"}, "logs": object{"level": "error"}}
	if told != nil {
		telemetry["traces"] = tellingTo("http://" + told.http)
	}
	c := &collector{grpc: freeAddress(t), http: freeAddress(t)}
	config, err := json.Marshal(object{
		"extensions": object{
			"jaeger_storage": object{"backends": object{"store": object{"badger": object{"ephemeral": true}}}},
			"jaeger_query": object{
				"storage": object{"traces": "store"},
				"http":    object{"endpoint": c.http}, "grpc": object{"endpoint": freeAddress(t)},
			},
		},
		"receivers": object{"otlp": object{"protocols": object{"grpc": object{"endpoint": c.grpc}}}},
		"exporters": object{"jaeger_storage_exporter": object{"trace_storage": "store"}},
		"service": object{
			"extensions": []string{"jaeger_storage", "jaeger_query"},
			"pipelines": object{"traces": object{
				"receivers": []string{"otlp"}, "exporters": []string{"jaeger_storage_exporter"},
			}},
			"telemetry": telemetry,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(path, config, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "jaeger"), "--config", path)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	if told != nil {
		cmd.Env = append(cmd.Env, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://"+told.grpc)
	}
	c.run(t, cmd)
	return c
}

// Of the query API's answers, what the tests look at.
type jaegerTrace struct {
	TraceID   string
	Spans     []jaegerSpan
	Processes map[string]struct{ ServiceName string }
}

type jaegerSpan struct {
	TraceID, SpanID, OperationName, ProcessID string
	References                                []struct{ RefType, TraceID, SpanID string }
	StartTime, Duration                       uint64 // in microseconds
	Tags                                      []struct {
		Key   string
		Value any
	}
	Logs []struct{}
}

// query asks Jaeger, by the API that its pages use.
func (c *collector) query(t *testing.T, path string, values url.Values, data any) {
	t.Helper()
	resp, err := http.Get("http://" + c.http + "/api/" + path + "?" + values.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%.1000s", path, resp.Status, err, body)
	}
	if err := json.Unmarshal(body, &struct{ Data any }{data}); err != nil {
		t.Fatalf("%s: %v\n%.1000s", path, err, body)
	}
}

// search returns the traces that have a span of the service with all tags.
func (c *collector) search(t *testing.T, service string, tags map[string]string) []jaegerTrace {
	t.Helper()
	values := url.Values{"service": {service}, "limit": {"10000"}, "start": {"1"}, "end": {"4000000000000000"}}
	if tags != nil {
		text, err := json.Marshal(tags)
		if err != nil {
			t.Fatal(err)
		}
		values.Set("tags", string(text))
	}
	var traces []jaegerTrace
	c.query(t, "traces", values, &traces)
	return traces
}

// lines describes the spans of a trace, one a line, as told by Jaeger.
func (tr *jaegerTrace) lines(into map[string]bool) {
	for _, s := range tr.Spans {
		var parent, status string
		var links []string
		for _, r := range s.References {
			switch {
			case r.RefType == "CHILD_OF" && r.TraceID == s.TraceID:
				parent = r.SpanID
			default:
				links = append(links, r.TraceID+"/"+r.SpanID)
			}
		}
		for _, tag := range s.Tags {
			if tag.Key == "error" && tag.Value == true {
				status = "error"
			}
		}
		slices.Sort(links)
		into[fmt.Sprint(s.TraceID, s.SpanID, " of ", tr.Processes[s.ProcessID].ServiceName, " ", s.OperationName,
			" in ", parent, " at ", s.StartTime, "+", s.Duration, " ", status, links, len(s.Logs))] = true
	}
}

// expected is what Jaeger must know of a corpus.
type expected struct {
	spans         map[string]bool            // as lines has them
	services      map[string]map[string]bool // the traces of each
	errors        map[string]map[string]bool // those in which a span of the service failed
	conversations map[string]map[string]bool // the traces of each, of any service
	links         int
}

func mark(m map[string]map[string]bool, key, trace string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][trace] = true
}

func expect(t *testing.T, s *sample) *expected {
	t.Helper()
	e := &expected{map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}, map[string]map[string]bool{}, 0}
	for _, m := range records(t, s.dir, "traces") {
		d, err := (&ptrace.ProtoUnmarshaler{}).UnmarshalTraces(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range d.ResourceSpans().All() {
			name, _ := r.Resource().Attributes().Get("service.name")
			for _, ss := range r.ScopeSpans().All() {
				for _, x := range ss.Spans().All() {
					e.add(name.Str(), x)
				}
			}
		}
	}
	return e
}

func (e *expected) add(service string, x ptrace.Span) {
	trace, parent, status := x.TraceID().String(), x.ParentSpanID().String(), ""
	mark(e.services, service, trace)
	if id, ok := x.Attributes().Get("gen_ai.conversation.id"); ok {
		mark(e.conversations, id.Str(), trace)
	}
	if x.Status().Code() == ptrace.StatusCodeError {
		status = "error"
		mark(e.errors, service, trace)
	}
	var links []string
	for _, l := range x.Links().All() {
		links = append(links, l.TraceID().String()+"/"+l.SpanID().String())
	}
	slices.Sort(links)
	e.links += len(links)
	start, end := uint64(x.StartTimestamp()), uint64(x.EndTimestamp())
	e.spans[fmt.Sprint(trace, x.SpanID(), " of ", service, " ", x.Name(),
		" in ", parent, " at ", start/1000, "+", (end-start)/1000, " ", status, links, x.Events().Len())] = true
}

// TestJaeger replays a corpus into Jaeger and asks for it again.
func TestJaeger(t *testing.T) {
	s := corpus(t, "proto", "200")
	e := expect(t, s)
	if len(e.services) == 0 || len(e.errors) == 0 || e.links == 0 || len(e.conversations) == 0 {
		t.Fatalf("the corpus lacks something: %d services, %d with errors, %d links, %d conversations",
			len(e.services), len(e.errors), e.links, len(e.conversations))
	}
	c := startJaeger(t)
	replay(t, append(link{"grpc", "gzip"}.flags(c, false), "--max", "--signals", "traces", s.dir)...).wait(t).all(t)

	var services []string
	c.query(t, "services", nil, &services)
	slices.Sort(services)
	if want := slices.Sorted(maps.Keys(e.services)); !slices.Equal(services, want) {
		t.Errorf("services %v, want %v", services, want)
	}
	got := map[string]bool{}
	for _, service := range services {
		traces := c.search(t, service, nil)
		compareIDs(t, "traces of "+service, traces, e.services[service])
		for _, tr := range traces {
			tr.lines(got)
		}
		failed := c.search(t, service, map[string]string{"error": "true"})
		compareIDs(t, "errors of "+service, failed, e.errors[service])
		t.Logf("%s: %d traces, %d with errors", service, len(traces), len(failed))
	}
	for line := range e.spans {
		if !got[line] {
			t.Fatalf("Jaeger does not have %s", line)
		}
	}
	if len(got) != len(e.spans) {
		t.Errorf("Jaeger has %d spans, want %d", len(got), len(e.spans))
	}
	t.Logf("%d spans with %d links", len(got), e.links)
	c.findConversation(t, e)
	c.findTrace(t, e)
}

// compareIDs compares the ids of traces.
func compareIDs(t *testing.T, what string, traces []jaegerTrace, want map[string]bool) {
	t.Helper()
	got := map[string]bool{}
	for _, tr := range traces {
		got[tr.TraceID] = true
	}
	if !maps.Equal(got, want) {
		t.Errorf("%s: found %d, want %d", what, len(got), len(want))
	}
}

// findConversation finds the traces of the conversation with the most by its id.
func (c *collector) findConversation(t *testing.T, e *expected) {
	t.Helper()
	var longest string
	for _, id := range slices.Sorted(maps.Keys(e.conversations)) {
		if len(e.conversations[id]) > len(e.conversations[longest]) {
			longest = id
		}
	}
	var found []jaegerTrace
	for service := range e.services {
		found = append(found, c.search(t, service, map[string]string{"gen_ai.conversation.id": longest})...)
	}
	compareIDs(t, "conversation "+longest, found, e.conversations[longest])
	t.Logf("%d traces of one conversation", len(e.conversations[longest]))
}

// findTrace opens one trace by its id, and those that it has links to.
func (c *collector) findTrace(t *testing.T, e *expected) {
	t.Helper()
	opened := 0
	for _, service := range slices.Sorted(maps.Keys(e.services)) {
		for _, id := range slices.Sorted(maps.Keys(e.services[service]))[:1] {
			var traces []jaegerTrace
			c.query(t, "traces/"+id, nil, &traces)
			if len(traces) != 1 || traces[0].TraceID != id {
				t.Fatalf("trace %s: %d found", id, len(traces))
			}
			for _, s := range traces[0].Spans {
				for _, r := range s.References {
					if r.TraceID == id {
						continue
					}
					var linked []jaegerTrace
					c.query(t, "traces/"+r.TraceID, nil, &linked)
					if !slices.ContainsFunc(linked, func(l jaegerTrace) bool {
						return slices.ContainsFunc(l.Spans, func(x jaegerSpan) bool { return x.SpanID == r.SpanID })
					}) {
						t.Errorf("span %s of trace %s has a link to span %s of trace %s, which is not there", s.SpanID, id, r.SpanID, r.TraceID)
					}
					opened++
				}
			}
		}
	}
	if opened == 0 {
		t.Error("no link was followed")
	}
	t.Logf("%d links followed", opened)
}
