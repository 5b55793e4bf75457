package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// bigMetrics returns a record of one metric for each list of sizes, with a point
// for each size that has a text of that size.
func bigMetrics(metrics ...[]int) *Metrics {
	m := &Metrics{Strings: NewStrings(), Resources: make([]Resource, 1), Scopes: make([]Scope, 1)}
	for i, sizes := range metrics {
		x := Metric{Name: m.Strings.ID(string(rune('a' + i))), Kind: MetricSum, Points: Range{Start: uint32(len(m.Points))}}
		for _, size := range sizes {
			start := uint32(len(m.Text))
			m.Text = append(m.Text, strings.Repeat("x", size)...)
			m.Attrs = append(m.Attrs, Attr{Kind: KindText, Word: PackRange(Range{start, uint32(len(m.Text))})})
			at := uint32(len(m.Attrs))
			m.Points = append(m.Points, Point{Start: 1, Time: uint64(100 + len(m.Points)), Attrs: Range{at - 1, at}, Kind: KindInt})
		}
		x.Points.End = uint32(len(m.Points))
		m.Metrics = append(m.Metrics, x)
	}
	return m
}

// payloads returns the records of data.
func payloads(t *testing.T, data []byte, f Format) (list [][]byte) {
	t.Helper()
	for {
		payload, rest, err := NextFrame(data, f)
		if err == io.EOF {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(payload) >= MaxRecordBytes {
			t.Errorf("record %d has %d bytes, want less than %d", len(list), len(payload), MaxRecordBytes)
		}
		list = append(list, payload)
		data = rest
	}
}

func TestMetricsSplitByMetricThenByPoint(t *testing.T) {
	for _, row := range []struct {
		name    string
		metrics [][]int
		want    string // one word per record: metrics with the times of their points
	}{
		{"all fit into one record", [][]int{same(2, 1000), same(1, 1000)}, "a100,101+b102"},
		{"two metrics of 600 kB need a record each", [][]int{same(2, 300_000), same(2, 300_000)}, "a100,101 b102,103"},
		{"three of 400 kB: the first two share", [][]int{same(1, 400_000), same(1, 400_000), same(1, 400_000)}, "a100+b101 c102"},
		{"a metric of 1.2 MB is cut, its neighbours are not", [][]int{same(1, 9), same(3, 400_000), same(1, 9)}, "a100 b101,102 b103 c104"},
		{"a metric without points stays", [][]int{same(1, 600_000), nil, same(1, 600_000)}, "a100+b c101"},
	} {
		for _, f := range []Format{FormatProto, FormatJSON} {
			m := bigMetrics(row.metrics...)
			b := Block{Data: []byte("before"), Records: 7, Items: 70, First: 50, Last: 60}
			e := Encoder{Format: f}
			if err := e.AppendMetrics(&b, m); err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
			data, ok := bytes.CutPrefix(b.Data, []byte("before"))
			if !ok {
				t.Fatalf("%s: what stood in the block changed", row.name)
			}
			var words []string
			var d Decoder
			for _, payload := range payloads(t, data, f) {
				var got Metrics
				if err := d.Metrics(&got, payload, f); err != nil {
					t.Fatal(err)
				}
				var parts []string
				for _, x := range got.Metrics {
					var times []string
					for _, p := range got.Points[x.Points.Start:x.Points.End] {
						times = append(times, fmt.Sprint(p.Time))
					}
					parts = append(parts, got.Strings.String(x.Name)+strings.Join(times, ","))
				}
				words = append(words, strings.Join(parts, "+"))
			}
			if got := strings.Join(words, " "); got != row.want {
				t.Errorf("%s, %v: got records %q, want %q", row.name, f, got, row.want)
			}
			n := uint64(len(words))
			if b.Records != 7+n || b.Splits != n-1 || b.Items != 70+uint64(len(m.Points)) || b.First != 50 || b.Last != uint64(99+len(m.Points)) {
				t.Errorf("%s, %v: got %d records, %d splits, %d items, %d to %d", row.name, f, b.Records, b.Splits, b.Items, b.First, b.Last)
			}
		}
	}
}

// bigLogs returns a record of log records with a body of each size.
func bigLogs(sizes ...int) *Logs {
	l := &Logs{Strings: NewStrings(), Resources: make([]Resource, 1), Scopes: make([]Scope, 1)}
	for i, size := range sizes {
		start := uint32(len(l.Text))
		l.Text = append(l.Text, strings.Repeat("x", size)...)
		l.Records = append(l.Records, LogRecord{Time: uint64(100 + i), Observed: uint64(1000 - i), SpanID: SpanID{byte(i + 1)},
			Body: Attr{Kind: KindText, Word: PackRange(Range{start, uint32(len(l.Text))})}})
	}
	return l
}

func TestLogsSplitByRecord(t *testing.T) {
	for _, f := range []Format{FormatProto, FormatJSON} {
		e := Encoder{Format: f}
		var b Block
		if err := e.AppendLogs(&b, bigLogs(400_000, 400_000, 400_000, 10, 990_000, 20)); err != nil {
			t.Fatal(err)
		}
		var words []string
		var d Decoder
		for _, payload := range payloads(t, b.Data, f) {
			var got Logs
			if err := d.Logs(&got, payload, f); err != nil {
				t.Fatal(err)
			}
			word := ""
			for _, r := range got.Records {
				word += fmt.Sprint(r.SpanID[0])
			}
			words = append(words, word)
		}
		if got, want := strings.Join(words, " "), "12 34 56"; got != want {
			t.Errorf("%v: got records %q, want %q", f, got, want)
		}
		b.Data = nil
		if b.Records != 3 || b.Items != 6 || b.Splits != 2 || b.First != 100 || b.Last != 1000 {
			t.Errorf("%v: got %+v", f, b)
		}
	}
}

func TestItemOverTheLimitIsAnErrorAndChangesNothing(t *testing.T) {
	named := bigMetrics(same(1, 10))
	named.Metrics = append(named.Metrics, Metric{Description: named.Strings.ID(strings.Repeat("x", MaxRecordBytes)), Name: named.Strings.ID("long")})
	for _, f := range []Format{FormatProto, FormatJSON} {
		e := Encoder{Format: f}
		for _, row := range []struct {
			name   string
			append func(b *Block) error
			want   string
		}{
			{"a point", func(b *Block) error { return e.AppendMetrics(b, bigMetrics(same(1, 10), []int{5, MaxRecordBytes})) }, `point 1 of metric "b"`},
			{"a metric without points", func(b *Block) error { return e.AppendMetrics(b, named) }, `metric "long"`},
			{"a log record", func(b *Block) error { return e.AppendLogs(b, bigLogs(10, MaxRecordBytes)) }, "record 1 of span 0200000000000000"},
		} {
			b := Block{Data: []byte("before"), Records: 1}
			err := row.append(&b)
			if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%s, %v: got error %v, want %q in it", row.name, f, err, row.want)
			}
			if string(b.Data) != "before" || b.Records != 1 || b.Items != 0 {
				t.Errorf("%s, %v: the block changed: %+v", row.name, f, b)
			}
		}
	}
}

