package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// root reads the explicit tree of a scenario, nil when there is none. A list
// of one tree is the tree.
func (l *loader) root(m input.Map) *Node {
	n := m.Get("root")
	if n == nil {
		return nil
	}
	if n.Kind == input.List {
		items, _ := n.List(l.p)
		if len(items) != 1 {
			n.Fail(l.p, "found a list of %d trees, want one", len(items))
			return nil
		}
		n = items[0]
	}
	node := l.node(n, true)
	top, ok := n.Map(l.p)
	if ok && node.OneOf != nil {
		top.Fail("one_of", "the root of a tree is one span")
	}
	if ok && (node.Count != nil || node.Probability != 1) {
		key := "count"
		if node.Count == nil {
			key = "probability"
		}
		top.Fail(key, "the root of a tree is there exactly once")
	}
	l.treeInOrder(&node)
	return &node
}

// node reads one node and its children. Only the root may leave out its type.
func (l *loader) node(n *input.Node, root bool) Node {
	out := Node{Pos: n.Pos, Type: vocab.Orchestrate, Probability: 1}
	if m, ok := n.Map(l.p); ok && m.Has("one_of") {
		return l.oneOf(n)
	}
	m, ok := n.Map(l.p, nodeKeys...)
	if !ok {
		return out
	}
	l.span(m, &out, root)
	return out
}

// oneOf reads a place where one of several nodes stands.
func (l *loader) oneOf(n *input.Node) Node {
	out := Node{Pos: n.Pos, Probability: 1}
	m, ok := n.Map(l.p, oneOfKeys...)
	if !ok {
		return out
	}
	out.Count = l.count(m.Get("count"))
	out.Probability = m.Float("probability", 1, 0, 1)
	total := 0.0
	for _, item := range m.List("one_of") {
		a, ok := item.Map(l.p, alternativeKeys...)
		if !ok {
			continue
		}
		for _, key := range []string{"count", "probability", "one_of"} {
			if a.Has(key) {
				a.Fail(key, "belongs to the place, not to one of what can stand there")
			}
		}
		weight := a.Float("weight", 1, 0, maxNumber)
		total += weight
		alternative := Node{Pos: item.Pos, Probability: 1}
		if !a.Has("one_of") {
			l.span(a, &alternative, false)
		}
		out.Children, out.OneOf = append(out.Children, alternative), append(out.OneOf, weight)
	}
	if total == 0 {
		m.Fail("one_of", "nothing in it has a weight above 0")
	}
	return out
}

// span reads what a node says of its span and of those below it.
func (l *loader) span(m input.Map, out *Node, root bool) {
	if written := m.Get("type"); written != nil {
		out.Pos = written.Pos
		if s, ok := written.Str(l.p); ok {
			bare, known := l.bareType(s)
			if !known {
				written.Fail(l.p, "%s", l.unknownType(s))
			}
			out.Type = bare
		}
	} else if !root {
		m.Fail("type", "missing")
	}
	out.Latency = l.latency(m.Get("latency"))
	out.Count = l.count(m.Get("count"))
	out.Probability = m.Float("probability", 1, 0, 1)
	out.Error = l.errorModel(m.Get("error"))
	out.Retry = l.retry(m, vocab.Of(out.Type).Retried, out.Error)
	out.Parallel = m.Bool("parallel", false)
	out.Attributes = l.attributes(m)
	out.Models = l.asked(m)
	l.checkTool(out)
	for _, item := range m.List("children") {
		if item.Kind == input.Null {
			item.Fail(l.p, "found nothing, want a mapping")
			continue
		}
		out.Children = append(out.Children, l.node(item, false))
	}
	l.told(m, out)
	if out.Parallel && len(out.Children) == 0 {
		m.Warn("parallel", "has no effect: it is about children, and there are none")
	}
}

