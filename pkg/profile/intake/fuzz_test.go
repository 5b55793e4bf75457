package intake

import (
	"bytes"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// FuzzDocument reads JSON of Jaeger and Tempo. What is made of it is OTLP, and what OTLP
// is made of it again is the same.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(jaegerFixture))
	f.Add([]byte(tempoFixture))
	f.Add([]byte(`[{"traceID":"1","spans":[{"spanID":"2","startTime":1e15,"duration":"7","process":{"serviceName":"a"}}]},{"trace":{"batches":[]}}]`))
	f.Add([]byte(`{"processes":{},"spans":[{"logs":[{"timestamp":1}],"references":[{"refType":"CHILD_OF"}]}],"traceID":"ff"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var split form.Splitter
		var d decoder
		_ = newDocument(t.Context(), "fuzz", bytes.NewReader(data), func(m *match.Message) error {
			payload := m.Payload
			if m.Format == otlp.FormatJSON {
				if again := appendModern(nil, payload); !bytes.Equal(appendModern(nil, again), again) {
					t.Errorf("%q is not modern for good", again)
				}
				var err error
				if payload, err = form.AppendProto(nil, m.Signal, payload); err != nil {
					return err
				}
			}
			return split.Split(m.Signal, payload, func(r *form.Raw) error {
				if m.Signal != otlp.SignalTraces {
					return nil
				}
				var s Span
				d.span(r.Bytes, &s)
				if d.damaged && m.Format == otlp.FormatProto {
					t.Errorf("a damaged span of Jaeger: %x", r.Bytes)
				}
				return nil
			})
		}).read()
	})
}

// FuzzItems reads spans, log records and points, whole and damaged. Of what is whole the
// fields are there as they are told apart elsewhere.
func FuzzItems(f *testing.F) {
	for _, line := range [][]byte{
		spanLine(traceA, id1, id2, 10, 20, `,"kind":3,"attributes":[{"key":"a","value":{"intValue":1}},{"key":"a","value":{"arrayValue":{}}}],"events":[{"name":"e"}],"links":[{}],"status":{"code":2}`),
		logLine(traceA, id1, 5, "x"),
	} {
		sig := otlp.SignalTraces
		if bytes.Contains(line, []byte("resourceLogs")) {
			sig = otlp.SignalLogs
		}
		payload, err := form.AppendProto(nil, sig, line)
		if err != nil {
			f.Fatal(err)
		}
		var split form.Splitter
		if err := split.Split(sig, payload, func(r *form.Raw) error { f.Add(r.Bytes); f.Add(r.Resource); return nil }); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var d decoder
		var s Span
		d.span(b, &s)
		_, err := form.Digest(form.Span, b)
		if d.damaged && err == nil {
			t.Error("taken for damaged")
		}
		if !d.damaged && err == nil {
			var scan form.Scan
			if err := scan.Read(form.Span, b); err != nil {
				t.Fatal(err)
			}
			if name, _, there, ok := scan.Append(nil, "name"); ok && there != (len(s.Name) > 0) || !bytes.Equal(name, s.Name) && ok {
				t.Errorf("name %q, want %q", s.Name, name)
			}
			if len(s.Attributes) > len(scan.Attributes) {
				t.Errorf("%d attributes, there are %d", len(s.Attributes), len(scan.Attributes))
			}
		}
		if s.End < s.Start || s.Kind > otlp.SpanKindConsumer || s.Kind == 0 || s.Status > otlp.StatusError {
			t.Errorf("got %+v", s)
		}
		var l Log
		d.log(b, &l)
		var p Point
		d.metric(b, &p)
		for m := form.NumberPoint; m <= form.SummaryPoint; m++ {
			d.point(m, b, &p)
		}
		resourceOf(b)
		scopeOf(b)
	})
}
