package differ

import (
	"bytes"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// FuzzDiffer shows the judge items of any bytes: what differs is counted once,
// whatever it is, and every report can be written, clean.
func FuzzDiffer(f *testing.F) {
	f.Add([]byte("\x2a\x01a\x22\x08\x00\x00\x00\x00\x00\x00\x00\x01"), []byte("\x2a\x01b"), []byte("\x0a\x00"), uint8(form.Span))
	f.Add([]byte("\x19\x01\x00\x00\x00\x00\x00\x00\x00\x31\x01\x00\x00\x00\x00\x00\x00\x00"), []byte(""), []byte("\x0a\x05a\x1b[2J"), uint8(form.NumberPoint))
	f.Add([]byte("\x62\x03\xffev"), []byte("\x62\x02ev"), []byte("\xff"), uint8(form.LogRecord))
	f.Fuzz(func(t *testing.T, a, b, part []byte, m uint8) {
		signals := map[form.Message]otlp.Signal{form.Span: otlp.SignalTraces, form.LogRecord: otlp.SignalLogs}
		message := form.Message(m)
		if message < form.Span || message > form.SummaryPoint {
			return
		}
		sig, ok := signals[message]
		if !ok {
			sig = otlp.SignalMetrics
		}
		item := func(data []byte, digest uint64) match.Item {
			it := match.Item{Signal: sig, Message: message, Bytes: data, Digest: digest, SpanID: otlp.SpanID{7: 1}, TraceID: otlp.TraceID{15: 1},
				Resource: &match.Part{Bytes: part, Digest: digest}, Scope: &match.Part{Bytes: a, Digest: digest}}
			if sig == otlp.SignalMetrics {
				it.TraceID, it.SpanID, it.Metric = otlp.TraceID{}, otlp.SpanID{}, &match.Part{Bytes: part, Digest: 1}
			}
			return it
		}
		x, y := item(a, 1), item(b, 2)
		d := New(Options{Signals: []otlp.Signal{sig}})
		s := d.Begin(0)
		u := &match.Unit{Signal: sig, TraceID: x.TraceID, Pairs: []match.Pair{{Sent: &match.Sent{Item: x}, Copies: []*match.Received{{Item: y}}}},
			MadeUp: []*match.Received{{Item: y}}}
		if err := s.Take(u); err != nil {
			t.Fatal(err)
		}
		if err := d.End(0, s); err != nil {
			t.Fatal(err)
		}
		r := d.Result(&match.Summary{})
		if r.Count(Changed) > 1 || r.Count(OnlyB) != 1 || r.Count(OnlyA) != 0 {
			t.Errorf("got %v", r.Totals)
		}
		var out bytes.Buffer
		for _, write := range []func() error{func() error { return r.WriteText(&out) }, func() error { return r.WriteJSON(&out) }, func() error { return r.WriteJUnit(&out) }} {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.ContainsAny(out.Bytes(), "\x1b\x00\x7f") {
			t.Errorf("raw: %q", out.String())
		}
	})
}
