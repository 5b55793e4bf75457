package form

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// spanJSON is a payload with one span of these members.
func spanJSON(members string) string {
	return `{"resourceSpans":[{"scopeSpans":[{"spans":[{` + members + `}]}]}]}`
}

func pointJSON(members string) string {
	return `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"exponentialHistogram":{"dataPoints":[{` + members + `}]}}]}]}]}`
}

// itemOf returns the fields of the one item of an OTLP/JSON object, as text.
func itemOf(t *testing.T, sig otlp.Signal, object string) (text string, err error) {
	t.Helper()
	b, err := AppendProto(nil, sig, []byte(object))
	if err != nil {
		return "", err
	}
	var s Splitter
	err = s.Split(sig, b, func(r *Raw) error {
		for _, f := range fieldsOf(t, r.Message, r.Bytes) {
			text += fmt.Sprintf("%s=%s;", f.Path, f.Value.Text)
		}
		return nil
	})
	return text, err
}

// TestWaysToWriteJSON has what other writers do, and what protobuf's JSON allows.
func TestWaysToWriteJSON(t *testing.T) {
	for members, want := range map[string]string{
		`"traceId":"0102030405060708090A0B0C0D0E0F10"`:                       "trace_id=0102030405060708090a0b0c0d0e0f10;",
		`"trace_id":"0102030405060708090a0b0c0d0e0f10"`:                      "trace_id=0102030405060708090a0b0c0d0e0f10;",
		`"traceId":"","spanId":null,"name":null,"events":null,"status":null`: "",
		`"kind":2`:                  "kind=SERVER;",
		`"kind":"SPAN_KIND_SERVER"`: "kind=SERVER;",
		`"kind":"2"`:                "kind=SERVER;",
		`"kind":99`:                 "kind=99;",
		`"kind":-1`:                 "kind=-1;",
		`"kind":"SPAN_KIND_NEW"`:    `unknown["kind"]="SPAN_KIND_NEW";`,
		`"startTimeUnixNano":"18446744073709551615"`:             "start_time_unix_nano=18446744073709551615;",
		`"startTimeUnixNano":1.5e3`:                              "start_time_unix_nano=1500;",
		`"startTimeUnixNano":1.8446744073709551615e+19`:          "start_time_unix_nano=18446744073709551615;",
		`"startTimeUnixNano":"1700.00E-2","endTimeUnixNano":0e9`: "start_time_unix_nano=17;",
		`"flags":257`: "flags=257;",
		` "name" : "\u00e9\ud83d\ude00\ud83d\n\"\\\/" `:        "name=é😀\ufffd\n\"\\/;",
		`"name":"\ud83dx\ude00"`:                               "name=\ufffdx\ufffd;",
		`"n\u0061me":"x"`:                                      "name=x;",
		`"name":"a","name":"b"`:                                "name=b;",
		`"new":{ "a" : [1, "}", null] },"name":"x"`:            `name=x;unknown["new"]={"a":[1,"}",null]};`,
		`"new":null,"new2":1,"new2":0`:                         `unknown["new2"]=0;unknown["new2"]#2=1;`,
		`"events":[{"name":"a"},null,{}]`:                      "events[0].name=a;events[1]=;events[2]=;",
		`"events":[],"attributes":[]`:                          "",
		`"attributes":[{"key":"a","value":{"intValue":"-5"}}]`: "attributes.a=-5;",
		`"attributes":[{"key":"a","value":{"intValue":5}}]`:    "attributes.a=5;",
		`"attributes":[{"key":"a","value":{"intValue":0}}]`:    "attributes.a=0;",
		`"attributes":[{"key":"a","value":{"boolValue":false}},{"key":"b","value":{"boolValue":true}}]`:                                                        "attributes.a=false;attributes.b=true;",
		`"attributes":[{"key":"a","value":{"doubleValue":5}},{"key":"b","value":{"doubleValue":"-Infinity"}}]`:                                                 "attributes.a=5.0;attributes.b=-Inf;",
		`"attributes":[{"key":"a","value":{"doubleValue":"1e3"}},{"key":"b","value":{"doubleValue":"NaN"}}]`:                                                   "attributes.a=1000.0;attributes.b=NaN;",
		`"attributes":[{"key":"a","value":{"bytesValue":"+/8="}},{"key":"b","value":{"bytesValue":"-_8"}}]`:                                                    "attributes.a=fbff;attributes.b=fbff;",
		`"attributes":[{"key":"a","value":{"stringValue":null}},{"key":"b","value":{}},{"key":"c"}]`:                                                           "attributes.a=;attributes.b=;attributes.c=;",
		`"attributes":[{"key":"a","value":{"stringValue":""}}]`:                                                                                                "attributes.a=;",
		`"attributes":[{"key":"a","value":{"arrayValue":{}}},{"key":"b","value":{"kvlistValue":{"values":[]}}}]`:                                               "attributes.a=[];attributes.b={};",
		`"attributes":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"x.y","value":{"arrayValue":{"values":[{"intValue":1},{"stringValue":"s"}]}}}]}}}]`: "attributes.a{x.y}[0]=1;attributes.a{x.y}[1]=s;",
		`"attributes":[{"key":"k","value":{"intValue":2}},{"key":"a b","value":{"intValue":1}},{"key":"k","value":{"intValue":2}}]`:                            "attributes.\"a b\"=1;attributes.k=2;attributes.k#2=2;",
	} {
		if got, err := itemOf(t, otlp.SignalTraces, spanJSON(members)); got != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", members, got, err, want)
		}
	}
	for members, want := range map[string]string{
		`"scale":-3,"positive":{"offset":"-2","bucketCounts":["1",2,"18446744073709551615"]}`: "positive.bucket_counts[0]=1;positive.bucket_counts[1]=2;positive.bucket_counts[2]=18446744073709551615;positive.offset=-2;scale=-3;",
		`"sum":0,"min":"-0","zeroThreshold":0,"count":"0"`:                                    "min=-0.0;sum=0.0;",
		`"exemplars":[{"asInt":"0"},{"asDouble":0}]`:                                          "exemplars[0].value=0;exemplars[1].value=0.0;",
		`"scale":2147483647,"positive":{"offset":-2147483648}`:                                "positive.offset=-2147483648;scale=2147483647;",
	} {
		if got, err := itemOf(t, otlp.SignalMetrics, pointJSON(members)); got != want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", members, got, err, want)
		}
	}
}

