package otlp

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// withBase64IDs turns the hex ids of OTLP/JSON into the base64 that protobuf
// JSON has for bytes, which is where the two differ.
func withBase64IDs(t *testing.T, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = withBase64IDs(t, v[i])
		}
	case map[string]any:
		for k, e := range v {
			if k == "traceId" || k == "spanId" || k == "parentSpanId" {
				s := e.(string)
				raw, err := hex.DecodeString(s)
				if err != nil || s != strings.ToLower(s) {
					t.Fatalf("%s: got %q, want lower-case hex", k, s)
				}
				v[k] = base64.StdEncoding.EncodeToString(raw)
				continue
			}
			v[k] = withBase64IDs(t, e)
		}
	}
	return v
}

func TestJSONEqualsProtobufJSON(t *testing.T) {
	m := newMaker(11)
	for i := range 200 {
		model := m.fill(i % 30)
		line := AppendTraces([]byte("prefix"), model, FormatJSON)[len("prefix"):]
		if strings.ContainsRune(string(line), '\n') {
			t.Fatalf("record %d: a newline within a line", i)
		}
		d := json.NewDecoder(strings.NewReader(string(line)))
		d.UseNumber()
		var tree any
		if err := d.Decode(&tree); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		again, err := json.Marshal(withBase64IDs(t, tree))
		if err != nil {
			t.Fatal(err)
		}
		var got tracepb.TracesData
		if err := protojson.Unmarshal(again, &got); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		if !proto.Equal(&got, messages(model)) {
			t.Fatalf("record %d: what protobuf JSON reads is not what was meant", i)
		}
	}
}

