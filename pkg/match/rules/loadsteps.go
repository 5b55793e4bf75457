package rules

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/match/form"
)

var (
	opNames = []string{"add", "set", "update", "any", "maybe", "copy", "rename", "delete", "keep_only", "hash", "mask", "truncate", "summary"}
	levels  = []string{"item", "resource", "scope", "event"}

	attributeKeys = append([]string{"where", "level"}, opNames...)
	resourceKeys  = append([]string{"where"}, opNames...)
	maskKeys      = []string{"keys", "match", "with", "hash"}
	fieldKeys     = []string{"where", "set", "any", "maybe", "delete", "mask"}
)

// attributes reads one entry of attributes, or of resource.
func (l *loader) attributes(n *input.Node, resource bool) {
	allowed := attributeKeys
	if resource {
		allowed = resourceKeys
	}
	m, ok := n.Map(&l.p, allowed...)
	if !ok {
		return
	}
	at := []level{levelResource}
	if !resource {
		at = l.levels(m)
	}
	l.step(m, at, true)
}

// levels reads a level or a list of them.
func (l *loader) levels(m input.Map) (out []level) {
	for _, i := range l.choices(m, "level", "value", levels) {
		out = append(out, []level{levelItem, levelResource, levelScope, levelEvent}[i])
	}
	if len(out) == 0 {
		out = []level{levelItem}
	}
	return out
}

// fields reads one entry of fields.
func (l *loader) fields(n *input.Node) {
	if m, ok := n.Map(&l.p, fieldKeys...); ok {
		l.step(m, []level{levelItem}, false)
	}
}

// prefixes are where the attributes of levels stand.
var prefixes = [numLevels]string{levelItem: "attributes", levelResource: "resource.attributes", levelScope: "scope.attributes", levelEvent: "events"}

// step reads the operations of an entry, in the order in which they are written.
func (l *loader) step(m input.Map, at []level, attributes bool) {
	s := step{where: l.stepWhere(m, at)}
	for _, e := range m.Entries() {
		kind := slices.Index(opNames, e.Key)
		if kind < 0 {
			continue
		}
		if e.Value.Kind == input.Null {
			m.Fail(e.Key, "empty")
			continue
		}
		for _, o := range l.ops(m, e, opKind(kind)) {
			o.kind = opKind(kind)
			s.ops = append(s.ops, o)
		}
	}
	if len(s.ops) == 0 && l.p.Errors() == 0 {
		m.Node.Fail(&l.p, "nothing to do; allowed: %s", strings.Join(opNames, ", "))
	}
	if !attributes {
		l.checkFields(m, &s)
		l.r.steps = append(l.r.steps, s)
		return
	}
	for _, level := range at {
		of := step{where: s.where, ops: slices.Clone(s.ops)}
		for i := range of.ops {
			of.ops[i].level, of.ops[i].prefix = level, prefixes[level]
		}
		l.r.steps = append(l.r.steps, of)
	}
}

// stepWhere reads the condition of a step. That of resources and scopes says nothing of
// the items below them, which share them.
func (l *loader) stepWhere(m input.Map, at []level) *condition {
	of := condItem
	if slices.Contains(at, levelResource) || slices.Contains(at, levelScope) {
		of = condPart
	}
	c := l.where(m, of)
	if len(at) == 1 && at[0] == levelEvent {
		if !c.signals.has(otlp.SignalTraces) {
			m.Fail("level", "only spans have events, and where is about other signals")
		}
		c.signals = onlyTraces
	}
	return c
}

// ops reads one operation: as many of them as it has keys with a meaning of their own.
func (l *loader) ops(m input.Map, e input.Entry, kind opKind) []op {
	switch kind {
	case opAdd, opSet, opUpdate:
		return l.valued(e)
	case opCopy, opRename:
		return l.renamed(e, kind)
	case opKeepOnly:
		return []op{{rule: l.rule(e.Value), keys: l.keys(m, e.Key)}}
	case opHash:
		return l.hashed(m, e)
	case opMask:
		return l.masked(m, e)
	case opTruncate:
		return l.truncated(m, e)
	case opSummary:
		return []op{{rule: l.rule(e.Value), names: m.OneOf(e.Key, "info", "info", "debug") == "debug"}}
	}
	var out []op
	for _, k := range l.list(m, e.Key) {
		if kind == opAny && k.key.glob != nil {
			k.node.Fail(&l.p, "%s is no name; nothing says that any of many is there: see maybe", input.Quote(k.key.text))
		}
		out = append(out, op{rule: l.rule(k.node), keys: []key{k.key}})
	}
	return out
}