func TestJSONThatIsNone(t *testing.T) {
	nested := strings.Repeat(`{"arrayValue":{"values":[`, maxDepth+1) + strings.Repeat(`]}}`, maxDepth+1)
	for name, object := range map[string]string{
		"nothing":               ``,
		"an array":              `[]`,
		"no end":                `{"resourceSpans":[`,
		"two objects":           `{}{}`,
		"no comma":              `{"a":1 "b":2}`,
		"a comma too many":      `{"a":1,}`,
		"a name without quotes": `{a:1}`,
		"a bad escape":          spanJSON(`"name":"\x"`),
		"half an escape":        spanJSON(`"name":"\u12"`),
		"an open string":        `{"resourceSpans`,
		"odd hex":               spanJSON(`"traceId":"123"`),
		"no hex":                spanJSON(`"spanId":"0102030405060x08"`),
		"no Base64":             spanJSON(`"attributes":[{"value":{"bytesValue":"!"}}]`),
		"a name that is none":   spanJSON(`"name":5`),
		"a time below zero":     spanJSON(`"startTimeUnixNano":-1`),
		"half a nanosecond":     spanJSON(`"startTimeUnixNano":1.5`),
		"next to nothing":       spanJSON(`"startTimeUnixNano":1e-399`),
		"a great deal":          spanJSON(`"startTimeUnixNano":1e99`),
		"no digits":             spanJSON(`"startTimeUnixNano":"e5"`),
		"a time over 64 bits":   spanJSON(`"startTimeUnixNano":"18446744073709551616"`),
		"flags over 32 bits":    spanJSON(`"flags":4294967296`),
		"an int over 64 bits":   spanJSON(`"attributes":[{"value":{"intValue":"9223372036854775808"}}]`),
		"a list that is none":   spanJSON(`"events":{}`),
		"a message that is one": spanJSON(`"status":[]`),
		"a bool in quotes":      spanJSON(`"attributes":[{"value":{"boolValue":"true"}}]`),
		"hex floats":            spanJSON(`"attributes":[{"value":{"doubleValue":"0x1p3"}}]`),
		"what is unknown open":  `{"new":[1}`,
		"what is unknown bad":   `{"new":truth}`,
		"no value":              `{"new":}`,
		"too deep":              `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":` + nested + `}]}]}]}`,
	} {
		for sig := range otlp.Signal(otlp.NumSignals) {
			if sig != otlp.SignalTraces && !strings.Contains(object, "Logs") {
				continue
			}
			before := []byte("before")
			got, err := AppendProto(before, sig, []byte(object))
			if sig != otlp.SignalLogs && name == "too deep" {
				continue // what is unknown is not looked into
			}
			if !errors.Is(err, ErrMalformed) || !bytes.Equal(got, before) {
				t.Errorf("%s: got %q, %v, want %v", name, got, err, ErrMalformed)
			}
		}
	}
	if _, err := AppendProto(nil, otlp.NumSignals, []byte(`{}`)); err == nil {
		t.Error("JSON of a signal that does not exist is read")
	}
}

