package gen_test

import (
	"math"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/gen"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

func TestChildrenStandWithinTheirParents(t *testing.T) {
	eachRequest(t, func(_ *gen.Generator, r *request) {
		for i := range r.spans {
			m := &r.spans[i]
			if m.Start > m.End || m.parent != nil && (m.Start < m.parent.Start || m.End > m.parent.End) {
				t.Errorf("%s: iteration %d: %s is not within its parent", r.scenario.Name, r.iteration, m.node.Class)
			}
		}
	})
}

// Siblings take turns, but for those that are declared to run at one time.
func TestSiblingsTakeTurns(t *testing.T) {
	eachRequest(t, func(_ *gen.Generator, r *request) {
		for i := range r.spans {
			m := &r.spans[i]
			for k := 1; k < len(m.children); k++ {
				a, b := m.children[k-1], m.children[k]
				if b.Start < a.End && (!m.node.Parallel || a.node.Retry != nil && a.node == b.node && a.node.Count == nil) {
					t.Errorf("%s: iteration %d: below %s, %s starts before %s has ended", r.scenario.Name, r.iteration, m.node.Class, b.node.Class, a.node.Class)
				}
			}
		}
	})
}

// Spans last as long as is drawn for them, or as what is below them needs if that
// is longer. So the distribution can be read off the leaves of a corpus.
func TestSpansLastAsDrawnOrNeeded(t *testing.T) {
	eachRequest(t, func(_ *gen.Generator, r *request) {
		for i := range r.spans {
			m := &r.spans[i]
			if len(m.node.Effects) > 0 || m.node.Latency == nil { // phases, or the model, have a say
				continue
			}
			least, most := int64(0), int64(math.MaxInt64) // as the model that it calls has it
			if m.node.Latency != nil {
				least, most = m.node.Latency.Bounds()
			}
			if n := len(m.children); n > 0 {
				end := uint64(0)
				for _, c := range m.children {
					end = max(end, c.End)
				}
				most = max(most, int64(end-m.children[0].Start))
			}
			took := int64(m.End - m.Start)
			if m.node.Serves { // what is drawn is the network's
				took = int64(m.parent.End-m.parent.Start) - took
			}
			if took < least || took > most {
				t.Errorf("%s: iteration %d: %s lasts %d ns, want one of [%d, %d]", r.scenario.Name, r.iteration, m.node.Class, took, least, most)
			}
		}
	})
}

func TestTracesOfAnIterationFollowEachOther(t *testing.T) {
	last, end := ^uint64(0), uint64(0)
	eachRequest(t, func(_ *gen.Generator, r *request) {
		if r.iteration != last {
			last, end = r.iteration, 0
		}
		first := end
		for i := range r.spans {
			m := &r.spans[i]
			if m.parent == nil && m.Start < end {
				t.Errorf("%s: iteration %d: %s starts before the trace before it has ended", r.scenario.Name, r.iteration, m.node.Class)
			}
			if m.parent == nil {
				end = m.End
			}
		}
		if end < first {
			t.Errorf("%s: iteration %d: ends before it starts", r.scenario.Name, r.iteration)
		}
	})
}

func TestRequestsStayWithinTheirWorstCase(t *testing.T) {
	eachRequest(t, func(_ *gen.Generator, r *request) {
		spans := map[otlp.TraceID]int{}
		for i := range r.spans {
			spans[r.spans[i].TraceID]++
			if n := spans[r.spans[i].TraceID]; n > r.scenario.MaxSpans {
				t.Errorf("%s: iteration %d: %d spans, at most %d were expected", r.scenario.Name, r.iteration, n, r.scenario.MaxSpans)
			}
		}
		first, last := &r.spans[0], &r.spans[len(r.spans)-1]
		if took := last.End - first.Start; took > r.scenario.MaxDuration {
			t.Errorf("%s: iteration %d: took %d ns, at most %d were expected", r.scenario.Name, r.iteration, took, r.scenario.MaxDuration)
		}
	})
}

func TestTraceIDsAreUniqueAndInvert(t *testing.T) {
	type run struct {
		g     *gen.Generator
		trace otlp.TraceID
	}
	seen := map[run]uint64{}
	eachRequest(t, func(g *gen.Generator, r *request) {
		for i := range r.spans {
			m := &r.spans[i]
			if m.parent != nil {
				continue
			}
			id := run{g, m.TraceID}
			if other, ok := seen[id]; ok {
				t.Errorf("%s: iterations %d and %d share a trace id", r.scenario.Name, other, r.iteration)
			}
			seen[id] = r.iteration
			if o, ok := g.Find(m.TraceID); !ok || o.Iteration != r.iteration {
				t.Errorf("%s: iteration %d: its trace id leads to %d, %v", r.scenario.Name, r.iteration, o.Iteration, ok)
			}
			changed := m.TraceID
			changed[15] ^= 1
			if _, ok := g.Find(changed); ok {
				t.Errorf("%s: iteration %d: a changed trace id is taken for its own", r.scenario.Name, r.iteration)
			}
		}
	})
}

// failsByItself reports whether a node can fail without anything below it.
func failsByItself(n *plan.Node) bool {
	for _, e := range n.Effects {
		if e.Fail != nil {
			return true
		}
	}
	return n.Fail != nil || n.Retry != nil
}

// last lists the children without the attempts that others of the same node
// came after. ok is false where those cannot be told from repetitions.
func (m *made) last() (out []*made, ok bool) {
	for i, c := range m.children {
		if c.node.Retry != nil && c.node.Count != nil {
			return nil, false
		}
		if c.node.Retry == nil || i+1 == len(m.children) || m.children[i+1].node != c.node {
			out = append(out, c)
		}
	}
	return out, true
}

// Outcomes are decided from the leaves up: a span that cannot fail by itself
// has failed when, and only when, what its role names has.
func TestOutcomesFollowFromBelow(t *testing.T) {
	judged := map[vocab.Role]int{}
	eachRequest(t, func(_ *gen.Generator, r *request) {
		for i := range r.spans {
			m := &r.spans[i]
			children, ok := m.last()
			if !ok || failsByItself(m.node) {
				continue
			}
			want, known := expected(r, m, children)
			if !known {
				continue
			}
			judged[m.node.Role]++
			if m.failed() != want {
				t.Errorf("%s: iteration %d: %s, of role %d, has failed: %v, want %v", r.scenario.Name, r.iteration, m.node.Class, m.node.Role, m.failed(), want)
			}
		}
	})
	for role := vocab.RoleOwn; role <= vocab.RoleFixed; role++ {
		if judged[role] == 0 {
			t.Errorf("no span of role %d was judged", role)
		}
	}
}

// expected says whether a span must have failed; known is false when that takes
// more than its children.
func expected(r *request, m *made, children []*made) (failed, known bool) {
	any, composed, composes := false, false, false
	for _, c := range children {
		any = any || c.failed()
		if c.node.Role == vocab.RoleCompose {
			composes, composed = true, c.failed()
		}
	}
	switch m.node.Role {
	case vocab.RoleOwn:
		return m.node.Serves && m.parent.failed(), true // as its client
	case vocab.RoleFixed:
		return m.node.Status == otlp.StatusError, true
	case vocab.RoleTask:
		return any, true
	case vocab.RoleTool:
		for _, c := range children {
			if c.node.Attempt {
				failed = c.failed()
			}
		}
		return failed, true
	case vocab.RoleTurn:
		return composed, composes
	case vocab.RoleResponse:
		for i := range r.spans {
			if x := &r.spans[i]; x.node.Turn && x.isPart() {
				any = any || x.failed()
			}
		}
		return any, true
	case vocab.RoleCompose:
		asked, answered := answers(r, m)
		return asked && !answered, true
	}
	return false, false
}

// answers tells whether models of its agent were asked before a span, and whether
// the latest of them has answered.
func answers(r *request, before *made) (asked, answered bool) {
	for i := range r.spans {
		x := &r.spans[i]
		if x == before {
			break
		}
		if x.node.LLM && agentOf(x) == agentOf(before) {
			asked, answered = true, !x.failed()
		}
	}
	return asked, answered
}
