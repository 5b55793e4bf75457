package scenario

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// varied is a system whose operations go in several ways.
const varied = `name: varied
session: [web.GET /, {call: web.GET /, variant: quick}, {one_of: [{call: web.GET /, variant: usual}]}]
services:
  web:
    operations:
      GET /:
        own: 7
        error: 2%
        status: no luck
        attributes: {a: 1, b: 2}
        events: [{name: seen}]
        logs: [{body: "{b}"}]
        calls: [db.SELECT x, {span: s}]
        parallel: true
        variants:
          usual:
          quick: {weight: 3, latency: 2, error: {rate: 1, types: [404]}, status: gone, attributes: {b: 3, c: 4}, events: [], logs: [{body: "{c}"}], calls: [db.SELECT x]}
          turned: {weight: 0.5, parallel: false, description: one after the other}
  db: {protocol: db, operations: {SELECT x: {variants: {404: {attributes: {rows: 0}}, many: {weight: 9, own: 3}}}}}
  api: {operations: {GET /: {calls: [{call: db.SELECT x, variant: 404}, {call: db.SELECT x, variant: many, retry: {}}]}}}
`

// What a variant does not say its operation says.
func TestWhatVariantsSay(t *testing.T) {
	d, got := parse(t, varied)
	checkLines(t, got, `a.yaml:20:22: warning: operation "api.GET /": no request comes to it`)
	op := &d.System.Services[0].Operations[0]
	say := func(o *Operation) string {
		attributes := ""
		for _, a := range o.Attributes {
			attributes += fmt.Sprint(" ", a.Key, "=", a.Value)
		}
		body := ""
		for _, l := range o.Logs {
			body += l.Body
		}
		return fmt.Sprint(o.Name, " own ", o.Own, " ", o.Latency.Mean, " error ", o.Error.Rate, o.Error.Types, " ", o.Status, attributes, " events ", len(o.Events), " logs ", body,
			" calls ", len(o.Calls), " parallel ", o.Parallel)
	}
	for i, want := range []string{
		"usual 1 GET / own true 7 error 0.02 [500] no luck a=1 b=2 events 1 logs {b} calls 2 parallel true",
		"quick 3 GET / own false 2 error 1 [404] gone a=1 b=3 c=4 events 0 logs {c} calls 1 parallel true",
		"turned 0.5 GET / own true 7 error 0.02 [500] no luck a=1 b=2 events 1 logs {b} calls 2 parallel false",
	} {
		v := &op.Variants[i]
		if got := fmt.Sprint(v.Name, " ", v.Weight, " ", say(&v.Way)); got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
	}
	calls := d.System.Services[2].Operations[0].Calls
	if d.System.Session[0].Way != 0 || d.System.Session[1].Way != 2 || d.System.Session[2].Calls[0].Way != 1 || calls[0].Way != 1 || calls[1].Way != 2 {
		t.Error("a call takes another variant than the one that it names")
	}
}

