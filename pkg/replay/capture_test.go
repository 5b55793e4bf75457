package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/internal/captures"
)

// collector is a transport that keeps what it was sent, in order.
type collector struct {
	mu       sync.Mutex
	payloads [][]byte
	signals  []otlp.Signal
}

func (k *collector) Send(_ context.Context, sig otlp.Signal, payload []byte) Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.payloads = append(k.payloads, bytes.Clone(payload))
	k.signals = append(k.signals, sig)
	return Result{}
}

func (k *collector) Close() error { return nil }

// replayed sends a capture, one record after the other, and returns what arrived.
func replayed(t *testing.T, data []byte, o Options) (*collector, *Report, error) {
	t.Helper()
	src, err := OpenFiles(t.Context(), []string{captures.File(t, data)}, FilesOptions{Laps: o.Laps > 1})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	k := &collector{}
	o.Transport, o.MaxInFlight = k, 1
	if o.Pacer == nil {
		o.Pacer = Unpaced{}
	}
	rep, err := Run(t.Context(), src, o)
	return k, rep, err
}

// spanAt is a line of one span that ended at a time, as text.
func spanAt(id int, end string) string {
	return fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%032x","spanId":"%016x","name":"op",`+
		`"startTimeUnixNano":%s,"endTimeUnixNano":%s}]}]}]}`, id, id, end, end)
}

// cumulativeMetrics is two series with other starts each, of every kind of point.
func cumulativeMetrics(temporality metricspb.AggregationTemporality, at uint64) *metricspb.MetricsData {
	start := func(age time.Duration) uint64 { return at - uint64(age) }
	return &metricspb.MetricsData{ResourceMetrics: []*metricspb.ResourceMetrics{{ScopeMetrics: []*metricspb.ScopeMetrics{{Metrics: []*metricspb.Metric{
		{Name: "a", Data: &metricspb.Metric_Sum{Sum: &metricspb.Sum{AggregationTemporality: temporality, DataPoints: []*metricspb.NumberDataPoint{
			{StartTimeUnixNano: start(time.Hour), TimeUnixNano: at}, {StartTimeUnixNano: start(9000 * time.Hour), TimeUnixNano: at - 1}}}}},
		{Name: "b", Data: &metricspb.Metric_Histogram{Histogram: &metricspb.Histogram{AggregationTemporality: temporality,
			DataPoints: []*metricspb.HistogramDataPoint{{StartTimeUnixNano: start(time.Minute), TimeUnixNano: at}}}}},
		{Name: "c", Data: &metricspb.Metric_ExponentialHistogram{ExponentialHistogram: &metricspb.ExponentialHistogram{AggregationTemporality: temporality,
			DataPoints: []*metricspb.ExponentialHistogramDataPoint{{StartTimeUnixNano: start(time.Second), TimeUnixNano: at}}}}},
		{Name: "d", Data: &metricspb.Metric_Summary{Summary: &metricspb.Summary{
			DataPoints: []*metricspb.SummaryDataPoint{{StartTimeUnixNano: start(2 * time.Second), TimeUnixNano: at}}}}},
		{Name: "e", Data: &metricspb.Metric_Gauge{Gauge: &metricspb.Gauge{DataPoints: []*metricspb.NumberDataPoint{{TimeUnixNano: at}}}}},
	}}}}}}
}

// intervals are the times of m's points since their starts, and 0 where there is
// none.
func intervals(m *metricspb.MetricsData) (all []uint64) {
	add := func(start, at uint64) {
		if start > 0 {
			at -= start
		} else {
			at = 0
		}
		all = append(all, at)
	}
	for _, x := range m.ResourceMetrics[0].ScopeMetrics[0].Metrics {
		for _, p := range x.GetSum().GetDataPoints() {
			add(p.StartTimeUnixNano, p.TimeUnixNano)
		}
		for _, p := range x.GetHistogram().GetDataPoints() {
			add(p.StartTimeUnixNano, p.TimeUnixNano)
		}
		for _, p := range x.GetExponentialHistogram().GetDataPoints() {
			add(p.StartTimeUnixNano, p.TimeUnixNano)
		}
		for _, p := range x.GetSummary().GetDataPoints() {
			add(p.StartTimeUnixNano, p.TimeUnixNano)
		}
		for _, p := range x.GetGauge().GetDataPoints() {
			add(p.StartTimeUnixNano, p.TimeUnixNano)
		}
	}
	return all
}

