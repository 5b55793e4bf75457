package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/otelsim/otelsim/internal/numbers"
	"github.com/otelsim/otelsim/pkg/build/input"
)

// keys are the keys of a file, in the order of the page that documents them.
var keys = []string{"signals", "filter", "attributes", "resource", "fields", "sample", "route", "duplicates", "split", "reorder", "delay",
	"metrics", "expect_new"}

// loader reads one file.
type loader struct {
	p input.Problems
	r *Rules
}

// Load reads a file of rules. The error has everything that is wrong with it, each
// with its position; it is an *input.Error then.
func Load(name string, data []byte) (*Rules, error) {
	l := loader{r: &Rules{}}
	if n := input.Load(input.File{Name: name, Data: data}, &l.p); n != nil {
		l.file(n)
	}
	if err := l.p.Err(); err != nil {
		return nil, err
	}
	return l.r, nil
}

func (l *loader) file(n *input.Node) {
	m, ok := n.Map(&l.p, keys...)
	if !ok {
		return
	}
	if len(m.Entries()) == 0 {
		n.Fail(&l.p, "no rules; without any, leave --rules away")
	}
	l.r.judged = l.signals(m, "signals")
	if f, ok := m.Map("filter", "drop"); ok {
		l.filter(m, f)
	}
	for _, n := range l.each(m, "attributes") {
		l.attributes(n, false)
	}
	for _, n := range l.each(m, "resource") {
		l.attributes(n, true)
	}
	for _, n := range l.each(m, "fields") {
		l.fields(n)
	}
	if m.Get("sample") != nil {
		l.sample(m)
	}
	for _, n := range l.each(m, "route") {
		l.route(n)
	}
	l.r.allowed.Duplicates = m.OneOf("duplicates", "forbid", "allow", "forbid") == "allow"
	l.r.allowed.Split = m.OneOf("split", "forbid", "allow", "forbid") == "allow"
	l.r.allowed.Reorder = m.OneOf("reorder", "forbid", "allow", "forbid") == "allow"
	if d, ok := m.Map("delay", "late_after", "p99"); ok {
		l.r.allowed.LateAfter = l.duration(d, "late_after")
		l.r.allowed.P99 = l.duration(d, "p99")
		l.r.allowed.Delay = l.rule(d.Node)
		l.r.allowed.Delay.quiet = true
	}
	for _, n := range l.each(m, "metrics") {
		l.metrics(n)
	}
	l.r.expected = l.clauses(m, "expect_new", condItem)
	for i := range l.r.steps {
		l.r.steps[i].measure()
	}
	l.r.shortcuts = findShortcuts(l.r.steps)
}

func (l *loader) filter(file, f input.Map) {
	if !f.Has("drop") {
		file.Fail("filter", "nothing to drop; want a list of conditions under drop")
	}
	l.r.drops = l.clauses(f, "drop", condItem)
}

// clauses reads a list of conditions, each of which is a rule.
func (l *loader) clauses(m input.Map, key string, at place) (out []clause) {
	for _, n := range l.each(m, key) {
		out = append(out, clause{rule: l.rule(n), where: l.condition(n, at)})
	}
	return out
}

func (l *loader) route(n *input.Node) {
	m, ok := n.Map(&l.p, "to", "where")
	if !ok {
		return
	}
	l.r.routes = append(l.r.routes, route{rule: l.rule(n), to: m.Need("to"), where: l.where(m, condItem)})
}

// where reads the condition of an entry, which is about everything without one.
func (l *loader) where(m input.Map, at place) *condition {
	if w := m.Get("where"); w != nil {
		return l.condition(w, at)
	}
	return &condition{}
}

// each returns the items of a list; one mapping is a list of one.
func (l *loader) each(m input.Map, key string) []*input.Node {
	n := m.Get(key)
	if n == nil {
		if m.Has(key) {
			m.Fail(key, "empty")
		}
		return nil
	}
	if n.Kind == input.Mapping {
		return []*input.Node{n}
	}
	items, ok := n.List(&l.p)
	if ok && len(items) == 0 {
		n.Fail(&l.p, "empty")
	}
	return items
}

// rule makes the rule that stands at a node.
func (l *loader) rule(n *input.Node) *Rule {
	r := &Rule{File: n.Pos.File, Line: n.Pos.Line, Column: n.Pos.Column, Path: n.Path(), id: len(l.r.all)}
	l.r.all = append(l.r.all, r)
	return r
}

var signalNames = []string{"traces", "metrics", "logs"}

// signals reads a signal or a list of them.
func (l *loader) signals(m input.Map, key string) (s signalSet) {
	if n := m.Get(key); n != nil && n.Kind == input.List && len(m.List(key)) == 0 {
		n.Fail(&l.p, "empty")
	}
	for _, i := range l.choices(m, key, "signal", signalNames) {
		s |= 1 << i
	}
	return s
}

// choices reads one of some names or a list of them, and returns their places.
func (l *loader) choices(m input.Map, key, what string, names []string) (out []int) {
	for _, name := range m.Strings(key) {
		i := slices.Index(names, strings.ToLower(name))
		if i < 0 {
			m.Fail(key, "%s", input.Unknown(what, name, names))
			continue
		}
		out = append(out, i)
	}
	return out
}

// duration reads a duration with a unit; 0 when it is absent.
func (l *loader) duration(m input.Map, key string) time.Duration {
	n := m.Get(key)
	if n == nil {
		return 0
	}
	d, err := numbers.Written(n.Text())
	if n.Kind == input.String && err == numbers.ErrLong {
		m.Fail(key, "%s is %v", n.Text(), err)
		return 0
	}
	if n.Kind != input.String || err != nil {
		m.Fail(key, "found %s, want a duration such as 500ms, 10s or 1h30m", n.Describe())
		return 0
	}
	if d <= 0 {
		m.Fail(key, "%s is not above 0", n.Text())
	}
	return d
}

// clause is a condition that is a rule by where it stands.
type clause struct {
	rule  *Rule
	where *condition
}

// route says where what matches must arrive.
type route struct {
	rule  *Rule
	to    string
	where *condition
}
