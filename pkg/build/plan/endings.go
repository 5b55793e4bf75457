package plan

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// outcomeWords are the attributes that say how a span ended, with their words
// for success and failure.
var outcomeWords = map[string][2]string{
	"step.outcome": {"success", "fail"}, "mcp.attempt.outcome": {"success", "fail"}, "a2a.outcome": {"success", "error"},
	"request.outcome": {"allowed", "error"}, "response.outcome": {"allowed", "error"}, "validation.result": {"valid", "invalid"},
}

// ending is what a node of a tree says in its attributes of how its span ends.
type ending struct {
	fails   bool // an outcome says so
	types   []string
	weights []float64 // of types; nil: equal
}

// failing reports whether an outcome is that of something that failed.
func failing(outcome string) bool { return oneOf(outcome, "fail", "error", "invalid") }

// saysFailure reports whether a node of the control plane in a tree has an
// outcome of a failure. Elsewhere such a word makes nothing fail: there it may
// be the point of a test, which is told when it is loaded.
func (b *builder) saysFailure(s *scenario.Node) bool {
	return vocab.IsControl(s.Type) && slices.ContainsFunc(s.Attributes, func(a scenario.Attribute) bool {
		_, ok := outcomeWords[strings.TrimPrefix(b.conv.Rename(a.Key, b.prefix), b.prefix+".")]
		return ok && a.Dist == nil && a.Choices == nil && failing(strings.TrimSpace(a.Value.Str))
	})
}

// endingAttribute compiles an attribute that says how the span of a node ends: outcomes
// follow what happens to it, and what an error has stands on errors only. ok is
// false for any other attribute.
func (b *builder) endingAttribute(s *scenario.Node, a scenario.Attribute, name string, own *attrSet) (ok bool) {
	bare := strings.TrimPrefix(name, b.prefix+".")
	words, isOutcome := outcomeWords[bare]
	constant := a.Dist == nil && a.Choices == nil && a.Value.Kind == scenario.String
	switch {
	case isOutcome && constant && failing(strings.TrimSpace(a.Value.Str)) && !own.end.fails:
		return false
	case isOutcome && constant:
		v := strings.TrimSpace(a.Value.Str)
		failed := words[1]
		if failing(v) {
			failed = v
		}
		def, known := b.dict.OnSpan(s.Type, name)
		b.attribute(a, def, known) // says what the conventions do not allow
		own.set(name, b.outcome(v, v, failed))
	case isOutcome:
		b.problems.Warnf(a.Pos, "attribute %s: has no effect: it follows from what happens to the span; say error: {rate: ...}", a.Key)
	case name == errorKey && (s.Error != nil || own.end.fails) && a.Dist == nil:
		own.end.kinds(a)
	case bare == "error.category" && constant && (s.Error != nil || own.end.fails):
		own.set(name, Attr{Op: OpIfFailed, Attr: b.str(a.Value.Str).Attr})
	default:
		return false
	}
	return true
}

// kinds takes what a span fails with from its attribute error.type.
func (e *ending) kinds(a scenario.Attribute) {
	e.types, e.weights = nil, nil
	for _, v := range a.Choices {
		e.types = append(e.types, v.String())
	}
	e.weights = a.Weights
	if a.Choices == nil {
		e.types = []string{a.Value.String()}
	}
}

// giveErrors gives a node the errors and attempts of its tree, and those that its
// attributes ask for.
func (b *builder) giveErrors(n *Node, own *attrSet, s *scenario.Node) {
	m := s.Error
	if end := own.end; end.fails || end.types != nil {
		more := scenario.ErrorModel{}
		if m != nil {
			more = *m
		}
		if more.Types == nil && end.types != nil {
			more.Types, more.Weights = end.types, end.weights
		}
		if end.fails {
			if m != nil && m.Rate < 1 {
				b.problems.Errorf(s.Pos, "scenario %s: the attributes of this span say that it fails, and its error rate is %v", b.def.Name, m.Rate)
			}
			more.Rate = 1
		}
		m = &more
	}
	b.fallible(n, m, s.Retry, s.Pos)
}

// controlTree completes what a node of the control plane says of itself in a
// tree. In its template it is told how it ends; here it finds out.
func (b *builder) controlTree(s *scenario.Node, own *attrSet) {
	blocked, reason := stopped(s, b)
	for _, bare := range vocab.Of(s.Type).Verdicts {
		name := b.prefix + "." + bare
		words := outcomeWords[bare]
		if step := own.find(b.prefix + ".step.outcome"); bare == "validation.result" && b.strs.String(otlp.StringID(step.Values[0].Word)) == "block" {
			continue // it has decided without looking
		}
		if bare == "step.outcome" {
			words[0] = "pass"
		}
		if blocked && (bare == "request.outcome" || bare == "response.outcome") && !own.has(name) {
			words[0] = "blocked"
			own.put(b.prefix+".block.reason", Attr{Op: OpUnlessFailed, Attr: b.str(reason).Attr})
		}
		own.put(name, b.outcome(words[0], words[0], words[1]))
	}
	if s.Type == vocab.Policy {
		decision := "allow"
		if at := own.find(b.prefix + ".step.outcome"); b.strs.String(otlp.StringID(at.Values[0].Word)) == "block" {
			decision = "block"
		}
		own.put(b.prefix+".policy.decision", b.str(decision))
	}
	for _, def := range b.attributesOf(s.Type) {
		name := b.conv.Rename(def.Name, b.prefix)
		if _, _, known := b.program(s.Type, b.conv.Known(def.Name), facts{}); known || own.has(name) || def.Level != semconv.Required {
			continue
		}
		if a, ok := b.generic(def, b.conv.Known(def.Name)); ok {
			own.put(name, a)
		}
	}
	own.put(errorKey, op(OpErrorType))
	own.put(b.prefix+".error.category", op(OpCategory))
}

// controlRole is how the outcome of a control-plane span of a tree follows from
// what is below it. One that was blocked was so because of it.
func (b *builder) controlRole(n *Node, own *attrSet) {
	n.Role = vocab.RoleOwn
	if slices.Contains([]string{vocab.Request, vocab.Response, vocab.Unified}, n.Class) {
		n.Role = vocab.RoleTask
	}
	for _, bare := range []string{"request.outcome", "response.outcome"} {
		if a := own.find(b.prefix + "." + bare); a != nil && a.Op == OpOutcome && b.strs.String(otlp.StringID(a.Values[0].Word)) == "blocked" {
			n.Role = vocab.RoleOwn
		}
	}
	n.Events = append(n.Events, b.exceptionOf())
}

// stopped reports whether a step of a validation in a tree turns the request
// away, and the reason that this is.
func stopped(s *scenario.Node, b *builder) (bool, string) {
	reasons := map[string]string{vocab.Payload: "invalid_payload", vocab.Policy: "request_policy", vocab.Augmentation: "invalid_context"}
	if s.Type == vocab.Response {
		reasons = map[string]string{vocab.Policy: "response_policy"}
	}
	for i := range s.Children {
		c := &s.Children[i]
		for _, a := range c.Attributes {
			if reasons[c.Type] != "" && b.conv.Rename(a.Key, b.prefix) == b.prefix+".step.outcome" && a.Value.Str == "block" {
				return true, reasons[c.Type]
			}
		}
	}
	return false, ""
}

func oneOf(s string, words ...string) bool { return slices.Contains(words, s) }