// Nobody knows the lifetimes of a capture's series: their starts keep their
// distance from their times, whatever the temporality, the form and the lap.
func TestStartsOfACaptureMoveWithTheirTimes(t *testing.T) {
	const records, laps = 3, 2
	for _, temporality := range []metricspb.AggregationTemporality{0, 1, 2} {
		for _, json := range []bool{false, true} {
			var messages [][]byte
			var want []uint64
			for i := range uint64(records) {
				m := cumulativeMetrics(temporality, 1_767_225_600e9+i*1e9)
				want = intervals(m)
				messages = append(messages, encoded(t, m, json))
			}
			data := captures.Framed(messages)
			if json {
				data = captures.Lines(messages)
			}
			k, rep, err := replayed(t, data, Options{Laps: laps})
			if err != nil || rep.Records.Accepted != records*laps {
				t.Fatal(rep, err)
			}
			for i, b := range k.payloads {
				m := decoded(t, b, json)
				if got := intervals(m); fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("temporality %v, JSON %v, record %d: got intervals %v, want %v", temporality, json, i, got, want)
				}
				at := m.ResourceMetrics[0].ScopeMetrics[0].Metrics[4].GetGauge().DataPoints[0].TimeUnixNano
				if age := time.Since(time.Unix(0, int64(at))); age < 0 || age > time.Minute {
					t.Errorf("record %d is %v old", i, age)
				}
			}
		}
	}
}

func encoded(t *testing.T, m proto.Message, json bool) []byte {
	t.Helper()
	marshal := proto.Marshal
	if json {
		// Its numbers of enumerations are what exporters write.
		marshal = protojson.MarshalOptions{UseEnumNumbers: true}.Marshal
	}
	b, err := marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decoded(t *testing.T, b []byte, json bool) *metricspb.MetricsData {
	t.Helper()
	m := new(metricspb.MetricsData)
	unmarshal := proto.Unmarshal
	if json {
		unmarshal = protojson.Unmarshal
	}
	if err := unmarshal(b, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// Zero is no time, not 1970: it is not in the timeline.
func TestNoTimeIsNoPlaceInTheTimeline(t *testing.T) {
	line := func(ms int) string {
		return spanAt(ms, fmt.Sprintf(`"%d"`, int64(1_767_225_600_000_000_000)+int64(ms)*1e6))
	}
	none := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"0","body":{"stringValue":"no time"}}]}]}]}`
	data := strings.Join([]string{none, line(0), none, line(1), line(2), none}, "\n")
	k, rep, err := replayed(t, []byte(data), Options{Pacer: Timeline{Speed: mustRate(t, "1")}})
	if err != nil || rep.Records.Accepted != 6 || rep.Duration > 5 || len(rep.Notes) > 0 {
		t.Fatalf("got %+v, %v", rep, err)
	}
	if string(k.payloads[0]) != none {
		t.Errorf("what has no time was changed: %s", k.payloads[0])
	}
}

func mustRate(t *testing.T, s string) Rate {
	t.Helper()
	r, err := ParseRate(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Clocks that were wrong, far behind and far ahead, first, amid and last: no
// record is lost and none waits for them.
func TestOneAbsurdTimeStopsNothing(t *testing.T) {
	good := func(ms int) string { return fmt.Sprintf(`"%d"`, int64(1_767_225_600_000_000_000)+int64(ms)*1e6) }
	for _, absurd := range []string{`"5"`, `1000`, `"4102444800000000001"`, `"9223372036854775807"`, `"18446744073709551615"`} {
		for _, at := range []int{0, 2, 4} {
			var all []string
			for i := range 5 {
				end := good(i)
				if i == at {
					end = absurd
				}
				all = append(all, spanAt(i+1, end))
			}
			k, rep, err := replayed(t, []byte(strings.Join(all, "\n")), Options{Pacer: Timeline{Speed: mustRate(t, "1")}})
			if err != nil || rep.Records.Accepted != 5 || rep.Duration > 5 {
				t.Errorf("%s as record %d: got %+v, %v", absurd, at, rep.Records, err)
				continue
			}
			if len(rep.Notes) == 0 || rep.Notes[0].Note != noteDistant {
				t.Errorf("%s as record %d: not told: %+v", absurd, at, rep.Notes)
			}
			for i, b := range k.payloads {
				if c := spanEnd(t, b); i != at && time.Since(time.Unix(0, int64(c))).Abs() > time.Minute {
					t.Errorf("%s as record %d: record %d ends at %d", absurd, at, i, c)
				}
			}
		}
	}
}

func spanEnd(t *testing.T, line []byte) (end uint64) {
	t.Helper()
	_, after, _ := bytes.Cut(line, []byte(`"endTimeUnixNano":`))
	if _, err := fmt.Sscan(strings.Trim(string(after[:bytes.IndexByte(after, '}')]), `"`), &end); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return end
}

