package rules

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

// place is where a condition stands, which decides what it may say.
type place uint8

const (
	condItem  place = iota
	condPart        // of resources and scopes: nothing of items
	condTrace       // of all spans of a trace
)

var (
	partKeys = []string{"signal", "service", "scope", "resource", "not", "any_of"}
	itemKeys = append([]string{"name", "kind", "status", "severity", "min_severity", "body", "attributes", "min_duration", "max_duration"},
		partKeys...)
	traceKeys   = []string{"service", "scope", "resource", "name", "kind", "status", "attributes", "min_duration", "max_duration", "min_spans"}
	kindNames   = []string{"unspecified", "internal", "server", "client", "producer", "consumer"}
	statusNames = []string{"unset", "ok", "error"}
)

func (l *loader) condition(n *input.Node, at place) *condition {
	c := &condition{}
	m, ok := n.Map(&l.p, [][]string{itemKeys, partKeys, traceKeys}[at]...)
	if !ok {
		return c
	}
	c.signals = l.signals(m, "signal")
	c.parts = slices.Concat(l.at(m, "service", "resource.attributes.service.name"), l.at(m, "scope", "scope.name"),
		l.keyed(m, "resource", "resource.attributes"))
	c.name = l.pattern(m.Get("name"))
	c.kinds = l.enums(m, "kind", kindNames)
	c.statuses = l.enums(m, "status", statusNames)
	c.severities = l.severities(m)
	c.own = slices.Concat(l.at(m, "body", "body"), l.keyed(m, "attributes", "attributes"))
	c.minDuration, c.maxDuration = l.duration(m, "min_duration"), l.duration(m, "max_duration")
	if c.maxDuration > 0 && c.maxDuration < c.minDuration {
		m.Fail("max_duration", "%s is less than min_duration, %s", c.maxDuration, c.minDuration)
	}
	c.minSpans = int(m.Int("min_spans", 0, 1, math.MaxInt32))
	if not := m.Get("not"); not != nil {
		c.not = l.condition(not, at)
	}
	if m.Get("any_of") != nil {
		for _, n := range l.each(m, "any_of") {
			c.anyOf = append(c.anyOf, l.condition(n, at))
		}
	}
	l.narrow(m, c)
	return c
}

// narrow restricts a condition to the signals that have what it speaks of, and refuses
// one that no item can match.
func (l *loader) narrow(m input.Map, c *condition) {
	for _, k := range []struct {
		key  string
		only otlp.Signal
	}{{"kind", otlp.SignalTraces}, {"status", otlp.SignalTraces}, {"min_duration", otlp.SignalTraces}, {"max_duration", otlp.SignalTraces},
		{"severity", otlp.SignalLogs}, {"min_severity", otlp.SignalLogs}, {"body", otlp.SignalLogs}} {
		if m.Get(k.key) == nil {
			continue
		}
		if !c.signals.has(k.only) {
			m.Fail(k.key, "only %s have it, and the condition is about other signals", k.only)
			return
		}
		c.signals = 1 << k.only
	}
}

// enums reads a name or a list of them, as form prints them.
func (l *loader) enums(m input.Map, key string, allowed []string) (out []string) {
	for _, i := range l.choices(m, key, "value", allowed) {
		out = append(out, strings.ToUpper(allowed[i]))
	}
	return out
}

func (l *loader) severities(m input.Map) [2]int {
	least := m.OneOf("min_severity", "", severityNames...)
	name := m.OneOf("severity", "", severityNames...)
	switch {
	case least != "" && name != "":
		m.Fail("min_severity", "severity says it already")
	case least != "":
		return [2]int{slices.Index(severityNames, least)*4 + 1, math.MaxInt32}
	case name != "":
		first := slices.Index(severityNames, name)*4 + 1
		return [2]int{first, first + 3}
	}
	return [2]int{}
}

// at reads a condition on the value at one path, if there is one.
func (l *loader) at(m input.Map, key, path string) []keyed {
	if want := l.pattern(m.Get(key)); want != nil {
		return []keyed{{path, want}}
	}
	return nil
}

