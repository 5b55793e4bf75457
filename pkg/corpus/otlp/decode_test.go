package otlp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf8"
)

// checkRoundTrip checks that reading payload and writing it gives payload.
func checkRoundTrip(t *testing.T, d *Decoder, payload []byte, f Format) *Traces {
	t.Helper()
	var m Traces
	if err := d.Traces(&m, payload, f); err != nil {
		t.Fatal(err)
	}
	if again := AppendTraces(nil, &m, f); !bytes.Equal(again, payload) {
		i := firstDifference(again, payload)
		t.Fatalf("%v: got %d bytes, want %d; they differ at %d: %q", f, len(again), len(payload), i, payload[max(0, i-60):min(len(payload), i+20)])
	}
	return &m
}

func TestDecodeThenAppendIsIdentity(t *testing.T) {
	maker := newMaker(3)
	var d Decoder
	for i := range 200 {
		m := maker.fill(i % 30)
		asProto := AppendTraces(nil, m, FormatProto)
		asJSON := AppendTraces(nil, m, FormatJSON)
		fromProto := checkRoundTrip(t, &d, asProto, FormatProto)
		fromJSON := checkRoundTrip(t, &d, asJSON, FormatJSON)
		// And across: NaN has one spelling in JSON, and ours is the one of math.
		if got := AppendTraces(nil, fromJSON, FormatProto); !bytes.Equal(got, asProto) {
			t.Fatalf("record %d: JSON read and written as protobuf differs at %d", i, firstDifference(got, asProto))
		}
		if got := AppendTraces(nil, fromProto, FormatJSON); !bytes.Equal(got, asJSON) {
			t.Fatalf("record %d: protobuf read and written as JSON differs at %d", i, firstDifference(got, asJSON))
		}
	}
}

// nest returns an AnyValue with the given number of arrays within each other.
func nest(levels int) []byte {
	var v []byte
	for range levels {
		list := append(appendVarint([]byte{0x0a}, uint64(len(v))), v...)
		v = append(appendVarint([]byte{0x2a}, uint64(len(list))), list...)
	}
	return v
}

// wrap returns b as the message fields of the given tags, innermost last.
func wrap(b []byte, tags ...byte) []byte {
	for i := len(tags) - 1; i >= 0; i-- {
		b = append(appendVarint([]byte{tags[i]}, uint64(len(b))), b...)
	}
	return b
}

func TestDecodeProtoRefuses(t *testing.T) {
	attr := func(value []byte) []byte { return wrap(value, 0x0a, 0x12, 0x12, 0x4a, 0x12) }
	for _, row := range []struct {
		name string
		in   []byte
		want error
	}{
		{"a tag alone", []byte{0x0a}, errField},
		{"a length beyond the end", []byte{0x0a, 5, 1}, errField},
		{"field number zero", []byte{0x02, 0}, errField},
		{"a group", []byte{0x0b, 0x0c}, errField},
		{"a varint of eleven bytes", append(bytes.Repeat([]byte{0x80}, 10), 1), errField},
		{"a varint over 64 bits", append([]byte{0x08}, append(bytes.Repeat([]byte{0xff}, 9), 2)...), errField},
		{"a short fixed64", []byte{0x09, 1, 2, 3}, errField},
		{"a short fixed32", []byte{0x0d, 1, 2, 3}, errField},
		{"damage inside a span", wrap([]byte{0x2a, 9, 'x'}, 0x0a, 0x12, 0x12), errField},
		{"a trace id of 15 bytes", wrap(wrap(make([]byte, 15), 0x0a), 0x0a, 0x12, 0x12), errIDLength},
		{"a span id of 16 bytes", wrap(wrap(make([]byte, 16), 0x12), 0x0a, 0x12, 0x12), errIDLength},
		{"a name that is not UTF-8", wrap([]byte{0xff}, 0x0a, 0x12, 0x12, 0x2a), errUTF8},
		{"a value that is not UTF-8", attr(wrap([]byte{0xc3}, 0x0a)), errUTF8},
		{"arrays nested 65 deep", attr(nest(maxDepth + 1)), errDepth},
		{"arrays nested 3,000 deep", attr(nest(3_000)), errDepth},
	} {
		var d Decoder
		if err := d.Traces(new(Traces), row.in, FormatProto); !errors.Is(err, row.want) {
			t.Errorf("%s: got error %v, want %v", row.name, err, row.want)
		}
	}
	var d Decoder
	if err := d.Traces(new(Traces), attr(nest(maxDepth)), FormatProto); err != nil {
		t.Errorf("arrays nested 64 deep: %v", err)
	}
}

