package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// Names are what spans of a node are called by values that they carry: the first
// of All whose values a span has, else the name of the node.
type Names struct {
	All []NameOf
}

// NameOf is a name and the constant strings that a span with it carries.
type NameOf struct {
	Name   otlp.StringID
	Values []otlp.Attr
}

// maxNames is how many names a node may have: more would not be few.
const maxNames = 1024

// nameSpans names the spans of every node by the templates of the conventions.
// It is the last to touch a tree, when all attributes are known.
func (b *builder) nameSpans() {
	for p := range b.out.Parts() {
		b.nameTree(&p.Root)
	}
}

func (b *builder) nameTree(n *Node) {
	for i := range n.Children {
		b.nameTree(&n.Children[i])
	}
	def, ok := b.conv.Span(n.Class)
	if !ok || def.Template == nil {
		return
	}
	out := &Names{}
	for _, a := range def.Template.Alternatives {
		if b.nameBy(n, &def, a, out) {
			break
		}
	}
	if len(out.All) == 1 && len(out.All[0].Values) == 0 {
		n.Name = out.All[0].Name
		return
	}
	if len(out.All) > 0 {
		n.Name, n.Names = out.All[len(out.All)-1].Name, out
	}
}

// nameBy adds the names that an alternative gives spans of a node, and reports
// whether it has one for each of them.
func (b *builder) nameBy(n *Node, def *semconv.SpanType, a semconv.NameAlternative, out *Names) (whole bool) {
	whole = true
	last := a.String() == def.Template.Alternatives[len(def.Template.Alternatives)-1].String()
	names := []NameOf{{}}
	texts := []string{""}
	for k, piece := range a {
		if piece.Attribute == "" {
			text := piece.Text
			if k == 0 {
				text = b.conv.Rename(text, b.prefix)
			}
			for i := range texts {
				texts[i] += text
			}
			continue
		}
		values, always, problem := b.namingValues(n, piece.Attribute)
		if problem == "" && (len(values) == 0 || !always) && last {
			problem = "spans of the type " + n.Class + " may lack it: give a name without it, too"
		}
		if problem == "" && len(values)*len(names) > maxNames {
			problem = "it makes too many names"
		}
		if problem != "" {
			b.unnamed(def, piece.Attribute, problem)
			return true
		}
		if len(values) == 0 {
			return false
		}
		whole = whole && always
		names, texts = b.cross(names, texts, values)
	}
	for i := range names {
		names[i].Name = b.strs.ID(texts[i])
	}
	out.All = append(out.All, names...)
	return whole
}

// cross pairs each of the names so far with each of the values of an attribute.
func (b *builder) cross(names []NameOf, texts []string, values []otlp.Attr) ([]NameOf, []string) {
	var out []NameOf
	var longer []string
	for i, n := range names {
		for _, v := range values {
			out = append(out, NameOf{Values: append(slices.Clone(n.Values), v)})
			longer = append(longer, texts[i]+b.strs.String(otlp.StringID(v.Word)))
		}
	}
	return out, longer
}

// unnamed reports what is wrong with a template, once.
func (b *builder) unnamed(def *semconv.SpanType, attribute, problem string) {
	text := "span_names." + def.Name + ".name: {" + attribute + "}: " + problem
	if !slices.Contains(b.unnamable, text) {
		b.unnamable = append(b.unnamable, text)
		b.problems.Errorf(def.Template.Pos, "%s", text)
	}
}

// namingValues returns the strings that an attribute of a node can have, none
// when the node lacks it, and whether each of its spans has it.
func (b *builder) namingValues(n *Node, name string) (values []otlp.Attr, always bool, problem string) {
	key := b.strs.ID(b.spelt(name))
	at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == key })
	if at < 0 {
		return nil, false, ""
	}
	a := &n.Attrs[at]
	add := func(kind otlp.Kind, word uint64) {
		v := otlp.Attr{Key: key, Kind: otlp.KindString, Word: word}
		if kind != otlp.KindString {
			problem = "it is not of type string"
		} else if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	switch a.Op {
	case OpConst, OpUnlessFailed, OpIfFailed:
		add(a.Kind, a.Word)
	case OpChoice, OpSelected, OpFormat, OpPolicy:
		for _, v := range a.Values {
			add(v.Kind, v.Word)
		}
	case OpModel, OpProvider:
		for _, m := range b.out.Models {
			id := m.Name
			if a.Op == OpProvider {
				id = m.Provider
			}
			add(otlp.KindString, uint64(id))
		}
	default:
		problem = "it can have any value, and names are few"
	}
	for _, v := range values {
		if strings.TrimSpace(b.strs.String(otlp.StringID(v.Word))) == "" {
			problem = "it may be empty"
		}
	}
	return values, a.Op != OpUnlessFailed && a.Op != OpIfFailed, problem
}

// attributesOf is SpanAttributes that remembers: many nodes are of few classes.
// Nobody may change what it returns.
func (c *compiler) attributesOf(class string) []semconv.Attribute {
	out, ok := c.defined[class]
	if !ok {
		out = c.conv.SpanAttributes(class)
		c.defined[class] = out
	}
	return out
}
