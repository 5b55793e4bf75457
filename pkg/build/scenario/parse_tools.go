package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
)

// described are the keys that say what a tool takes and returns.
var described = []string{"description", "arguments", "result", "samples"}

// structures reads the section tools: what tools take and return, by name, for
// all servers that have them. A server's own entry wins, key by key.
func (l *loader) structures(m input.Map) map[string]input.Map {
	section, _ := m.Map("tools")
	out := make(map[string]input.Map)
	for _, e := range section.Entries() {
		t, ok := e.Value.Map(l.p, structureKeys...)
		if !ok {
			continue
		}
		if _, reserved := stepWords[name(e.Key)]; reserved {
			l.p.Errorf(e.Pos, "%q is the name of a step and cannot be a tool", e.Key)
			continue
		}
		out[e.Key] = t
	}
	return out
}

// idleStructures warns of tools that have a structure and that no server has.
func (l *loader) idleStructures(m input.Map) {
	section, _ := m.Map("tools")
	tools := l.allTools()
	for _, e := range section.Entries() {
		if !slices.Contains(tools, e.Key) {
			l.p.Warnf(e.Pos, "tools: has no effect: %s", input.Unknown("tool of an mcp_server", e.Key, tools))
		}
	}
}

// structure completes a tool by what its own entry and, where that says
// nothing, the section tools say of it.
func (l *loader) structure(t *Tool, own input.Map) {
	base, shared := l.shared[t.Name]
	from := func(key string) input.Map {
		if shared && own.Get(key) == nil {
			return base
		}
		return own
	}
	t.Description = from("description").Str("description", "")
	if !slices.ContainsFunc(described[1:], func(key string) bool { return from(key).Get(key) != nil }) {
		return
	}
	t.Arguments = l.fields(from("arguments"), "arguments")
	t.Result = l.fields(from("result"), "result")
	t.Schema = t.Arguments.schema()
	m := from("samples")
	t.Samples = l.toolSamples(m.List("samples"), t)
	if len(m.List("samples")) == 0 {
		m.Fail("samples", "no samples; a tool with arguments or a result needs at least one")
	}
}

// fields reads a structure: field names to what they hold. It is never nil.
func (l *loader) fields(m input.Map, key string) Structure {
	out := Structure{}
	section, _ := m.Map(key)
	for _, e := range section.Entries() {
		if e.Key == "" {
			l.p.Errorf(e.Pos, "empty name of a field")
			continue
		}
		if f, ok := l.field(e.Value); ok {
			f.Name = e.Key
			out = append(out, f)
		}
	}
	return out
}

func (l *loader) field(n *input.Node) (Field, bool) {
	m, ok := n.Map(l.p, fieldKeys...)
	if !ok {
		return Field{}, false
	}
	if m.Get("type") == nil {
		m.Fail("type", "missing")
		return Field{}, false
	}
	f := Field{
		Type:        m.OneOf("type", "", fieldTypes...),
		Description: m.Str("description", ""),
		Required:    m.Bool("required", false),
	}
	if f.Type == typeObject {
		f.Fields = l.fields(m, "fields")
	}
	if items := m.Get("items"); f.Type == typeArray && items != nil {
		if item, ok := l.field(items); ok {
			f.Items = &item
		}
		if inner, ok := items.Map(l.p); ok && inner.Get("required") != nil {
			inner.Warn("required", "has no effect on the items of a list")
		}
	}
	l.enum(m, &f)
	l.holds(m, &f, "fields", typeObject)
	l.holds(m, &f, "items", typeArray)
	return f, true
}

// holds checks that a field says what is in it where its type asks for that,
// and nowhere else.
func (l *loader) holds(m input.Map, f *Field, key, of string) {
	switch {
	case f.Type == "":
	case f.Type == of && m.Get(key) == nil:
		m.Fail(key, "missing; a field of type %s needs them", of)
	case f.Type != of && m.Get(key) != nil:
		m.Fail(key, "a field of type %s has none", f.Type)
	}
}