func TestDecodeProtoSkipsWhatItDoesNotKnow(t *testing.T) {
	span := []byte{0x2a, 1, 'n'}
	span = append(span, 0x0a, 0)                                     // an empty id is no id
	span = append(span, 0x2d, 1, 2, 3, 4)                            // the name's number with another wire type
	span = append(span, 0xa0, 0x06, 1, 0xa1, 0x06)                   // field 100 as a varint and a fixed64
	span = binary.LittleEndian.AppendUint64(span, 7)                 // its value
	span = append(span, 0x1a, 3, 'a', '=', 'b', 0x50, 3, 0x60, 0x04) // trace state and dropped counts
	// The descending order of the Collector: spans before resource.
	scoped := wrap(span, 0x12, 0x12)
	in := wrap(append(scoped, wrap([]byte{0x0a, 1, 'k'}, 0x0a, 0x0a)...), 0x0a)
	var d Decoder
	var m Traces
	if err := d.Traces(&m, in, FormatProto); err != nil {
		t.Fatal(err)
	}
	if len(m.Spans) != 1 || m.Strings.String(m.Spans[0].Name) != "n" {
		t.Fatalf("got spans %+v, want one named n", m.Spans)
	}
	attrs := m.Resources[m.Spans[0].Resource].Attrs
	if attrs.Len() != 1 || m.Strings.String(m.Attrs[attrs.Start].Key) != "k" {
		t.Errorf("got resource attributes %v, want one with key k", attrs)
	}
}

func TestDecodeJSONAcceptsWhatTheFormatAllows(t *testing.T) {
	in := `{"resourceSpans":[{"resource":{"attributes":[]},"extra":[{"x":1}],"scopeSpans":[{"scope":null,"spans":[
	 {"traceId":"0102030405060708090A0b0c0d0e0f10","spanId":"","name":"\u0041\ud83d\ude00","kind":3,"flags":257,
	  "startTimeUnixNano":1760000000000000001,"endTimeUnixNano":"1760000000000000002","traceState":"a=b",
	  "droppedAttributesCount":2,"attributes":[
	   {"key":"i","value":{"intValue":-9007199254740993}},{"key":"s","value":{"intValue":"-9223372036854775808"}},
	   {"key":"d","value":{"doubleValue":1}},{"key":"n","value":{"doubleValue":"NaN"}},{"key":"q","value":{"doubleValue":"-2.5e3"}},
	   {"key":"b","value":{"bytesValue":"-_8"}},{"key":"e","value":{}},{"key":"z","value":null}]}]}]}]}`
	var d Decoder
	var m Traces
	if err := d.Traces(&m, []byte(in), FormatJSON); err != nil {
		t.Fatal(err)
	}
	s := m.Spans[0]
	if want := (TraceID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}); s.TraceID != want || s.SpanID != (SpanID{}) {
		t.Errorf("got ids %x %x", s.TraceID, s.SpanID)
	}
	if m.Strings.String(s.Name) != "A\U0001f600" || s.Kind != 3 || s.Flags != 257 {
		t.Errorf("got name %q, kind %d, flags %d", m.Strings.String(s.Name), s.Kind, s.Flags)
	}
	if s.Start != 1760000000000000001 || s.End != 1760000000000000002 {
		t.Errorf("got times %d %d", s.Start, s.End)
	}
	minInt := int64(math.MinInt64)
	odd := int64(-9007199254740993)
	want := []Attr{
		{Kind: KindInt, Word: uint64(odd)}, {Kind: KindInt, Word: uint64(minInt)},
		{Kind: KindDouble, Word: math.Float64bits(1)}, {Kind: KindDouble, Word: math.Float64bits(math.NaN())},
		{Kind: KindDouble, Word: math.Float64bits(-2500)}, {Kind: KindBytes, Word: PackRange(Range{0, 2})}, {Kind: KindEmpty}, {Kind: KindEmpty},
	}
	for i, a := range m.Attrs[s.Attrs.Start:s.Attrs.End] {
		if a.Kind != want[i].Kind || a.Word != want[i].Word {
			t.Errorf("attribute %s: got %+v, want %+v", m.Strings.String(a.Key), a, want[i])
		}
	}
	if !bytes.Equal(m.Text, []byte{0xfb, 0xff}) {
		t.Errorf("got bytes %x, want fbff", m.Text)
	}
}

