package plan

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/redact"
)

// Redacted JSON is JSON of the same names, without what is hidden.
func TestMaskedJSON(t *testing.T) {
	for _, x := range []struct {
		hide       mask
		text, want string
	}{
		{redact.Strict, `{}`, `{}`},
		{redact.Strict, `[]`, `[]`},
		{redact.Strict, `{"a":1,"b":[2.5e1,-3,true,null],"Anna":"met Anna on 2 days"}`,
			`{"a":"<NUMBER>","b":["<NUMBER>","-<NUMBER>",true,null],"Anna":"met <NAME> on <NUMBER> days"}`},
		{redact.Basic, `{"a":1,"to":"anna@example.com","of":{"claim":"CLM-44120"}}`, `{"a":1,"to":"<EMAIL>","of":{"claim":"<CLAIM_ID>"}}`},
		{redact.Basic, `{"quote":"she said \"no\", \\ and: {","x":""}`, `{"quote":"she said \"no\", \\ and: {","x":""}`},
		{strings.ToUpper, `{"a":"\u00e9\n","b":7}`, `{"a":"É\n","b":7}`},
	} {
		got := maskedJSON(x.text, x.hide)
		if got != x.want || !json.Valid([]byte(got)) {
			t.Errorf("%s: got %s, want %s", x.text, got, x.want)
		}
	}
}
