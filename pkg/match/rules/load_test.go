package rules

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// mistakes are files with one mistake each, and what is said of it.
var mistakes = []struct{ name, file, want string }{
	{"empty file", "", "r.yaml:1:1: empty document"},
	{"no rules", "{}", "r.yaml:1:1: no rules"},
	{"a list", "- filter", "r.yaml:1:1: found a list, want a mapping"},
	{"unknown key", "filters:\n  drop: []", `r.yaml:1:1: unknown key "filters"; did you mean "filter"?`},
	{"key of a condition", "filter:\n  drop:\n    - nam: x", `r.yaml:3:7: unknown key "nam"; did you mean "name"?`},
	{"nothing dropped", "filter:\n  drop: []", "r.yaml:2:9: filter.drop: empty"},
	{"no drop", "filter: {}", "filter: nothing to drop"},
	{"signal", "signals: [trace]", `r.yaml:1:10: signals: unknown signal "trace"; did you mean "traces"?`},
	{"no signals", "signals: []", "r.yaml:1:10: signals: empty"},
	{"status", "filter:\n  drop:\n    - {status: eror}", `r.yaml:3:16: filter.drop[0].status: unknown value "eror"; did you mean "error"?`},
	{"kind", "filter:\n  drop:\n    - {kind: [server, klient]}", `unknown value "klient"; did you mean "client"?`},
	{"severity", "filter:\n  drop:\n    - {severity: warning}", `filter.drop[0].severity: unknown value "warning"; did you mean "warn"?`},
	{"two severities", "filter:\n  drop:\n    - {severity: warn, min_severity: info}", "min_severity: severity says it already"},
	{"signals at odds", "filter:\n  drop:\n    - {signal: logs, kind: server}", "filter.drop[0].kind: only traces have it"},
	{"spans and logs at once", "filter:\n  drop:\n    - {kind: server, body: x}", "filter.drop[0].body: only logs have it"},
	{"duration without unit", "filter:\n  drop:\n    - {min_duration: 5}", "found integer 5, want a duration such as 500ms"},
	{"durations swapped", "filter:\n  drop:\n    - {min_duration: 5s, max_duration: 1s}", "max_duration: 1s is less than min_duration, 5s"},
	{"regexp", "filter:\n  drop:\n    - name: {regexp: \"a(\"}", "r.yaml:3:22: filter.drop[0].name.regexp: error parsing regexp: missing closing ): `a(`"},
	{"attribute without value", "filter:\n  drop:\n    - attributes: {a: }", "filter.drop[0].attributes.a: no value; write {exists: true} for any"},
	{"two tests of a value", "filter:\n  drop:\n    - attributes: {a: {exists: true, min: 3}}", "one of exists, equals, regexp, min, max"},
	{"no operation", "attributes:\n  - where: {signal: traces}", "r.yaml:2:5: attributes[0]: nothing to do; allowed: add, set"},
	{"operation", "attributes:\n  - renam: {a: b}", `r.yaml:2:5: unknown key "renam"; did you mean "rename"?`},
	{"level", "attributes:\n  - {level: span, delete: [a]}", `attributes[0].level: unknown value "span"; allowed: event, item, resource, scope`},
	{"span's condition of a resource", "attributes:\n  - {level: resource, where: {status: error}, delete: [a]}", `unknown key "status"; allowed: any_of, not, resource`},
	{"events of logs", "attributes:\n  - {level: event, where: {signal: logs}, delete: [a]}", "only spans have events"},
	{"value missing", "attributes:\n  - set: {a: }", "r.yaml:2:11: attributes[0].set.a: no value; for a value that is not known write it under any: [a]"},
	{"value a list", "attributes:\n  - set: {a: [1]}", "attributes[0].set.a: found a list, want a text, a number or a boolean"},
	{"any of a glob", "attributes:\n  - any: [\"a.*\"]", `attributes[0].any[0]: "a.*" is no name`},
	{"renamed to itself", "attributes:\n  - rename: {a: a}", "attributes[0].rename.a: the same name"},
	{"algorithm", "attributes:\n  - hash: {keys: [a], algorithm: sha2}", `attributes[0].hash.algorithm: unknown value "sha2"; did you mean "sha1"?`},
	{"mask of everything", "attributes:\n  - mask: {with: x}", "attributes[0].mask: without keys and match, every value would be masked"},
	{"mask with two", "attributes:\n  - mask: {match: x, with: y, hash: md5}", "attributes[0].mask.with: hash says it already"},
	{"summary", "attributes:\n  - {summary: silent, delete: [a]}", `unknown value "silent"; allowed: debug, info`},
	{"negative limit", "attributes:\n  - truncate: -1", "attributes[0].truncate: -1 is negative"},
	{"unit of a limit", "attributes:\n  - truncate: {limit: 3, unit: chars}", `unknown value "chars"`},
	{"field", "fields:\n  - set: {status: error}", `r.yaml:2:19: fields[0].set.status: unknown field "status"`},
	{"attribute among fields", "fields:\n  - any: [attributes.a]", `fields[0].any[0]: "attributes.a" is an attribute`},
	{"field of another signal", "fields:\n  - {where: {signal: logs}, set: {name: x}}", "field name is one of traces, and where is about other signals"},
	{"value of a field", "fields:\n  - set: {kind: sever}", `unknown value "sever"; did you mean "server"?`},
	{"rate in percent", "sample: {rate: 10}", "r.yaml:1:16: sample.rate: 10 is not between 0 and 1"},
	{"nothing sampled", "sample: {unit: trace}", "sample: needs a rate"},
	{"no mode", "sample: {rate: 0.1, consistent: {hash_seed: 1}}", "sample.consistent.mode: missing; allowed: proportional"},
	{"seed of no hash", "sample: {rate: 0.1, consistent: {mode: proportional, hash_seed: 1}}", "sample.consistent.hash_seed: mode proportional has no seed"},
	{"sampled metrics", "sample: {rate: 0.1, signals: metrics}", "sample.signals: metrics have no trace ids"},
	{"kept logs", "sample: {rate: 0.1, signals: logs, keep: [{status: error}]}", "sample.signals: conditions are about the spans"},
	{"route to nowhere", "route:\n  - where: {status: error}", "r.yaml:2:5: route[0].to: missing"},
	{"duplicates", "duplicates: yes", "duplicates: unknown value \"yes\"; allowed: allow, forbid"},
	{"delay", "delay: {p99: 0s}", "delay.p99: 0s is not above 0"},
	{"temporality", "metrics: {temporality: deltas}", `metrics.temporality: unknown value "deltas"; did you mean "delta"?`},
	{"metrics do nothing", "metrics: {where: {name: x}}", "metrics: nothing to do"},
	{"metrics of spans", "metrics: {where: {kind: server}, temporality: delta}", "metrics.where: metrics are about metrics"},
	{"sums of nothing", "metrics: {temporality: delta, sums: preserved}", "metrics.sums: only what is aggregated away adds up"},
	{"expected of nothing", "expect_new: []", "expect_new: empty"},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			r, err := Load("r.yaml", []byte(m.file))
			var of *input.Error
			if !errors.As(err, &of) || r != nil {
				t.Fatalf("got %v and %v, want an *input.Error and nothing", err, r)
			}
			if !strings.Contains(err.Error(), m.want) {
				t.Errorf("got %q\nwant %q", err, m.want)
			}
			if len(of.Problems) > 1 {
				t.Errorf("one mistake, and %d problems: %v", len(of.Problems), err)
			}
		})
	}
}

