package sink

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// requestsJSON are requests with all that JSON has, by signal.
var requestsJSON = [otlp.NumSignals]string{
	otlp.SignalTraces: `{"resourceSpans":[ {"resource":{"attributes":[{"key":"a","value":{"stringValue":"\"}]\\\u00e9 \/\b\f\n\r\t and some more"}}]},
		"scopeSpans":[{"spans":[{"traceId":"00","spans":[1,-0.5e+7,[],{}],"kind":0}, {}]},{"spans":null},{"spans":[]}]},{"scopeSpans":[{"spans":[{"x":[true,false,null]}]}],"scopeSpans":null}]}`,
	otlp.SignalMetrics: ` {"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asDouble":1.25E-2},{}]}},
		{"sum":{"dataPoints":[{"asInt":"7","exemplars":[{"timeUnixNano":"1"}]}],"isMonotonic":true}},{"histogram":{"dataPoints":[{"bucketCounts":["1","2"]}]},"exponentialHistogram":{"dataPoints":null}},
		{"summary":{},"dataPoints":[{}]}]}],"metrics":[{"gauge":3}]}]} `,
	otlp.SignalLogs: `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"é\u00DF"},"timeUnixNano":"17"},{"flags":10},{"logRecords":[{}]}]}],"schemaUrl":"https://x/y"}],"resourceLogs":[]}`,
}

// mutant returns s with a few bytes gone, doubled, or others.
func mutant(r *rand.Rand, s []byte) []byte {
	const bytes = "{}[]\",:\\/u0e+-.19tfnabD \n\x1f\x00\x80"
	out := append([]byte(nil), s...)
	for range 1 + r.IntN(2) {
		i := r.IntN(len(out))
		switch r.IntN(4) {
		case 0:
			out = append(out[:i], out[i+1:]...)
		case 1:
			out = append(out[:i+1], out[i:]...)
		case 2:
			out[i] = bytes[r.IntN(len(bytes))]
		default:
			out = out[:i+1]
		}
	}
	return out
}

// TestCountsTakeWhatTheWalkTakes holds the count in one walk to the library's judgement of
// what is JSON and the walk over what is: both take the same, and count alike.
func TestCountsTakeWhatTheWalkTakes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for sig := range otlp.Signal(otlp.NumSignals) {
		want, taken := [otlp.NumSignals]int64{3, 4, 3}[sig], 0
		if n, ok := countJSON(sig, []byte(requestsJSON[sig])); !ok || n != want {
			t.Errorf("%v: %d items, %v; want %d", sig, n, ok, want)
		}
		for range 6000 {
			b := mutant(r, []byte(requestsJSON[sig]))
			var s scanner
			valid := json.Valid(b) && s.walkJSON(sig, b) == nil
			n, ok := countJSON(sig, b)
			if ok != valid || ok && n != s.items {
				t.Fatalf("%v: %d items, taken: %v; want %d, %v, of\n%s", sig, n, ok, s.items, valid, b)
			}
			if ok {
				taken++
			}
		}
		if taken < 1000 || taken > 5000 {
			t.Errorf("%v: %d of 6000 are taken, which does not say much", sig, taken)
		}
	}
}

// What nests deeper than a count looks is taken all the same.
func TestDeepRequestsAreCounted(t *testing.T) {
	deep := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + strings.Repeat("[", 2*maxQuick) + strings.Repeat("]", 2*maxQuick) + `}]}]}]}`
	var s scanner
	if err := s.scan(otlp.SignalLogs, otlp.FormatJSON, []byte(deep)); err != nil || s.items != 1 {
		t.Errorf("got %d items, %v; want 1", s.items, err)
	}
}

// Counting what arrives takes no memory, in both formats.
func TestNoAllocationForARequest(t *testing.T) {
	s := new(Sink)
	m := new(scratch)
	spans := &trace.TracesData{ResourceSpans: []*trace.ResourceSpans{{ScopeSpans: []*trace.ScopeSpans{{Spans: []*trace.Span{{TraceId: make([]byte, 16), SpanId: make([]byte, 8)}, {Name: "x"}}}}}}}
	for _, c := range []struct {
		format   otlp.Format
		payloads [otlp.NumSignals][]byte
	}{
		{otlp.FormatProto, [otlp.NumSignals][]byte{marshal(t, spans), marshal(t, metricsOf("", 1, 1)), marshal(t, logsOf(1, "x"))}},
		{otlp.FormatJSON, [otlp.NumSignals][]byte{[]byte(requestsJSON[0]), []byte(requestsJSON[1]), []byte(requestsJSON[2])}},
	} {
		for sig, payload := range c.payloads {
			n := testing.AllocsPerRun(100, func() {
				if v := s.finish(otlp.Signal(sig), c.format, accept, payload, m); v.bad != nil {
					t.Fatal(v.bad)
				}
			})
			if n > 0 {
				t.Errorf("%v, %v: %v allocations", otlp.Signal(sig), c.format, n)
			}
		}
	}
}
