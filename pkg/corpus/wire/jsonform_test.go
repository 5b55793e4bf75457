package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// asJSON returns m as OTLP/JSON: protobuf JSON with integer enums, and hex for
// the base64 of ids.
func asJSON(t testing.TB, m proto.Message) []byte {
	t.Helper()
	text, err := protojson.MarshalOptions{UseEnumNumbers: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(hexIDs(t, tree)); err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func hexIDs(t testing.TB, v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = hexIDs(t, v[i])
		}
	case map[string]any:
		for k, e := range v {
			if k == "traceId" || k == "spanId" || k == "parentSpanId" {
				raw, err := base64.StdEncoding.DecodeString(e.(string))
				if err != nil {
					t.Fatal(err)
				}
				v[k] = hex.EncodeToString(raw)
				continue
			}
			v[k] = hexIDs(t, e)
		}
	}
	return v
}
