package endpoint

import "testing"

func TestSecretsAreHidden(t *testing.T) {
	s := Settings{
		Headers: []Header{{"authorization", "Bearer tok-123"}, {"user-agent", "mine/1.0"}, {"x-key", "secret"}, {"x-on", "1"}},
		Targets: []Target{{URL: "http://c/in?api=k%20ey9&x=1"}},
	}
	for in, want := range map[string]string{
		"": "",
		"bad header Authorization: Bearer tok-123": "bad header Authorization: ***",
		"token tok-123 expired":                    "token *** expired",
		"key is secret; mine/1.0 says 1":           "key is ***; mine/1.0 says 1",
		"no such path /in?api=k%20ey9&x=1":         "no such path /in?***",
		"api k ey9 is unknown":                     "api *** is unknown",
	} {
		if got := s.Redactor()(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := (&Settings{}).Redactor()("as it is"); got != "as it is" {
		t.Errorf("got %q", got)
	}
}
