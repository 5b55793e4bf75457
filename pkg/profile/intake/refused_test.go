package intake

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/internal/captures"
	"github.com/otelsim/otelsim/pkg/internal/codec"
)

// A trace as Jaeger's page downloads it.
const jaegerFixture = `{
  "data": [
    {
      "traceID": "4bf92f3577b34da6",
      "spans": [
        {
          "traceID": "4bf92f3577b34da6", "spanID": "a1", "flags": 1, "operationName": "GET /",
          "references": [], "startTime": 1700000000000001, "duration": 1500,
          "tags": [
            {"key": "span.kind", "type": "string", "value": "server"},
            {"key": "http.status_code", "type": "int64", "value": 503},
            {"key": "http.status_message", "type": "string", "value": "busy"},
            {"key": "sampler.param", "type": "bool", "value": true},
            {"key": "ratio", "type": "float64", "value": 0.5},
            {"key": "raw", "type": "binary", "value": "AQI="},
            {"key": "big", "type": "int64", "value": 9007199254740993},
            {"key": "internal.span.format", "type": "string", "value": "proto"}
          ],
          "logs": [{"timestamp": 1700000000000501, "fields": [{"key": "event", "type": "string", "value": "retry"}, {"key": "n", "type": "int64", "value": 2}]}],
          "processID": "p1", "warnings": null
        },
        {
          "traceID": "4BF92F3577B34DA6", "spanID": "00000000000000a2", "operationName": "charge",
          "references": [
            {"refType": "FOLLOWS_FROM", "traceID": "1111", "spanID": "b1"},
            {"refType": "CHILD_OF", "traceID": "4bf92f3577b34da6", "spanID": "a1"}
          ],
          "startTime": 1700000000000101, "duration": 300,
          "tags": [
            {"key": "span.kind", "type": "string", "value": "client"}, {"key": "error", "type": "bool", "value": true},
            {"key": "otel.status_code", "type": "string", "value": "ERROR"}, {"key": "otel.status_description", "type": "string", "value": "declined"},
            {"key": "otel.library.name", "type": "string", "value": "payments"}, {"key": "otel.scope.version", "type": "string", "value": "1.2"},
            {"key": "w3c.tracestate", "type": "string", "value": "a=b"}
          ],
          "logs": [], "processID": "p2", "warnings": null
        }
      ],
      "processes": {
        "p1": {"serviceName": "web", "tags": [{"key": "hostname", "type": "string", "value": "h1"}, {"key": "jaeger.version", "type": "string", "value": "Go-2.1"}]},
        "p2": {"serviceName": "pay", "tags": []}
      },
      "warnings": null
    }
  ],
  "total": 0, "limit": 0, "offset": 0, "errors": null
}`

const jaegerWant = `00000000000000004bf92f3577b34da6 {Orphans:0 Cycles:0 Duplicates:0 Skewed:0 Backwards:0 NoIDs:0 Damaged:0 NoTimes:0 Huge:0}
  00000000000000a1 0000000000000000 -1 false 2 2 1700000000000001000 1700000000001501000 "GET /" "busy" "" web 
    host.name 1 "h1" 0
    jaeger.version 1 "Go-2.1" 0
    service.name 1 "web" 0
    http.status_code 2 "" 1f7
    http.status_message 1 "busy" 0
    sampler.param 3 "" 1
    ratio 4 "" 3fe0000000000000
    raw 7 "\x01\x02" 0
    big 2 "" 20000000000001
    internal.span.format 1 "proto" 0
    event 1700000000000501000 "retry"
    n 2 "" 2
  00000000000000a2 00000000000000a1 0 false 3 2 1700000000000101000 1700000000000401000 "charge" "declined" "a=b" pay payments
    service.name 1 "pay" 0
    link 00000000000000000000000000001111 00000000000000b1 ""
    opentracing.ref_type 1 "follows_from" 0
`

// What Tempo answers, with ids in Base64.
const tempoFixture = `{"batches": [{
  "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "web"}}]},
  "instrumentationLibrarySpans": [{
    "instrumentationLibrary": {"name": "lib", "version": "1"},
    "spans": [{
      "traceId": "S/kvNXezTaajzpKdDg5HNg==", "spanId": "APBnqgug\u002brc=", "name": "say \"traceId\": no",
      "kind": "SPAN_KIND_SERVER", "startTimeUnixNano": "1700000000000000001", "endTimeUnixNano": "1700000000000000009",
      "attributes": [{"key": "traceId", "value": {"stringValue": "S/kvNXezTaajzpKdDg5HNg=="}}],
      "status": {"code": "STATUS_CODE_ERROR", "message": "x"}
    }]
  }]
}]}`

