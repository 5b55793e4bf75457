package plan

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/ids"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// unify makes one trace of the scenario's parts, below a span that stands for
// the whole request and takes no time of its own. The parts keep their streams,
// and with them durations and outcomes.
func (b *builder) unify() {
	if len(b.flow.Parts) == 1 && b.flow.Parts[0].Root.Class == vocab.Unified {
		make(sharing).setPart(&b.flow.Parts[0].Root, b.flow.Parts[0].ID)
		b.flow.Parts[0].ID = ids.PartUnified
		return // a tree that stands for the whole request
	}
	own := attrSet{}
	own.put(b.prefix+".cp.incoming_trace_id", op(OpRequestTrace))
	var children []Node
	var failed *Node
	running := false
	for i := range b.flow.Parts {
		p := &b.flow.Parts[i]
		if p.Root.Status == otlp.StatusError && failed == nil {
			failed = &p.Root
		}
		running = running || p.Root.Role != vocab.RoleFixed
		b.passOn(&own, p)
		p.Root = b.forward(p.Root)
		make(sharing).setPart(&p.Root, p.ID)
		children = append(children, p.Root)
	}
	root := b.node(vocab.Unified, &own, facts{})
	root.Latency = compile(dist.Spec{Kind: dist.Constant}, nanosPerMilli)
	root.Children = children
	var more attrSet
	switch {
	case failed != nil:
		root.Status = otlp.StatusError
		root.Events = failed.Events
		for _, a := range failed.Attrs {
			if name := b.strs.String(a.Key); name == errorKey || name == b.prefix+".error.category" {
				more.put(name, a)
			}
		}
	case running:
		root.Role = vocab.RoleTask
		root.Events = []Event{b.exceptionOf()}
		more.put(errorKey, op(OpErrorType))
		more.put(b.prefix+".error.category", op(OpCategory))
	}
	root.Attrs = b.merged(root.Attrs, &more)
	make(sharing).setPart(&root, ids.PartUnified)
	b.flow.Parts = []Part{{ids.PartUnified, root}}
}

// passOn gives the span of a whole request what the validations in it have
// decided.
func (b *builder) passOn(own *attrSet, p *Part) {
	for _, a := range p.Root.Attrs {
		name := b.strs.String(a.Key)
		bare := strings.TrimPrefix(name, b.prefix+".")
		switch {
		case p.ID == ids.PartOrchestration && !vocab.IsControl(p.Root.Class): // it decides nothing about requests
		case bare == "request.outcome" || bare == "response.outcome":
			values := a.Values
			if a.Op == OpConst {
				values = []otlp.Attr{a.Attr, a.Attr, a.Attr}
			}
			own.put(name, Attr{Op: OpPartOutcome, Attr: otlp.Attr{Word: uint64(p.ID)}, Values: values})
		case bare == "block.reason" || bare == "policy.fail_mode" || strings.Contains(bare, ".audit."):
			own.put(name, a)
		}
	}
}
