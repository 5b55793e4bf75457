package match_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// editTraces changes a traces message.
func editTraces(t *testing.T, m *message, edit func(*otlp.Traces)) {
	t.Helper()
	var d otlp.Decoder
	var x otlp.Traces
	if err := d.Traces(&x, m.payload, m.format); err != nil {
		t.Fatal(err)
	}
	edit(&x)
	m.payload = otlp.AppendTraces(nil, &x, m.format)
}

func editLogs(t *testing.T, m *message, edit func(*otlp.Logs)) {
	t.Helper()
	var d otlp.Decoder
	var x otlp.Logs
	if err := d.Logs(&x, m.payload, m.format); err != nil {
		t.Fatal(err)
	}
	edit(&x)
	m.payload = otlp.AppendLogs(nil, &x, m.format)
}

func editMetrics(t *testing.T, m *message, edit func(*otlp.Metrics)) {
	t.Helper()
	var d otlp.Decoder
	var x otlp.Metrics
	if err := d.Metrics(&x, m.payload, m.format); err != nil {
		t.Fatal(err)
	}
	edit(&x)
	m.payload = otlp.AppendMetrics(nil, &x, m.format)
}

// nth returns the nth message of a signal.
func nth(t *testing.T, list []message, sig otlp.Signal, n int) int {
	t.Helper()
	for i := range list {
		if list[i].signal == sig {
			if n == 0 {
				return i
			}
			n--
		}
	}
	t.Fatalf("no message %d of %s", n, sig)
	return 0
}

// What is done to messages is found, and nothing else, in either format of the corpus
// and of what arrived.
func TestDamageIsFound(t *testing.T) {
	odd := otlp.TraceID{1, 2, 3}
	corpora := map[otelsim.Format]*corpus.Corpus{
		otelsim.Proto: made(t, otelsim.Options{Count: 12, SegmentIterations: 4}),
		otelsim.JSON:  made(t, otelsim.Options{Count: 12, SegmentIterations: 4, Format: otelsim.JSON}),
	}
	for _, test := range []struct {
		name string
		edit func(t *testing.T, list []message) []message
		want counts // but for exact
	}{
		{"lost span", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans = slices.Delete(x.Spans, 2, 3) })
			return list
		}, counts{lost: 1}},
		{"lost log record", func(t *testing.T, list []message) []message {
			editLogs(t, &list[nth(t, list, 2, 5)], func(x *otlp.Logs) { x.Records = x.Records[1:] })
			return list
		}, counts{lost: 1}},
		{"lost point", func(t *testing.T, list []message) []message {
			editMetrics(t, &list[nth(t, list, 1, 1)], func(x *otlp.Metrics) { x.Metrics[0].Points.End-- })
			return list
		}, counts{lost: 1}},
		{"span twice", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans = append(x.Spans, x.Spans[1]) })
			return list
		}, counts{duplicated: 1}},
		{"log record twice, and one of them with another severity", func(t *testing.T, list []message) []message {
			editLogs(t, &list[nth(t, list, 2, 5)], func(x *otlp.Logs) {
				x.Records = append([]otlp.LogRecord{x.Records[0]}, x.Records...)
				x.Records[0].Severity++
			})
			return list
		}, counts{duplicated: 1}},
		{"point twice", func(t *testing.T, list []message) []message {
			return append(list, list[nth(t, list, 1, 2)])
		}, counts{duplicated: -1}},
		{"span of another kind", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans[0].Kind ^= 1 })
			return list
		}, counts{altered: 1}},
		{"log record of another time", func(t *testing.T, list []message) []message {
			editLogs(t, &list[nth(t, list, 2, 5)], func(x *otlp.Logs) { x.Records[0].Time++ })
			return list
		}, counts{altered: 1}},
		{"metric of another unit", func(t *testing.T, list []message) []message {
			editMetrics(t, &list[nth(t, list, 1, 1)], func(x *otlp.Metrics) {
				x.Strings = x.Strings.Extend()
				x.Metrics[0].Unit = x.Strings.ID("By")
			})
			return list
		}, counts{altered: -1}},
		{"span under another resource", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) {
				x.Resources = append(x.Resources, otlp.Resource{})
				x.Spans[1].Resource = uint32(len(x.Resources) - 1)
			})
			return list
		}, counts{elsewhere: 1}},
		{"span of another trace", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans[1].TraceID = odd })
			return list
		}, counts{lost: 1, madeUp: 1}},
		{"span whose trace id has another low half", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans[1].TraceID[12] ^= 1 })
			return list
		}, counts{lost: 1, madeUp: 1}},
		{"span of another id", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans[1].SpanID[3] ^= 0x40 })
			return list
		}, counts{lost: 1, madeUp: 1}},
		{"span without ids", func(t *testing.T, list []message) []message {
			editTraces(t, &list[nth(t, list, 0, 5)], func(x *otlp.Traces) { x.Spans[1].TraceID, x.Spans[1].SpanID = otlp.TraceID{}, otlp.SpanID{} })
			return list
		}, counts{lost: 1, madeUp: 1}},
		{"point of another time", func(t *testing.T, list []message) []message {
			editMetrics(t, &list[nth(t, list, 1, 1)], func(x *otlp.Metrics) { x.Points[0].Time++ })
			return list
		}, counts{lost: -1, madeUp: -1}},
	} {
		for _, format := range []otelsim.Format{otelsim.Proto, otelsim.JSON} {
			t.Run(fmt.Sprint(test.name, " ", format), func(t *testing.T) {
				c := corpora[format]
				list := test.edit(t, messages(t, c))
				j, s := check(t, match.Options{Sent: match.FromCorpus(c), Outputs: []match.Output{output("out", list)}, Workers: 2})
				sent := int(s.Sent[0] + s.Sent[1] + s.Sent[2])
				got := j.counts
				if sent != got.lost+got.altered+got.elsewhere+got.exact {
					t.Errorf("of %d items sent %+v", sent, got)
				}
				got.exact = 0
				want := test.want
				// Below 0: over 0, and as often as the others so marked.
				for _, n := range [][2]*int{{&want.lost, &got.lost}, {&want.madeUp, &got.madeUp}, {&want.duplicated, &got.duplicated}, {&want.altered, &got.altered}} {
					if *n[0] < 0 && *n[1] > 0 {
						*n[0] = *n[1]
					}
				}
				if got != want {
					t.Errorf("got %+v, want %+v\n%.600v", got, want, j.lines)
				}
			})
		}
	}
}
