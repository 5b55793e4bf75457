package gen

import (
	"math/bits"

	"github.com/otelsim/otelsim/pkg/build/dist"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/rng"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// none is a failure's index where there is none.
const none = int32(-1)

// verdict is what is known of a span before it is expanded.
type verdict struct {
	decided bool
	failure int32 // when decided: none, or an index into Scenario.Failures
}

// Names of the streams of a span's failures among those of its outcome.
const (
	hashFail  = 1 // its own
	hashRetry = 2 // of an attempt by a rate
	hashPhase = 3 // and above: of the phases
)

// Names of the streams of a span among those of its latency, beside its duration.
const (
	hashBackoff = 1 // the wait before it
)

// failsByItself decides whether a span fails by itself, and with what. The words of the
// stream have fixed uses, so that a changed rate moves no other decision.
func (g *Generator) failsByItself(n *plan.Node, path uint64, at place) int32 {
	f := n.Fail
	if f == nil || !f.Strikes(g.req.selected) {
		return g.failsInPhase(n, path)
	}
	s := g.part.keys[n.Part][rng.Outcome].Index(path).Index(hashFail).Stream()
	fails := f.Probability.Draw(&s)
	kind := g.kind(f.Kinds, f.Choice, &s)
	fails = f.FromParent.Draw(&s) && at.parentFailed || fails
	if w := s.Uint64(); fails || at.siblings != nil && at.siblings.Siblings.Below(w) {
		return kind
	}
	return g.failsInPhase(n, path)
}

// failsInPhase decides whether a phase makes a span fail, and with what.
func (g *Generator) failsInPhase(n *plan.Node, path uint64) int32 {
	for i := range n.Effects {
		e := &n.Effects[i]
		if e.Fail == nil || g.req.since < e.From || g.req.since >= e.To {
			continue
		}
		s := g.part.keys[n.Part][rng.Outcome].Index(path).Index(hashPhase + uint64(i)).Stream()
		if e.Fail.Probability.Draw(&s) {
			return g.kind(e.Fail.Kinds, e.Fail.Choice, &s)
		}
	}
	return none
}

// stretch is a duration as the phases of the request leave it.
func (g *Generator) stretch(n *plan.Node, length int64) int64 {
	for i := range n.Effects {
		if e := &n.Effects[i]; e.Factor != 1_000_000 && g.req.since >= e.From && g.req.since < e.To {
			length = share(length, e.Factor)
		}
	}
	return length
}

// kind draws one of the failures. It consumes one word of s.
func (g *Generator) kind(kinds []uint32, choice *dist.Choice, s *rng.Stream) int32 {
	w := s.Uint64()
	switch {
	case len(kinds) == 0:
		return none
	case choice == nil:
		hi, _ := bits.Mul64(w, uint64(len(kinds)))
		return int32(kinds[hi])
	}
	return int32(kinds[choice.At(w)])
}

// attempts expands a node that is tried again when it fails, from an offset in
// its parent on. It returns the index of the last attempt, how many there were
// and when, from the same offset, it ended.
func (g *Generator) attempts(n *plan.Node, at place, path uint64, offset int64) (last, count int32, total int64) {
	st := &g.part
	r := n.Retry
	keys := &st.keys[n.Part]
	for k := int64(0); k < r.Max; k++ {
		p := path
		if k > 0 {
			p = step(path, uint64(k))
		}
		s := keys[rng.Outcome].Index(p).Index(hashRetry).Stream()
		succeeds, kind := s.Uint64(), g.kind(r.Kinds, r.Choice, &s)
		v := verdict{decided: true, failure: none}
		switch f := n.Fail; {
		case f != nil && f.Probability.Always() && f.Strikes(g.req.selected):
			v.failure = g.failsByItself(n, p, at) // whatever the rates
		case k == 0 && r.Forced:
			v.failure = kind
		case len(r.Success) == 0:
			v.failure = g.failsByItself(n, p, at)
		case !r.Success[min(int(k), len(r.Success)-1)].Below(succeeds):
			v.failure = kind
		default:
			v.failure = g.failsInPhase(n, p)
		}
		wait := int64(0)
		if k > 0 {
			wait = g.backoff(r, k, keys, p)
			total += wait
			at.attempt++
		}
		last = int32(len(st.spans))
		d := g.expand(n, at, p, v)
		x := &st.spans[last]
		x.offset, x.backoff = offset+total, wait
		total += d
		count++
		if at.before = x.failure; at.before == none || !retryable(r, at.before) {
			break
		}
	}
	return last, count, total
}

func retryable(r *plan.Retry, failure int32) bool {
	for _, k := range r.Kinds {
		if int32(k) == failure {
			return true
		}
	}
	return false
}

// backoff is the wait in nanoseconds before attempt k, counted from 0.
func (g *Generator) backoff(r *plan.Retry, k int64, keys *[rng.NumPurposes]rng.Key, path uint64) int64 {
	wait := r.Backoff[min(int(k)-1, len(r.Backoff)-1)]
	if r.Jitter == nil {
		return wait
	}
	s := keys[rng.Latency].Index(path).Index(hashBackoff).Stream()
	return share(wait, uint64(1_000_000+r.Jitter.Draw(&s)))
}

// place is where a node stands in the trace.
type place struct {
	parent   int32
	attempt  int32      // its number among its siblings, for an attempt
	before   int32      // the failure of the attempt before, or none
	siblings *plan.Fail // of a sibling before it that failed; nil when none did

	parentFailed bool  // by itself
	turnFailure  int32 // of the turn that it answers, or none
	beside       bool  // others are there that run at the same time
}

// tally is what the children of a span have come to.
type tally struct {
	failure   int32      // of the first child that failed
	last      int32      // of the last attempt
	composed  int32      // of the composition of a response
	spreads   *plan.Fail // of the latest child that failed
	trouble   bool       // something below failed
	succeeded bool       // a child did
	composes  bool
}

// add counts a child, whose attempts before the last are not in x.
func (t *tally) add(x *span) {
	if x.node.Role == vocab.RoleCompose {
		t.composes, t.composed = true, x.failure
	}
	if x.node.Attempt {
		t.last = x.failure // it may be made up for
	} else {
		t.trouble = t.trouble || x.trouble
	}
	if x.failure != none && x.spreads != nil {
		t.spreads = x.spreads
	}
	if x.failure == none {
		t.succeeded = true
	} else if t.failure == none {
		t.failure = x.failure
	}
}

// conclude decides the outcome of a span from its own failure, that of the turn
// that it answers, and its children's: an attempt that failed and was tried
// again with success fails nothing, and a turn whose answer was composed all the
// same is partial.
func (s *span) conclude(own, turnFailure int32, t *tally) {
	s.failure, s.outcome = own, plan.Succeeded
	switch s.node.Role {
	case vocab.RoleTask:
		if own == none {
			s.failure = t.failure
		}
	case vocab.RoleTool:
		if own == none {
			s.failure = t.last
		}
	case vocab.RoleTurn:
		switch {
		case own != none:
		case t.composes && t.composed != none:
			s.failure = t.composed
		case !t.composes && t.trouble && !t.succeeded:
			s.failure = t.failure
		}
	case vocab.RoleResponse:
		switch {
		case own != none:
		case turnFailure != none:
			s.failure = turnFailure
		default:
			s.failure = t.failure
		}
	case vocab.RoleFixed:
		if s.node.Status == otlp.StatusError {
			s.outcome = plan.Failed
		}
	}
	s.trouble = t.trouble || s.failure != none
	switch f := s.node.Fail; {
	case s.failure == none:
	case f == nil:
		s.spreads = t.spreads
	case !f.Siblings.Never():
		s.spreads = f
	}
	switch {
	case s.failure != none:
		s.outcome = plan.Failed
	case s.node.Role == vocab.RoleTurn && t.trouble:
		s.outcome = plan.Partial
	}
}

// status is the status of a span that has its outcome.
func (s *span) status() uint8 {
	if s.outcome == plan.Failed {
		return otlp.StatusError
	}
	return otlp.StatusUnset
}