const tempoWant = `4bf92f3577b34da6a3ce929d0e0e4736 {Orphans:0 Cycles:0 Duplicates:0 Skewed:0 Backwards:0 NoIDs:0 Damaged:0 NoTimes:0 Huge:0}
  00f067aa0ba0fab7 0000000000000000 -1 false 2 2 1700000000000000001 1700000000000000009 "say \"traceId\": no" "x" "" web lib
    service.name 1 "web" 0
    traceId 1 "S/kvNXezTaajzpKdDg5HNg==" 0
`

// TestFixtures: traces as these two write them.
func TestFixtures(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"jaeger", jaegerFixture, jaegerWant},
		{"jaeger with a mark", "\xef\xbb\xbf" + jaegerFixture, jaegerWant},
		{"tempo", tempoFixture, tempoWant},
		{"jaeger's third API", `{"result":` + strings.Replace(tempoFixture, "batches", "resourceSpans", 1) + "}", tempoWant},
		{"jaeger's third API, as a list", `[{"result":` + strings.Replace(tempoFixture, "batches", "resourceSpans", 1) + "}]", tempoWant},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, in := read(t, captures.File(t, []byte(c.data)))
			if len(k.traces) != 1 || k.traces[0] != c.want || in.Notes() != nil {
				t.Errorf("got %s\nwant %s, notes %q", strings.Join(k.traces, ""), c.want, in.Notes())
			}
		})
	}
}

// TestRefused: what cannot be read is told with its path and place.
func TestRefused(t *testing.T) {
	good := string(spanLine(traceA, id1, "", 10, 20, ""))
	one := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(jaegerFixture), "{\n  \"data\": [\n"), "\n  ],\n  \"total\": 0, \"limit\": 0, \"offset\": 0, \"errors\": null\n}")
	for _, c := range []struct {
		name, data string
		want       []string // in the error; none: it is read
		note       string
	}{
		{"empty", "", []string{"no span", "an empty file"}, ""},
		{"white", " \n\n", []string{"no span"}, ""},
		{"text", "hello\n", []string{"text that begins with"}, ""},
		{"object", `{"a":1}` + "\n", []string{"an object of a"}, ""},
		{"only brackets", "[]", []string{"no span"}, ""},
		{"list of numbers", "[1,2]", []string{"trace 1", "Jaeger"}, ""},
		{"list of objects", `[{"a":1}]`, []string{"trace 1", "Jaeger"}, ""},
		{"no data", `{"data":[],"errors":null}`, []string{"no span"}, ""},
		{"data of another kind", `{"data":{"resultType":"matrix"}}`, []string{"trace 1", "no array"}, ""},
		{"search", `{"traces":[{"traceID":"1"}],"metrics":{}}`, []string{"a search"}, ""},
		{"status", `{"status":"error","message":"x"}`, []string{"an object of message, status"}, ""},
		{"a trace in a trace", `{"trace":{"trace":{}}}`, []string{"a trace within a trace"}, ""},
		{"garbage behind", jaegerFixture + "?", []string{"no JSON at byte", "behind 1 trace"}, ""},
		{"garbage within", strings.Replace(jaegerFixture, `"flags": 1`, `"flags": ?`, 1), []string{"no JSON at byte", "behind 0 traces"}, ""},
		{"a time that is none", strings.Replace(jaegerFixture, "1700000000000001", `"soon"`, 1), []string{"trace 1", "microseconds", `"soon"`}, ""},
		{"spans that are none", `{"data":[{"traceID":"1","spans":7}]}`, []string{"trace 1", "spans"}, ""},
		{"a batch that is none", `{"batches":[{"scopeSpans":7}]}`, []string{"trace 1", "no array"}, ""},
		{"cut", jaegerFixture[:len(jaegerFixture)/2], []string{"no span", "trace 1", "cut off"}, ""},
		{"cut behind one", `{"data": [` + one + "," + one[:300], nil, "trace 2"},
		{"cut at the end", `{"data": [` + one, nil, "trace 2"},
		{"lines, cut", good + "\n" + good[:100], nil, "message 2"},
		{"lines, damaged", good + "\n{?}\n" + good + "\n", []string{"message 2", "no JSON"}, ""},
		{"a line of Jaeger among lines", good + "\n" + strings.ReplaceAll(one, "\n", " ") + "\n", []string{"message 2", "an object of"}, ""},
		{"lines among Jaeger's", strings.ReplaceAll(one, "\n", " ") + "\n" + good + "\n", nil, ""},
		{"deep", strings.Repeat("[", 20000), []string{"depth"}, ""},
		{"profiles", `{"resourceProfiles":[{"scopeProfiles":[]}]}` + "\n" + good, nil, "profiles"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := captures.File(t, []byte(c.data))
			in, err := Open([]string{path}, Options{TempDir: t.TempDir()})
			if err == nil {
				err = in.Each(t.Context(), new(nobody))
			}
			if (err != nil) != (c.want != nil) {
				t.Fatalf("got %v", err)
			}
			for _, want := range append(c.want, path) {
				if err != nil && !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			if err == nil && !strings.Contains(strings.Join(in.Notes(), ""), c.note) {
				t.Errorf("got notes %q, want %q", in.Notes(), c.note)
			}
		})
	}
}