// keyed reads conditions on attributes, by key.
func (l *loader) keyed(m input.Map, key, prefix string) (out []keyed) {
	of, ok := m.Map(key)
	if !ok {
		return nil
	}
	for _, e := range of.Entries() {
		if e.Value.Kind == input.Null {
			of.Fail(e.Key, "no value; write {exists: true} for any")
			continue
		}
		if want := l.pattern(e.Value); want != nil {
			out = append(out, keyed{form.AttributePath(prefix, e.Key), want})
		}
	}
	return out
}

var patternKeys = []string{"exists", "equals", "regexp", "min", "max"}

// pattern reads what a value should be like: a glob, a number or a boolean, a list of
// them, or a mapping that says it otherwise.
func (l *loader) pattern(n *input.Node) *pattern {
	if n == nil {
		return nil
	}
	p := &pattern{}
	switch n.Kind {
	case input.List:
		items, _ := n.List(&l.p)
		if len(items) == 0 {
			n.Fail(&l.p, "empty")
		}
		for _, item := range items {
			l.scalar(p, item)
		}
	case input.Mapping:
		l.patternMap(p, n)
	default:
		l.scalar(p, n)
	}
	return p
}

func (l *loader) patternMap(p *pattern, n *input.Node) {
	m, _ := n.Map(&l.p, patternKeys...)
	if len(m.Entries()) == 0 {
		n.Fail(&l.p, "empty; allowed: %s", strings.Join(patternKeys, ", "))
	}
	if m.Get("exists") != nil {
		p.anyValue = m.Bool("exists", true)
		p.absent = !p.anyValue
	}
	if e := m.Get("equals"); e != nil {
		if v, ok := l.value(e); ok {
			p.values = append(p.values, v)
		}
	}
	if e := m.Get("regexp"); e != nil {
		if r := l.regexp(e); r != nil {
			p.text = append(p.text, r)
		}
	}
	for _, bound := range []struct {
		key string
		to  **float64
	}{{"min", &p.min}, {"max", &p.max}} {
		if m.Get(bound.key) != nil {
			v := m.Float(bound.key, 0, -math.MaxFloat64, math.MaxFloat64)
			*bound.to = &v
		}
	}
	if used := len(m.Entries()); used > 1 && (used > 2 || p.min == nil || p.max == nil) {
		n.Fail(&l.p, "one of %s (min and max go together)", strings.Join(patternKeys, ", "))
	}
}

// scalar adds a value, or the glob that a string is.
func (l *loader) scalar(p *pattern, n *input.Node) {
	if n.Kind == input.String && strings.ContainsAny(n.Text(), "*?") {
		p.text = append(p.text, glob(n.Text()))
		return
	}
	if v, ok := l.value(n); ok {
		p.values = append(p.values, v)
	}
}

// regexp compiles a regular expression, which matches anywhere in a text, as those of
// the Collector do.
func (l *loader) regexp(n *input.Node) *regexp.Regexp {
	s, ok := n.Str(&l.p)
	if !ok {
		return nil
	}
	r, err := regexp.Compile(s)
	if err != nil {
		n.Fail(&l.p, "%v", err)
		return nil
	}
	return r
}

// glob compiles a text in which * is any text and ? any character.
func glob(s string) *regexp.Regexp {
	q := regexp.QuoteMeta(s)
	q = strings.ReplaceAll(strings.ReplaceAll(q, `\*`, `.*`), `\?`, `.`)
	return regexp.MustCompile(`^(?s:` + q + `)$`)
}

// value reads a scalar as the value of an attribute.
func (l *loader) value(n *input.Node) (v form.Value, ok bool) {
	switch n.Kind {
	case input.String:
		s, ok := n.Str(&l.p)
		return form.Value{Kind: otlp.KindText, Text: s}, ok
	case input.Int:
		i, ok := n.Int(&l.p)
		return form.Value{Kind: otlp.KindInt, Text: strconv.FormatInt(i, 10)}, ok
	case input.Float:
		f, ok := n.Float(&l.p)
		return form.Value{Kind: otlp.KindDouble, Text: strconv.FormatFloat(f, 'g', -1, 64)}, ok
	case input.Bool:
		b, ok := n.Bool(&l.p)
		return form.Value{Kind: otlp.KindBool, Text: strconv.FormatBool(b)}, ok
	}
	n.Fail(&l.p, "found %s, want a text, a number or a boolean", n.Describe())
	return v, false
}
