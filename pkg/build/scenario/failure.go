package scenario

import (
	"slices"
	"strings"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/vocab"
)

// maxAttempts bounds how often a call is tried.
const maxAttempts = 100

// retried are the span types that can be tried again: those that call
// somebody else.
var retried = vocab.Names(func(t vocab.Type) bool { return t.Retried })

// errorModel reads the key "error" of a node or a step: a rate, or a mapping.
// It returns nil when the key is absent.
func (l *loader) errorModel(n *input.Node) *ErrorModel {
	if n == nil {
		return nil
	}
	if n.Kind != input.Mapping {
		rate, _ := n.Within(l.p, 0, 1)
		return &ErrorModel{Rate: rate}
	}
	m, _ := n.Map(l.p, errorModelKeys...)
	out := &ErrorModel{
		Rate:           m.Float("base_rate", 0, 0, 1),
		Types:          l.errorTypes(m, "types"),
		RetryableTypes: l.errorTypes(m, "retryable_types"),
	}
	if m.Get("rate") != nil {
		if m.Get("base_rate") != nil {
			m.Warn("base_rate", "has no effect beside rate")
		}
		out.Rate = m.Float("rate", 0, 0, 1)
	}
	if m.Get("type_weights") != nil {
		l.typeWeights(m, out)
	}
	if p, ok := m.Map("propagation", propagationKeys...); ok {
		out.FromParent = p.Float("from_parent", 0.8, 0, 1)
		out.CascadeToSiblings = p.Float("cascade_to_siblings", 0.3, 0, 1)
	}
	return out
}

// errorTypes reads a list of error types, or one; nil when the key is absent.
func (l *loader) errorTypes(m input.Map, key string) []string {
	n := m.Get(key)
	if n == nil {
		return nil
	}
	items, _ := n.Items(l.p, input.String)
	if n.Kind == input.List && len(items) == 0 {
		n.Fail(l.p, "no error types; leave the key out, or name one")
	}
	var out []string
	for _, item := range items {
		s, ok := item.Str(l.p)
		switch s = name(s); {
		case !ok:
		case !slices.Contains(errorTypes, s):
			item.Fail(l.p, "%s", input.Unknown("error type", s, errorTypes))
		case slices.Contains(out, s):
			item.Fail(l.p, "%q is there twice; type_weights makes a type more frequent", s)
		default:
			out = append(out, s)
		}
	}
	return out
}

// typeWeights reads type_weights. Without types, the types are those with a
// weight.
func (l *loader) typeWeights(m input.Map, out *ErrorModel) {
	before := l.p.Found()
	weights, _ := m.Map("type_weights", errorTypes...)
	of := make(map[string]float64)
	total := 0.0
	for _, e := range weights.Entries() {
		if !slices.Contains(errorTypes, e.Key) {
			continue // reported as an unknown key
		}
		of[e.Key], _ = e.Value.Within(l.p, 0, maxNumber)
		total += of[e.Key]
		if m.Get("types") != nil && !slices.Contains(out.Types, e.Key) {
			l.p.Errorf(e.Pos, "type_weights: %q is none of the types", e.Key)
		}
	}
	if total == 0 && l.p.Found() == before {
		m.Fail("type_weights", "all weights are zero")
	}
	if m.Get("types") == nil {
		for _, t := range errorTypes {
			if _, ok := of[t]; ok {
				out.Types = append(out.Types, t)
			}
		}
	}
	for _, t := range out.Types {
		w, ok := of[t]
		if !ok {
			m.Fail("type_weights", "no weight for %q; every type needs one", t)
		}
		out.Weights = append(out.Weights, w)
	}
}

// retry reads the key "retry" of a node or a step that has the error model e,
// nil when it is absent or not enabled. can says whether it belongs there.
func (l *loader) retry(m input.Map, can bool, e *ErrorModel) *Retry {
	r, ok := m.Map("retry", retryKeys...)
	if !ok {
		return nil
	}
	out := l.attempts(r)
	out.RetryableTypes = l.errorTypes(r, l.retryable(r))
	switch {
	case !r.Bool("enabled", true):
		return nil
	case !can:
		m.Fail("retry", "nothing to try again here; retries belong to %s", strings.Join(retried, ", "))
		return nil
	}
	if len(out.SuccessRates) > 0 && e != nil && e.Rate > 0 {
		r.Warn("success_rate_per_attempt", "decides every attempt, so the rate of error has no effect")
	}
	return out
}

// attempts reads how often and when something is tried.
func (l *loader) attempts(r input.Map) *Retry {
	out := &Retry{
		MaxAttempts:         r.Int("max_attempts", 3, 1, maxAttempts),
		ForceInitialFailure: r.Bool("force_initial_failure", false),
		BackoffBase:         r.Float("backoff_base_ms", 100, 0, maxMillis),
		BackoffMultiplier:   r.Float("backoff_multiplier", 2, 0, 1000),
		BackoffJitter:       r.Float("backoff_jitter", 0.2, 0, 1),
	}
	for _, item := range r.List("success_rate_per_attempt") {
		rate, _ := item.Within(l.p, 0, 1)
		out.SuccessRates = append(out.SuccessRates, rate)
	}
	if r.Bool("enabled", true) && len(out.SuccessRates) > int(out.MaxAttempts) {
		r.Warn("success_rate_per_attempt", "%d rates for %d attempts; the further ones have no effect", len(out.SuccessRates), out.MaxAttempts)
	}
	return out
}

// retryable returns which spelling of the list of errors is used.
func (l *loader) retryable(r input.Map) string {
	if r.Get("retryable_types") != nil {
		return l.spelling(r, []string{"retryable_types", "retryable_errors"})
	}
	return "retryable_errors"
}