// told reads what an agent is told that is called, and what it reports.
func (l *loader) told(m input.Map, n *Node) {
	if !m.Has("task") && !m.Has("report") {
		return
	}
	n.Told = &Sample{User: l.said(m, "task"), Assistant: l.said(m, "report")}
	if n.Type == vocab.Call && len(n.Children) > 0 {
		return
	}
	for _, key := range []string{"task", "report"} {
		if m.Has(key) {
			m.Fail(key, "belongs to an %s that has children: they are what the other agent does", vocab.Call)
			return
		}
	}
}

// checkTool checks the tool that a node calls by name: without a uuid of its
// own, it must be one that the scenario's server has.
func (l *loader) checkTool(n *Node) {
	server := l.c.Server(l.server)
	if n.Type != vocab.Tool || server == nil {
		return
	}
	var called []Value
	var at input.Pos
	for _, a := range n.Attributes {
		if strings.HasSuffix(a.Key, ".mcp.tool.uuid") {
			return
		}
		if a.Key == "gen_ai.tool.name" {
			at, called = a.Pos, append(slices.Clone(a.Choices), a.Value)
		}
	}
	for _, v := range called {
		if v.Kind == String && v.Str != "" && !slices.Contains(server.toolNames(), v.Str) {
			l.p.Errorf(at, "mcp_server %q: %s", server.Key, input.Unknown("tool", v.Str, server.toolNames()))
		}
	}
}

// count reads how often a node is repeated; nil means exactly once.
func (l *loader) count(n *input.Node) *Count {
	if n == nil {
		return nil
	}
	if n.Kind != input.Mapping {
		v, ok := n.Int(l.p)
		if ok && (v < 0 || v > maxCount) {
			n.Fail(l.p, "%d is not between 0 and %d", v, maxCount)
			ok = false
		}
		if !ok || v == 1 {
			return nil
		}
		return &Count{Min: v, Max: v}
	}
	m, _ := n.Map(l.p)
	if !m.Has("distribution") {
		m, _ = n.Map(l.p, "min", "max", "distribution")
		low := m.Int("min", 1, 0, maxCount)
		high := m.Int("max", low, 0, maxCount)
		return l.limits(n, low, high)
	}
	before := l.p.Found()
	spec := l.distribution(n, counts, "min", "max")
	if spec == nil || l.p.Found() > before {
		return nil
	}
	out := l.limits(n, m.Int("min", 0, 0, maxCount), m.Int("max", -1, 0, maxCount))
	if out != nil {
		out.Dist = spec
	}
	return out
}

func (l *loader) limits(n *input.Node, low, high int64) *Count {
	if high >= 0 && low > high {
		n.Fail(l.p, "min %d is above max %d", low, high)
		return nil
	}
	return &Count{Min: low, Max: high}
}

// attributes reads the attributes of a node.
func (l *loader) attributes(m input.Map) []Attribute {
	section, _ := m.Map("attributes")
	var out []Attribute
	for _, e := range section.Entries() {
		if a, ok := l.attribute(e); ok {
			out = append(out, a)
		}
	}
	return out
}

// attribute reads one of them: a constant, a choice or a number drawn from a
// distribution. One without a value is none. extra are keys that it has besides.
func (l *loader) attribute(e input.Entry, extra ...string) (Attribute, bool) {
	a := Attribute{Key: e.Key, Pos: e.Pos}
	switch {
	case e.Key == "":
		l.p.Errorf(e.Pos, "empty attribute key")
		return a, false
	case e.Value.Kind == input.Null:
		return a, false
	case e.Value.Kind != input.Mapping:
		v, ok := l.value(e.Value)
		a.Value = v
		return a, ok
	}
	drawn, _ := e.Value.Map(l.p)
	if l.kind(drawn) != "categorical" {
		a.Dist = l.distribution(e.Value, anything, extra...)
		return a, a.Dist != nil
	}
	drawn, _ = e.Value.Map(l.p, append([]string{"distribution", "values", "weights"}, extra...)...)
	a.Choices, a.Weights = l.choices(drawn)
	return a, a.Choices != nil
}
