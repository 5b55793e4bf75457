package leaks

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/otelsim/otelsim/internal/findings"
	"github.com/otelsim/otelsim/pkg/build/registry"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/learn/privacy"
	"github.com/otelsim/otelsim/pkg/profile"
	"github.com/otelsim/otelsim/pkg/profile/intake"
	"github.com/otelsim/otelsim/pkg/profile/sketch"
)

// told is what a capture has to be decided about: names, keys and values.
type told struct {
	names, keys *sketch.Values // whole ones
	values      map[string]*profile.Attribute
	bodies      []string
	messages    []string
	ids         []string
	trace       uint64
	last        map[string]uint64
}

const room = 4096

func newTold() *told {
	return &told{names: sketch.NewValues(room), keys: sketch.NewValues(room), values: make(map[string]*profile.Attribute), last: make(map[string]uint64)}
}

func (t *told) attributes(list []intake.Attribute) {
	for _, x := range list {
		key := string(x.Key)
		a := t.values[key]
		if a == nil {
			a = &profile.Attribute{Values: sketch.NewValues(64), Numbers: new(sketch.Numbers), Lengths: new(sketch.Numbers)}
			t.values[key] = a
		}
		t.keys.Add(otlp.KindText, x.Key, t.trace)
		a.Present++
		a.Kinds[x.Kind]++
		if t.last[key] != t.trace {
			t.last[key] = t.trace
			a.Traces++
		}
		switch x.Kind {
		case otlp.KindInt:
			a.Values.Add(x.Kind, fmt.Append(nil, int64(x.Word)), t.trace)
			a.Numbers.Add(float64(int64(x.Word)))
		case otlp.KindText, otlp.KindBytes:
			a.Values.Add(x.Kind, x.Text, t.trace)
			a.Lengths.Add(float64(len(x.Text)))
		}
	}
}

func (t *told) from(r *intake.Resource, s *intake.Scope) {
	t.attributes(r.Attributes)
	t.names.Add(otlp.KindText, []byte(s.Name), t.trace)
	t.attributes(s.Attributes)
}

// Trace implements intake.Visitor.
func (t *told) Trace(tr *intake.Trace) {
	t.trace++
	for _, s := range tr.Spans {
		t.from(s.Resource, s.Scope)
		t.names.Add(otlp.KindText, s.Name, t.trace)
		t.attributes(s.Attributes)
		t.messages = append(t.messages, string(s.Message), string(s.State))
		t.ids = append(t.ids, hex.EncodeToString(s.ID[:]))
		for _, e := range s.Events {
			t.names.Add(otlp.KindText, e.Name, t.trace)
			t.attributes(e.Attributes)
		}
		for _, l := range s.Links {
			t.messages = append(t.messages, string(l.State))
			t.attributes(l.Attributes)
		}
	}
	for i := range tr.Logs {
		t.log(&tr.Logs[i])
	}
}

// Log implements intake.Visitor.
func (t *told) Log(l *intake.Log) {
	t.trace++
	t.log(l)
}

func (t *told) log(l *intake.Log) {
	t.from(l.Resource, l.Scope)
	t.names.Add(otlp.KindText, l.Event, t.trace)
	t.bodies = append(t.bodies, string(l.Body.Text))
	t.attributes(l.Attributes)
}

// Point implements intake.Visitor.
func (t *told) Point(p *intake.Point) {
	t.trace++
	t.from(p.Resource, p.Scope)
	t.names.Add(otlp.KindText, p.Metric, t.trace)
	t.attributes(p.Attributes)
}

// write writes all that a policy lets through.
func (t *told) write(p *privacy.Policy) string {
	var b strings.Builder
	for _, x := range t.names.Kept() {
		if name, ok := p.Name(x.Text, x.Traces); ok {
			fmt.Fprintf(&b, "- %q\n", name)
		}
	}
	for _, x := range t.keys.Kept() {
		key, ok := p.Key(x.Text, x.Traces)
		if !ok {
			continue
		}
		s := p.Values(x.Text, t.values[x.Text], 0)
		fmt.Fprintf(&b, "- {%q: [%q, %v, %v", key, s.Text, s.Pool, s.Quantiles)
		for _, v := range s.Values {
			fmt.Fprintf(&b, ", %q", v.Text)
		}
		b.WriteString("]}\n")
	}
	return b.String()
}

