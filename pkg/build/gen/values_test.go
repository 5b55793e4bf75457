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
		if constant := plan.Op(o) == plan.OpConst || plan.Op(o) == plan.OpInstance; (f == nil) != constant {
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

// A response fails with what its turn has failed with, and with nothing that
// failed in another trace.
func TestAResponseFailsWithItsTurn(t *testing.T) {
	node := plan.Node{Role: vocab.RoleResponse}
	for _, row := range []struct{ own, turn, child, want int32 }{
		{none, none, none, none}, {none, 4, none, 4}, {2, 4, 5, 2}, {none, 4, 5, 4}, {none, none, 5, 5},
	} {
		s := span{node: &node}
		s.conclude(row.own, row.turn, &tally{failure: row.child})
		if s.failure != row.want {
			t.Errorf("own %d, turn %d, child %d: got %d, want %d", row.own, row.turn, row.child, s.failure, row.want)
		}
	}
}