func TestAllMistakesAreSaidAtOnce(t *testing.T) {
	_, err := Load("r.yaml", []byte("split: perhaps\nsample: {rate: 2}\nroute: [{}]\nfilter: {drop: [{nmae: x}]}"))
	if n := strings.Count(err.Error(), "\n") + 1; n != 4 {
		t.Errorf("got %d problems, want 4:\n%v", n, err)
	}
}

func TestTheZeroRulesAskForEverything(t *testing.T) {
	var r Rules
	for sig := range otlp.Signal(otlp.NumSignals) {
		if !r.Judges(sig) || r.Touches(sig) {
			t.Errorf("%s: judged %t, touched %t", sig, r.Judges(sig), r.Touches(sig))
		}
	}
	if a := r.Allowances(); a != (Allowances{LateAfter: 10 * time.Second}) {
		t.Errorf("got %+v", a)
	}
}

func TestSettings(t *testing.T) {
	r := load(t, "signals: [traces, logs]\nduplicates: allow\nsplit: allow\nreorder: allow\ndelay: {late_after: 3s, p99: 1s}\nroute: [{to: a}, {to: b}, {to: a}]")
	a := r.Allowances()
	if !a.Duplicates || !a.Split || !a.Reorder || a.LateAfter != 3*time.Second || a.P99 != time.Second || a.Delay.String() != "r.yaml:5 delay" {
		t.Errorf("got %+v", a)
	}
	if r.Judges(otlp.SignalMetrics) || !r.Judges(otlp.SignalLogs) {
		t.Error("signals are not those of the file")
	}
	if names := r.Outputs(); len(names) != 2 || names["a"].String() != "r.yaml:6 route[0]" {
		t.Errorf("got outputs %v", names)
	}
}

func TestRulesTouchTheirSignals(t *testing.T) {
	for _, c := range []struct {
		file string
		want string
	}{
		{"filter: {drop: {kind: server}}", "traces"},
		{"filter: {drop: {name: x}}", "traces metrics logs"},
		{"attributes: {where: {signal: [logs, metrics]}, delete: [a]}", "metrics logs"},
		{"metrics: {temporality: delta}", "metrics"},
		{"sample: {rate: 0.5}", "traces"},
		{"expect_new: {signal: metrics, name: x}", "metrics"},
		{"route: {to: a, where: {body: x}}", "logs"},
		{"reorder: allow", ""},
	} {
		r := load(t, c.file)
		var got []string
		for sig := range otlp.Signal(otlp.NumSignals) {
			if r.Touches(sig) {
				got = append(got, sig.String())
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s touches %v, want %s", c.file, got, c.want)
		}
	}
}

func load(t testing.TB, file string) *Rules {
	t.Helper()
	r, err := Load("r.yaml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func FuzzLoad(f *testing.F) {
	for _, m := range mistakes {
		f.Add([]byte(m.file))
	}
	for _, file := range examplesOfThePage(f) {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Load("r.yaml", data)
		var of *input.Error
		if (err == nil) == (r == nil) || err != nil && !errors.As(err, &of) {
			t.Errorf("got %v and %v", r, err)
		}
	})
}