// TestCutCompressed: of a compressed file that was cut there is what stands before the cut,
// however short the file is, and one line says so.
func TestCutCompressed(t *testing.T) {
	var lines, answer []byte
	for i := range 200 {
		lines = append(append(lines, spanLine(fmt.Sprintf("%032x", i*7919+1), id1, "", 10, 20, "")...), '\n')
	}
	answer = append(append([]byte("["), bytes.ReplaceAll(bytes.TrimSpace(lines), []byte("\n"), []byte(","))...), ']')
	for name, data := range map[string][]byte{"lines": lines, "answer": answer} {
		t.Run(name, func(t *testing.T) {
			packed := captures.Compress(t, codec.Gzip, data)
			k, in := read(t, captures.File(t, packed[:len(packed)/2]))
			if notes := strings.Join(in.Notes(), ";"); k.spans == 0 || k.spans == 200 || len(in.Notes()) != 1 || strings.Contains(notes, "\\n") {
				t.Errorf("got %d spans, notes %q", k.spans, notes)
			}
		})
	}
}

// TestPlaces: what is wrong with paths is told, all of it; an empty file beside others is
// a note.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(
		os.Mkdir(filepath.Join(dir, "none"), 0o777), os.Mkdir(filepath.Join(dir, "half"), 0o777), os.Mkdir(filepath.Join(dir, "some"), 0o777),
		os.WriteFile(filepath.Join(dir, "half", "partial.json"), []byte("{}"), 0o666),
		os.WriteFile(filepath.Join(dir, "some", "metrics.json"), nil, 0o666),
		os.WriteFile(filepath.Join(dir, "some", "traces.json"), append(spanLine(traceA, id1, "", 10, 20, ""), '\n'), 0o666),
		os.WriteFile(filepath.Join(dir, "some", "trace.json"), []byte(jaegerFixture), 0o666),
	); err != nil {
		t.Fatal(err)
	}
	_, err := Open([]string{filepath.Join(dir, "none"), filepath.Join(dir, "half"), filepath.Join(dir, "gone")}, Options{})
	for _, want := range []string{"no files", "corpus", "gone"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	gone := slices.Repeat([]string{filepath.Join(dir, "gone")}, 10)
	if _, err := Open(gone, Options{}); !errors.Is(err, os.ErrNotExist) || !strings.HasSuffix(err.Error(), "; and 2 more") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	if _, err := Open([]string{filepath.Join(dir, "some"), filepath.Join(dir, "some", "traces.json")}, Options{}); err == nil || !strings.Contains(err.Error(), "read once") {
		t.Errorf("got %v", err)
	}
	k, in := read(t, filepath.Join(dir, "some"))
	if len(k.traces) != 2 || k.spans != 3 || len(in.Notes()) != 1 || !strings.Contains(in.Notes()[0], "metrics.json: an empty file") {
		t.Errorf("got %d traces, %d spans, %q", len(k.traces), k.spans, in.Notes())
	}
}

// TestLongTrace: a trace over the limit is told, and takes no more memory.
func TestLongTrace(t *testing.T) {
	d := &limited{from: bytes.NewReader(make([]byte, 100)), left: 10}
	b := make([]byte, 100)
	if n, err := d.Read(b); n != 10 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	if _, err := d.Read(b); err != errLong || !strings.Contains(fmt.Sprint(err), "67") {
		t.Errorf("got %v", err)
	}
}

// TestNoRoom: a folder that is not there for the temporary file is told.
func TestNoRoom(t *testing.T) {
	in, err := Open([]string{captures.File(t, spanLine(traceA, id1, "", 10, 20, ""))}, Options{TempDir: filepath.Join(t.TempDir(), "gone")})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Each(t.Context(), new(nobody)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
