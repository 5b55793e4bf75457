package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// requestTree compiles the trace that validates a request.
func (b *builder) requestTree(t *scenario.Template) Node {
	policy := t.Policy
	if x := b.def.PolicyException; x != nil {
		policy.Exception = x
	}
	return b.validation(vocab.Request, t, attrSet{}, []step{
		{vocab.Payload, &t.Payload, true},
		{vocab.Policy, &policy, t.IncludePolicy},
		{vocab.Augmentation, &t.Augmentation, t.IncludeAugmentation},
	})
}

// responseTree compiles the trace that validates a response. There is nothing
// to let through when the orchestration failed: then it fails too, whatever
// its template says.
func (b *builder) responseTree(t *scenario.Template) Node {
	own := attrSet{}
	own.put(b.prefix+".cp.incoming_trace_id", op(OpRequestTrace))
	own.put(b.prefix+".cp.outgoing_trace_id", op(OpReplyTrace))
	own.put(b.prefix+".dp.trace_id", op(OpDataTrace))
	root := b.validation(vocab.Response, t, own, []step{
		{vocab.Policy, &t.Policy, t.IncludePolicy},
	})
	if t.Outcome == scenario.Failed {
		return root
	}
	root.Role = vocab.RoleResponse
	root.Gate = false // nothing follows
	if len(root.Events) > 0 {
		return root // it knows already how to fail
	}
	for i := range root.Attrs {
		if a := &root.Attrs[i]; b.isVerdict(b.strs.String(a.Key)) {
			a.Op = OpUnlessFailed
		}
	}
	b.failsAs(&root, b.prefix+".response.outcome", t.Outcome.String(), scenario.Failed.String())
	return root
}

// isVerdict reports whether an attribute tells what a validation that was
// carried through has decided.
func (b *builder) isVerdict(name string) bool {
	bare, ok := strings.CutPrefix(name, b.prefix+".")
	return ok && (strings.HasPrefix(bare, "block.") || strings.HasPrefix(bare, "request.audit.") || strings.HasPrefix(bare, "response.audit.") || strings.HasPrefix(bare, "policy."))
}

// merged returns attributes with more of them, in place where they exist, and
// otherwise in their place by name.
func (b *builder) merged(attrs []Attr, more *attrSet) []Attr {
	for _, a := range more.finish(b.strs) {
		i := slices.IndexFunc(attrs, func(x Attr) bool { return x.Key == a.Key })
		if i >= 0 {
			attrs[i] = a
			continue
		}
		for i = 0; i < len(attrs) && b.isEverywhere(attrs[i]); {
			i++
		}
		for i < len(attrs) && b.strs.String(attrs[i].Key) < b.strs.String(a.Key) {
			i++
		}
		attrs = slices.Insert(attrs, i, a)
	}
	return attrs
}

// isEverywhere reports whether an attribute is one of those that stand first on
// every span.
func (b *builder) isEverywhere(a Attr) bool {
	return slices.ContainsFunc(b.conv.Vocabulary.Every, func(bare string) bool { return b.strs.ID(b.full(bare)) == a.Key })
}

// step is one step of a validation.
type step struct {
	class   string
	part    *scenario.TemplatePart
	include bool
}

// fault is why a validation span failed.
type fault struct {
	kind, category string
	exception      *scenario.Exception
}

// validation compiles a validation: its root and the steps that run. A step
// that the template marks as skipped leaves no span. A root that failed says
// why with the words of the first step that did.
func (b *builder) validation(class string, t *scenario.Template, own attrSet, steps []step) Node {
	var children []Node
	var why *fault
	chance := false
	for _, s := range steps {
		if !s.include || isSkipped(s.part) {
			continue
		}
		if s.part.ErrorRate > 0 && s.part.ErrorRate < 1 {
			chance = true
			children = append(children, b.chanceNode(s, t))
			continue
		}
		var f *fault
		if s.part.ErrorRate >= 1 {
			f = &fault{errorType(s.class, s.part), errorCategory(s.class), s.part.Exception}
			if why == nil {
				why = f
			}
		}
		children = append(children, b.controlNode(s.class, s.part, attrSet{}, t, f))
	}
	if t.Outcome != scenario.Failed {
		why = nil
	} else {
		own := fault{errorType(class, &t.Root), errorCategory(class), t.Root.Exception}
		if why != nil {
			own.category, own.exception = why.category, cmp.Or(own.exception, why.exception)
			if !hasKey(&t.Root, errorKey) {
				own.kind = why.kind
			}
		}
		why = &own
	}
	key := b.prefix + "." + strings.TrimSuffix(class, ".validation") + ".outcome"
	own.put(key, b.str(t.Outcome.String()))
	root := b.controlNode(class, &t.Root, own, t, why)
	root.Children = children
	if chance && root.Status != otlp.StatusError {
		b.chanceRoot(&root, key, t)
	}
	return root
}

