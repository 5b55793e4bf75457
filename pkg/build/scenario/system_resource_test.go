package scenario

import (
	"strings"
	"testing"
)

// TestMistakesInResources are told where they stand.
func TestMistakesInResources(t *testing.T) {
	const text = `name: a
values:
  word: [a, b]
  id: {pattern: "{hex:8}"}
  pool: {pattern: "{hex:8}", pool: 1001}
  count: {distribution: poisson, mean: 3}
services:
  web:
    attributes: {x: ATTRIBUTE}
    operations:
      GET /:
        attributes: {w: {use: word}, i: {use: id}, p: {use: pool}, c: {use: count}}
        resource: {RESOURCE: y}
        calls: [db.get]
  db: {protocol: db, operations: {get: DB}}
`
	for _, c := range []struct{ attribute, resource, db, want string }{
		{"y", "z", "", ""},
		{"{use: word}", "x", "", ""},
		{"{use: wrd}", "z", "", `a.yaml:9:27: services.web.attributes.x.use: unknown value "wrd"; did you mean "word"? allowed: count, id, pool, word`},
		{"{use: id}", "z", "", `a.yaml:9:27: services.web.attributes.x.use: value "id" has any number of texts, and each makes a resource: give it a list of words, or a pattern with a pool of up to 1000`},
		{"{use: pool}", "z", "", `a.yaml:9:27: services.web.attributes.x.use: value "pool" has any number of texts, and each makes a resource: give it a list of words, or a pattern with a pool of up to 1000`},
		{"{use: count}", "z", "", `a.yaml:9:27: services.web.attributes.x.use: value "count" has any number of texts, and each makes a resource: give it a list of words, or a pattern with a pool of up to 1000`},
		{"{pattern: '{hex:8}'}", "z", "", ""},
		{"{pattern: 'n-{hex:8}', pool: 3}", "z", "", ""},
		{"{pattern: '{word}'}", "z", "", `a.yaml:9:31: services.web.attributes.x.pattern: {word} is a value, which changes while an instance stays what it is; use one in its place`},
		{"{pattern: '{hex:8}', zipf: 1}", "z", "", "a.yaml:9:42: unknown key \"zipf\"; allowed: pattern, pool\na.yaml:9:48: services.web.attributes.x.zipf: is about a pool: say how many values there are"},
		{"{distribution: poisson, mean: 3}", "z", "", `a.yaml:9:21: services.web.attributes.x: want text, {use: NAME} of a value, or a pattern of which each instance has a text: a resource has no other values of its own`},
		{"y", "service.name", "", `a.yaml:13:20: attribute service.name: a span is of the service that it stands in`},
		{"y", "service.instance.id", "", `a.yaml:13:20: attribute service.instance.id: follows from the instances of the service`},
		{"y", "z", "{resource: {x: y}}", `a.yaml:15:51: services.db.operations.get.resource: a db has no spans of its own, so nothing is known of what it does`},
	} {
		file := strings.NewReplacer("ATTRIBUTE", c.attribute, "RESOURCE", c.resource, "DB", c.db).Replace(text)
		_, got := parse(t, file)
		if got := strings.Join(got, "\n"); got != c.want {
			t.Errorf("%v: got\n%s\nwant\n%s", c, got, c.want)
		}
	}
}
