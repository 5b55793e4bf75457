package intake

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
)

// loosened returns a trace as far as Jaeger can say it: times in microseconds, no values
// but scalars, links without state and attributes; its spans by id.
func loosened(t *Trace) *Trace {
	out := &Trace{ID: t.ID}     // without log records
	for _, s := range t.Spans { // copies
		s.Parent = min(s.Parent, 0)
		s.End = s.Start/1000*1000 + (s.End-s.Start)/1000*1000
		s.Start = s.Start / 1000 * 1000
		resource := *s.Resource
		resource.Attributes = flat(resource.Attributes)
		s.Resource = &resource
		s.Attributes = flat(s.Attributes)
		s.Events = slices.Clone(s.Events)
		for i := range s.Events {
			s.Events[i].Time = s.Events[i].Time / 1000 * 1000
			s.Events[i].Attributes = flat(s.Events[i].Attributes)
		}
		s.Links = slices.Clone(s.Links)
		for i := range s.Links {
			s.Links[i] = Link{TraceID: s.Links[i].TraceID, SpanID: s.Links[i].SpanID, Attributes: []Attribute{
				{Key: []byte("opentracing.ref_type"), Kind: otlp.KindText, Text: []byte("follows_from")},
			}}
		}
		out.Spans = append(out.Spans, s)
	}
	slices.SortFunc(out.Spans, func(a, b Span) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return out
}

// flat returns attributes with text for values that are no scalars.
func flat(all []Attribute) []Attribute {
	all = slices.Clone(all)
	for i := range all {
		switch all[i].Kind {
		case otlp.KindArray, otlp.KindMap, otlp.KindBytes, otlp.KindEmpty:
			all[i].Kind, all[i].Text = otlp.KindText, hex.AppendEncode(nil, all[i].Text)
		}
	}
	return all
}

// exporter writes what it is handed as Jaeger would.
type exporter struct{ traces []any }

type object = map[string]any

func (*exporter) Log(*Log)     {}
func (*exporter) Point(*Point) {}

func (e *exporter) Trace(t *Trace) {
	var spans []any
	processes := object{}
	id := hex.EncodeToString(t.ID[:])
	for i := range t.Spans {
		s := &t.Spans[i]
		process := fmt.Sprintf("p%x", s.Resource.Hash)
		processes[process] = object{"serviceName": s.Resource.Service, "tags": tags(s.Resource.Attributes, "service.name")}
		all := tags(s.Attributes, "")
		kind := [...]string{"", "internal", "server", "client", "producer", "consumer"}[s.Kind]
		all = append(all, tag("span.kind", "string", kind), tag("otel.scope.name", "string", s.Scope.Name), tag("w3c.tracestate", "string", string(s.State)))
		switch s.Status {
		case otlp.StatusError:
			all = append(all, tag("error", "bool", true), tag("otel.status_code", "string", "ERROR"))
		case otlp.StatusOK:
			all = append(all, tag("otel.status_code", "string", "OK"))
		}
		all = append(all, tag("otel.status_description", "string", string(s.Message)))
		refs := []any{}
		if s.ParentID != (otlp.SpanID{}) {
			refs = append(refs, object{"refType": "CHILD_OF", "traceID": id, "spanID": hex.EncodeToString(s.ParentID[:])})
		}
		for _, l := range s.Links {
			refs = append(refs, object{"refType": "FOLLOWS_FROM", "traceID": hex.EncodeToString(l.TraceID[:]), "spanID": hex.EncodeToString(l.SpanID[:])})
		}
		var logs []any
		for _, ev := range s.Events {
			logs = append(logs, object{"timestamp": ev.Time / 1000, "fields": append(tags(ev.Attributes, ""), tag("event", "string", string(ev.Name)))})
		}
		spans = append(spans, object{
			"traceID": id, "spanID": hex.EncodeToString(s.ID[:]), "operationName": string(s.Name), "references": refs, "flags": 1,
			"startTime": s.Start / 1000, "duration": (s.End - s.Start) / 1000, "tags": all, "logs": logs, "processID": process, "warnings": nil,
		})
	}
	e.traces = append(e.traces, object{"traceID": id, "spans": spans, "processes": processes, "warnings": nil})
}

func tag(key, kind string, value any) any { return object{"key": key, "type": kind, "value": value} }

func tags(all []Attribute, but string) (out []any) {
	for _, a := range flat(all) {
		if string(a.Key) == but {
			continue
		}
		switch a.Kind {
		case otlp.KindBool:
			out = append(out, tag(string(a.Key), "bool", a.Word != 0))
		case otlp.KindInt:
			out = append(out, tag(string(a.Key), "int64", int64(a.Word)))
		case otlp.KindDouble:
			out = append(out, tag(string(a.Key), "float64", math.Float64frombits(a.Word)))
		default:
			out = append(out, tag(string(a.Key), "string", string(a.Text)))
		}
	}
	return out
}

func asJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// jaegerOf checks that a corpus in the JSON of Jaeger, in each way to write it, is the
// same traces.
func jaegerOf(t *testing.T, dir string) {
	in, err := Open([]string{dir}, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	want, e := &kept{loose: true}, new(exporter)
	if err := in.Each(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	want.logs, want.points = nil, nil
	want.sort()
	if err := in.Each(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	pretty, err := json.MarshalIndent(object{"data": e.traces, "total": 0}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var lines [][]byte
	for _, trace := range e.traces {
		lines = append(lines, asJSON(t, trace))
	}
	for name, data := range map[string][]byte{
		"answer": asJSON(t, object{"data": e.traces, "errors": nil, "total": 0}),
		"pretty": pretty,
		"list":   asJSON(t, e.traces),
		"lines":  captures.Lines(lines),
		"lists":  asJSON(t, []any{object{"data": e.traces}}),
	} {
		t.Run(name, func(t *testing.T) { readLoose(t, data).same(t, want) })
	}
}

// readLoose reads a file.
func readLoose(t *testing.T, data []byte) *kept {
	t.Helper()
	in, err := Open([]string{captures.File(t, data)}, Options{TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	k := &kept{loose: true}
	if err := in.Each(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	k.sort()
	return k
}
