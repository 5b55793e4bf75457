package privacy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

func policy(t *testing.T, o Options) *Policy {
	t.Helper()
	if o.Public == nil {
		o.Public = Bundled()
	}
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// of makes an attribute of values, each in so many traces of its own.
func of(kind otlp.Kind, values map[string]int) *profile.Attribute {
	a := &profile.Attribute{Values: sketch.NewValues(128), Lengths: new(sketch.Numbers)}
	trace := uint64(0)
	texts := make([]string, 0, len(values))
	for text := range values { // order-free: sorted below
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range texts {
		for range values[text] {
			trace++
			a.Values.Add(kind, []byte(text), trace)
			a.Lengths.Add(float64(len(text)))
			a.Present++
			a.Kinds[kind]++
		}
	}
	a.Traces = trace
	return a
}

// many makes an attribute of so many texts, each in one trace.
func many(format string, n int) *profile.Attribute {
	values := make(map[string]int)
	for i := range n {
		values[fmt.Sprintf(format, (uint64(i)+1)*0x9e3779b97f4a7c15>>32)] = 1
	}
	return of(otlp.KindString, values)
}

// said is all texts of a spec.
func said(s Spec) string {
	out := s.Text
	for _, v := range s.Values {
		out += "|" + v.Text
	}
	return out
}

// manyTimes returns so many values of a format, some numbers apart, of 40 traces each.
func manyTimes(format string, n, step int) *profile.Attribute {
	values := make(map[string]int)
	for i := range n {
		values[fmt.Sprintf(format, (i+1)*step)] = 40
	}
	return of(otlp.KindString, values)
}

func TestValues(t *testing.T) {
	p := policy(t, Options{Allow: []string{"shop.open"}, Deny: []string{"shop.closed*"}})
	for _, test := range []struct {
		name, key string
		a         *profile.Attribute
		how       How
		want      string
	}{
		{"kept", "shop.plan", of(otlp.KindString, map[string]int{"free": 40, "paid": 10}), Categorical, "|free|paid"},
		{"one", "shop.plan", of(otlp.KindString, map[string]int{"free": 40}), Constant, "|free"},
		{"rare", "shop.plan", of(otlp.KindString, map[string]int{"free": 40, "acme": 9, "bolt": 2}), Categorical, "|free|other-1|other-2"},
		{"rare beside what stood for such values", "shop.plan", of(otlp.KindString, map[string]int{"other-1": 40, "other-3": 30, "acme": 9, "bolt": 2}), Categorical, "|other-1|other-3|other-2|other-4"},
		{"mostly rare", "shop.plan", of(otlp.KindString, map[string]int{"free": 10, "acme": 9, "bolt": 7}), Pattern, "{word:4}"},
		{"few traces", "shop.plan", of(otlp.KindString, map[string]int{"free": 9}), Left, ""},
		{"public", "http.request.method", of(otlp.KindString, map[string]int{"GET": 40, "PUT": 1}), Categorical, "|GET|PUT"},
		{"mail", "shop.plan", of(otlp.KindString, map[string]int{"bob@acme.com": 40}), Pattern, "{word:3}@{word:4}.com"},
		{"address", "server.address", of(otlp.KindString, map[string]int{"db7": 40}), Pattern, "db{digits:1}"},
		{"secret key", "user.name", of(otlp.KindString, map[string]int{"Bob": 40}), Pattern, "{word:3}"},
		{"numbers in texts", "shop.order", many("ord-%08x", 300), Pattern, "ord-{hex:8}"},
		{"uuid", "shop.order", many("7c9e6679-7425-40de-944b-e07f%08x", 300), Pattern, "{uuid}"},
		{"free by key", "db.query.text", of(otlp.KindString, map[string]int{"SELECT x": 40}), Constant, "|some tex"},
		{"free and allowed", "shop.open.message", of(otlp.KindString, map[string]int{"Bob paid": 40}), Constant, "|a some t"},
		{"free once more", "exception.message", of(otlp.KindString, map[string]int{"SELECT x": 40, "Bob paid": 20}), Categorical, "|some tex|a some t"},
		{"free by look", "shop.plan", of(otlp.KindString, map[string]int{"call Bob at home": 40}), Constant, "|some text of the"},
		{"a list of words", "shop.steps", of(otlp.KindString, map[string]int{`["look_up","call_tool","call_tool","call_tool","answer","call_tool","end"]`: 40, `["answer"]`: 90}), Categorical,
			`|["answer"]|["look_up","call_tool","call_tool","call_tool","answer","call_tool","end"]`},
		{"a list of text", "shop.steps", of(otlp.KindString, map[string]int{`["look_up","call Bob","call_tool","call_tool","answer","call_tool","end"]`: 40, `["answer"]`: 90}), Categorical, `|["answer"]|other-1`},
		{"what was done with an id", "shop.session_id.action", of(otlp.KindString, map[string]int{"passed on": 40}), Constant, "|passed on"},
		{"allowed", "shop.open", of(otlp.KindString, map[string]int{"call Bob at home": 4}), Constant, "|call Bob at home"},
		{"alike but for digits", "shop.item", manyTimes("it-%06x", 24, 630_000), Pattern, "it-{hex:6}"},
		{"few alike but for digits", "shop.region", manyTimes("eu-%d", 4, 1), Categorical, "|eu-1|eu-2|eu-3|eu-4"},
		{"denied", "shop.closed.too", of(otlp.KindString, map[string]int{"free": 40}), Left, ""},
		{"bool", "shop.open.now", of(otlp.KindBool, map[string]int{"true": 40, "false": 1}), Categorical, "|true|false"},
		{"few ints", "shop.items", of(otlp.KindInt, map[string]int{"1": 40, "2": 10, "977": 1}), Categorical, "|1|2"},
		{"array", "shop.items", of(otlp.KindArray, map[string]int{"x": 40}), Left, ""},
	} {
		s := p.Values(test.key, test.a, 0)
		if s.How != test.how || said(s) != test.want {
			t.Errorf("%s: got %d %q, want %d %q", test.name, s.How, said(s), test.how, test.want)
		}
		if s.How == Left && s.Reason == "" {
			t.Errorf("%s: no reason", test.name)
		}
	}
}

// TestForms: what looks like an id, and what only resembles one.
func TestForms(t *testing.T) {
	for text, want := range map[string]Form{
		"7C9e6679-7425-40de-944b-e07fc1f90ae7": UUID, "deadbeef": None, "deadbee1": Hex, "x-4bf92f3577b34da6": Hex, "12345": Digits, "order 123456": Digits, "8080": None,
		"+49 170 1234": Digits, "1234.5678.9012": Digits, "555.123.4567": Digits, "usr_48_15_16_234": Digits, "181/815/0815": Digits, "10.0.190.41": IP, "4111 1111 1111 1111": Digits, "2026-01-31": Date, "2026-01-31T10:00:00Z": Date, "v1.24.3": None, "HTTP/1.1": None,
		"bob@acme.com": Email, "mailto:b.o+b@mail.acme.co.uk": Email, "bob%40acme.com": Email, "10.0.0.1": IP, "10.0.0.1:80": IP, "fe80::1": IP, "[::1]:4317": IP,
		"2001:db8:0:0:0:0:2:1": IP, "a::b": None, "std::vector": None, "00:1b:44:11:3a:b7": IP, "ip-10-0-0-1": IP, "db-01.prod.internal": Host, "checkout-7d9f8b6c5d-x2x4z": Host,
		"payments.internal": None, "/home/bob/x": Home, `C:\Users\bob`: Home, "/Users/bob": Home, "/usr/lib/x": None, "~bob/x": Home,
		"eyJhbGciOi.eyJzdWIi.c2ln": Token, "AKIAIOSFODNN7EXAMPLE": Token, "ghp_16C7e42F292c6912E7": Token, "sk-abcdef": Token, "Bearer abcdef123": Token, "xoxb-1-2": Token,
		"a8Fj3kQ9zL1mX7pR": Token, "https://a/b?token=x": Query, "postgres://bob:pw@db/x": Query, "GET /orders": None, "com.acme.http2.Client": None, "com.acme.s3.internal.Client": None, "k8s.io/client": None, "checkout:50051": None, "checkout:500512": Digits, "db3.acme.com": Host,
		"node-4a.acme.io:80": Host, "1.2.3": None, "999.1.1.1": None, "api.v2.Orders": None, "orders_v12": None, "2.0.1-beta4": None, "eu-west-1": None, "utf-8": None, "Checkout": None,
	} {
		if got := FormOf(text); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}

// TestKeysOfSecrets: keys are told by their words, however these are joined.
func TestKeysOfSecrets(t *testing.T) {
	for key, want := range map[string]bool{
		"user_id": true, "app.userId": true, "UserID": true, "userid": true, "sessionId": true, "app.HTTPSessionID": true, "customer-id": true, "accountIds": true, "clientIPAddress": true,
		"accessToken": true, "emailAddress": true, "user email": true, "firstName": true, "app.last_name": true, "patient.name": true, "ownerName": true, "JSESSIONID": true, "geo.location.lat": true,
		"productId": false, "identity": false, "userAgentFamily": false, "service.name": false, "customer.name": false, "maxTokens": false, "span.kind": false, "session.id.action": false, "emailing": false, "grid": false, "valid": false,
	} {
		if got := SecretKey(key); got != want {
			t.Errorf("%s: %v", key, got)
		}
	}
	for key, want := range map[string]bool{"error.message": true, "errorMessage": true, "app.requestBody": true, "SQL": true, "messageCount": false, "app.contextual": false} {
		if got := profile.FreeText(key); got != want {
			t.Errorf("%s: free text %v", key, got)
		}
	}
}

func TestNames(t *testing.T) {
	p := policy(t, Options{})
	for _, test := range []struct {
		text   string
		traces uint64
		want   string
	}{
		{"GET /orders/{digits}", 10, "GET /orders/{digits}"}, {"GET /orders", 9, ""}, {"GET", 1, "GET"}, {"postgresql", 1, "postgresql"},
		{"mail to bob@acme.com now", 10, "mail to {email} now"}, {"10.0.0.1:5432", 10, "{ip}:5432"}, {"job 123456 of 654321", 10, "job {digits} of {digits}"},
		{"", 10, ""}, {strings.Repeat("x", 257), 10, ""},
	} {
		if got, ok := p.Name(test.text, test.traces); got != test.want || ok != (test.want != "") {
			t.Errorf("%q of %d traces: got %q %v, want %q", test.text, test.traces, got, ok, test.want)
		}
	}
	for key, want := range map[string]bool{"http.request.method": true, "shop.plan": false, "shop.bob@acme.com": false} {
		if _, ok := p.Key(key, 9); ok != want {
			t.Errorf("%s: got %v", key, ok)
		}
	}
	if _, ok := p.Key("shop.plan", 10); !ok {
		t.Error("a key of many traces is not named")
	}
}

func BenchmarkFormOf(b *testing.B) {
	for b.Loop() {
		for _, text := range []string{"EUR", "GET /orders", "postgresql", "shop.Catalogue/GetProduct", "prd-4a5b6c", "user-8a7b6c5d"} {
			FormOf(text)
		}
	}
}

// Lists of one text are said as that text where the conventions say that it is a list.
func TestLists(t *testing.T) {
	list := func(texts ...string) string {
		out := ""
		for _, x := range texts {
			value := "\x0a" + string(rune(len(x))) + x
			out += "\x0a" + string(rune(len(value))) + value
		}
		return out
	}
	one := of(otlp.KindArray, map[string]int{list("stop"): 60, list("tool_calls"): 40})
	s := policy(t, Options{}).Values("gen_ai.response.finish_reasons", one, 0)
	if s.How != Categorical || s.Kind != otlp.KindString || len(s.Values) != 2 || s.Values[0] != (Value{"stop", 60}) || s.Values[1] != (Value{"tool_calls", 40}) {
		t.Errorf("got %+v", s)
	}
	if s := policy(t, Options{}).Values("gen_ai.response.finish_reasons", of(otlp.KindArray, map[string]int{list("a7f3"): 3, list("stop"): 60}), 0); strings.Contains(said(s), "a7f3") {
		t.Errorf("said what three traces have: %+v", s)
	}
	for key, a := range map[string]*profile.Attribute{
		"shop.reasons":                   one,
		"gen_ai.request.model":           one,
		"gen_ai.response.finish_reasons": of(otlp.KindArray, map[string]int{list("stop", "stop"): 60, list("stop"): 1}),
		"gen_ai.request.stop_sequences":  of(otlp.KindArray, map[string]int{"": 60}),
		"process.command_args":           of(otlp.KindArray, map[string]int{"\x0a\x03\x18\x05": 30, "\x0a\x04\x0a\x03ab": 30}),
	} {
		if s := policy(t, Options{}).Values(key, a, 0); s.How != Left {
			t.Errorf("%s: got %+v", key, s)
		}
	}
}
