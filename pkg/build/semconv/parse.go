package semconv

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// The values that the file can hold, in the order of the constants.
var (
	typeNames   = []string{"string", "int", "boolean", "double", "any", "string[]"} // by Type
	kindNames   = []string{"INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"}  // by otlp.SpanKind less one
	metricTypes = []string{"counter", "histogram", "exponential_histogram", "gauge", "updowncounter"}
	planes      = []string{"data-plane", "control-plane"}
)

// parser reads one file.
type parser struct {
	p *input.Problems
	c *Conventions
}

// Parse reads a conventions file. It returns nil when the file holds no usable
// document.
func Parse(f input.File, p *input.Problems) *Conventions {
	root := input.Load(f, p)
	if root == nil {
		return nil
	}
	m, ok := root.Map(p)
	if !ok {
		return nil
	}
	c := &Conventions{Version: "1.0.0"}
	r := &parser{p: p, c: c}
	if n := m.Get("schema_version"); n != nil {
		c.Version, _ = r.text(n)
	}
	spans, ok := m.Map("span_names")
	if !ok || len(spans.Entries()) == 0 {
		m.Fail("span_names", "no span names; the conventions need at least one")
	}
	c.Namespace = namespace(spans)
	r.vocabulary(m)
	for _, e := range spans.Entries() {
		c.Spans = append(c.Spans, r.span(e))
	}
	for _, e := range m.Entries() {
		if !strings.HasSuffix(e.Key, "_attributes") || e.Value.Kind != input.Mapping {
			continue
		}
		attributes := r.attributes(e)
		switch e.Key {
		case "resource_attributes":
			c.Resource = attributes
		case "common_attributes":
			c.Common = attributes
		default:
			c.Sections = append(c.Sections, Section{Key: e.Key, Attributes: attributes})
		}
	}
	metrics, _ := m.Map("canonical_metrics")
	for _, e := range metrics.Entries() {
		c.Metrics = append(c.Metrics, r.metric(e))
	}
	r.systems(m)
	r.checkTypes()
	r.checkTemplates()
	return c
}

// namespace is the first segment that most span names have; of several, the
// one that comes first in the file.
func namespace(spans input.Map) string {
	count := make(map[string]int)
	best := ""
	for _, e := range spans.Entries() {
		if first, _, ok := strings.Cut(e.Key, "."); ok {
			count[first]++
		}
	}
	for _, e := range spans.Entries() {
		if first, _, ok := strings.Cut(e.Key, "."); ok && count[first] > count[best] {
			best = first
		}
	}
	return best
}

func (r *parser) bare(name string) string {
	bare, _ := r.c.Bare(name)
	return bare
}

func (r *parser) span(e input.Entry) SpanType {
	out := SpanType{Name: e.Key, Bare: r.bare(e.Key), Pos: e.Pos}
	m, ok := e.Value.Map(r.p)
	if !ok {
		return out
	}
	out.Description = m.Str("description", "")
	out.Root = m.Bool("is_root", false)
	out.Template = r.template(m)
	out.without = r.known(m, "without")
	for _, parent := range strings.Split(m.Str("parent", ""), "|") {
		if parent = strings.TrimSpace(parent); parent != "" {
			out.Parents = append(out.Parents, r.bare(parent))
		}
	}
	items := []*input.Node{}
	if n := m.Get("span_kind"); n != nil && n.Kind == input.List {
		items, _ = n.List(r.p)
	} else if n != nil {
		items = append(items, n)
	}
	for _, item := range items {
		if kind, ok := r.kind(item); ok {
			out.Kinds = append(out.Kinds, kind)
		}
	}
	if len(out.Kinds) == 0 {
		out.Kinds = []uint8{otlp.SpanKindInternal}
	}
	return out
}

func (r *parser) kind(n *input.Node) (uint8, bool) {
	s, ok := n.Str(r.p)
	if !ok {
		return 0, false
	}
	for i, k := range kindNames {
		if s == k {
			return uint8(i) + otlp.SpanKindInternal, true
		}
	}
	n.Fail(r.p, "%s", input.Unknown("span kind", s, kindNames))
	return 0, false
}

// attributes reads a section. Entries that are no mappings are left out: in
// files that are about, lists and empty keys stand among the definitions.
func (r *parser) attributes(section input.Entry) []Attribute {
	m, _ := section.Value.Map(r.p)
	var out []Attribute
	first := make(map[string]string)
	for _, e := range m.Entries() {
		if e.Value.Kind != input.Mapping {
			continue
		}
		key := r.c.key(e.Key)
		if other, ok := first[key]; ok {
			r.p.Errorf(e.Pos, "attribute %s is the same as %s: both have the namespace", input.Quote(e.Key), input.Quote(other))
			continue
		}
		first[key] = e.Key
		out = append(out, r.attribute(e))
	}
	return out
}

func (r *parser) attribute(e input.Entry) Attribute {
	m, _ := e.Value.Map(r.p)
	out := Attribute{Name: e.Key, Pos: e.Pos}
	kind := m.OneOf("type", "string", typeNames...)
	for i, t := range typeNames {
		if t == kind {
			out.Type = Type(i)
		}
	}
	out.Description = m.Str("description", "")
	out.Level = r.level(m)
	out.FirstClass = m.Str("category", "") == "first_class"
	out.Sensitive = m.Bool("sensitive", false)
	out.Allowed = r.texts(m, "allowed_values", true)
	out.Examples = r.texts(m, "examples", false)
	if n := m.Get("default"); n != nil {
		out.Default, out.HasDefault = r.text(n)
	}
	for _, s := range m.Strings("applies_to") {
		for _, suffix := range strings.Split(s, ",") {
			if suffix = strings.TrimSpace(suffix); suffix != "" {
				out.AppliesTo = append(out.AppliesTo, r.bare(suffix))
			}
		}
	}
	return out
}

func (r *parser) level(m input.Map) Level {
	n := m.Get("required")
	if n == nil {
		return Optional
	}
	if n.Kind == input.String && n.Text() == "recommended" {
		return Recommended
	}
	if n.Kind != input.Bool {
		n.Fail(r.p, "found %s, want true, false or recommended", n.Describe())
		return Optional
	}
	if required, _ := n.Bool(r.p); required {
		return Required
	}
	return Optional
}

// texts reads a list of scalars as texts. In a list that is not binding,
// others are left out.
func (r *parser) texts(m input.Map, key string, binding bool) []string {
	var out []string
	for _, item := range m.List(key) {
		if !binding && (item.Kind == input.List || item.Kind == input.Mapping || item.Kind == input.Null) {
			continue
		}
		if s, ok := r.text(item); ok {
			out = append(out, s)
		}
	}
	return out
}

// text reads a scalar as it is written.
func (r *parser) text(n *input.Node) (string, bool) {
	if n.Kind == input.Null || n.Kind == input.List || n.Kind == input.Mapping {
		n.Fail(r.p, "found %s, want a single value", n.Describe())
		return "", false
	}
	return n.Text(), true
}
