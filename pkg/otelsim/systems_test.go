package otelsim_test

import (
	"strings"
	"testing"

	"github.com/otelsim/otelsim/pkg/build/semconv"
	"github.com/otelsim/otelsim/pkg/corpus/otlp"
	"github.com/otelsim/otelsim/pkg/otelsim"
)

// The conventions of a corpus of systems may be given for another one, where what
// they say of systems is worked out anew. One that somebody else has written there
// is refused.
func TestConventionsOfACorpusCanBeGiven(t *testing.T) {
	bundled, _ := otelsim.BundledConventions("vendor")
	other := []semconv.System{{Service: "web", Spans: []semconv.SystemSpan{{Name: "GET /", Kind: otlp.SpanKindServer, Type: "http.server"}}}}
	text, err := semconv.AppendSystems(bundled.Data, other)
	if err != nil {
		t.Fatal(err)
	}
	given := newPlan(t, otelsim.Options{Inputs: otelsim.Inputs{Conventions: otelsim.File{Name: "conventions.yaml", Data: text}}})
	if want := newPlan(t, otelsim.Options{}); given.Header().PlanDigest != want.Header().PlanDigest {
		t.Error("the section of another corpus is part of the plan")
	}
	if strings.Contains(string(given.Conventions()), "\nsystems:") {
		t.Error("a corpus of agents says what systems emit")
	}
	written := append([]byte(nil), bundled.Data...)
	written = append(written, "systems: {web: {spans: [{name: a}]}}\n"...)
	_, err = otelsim.New(otelsim.Options{Inputs: otelsim.Inputs{Conventions: otelsim.File{Name: "own.yaml", Data: written}}})
	if err == nil || !strings.Contains(err.Error(), "systems: leave it out") {
		t.Errorf("got %v", err)
	}
}
