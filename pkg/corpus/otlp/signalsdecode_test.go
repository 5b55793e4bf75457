package otlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// The shape of metrics, written out: order, names, spellings.
func TestMetricsJSONText(t *testing.T) {
	m := &Metrics{Strings: NewStrings()}
	id := m.Strings.ID
	m.Attrs = []Attr{{Key: id("service.name"), Word: uint64(id("shop"))}, {Key: id("tool"), Word: uint64(id("search"))}}
	m.Resources = []Resource{{Attrs: Range{0, 1}, SchemaURL: id("https://example.test/1")}}
	m.Scopes = []Scope{{Name: id("otelsim/agent"), Version: id("1")}}
	m.Counts = []uint64{math.MaxUint64, 0, 2}
	m.Bounds = []float64{0.5, math.Inf(1)}
	m.Exemplars = []Exemplar{{Time: 8, Kind: KindDouble, Value: math.Float64bits(math.NaN()), TraceID: TraceID{1}, SpanID: SpanID{2}, Attrs: Range{1, 2}}}
	m.Points = []Point{
		{Start: 5, Time: 7, Attrs: Range{1, 2}, Kind: KindInt, Value: uint64(math.MaxInt64)},
		{Time: 7, Kind: KindDouble},
		{Start: 5, Time: 7, Count: 9, Has: HasSum | HasMin | HasMax, Sum: 1.5, Max: math.Inf(-1), Buckets: Range{0, 3}, Bounds: Range{0, 2},
			Exemplars: Range{0, 1}, Flags: 1},
		{Time: 7, Count: 3, Scale: -2, ZeroCount: 1, ZeroThreshold: 1e-9, Positive: Buckets{Counts: Range{1, 3}, Offset: -7}},
	}
	m.Metrics = []Metric{
		{Name: id("calls"), Unit: id("{call}"), Description: id("Calls."), Kind: MetricSum, Temporality: TemporalityCumulative, Monotonic: true, Points: Range{0, 1}},
		{Name: id("load"), Kind: MetricGauge, Points: Range{1, 2}},
		{Name: id("took"), Unit: id("s"), Kind: MetricHistogram, Temporality: TemporalityDelta, Points: Range{2, 3}},
		{Name: id("took2"), Kind: MetricExpHistogram, Points: Range{3, 4}},
		{},
	}
	tool := `"attributes":[{"key":"tool","value":{"stringValue":"search"}}]`
	want := `{"resourceMetrics":[{"scopeMetrics":[{"scope":{"name":"otelsim/agent","version":"1"},"metrics":[` +
		`{"name":"calls","unit":"{call}","sum":{"dataPoints":[{"startTimeUnixNano":"5","timeUnixNano":"7",` + tool +
		`,"asInt":"9223372036854775807"}],"aggregationTemporality":2,"isMonotonic":true},"description":"Calls."},` +
		`{"name":"load","gauge":{"dataPoints":[{"timeUnixNano":"7","asDouble":0}]}},` +
		`{"name":"took","unit":"s","histogram":{"dataPoints":[{"startTimeUnixNano":"5","timeUnixNano":"7","count":"9","sum":1.5,` +
		`"bucketCounts":["18446744073709551615","0","2"],"explicitBounds":[0.5,"Infinity"],"min":0,"max":"-Infinity",` +
		`"exemplars":[{"timeUnixNano":"8","asDouble":"NaN","spanId":"0200000000000000","traceId":"01000000000000000000000000000000",` +
		`"filteredA` + tool[2:] + `}],"flags":1}],"aggregationTemporality":1}},` +
		`{"name":"took2","exponentialHistogram":{"dataPoints":[{"timeUnixNano":"7","count":"3","scale":-2,"zeroCount":"1",` +
		`"positive":{"offset":-7,"bucketCounts":["0","2"]},"zeroThreshold":1e-9}]}},{}]}],` +
		`"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"schemaUrl":"https://example.test/1"}]}`
	if got := string(AppendMetrics(nil, m, FormatJSON)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// And of logs.
func TestLogsJSONText(t *testing.T) {
	l := &Logs{Strings: NewStrings()}
	id := l.Strings.ID
	l.Attrs = []Attr{{Key: id("k"), Kind: KindInt, Word: 1}}
	l.Resources, l.Scopes = make([]Resource, 1), make([]Scope, 1)
	l.Records = []LogRecord{
		{Time: 5, Observed: 6, TraceID: TraceID{1}, SpanID: SpanID{2}, Flags: 1, Severity: SeverityWarn, SeverityText: id("WARN"),
			EventName: id("request.blocked"), Body: Attr{Word: uint64(id("Blocked."))}, Attrs: Range{0, 1}},
		{Body: Attr{Kind: KindMap, Word: PackRange(Range{0, 1})}}, {Body: Attr{Kind: KindEmpty}}, {},
	}
	want := `{"resourceLogs":[{"scopeLogs":[{"scope":{},"logRecords":[` +
		`{"traceId":"01000000000000000000000000000000","spanId":"0200000000000000","timeUnixNano":"5","observedTimeUnixNano":"6",` +
		`"severityNumber":13,"severityText":"WARN","eventName":"request.blocked","body":{"stringValue":"Blocked."},` +
		`"attributes":[{"key":"k","value":{"intValue":"1"}}],"flags":1},` +
		`{"body":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"1"}}]}}},{},{"body":{"stringValue":""}}]}],"resource":{}}]}`
	if got := string(AppendLogs(nil, l, FormatJSON)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// words returns the values as fixed64.
func words(values ...uint64) (b []byte) {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, v)
	}
	return b
}

// Writers need not pack repeated numbers.
func TestDecodeMetricsTakesUnpackedNumbers(t *testing.T) {
	point := append([]byte{0x31}, words(3)...)
	point = append(point, wrap(words(4, 5), 0x32)...)
	point = append(append(point, 0x31), words(6)...)
	point = append(append(point, 0x39), words(math.Float64bits(2.5))...)
	var d Decoder
	var m Metrics
	if err := d.Metrics(&m, wrap(point, 0x0a, 0x12, 0x12, 0x4a, 0x0a), FormatProto); err != nil {
		t.Fatal(err)
	}
	if p := m.Points[0]; !slices.Equal(m.Counts[p.Buckets.Start:p.Buckets.End], []uint64{3, 4, 5, 6}) ||
		!slices.Equal(m.Bounds[p.Bounds.Start:p.Bounds.End], []float64{2.5}) {
		t.Errorf("got %+v, %v, %v", p, m.Counts, m.Bounds)
	}
	buckets := []byte{0x10, 0x81, 0x01, 0x12, 2, 7, 8, 0x10, 9, 0x08, 3}
	if err := d.Metrics(&m, wrap(buckets, 0x0a, 0x12, 0x12, 0x52, 0x0a, 0x4a), FormatProto); err != nil {
		t.Fatal(err)
	}
	if b := m.Points[0].Negative; b.Offset != -2 || !slices.Equal(m.Counts[b.Counts.Start:b.Counts.End], []uint64{129, 7, 8, 9}) {
		t.Errorf("got %+v, %v", b, m.Counts)
	}
}

// Of the data of a metric the last counts, as of any message of a oneof.
func TestDecodeMetricsTakesTheLastData(t *testing.T) {
	sum := append(wrap(wrap([]byte{0x40, 1}, 0x0a), 0x3a), wrap(wrap([]byte{0x40, 2}, 0x0a), 0x2a)...)
	sum[1] += 4 // temporality and monotonic, of the sum
	sum = slices.Insert(sum, 6, 0x10, 2, 0x18, 1)
	var d Decoder
	var m Metrics
	if err := d.Metrics(&m, wrap(sum, 0x0a, 0x12, 0x12), FormatProto); err != nil {
		t.Fatal(err)
	}
	x := m.Metrics[0]
	if x.Kind != MetricGauge || x.Monotonic || x.Temporality != 0 || x.Points != (Range{0, 1}) || m.Points[0].Flags != 2 {
		t.Errorf("got %+v, points %+v", x, m.Points)
	}
}

func TestDecodeSignalsRefuse(t *testing.T) {
	metric := func(b []byte, tags ...byte) []byte { return wrap(b, append([]byte{0x0a, 0x12, 0x12}, tags...)...) }
	for _, row := range []struct {
		name string
		in   []byte
		want error
	}{
		{"a summary", metric(nil, 0x5a), errSummary},
		{"a name that is not UTF-8", metric([]byte{0xff}, 0x0a), errUTF8},
		{"packed counts of nine bytes", metric(make([]byte, 9), 0x4a, 0x0a, 0x32), errField},
		{"packed bounds of four bytes", metric(make([]byte, 4), 0x4a, 0x0a, 0x3a), errField},
		{"a packed varint that is cut", metric([]byte{1, 0x80}, 0x52, 0x0a, 0x42, 0x12), errField},
		{"an exemplar's trace id of 8 bytes", metric(make([]byte, 8), 0x2a, 0x0a, 0x2a, 0x2a), errIDLength},
		{"attributes nested 65 deep", metric(wrap(nest(maxDepth+1), 0x3a, 0x12), 0x2a, 0x0a), errDepth},
	} {
		var d Decoder
		if err := d.Metrics(new(Metrics), row.in, FormatProto); !errors.Is(err, row.want) {
			t.Errorf("%s: got error %v, want %v", row.name, err, row.want)
		}
	}
	var d Decoder
	if err := d.Logs(new(Logs), metric(make([]byte, 9), 0x52), FormatProto); !errors.Is(err, errIDLength) {
		t.Errorf("a span id of 9 bytes: got error %v", err)
	}
	if err := d.Logs(new(Logs), metric(nest(maxDepth+1), 0x2a), FormatProto); !errors.Is(err, errDepth) {
		t.Errorf("a body nested 65 deep: got error %v", err)
	}
	point := func(kind, member string) string {
		return `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"` + kind + `":{"dataPoints":[{` + member + `}]}}]}]}]}`
	}
	for _, row := range []struct{ name, in string }{
		{"a summary", point("summary", "")},
		{"a scale over 32 bits", point("exponentialHistogram", `"scale":2147483648`)},
		{"an offset over 32 bits", point("exponentialHistogram", `"negative":{"offset":"-2147483649"}`)},
		{"flags over 32 bits", point("gauge", `"flags":4294967296`)},
		{"a count below zero", point("histogram", `"count":-1`)},
		{"a bucket count with a fraction", point("histogram", `"bucketCounts":[1.5]`)},
		{"a bound that is a word", point("histogram", `"explicitBounds":["ten"]`)},
		{"a temporality by name", `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"sum":{"aggregationTemporality":"DELTA"}}]}]}]}`},
		{"an exemplar's id that is not hex", point("sum", `"exemplars":[{"traceId":"x"}]`)},
	} {
		if err := d.Metrics(new(Metrics), []byte(row.in), FormatJSON); err == nil {
			t.Errorf("%s: got no error", row.name)
		}
	}
	for _, in := range []string{`"severityNumber":"WARN"`, `"body":{"intValue":1.5}`, `"spanId":"01"`, `"timeUnixNano":"x"`} {
		line := `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{` + in + `}]}]}]}`
		if err := d.Logs(new(Logs), []byte(line), FormatJSON); err == nil {
			t.Errorf("%s: got no error", in)
		}
	}
}

// A decoder reads records of any signal in turn, and what it read stays.
func TestOneDecoderReadsAllSignals(t *testing.T) {
	maker := newMaker(31)
	var d Decoder
	metrics, logs := AppendMetrics(nil, maker.fillMetrics(20), FormatProto), AppendLogs(nil, maker.fillLogs(20), FormatProto)
	traces := AppendTraces(nil, maker.fill(20), FormatProto)
	var m Metrics
	var l Logs
	var s Traces
	if err := errors.Join(d.Metrics(&m, metrics, FormatProto), d.Logs(&l, logs, FormatProto), d.Traces(&s, traces, FormatProto)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(AppendMetrics(nil, &m, FormatProto), metrics) || !bytes.Equal(AppendLogs(nil, &l, FormatProto), logs) ||
		!bytes.Equal(AppendTraces(nil, &s, FormatProto), traces) {
		t.Error("what was read of one signal changed when another was read")
	}
}

func TestTemporalityNames(t *testing.T) {
	got := []string{TemporalityDelta.String(), TemporalityCumulative.String(), TemporalityUnspecified.String()}
	if want := []string{"delta", "cumulative", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Files of one signal must differ within their first 1,000 bytes.
func TestMetricsAndLogsBeginWithWhatDiffers(t *testing.T) {
	m := bigMetrics(same(1, 1))
	m.Metrics[0].Name, m.Metrics[0].Description = m.Strings.ID(strings.Repeat("n", 100)), m.Strings.ID(strings.Repeat("d", 2000))
	if line := string(AppendMetrics(nil, m, FormatJSON)); strings.Index(line, `"timeUnixNano"`) > 400 {
		t.Errorf("the first time is too late: %.500s", line)
	}
	l := bigLogs(2000)
	l.Records[0].TraceID = TraceID{1}
	if line := string(AppendLogs(nil, l, FormatJSON)); strings.Index(line, `"traceId"`) > 200 {
		t.Errorf("the first trace id is too late: %.500s", line)
	}
}
