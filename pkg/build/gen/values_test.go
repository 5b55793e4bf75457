package gen

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/vocab"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// An operation that nobody evaluates would be a constant without a value.
func TestEveryOperationHasAnEvaluator(t *testing.T) {
	for o, f := range evaluators {
		constant := plan.Op(o) == plan.OpConst || plan.Op(o) == plan.OpInstance || plan.Op(o) == plan.OpByInstance
		if (f == nil) != constant {
			t.Errorf("operation %d: evaluator is there: %v", o, f != nil)
		}
	}
}

func TestEachAlternativeHasItsValue(t *testing.T) {
	a := &plan.Attr{Op: plan.OpSelected, Attr: otlp.Attr{Word: 3}, Values: make([]otlp.Attr, 3)}
	for selected, want := range []int{0, 0, 0, 1, 2, 0, 0} {
		if got := selectedValue(a, uint64(selected)); got != want {
			t.Errorf("alternative %d: got value %d, want %d", selected, got, want)
		}
	}
	a.Values = a.Values[:1]
	if got := selectedValue(a, 3); got != 0 {
		t.Errorf("without values of alternatives: got %d", got)
	}
}

// A span fails with what its role names: a response with what its turn has failed
// with, and nothing with what has failed in another trace.
func TestSpansFailWithWhatTheirRoleNames(t *testing.T) {
	const own, turn, child, attempt, composed = 1, 2, 3, 4, 5
	for _, row := range []struct {
		role      vocab.Role
		own, turn int32
		children  tally
		want      int32
	}{
		{vocab.RoleOwn, none, turn, tally{failure: child, last: attempt}, none},
		{vocab.RoleOwn, own, none, tally{failure: none, last: none}, own},
		{vocab.RoleTask, none, turn, tally{failure: child, last: none}, child},
		{vocab.RoleTask, own, none, tally{failure: child, last: none}, own},
		{vocab.RoleTool, none, none, tally{failure: child, last: none, succeeded: true}, none},
		{vocab.RoleTool, none, none, tally{failure: child, last: attempt}, attempt},
		{vocab.RoleTurn, none, turn, tally{failure: child, composes: true, composed: none}, none},
		{vocab.RoleTurn, none, none, tally{failure: child, composes: true, composed: composed}, composed},
		{vocab.RoleTurn, none, none, tally{failure: child, trouble: true, succeeded: true}, none},
		{vocab.RoleTurn, none, none, tally{failure: child, trouble: true}, child},
		{vocab.RoleCompose, none, turn, tally{failure: child}, none},
		{vocab.RoleResponse, none, none, tally{failure: none}, none},
		{vocab.RoleResponse, none, turn, tally{failure: none}, turn},
		{vocab.RoleResponse, none, turn, tally{failure: child}, turn},
		{vocab.RoleResponse, none, none, tally{failure: child}, child},
		{vocab.RoleResponse, own, turn, tally{failure: child}, own},
		{vocab.RoleFixed, none, turn, tally{failure: child}, none},
	} {
		s := span{node: &plan.Node{Role: row.role}}
		s.conclude(row.own, row.turn, &row.children)
		if s.failure != row.want {
			t.Errorf("role %d, own %d, turn %d, children %+v: got %d, want %d", row.role, row.own, row.turn, row.children, s.failure, row.want)
		}
		if failed := s.outcome == plan.Failed; failed != (row.want != none) {
			t.Errorf("role %d, own %d, turn %d, children %+v: failure %d and outcome %d", row.role, row.own, row.turn, row.children, s.failure, s.outcome)
		}
	}
}
