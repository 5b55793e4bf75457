package rules

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// conditions with an item that each holds for and one that it does not.
var conditions = []struct{ condition, holds, not string }{
	{"signal: logs", "log name=x", "span name=x"},
	{"signal: [logs, metrics]", "point name=x", "span name=x"},
	{"name: GET", "span name=GET", "span name=x"},
	{"name: \"GE*\"", "span name=GET", "span name=xGET"},
	{"name: \"G?T\"", "span name=GET", "span name=GT"},
	{"name: \"a.b*\"", "span name=a.bc", "span name=axbc"},
	{"name: {regexp: \"E.$\"}", "span name=GET", "span name=GETS"},
	{"name: {equals: \"a*\"}", "span name=a*", "span name=ab"},
	{"name: [a, \"b*\"]", "span name=bc", "span name=ac"},
	{"name: m*", "point name=m1", "point name=x"},
	{"name: m*", "log name=m1", "log body=m1"},
	{"service: shop", "log r.service.name=shop", "log r.service.name=shops"},
	{"service: {exists: false}", "log name=a", "log r.service.name=shops"},
	{"scope: lib", "point s.name=lib", "point s.name=other"},
	{"kind: server", "span kind=SERVER", "span kind=CLIENT"},
	{"kind: [server, client]", "span kind=CLIENT", "span kind=INTERNAL"},
	{"kind: unspecified", "span name=a", "span kind=CLIENT"},
	{"status: error", "span status=ERROR", "span status=OK"},
	{"status: unset", "span name=a", "span status=OK"},
	{"severity: warn", "log severity=WARN3", "log severity=ERROR"},
	{"min_severity: warn", "log severity=ERROR", "log severity=INFO4"},
	{"min_severity: trace", "log severity=TRACE", "log name=a"},
	{"body: \"*card*\"", "log body=mycard1", "log body=cart"},
	{"attributes: {a: x}", "span a.a=x", "span a.a=y"},
	{"attributes: {a: 5}", "span a.a=5", "span a.a=6"},
	{"attributes: {a: 5.0}", "span a.a=5", "span a.a=x"},
	{"attributes: {a: true}", "span a.a=true", "span a.a=false"},
	{"attributes: {a: {exists: true}}", "span a.a=x", "span a.b=y"},
	{"attributes: {a: {exists: false}}", "span a.b=x", "span a.a=y"},
	{"attributes: {a: {min: 500}}", "point a.a=500", "point a.a=499"},
	{"attributes: {a: {min: 1, max: 3}}", "point a.a=3", "point a.a=4"},
	{"attributes: {a: {max: 3}}", "point a.a=3", "point a.a=x"},
	{"attributes: {a: x, b: y}", "log a.a=x a.b=y", "log a.a=x a.b=z"},
	{"resource: {a: x}", "log r.a=x", "log a.a=x"},
	{"min_duration: 2ms", "span ms=2", "span ms=1"},
	{"max_duration: 2ms", "span ms=2", "span ms=3"},
	{"not: {name: a}", "span name=b", "span name=a"},
	{"{name: a, status: error}", "span name=a status=ERROR", "span name=a"},
	{"any_of: [{name: a}, {status: error}]", "span name=b status=ERROR", "span name=b"},
}

func TestConditions(t *testing.T) {
	for _, c := range conditions {
		text := c.condition
		if text[0] != '{' {
			text = "{" + text + "}"
		}
		r := load(t, "filter:\n  drop:\n    - "+text)
		if got := wants(t, r.Begin(nil), unit(t, c.holds)); got != "absent 3" {
			t.Errorf("%s, %s: %s", c.condition, c.holds, got)
		}
		if got := wants(t, r.Begin(nil), unit(t, c.not)); got != "there" {
			t.Errorf("%s, %s: %s", c.condition, c.not, got)
		}
	}
}

// TestHashesOfValues has what Python's hashlib makes of the bytes.
func TestHashesOfValues(t *testing.T) {
	for _, c := range []struct {
		algorithm string
		value     form.Value
		want      string
	}{
		{"sha256", form.Value{Kind: otlp.KindText, Text: "x"}, sha256OfX},
		{"sha256", form.Value{Kind: otlp.KindInt, Text: "7"}, "aae89fc0f03e2959ae4d701a80cc3915918c950b159f6abb6c92c1433b1a8534"},
		{"sha256", form.Value{Kind: otlp.KindBool, Text: "true"}, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"},
		{"sha256", form.Value{Kind: otlp.KindBool, Text: "false"}, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
		{"sha256", form.Value{Kind: otlp.KindDouble, Text: "1.5"}, "e163f8cb0f7067a7fc78ca859a77f849aea3214f38fb75b884e4a16be725c905"},
		{"sha256", form.Value{Kind: otlp.KindBytes, Text: "00"}, ""},
		{"sha1", form.Value{Kind: otlp.KindText, Text: "x"}, sha1OfX},
		{"md5", form.Value{Kind: otlp.KindText, Text: "x"}, md5OfX},
		{"sha3_256", form.Value{Kind: otlp.KindText, Text: "x"}, "741efa311f97686956946758e0d95f70f11ff2da4f2feb7c54314f44134ac49f"},
		{"sha512", form.Value{Kind: otlp.KindText, Text: "x"}, "a4abd4448c49562d828115d13a1fccea927f52b4d5459297f8b43e42da89238b" +
			"c13626e43dcb38ddb082488927ec904fb42057443983e88585179d50551afe62"},
	} {
		if got := hashes[c.algorithm].of(c.value); got != (form.Value{Kind: otlp.KindText, Text: c.want}) {
			t.Errorf("%s of %+v: got %+v", c.algorithm, c.value, got)
		}
	}
}