// listed is a key with its place.
type listed struct {
	key  key
	node *input.Node
}

// list reads a list of keys, or one.
func (l *loader) list(m input.Map, name string) (out []listed) {
	n := m.Get(name)
	if n == nil {
		return nil
	}
	nodes := []*input.Node{n}
	if n.Kind == input.List {
		nodes = m.List(name)
	}
	for _, n := range nodes {
		s, ok := n.Str(&l.p)
		if !ok {
			continue
		}
		if s == "" {
			n.Fail(&l.p, "empty")
			continue
		}
		out = append(out, listed{newKey(s), n})
	}
	if len(nodes) == 0 {
		n.Fail(&l.p, "empty")
	}
	return out
}

// keys reads such a list, without the places.
func (l *loader) keys(m input.Map, name string) (out []key) {
	for _, k := range l.list(m, name) {
		out = append(out, k.key)
	}
	return out
}

// valued reads keys with their values.
func (l *loader) valued(e input.Entry) (out []op) {
	m, ok := e.Value.Map(&l.p)
	if !ok {
		return nil
	}
	for _, kv := range m.Entries() {
		if kv.Value.Kind == input.Null {
			m.Fail(kv.Key, "no value; for a value that is not known write it under any: [%s]", kv.Key)
			continue
		}
		if v, ok := l.value(kv.Value); ok {
			out = append(out, op{rule: l.rule(kv.Value), keys: []key{{text: kv.Key}}, value: v})
		}
	}
	return out
}

// renamed reads pairs of an old key and a new one, of copies too.
func (l *loader) renamed(e input.Entry, kind opKind) (out []op) {
	m, ok := e.Value.Map(&l.p)
	if !ok {
		return nil
	}
	for _, kv := range m.Entries() {
		to := m.Need(kv.Key)
		if to == kv.Key {
			m.Fail(kv.Key, "the same name")
		}
		out = append(out, op{rule: l.rule(kv.Value), from: kv.Key, keys: []key{{text: to}}})
	}
	return out
}

// hashed reads hash: keys, or keys with an algorithm.
func (l *loader) hashed(m input.Map, e input.Entry) (out []op) {
	algorithm, keys, name := "sha256", m, e.Key
	if e.Value.Kind == input.Mapping {
		h, _ := m.Map(e.Key, "keys", "algorithm")
		algorithm = h.OneOf("algorithm", "sha256", hashNames()...)
		if h.Get("keys") == nil {
			h.Fail("keys", "missing")
		}
		keys, name = h, "keys"
	}
	for _, k := range l.list(keys, name) {
		out = append(out, op{rule: l.rule(k.node), keys: []key{k.key}, hash: hashes[algorithm]})
	}
	return out
}

// masked reads mask: one replacement or a list of them.
func (l *loader) masked(m input.Map, e input.Entry) (out []op) {
	for _, n := range l.each(m, e.Key) {
		mask, ok := n.Map(&l.p, maskKeys...)
		if !ok {
			continue
		}
		o := op{rule: l.rule(n), with: "****", keys: []key{newKey("*")}}
		if mask.Get("with") != nil {
			o.with, _ = mask.Get("with").Str(&l.p)
		}
		if mask.Get("hash") != nil {
			o.hash = hashes[mask.OneOf("hash", "sha256", hashNames()...)]
			if mask.Get("with") != nil {
				mask.Fail("with", "hash says it already")
			}
		}
		if r := mask.Get("match"); r != nil {
			o.match = l.regexp(r)
		}
		if mask.Get("keys") != nil {
			o.keys = l.keys(mask, "keys")
		} else if o.match == nil {
			n.Fail(&l.p, "without keys and match, every value would be masked")
		}
		out = append(out, o)
	}
	return out
}

