package conform

import "github.com/otelsim/otelsim/pkg/corpus/otlp"

// peer judges whom a client calls: somebody who is in the trace, or who is
// named where the conventions have a name for it.
func (k *Checker) peer(i int) {
	r := &k.record
	s := &r.t.Spans[i]
	if s.Kind != otlp.SpanKindClient {
		return
	}
	for c := r.child(i); c >= 0; c = r.sibling(c) {
		child := &r.t.Spans[c]
		if child.Kind != otlp.SpanKindServer {
			continue
		}
		if child.Resource == s.Resource {
			k.fail(c, "server-resource", "it has the resource of the client that it answers")
		}
		if a, b := r.spans[i].failed, r.spans[c].failed; a != b {
			k.fail(c, "server-outcome", "it failed: %t, and its client: %t", b, a)
		}
		return
	}
	if !r.has(i, slotPeer) && r.spans[i].rules.defined[slotPeer] {
		k.fail(i, "peer", "a client without a server below it, and without %s", k.slots[slotPeer])
	}
}

// toolServer is the span type of a tool server's side of an attempt.
const toolServer = "mcp.tool.serve"

// toolNamed judges the name of a tool: it is for spans that run one.
func (k *Checker) toolNamed(i int) {
	r := &k.record
	a := r.attr(i, slotToolName)
	if a == nil || r.word(i, slotOperation) == "execute_tool" {
		return
	}
	switch rules := r.spans[i].rules; {
	case rules.class == classTool, rules.class == classAttempt, rules.class == otherClass, rules.bare == toolServer:
	default:
		k.fail(i, "tool-name", "the name of tool %s, on a span that runs none", quoted(r.t, a))
	}
}
