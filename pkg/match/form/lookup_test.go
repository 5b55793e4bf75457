package form

import (
	"fmt"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

func TestEachExemplar(t *testing.T) {
	list := []*metricspb.Exemplar{{TraceId: []byte("one"), SpanId: []byte("span")}, {SpanId: []byte("span")}, {TraceId: []byte("two")}}
	for m, p := range map[Message]proto.Message{
		NumberPoint:       &metricspb.NumberDataPoint{TimeUnixNano: 5, Exemplars: list},
		HistogramPoint:    &metricspb.HistogramDataPoint{BucketCounts: []uint64{1, 2}, Exemplars: list},
		ExpHistogramPoint: &metricspb.ExponentialHistogramDataPoint{Positive: &metricspb.ExponentialHistogramDataPoint_Buckets{}, Exemplars: list},
		SummaryPoint:      &metricspb.SummaryDataPoint{QuantileValues: []*metricspb.SummaryDataPoint_ValueAtQuantile{{Quantile: 1}}},
	} {
		b, err := proto.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		var got, first []string
		EachExemplar(m, b, func(id []byte) bool { got = append(got, string(id)); return false })
		EachExemplar(m, b, func(id []byte) bool { first = append(first, string(id)); return true })
		want, wantFirst := "[one  two]", "[one]"
		if m == SummaryPoint {
			want, wantFirst = "[]", "[]"
		}
		if fmt.Sprint(got) != want || fmt.Sprint(first) != wantFirst {
			t.Errorf("%v: got %v and first %v, want %s and %s", m, got, first, want, wantFirst)
		}
	}
}
