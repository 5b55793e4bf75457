package plan

import (
	"cmp"
	"math"
	"slices"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// cause is what a failure is made of.
type cause struct {
	kind      string // error.type
	category  string // "" follows from kind
	exception *scenario.Exception
	codes     []int64 // nil follows from kind
}

// said is what the usual failures say of themselves. Words of retry.reason
// that no failure has, such as rate_limited, are for trees that set them.
var said = map[string]struct {
	exception, message, category, reason string
	codes                                []int64
}{
	"timeout":           {"TimeoutError", "no answer within the deadline", "runtime", "timeout", nil},
	"unavailable":       {"ServiceUnavailable", "the service does not accept calls", "runtime", "unavailable", []int64{503}},
	"invalid_arguments": {"InvalidArguments", "an argument is missing or malformed", "validation", "unknown", []int64{400, 422}},
	"tool_error":        {"ToolError", "the tool reported an error", "runtime", "transient_error", []int64{500}},
	"protocol_error":    {"ProtocolError", "the answer could not be read", "runtime", "transient_error", []int64{502}},
}

// failure returns the index of a failure of the scenario, adding it at its
// first use.
func (b *builder) failure(c cause) uint32 {
	usual, known := said[c.kind]
	if !known {
		usual.exception, usual.message, usual.category, usual.reason = "SimulatedError", c.kind, "runtime", "unknown"
	}
	if c.exception == nil {
		c.exception = &scenario.Exception{}
	}
	exception, message := cmp.Or(c.exception.Type, usual.exception), cmp.Or(c.exception.Message, usual.message)
	id := b.strs.ID
	f := Failure{
		Type: id(c.kind), Category: id(cmp.Or(c.category, usual.category)),
		Exception: id(exception), Message: id(message), Stack: id(exception + ": " + message),
		Reason: id(usual.reason), Codes: c.codes, Unreached: c.kind == unreached, Late: c.kind == late,
	}
	if f.Codes == nil {
		f.Codes = usual.codes
	}
	for i, x := range b.out.Failures {
		if x.Type == f.Type && x.Category == f.Category && x.Stack == f.Stack && slices.Equal(x.Codes, f.Codes) {
			return uint32(i)
		}
	}
	f.Response = b.failed(c.kind, message)
	b.out.Failures = append(b.out.Failures, f)
	return uint32(len(b.out.Failures) - 1)
}

// unreached is what a call fails with that nobody took.
const unreached = "unavailable"

// late is what a call fails with that was waited for in vain.
const late = "timeout"

// retryable is what is worth another attempt when the scenario does not say.
var retryable = []string{"timeout", "unavailable"}

// usualFailure is what spans of a class fail with when the scenario does not
// say.
func usualFailure(class string) string { return cmp.Or(vocab.Of(class).Failure, "unavailable") }

// fallible gives a node its errors and its further attempts. Either may be nil.
func (b *builder) fallible(n *Node, m *scenario.ErrorModel, r *scenario.Retry, pos input.Pos) {
	var types, again []string
	var weights []float64
	if m != nil {
		types, weights, again = m.Types, m.Weights, m.RetryableTypes
	}
	if r != nil {
		if again == nil || r.RetryableTypes != nil {
			again = r.RetryableTypes
		}
		if again == nil {
			again = retryable
		}
		if types == nil {
			types = again
		}
	}
	if types == nil {
		types = []string{usualFailure(n.Class)}
	}
	if m != nil {
		n.Fail = &Fail{
			Probability: b.probability(m.Rate, pos), FromParent: b.probability(m.FromParent, pos),
			Siblings: b.probability(m.CascadeToSiblings, pos),
		}
		n.Fail.Kinds, n.Fail.Choice = b.kinds(types, weights, pos)
	}
	if r != nil {
		n.Retry = b.retry(r, types, again, weights, pos)
	}
}

// retry compiles further attempts. Those that fail because a rate or the
// scenario says so fail with what can be tried again.
func (b *builder) retry(r *scenario.Retry, types, again []string, weights []float64, pos input.Pos) *Retry {
	out := b.waits(r, pos)
	var kinds []string
	var shares []float64
	for i, t := range types {
		if slices.Contains(again, t) && (weights == nil || weights[i] > 0) {
			kinds = append(kinds, t)
			if weights != nil {
				shares = append(shares, weights[i])
			}
		}
	}
	if kinds == nil {
		kinds, shares = again, nil
	}
	out.Kinds, out.Choice = b.kinds(kinds, shares, pos)
	return out
}

// waits compiles how often something is tried, with which chances, and the waits
// between.
func (b *builder) waits(r *scenario.Retry, pos input.Pos) *Retry {
	out := &Retry{Max: r.MaxAttempts, Forced: r.ForceInitialFailure}
	for _, rate := range r.SuccessRates {
		out.Success = append(out.Success, b.probability(rate, pos))
	}
	wait := float64(r.BackoffBase * nanosPerMilli)
	for range r.MaxAttempts - 1 {
		if wait > maxLatency {
			b.problems.Errorf(pos, "retry: a backoff may be over %d hours", maxLatency/hour)
			break
		}
		out.Backoff = append(out.Backoff, int64(math.Floor(wait+0.5)))
		wait = float64(wait * r.BackoffMultiplier)
	}
	if r.BackoffJitter > 0 && r.BackoffBase > 0 {
		reach := float64(r.BackoffJitter * 1e6)
		t, err := dist.Compile(dist.Spec{Kind: dist.Uniform, Low: -reach, High: reach}, 1)
		if err != nil {
			b.problems.Errorf(pos, "retry: backoff_jitter: %v", err)
		}
		out.Jitter = t
	}
	return out
}

// kinds compiles a choice of error types; the choice is nil when all are equally
// likely.
func (b *builder) kinds(types []string, weights []float64, pos input.Pos) (kinds []uint32, choice *dist.Choice) {
	for _, t := range types {
		kinds = append(kinds, b.failure(cause{kind: t}))
	}
	if weights != nil {
		var err error
		if choice, err = dist.NewChoice(weights); err != nil {
			b.problems.Errorf(pos, "error type weights: %v", err)
		}
	}
	return kinds, choice
}

func (b *builder) probability(p float64, pos input.Pos) dist.Probability {
	out, err := dist.NewProbability(p)
	if err != nil {
		b.problems.Errorf(pos, "%v", err)
	}
	return out
}

// certain is a failure that always happens.
func (b *builder) certain(c cause) *Fail {
	return &Fail{Probability: present, Kinds: []uint32{b.failure(c)}}
}

// exceptionOf is the event of a span that failed.
func (b *builder) exceptionOf() Event {
	var set attrSet
	set.put("exception.type", op(OpException))
	set.put("exception.message", op(OpMessage))
	set.put("exception.stacktrace", op(OpStack))
	return Event{Name: b.strs.ID("exception"), Failed: true, Attrs: set.finish(b.strs)}
}

// forgetFailures takes from the spans of a scenario in which nothing can fail by
// itself what only a failure needs.
func (b *builder) forgetFailures() {
	var any func(n *Node) bool
	any = func(n *Node) bool {
		return n.Fail != nil || n.Retry != nil || len(n.Effects) > 0 || len(n.runs) > 0 || slices.ContainsFunc(n.Children, func(c Node) bool { return any(&c) })
	}
	for p := range b.out.Parts() {
		if any(&p.Root) {
			return
		}
	}
	for p := range b.out.Parts() {
		b.withoutFailure(&p.Root)
	}
}

// withoutFailure makes a node that cannot fail one that does not know how to.
func (b *builder) withoutFailure(n *Node) {
	if n.Role != vocab.RoleFixed {
		n.Role = vocab.RoleOwn
		n.Events = slices.DeleteFunc(n.Events, func(e Event) bool { return e.Failed })
	}
	n.Attrs = slices.DeleteFunc(n.Attrs, func(a Attr) bool {
		switch a.Op {
		case OpErrorType, OpCategory, OpReason, OpBackoff, OpIfFailed:
			return true
		}
		return false
	})
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch a.Op {
		case OpOutcome:
			key := a.Key
			*a = Attr{Attr: a.Values[0], Path: a.Path}
			a.Key = key
		case OpUnlessFailed:
			if n.Status != otlp.StatusError {
				a.Op = OpConst
			}
		}
	}
	for i := range n.Children {
		b.withoutFailure(&n.Children[i])
	}
}
