package plan

import (
	"slices"

	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// usualEvents are the events that the conventions recommend for spans of a
// class, as far as the scenario says enough to fill them in.
func (b *builder) usualEvents(class string, n *Node) []Event {
	switch class {
	case classPlanner:
		return b.planned()
	case classRecommend:
		return b.recommended()
	case classAugmented:
		return b.retrieved(n)
	}
	return nil
}

// planned says what the planner has planned: the steps of the workflow.
func (b *builder) planned() []Event {
	var tasks []string
	for _, s := range b.steps(b.def.Steps) {
		switch s.Kind {
		case scenario.StepLLM:
			tasks = append(tasks, "llm_call")
		case scenario.StepToolsRecommend:
			tasks = append(tasks, "tool_recommendation")
		case scenario.StepTool:
			tasks = append(tasks, "tool_execution")
		}
	}
	if tasks == nil {
		return nil
	}
	var set attrSet
	set.put(b.prefix+".planning.tasks", b.str(jsonList(tasks)))
	set.put(b.prefix+".planning.confidence", b.str("high"))
	return []Event{{Name: b.strs.ID(b.prefix + ".planning.result"), Attrs: set.finish(b.strs)}}
}

// recommended says which tools were recommended: those that the workflow calls.
func (b *builder) recommended() []Event {
	var tools []string
	for _, s := range b.steps(b.def.Steps) {
		if s.Kind == scenario.StepTool {
			tools = append(tools, s.Tool)
		}
	}
	if tools == nil {
		return nil
	}
	var set attrSet
	set.put(b.prefix+".tools.list", b.str(jsonList(tools)))
	set.put(b.prefix+".tools.count", integer(int64(len(tools))))
	return []Event{{Name: b.strs.ID(b.prefix + ".tools.recommended"), Attrs: set.finish(b.strs)}}
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
	attrs := set.finish(b.strs)
	attrs[0].Path = rng.Hash(b.prefix + ".rag.result.count") // the same draw
	return []Event{{Name: b.strs.ID(b.prefix + ".retrieval.summary"), Attrs: attrs}}
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
