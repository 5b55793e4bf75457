package wire

import (
	"bytes"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Attributes of the usual form are stepped over. Whether one is makes no difference: a
// space makes the same attribute unusual.
func TestUsualAttributesAreReadLikeOthers(t *testing.T) {
	const id = `010203040506070A090a0b0c0d0e0f10`
	lower := strings.ToLower(id)
	for _, attr := range []string{
		`{"key":"a","value":{"stringValue":"` + lower + `"}}`,
		`{"key":"x.trace_id","value":{"stringValue":"` + lower + `"}}`,
		`{"key":"trace_id","value":{"stringValue":"` + id + `"}}`,
		`{"key":"a","value":{"stringValue":"x\"}}\\"}}`, `{"key":"a\"","value":{"intValue":"5"}}`, `{"key":"","value":{"boolValue":true}}`,
		`{"key":"a","value":{"doubleValue":1e9}}`, `{"key":"a","value":{}}`, `{"key":"a","value":null}`, `{"key":"a"}`,
		`{"key":"a","value":{"stringValue":"x"},"key":"trace_id","value":{"stringValue":"` + lower + `"}}`,
		`{"key":"a","value":{"arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"trace_id","value":{"stringValue":"` + lower + `"}}]}}]}}}`,
		`{"key":"a","value":{"intValue":"5","arrayValue":{"values":[{"kvlistValue":{"values":[{"key":"trace_id","value":{"stringValue":"` + lower + `"}}]}}]}}}`,
		`{"key":"a","value":{"stringValue":[{"key":"trace_id","value":{"stringValue":"` + lower + `"}}]}}`,
		`{"key":"a\","value":{"stringValue":"x"}}`, `{"key":"a","value":{"stringValue":"x"}`, `{"key":"a","value":{"stringValue":}}`, `{"key":"a","value":{"stringValue"`,
	} {
		// What holds no id of a trace anywhere is not looked into.
		form := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"` + id + `","attributes":[` + attr + `,{"key":"trace_id","value":{"stringValue":"` + lower + `"}}]}]}]}]}`
		usual, other := []byte(form), []byte(strings.Replace(form, attr, "{ "+attr[1:], 1))
		err, otherErr := ReKeyJSON(otlp.SignalTraces, usual, traceXor, spanXor), ReKeyJSON(otlp.SignalTraces, other, traceXor, spanXor)
		if (err == nil) != (otherErr == nil) {
			t.Errorf("%s: got %v; with a space %v", attr, err, otherErr)
		}
		if again := bytes.Replace(other, []byte("{ "), []byte("{"), 1); !bytes.Equal(usual, again) {
			t.Errorf("%s: got\n%s\nwith a space\n%s", attr, usual, other)
		}
		if err != nil && string(usual) != form {
			t.Errorf("%s: changed beside error %v", attr, err)
		}
		if err == nil && !bytes.Contains(usual, []byte(`"traceId":"`+lower[:16]+`1`)) {
			t.Errorf("%s: the trace's id is not in lower case, or the same: %s", attr, usual)
		}
	}
}