func TestDecodeJSONRefuses(t *testing.T) {
	span := func(member string) string { return `{"resourceSpans":[{"scopeSpans":[{"spans":[{` + member + `}]}]}]}` }
	value := func(v string) string { return span(`"attributes":[{"key":"k","value":` + v + `}]`) }
	for _, row := range []struct{ name, in string }{
		{"an empty line", ""},
		{"an array", "[]"},
		{"text behind the object", "{}{}"},
		{"text that is not UTF-8", span("\"name\":\"\xff\"")},
		{"an id that is not hex", span(`"traceId":"zz"`)},
		{"an id of the wrong length", span(`"traceId":"0102"`)},
		{"an id that is a number", span(`"spanId":12`)},
		{"a negative time", span(`"startTimeUnixNano":"-1"`)},
		{"a time over 64 bits", span(`"startTimeUnixNano":"18446744073709551616"`)},
		{"flags over 32 bits", span(`"flags":4294967296`)},
		{"an enum by name", span(`"kind":"SPAN_KIND_SERVER"`)},
		{"an integer with a fraction", value(`{"intValue":1.5}`)},
		{"a double in hex", value(`{"doubleValue":"0x1p3"}`)},
		{"values nested 65 deep", value(strings.Repeat(`{"arrayValue":{"values":[`, 65) + strings.Repeat(`]}}`, 65))},
	} {
		var d Decoder
		if err := d.Traces(new(Traces), []byte(row.in), FormatJSON); err == nil {
			t.Errorf("%s: got no error", row.name)
		}
	}
	var d Decoder
	ok := value(strings.Repeat(`{"arrayValue":{"values":[`, 64) + strings.Repeat(`]}}`, 64))
	if err := d.Traces(new(Traces), []byte(ok), FormatJSON); err != nil {
		t.Errorf("values nested 64 deep: %v", err)
	}
}

func TestDecodeProtoDoesNotAllocate(t *testing.T) {
	in := AppendTraces(nil, newMaker(4).fill(40), FormatProto)
	var d Decoder
	var m Traces
	if err := d.Traces(&m, in, FormatProto); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(20, func() { _ = d.Traces(&m, in, FormatProto) }); n != 0 {
		t.Errorf("got %v allocations a record, want 0", n)
	}
}

// seedRecords gives f small records in the given format, whole and cut.
func seedRecords(f *testing.F, format Format) {
	m := newMaker(5)
	for i := range 6 {
		b := AppendTraces(nil, m.fill(i), format)
		f.Add(b)
		f.Add(b[:len(b)*2/3])
	}
}

func FuzzDecodeProto(f *testing.F) {
	seedRecords(f, FormatProto)
	f.Fuzz(func(t *testing.T, b []byte) { checkDecoded(t, b, FormatProto) })
}

func FuzzDecodeJSON(f *testing.F) {
	seedRecords(f, FormatJSON)
	f.Fuzz(func(t *testing.T, b []byte) { checkDecoded(t, b, FormatJSON) })
}

// checkDecoded checks that what can be read at all, when written, is a fixed
// point of reading and writing, in both formats.
func checkDecoded(t *testing.T, b []byte, f Format) {
	var d Decoder
	var m Traces
	if d.Traces(&m, b, f) != nil {
		return
	}
	if d.Spelt() && !bytes.Equal(AppendTraces(nil, &m, f), b) {
		t.Error("it is taken for spelt as it is written, and is not")
	}
	for _, out := range []Format{FormatProto, FormatJSON} {
		checkRoundTrip(t, &d, AppendTraces(nil, &m, out), out)
	}
	if !utf8.Valid(AppendTraces(nil, &m, FormatJSON)) {
		t.Error("the JSON form is not UTF-8")
	}
}

func BenchmarkDecodeProto(b *testing.B) { benchmarkDecode(b, FormatProto) }

func BenchmarkDecodeJSON(b *testing.B) { benchmarkDecode(b, FormatJSON) }

func benchmarkDecode(b *testing.B, f Format) {
	in := AppendTraces(nil, typical(40), f)
	var d Decoder
	var m Traces
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Traces(&m, in, f); err != nil {
			b.Fatal(err)
		}
	}
}