// A system over another adds variants, changes and takes them away.
func TestVariantsAreLaidOverOthers(t *testing.T) {
	over := "extends: varied\nservices: {web: {operations: {GET /: {variants: {turned: , quick: {weight: 5, latency: , own: 1}, new: {status: new}}}}}}\n"
	var p input.Problems
	out := Parse([]input.File{{Name: "varied.yaml", Data: []byte(varied)}, {Name: "over.yaml", Data: []byte(over)}}, fixture(t), ParseOptions{Prefixes: prefixes}, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	for _, d := range out {
		got := ""
		for _, v := range d.System.Services[0].Operations[0].Variants {
			got += fmt.Sprint(v.Name, v.Weight, v.Way.Status, v.Way.Latency.Mean, " ")
		}
		want := "usual1no luck7 quick3gone2 turned0.5no luck7 "
		if d.Name == "over" {
			want = "usual1no luck7 quick5gone1 new1new7 "
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", d.Name, got, want)
		}
	}
}

func TestMistakesInVariants(t *testing.T) {
	for _, row := range []struct {
		why, was, is string
		want         []string
	}{
		{"a variant is misspelt", "{call: web.GET /, variant: quick}", "{call: web.GET /, variant: quikc}", []string{
			`a.yaml:2:49: session[1].variant: operation "web.GET /": unknown variant "quikc"; did you mean "quick"? allowed: quick, turned, usual`,
		}},
		{"in one_of", "variant: usual", "variant: usually", []string{
			`a.yaml:2:94: session[2].one_of[0].variant: operation "web.GET /": unknown variant "usually"; did you mean "usual"? allowed: quick, turned, usual`,
		}},
		{"of an operation without any", "calls: [db.SELECT x, {span: s}]", "calls: [{call: api.GET /, variant: many}]", []string{
			`a.yaml:13:44: services.web.operations.GET /.calls[0].variant: operation "api.GET /" has no variants`,
		}},
		{"failed attempts in a variant that is misspelt", "variant: many, retry: {}", "retry: {success_rate_per_attempt: [0.5], failed_variants: [405]}", []string{
			`a.yaml:20:152: services.api.operations.GET /.calls[1].retry.failed_variants[0]: operation "db.SELECT x": unknown variant "405"; did you mean "404"? allowed: 404, many`,
		}},
		{"failed attempts in all variants", "variant: many, retry: {}", "retry: {success_rate_per_attempt: [0.5], failed_variants: [404, many]}", []string{
			`a.yaml:20:151: services.api.operations.GET /.calls[1].retry.failed_variants: want some of the variants of "db.SELECT x", so that others are left`,
		}},
		{"failed attempts in a variant, without rates", "variant: many, retry: {}", "retry: {failed_variants: 404}", []string{
			`a.yaml:20:118: services.api.operations.GET /.calls[1].retry.failed_variants: needs success_rate_per_attempt, which says how many attempts fail`,
		}},
		{"failed attempts in a variant of what has none", "calls: [db.SELECT x, {span: s}]", "calls: [{call: api.GET /, retry: {success_rate_per_attempt: [0.5], failed_variants: many}}]", []string{
			`a.yaml:13:93: services.web.operations.GET /.calls[0].retry.failed_variants: operation "api.GET /" has no variants`,
		}},
		{"failed attempts in weights of variants", "variant: many, retry: {}", "retry: {success_rate_per_attempt: [0.5], failed_variants: {404: 1}}", []string{
			`a.yaml:20:151: services.api.operations.GET /.calls[1].retry.failed_variants: found a mapping, want names of variants`,
		}},
		{"failed attempts in a list of lists of variants", "variant: many, retry: {}", "retry: {success_rate_per_attempt: [0.5], failed_variants: [[404]]}", []string{
			`a.yaml:20:152: services.api.operations.GET /.calls[1].retry.failed_variants[0]: found a list, want names of variants`,
		}},
		{"failed attempts of a span in a variant", "{span: s}", "{span: s, retry: {failed_variants: many}}", []string{
			`a.yaml:13:48: unknown key "failed_variants"; allowed: ` + listed(retryKeys),
		}},
		{"a key of a variant", "{weight: 3, latency: 2,", "{weihgt: 3, latency: 2,", []string{
			`a.yaml:17:19: unknown key "weihgt"; did you mean "weight"? allowed: ` + listed(variantKeys),
		}},
		{"a key of operations alone", "{weight: 3, latency: 2,", "{weight: 3, latency: 2, kind: server,", []string{
			`a.yaml:17:42: unknown key "kind"; allowed: ` + listed(variantKeys),
		}},
		{"a weight", "weight: 0.5", "weight: -1", []string{"a.yaml:18:28: services.web.operations.GET /.variants.turned.weight: -1 is negative"}},
		{"both times", "latency: 2,", "latency: 2, own: 3,", []string{
			`a.yaml:17:39: services.web.operations.GET /.variants.quick.latency: beside own: one of them says how long it takes, latency all in all, own without its calls`,
		}},
		{"a number", "          usual:\n", "          usual: 3\n", []string{
			`a.yaml:16:18: services.web.operations.GET /.variants.usual: found integer 3, want a mapping; did you mean {weight: 3}?`,
		}},
		{"a list", "          usual:\n", "          usual: [db.SELECT x]\n", []string{
			`a.yaml:16:18: services.web.operations.GET /.variants.usual: found a list, want a mapping; are these its calls? Write {calls: ...}`,
		}},
		{"a list of variants", "variants: {404: {attributes: {rows: 0}}, many: {weight: 9, own: 3}}", "variants: [many]", []string{
			`a.yaml:19:56: services.db.operations.SELECT x.variants: found a list, want a mapping: a variant has its name as its key`,
		}},
		{"none", "variants: {404: {attributes: {rows: 0}}, many: {weight: 9, own: 3}}", "variants: {}", []string{
			`a.yaml:19:56: services.db.operations.SELECT x.variants: nothing in it`,
		}},
		{"no weight", "404: {attributes: {rows: 0}}, many: {weight: 9,", "404: {weight: 0}, many: {weight: 0,", []string{
			`a.yaml:19:56: services.db.operations.SELECT x.variants: nothing in it has a weight above 0`,
		}},
		{"calls of a database", "{weight: 9, own: 3}", "{weight: 9, own: 3, calls: []}", []string{
			`a.yaml:19:120: services.db.operations.SELECT x.variants.many.calls: a db has no spans of its own, so nothing is known of what it does`,
		}},
		{"what a log tells is not in all variants", `logs: [{body: "{b}"}]`, `logs: [{body: "{c}"}]`, []string{
			`a.yaml:12:23: services.web.operations.GET /.logs[0].body: unknown attribute of the span "c"; did you mean "a"? allowed: a, b`,
		}},
		{"nothing at the same time", "calls: [db.SELECT x]}", "calls: [], parallel: true}", []string{
			`a.yaml:17:170: warning: services.web.operations.GET /.variants.quick.parallel: has no effect: it is about calls, and there are none`,
			`a.yaml:20:22: warning: operation "api.GET /": no request comes to it`,
		}},
		{"never taken", "weight: 0.5", "weight: 0", []string{
			`a.yaml:18:11: warning: variant "turned" of "web.GET /": has no effect: its weight is 0, and no call names it`,
			`a.yaml:20:22: warning: operation "api.GET /": no request comes to it`,
		}},
		{"it comes to itself in one of its ways", "calls: [db.SELECT x]}", "calls: [web.GET /]}", []string{
			`a.yaml:17:157: operation "web.GET /" comes to call itself: web.GET / > web.GET /`,
		}},
	} {
		t.Run(row.why, func(t *testing.T) {
			if !strings.Contains(varied, row.was) {
				t.Fatalf("%q is not there", row.was)
			}
			_, got := parse(t, strings.Replace(varied, row.was, row.is, 1))
			checkLines(t, got, row.want...)
		})
	}
}

// A retry that is not enabled says nothing of the variant in which the one attempt goes.
func TestVariantBesideNoRetry(t *testing.T) {
	for text, want := range map[string]int{
		"{success_rate_per_attempt: [0.5], failed_variants: 404}":                 0,
		"{success_rate_per_attempt: [0.5], failed_variants: 404, enabled: false}": 2,
	} {
		d, _ := parse(t, strings.Replace(varied, "variant: many, retry: {}", "variant: many, retry: "+text, 1))
		c := d.System.Services[2].Operations[0].Calls[1]
		if c.Way != want || (c.Retry == nil) != (want > 0) {
			t.Errorf("retry %s: variant %d, retry %v", text, c.Way, c.Retry)
		}
	}
}