// enum reads the allowed values of a field.
func (l *loader) enum(m input.Map, f *Field) {
	items := m.List("enum")
	switch {
	case m.Get("enum") == nil || f.Type == "":
		return
	case f.Type == typeObject || f.Type == typeArray:
		m.Fail("enum", "a field of type %s has none", f.Type)
		return
	case len(items) == 0:
		m.Fail("enum", "no values; leave the key out to allow any")
	}
	any := Field{Type: f.Type}
	for _, item := range items {
		v, ok := l.appendValue(nil, item, &any)
		switch {
		case !ok:
		case slices.Contains(f.Enum, string(v)):
			item.Fail(l.p, "%s is there twice", v)
		default:
			f.Enum = append(f.Enum, string(v))
		}
	}
}

// toolSamples reads calls of a tool.
func (l *loader) toolSamples(items []*input.Node, t *Tool) []ToolSample {
	var out []ToolSample
	for _, item := range items {
		m, ok := item.Map(l.p, toolSampleKeys...)
		if !ok || t == nil {
			continue
		}
		arguments, fits := l.object(m, "arguments", t.Arguments)
		result, fit := l.object(m, "result", t.Result)
		if fits && fit {
			out = append(out, ToolSample{arguments, result})
		}
	}
	return out
}

// toolOverlay reads calls of tools by name, for a scenario or for what is said.
// read returns the samples of an entry.
func (l *loader) toolOverlay(m input.Map, read func(*input.Node) []*input.Node) []ToolSamples {
	section, _ := m.Map("tools")
	var out []ToolSamples
	taken := make(map[string]input.Pos)
	for _, e := range section.Entries() {
		items := read(e.Value)
		tool := l.tool(e.Key, l.toolsOf(l.server))
		t := l.toolNamed(tool)
		switch {
		case !l.names:
		case t == nil:
			of := ""
			if l.server != "" {
				of = "mcp_server " + input.Quote(l.server) + ": "
			}
			l.p.Errorf(e.Pos, "%s%s", of, input.Unknown("tool", strings.TrimSpace(e.Key), l.toolsOf(l.server)))
		case t.Schema == "":
			l.p.Errorf(e.Pos, "tool %s has no structure to fit: give it arguments and a result under tools in config.yaml", input.Quote(t.Name))
			t = nil
		}
		samples := l.toolSamples(items, t)
		if t != nil && l.unique(taken, "tool", t.Name, e.Pos) {
			out = append(out, ToolSamples{t.Name, samples, e.Pos})
		}
	}
	return out
}

// toolNamed returns the tool that a scenario of the loader's server means: that
// of the server, or the first of the name while there is none.
func (l *loader) toolNamed(tool string) *Tool {
	for i := range l.c.Servers {
		s := &l.c.Servers[i]
		if l.server == "" || s.Key == l.server {
			if t := s.Tool(tool); t != nil {
				return t
			}
		}
	}
	return nil
}

// ownSamples reads the section tools of a scenario.
func (l *loader) ownSamples(m input.Map) []ToolSamples {
	return l.toolOverlay(m, func(n *input.Node) []*input.Node {
		t, ok := n.Map(l.p, overlayKeys...)
		if ok && len(t.List("samples")) == 0 {
			t.Fail("samples", "no samples; leave the tool out or add one")
		}
		return t.List("samples")
	})
}

// saidCalls reads the tools of an exchange: the calls that what is said asks for,
// one or several of each tool.
func (l *loader) saidCalls(m input.Map) []ToolSamples {
	return l.toolOverlay(m, func(n *input.Node) []*input.Node {
		items, ok := n.Items(l.p, input.Mapping)
		if ok && len(items) == 0 {
			n.Fail(l.p, "no calls; leave the tool out or add one")
		}
		return items
	})
}