// all writes texts as they are.
func all(texts []string) (out string) {
	for _, s := range texts {
		out += fmt.Sprintf("- %q\n", s)
	}
	return out
}

// keep writes values of keys as they are.
func (t *told) keep(keys ...string) (out string) {
	for _, key := range keys {
		for _, x := range t.values[key].Values.Kept() {
			out += fmt.Sprintf("- %q\n", x.Text)
		}
	}
	return out
}

// TestNothingPlantedIsSaid: what a policy lets through of a capture with secrets in it has
// none of them, and nothing else that is found to be a leak; each fault of one that let
// something through is found.
func TestNothingPlantedIsSaid(t *testing.T) {
	public := privacy.Bundled()
	for _, everywhere := range []bool{false, true} {
		in := capture(t, everywhere)
		seen := newTold()
		if err := in.Each(context.Background(), seen); err != nil {
			t.Fatal(err)
		}
		o := privacy.Options{Public: public, Deny: []string{"shop.cart*"}}
		policy := func(change func(*privacy.Options)) *privacy.Policy {
			changed := o
			change(&changed)
			p, err := privacy.New(changed)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		said := seen.write(policy(func(*privacy.Options) {}))
		for i, x := range places {
			if strings.Contains(said, secretOf(i)) {
				t.Errorf("a secret in %s is said", x.name)
			}
		}
		judge := Options{Public: public, Deny: o.Deny}
		if r := run(t, in, said, judge); r.Leaks > 0 || r.Seen < 20 {
			t.Errorf("everywhere %v: %d texts seen, leaks: %s", everywhere, r.Seen, messages(r.Findings))
		}
		keyed := judge
		keyed.Renamed = true
		renamed := seen.write(policy(func(o *privacy.Options) { o.Rename = []byte("a key of 16 bytes or more") }))
		if r := run(t, in, renamed, keyed); r.Leaks > 0 {
			t.Errorf("everywhere %v: with new names: %s", everywhere, messages(r.Findings))
		}
		if r := run(t, in, said, keyed); r.Leaks == 0 {
			t.Error("names that stayed are not found")
		}
		if !everywhere {
			continue
		}
		for name, fault := range map[string]struct{ kind, said string }{
			"values of one trace":    {Rare, seen.write(policy(func(o *privacy.Options) { o.MinTraces = 1 }))},
			"denied keys":            {Denied, seen.write(policy(func(o *privacy.Options) { o.Deny = nil }))},
			"bodies of log records":  {Free, all(seen.bodies)},
			"messages and states":    {Free, all(seen.messages)},
			"messages of exceptions": {Free, seen.keep("exception.message")},
			"statements":             {Free, seen.keep("db.query.text")},
			"URLs":                   {Free, seen.keep("url.full")},
			"messages of models":     {Free, seen.keep("gen_ai.input.messages")},
			"ids of spans":           {Secret, all(seen.ids[:1])},
			"hosts":                  {"", seen.keep("host.name")},
			"ids of sessions":        {Secret, seen.keep("session.id")},
		} {
			r := run(t, in, fault.said, judge)
			if !slices.ContainsFunc(r.Findings, func(f findings.Finding) bool {
				return fault.kind == "" || f.Kind == fault.kind || fault.kind == Free && !everywhere
			}) {
				t.Errorf("a policy that says %s: got %s", name, messages(r.Findings))
			}
		}
	}
}

func messages(list []findings.Finding) (out string) {
	for _, f := range list[:min(len(list), 12)] {
		out += fmt.Sprintf("\n%s:%d %s (%s) %s", f.Where.File, f.Where.Line, f.Message, f.Kind, f.Where.Path)
	}
	return out
}

// TestPolicyIsNoWeaker: what is free text or an id here is that for a policy too, of all
// keys of the registries.
func TestPolicyIsNoWeaker(t *testing.T) {
	keys := make(map[string]bool)
	for _, key := range registry.Bundled().Attributes {
		keys[key.Key] = true
	}
	if len(keys) < 500 {
		t.Fatalf("%d keys", len(keys))
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		switch classOf(key, &Options{}) {
		case free:
			if !profile.FreeText(key) {
				t.Errorf("%s is free text", key)
			}
		case secret:
			if !privacy.SecretKey(key) && !profile.FreeText(key) {
				t.Errorf("%s is an id or a secret", key)
			}
		}
	}
}