// truncated reads truncate: a limit, or a limit with keys and its unit.
func (l *loader) truncated(m input.Map, e input.Entry) []op {
	o := op{rule: l.rule(e.Value), keys: []key{newKey("*")}, bytes: true}
	if e.Value.Kind != input.Mapping {
		o.limit = int(m.Int(e.Key, 0, 0, math.MaxInt32))
		return []op{o}
	}
	t, _ := m.Map(e.Key, "limit", "unit", "keys")
	if t.Get("limit") == nil {
		t.Fail("limit", "missing")
	}
	o.limit = int(t.Int("limit", 0, 0, math.MaxInt32))
	o.bytes = t.OneOf("unit", "bytes", "bytes", "characters") == "bytes"
	if t.Get("keys") != nil {
		o.keys = l.keys(t, "keys")
	}
	return []op{o}
}

// fieldNames are the fields that a rule may name, with the signal that has them. What
// items are known by is not among them.
var fieldNames = map[string]signalSet{
	"name": onlyTraces, "kind": onlyTraces, "status.code": onlyTraces, "status.message": onlyTraces, "trace_state": onlyTraces,
	"start_time_unix_nano": onlyTraces, "end_time_unix_nano": onlyTraces, "flags": 0, "dropped_attributes_count": onlyTraces | onlyLogs,
	"dropped_events_count": onlyTraces, "dropped_links_count": onlyTraces, "parent_span_id": onlyTraces,
	"body": onlyLogs, "severity_text": onlyLogs, "severity_number": onlyLogs, "event_name": onlyLogs, "observed_time_unix_nano": onlyLogs,
	"metric.unit": onlyMetrics, "metric.description": onlyMetrics, "metric.is_monotonic": onlyMetrics, "value": onlyMetrics,
	"scope.name": 0, "scope.version": 0, "scope.schema_url": 0, "resource.schema_url": 0,
}

const (
	onlyTraces  signalSet = 1 << otlp.SignalTraces
	onlyMetrics signalSet = 1 << otlp.SignalMetrics
	onlyLogs    signalSet = 1 << otlp.SignalLogs
)

// enumValues are the fields whose values have names.
var enumValues = map[string][]string{"kind": kindNames, "status.code": statusNames, "severity_number": severityNames}

// fieldStart finds what stands for part of a field: events[0].name, body{x}.
var fieldStart = regexp.MustCompile(`^(events|links|exemplars|body|bucket_counts|explicit_bounds|quantile_values|positive|negative)\b`)

var attributeStart = regexp.MustCompile(`^((resource|scope)\.)?attributes\.`)

// checkFields refuses paths that no item has, and those of other signals than the
// condition's.
func (l *loader) checkFields(m input.Map, s *step) {
	for i := range s.ops {
		o := &s.ops[i]
		for _, k := range o.keys {
			signals, known := fieldNames[k.text]
			switch {
			case attributeStart.MatchString(k.text):
				l.fail(o.rule, "%s is an attribute: those stand under the key attributes", input.Quote(k.text))
			case !known && k.glob == nil && !fieldStart.MatchString(k.text):
				l.fail(o.rule, "%s", input.Unknown("field", k.text, slices.Collect(maps.Keys(fieldNames))))
			case known && signals != 0 && s.where.signals != 0 && signals&s.where.signals == 0:
				l.fail(o.rule, "field %s is one of %s, and where is about other signals", k.text, signals.first())
			case known && o.kind == opSet:
				o.value = l.enum(o, k.text)
			}
		}
	}
}

// enum returns the value that a field is set to, as form prints it.
func (l *loader) enum(o *op, name string) form.Value {
	names := enumValues[name]
	if names == nil {
		return o.value
	}
	if o.value.Kind == otlp.KindText && !slices.Contains(names, strings.ToLower(o.value.Text)) {
		l.fail(o.rule, "%s", input.Unknown("value", o.value.Text, names))
	}
	return form.Value{Kind: otlp.KindInt, Text: strings.ToUpper(o.value.Text)}
}

// fail adds an error at a rule.
func (l *loader) fail(r *Rule, format string, args ...any) {
	l.p.Errorf(input.Pos{File: r.File, Line: r.Line, Column: r.Column}, "%s: "+format, append([]any{r.Path}, args...)...)
}
