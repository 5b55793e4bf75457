package plan

import (
	"strings"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// requestTree compiles the trace that validates a request.
func (b *builder) requestTree(t *scenario.Template) Node {
	lat := b.cfg.Latencies
	root := b.controlNode(classRequest, &t.Root, t, lat.RequestValidation)
	if t.Outcome == scenario.Failed {
		root.Status = otlp.StatusError
	}
	b.addStep(&root, classPayload, &t.Payload, t, true, lat.ValidationPayload)
	policy := t.Policy
	if b.def.PolicyException != nil {
		policy.Exception = b.def.PolicyException
	}
	b.addStep(&root, classPolicy, &policy, t, t.IncludePolicy, lat.ValidationPolicy)
	b.addStep(&root, classAugment, &t.Augmentation, t, t.IncludeAugmentation, lat.Augmentation)
	return root
}

// responseTree compiles the trace that validates a response.
func (b *builder) responseTree(t *scenario.Template) Node {
	lat := b.cfg.Latencies
	own := attrSet{}
	own.put(b.prefix+".cp.incoming_trace_id", op(OpRequestTrace))
	own.put(b.prefix+".cp.outgoing_trace_id", op(OpReplyTrace))
	own.put(b.prefix+".dp.trace_id", op(OpDataTrace))
	b.templateAttributes(&own, classResponse, &t.Root)
	root := b.node(classResponse, &own, facts{})
	root.Latency = b.latency(nil, lat.ResponseValidation, t.Pos)
	if t.Outcome == scenario.Failed {
		root.Status = otlp.StatusError
	}
	b.addStep(&root, classPolicy, &t.Policy, t, t.IncludePolicy, lat.ValidationPolicy)
	return root
}

// addStep appends a validation step that runs. A step that the template marks
// as skipped leaves no span.
func (b *builder) addStep(root *Node, class string, p *scenario.TemplatePart, t *scenario.Template, include bool, usual float64) {
	if !include || isSkipped(p) {
		return
	}
	root.Children = append(root.Children, b.controlNode(class, p, t, usual))
}

func isSkipped(p *scenario.TemplatePart) bool {
	for _, a := range p.Attributes {
		if a.Key == "step.outcome" {
			return strings.HasPrefix(a.Value.Str, "skip")
		}
	}
	return false
}

// controlNode compiles one span of a template.
func (b *builder) controlNode(class string, p *scenario.TemplatePart, t *scenario.Template, usual float64) Node {
	var own attrSet
	b.templateAttributes(&own, class, p)
	failed := class != classRequest && p.ErrorRate >= 1 || class == classRequest && t.Outcome == scenario.Failed
	kind := errorType(class, p)
	if failed {
		own.put("error.type", b.str(kind))
		own.put(b.prefix+".error.category", b.str(errorCategory(class)))
	}
	n := b.node(class, &own, facts{})
	n.Latency = b.latency(nil, usual, t.Pos)
	if failed {
		n.Status = otlp.StatusError
	}
	for _, e := range p.Errors {
		n.Events = append(n.Events, b.validationEvent(e))
	}
	if failed && len(p.Errors) == 0 {
		n.Events = append(n.Events, b.exceptionEvent(p.Exception, kind))
	}
	return n
}

// templateAttributes adds a part's attributes under the prefix. A template may
// name the type of its error, which carries no prefix.
func (b *builder) templateAttributes(own *attrSet, class string, p *scenario.TemplatePart) {
	for _, a := range p.Attributes {
		name := b.prefix + "." + a.Key
		if a.Key == "error.type" {
			name = a.Key
		}
		def, known := b.dict.OnSpan(class, name)
		own.set(name, b.attribute(a, def, known))
	}
}

// errorType is the error.type of a failed validation span: what the template
// says, else what its kind of step fails with.
func errorType(class string, p *scenario.TemplatePart) string {
	for _, a := range p.Attributes {
		if a.Key == "error.type" {
			return a.Value.Str
		}
	}
	switch {
	case p.Exception != nil && strings.Contains(strings.ToLower(p.Exception.Type), "timeout"):
		return "timeout"
	case class == classPayload:
		return "invalid_arguments"
	}
	return "unavailable"
}

// errorCategory is who is to blame for a failed validation span.
func errorCategory(class string) string {
	switch class {
	case classPayload:
		return "validation"
	case classPolicy:
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
	if x == nil {
		x = &scenario.Exception{Type: "SimulatedError", Message: kind}
	}
	var set attrSet
	set.put("exception.type", b.str(x.Type))
	set.put("exception.message", b.str(x.Message))
	return Event{Name: b.strs.ID("exception"), Attrs: set.finish(b.strs)}
}