// chanceNode compiles a step that fails now and then. When it does not, it is
// what the template says.
func (b *builder) chanceNode(s step, t *scenario.Template) Node {
	part := *s.part
	part.ErrorRate = 0
	n := b.controlNode(s.class, &part, attrSet{}, t, nil)
	n.Role = vocab.RoleOwn
	n.Fail = b.certain(cause{errorType(s.class, s.part), errorCategory(s.class), s.part.Exception, nil})
	n.Fail.Probability = b.probability(s.part.ErrorRate, t.Pos)
	verdict := "pass"
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch name := b.strs.String(a.Key); {
		case name == b.prefix+".step.outcome" && a.Op == OpConst && a.Kind == otlp.KindString:
			verdict = b.strs.String(otlp.StringID(a.Word))
		case name == b.prefix+".validation.result" && a.Op == OpConst:
			key := a.Attr.Key
			*a = b.outcome("valid", "valid", "invalid")
			a.Key = key
		case strings.HasPrefix(name, b.prefix+".block."):
			a.Op = OpUnlessFailed
		}
	}
	b.failsAs(&n, b.prefix+".step.outcome", verdict, "fail")
	return n
}

// chanceRoot makes a validation fail when one of its steps does. Then the
// request goes no further.
func (b *builder) chanceRoot(root *Node, key string, t *scenario.Template) {
	root.Role, root.Gate = vocab.RoleTask, true
	for i := range root.Attrs {
		if a := &root.Attrs[i]; a.Op == OpConst && b.isVerdict(b.strs.String(a.Key)) {
			a.Op = OpUnlessFailed
		}
	}
	b.failsAs(root, key, t.Outcome.String(), scenario.Failed.String())
}

// failsAs gives a control-plane span what it says of a failure while it runs:
// in its outcome, its errors and an exception.
func (b *builder) failsAs(n *Node, key, usual, failed string) {
	var more attrSet
	more.put(key, b.outcome(usual, usual, failed))
	more.put(errorKey, op(OpErrorType))
	more.put(b.prefix+".error.category", op(OpCategory))
	n.Attrs = b.merged(n.Attrs, &more)
	n.Events = append(n.Events, b.exceptionOf())
}

// errorKey is the one template attribute that carries no prefix.
const errorKey = "error.type"

func hasKey(p *scenario.TemplatePart, key string) bool {
	return slices.ContainsFunc(p.Attributes, func(a scenario.Attribute) bool { return a.Key == key })
}

func isSkipped(p *scenario.TemplatePart) bool {
	for _, a := range p.Attributes {
		if a.Key == "step.outcome" {
			return strings.HasPrefix(a.Value.Str, "skip")
		}
	}
	return false
}

// controlNode compiles one span of a template, failed for the reason why
// unless that is nil. What own holds stays, whatever the template says.
func (b *builder) controlNode(class string, p *scenario.TemplatePart, own attrSet, t *scenario.Template, why *fault) Node {
	category := b.prefix + ".error.category"
	b.templateAttributes(&own, class, p, why != nil)
	if why != nil {
		own.put(errorKey, b.str(why.kind))
		own.put(category, b.str(why.category))
	}
	n := b.node(class, &own, facts{})
	n.Latency = b.latency(nil, b.cfg.Latencies[class], t.Pos)
	n.Pos = cmp.Or(p.Pos, t.Pos)
	for _, e := range p.Errors {
		n.Events = append(n.Events, b.validationEvent(e))
	}
	if why != nil {
		n.Status = otlp.StatusError
		if len(p.Errors) == 0 {
			n.Events = append(n.Events, b.exceptionEvent(why.exception, why.kind))
		}
	}
	return n
}

// templateAttributes adds a part's attributes under the prefix. What only an
// error has is left out of a span without one.
func (b *builder) templateAttributes(own *attrSet, class string, p *scenario.TemplatePart, failed bool) {
	for _, a := range p.Attributes {
		name := b.prefix + "." + a.Key
		if a.Key == errorKey {
			name = a.Key
		}
		if !failed && (a.Key == errorKey || a.Key == "error.category") {
			continue
		}
		def, known := b.dict.OnSpan(class, name)
		own.put(name, b.attribute(a, def, known))
	}
}

// errorType is the error.type of a failed validation span: what the template
// says, else what its kind of step fails with.
func errorType(class string, p *scenario.TemplatePart) string {
	for _, a := range p.Attributes {
		if a.Key == errorKey {
			return a.Value.String()
		}
	}
	switch {
	case p.Exception != nil && strings.Contains(strings.ToLower(p.Exception.Type), "timeout"):
		return "timeout"
	case class == vocab.Payload:
		return "invalid_arguments"
	}
	return "unavailable"
}

// errorCategory is who is to blame for a failed validation span.
func errorCategory(class string) string {
	switch class {
	case vocab.Payload:
		return "validation"
	case vocab.Policy:
		return "policy"
	}
	return "runtime"
}

func (b *builder) validationEvent(e scenario.ValidationError) Event {
	var set attrSet
	p := b.prefix + ".validation.error"
	set.put(p+".path", b.str(e.Path))
	set.put(p+".rule", b.str(e.Rule))
	set.put(p+".code", b.str(e.Code))
	return Event{Name: b.strs.ID(p), Attrs: set.finish(b.strs)}
}

func (b *builder) exceptionEvent(x *scenario.Exception, kind string) Event {
	said := scenario.Exception{Type: "SimulatedError", Message: kind}
	if x != nil {
		said.Type, said.Message = cmp.Or(x.Type, said.Type), cmp.Or(x.Message, said.Message)
	}
	var set attrSet
	set.put("exception.type", b.str(said.Type))
	set.put("exception.message", b.str(said.Message))
	return Event{Name: b.strs.ID("exception"), Attrs: set.finish(b.strs)}
}
