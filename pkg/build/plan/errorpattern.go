package plan

import (
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

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
	b.toolCalls(root) // there is one
	places := callPlaces(root)
	for i, calls := range places {
		fail := b.patternFailure(x, i, len(places))
		if fail == nil {
			continue
		}
		for _, tool := range calls {
			for c := range tool.Children {
				if n := &tool.Children[c]; n.Class == vocab.Attempt && n.Fail == nil {
					n.Fail = fail
				}
			}
		}
	}
}

// patternFailure is how the pattern lets the call at place i of n fail; nil: not
// at all.
func (b *builder) patternFailure(x *scenario.Context, i, n int) *Fail {
	fail := &Fail{Kinds: []uint32{b.failure(cause{kind: usualFailure(vocab.Tool)})}}
	rate := b.probability(x.ErrorRate, b.def.Pos)
	switch {
	case x.ErrorPattern == "random",
		x.ErrorPattern == "first_tool_failure" && i == 0,
		x.ErrorPattern == "last_tool_failure" && i == n-1,
		x.ErrorPattern == "single_tool_failure" && x.ErrorStep == int64(i):
		fail.Probability = rate
	case x.ErrorPattern == "single_tool_failure" && x.ErrorStep < 0:
		fail.Probability = rate
		b.flow.Selections = uint64(n)
		fail.From, fail.To = uint64(i), uint64(i)+1
	case x.ErrorPattern == "cascade":
		fail.Siblings = present
		if i == 0 {
			fail.Probability = rate
		}
	default:
		return nil
	}
	return fail
}
