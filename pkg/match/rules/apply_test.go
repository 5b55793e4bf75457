package rules

import (
	"strings"
	"testing"
)

const (
	sha256OfX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
	sha1OfX   = "11f6ad8ec52a2984abaafd7c3b516503785c2072"
	md5OfX    = "9dd4e461268c8034f5c8564e155c67a6"
)

const redaction = "attributes:\n  level: [item, resource, scope, event]\n  keep_only: [a, b]\n  mask: {match: s}\n  summary: debug"

// operations are rules with what was sent and arrived, and what is said of it. Each is
// seen held and broken, in both directions where there are two.
var operations = []struct{ name, file, unit, want string }{
	{"no rule, same", "split: allow", "span a.x=1", ""},
	{"no rule, changed", "split: allow", "span a.x=1 -> a.x=2", "attributes.x: as sent"},
	{"no rule, gone", "split: allow", "span a.x=1 name=n -> name=n", "attributes.x: as sent"},
	{"no rule, added", "split: allow", "span name=n -> name=n a.x=1", "attributes.x: as sent"},
	{"no rule, resource", "split: allow", "span r.x=1 -> r.x=2", "resource.attributes.x: as sent"},

	{"added", "attributes:\n  add: {env: test}", "span -> a.env=test", ""},
	{"added, kept", "attributes:\n  add: {env: test}", "span a.env=prod", ""},
	{"not added", "attributes:\n  add: {env: test}", "span a.x=1 -> a.x=1", `attributes.env: "test", at 2`},
	{"added over", "attributes:\n  add: {env: test}", "span a.env=prod -> a.env=test", "attributes.env: as sent"},
	{"added otherwise", "attributes:\n  add: {env: test}", "span a.x=1 -> a.x=1 a.env=other", `attributes.env: "test", at 2`},
	{"added of another kind", "attributes:\n  add: {env: \"1\"}", "span a.x=1 -> a.x=1 a.env=1", `attributes.env: "1", at 2`},

	{"set", "attributes:\n  set: {env: 7, b: true}", "span a.env=prod -> a.env=7 a.b=true", ""},
	{"set over a list", "attributes:\n  set: {env: 7}", "span a.env=[p] -> a.env=7", ""},
	{"not set", "attributes:\n  set: {env: test}", "span a.env=prod", `attributes.env: "test", at 2`},

	{"updated", "attributes:\n  update: {env: test}", "span a.env=prod -> a.env=test", ""},
	{"nothing to update", "attributes:\n  update: {env: test}", "span a.x=1", ""},
	{"updated what was not there", "attributes:\n  update: {env: test}", "span a.x=1 -> a.x=1 a.env=test", "attributes.env: as sent"},

	{"any value", "attributes:\n  any: [host]", "span a.x=1 -> a.x=1 a.host=h", ""},
	{"any other value", "attributes:\n  any: [host]", "span a.host=1 -> a.host=h", ""},
	{"no value", "attributes:\n  any: [host]", "span a.host=1 a.x=1 -> a.x=1", "attributes.host: any value, at 2"},

	{"maybe there", "attributes:\n  maybe: [host.*]", "span a.host.x=1 a.y=1 -> a.host.z=1 a.y=1", ""},
	{"maybe others", "attributes:\n  maybe: [host.*]", "span a.y=1 -> a.hosts=1 a.y=1", "attributes.hosts: as sent"},

	{"copied", "attributes:\n  copy: {a: b}", "span a.a=1 -> a.a=1 a.b=1", ""},
	{"not copied", "attributes:\n  copy: {a: b}", "span a.a=1", "attributes.b: 1, at 2"},

	{"renamed", "attributes:\n  rename: {a: b}", "span a.a=[x] -> a.b=[x]", ""},
	{"renamed over", "attributes:\n  rename: {a: b}", "span a.a=1 a.b=2 -> a.b=1", ""},
	{"nothing renamed", "attributes:\n  rename: {a: b}", "span a.b=2", ""},
	{"not renamed", "attributes:\n  rename: {a: b}", "span a.a=1", "attributes.a: not there, at 2; attributes.b: 1, at 2"},

	{"deleted", "attributes:\n  delete: [a, \"t.*\"]", "span a.a=1 a.t.x=1 a.t.y=2 a.k=1 -> a.k=1", ""},
	{"not deleted", "attributes:\n  delete:\n    - a\n    - \"t.*\"", "span a.a=1 a.t.x=1 a.k=1 -> a.t.x=1 a.k=1", "attributes.t.x: not there, at 4"},
	{"another deleted", "attributes:\n  delete: [a]", "span a.a=1 a.k=1 -> name=", "attributes.k: as sent"},
	{"deleted list", "attributes:\n  delete: [a]", "span a.a=[x] a.k=1 -> a.k=1", ""},
	{"dotted key is not part of another", "attributes:\n  delete: [a]", "span a.a.b=1", ""},

	{"kept only", "attributes:\n  keep_only: [a, \"t.*\"]", "span a.a=1 a.t.x=1 a.k=1 -> a.a=1 a.t.x=1", ""},
	{"any value, then not kept", "attributes:\n  any: [a]\n  keep_only: [b]", "span a.a=1 -> a.a=2", "attributes.a: not there, at 3"},
	{"any value, then masked", "attributes:\n  any: [a.b]\n  mask: {keys: [\"a.*\"]}", "span a.a.b=1 -> a.a.b=2", ""},
	{"kept too much", "attributes:\n  keep_only: [a]", "span a.a=1 a.k=1", "attributes.k: not there, at 2"},
	{"kept too little", "attributes:\n  keep_only: [a]", "span a.a=1 a.k=1 -> name=", "attributes.a: as sent"},

	{"hashed", "attributes:\n  hash: [a]", "span a.a=x -> a.a=" + sha256OfX, ""},
	{"hashed otherwise", "attributes:\n  hash: [a]", "span a.a=x -> a.a=" + sha1OfX, `attributes.a: "` + sha256OfX + `", at 2`},
	{"not hashed", "attributes:\n  hash: [a]", "span a.a=x", `attributes.a: "` + sha256OfX + `", at 2`},
	{"sha1", "attributes:\n  hash: {keys: [a], algorithm: sha1}", "span a.a=x -> a.a=" + sha1OfX, ""},
	{"md5", "attributes:\n  hash: {keys: a, algorithm: md5}", "span a.a=x -> a.a=" + md5OfX, ""},
	{"nothing to hash", "attributes:\n  hash: [a]", "span a.b=x", ""},

	{"masked", "attributes:\n  mask: {match: '\\d{4,}'}", "span a.a=card-12345-x -> a.a=card-****-x", ""},
	{"not masked", "attributes:\n  mask: {match: '\\d{4,}'}", "span a.a=card-12345", `attributes.a: "card-****", at 2`},
	{"masked without cause", "attributes:\n  mask: {match: '\\d{4,}'}", "span a.a=card-1 -> a.a=****", "attributes.a: as sent"},
	{"masked keys", "attributes:\n  mask: {keys: [\"*token*\"], with: \"-\"}", "span a.my.token.x=1 a.b=c -> a.my.token.x=- a.b=c", ""},

	{"masked by a hash", "attributes:\n  mask: {match: x, hash: md5}", "span a.a=axb -> a.a=a" + md5OfX + "b", ""},
	{"list masked", "attributes:\n  mask: {keys: [a]}", "span a.a=[x] -> a.a=****", ""},
	{"texts in a list are not masked", "attributes:\n  mask: {match: x}\n  truncate: 1", "span a.a=[xy]", ""},
	{"list hashed", "attributes:\n  hash: [a]", "span a.a=[x] -> a.a=", ""},
	{"list not masked", "attributes:\n  mask: {keys: [a]}", "span a.a=[x]", `attributes.a: "****", at 2; attributes.a[0]: not there, at 2`},
	{"summary", redaction, "span r.a=xs a.a=xs a.b=sx a.c=1 a.d=1 e.a=s -> r.a=x**** r.redaction.masked.count=1 r.redaction.masked.keys=a " +
		"a.a=x**** a.b=****x a.redaction.masked.count=2 a.redaction.masked.keys=a,b a.redaction.redacted.count=2 a.redaction.redacted.keys=c,d " +
		"e.a=**** e.redaction.masked.count=1 e.redaction.masked.keys=a", ""},
	{"no summary", redaction, "span a.a=xs -> a.a=x****", "attributes.redaction.masked.count: 1, at 5; " +
		`attributes.redaction.masked.keys: "a", at 5`},
	{"a summary of nothing", redaction, "span a.a=x -> a.a=x a.redaction.masked.count=0", "attributes.redaction.masked.count: as sent"},
	{"cut", "attributes:\n  truncate: 3", "span a.a=abcdef a.n=12345 -> a.a=abc a.n=12345", ""},
	{"cut at a character", "attributes:\n  truncate: 3", "span a.a=aéé -> a.a=aé", ""},
	{"cut by characters", "attributes:\n  truncate: {limit: 2, unit: characters}", "span a.a=ééé -> a.a=éé", ""},
	{"not cut", "attributes:\n  truncate: 3", "span a.a=abcdef", `attributes.a: "abc", at 2`},
	{"cut too short", "attributes:\n  truncate: 3", "span a.a=abcdef -> a.a=ab", `attributes.a: "abc", at 2`},
	{"cut other keys", "attributes:\n  truncate: {limit: 1, keys: [a]}", "span a.a=xx a.b=yy -> a.a=x a.b=yy", ""},

	{"in the order of the file", "attributes:\n  - rename: {a: b}\n  - hash: [b]", "span a.a=x -> a.b=" + sha256OfX, ""},
	{"in the order of keys", "attributes:\n  set: {a: abcdef}\n  truncate: 3", "span name=x -> name=x a.a=abc", ""},

	{"resource", "resource:\n  add: {a: 1}\n  any: [b]", "span r.c=1 -> r.c=1 r.a=1 r.b=x", ""},
	{"resource without", "resource:\n  add: {a: 1}\n  any: [b]", "span r.c=1",
		"resource.attributes.a: 1, at 2; resource.attributes.b: any value, at 3"},
	{"resource by level", "attributes:\n  level: resource\n  delete: [c]", "span r.c=1 a.c=1 -> a.c=1", ""},
	{"scope", "attributes:\n  level: scope\n  set: {c: 2}", "span s.c=1 s.name=n -> s.c=2 s.name=n", ""},
	{"event", "attributes:\n  level: event\n  set: {c: 2}\n  delete: [d]", "span e.d=1 -> e.c=2", ""},
	{"event not changed", "attributes:\n  level: event\n  set: {c: 2}\n  delete: [d]", "span e.d=1",
		"events[0].attributes.c: 2, at 3; events[0].attributes.d: not there, at 4"},

	{"condition holds", "attributes:\n  where: {name: a*}\n  set: {c: 2}", "span name=abc -> name=abc a.c=2", ""},
	{"condition does not hold", "attributes:\n  where: {name: a*}\n  set: {c: 2}", "span name=bc -> name=bc a.c=2", "attributes.c: as sent"},
	{"of another signal", "attributes:\n  where: {signal: logs}\n  set: {c: 2}", "span name=bc", ""},

	{"field set", "fields:\n  where: {kind: client}\n  set: {name: new, status.code: ok, kind: server}",
		"span name=old kind=CLIENT status=ERROR -> name=new kind=SERVER status=OK", ""},
	{"field not set", "fields:\n  set: {name: new}", "span name=old", `name: "new", at 2`},
	{"field any", "fields:\n  any: [name]", "span name=old -> name=new", ""},
	{"field deleted", "fields:\n  delete: [severity_text]", "log text=x body=b -> body=b", ""},
	{"field not deleted", "fields:\n  delete: [severity_text]", "log text=x body=b", "severity_text: not there, at 2"},
	{"field masked", "fields:\n  mask: {keys: [body], match: '\\d+'}", "log body=a1b -> body=a****b", ""},
	{"fields of two levels masked", "fields:\n  mask: {keys: [scope.name, body], match: x}", "log body=axb s.name=x -> body=a****b s.name=****", ""},
	{"a glob of fields stays at its level", "fields:\n  maybe: [\"*\"]", "log body=x s.name=x -> body=y s.name=y", "scope.name: as sent"},
	{"value not deleted", "fields:\n  delete: [value]", "point name=m value=3", "value: not there, at 2"},
	{"body set", "fields:\n  set: {body: x}", "log body=map -> body=x", ""},
	{"body not set", "fields:\n  set: {body: x}", "log body=map", `body: "x", at 2; body{x}: not there, at 2`},
	{"severity set", "fields:\n  set: {severity_number: warn}", "log severity=INFO -> severity=WARN", ""},

	{"temporality", "metrics: {temporality: delta}", "point name=m temporality=CUMULATIVE value=9 -> name=m temporality=DELTA value=4", ""},
	{"temporality as it was", "metrics: {temporality: delta}", "point name=m temporality=DELTA value=9 -> name=m temporality=DELTA value=4", "value: as sent"},
	{"temporality not converted", "metrics: {temporality: delta}", "point name=m temporality=CUMULATIVE value=9",
		"metric.aggregation_temporality: DELTA, at 1"},
	{"aggregated away", "metrics: {aggregate_away: [h]}", "point name=m a.h=1 a.k=1 value=9 -> name=m a.k=1 value=20", ""},
	{"not aggregated away", "metrics: {aggregate_away: [h]}", "point name=m a.h=1 value=9", "attributes.h: not there, at 1"},

	{"sampler's mark", "sample: {rate: 1, consistent: {mode: proportional}}", "span name=x -> name=x trace_state=ot=th:0", ""},
	{"a mark without a sampler", "split: allow", "span name=x -> name=x trace_state=ot=th:0", "trace_state: as sent"},
}

func TestOperations(t *testing.T) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			got := strings.Join(differ(t, load(t, o.file), unit(t, o.unit)), "; ")
			if got != o.want {
				t.Errorf("%s\n%s\n got %q\nwant %q", o.file, o.unit, got, o.want)
			}
		})
	}
}
