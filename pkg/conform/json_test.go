package conform

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// texts are JSON and not.
var texts = []string{
	``, ` `, `{}`, `[]`, `[[]]`, `{"a":{}}`, `[{},[],""]`, `null`, `nul`, `true`, `tru`, `false `, ` 0`, `-0`, `00`, `01`, `-`, `1.`, `1.5`, `.5`,
	`1e5`, `1E+5`, `1e`, `1e+`, `-1.25e-7`, `"a`, `"a"`, `"\n"`, `"\x"`, `"\u12"`, `"\u12aF"`, "\"\n\"", `"\"`, `"\\"`, `[1,]`, `[,1]`, `[1 2]`, `{"a"}`,
	`{"a":}`, `{"a":1,}`, `{a:1}`, `{"a":1 "b":2}`, `{"a":1,"b":[1,{"c":null}]}`, `[1][1]`, `{"a":1}}`, `[`, `{`, `{"a":[`, "\t[\r1\n]", `"é"`, "\"\xff\"",
	strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth), strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1),
	strings.Repeat(`{"a":`, maxDepth) + "1" + strings.Repeat("}", maxDepth),
}

// checkJSON holds what is taken for JSON to what another reader takes for it.
func checkJSON(t *testing.T, text []byte) {
	t.Helper()
	want := json.Valid(text) && utf8.Valid(text) && depthOf(text) <= maxDepth
	if got := isJSON(text); got != want {
		t.Errorf("%q is JSON: %t", text, got)
	}
	var a, b bytes.Buffer
	if !want || json.Compact(&a, text) != nil || json.Indent(&b, text, " ", "\t") != nil {
		return
	}
	for _, other := range [][]byte{a.Bytes(), b.Bytes()} {
		if !sameJSON(text, other) || !sameJSON(other, text) {
			t.Errorf("%q is not the same as %q", text, other)
		}
	}
	if sameJSON(text, append([]byte("["), text...)) || sameJSON(append(bytes.Clone(text), ']'), text) {
		t.Errorf("%q is the same as more", text)
	}
}

// depthOf is how far a JSON text is nested.
func depthOf(text []byte) (deepest int) {
	d := json.NewDecoder(bytes.NewReader(text))
	depth := 0
	for {
		token, err := d.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		deepest = max(deepest, depth)
	}
}

func TestJSONIsWhatOthersTakeForIt(t *testing.T) {
	for _, text := range texts {
		checkJSON(t, []byte(text))
	}
}

func TestStringsAreReadAsTheyAreMeant(t *testing.T) {
	for spelt, want := range map[string]string{"": "", "a": "a", `a\"b`: `a"b`, `\u0041\n`: "A\n", "é": "é", `\ud83d\ude00`: "\U0001f600"} {
		if got := string(plain([]byte(spelt))); got != want {
			t.Errorf("%q is read as %q, want %q", spelt, got, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range texts {
		f.Add([]byte(text))
	}
	f.Fuzz(checkJSON)
}

// FuzzMessages reads whatever somebody may take for messages. What is taken for
// some is JSON, and what is kept of it stands in it.
func FuzzMessages(f *testing.F) {
	for _, text := range append(texts, question, choice, history, answer,
		`[{"role":"user","parts":[{"type":"compaction"},{"type":"generic","x":[1]},{"type":"uri","modality":"image","uri":"u"}],"name":"n"}]`,
		`[{"role":"tool","parts":[{"type":"tool_call_response","response":null,"id":null}]}]`,
		`[{"parts":[{"content":"a","type":"text"}],"finish_reason":null,"role":"user"}]`) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var s speech
		m, err := s.read(text)
		if m.known != (err == nil) {
			t.Errorf("known %t, and the error is %v", m.known, err)
		}
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Errorf("%q are messages and no JSON", text)
		}
		var list []struct {
			Role  string
			Parts []map[string]any
		}
		if err := json.Unmarshal(text, &list); err != nil || len(list) != m.len() {
			t.Errorf("%q has %d messages, others read %d, %v", text, m.len(), len(list), err)
		}
		for i, x := range s.of(m) {
			if len(list[i].Parts) != int(x.last-x.first) || utf8.Valid(x.role) && string(plain(x.role)) != list[i].Role {
				t.Errorf("message %d of %q: %d parts of %q, want %d of %q", i, text, x.last-x.first, x.role, len(list[i].Parts), list[i].Role)
			}
		}
		_ = definitions(text)
		_ = s.instructions(text)
	})
}
