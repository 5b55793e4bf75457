package signals

import (
	"testing"

	"github.com/otelsim/otelsim/pkg/build/input"
	"github.com/otelsim/otelsim/pkg/build/plan"
	"github.com/otelsim/otelsim/pkg/build/scenario"
	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
)

// A plan may be in use when rules are compiled for it.
func TestRulesLeaveThePlanAlone(t *testing.T) {
	var p input.Problems
	c := semconv.Parse(input.File{Name: "a.yaml", Data: []byte("span_names: {x.planner: {}}\n")}, &p)
	strs := otlp.NewStrings()
	session := strs.ID("x.session.id")
	before := strs.Len()
	rules := Compile(Inputs{Conventions: c, Resource: &scenario.Resource{}, Plan: &plan.Plan{Prefix: "x", Strings: strs, Instances: 1}}, &p)
	if p.Errors() > 0 {
		t.Fatal(p.All())
	}
	if strs.Len() != before {
		t.Errorf("the plan's table grew from %d to %d strings", before, strs.Len())
	}
	if got := rules.strs.String(session); got != "x.session.id" {
		t.Errorf("string %d of the plan is %q in the rules", session, got)
	}
	if _, ok := strs.Lookup("x.turn.start"); ok || rules.strs.Len() <= before {
		t.Errorf("the names of the rules stand in the wrong table")
	}
}
