package rules

import (
	"strings"
	"testing"
)

// BenchmarkUnit is the cost of rules by what they have to look at: no item is taken apart
// into fields unless it differs, or rules want to know what stands deep in it.
func BenchmarkUnit(b *testing.B) {
	const words = "span name=GET kind=SERVER ms=5 r.service.name=shop r.x=1 s.name=lib a.http.route=x a.http.method=GET a.a=1 a.b=2 a.c=3 a.d=4 e.x=1 e.y=z"
	for _, c := range []struct{ name, file, added string }{
		{"service", "filter: {drop: {service: x}}", ""},
		{"name", "filter: {drop: {name: x}}", ""},
		{"set", "attributes: {set: {x: 1}}", " a.x=1"},
		{"set resource", "resource: {set: {y: 1}}", " r.y=1"},
		{"add", "attributes: {where: {signal: traces}, add: {deployment.environment: test}}", " a.deployment.environment=test"},
		{"where attribute", "attributes: {where: {attributes: {a: 1}}, set: {x: 1}, delete: [z]}", " a.x=1"},
		{"where status", "attributes: {where: {not: {status: error}, min_duration: 1ms}, set: {x: 1}}", " a.x=1"},
		{"mask", "attributes: {mask: {match: '\\d{4}'}, truncate: 100}", ""},
		{"maybe", "attributes: {maybe: [\"k8s.*\", z]}", " a.k8s.pod=1"},
		{"name", "fields: {set: {name: x}}", " name=x"},
		{"hash", "attributes: {hash: [http.route]}", " a.http.route=" + sha256OfX},
		{"differs", "attributes: {set: {x: 1}}", ""},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := load(b, c.file).Begin(nil)
			rest := words[5:]
			if c.name == "hash" {
				rest = strings.Replace(rest, "a.http.route=x ", "", 1)
			}
			u := unit(b, words+" -> "+rest+c.added)
			b.ReportAllocs()
			for b.Loop() {
				if err := s.Unit(u); err != nil {
					b.Fatal(err)
				}
				if _, err := s.Differences(nil, u.Pairs[0].Sent, u.Pairs[0].Copies[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
