package rules

import "testing"

// BenchmarkUnit is the cost of rules by what they have to look at: an item is decoded
// once, whatever the number of rules.
func BenchmarkUnit(b *testing.B) {
	const words = "span name=GET kind=SERVER ms=5 r.service.name=shop r.x=1 s.name=lib a.http.route=x a.http.method=GET a.a=1 a.b=2 a.c=3 a.d=4 e.x=1 e.y=z"
	for _, c := range []struct{ name, file, added string }{
		{"service", "filter: {drop: {service: x}}", ""},
		{"name", "filter: {drop: {name: x}}", ""},
		{"set", "attributes: {set: {x: 1}}", " a.x=1"},
		{"set resource", "resource: {set: {y: 1}}", " r.y=1"},
	} {
		b.Run(c.name, func(b *testing.B) {
			s := load(b, c.file).Begin(nil)
			u := unit(b, words+" -> "+words[5:]+c.added)
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