// One span of a record has an absurd time: the others end when the record is due.
func TestAnAbsurdTimeWithinARecordHasNoSay(t *testing.T) {
	spans := func(ends ...uint64) []byte {
		var s []string
		for i, end := range ends {
			s = append(s, fmt.Sprintf(`{"traceId":"%032x","spanId":"%016x","name":"op","startTimeUnixNano":"%d","endTimeUnixNano":"%d"}`, 1, i+1, end, end))
		}
		return []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[` + strings.Join(s, ",") + `]}]}]}`)
	}
	const good = 1_767_225_600_000_000_000
	for _, ends := range [][]uint64{{good, 1<<64 - 1}, {5, good}, {1<<63 - 1, good, 7}} {
		s := scanner{capture: true}
		sh, err := s.scan(otlp.SignalTraces, otlp.FormatJSON, spans(ends...))
		if err != nil || !apart(sh.first, sh.last) {
			t.Fatalf("%v: got %+v, %v", ends, sh, err)
		}
		if got := s.steady(otlp.SignalTraces, otlp.FormatJSON, spans(ends...)); got != good {
			t.Errorf("%v: got %d as the end, want %d", ends, got, uint64(good))
		}
		k, rep, err := replayed(t, spans(ends...), Options{})
		if err != nil || rep.Records.Accepted != 1 || len(rep.Notes) != 1 || rep.Notes[0].Count != 1 {
			t.Fatalf("%v: got %+v, %v", ends, rep, err)
		}
		if want := fmt.Sprintf(`"endTimeUnixNano":"%d`, time.Now().Unix()/100); !strings.Contains(string(k.payloads[0]), want) {
			t.Errorf("%v: got %s, want %s", ends, k.payloads[0], want)
		}
	}
}

// A pause that nobody waits for is taken out of a capture's timeline; others stay.
func TestPausesOfACapture(t *testing.T) {
	const hour, year = uint64(time.Hour), uint64(8766 * time.Hour)
	var r captureTimes
	base := uint64(1_500_000_000e9)
	for _, row := range []struct{ end, want uint64 }{
		{base, base}, {base + hour, base + hour}, {base - hour, base - hour}, {base + 5*year, base + hour},
		{base + 5*year + hour, base + 2*hour}, {base, 0},
	} {
		records := []Record{{End: row.end}}
		r.enter(records)
		if got := records[0].at; row.want > 0 && got != row.want {
			t.Errorf("%d: got %d, want %d", row.end-base, got-base, row.want-base)
		}
	}
}

// A number of digits that the times of a capture do not have yet is no loss.
func TestTimesOfAnyLengthAreMovedInJSON(t *testing.T) {
	old := []byte(spanAt(1, `"946684800000000000"`) + "\n" + spanAt(2, `946684800000000001`))
	k, rep, err := replayed(t, old, Options{Laps: 2})
	if err != nil || rep.Records.Accepted != 4 {
		t.Fatal(rep, err)
	}
	for i, b := range k.payloads {
		if age := time.Since(time.Unix(0, int64(spanEnd(t, b)))); age < 0 || age > time.Minute {
			t.Errorf("record %d is %v old: %s", i, age, b)
		}
	}
	if bytes.Equal(k.payloads[0], k.payloads[2]) || !bytes.Contains(k.payloads[0], []byte(fmt.Sprintf("%032x", 1))) {
		t.Errorf("ids: got %s, then %s", k.payloads[0], k.payloads[2])
	}
}

// Numbers, strings, null, unknown members, white space: all are OTLP/JSON.
func TestJSONOfManyHandsIsReplayed(t *testing.T) {
	for _, line := range []string{
		spanAt(1, `1767225600000000000`),
		spanAt(1, `null`),
		`{"resourceSpans":[{"resource":null,"scopeSpans":[{"spans":[{"name":"x"}]}]}]}`,
		"\t{ \"schema\" : {\"a\":[1,{}]}, \"resourceSpans\" : [ { \"scopeSpans\" : [ { \"spans\" : [ { \"traceId\" : \"\" , \"new\" : true } ] } ] } ] }  ",
		`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"observedTimeUnixNano":1767225600000000000,"traceId":null}]}]}]}`,
		`{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}`,
	} {
		k, rep, err := replayed(t, []byte(line+"\r\n"), Options{Laps: 2})
		if err != nil || rep.Records.Accepted != 2 || len(k.payloads[0]) != len(strings.TrimSpace(line)) {
			t.Errorf("%s: got %+v, %v", line, rep.Records, err)
		}
	}
}

// Ids that no receiver takes are told before anything is sent, later ones when
// they come, after what stands before them.
func TestIDsThatAreNoHexAreToldFirst(t *testing.T) {
	bad := strings.Replace(spanAt(7, `"1767225600000000000"`), fmt.Sprintf("%032x", 7), "AAAAAAAAAAAAAAAAAAAABw==", 1)
	var all []string
	for i := range 20 {
		all = append(all, spanAt(i+1, `"1767225600000000000"`))
	}
	for _, at := range []int{0, 10, 20} {
		lines := strings.Join(append(append(append([]string{}, all[:at]...), bad), all[at:]...), "\n")
		_, err := OpenFiles(t.Context(), []string{captures.File(t, []byte(lines))}, FilesOptions{})
		if want := fmt.Sprintf("message %d", at+1); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hex") {
			t.Errorf("at %d: got %v, want bad input with %q", at, err, want)
		}
	}
	pad := strings.Repeat(spanAt(1, `"1767225600000000000"`)+"\n", 2*pieceRecords)
	_, rep, err := replayed(t, []byte(pad+bad), Options{})
	if err == nil || rep.Records.Accepted != 2*pieceRecords || !strings.Contains(err.Error(), fmt.Sprintf("message %d", 2*pieceRecords+1)) {
		t.Errorf("far behind: got %+v, %v", rep.Records, err)
	}
}