func TestNoItemsNoRecord(t *testing.T) {
	var b Block
	var e Encoder
	m := bigMetrics(nil)
	m.Metrics = append(m.Metrics, Metric{Kind: MetricNone, Points: Range{0, 1}})
	m.Points = append(m.Points, Point{})
	for _, err := range []error{e.AppendMetrics(&b, new(Metrics)), e.AppendMetrics(&b, m), e.AppendLogs(&b, new(Logs))} {
		if err != nil || b.Records != 0 || len(b.Data) != 0 {
			t.Errorf("got %+v, %v; want an empty block", b, err)
		}
	}
}

// A time of zero is unset: it is neither the earliest nor the latest.
func TestUnsetTimesDoNotCount(t *testing.T) {
	var metrics, logs Block
	var e Encoder
	m := bigMetrics(same(3, 1))
	m.Points[0].Time = 0
	l := bigLogs(1, 1)
	l.Records[0].Time, l.Records[1].Observed = 0, 0
	if err := errors.Join(e.AppendMetrics(&metrics, m), e.AppendLogs(&logs, l)); err != nil {
		t.Fatal(err)
	}
	if metrics.First != 101 || metrics.Last != 102 {
		t.Errorf("metrics: got %d to %d, want 101 to 102", metrics.First, metrics.Last)
	}
	if logs.First != 101 || logs.Last != 1000 {
		t.Errorf("logs: got %d to %d, want 101 to 1000", logs.First, logs.Last)
	}
}
