package plan

import "github.com/otelsim/otelsim/pkg/build/vocab"

// errorPattern applies context.error_pattern: which tool call fails, at a rate.
func (b *builder) errorPattern(root *Node) {
	if b.def.Context == nil {
		return
	}
	x := b.def.Context
	switch x.ErrorPattern {
	case "", "happy_path", "none":
		return
	}
	tools := b.toolCalls(root)
	for i, tool := range tools {
		fail := &Fail{Kinds: []uint32{b.failure(cause{kind: usualFailure(vocab.Tool)})}}
		rate := b.probability(x.ErrorRate, b.def.Pos)
		switch {
		case x.ErrorPattern == "random",
			x.ErrorPattern == "first_tool_failure" && i == 0,
			x.ErrorPattern == "last_tool_failure" && i == len(tools)-1,
			x.ErrorPattern == "single_tool_failure" && x.ErrorStep == int64(i):
			fail.Probability = rate
		case x.ErrorPattern == "single_tool_failure" && x.ErrorStep < 0:
			fail.Probability = rate
			b.out.Selections = uint64(len(tools))
			fail.From, fail.To = uint64(i), uint64(i)+1
		case x.ErrorPattern == "cascade":
			fail.Siblings = present
			if i == 0 {
				fail.Probability = rate
			}
		default:
			continue
		}
		for c := range tool.Children {
			if n := &tool.Children[c]; n.Class == vocab.Attempt && n.Fail == nil {
				n.Fail = fail
			}
		}
	}
}