// TestUnknownMembersCount compares JSON with members that OTLP does not have.
func TestUnknownMembersCount(t *testing.T) {
	digest := func(members string) uint64 {
		b, err := AppendProto(nil, otlp.SignalTraces, []byte(spanJSON(members)))
		if err != nil {
			t.Fatal(err)
		}
		return digestOf(t, Traces, b)
	}
	list := []string{``, `"new":1`, `"new":2`, `"newer":1`, `"new":"1"`, `"new":1,"new":1`, `"new":[1,2]`, `"new":[2,1]`}
	for i, a := range list {
		for _, b := range list[:i] {
			if digest(a) == digest(b) {
				t.Errorf("%s and %s have one digest", a, b)
			}
		}
	}
	if digest(`"new":{"a": [1 ,2]},"name":"x"`) != digest(`"name":"x","new":{"a":[1,2]}`) {
		t.Error("white space in a member that is unknown counts")
	}
}

func TestMapOfPaths(t *testing.T) {
	for _, key := range append(oddTexts, "service.name", "a/b", "k.unknown", "\xff") {
		path := AttributePath("attributes", key)
		for _, after := range []string{"", "#2", "[0]", "{x}", "#value.unknown[3]"} {
			if got, ok := AttributeKey("attributes", path+after); !ok || got != key {
				t.Errorf("%q comes back from %s as %q, %t", key, path+after, got, ok)
			}
		}
	}
	for _, path := range []string{"name", "attributes", "attributes.", "attributesx.k", "events[0].attributes.k", `attributes."`} {
		if key, ok := AttributeKey("attributes", path); ok {
			t.Errorf("%s has the key %q", path, key)
		}
	}
}

func TestAttribute(t *testing.T) {
	object := `{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
		"scopeSpans":[{"scope":{"attributes":[{"key":"s","value":{"boolValue":true}}]},"spans":[{"attributes":[
		{"key":"n","value":{"intValue":"7"}},{"key":"l","value":{"arrayValue":{"values":[{"intValue":1}]}}},{"key":"e"}]}]}]}]}`
	b, err := AppendProto(nil, otlp.SignalTraces, []byte(object))
	if err != nil {
		t.Fatal(err)
	}
	var s Splitter
	err = s.Split(otlp.SignalTraces, b, func(r *Raw) error {
		for _, c := range []struct {
			m    Message
			b    []byte
			key  string
			want Value
			ok   bool
		}{
			{ResourcePart, r.Resource, "service.name", Value{otlp.KindText, "shop"}, true},
			{ScopePart, r.Scope, "s", Value{otlp.KindBool, "true"}, true},
			{Span, r.Bytes, "n", Value{otlp.KindInt, "7"}, true},
			{Span, r.Bytes, "l", Value{otlp.KindArray, ""}, true},
			{Span, r.Bytes, "e", Value{otlp.KindEmpty, ""}, true},
			{Span, r.Bytes, "service.name", Value{}, false},
			{Span, []byte{10, 1}, "n", Value{}, false},
		} {
			if got, ok := Attribute(c.m, c.b, c.key); got != c.want || ok != c.ok {
				t.Errorf("%v has %+v, %t for %s, want %+v", c.m, got, ok, c.key, c.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPathsAreBounded has a message of long keys within each other, whose paths would
// take all memory that there is.
func TestPathsAreBounded(t *testing.T) {
	var inner []byte
	for range 20000 {
		inner = appendBytes(inner, 1, appendBytes(nil, 1, []byte("k")))
	}
	long := bytes.Repeat([]byte("long"), 25000)
	kv := appendBytes(appendBytes(nil, 1, long), 2, appendBytes(nil, 6, inner))
	if _, err := AppendFields(nil, Span, appendBytes(nil, 9, kv)); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v, want %v", err, ErrTooLong)
	}
}

// TestFieldsAreSorted has enough of everything that has a number for two digits.
func TestFieldsAreSorted(t *testing.T) {
	var b []byte
	for i := range byte(30) {
		b = append(b, 0xd8, 0x01, i)
		b = appendBytes(b, 9, appendBytes(nil, 1, []byte("k")))
		b = appendBytes(b, 11, appendBytes(nil, 2, []byte{i}))
	}
	fields := fieldsOf(t, Span, b)
	if len(fields) != 90 {
		t.Errorf("got %d fields, want 90", len(fields))
	}
	for i := range len(fields) - 1 {
		if fields[i].Path >= fields[i+1].Path {
			t.Errorf("%s comes before %s", fields[i].Path, fields[i+1].Path)
		}
	}
}