// The shape, written out: order, names, spellings.
func TestJSONText(t *testing.T) {
	m := &Traces{Strings: NewStrings()}
	id := m.Strings.ID
	m.Text = []byte("raw\"")
	m.Attrs = []Attr{
		{Key: id("service.name"), Word: uint64(id("shop"))},
		{Kind: KindInt, Word: ^uint64(0)}, {Kind: KindBool, Word: 1}, {Kind: KindDouble, Word: math.Float64bits(1e-7)},
		{Key: id("s"), Kind: KindText, Word: PackRange(Range{0, 4})}, {Key: id("l"), Kind: KindArray, Word: PackRange(Range{1, 4})},
		{Key: id("m"), Kind: KindMap, Word: PackRange(Range{0, 1})}, {Key: id("b"), Kind: KindBytes, Word: PackRange(Range{0, 3})},
		{Key: id("e"), Kind: KindArray}, {Kind: KindEmpty},
	}
	m.Resources = []Resource{{Attrs: Range{0, 1}, SchemaURL: id("https://example.test/1")}}
	m.Scopes = []Scope{{Name: id("otelsim/agent"), Version: id("1")}}
	m.Events = []Event{{Time: 5, Name: id("exception"), Attrs: Range{0, 1}}}
	m.Links = []Link{{TraceID: TraceID{0xab}, SpanID: SpanID{0xcd}, Flags: 1}}
	m.Spans = []Span{{TraceID: TraceID{1}, SpanID: SpanID{2}, ParentID: SpanID{3}, Start: math.MaxUint64, End: 4, Name: id("n"),
		Flags: 257, Kind: 2, Status: StatusError, Message: id("bad"), Attrs: Range{4, 10}, Events: Range{0, 1}, Links: Range{0, 1}}, {}}
	kv := `{"key":"service.name","value":{"stringValue":"shop"}}`
	want := `{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"otelsim/agent","version":"1"},"spans":[` +
		`{"traceId":"01000000000000000000000000000000","spanId":"0200000000000000","parentSpanId":"0300000000000000",` +
		`"name":"n","kind":2,"startTimeUnixNano":"18446744073709551615","endTimeUnixNano":"4","attributes":[` +
		`{"key":"s","value":{"stringValue":"raw\""}},` +
		`{"key":"l","value":{"arrayValue":{"values":[{"intValue":"-1"},{"boolValue":true},{"doubleValue":1e-7}]}}},` +
		`{"key":"m","value":{"kvlistValue":{"values":[` + kv + `]}}},{"key":"b","value":{"bytesValue":"cmF3"}},` +
		`{"key":"e","value":{"arrayValue":{}}},{"value":{}}],` +
		`"events":[{"timeUnixNano":"5","name":"exception","attributes":[` + kv + `]}],` +
		`"links":[{"traceId":"ab000000000000000000000000000000","spanId":"cd00000000000000","flags":1}],` +
		`"status":{"message":"bad","code":2},"flags":257},{}]}],` +
		`"resource":{"attributes":[` + kv + `]},"schemaUrl":"https://example.test/1"}]}`
	if got := string(AppendTraces(nil, m, FormatJSON)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Files of one signal must differ within their first 1,000 bytes.
func TestJSONBeginsWithATraceID(t *testing.T) {
	m := newMaker(12).fill(3)
	for i := range m.Scopes {
		m.Scopes[i] = Scope{Name: m.Strings.ID("otelsim/orchestration"), Version: m.Strings.ID("1")}
	}
	line := string(AppendTraces(nil, m, FormatJSON))
	if at := strings.Index(line, `"traceId"`); at < 0 || at > 200 {
		t.Errorf("got the first trace id at %d, want it within 200 bytes", at)
	}
}

func TestJSONStringEqualsEncodingJSON(t *testing.T) {
	m := newMaker(13)
	check := func(s string) {
		t.Helper()
		var back string
		got := AppendJSONString([]byte("p"), s)[1:]
		if err := json.Unmarshal(got, &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := string([]rune(s)); back != want {
			t.Fatalf("%q: got %q, want %q", s, back, want)
		}
		if strings.Contains(string(got), `\u003c`) || strings.Contains(string(got), `\u2028`) {
			t.Fatalf("%q: escaped more than JSON asks for: %s", s, got)
		}
	}
	for _, s := range oddStrings {
		check(s)
	}
	for range 20000 {
		// Bytes near the borders of what is escaped, at all offsets to eight.
		b := make([]byte, m.r.IntN(25))
		for i := range b {
			b[i] = "ab \x1f\x20\x21\x22\x23\x5b\x5c\x5d\x7f\x80\xc3\xa9\xff\x00\n"[m.r.IntN(18)]
		}
		check(string(b))
	}
}

func TestJSONDoubleReadsBackAsItself(t *testing.T) {
	m := newMaker(14)
	for i := range 20000 {
		f := math.Float64frombits(m.r.Uint64())
		if i < len(oddFloats) {
			f = oddFloats[i]
		}
		text := appendDoubleJSON(nil, f)
		var d floatJSON
		if err := d.UnmarshalJSON(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if math.Float64bits(float64(d)) != math.Float64bits(f) && !math.IsNaN(f) {
			t.Fatalf("%v: got %v from %s", f, float64(d), text)
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			if !json.Valid(text) {
				t.Fatalf("%s is not a JSON number", text)
			}
			if want, err := json.Marshal(f); err != nil || string(want) != string(text) {
				t.Fatalf("got %s, want %s, %v", text, want, err)
			}
		}
	}
}

// Our own structs see the model's counts in the order of the model.
func TestJSONHoldsEverySpanInOrder(t *testing.T) {
	model := newMaker(15).fill(60)
	var data tracesJSON
	if err := json.Unmarshal(AppendTraces(nil, model, FormatJSON), &data); err != nil {
		t.Fatal(err)
	}
	var got, want [][2]uint64
	for _, r := range data.ResourceSpans {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				got = append(got, [2]uint64{uint64(span.Start), uint64(len(span.Attributes))})
			}
		}
	}
	for _, r := range messages(model).ResourceSpans {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				want = append(want, [2]uint64{span.StartTimeUnixNano, uint64(len(span.Attributes))})
			}
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}
