package otlp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

// big returns a record of spans with a text of the given sizes, one list of
// sizes per trace, the traces interleaved span by span.
func big(traces ...[]int) *Traces {
	t := &Traces{Strings: NewStrings(), Resources: make([]Resource, 2), Scopes: make([]Scope, 2)}
	t.Resources[1].SchemaURL = t.Strings.ID("second")
	for step, more := 0, true; more; step++ {
		more = false
		for i, sizes := range traces {
			if step >= len(sizes) {
				continue
			}
			more = true
			at := uint32(len(t.Text))
			t.Text = append(t.Text, strings.Repeat("x", sizes[step])...)
			t.Attrs = append(t.Attrs, Attr{Kind: KindText, Word: PackRange(Range{at, uint32(len(t.Text))})})
			n := uint32(len(t.Attrs))
			t.Spans = append(t.Spans, Span{TraceID: TraceID{byte(i + 1)}, SpanID: SpanID{byte(i + 1), byte(step + 1)},
				Start: uint64(100 + len(t.Spans)), End: uint64(1000 - len(t.Spans)), Attrs: Range{n - 1, n}, Resource: uint32(step % 2)})
		}
	}
	return t
}

// records returns the span ids of each record of data.
func records(t *testing.T, data []byte, f Format) (list [][]SpanID) {
	t.Helper()
	var d Decoder
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
		var m Traces
		if err := d.Traces(&m, payload, f); err != nil {
			t.Fatal(err)
		}
		var ids []SpanID
		for _, s := range m.Spans {
			ids = append(ids, s.SpanID)
		}
		list = append(list, ids)
		data = rest
	}
}

func same(n, size int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = size
	}
	return list
}

func TestRecordsSplitByTraceThenBySpan(t *testing.T) {
	for _, row := range []struct {
		name   string
		traces [][]int
		want   string // one word per record: traces and, where a trace is cut, its number of spans
	}{
		{"all fit into one record", [][]int{same(3, 1000), same(2, 1000)}, "1+2"},
		{"two traces of 600 kB need a record each", [][]int{same(6, 100_000), same(6, 100_000)}, "1 2"},
		{"three traces of 400 kB: the first two share", [][]int{same(4, 100_000), same(4, 100_000), same(4, 100_000)}, "1+2 3"},
		{"a trace of 2.4 MB is cut, its neighbours are not", [][]int{same(2, 100_000), same(12, 200_000), same(2, 100_000)}, "1 2 2 2 3"},
		{"a cut trace alone", [][]int{same(5, 300_000)}, "1 1"},
	} {
		for _, f := range []Format{FormatProto, FormatJSON} {
			b := Block{Data: []byte("before"), Records: 7, Items: 70, First: 50, Last: 60}
			m := big(row.traces...)
			e := Encoder{Format: f}
			if err := e.AppendRecord(&b, m); err != nil {
				t.Fatalf("%s: %v", row.name, err)
			}
			data, ok := bytes.CutPrefix(b.Data, []byte("before"))
			if !ok {
				t.Fatalf("%s: what stood in the block changed", row.name)
			}
			list := records(t, data, f)
			var words []string
			spans := 0
			for _, ids := range list {
				var word []string
				for _, id := range ids {
					if s := fmt.Sprint(id[0]); len(word) == 0 || !strings.Contains(strings.Join(word, "+"), s) {
						word = append(word, s)
					}
				}
				words = append(words, strings.Join(word, "+"))
				spans += len(ids)
			}
			if got := strings.Join(words, " "); got != row.want {
				t.Errorf("%s, %v: got records %q, want %q", row.name, f, got, row.want)
			}
			if spans != len(m.Spans) {
				t.Errorf("%s, %v: got %d spans, want %d", row.name, f, spans, len(m.Spans))
			}
			want := Block{Records: 7 + uint64(len(list)), Items: 70 + uint64(spans), Splits: uint64(len(list)) - 1, First: 50, Last: 1000}
			b.Data = nil
			if !reflect.DeepEqual(b, want) {
				t.Errorf("%s, %v: got %+v, want %+v", row.name, f, b, want)
			}
		}
	}
}

// A record is as long as it can be: with the limit at exactly its length plus
// one it is whole.
func TestRecordJustBelowTheLimitIsWhole(t *testing.T) {
	for _, f := range []Format{FormatProto, FormatJSON} {
		size := 999_000
		for {
			n := len(AppendTraces(nil, big([]int{size, 10}), f))
			if n == MaxRecordBytes-1 {
				break
			}
			size += MaxRecordBytes - 1 - n
		}
		for extra, want := range []int{1, 2} {
			var b Block
			e := Encoder{Format: f}
			if err := e.AppendRecord(&b, big([]int{size + extra, 10})); err != nil {
				t.Fatal(err)
			}
			if b.Records != uint64(want) {
				t.Errorf("%v, %d bytes: got %d records, want %d", f, MaxRecordBytes-1+extra, b.Records, want)
			}
		}
	}
}

func TestSpanOverTheLimitIsAnErrorAndChangesNothing(t *testing.T) {
	for _, f := range []Format{FormatProto, FormatJSON} {
		b := Block{Data: []byte("before"), Records: 1}
		e := Encoder{Format: f}
		err := e.AppendRecord(&b, big([]int{10}, []int{10, MaxRecordBytes}))
		if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "0202000000000000") {
			t.Errorf("%v: got error %v, want one that names the span", f, err)
		}
		if string(b.Data) != "before" || b.Records != 1 || b.Items != 0 {
			t.Errorf("%v: the block changed: %+v", f, b)
		}
		if err := e.AppendRecord(&b, big([]int{10})); err != nil {
			t.Errorf("%v: the encoder is of no use after an error: %v", f, err)
		}
	}
}

func TestNoSpansNoRecord(t *testing.T) {
	var b Block
	var e Encoder
	if err := e.AppendRecord(&b, &Traces{Strings: NewStrings()}); err != nil || b.Records != 0 || len(b.Data) != 0 {
		t.Errorf("got %+v, %v; want an empty block", b, err)
	}
}

func TestBlockKeepsTheWidestTimes(t *testing.T) {
	var b Block
	var e Encoder
	for _, times := range [][2]uint64{{500, 600}, {400, 450}, {550, 900}} {
		m := big([]int{1})
		m.Spans[0].Start, m.Spans[0].End = times[0], times[1]
		if err := e.AppendRecord(&b, m); err != nil {
			t.Fatal(err)
		}
	}
	if b.First != 400 || b.Last != 900 || b.Records != 3 || b.Items != 3 || b.Splits != 0 {
		t.Errorf("got %d to %d, %d records, %d items, %d splits; want 400 to 900, 3, 3, 0", b.First, b.Last, b.Records, b.Items, b.Splits)
	}
}
