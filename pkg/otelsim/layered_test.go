package otelsim_test

import (
	"reflect"
	"testing"

	"github.com/otelsim/otelsim/pkg/otelsim"
)

// A config that is laid over the bundled one and says nothing is the bundled one, with
// or without a resource file; definitions may stand beside the bundled ones.
func TestInputsBesideTheBundledOnes(t *testing.T) {
	same := otelsim.File{Name: "config.yaml", Data: []byte("extends: bundled\n")}
	want := newPlan(t, otelsim.Options{Count: 2}).Header()
	if got := newPlan(t, otelsim.Options{Count: 2, Inputs: otelsim.Inputs{Config: same}}).Header(); !reflect.DeepEqual(got, want) {
		t.Errorf("a config that says nothing: got\n%+v\nwant\n%+v", got, want)
	}
	mine := []otelsim.File{{Name: "mine.yaml", Data: []byte("root: {type: planner}\n")}}
	in := otelsim.Inputs{Definitions: mine, WithBundled: true}
	if in.AllBundled() {
		t.Error("definitions beside the bundled ones are not told apart")
	}
	if got := newPlan(t, otelsim.Options{Count: 2, Inputs: in}).Header(); len(got.Scenarios) != len(want.Scenarios)+1 {
		t.Errorf("got %d scenarios beside %d", len(got.Scenarios), len(want.Scenarios))
	}
}
