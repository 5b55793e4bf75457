package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// usualEvents are the events that the conventions recommend for spans of a
// class, as far as the scenario says enough to fill them in.
func (b *builder) usualEvents(class string, n *Node) []Event {
	if class == vocab.Augment {
		return b.retrieved(n)
	}
	return nil
}

// narrate gives planners and recommendations of a tree the events that say what
// they have come to: the tasks and the tools of the tree.
func (b *builder) narrate(root *Node) {
	var tasks, tools []string
	b.work(root, &tasks, &tools)
	if len(tools) < len(calls(root)) {
		tools = nil // one of them is drawn
	}
	varying := varies(root)
	var tell func(n *Node)
	tell = func(n *Node) {
		switch n.Class {
		case vocab.Planner:
			n.Events = append(b.planned(tasks), n.Events...)
		case vocab.Recommend:
			n.Events = append(b.recommended(n, tools, varying), n.Events...)
		}
		for i := range n.Children {
			tell(&n.Children[i])
		}
	}
	tell(root)
}

// work lists the types of the tasks below a node and the tools that they call,
// in order, as far as they have names.
func (b *builder) work(n *Node, tasks, tools *[]string) {
	switch n.Class {
	case vocab.Task:
		if kind := b.constantOf(n, b.prefix+".task.type"); kind != "" {
			*tasks = append(*tasks, kind)
		}
	case vocab.Tool:
		if name := b.toolNameOf(n); name != "" {
			*tools = append(*tools, name)
		}
	}
	for i := range n.Children {
		b.work(&n.Children[i], tasks, tools)
	}
}

// planned says what a planner has planned.
func (b *builder) planned(tasks []string) []Event {
	if tasks == nil {
		return nil
	}
	var set attrSet
	set.put(b.prefix+".planning.tasks", b.str(jsonList(tasks)))
	set.put(b.prefix+".planning.confidence", b.str("high"))
	return []Event{{Name: b.strs.ID(b.prefix + ".planning.result"), Attrs: set.finish(b.strs)}}
}

// recommended says which tools were recommended: those that are called, as many
// as the span counts. Where that number varies the list is made with the span.
func (b *builder) recommended(n *Node, tools []string, varying bool) []Event {
	id := b.strs.ID(b.prefix + ".mcp.tools.selected.count")
	at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == id })
	if tools == nil || at < 0 || n.Attrs[at].Op != OpTools {
		return nil // nobody knows which
	}
	count, list := integer(int64(len(tools))), b.str(jsonList(tools))
	if limit := n.Attrs[at].Word; varying || limit > 0 && uint64(len(tools)) >= limit {
		count = Attr{Op: OpTools, Attr: otlp.Attr{Word: limit}}
		list = Attr{Op: OpCalled, Attr: count.Attr, Values: []otlp.Attr{{Key: b.strs.ID(toolName)}}}
	}
	var set attrSet
	set.put(b.prefix+".tools.list", list)
	set.put(b.prefix+".tools.count", count)
	return []Event{{Name: b.strs.ID(b.prefix + ".tools.recommended"), Attrs: set.finish(b.strs)}}
}

// callsTool reports whether a tool is called at a node or below it.
func callsTool(n *Node) bool {
	return n.Tool || slices.ContainsFunc(n.Children, func(c Node) bool { return callsTool(&c) })
}

// varies reports whether the tool calls of a tree do: how many there are, or
// which.
func varies(n *Node) bool {
	if (n.Count != nil || n.Retry != nil || n.OneOf != nil || !n.Presence.Always()) && callsTool(n) {
		return true
	}
	return slices.ContainsFunc(n.Children, func(c Node) bool { return varies(&c) })
}

// retrieved sums up a retrieval. Its hits are the results that the span counts.
func (b *builder) retrieved(n *Node) []Event {
	id := b.strs.ID(b.prefix + ".rag.result.count")
	at := slices.IndexFunc(n.Attrs, func(a Attr) bool { return a.Key == id })
	if at < 0 {
		return nil
	}
	hits := n.Attrs[at]
	most := int64(hits.Word)
	if hits.Op == OpInt {
		_, most = hits.Table.Bounds()
	}
	var set attrSet
	set.put(b.prefix+".retrieval.hit_count", hits)
	set.put(b.prefix+".retrieval.top_k", integer(most))
	set.put(b.prefix+".retrieval.latency_ms", op(OpDuration))
	// Its hits have the stream of the span's count: the same draw.
	return []Event{{Name: b.strs.ID(b.prefix + ".retrieval.summary"), Attrs: set.finish(b.strs)}}
}

// jsonList is a JSON array of strings.
func jsonList(items []string) string {
	dst := []byte{'['}
	for i, s := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = otlp.AppendJSONString(dst, s)
	}
	return string(append(dst, ']'))
}
